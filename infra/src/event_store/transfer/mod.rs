//! A log goes from one store to another: migration, backup and restore are this one mechanism.
//!
//! Events are taken as they are, with their identities, revisions, hashes and what is left of removed bodies, in the order of
//! their positions. Each is verified on the way: by itself, and against the last event of its stream that the target holds.

mod copy;
mod digest;
mod record;

use domain::ports::{EventStore, Future, Hash, Position, ReadError};
use uuid::Uuid;

use super::chain::Broken;

pub use self::copy::{Copied, Progress, copy_log};
pub use self::digest::{LogDigest, digest};
pub use self::record::{Body, Record, Records, StreamKey, Verified, Wanted};

/// The last event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamHead {
    /// The stream.
    pub key: StreamKey,
    /// Its revision.
    pub revision: u64,
    /// Its hash: with it every event of the stream is told.
    pub hash: Hash,
    /// The bodies of so many of its first events are removed.
    pub removed: u64,
}

/// A store whose log can be carried over, and that takes one over. Streams of kinds that only a newer Kilter knows are among those
/// that are told.
pub trait PortableLog: EventStore {
    /// Events after `after` in the order of their positions, at most `limit`, as they lie there: nothing is verified.
    fn records(&self, after: Position, limit: usize) -> Future<'_, Result<Records, ReadError>>;

    /// One event as it lies there, if there is such a one.
    fn record(&self, wanted: Wanted) -> Future<'_, Result<Option<Record>, ReadError>>;

    /// A position after which some `events` events follow, or a few more.
    fn near_end(&self, events: usize) -> Future<'_, Result<Position, ReadError>> {
        Box::pin(async move { Ok(Position(self.head().await?.0.saturating_sub(events as u64))) })
    }

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

/// Takes events as they are. What was taken is on disk once it is finished, and before that a cut may cost the last events, never
/// one in the middle.
pub trait Intake: Send {
    /// Takes the next events. Their positions are given anew, in order.
    fn take(&mut self, page: Vec<Verified>) -> Future<'_, Result<(), TransferError>>;

    /// Removes so many bodies of each of these streams, from its first event on.
    fn remove_bodies(&mut self, streams: Vec<(StreamKey, u64)>) -> Future<'_, Result<(), TransferError>>;

    /// Removes the bodies of these streams and bars them from further appends.
    fn mark_deleted(&mut self, streams: Vec<StreamKey>) -> Future<'_, Result<(), TransferError>>;

    /// Brings everything to the disk.
    fn finish(&mut self) -> Future<'_, Result<(), TransferError>>;
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
