//! Reading. What the server gives out is opened with the keys of its streams as they are right now, so that what was removed
//! is removed on every node at once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Direction, Filter, Page, Position, ReadError, Scope, StoredEvent};
use eventstore::{RecordedEvent, StreamPosition};
use futures_util::future::try_join;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use uuid::Uuid;

use super::body_keys::BodyKey;
use super::claims::{Flaw, Known, look_up};
use super::connection::{Connection, Failure};
use super::kept_keys::keys;
use super::record;
use crate::event_store::newer::{NewerKinds, passes};
use crate::event_store::row::{Range, Row};
use crate::event_store::transfer::{Record, StreamKey};

/// Questions asked at once for one answer.
const AT_ONCE: usize = 16;

/// Records of the log read at once: most are none of ours.
const LOG_PAGE: usize = 1000;

const SMALLEST_LOG_PAGE: usize = 64;

/// Records read at first from the end of the log.
const LOG_END: usize = 32;

pub(super) struct Reader {
    pub(super) server: Arc<Connection>,
    newer: NewerKinds,
}

impl Reader {
    pub(super) fn of(server: Arc<Connection>) -> Self {
        Self { server, newer: NewerKinds::default() }
    }

    pub(super) async fn read_stream(
        &self,
        tenant: TenantId,
        stream: StreamId,
        range: Range,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        fail::fail_point!("event_store::read", |_| Err(ReadError::Unavailable("injected".to_owned())));
        let (name, place) = (self.server.names().events(tenant, stream), StreamKey::of(tenant, stream));
        let reading = self.server.read_stream(&name, range.from, range.direction, range.limit);
        let (mut recorded, keys) = try_join(reading, keys(&self.server, &place)).await.map_err(failed)?;
        // Keys go on from one revision to the next.
        recorded.sort_by_key(|event| event.revision);
        let mut key = match (keys, recorded.is_empty()) {
            (_, true) => None,
            (Some(keys), false) => BodyKey::first(&self.intact(keys.keys)?),
            // The stream began after its keys were asked for.
            (None, false) => self.key(&place).await?,
        };
        let read = |event| record::read(event, (tenant, stream), key.as_mut());
        let mut events: Vec<StoredEvent> = self.intact(recorded.iter().map(read).collect())?;
        if range.direction == Direction::Backward {
            events.reverse();
        }
        self.intact(range.check_links(&events))?;
        Ok(events)
    }

    /// Scans the log. Who asks for one tenant's events is told to go on after those of others too.
    pub(super) async fn read_all(
        &self,
        scope: Scope,
        after: Position,
        limit: usize,
        filter: &Filter,
    ) -> Result<Page, ReadError> {
        fail::fail_point!("event_store::read", |_| Err(ReadError::Unavailable("injected".to_owned())));
        let counts = |stream: &StreamKey| match scope {
            Scope::Tenant(tenant) => tenant == stream.tenant,
            Scope::System => true,
        };
        let (mut found, scanned_to) = self.scan(after, limit, counts).await?;
        found.retain(|(stream, _)| {
            let passes = passes(filter, &stream.kind);
            if passes && stream.stream().is_none() {
                self.newer.passed_over(&self.server.name(), &stream.kind);
            }
            passes && stream.stream().is_some()
        });
        Ok(Page { events: self.open(found).await?, scanned_to })
    }

    /// Records of ours after a position, of whatever kind, at most `limit` of those that count; and how far was scanned.
    pub(super) async fn scan(
        &self,
        after: Position,
        limit: usize,
        counts: impl Fn(&StreamKey) -> bool,
    ) -> Result<(Vec<Found>, Position), ReadError> {
        let (mut found, mut scanned_to) = (Vec::new(), after);
        // The server refuses positions beyond its end.
        if limit == 0 || self.head().await? <= after {
            return Ok((found, scanned_to));
        }
        let at_once = limit.saturating_mul(4).clamp(SMALLEST_LOG_PAGE, LOG_PAGE);
        let mut from = start(after);
        loop {
            let records = self.server.read_log(from, Direction::Forward, at_once).await.map_err(failed)?;
            let is_end = records.len() < at_once;
            if let Some(last) = records.last() {
                from = StreamPosition::Position(last.position.commit);
            }
            for record in records {
                let Some(stream) = self.server.names().read(&record.stream_id) else { continue };
                if record.position.commit <= scanned_to.0 {
                    continue;
                }
                scanned_to = Position(record.position.commit);
                if counts(&stream) {
                    found.push((stream, record));
                }
                if found.len() == limit {
                    return Ok((found, scanned_to));
                }
            }
            if is_end {
                return Ok((found, scanned_to));
            }
        }
    }

    pub(super) async fn read_at(
        &self,
        tenant: TenantId,
        positions: &[Position],
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let head = if positions.is_empty() { Position(0) } else { self.head().await? };
        let asked: Vec<Position> = positions.iter().copied().filter(|at| *at <= head && at.0 > 0).collect();
        let found: Vec<Option<Found>> = stream::iter(asked)
            .map(async |at| {
                let from = StreamPosition::Position(at.0);
                let mut records = self.server.read_log(from, Direction::Forward, 1).await.map_err(failed)?;
                let there = records.pop().filter(|record| record.position.commit == at.0);
                Ok::<_, ReadError>(
                    there.and_then(|record| Some((self.server.names().read(&record.stream_id)?, record))),
                )
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        self.open(found.into_iter().flatten().filter(|(stream, _)| stream.tenant == tenant).collect()).await
    }

    /// Looked for from the end: the server refuses positions that it did not give out, and this one may be another log's.
    pub(super) async fn identity_at(&self, position: Position) -> Result<Option<Uuid>, ReadError> {
        let (mut from, mut limit) = (StreamPosition::End, LOG_END);
        loop {
            let records = self.server.read_log(from, Direction::Backward, limit).await.map_err(failed)?;
            if let Some(there) = records.iter().find(|record| record.position.commit == position.0) {
                let stream = self.server.names().read(&there.stream_id);
                return self.intact(stream.map(|_| record::event_id(there)).transpose());
            }
            match records.last().map(|last| last.position.commit) {
                Some(last) if last > position.0 && records.len() == limit => from = StreamPosition::Position(last),
                _ => return Ok(None),
            }
            limit = LOG_PAGE;
        }
    }

    pub(super) async fn find(&self, tenant: TenantId, event_id: Uuid) -> Result<Option<StoredEvent>, ReadError> {
        let known = look_up(&self.server, tenant, event_id).await.map_err(|flaw| match flaw {
            Flaw::Failed(failure) => failed(failure),
            Flaw::Damaged(flaw) => self.damaged(&flaw),
        })?;
        let Known::Stands(found) = known else { return Ok(None) };
        let Some(stream) = found.stream.stream() else { return Ok(None) };
        let range = Range { from: found.revision, direction: Direction::Forward, limit: 1 };
        Ok(self.read_stream(tenant, stream, range).await?.pop())
    }

    pub(super) async fn head(&self) -> Result<Position, ReadError> {
        Ok(self.last().await?.map_or(Position(0), |(_, record)| Position(record.position.commit)))
    }

    /// The last record of ours.
    pub(super) async fn last(&self) -> Result<Option<Found>, ReadError> {
        let (mut from, mut limit) = (StreamPosition::End, LOG_END);
        loop {
            let records = self.server.read_log(from, Direction::Backward, limit).await.map_err(failed)?;
            let (count, end) = (records.len(), records.last().map(|last| last.position.commit));
            let ours = |record: RecordedEvent| Some((self.server.names().read(&record.stream_id)?, record));
            if let Some(last) = records.into_iter().find_map(ours) {
                return Ok(Some(last));
            }
            match end {
                Some(end) if count == limit => from = StreamPosition::Position(end),
                _ => return Ok(None),
            }
            limit = LOG_PAGE;
        }
    }

    /// The events of records, checked; those of kinds that only a newer Kilter knows are left out.
    async fn open(&self, found: Vec<Found>) -> Result<Vec<StoredEvent>, ReadError> {
        let records = self.open_as_they_lie(found).await?;
        self.intact(records.iter().filter_map(|record| Row::of(record).event().transpose()).collect())
    }

    /// A position that the server gave out, at least so many records before its end.
    pub(super) async fn near_end(&self, records: usize) -> Result<Position, ReadError> {
        let (mut from, mut seen) = (StreamPosition::End, 0);
        loop {
            let page = self.server.read_log(from, Direction::Backward, LOG_PAGE).await.map_err(failed)?;
            seen += page.len();
            let Some(last) = page.last().filter(|_| page.len() == LOG_PAGE) else { return Ok(Position(0)) };
            if seen >= records {
                return Ok(Position(last.position.commit));
            }
            from = StreamPosition::Position(last.position.commit);
        }
    }

    /// The record at this place of a stream.
    pub(super) async fn at(&self, stream: StreamKey, revision: u64) -> Result<Option<Found>, ReadError> {
        let name = self.server.names().stream(&stream);
        let page = self.server.read_stream(&name, revision, Direction::Forward, 1).await.map_err(failed)?;
        Ok(page.into_iter().next().map(|record| (stream, record)))
    }

    /// Opens records of any streams, which stand in the order of their positions.
    pub(super) async fn open_as_they_lie(&self, found: Vec<Found>) -> Result<Vec<Record>, ReadError> {
        let streams: HashSet<StreamKey> = found.iter().map(|(stream, _)| stream.clone()).collect();
        let mut keys: HashMap<StreamKey, Option<BodyKey>> = stream::iter(streams)
            .map(async |stream| {
                let key = self.key(&stream).await?;
                Ok::<_, ReadError>((stream, key))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let read = |(stream, record): &Found| {
            record::read_as_it_is(record, stream, keys.get_mut(stream).and_then(Option::as_mut))
        };
        self.intact(found.iter().map(read).collect())
    }

    /// Of a stream that has events.
    async fn key(&self, stream: &StreamKey) -> Result<Option<BodyKey>, ReadError> {
        let keys = keys(&self.server, stream).await.map_err(failed)?;
        let keys = keys.ok_or_else(|| self.damaged(&format!("the keys of {stream} are missing")))?;
        Ok(BodyKey::first(&self.intact(keys.keys)?))
    }

    pub(super) fn intact<T>(&self, checked: Result<T, String>) -> Result<T, ReadError> {
        checked.map_err(|flaw| self.damaged(&flaw))
    }

    pub(super) fn damaged(&self, flaw: &str) -> ReadError {
        ReadError::Corrupt(format!("{}: {flaw}", self.server.name()))
    }
}

/// A record of the server, and the stream of ours that it belongs to.
pub(super) type Found = (StreamKey, RecordedEvent);

fn start(after: Position) -> StreamPosition<u64> {
    if after.0 == 0 { StreamPosition::Start } else { StreamPosition::Position(after.0) }
}

pub(super) fn failed(failure: Failure) -> ReadError {
    ReadError::Unavailable(failure.reason())
}
