//! The reference model of the port: everything in a vector. The contract suite holds the other stores to it.

mod transfer;

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::kernel::{StreamId, TenantId};
use domain::ports::{
    Append, AppendError, Appended, Direction, EventStore, Filter, Future, Hash, NewEvent, Page, Position, ReadError,
    Scope, StoredEvent,
};
use uuid::Uuid;

use super::chain;
use super::listeners::{Listeners, Wake};
use super::newer::passes;
use super::prepared::{MAX_APPEND_BYTES, Prepared, PreparedEvent, Standing, is_as_expected};
use super::row::Row;
use super::transfer::{Body, Record, StreamKey};

/// Events in memory; gone with the process.
#[derive(Default)]
pub struct MemoryEventStore {
    log: Mutex<Log>,
    listeners: Listeners,
}

/// Positions are indexes into `events` plus one.
#[derive(Default)]
struct Log {
    events: Vec<Record>,
    streams: HashMap<StreamKey, Vec<usize>>,
    ids: HashMap<(TenantId, Uuid), usize>,
    deleted: HashSet<StreamKey>,
}

impl MemoryEventStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append_now(&self, tenant: TenantId, append: Append) -> Result<Appended, AppendError> {
        let appended = self.log().append(Prepared::try_new(tenant, append)?)?;
        self.listeners.wake(appended.position);
        Ok(appended)
    }
}

impl Log {
    fn append(&mut self, append: Prepared) -> Result<Appended, AppendError> {
        let (tenant, expected) = (append.tenant, append.expected);
        let stream = StreamKey::of(tenant, append.stream);
        if let Ok(Some(answer)) = append.earlier_answer(|event| Ok::<_, Infallible>(self.standing(&stream, event))) {
            return answer;
        }
        if self.deleted.contains(&stream) {
            return Err(AppendError::Deleted);
        }
        let mut last = self.last(&stream);
        let actual = last.map(|(revision, _)| revision);
        if !is_as_expected(expected, actual) {
            return Err(AppendError::Conflict { actual });
        }
        for event in append.events {
            let (revision, previous_hash) = last.map_or((0, chain::START), |(revision, hash)| (revision + 1, hash));
            let hash = event.hash(tenant, append.stream, revision, &previous_hash);
            let PreparedEvent { event: NewEvent { event_id, salt, data, .. }, details, .. } = event;
            let (stream, position, body) = (stream.clone(), Position(0), Body::Kept { salt, data });
            self.push(Record { stream, revision, position, event_id, previous_hash, hash, details, body });
            last = Some((revision, hash));
        }
        let revision = last.map_or(0, |(revision, _)| revision);
        Ok(Appended { revision, position: self.head() })
    }

    /// Puts an event at the end.
    fn push(&mut self, record: Record) {
        let index = self.events.len();
        self.streams.entry(record.stream.clone()).or_default().push(index);
        self.ids.insert((record.stream.tenant, record.event_id), index);
        self.events.push(Record { position: Position(index as u64 + 1), ..record });
    }

    fn head(&self) -> Position {
        Position(self.events.len() as u64)
    }

    fn standing(&self, stream: &StreamKey, prepared: &PreparedEvent) -> Option<Standing> {
        let stored = self.find(stream.tenant, prepared.event.event_id)?;
        let salt = match &stored.body {
            Body::Kept { salt, .. } => Some(*salt),
            Body::Removed(_) => None,
        };
        let is_this = stored.stream == *stream
            && stored.details == prepared.details
            && salt.is_none_or(|salt| salt == prepared.event.salt);
        Some(Standing { is_this, revision: stored.revision, position: stored.position })
    }

    fn find(&self, tenant: TenantId, event_id: Uuid) -> Option<&Record> {
        self.ids.get(&(tenant, event_id)).map(|index| &self.events[*index])
    }

    /// Revision and hash of the last event of a stream.
    fn last(&self, stream: &StreamKey) -> Option<(u64, Hash)> {
        self.stream(stream).last().map(|last| (last.revision, last.hash))
    }

    fn stream(&self, stream: &StreamKey) -> impl DoubleEndedIterator<Item = &Record> {
        let indexes = self.streams.get(stream).map_or(&[][..], Vec::as_slice);
        indexes.iter().map(|index| &self.events[*index])
    }

    fn at(&self, tenant: TenantId, position: Position) -> Option<&Record> {
        let index = usize::try_from(position.0.checked_sub(1)?).ok()?;
        self.events.get(index).filter(|stored| stored.stream.tenant == tenant)
    }

    fn after(&self, position: Position) -> &[Record] {
        &self.events[usize::try_from(position.0).unwrap_or(usize::MAX).min(self.events.len())..]
    }

    fn page(&self, scope: Scope, after: Position, limit: usize, filter: &Filter) -> Result<Page, ReadError> {
        let scanned = self.after(after).iter().filter(|stored| match scope {
            Scope::Tenant(tenant) => stored.stream.tenant == tenant,
            Scope::System => true,
        });
        let mut page = Page { events: Vec::new(), scanned_to: after };
        for stored in scanned.take(limit) {
            page.scanned_to = stored.position;
            if passes(filter, &stored.stream.kind) {
                page.events.extend(event(stored)?);
            }
        }
        Ok(page)
    }

    fn remove_bodies(&mut self, stream: &StreamKey, below: u64) {
        for index in self.streams.get(stream).into_iter().flatten() {
            let stored = &mut self.events[*index];
            if stored.revision < below {
                stored.body = Body::Removed(stored.body.hash());
            }
        }
    }

    fn delete(&mut self, stream: StreamKey) {
        self.remove_bodies(&stream, u64::MAX);
        self.deleted.insert(stream);
    }
}

/// The event of a record; None of a kind that only a newer Kilter knows.
fn event(record: &Record) -> Result<Option<StoredEvent>, ReadError> {
    Row::of(record).event().map_err(ReadError::Corrupt)
}

fn events<'a>(records: impl Iterator<Item = &'a Record>) -> Result<Vec<StoredEvent>, ReadError> {
    records.filter_map(|record| event(record).transpose()).collect()
}

impl EventStore for MemoryEventStore {
    fn most_bytes(&self) -> usize {
        MAX_APPEND_BYTES
    }

    fn append(&self, tenant: TenantId, append: Append) -> Future<'_, Result<Appended, AppendError>> {
        Box::pin(async move { self.append_now(tenant, append) })
    }

    fn read_stream(
        &self,
        tenant: TenantId,
        stream: StreamId,
        from: u64,
        direction: Direction,
        limit: usize,
    ) -> Future<'_, Result<Vec<StoredEvent>, ReadError>> {
        Box::pin(async move {
            let log = self.log();
            let stream = StreamKey::of(tenant, stream);
            let records = log.stream(&stream);
            match direction {
                Direction::Forward => events(records.filter(|stored| stored.revision >= from).take(limit)),
                Direction::Backward => events(records.rev().filter(|stored| stored.revision <= from).take(limit)),
            }
        })
    }

    fn read_all(
        &self,
        scope: Scope,
        after: Position,
        limit: usize,
        filter: Filter,
    ) -> Future<'_, Result<Page, ReadError>> {
        Box::pin(async move { self.log().page(scope, after, limit, &filter) })
    }

    fn read_at(&self, tenant: TenantId, positions: Vec<Position>) -> Future<'_, Result<Vec<StoredEvent>, ReadError>> {
        Box::pin(async move {
            let log = self.log();
            events(positions.into_iter().filter_map(|position| log.at(tenant, position)))
        })
    }

    fn identity_at(&self, position: Position) -> Future<'_, Result<Option<Uuid>, ReadError>> {
        Box::pin(async move {
            let log = self.log();
            let before = Position(position.0.saturating_sub(1));
            Ok(log.after(before).first().filter(|found| found.position == position).map(|found| found.event_id))
        })
    }

    fn find(&self, tenant: TenantId, event_id: Uuid) -> Future<'_, Result<Option<StoredEvent>, ReadError>> {
        Box::pin(async move { self.log().find(tenant, event_id).map_or(Ok(None), event) })
    }

    fn head(&self) -> Future<'_, Result<Position, ReadError>> {
        Box::pin(async move { Ok(self.log().head()) })
    }

    fn on_append(&self, wake: Wake) {
        self.listeners.add(wake);
    }

    fn truncate_before(
        &self,
        tenant: TenantId,
        stream: StreamId,
        revision: u64,
    ) -> Future<'_, Result<(), AppendError>> {
        Box::pin(async move {
            self.log().remove_bodies(&StreamKey::of(tenant, stream), revision);
            Ok(())
        })
    }

    fn delete_stream(&self, tenant: TenantId, stream: StreamId) -> Future<'_, Result<(), AppendError>> {
        Box::pin(async move {
            self.log().delete(StreamKey::of(tenant, stream));
            Ok(())
        })
    }

    fn health(&self) -> Future<'_, Result<(), ReadError>> {
        Box::pin(async { Ok(()) })
    }
}
