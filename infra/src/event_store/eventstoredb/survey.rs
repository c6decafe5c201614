//! What stands in the log of the server, stream by stream: it tells streams only by reading all of it.

use std::collections::BTreeMap;
use std::ops::Bound;

use domain::ports::{Direction, Hash, Position, ReadError};
use eventstore::{RecordedEvent, StreamPosition};

use super::body_keys::BodyKeys;
use super::reader::{Reader, failed};
use super::record;
use crate::event_store::transfer::{StreamHead, StreamKey};

/// Records read at once.
const PAGE: usize = 1_000;

/// The ends of all streams and their keys. What was read once is not read again: the log only grows.
#[derive(Default)]
pub(super) struct Survey {
    /// Events after it are not looked at.
    limit: Option<Position>,
    /// The last event that was looked at.
    last: Position,
    /// How far the log was read, for the newest keys.
    read_to: Option<u64>,
    ends: BTreeMap<StreamKey, (u64, Hash)>,
    keys: BTreeMap<StreamKey, BodyKeys>,
}

impl Survey {
    /// Brings the ends of streams up to `upto` and the keys of now.
    pub(super) async fn bring_to(&mut self, upto: Position, reader: &Reader) -> Result<(), ReadError> {
        if self.limit.is_none_or(|limit| limit == upto) {
            self.read_on(reader).await?;
            if self.last <= upto {
                return Ok(());
            }
        }
        *self = Self { limit: Some(upto), ..Self::default() };
        self.read_on(reader).await
    }

    /// Reads what has come since.
    pub(super) async fn read_on(&mut self, reader: &Reader) -> Result<(), ReadError> {
        loop {
            let from = self.read_to.map_or(StreamPosition::Start, StreamPosition::Position);
            let records = reader.server.read_log(from, Direction::Forward, PAGE).await.map_err(failed)?;
            let count = records.len();
            for record in records {
                if self.read_to.is_none_or(|read_to| record.position.commit > read_to) {
                    self.read_to = Some(record.position.commit);
                    self.look_at(&record, reader)?;
                }
            }
            if count < PAGE {
                return Ok(());
            }
        }
    }

    fn look_at(&mut self, record: &RecordedEvent, reader: &Reader) -> Result<(), ReadError> {
        let (names, position) = (reader.server.names(), Position(record.position.commit));
        if let Some(stream) = names.read(&record.stream_id) {
            if self.limit.is_none_or(|limit| position <= limit) {
                let hash = reader.intact(record::hash(record))?;
                self.ends.insert(stream, (record.revision, hash));
                self.last = position;
            }
        } else if let Some(stream) = names.read_metadata(&record.stream_id) {
            let keys = BodyKeys::from_json(&record.data).map_err(|flaw| format!("keys of {stream}: {flaw}"));
            self.keys.insert(stream, reader.intact(keys)?);
        }
        Ok(())
    }

    /// The ends of streams after this one, at most `limit`.
    pub(super) fn heads(&self, after: Option<StreamKey>, limit: usize) -> Vec<StreamHead> {
        let head = |(key, (revision, hash)): (&StreamKey, &(u64, Hash))| {
            let removed = self.keys.get(key).map_or(0, |keys| keys.removed_of(revision + 1));
            StreamHead { key: key.clone(), revision: *revision, hash: *hash, removed }
        };
        self.ends.range(following(after)).take(limit).map(head).collect()
    }

    /// The streams after this one that are deleted, at most `limit`.
    pub(super) fn deleted(&self, after: Option<StreamKey>, limit: usize) -> Vec<StreamKey> {
        let deleted = self.keys.range(following(after)).filter(|(_, keys)| matches!(keys, BodyKeys::Deleted));
        deleted.map(|(stream, _)| stream.clone()).take(limit).collect()
    }
}

fn following(after: Option<StreamKey>) -> (Bound<StreamKey>, Bound<StreamKey>) {
    (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}
