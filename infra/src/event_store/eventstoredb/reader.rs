//! Reading. What the server gives out is opened with the keys of its streams as they are right now, so that what was removed
//! is removed on every node at once.

use std::collections::HashMap;
use std::sync::Arc;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Direction, Filter, Page, Position, ReadError, Scope, StoredEvent};
use eventstore::{RecordedEvent, StreamPosition};
use futures_util::future::try_join;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use uuid::Uuid;

use super::body_keys::{BodyKey, BodyKeys};
use super::claims::{Flaw, Known, look_up};
use super::connection::{Connection, Failure};
use super::record;
use crate::event_store::row::Range;

/// Questions asked at once for one answer.
const AT_ONCE: usize = 16;

/// Records of the log read at once: most are none of ours.
const LOG_PAGE: usize = 1000;

const SMALLEST_LOG_PAGE: usize = 64;

/// Records read at first from the end of the log.
const LOG_END: usize = 32;

type Place = (TenantId, StreamId);

pub(super) struct Reader {
    pub(super) server: Arc<Connection>,
}

impl Reader {
    pub(super) async fn read_stream(
        &self,
        tenant: TenantId,
        stream: StreamId,
        range: Range,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        fail::fail_point!("event_store::read", |_| Err(ReadError::Unavailable("injected".to_owned())));
        let name = self.server.names().events(tenant, stream);
        let reading = self.server.read_stream(&name, range.from, range.direction, range.limit);
        let (mut recorded, keys) = try_join(reading, keys(&self.server, tenant, stream)).await.map_err(failed)?;
        // Keys go on from one revision to the next.
        recorded.sort_by_key(|event| event.revision);
        let mut key = match (keys, recorded.is_empty()) {
            (_, true) => None,
            (Some(keys), false) => BodyKey::first(&self.intact(keys.keys)?),
            // The stream began after its keys were asked for.
            (None, false) => self.key((tenant, stream)).await?,
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
        let mut page = Page { events: Vec::new(), scanned_to: after };
        // The server refuses positions beyond its end.
        if limit == 0 || self.head().await? <= after {
            return Ok(page);
        }
        let at_once = limit.saturating_mul(4).clamp(SMALLEST_LOG_PAGE, LOG_PAGE);
        let (mut counted, mut passing) = (0, Vec::new());
        let mut from = start(after);
        'log: loop {
            let records = self.server.read_log(from, Direction::Forward, at_once).await.map_err(failed)?;
            let is_end = records.len() < at_once;
            if let Some(last) = records.last() {
                from = StreamPosition::Position(last.position.commit);
            }
            for record in records {
                let Some(place) = self.server.names().read(&record.stream_id) else { continue };
                if record.position.commit <= page.scanned_to.0 {
                    continue;
                }
                page.scanned_to = Position(record.position.commit);
                if matches!(scope, Scope::Tenant(tenant) if tenant != place.0) {
                    continue;
                }
                counted += 1;
                if filter.kinds.is_empty() || filter.kinds.contains(&place.1.kind) {
                    passing.push((place, record));
                }
                if counted == limit {
                    break 'log;
                }
            }
            if is_end {
                break;
            }
        }
        page.events = self.open(passing).await?;
        Ok(page)
    }

    pub(super) async fn read_at(
        &self,
        tenant: TenantId,
        positions: &[Position],
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let head = if positions.is_empty() { Position(0) } else { self.head().await? };
        let asked: Vec<Position> = positions.iter().copied().filter(|at| *at <= head && at.0 > 0).collect();
        let found: Vec<Option<(Place, RecordedEvent)>> = stream::iter(asked)
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
        self.open(found.into_iter().flatten().filter(|((owner, _), _)| *owner == tenant).collect()).await
    }

    pub(super) async fn find(&self, tenant: TenantId, event_id: Uuid) -> Result<Option<StoredEvent>, ReadError> {
        let known = look_up(&self.server, tenant, event_id).await.map_err(|flaw| match flaw {
            Flaw::Failed(failure) => failed(failure),
            Flaw::Damaged(flaw) => self.damaged(&flaw),
        })?;
        let Known::Stands(found) = known else { return Ok(None) };
        let range = Range { from: found.revision, direction: Direction::Forward, limit: 1 };
        Ok(self.read_stream(tenant, found.stream, range).await?.pop())
    }

    pub(super) async fn head(&self) -> Result<Position, ReadError> {
        let (mut from, mut limit) = (StreamPosition::End, LOG_END);
        loop {
            let records = self.server.read_log(from, Direction::Backward, limit).await.map_err(failed)?;
            if let Some(ours) = records.iter().find(|record| self.server.names().read(&record.stream_id).is_some()) {
                return Ok(Position(ours.position.commit));
            }
            match records.last() {
                Some(last) if records.len() == limit => from = StreamPosition::Position(last.position.commit),
                _ => return Ok(Position(0)),
            }
            limit = LOG_PAGE;
        }
    }

    /// Opens records of any streams, which stand in the order of their positions.
    async fn open(&self, records: Vec<(Place, RecordedEvent)>) -> Result<Vec<StoredEvent>, ReadError> {
        let mut places: Vec<Place> = records.iter().map(|(place, _)| *place).collect();
        places.sort_unstable();
        places.dedup();
        let mut keys: HashMap<Place, Option<BodyKey>> = stream::iter(places)
            .map(async |place| Ok::<_, ReadError>((place, self.key(place).await?)))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let read = |(place, record): &(Place, RecordedEvent)| {
            record::read(record, *place, keys.get_mut(place).and_then(Option::as_mut))
        };
        self.intact(records.iter().map(read).collect())
    }

    /// Of a stream that has events.
    async fn key(&self, (tenant, stream): Place) -> Result<Option<BodyKey>, ReadError> {
        let keys = keys(&self.server, tenant, stream).await.map_err(failed)?;
        let keys = keys.ok_or_else(|| self.damaged(&format!("the keys of {stream} are missing")))?;
        Ok(BodyKey::first(&self.intact(keys.keys)?))
    }

    fn intact<T>(&self, checked: Result<T, String>) -> Result<T, ReadError> {
        checked.map_err(|flaw| self.damaged(&flaw))
    }

    fn damaged(&self, flaw: &str) -> ReadError {
        ReadError::Corrupt(format!("{}: {flaw}", self.server.name()))
    }
}

/// The newest keys of a stream.
pub(super) struct Keys {
    pub(super) keys: Result<BodyKeys, String>,
    /// Revision of the metadata that they stand in.
    pub(super) number: u64,
}

/// The keys of a stream, if it has any.
pub(super) async fn keys(server: &Connection, tenant: TenantId, stream: StreamId) -> Result<Option<Keys>, Failure> {
    let recorded = server.last(&server.names().metadata(tenant, stream)).await?;
    Ok(recorded.map(|recorded| {
        let keys = BodyKeys::from_json(&recorded.data).map_err(|flaw| format!("keys of {stream}: {flaw}"));
        Keys { keys, number: recorded.revision }
    }))
}

fn start(after: Position) -> StreamPosition<u64> {
    if after.0 == 0 { StreamPosition::Start } else { StreamPosition::Position(after.0) }
}

fn failed(failure: Failure) -> ReadError {
    ReadError::Unavailable(failure.reason())
}
