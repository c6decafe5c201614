//! A log goes from one store to another: migration, backup and restore are this one mechanism.
//!
//! Events are taken as they are, with their identities, revisions, hashes and what is left of removed bodies, in the order of
//! their positions. Each is verified on the way: by itself, and against the last event of its stream that the target holds.

mod copy;
mod digest;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{EventStore, Future, Hash, Position, ReadError, StoredEvent};
use uuid::Uuid;

use super::chain::{self, Broken, Flaw};

pub use self::copy::{Copied, Progress, copy_log};
pub use self::digest::{LogDigest, digest};

/// A stream of any tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamKey {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub stream: StreamId,
}

impl StreamKey {
    /// Streams are told in the order of tenant, identity and name of their kind, byte by byte.
    pub(super) fn order(&self) -> (Uuid, Uuid, &'static str) {
        (self.tenant.0, self.stream.id, self.stream.kind.as_str())
    }

    /// What is before `first`; and before every stream where there is none.
    pub(super) fn order_after(after: Option<Self>) -> (Uuid, Uuid, &'static str) {
        after.map_or((Uuid::nil(), Uuid::nil(), ""), |key| key.order())
    }
}

/// The last event of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamHead {
    /// The stream.
    pub key: StreamKey,
    /// Its revision.
    pub revision: u64,
    /// Its hash: with it every event of the stream is told.
    pub hash: Hash,
}

/// A store whose log can be carried over, and that takes one over.
pub trait PortableLog: EventStore {
    /// What the streams end with among the events up to `upto`, in the order of streams, after `after`, at most `limit`.
    fn stream_heads(
        &self,
        upto: Position,
        after: Option<StreamKey>,
        limit: usize,
    ) -> Future<'_, Result<Vec<StreamHead>, ReadError>>;

    /// The streams that take no more events, in the order of streams, after `after`, at most `limit`.
    fn deleted_streams(&self, after: Option<StreamKey>, limit: usize) -> Future<'_, Result<Vec<StreamKey>, ReadError>>;

    /// Opens the store for events of another log. Nobody else may write to it meanwhile.
    fn intake(&self) -> Future<'_, Result<Box<dyn Intake + '_>, TransferError>>;
}

/// Takes events as they are. Each page is taken whole or not at all; what was taken is on disk once it is finished, and
/// before that a cut may cost the last pages, never one in the middle.
pub trait Intake: Send {
    /// Takes the next events. Their positions are given anew, in order.
    fn take(&mut self, page: Vec<Verified>) -> Future<'_, Result<(), TransferError>>;

    /// Removes the bodies of these streams and bars them from further appends.
    fn mark_deleted(&mut self, streams: Vec<StreamKey>) -> Future<'_, Result<(), TransferError>>;

    /// Brings everything to the disk.
    fn finish(&mut self) -> Future<'_, Result<(), TransferError>>;
}

/// An event that is what its hash says, with the spelled details of its envelope.
pub struct Verified {
    pub(super) stored: StoredEvent,
    pub(super) details: Vec<u8>,
}

impl Verified {
    /// Checks it by itself.
    pub fn try_new(stored: StoredEvent) -> Result<Self, Broken> {
        let details = chain::verified_details(&stored)?;
        Ok(Self { stored, details })
    }

    pub(super) const fn key(&self) -> StreamKey {
        StreamKey { tenant: self.stored.tenant, stream: self.stored.stream }
    }

    /// That it continues a stream whose last event has this revision and hash; then what the stream ends with.
    pub(super) fn following(&self, last: Option<(u64, Hash)>) -> Result<(u64, Hash), Broken> {
        let expected = last.map_or((0, chain::START), |(revision, hash)| (revision + 1, hash));
        if (self.stored.revision, self.stored.previous_hash) == expected {
            Ok((self.stored.revision, self.stored.hash))
        } else {
            Err(chain::broken(&self.stored, Flaw::Link))
        }
    }

    /// Salt and body, where they were not removed.
    pub(super) fn body(&self) -> Option<(&[u8; 16], &[u8])> {
        let event = &self.stored.event;
        (!self.stored.is_truncated()).then_some((&event.salt, &event.data))
    }

    /// Hash of a body that was removed.
    pub(super) fn hash_of_removed(&self) -> Option<&Hash> {
        self.stored.is_truncated().then_some(&self.stored.body_hash)
    }
}

/// Why a log was not carried over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// A store can't be read, or what it holds is damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An event of the source is not what was written, or one before it is missing.
    #[error("{0}; nothing after it was copied: restore the source from its backup")]
    Broken(#[from] Broken),
    /// The target holds something else.
    #[error("the target holds another log: event {0}, its last one, is not in the source; name an empty target")]
    Foreign(Uuid),
    /// Somebody writes to the target.
    #[error("somebody else writes to the target: stop what uses it, then run the same command again")]
    Busy,
    /// The target can't take events as they are.
    #[error("{0}")]
    Unsupported(String),
    /// The target fails.
    #[error("the target is unavailable: {0}; run the same command again: it goes on where it stopped")]
    Target(String),
    /// What was copied is not what the source holds.
    #[error(
        "the copy differs from the source: {source_log} there, {target_log} here; remove the target and begin anew"
    )]
    Differs {
        /// What the source comes to.
        source_log: Box<LogDigest>,
        /// What the target comes to.
        target_log: Box<LogDigest>,
    },
}
