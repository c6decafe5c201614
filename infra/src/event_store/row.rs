//! What a table of events gives back, checked against its hash before it is given out.

use domain::kernel::{StreamId, StreamType, TenantId};
use domain::ports::{Direction, Hash, Position, StoredEvent};
use uuid::Uuid;

use super::{chain, envelope};

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

impl Row<'_> {
    /// The event; else what is damaged about it.
    pub(super) fn event(&self) -> Result<StoredEvent, String> {
        self.checked().map_err(|flaw| format!("event at position {}: {flaw}", self.position))
    }

    fn checked(&self) -> Result<StoredEvent, String> {
        let kind = kind(self.kind)?;
        let tenant = TenantId(self.tenant);
        let stream = StreamId::new(kind, self.stream);
        let (previous_hash, hash): (Hash, Hash) = (sized(self.previous_hash)?, sized(self.hash)?);
        let data = self.body.unwrap_or_default();
        let (salt, body_hash) = if data.is_empty() {
            ([0; 16], sized(self.body_hash.unwrap_or_default())?)
        } else {
            let salt = sized(self.salt.unwrap_or_default())?;
            (salt, chain::body_hash(&salt, data))
        };
        let mut address = Vec::with_capacity(96);
        envelope::write_address(&mut address, tenant, stream, self.revision, self.event_id);
        if chain::event_hash(&previous_hash, &address, self.details, &body_hash) != hash {
            return Err("it does not match its hash".to_owned());
        }
        let mut event = envelope::read_details(self.details, self.event_id).map_err(|error| error.to_string())?;
        event.salt = salt;
        event.data = data.to_vec();
        let (revision, position) = (self.revision, Position(self.position));
        Ok(StoredEvent { tenant, stream, revision, position, previous_hash, hash, body_hash, event })
    }
}

/// The kind of stream of this stored name.
pub(super) fn kind(name: &str) -> Result<StreamType, String> {
    StreamType::from_stored(name).ok_or_else(|| format!("unknown kind of stream {name:?}"))
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
