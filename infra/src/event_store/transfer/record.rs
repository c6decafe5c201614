//! An event as it lies in a store. Its kind of stream and its envelope are carried as they are spelled: a newer Kilter may have
//! written what this build can't read, and what carries it over need not.

use std::borrow::Cow;
use std::fmt;

use domain::kernel::{StreamId, StreamType, TenantId, Timestamp};
use domain::ports::{Hash, Position};
use uuid::Uuid;

use crate::event_store::chain::{self, Broken, Flaw};
use crate::event_store::envelope::{Address, read_details};

/// A stream of any tenant. Streams are told in this order, byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey {
    /// Whose.
    pub tenant: TenantId,
    /// Which one of its kind.
    pub id: Uuid,
    /// The stored name of its kind, which only a newer Kilter may know.
    pub kind: Cow<'static, str>,
}

impl StreamKey {
    /// Of a stream whose kind is known.
    pub fn of(tenant: TenantId, stream: StreamId) -> Self {
        Self { tenant, id: stream.id, kind: Cow::Borrowed(stream.kind.as_str()) }
    }

    /// Of a stream as it is stored.
    pub fn stored(tenant: Uuid, id: Uuid, kind: &str) -> Self {
        let known = StreamType::from_stored(kind).map(|known| Cow::Borrowed(known.as_str()));
        Self { tenant: TenantId(tenant), id, kind: known.unwrap_or_else(|| Cow::Owned(kind.to_owned())) }
    }

    /// Before every stream.
    pub(crate) const fn before_all() -> Self {
        Self { tenant: TenantId(Uuid::nil()), id: Uuid::nil(), kind: Cow::Borrowed("") }
    }

    /// The stream; None where only a newer Kilter knows its kind.
    pub fn stream(&self) -> Option<StreamId> {
        StreamType::from_stored(&self.kind).map(|kind| StreamId::new(kind, self.id))
    }
}

impl fmt::Display for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind, self.id.simple())
    }
}

/// An event as it lies in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The stream that it stands in.
    pub stream: StreamKey,
    /// Its place in the stream, from 0.
    pub revision: u64,
    /// Its place among all events.
    pub position: Position,
    /// Its identity.
    pub event_id: Uuid,
    /// Hash of the event before it in its stream; zeros for the first.
    pub previous_hash: Hash,
    /// Its own.
    pub hash: Hash,
    /// The rest of its canonical envelope.
    pub details: Vec<u8>,
    /// What is left of its body.
    pub body: Body,
}

/// What is left of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// All of it.
    Kept {
        /// Makes its hash unguessable.
        salt: [u8; 16],
        /// As it was appended.
        data: Vec<u8>,
    },
    /// The hash of one that was removed.
    Removed(Hash),
}

impl Body {
    /// Its hash.
    pub fn hash(&self) -> Hash {
        match self {
            Self::Kept { salt, data } => chain::body_hash(salt, data),
            Self::Removed(hash) => *hash,
        }
    }
}

impl Record {
    /// The hash that this event has.
    pub fn computed_hash(&self) -> Hash {
        let Record { revision, event_id, .. } = *self;
        let StreamKey { tenant, id: stream, kind } = &self.stream;
        let address = Address { tenant: *tenant, kind, stream: *stream, revision, event_id };
        chain::event_hash(&self.previous_hash, &address.spelled(), &self.details, &self.body.hash())
    }

    /// When Kilter was told of it; None where only a newer Kilter can read its envelope.
    pub fn recorded_at(&self) -> Option<Timestamp> {
        read_details(&self.details, self.event_id).ok().map(|event| event.recorded_at)
    }

    /// Checks it by itself.
    pub fn verified(self) -> Result<Verified, Broken> {
        if self.computed_hash() == self.hash { Ok(Verified(self)) } else { Err(self.broken(Flaw::Hash)) }
    }

    /// That it continues a stream whose last event has this revision and hash; then what the stream ends with.
    pub fn following(&self, last: Option<(u64, Hash)>) -> Result<(u64, Hash), Broken> {
        let expected = last.map_or((0, chain::START), |(revision, hash)| (revision + 1, hash));
        let follows = (self.revision, self.previous_hash) == expected;
        if follows { Ok((self.revision, self.hash)) } else { Err(self.broken(Flaw::Link)) }
    }

    fn broken(&self, flaw: Flaw) -> Broken {
        Broken {
            event_id: self.event_id,
            stream: self.stream.clone(),
            revision: self.revision,
            position: self.position,
            flaw,
        }
    }
}

/// An event that is what its hash says.
#[derive(Debug)]
pub struct Verified(Record);

impl std::ops::Deref for Verified {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.0
    }
}

impl Verified {
    /// The event.
    pub fn into_record(self) -> Record {
        self.0
    }

    /// Salt and body, where they were not removed.
    pub(crate) fn kept(&self) -> Option<(&[u8; 16], &[u8])> {
        match &self.0.body {
            Body::Kept { salt, data } => Some((salt, data)),
            Body::Removed(_) => None,
        }
    }

    /// Hash of a body that was removed.
    pub(crate) fn hash_of_removed(&self) -> Option<&Hash> {
        match &self.0.body {
            Body::Kept { .. } => None,
            Body::Removed(hash) => Some(hash),
        }
    }
}

/// Events as they lie, in the order of their positions.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// The events.
    pub records: Vec<Record>,
    /// How far was read: continue after this position. Equal to the question's `after` when nothing follows.
    pub read_to: Position,
}

/// Which event is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The last of the log.
    Last,
    /// That of this identity.
    Identity(TenantId, Uuid),
    /// That at this revision of a stream.
    Place(StreamKey, u64),
}
