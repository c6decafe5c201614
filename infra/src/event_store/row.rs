//! What a table of events gives back, checked against its hash before it is given out.

use domain::kernel::{StreamId, StreamType, TenantId};
use domain::ports::{Direction, Hash, Position, StoredEvent};
use uuid::Uuid;

use super::chain;
use super::envelope::{self, Address};
use super::transfer::{Body, Record, StreamKey};

/// The columns of one event.
pub(super) struct Row<'a> {
    pub(super) position: u64,
    pub(super) tenant: Uuid,
    pub(super) stream: Uuid,
    pub(super) kind: &'a str,
    pub(super) revision: u64,
    pub(super) event_id: Uuid,
    pub(super) previous_hash: &'a [u8],
    pub(super) hash: &'a [u8],
    pub(super) details: &'a [u8],
    /// Of a body that was removed.
    pub(super) body_hash: Option<&'a [u8]>,
    pub(super) salt: Option<&'a [u8]>,
    /// None once it is removed.
    pub(super) body: Option<&'a [u8]>,
}

/// What the hash of an event vouches for, besides its address and details.
struct Checked {
    previous_hash: Hash,
    hash: Hash,
    salt: [u8; 16],
    body_hash: Hash,
}

impl<'a> Row<'a> {
    /// Of an event as it lies in a store.
    pub(super) fn of(record: &'a Record) -> Self {
        let Record { stream: StreamKey { tenant, id, kind }, details, .. } = record;
        let (body_hash, salt, body) = match &record.body {
            Body::Kept { salt, data } => (None, Some(salt.as_slice()), Some(data.as_slice())),
            Body::Removed(hash) => (Some(hash.as_slice()), None, None),
        };
        Self {
            position: record.position.0,
            tenant: tenant.0,
            stream: *id,
            kind,
            revision: record.revision,
            event_id: record.event_id,
            previous_hash: &record.previous_hash,
            hash: &record.hash,
            details,
            body_hash,
            salt,
            body,
        }
    }

    /// The event, checked against its hash; None where only a newer Kilter knows its kind of stream; else what is damaged about it.
    pub(super) fn event(&self) -> Result<Option<StoredEvent>, String> {
        self.checked().map_err(|flaw| self.damaged(&flaw))
    }

    /// The event as it lies there, unchecked; else what is damaged about it.
    pub(super) fn record(&self) -> Result<Record, String> {
        let record = || {
            let body = match self.body.filter(|body| !body.is_empty()) {
                Some(data) => Body::Kept { salt: sized(self.salt.unwrap_or_default())?, data: data.to_vec() },
                None => Body::Removed(sized(self.body_hash.unwrap_or_default())?),
            };
            Ok(Record {
                stream: StreamKey::stored(self.tenant, self.stream, self.kind),
                revision: self.revision,
                position: Position(self.position),
                event_id: self.event_id,
                previous_hash: sized(self.previous_hash)?,
                hash: sized(self.hash)?,
                details: self.details.to_vec(),
                body,
            })
        };
        record().map_err(|flaw: String| self.damaged(&flaw))
    }

    fn damaged(&self, flaw: &str) -> String {
        format!("event at position {}: {flaw}", self.position)
    }

    fn checked(&self) -> Result<Option<StoredEvent>, String> {
        let Checked { previous_hash, hash, salt, body_hash } = self.hashes()?;
        // Only now: a kind that was changed is damage.
        let Some(kind) = StreamType::from_stored(self.kind) else { return Ok(None) };
        let (tenant, stream) = (TenantId(self.tenant), StreamId::new(kind, self.stream));
        let mut event = envelope::read_details(self.details, self.event_id).map_err(|error| error.to_string())?;
        event.salt = salt;
        event.data = self.body.unwrap_or_default().to_vec();
        let (revision, position) = (self.revision, Position(self.position));
        Ok(Some(StoredEvent { tenant, stream, revision, position, previous_hash, hash, body_hash, event }))
    }

    fn hashes(&self) -> Result<Checked, String> {
        let (previous_hash, hash): (Hash, Hash) = (sized(self.previous_hash)?, sized(self.hash)?);
        let data = self.body.unwrap_or_default();
        let (salt, body_hash) = if data.is_empty() {
            ([0; 16], sized(self.body_hash.unwrap_or_default())?)
        } else {
            let salt = sized(self.salt.unwrap_or_default())?;
            (salt, chain::body_hash(&salt, data))
        };
        let Self { kind, stream, revision, event_id, .. } = *self;
        let address = Address { tenant: TenantId(self.tenant), kind, stream, revision, event_id };
        if chain::event_hash(&previous_hash, &address.spelled(), self.details, &body_hash) != hash {
            return Err("it does not match its hash".to_owned());
        }
        Ok(Checked { previous_hash, hash, salt, body_hash })
    }
}

/// Bytes of a fixed number; else what is damaged.
pub(super) fn sized<const N: usize>(bytes: &[u8]) -> Result<[u8; N], String> {
    bytes.try_into().map_err(|_| format!("{} bytes where {N} belong", bytes.len()))
}

/// Which events of a stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    pub(super) from: u64,
    pub(super) direction: Direction,
    pub(super) limit: usize,
}

impl Range {
    /// That nothing is missing among the events of one stream; else what is damaged.
    pub(super) fn check_links(self, events: &[StoredEvent]) -> Result<(), String> {
        let follows = |pair: &[StoredEvent]| match self.direction {
            Direction::Forward => follows(&pair[0], &pair[1]),
            Direction::Backward => follows(&pair[1], &pair[0]),
        };
        let starts = match (events.first(), self.direction) {
            (Some(first), Direction::Forward) => first.revision == self.from,
            _ => true,
        };
        if starts && events.windows(2).all(follows) {
            return Ok(());
        }
        let stream = events.first().map_or_else(String::new, |first| first.stream.to_string());
        Err(format!("events of {stream} are missing"))
    }
}

fn follows(before: &StoredEvent, after: &StoredEvent) -> bool {
    after.revision == before.revision + 1 && after.previous_hash == before.hash
}

/// Numbers beyond what a signed column can hold are beyond every event.
pub(super) fn bounded(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A limit as a database takes it.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A stored number, which is never negative; else what is damaged.
pub(super) fn unsigned(value: i64) -> Result<u64, String> {
    u64::try_from(value).map_err(|_| format!("negative number {value}"))
}
