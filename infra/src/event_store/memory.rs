//! The reference model of the port: everything in a vector. The contract suite holds the other stores to it.

mod transfer;

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::kernel::{StreamId, TenantId};
use domain::ports::{
    Append, AppendError, Appended, Direction, EventStore, Filter, Future, Hash, Page, Position, ReadError, Scope,
    StoredEvent,
};
use uuid::Uuid;

use super::listeners::{Listeners, Wake};
use super::prepared::{Prepared, PreparedEvent, Standing, is_as_expected};
use super::{chain, envelope};

/// Events in memory; gone with the process.
#[derive(Default)]
pub struct MemoryEventStore {
    log: Mutex<Log>,
    listeners: Listeners,
}

/// Positions are indexes into `events` plus one.
#[derive(Default)]
struct Log {
    events: Vec<StoredEvent>,
    streams: HashMap<(TenantId, StreamId), Vec<usize>>,
    ids: HashMap<(TenantId, Uuid), usize>,
    deleted: HashSet<(TenantId, StreamId)>,
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
        let (tenant, stream, expected) = (append.tenant, append.stream, append.expected);
        if let Ok(Some(answer)) =
            append.earlier_answer(|event| Ok::<_, Infallible>(self.standing(tenant, stream, event)))
        {
            return answer;
        }
        if self.deleted.contains(&(tenant, stream)) {
            return Err(AppendError::Deleted);
        }
        let mut last = self.last(tenant, stream).map(|last| (last.revision, last.hash));
        let actual = last.map(|(revision, _)| revision);
        if !is_as_expected(expected, actual) {
            return Err(AppendError::Conflict { actual });
        }
        for event in append.events {
            let (revision, previous) = last.map_or((0, chain::START), |(revision, hash)| (revision + 1, hash));
            let hash = event.hash(tenant, stream, revision, &previous);
            self.push(tenant, stream, event, StoredAt { revision, previous, hash });
            last = Some((revision, hash));
        }
        let revision = last.map_or(0, |(revision, _)| revision);
        Ok(Appended { revision, position: self.head() })
    }

    fn push(&mut self, tenant: TenantId, stream: StreamId, event: PreparedEvent, at: StoredAt) {
        let index = self.events.len();
        self.streams.entry((tenant, stream)).or_default().push(index);
        self.ids.insert((tenant, event.event.event_id), index);
        self.events.push(StoredEvent {
            tenant,
            stream,
            revision: at.revision,
            position: Position(index as u64 + 1),
            previous_hash: at.previous,
            hash: at.hash,
            body_hash: event.body_hash,
            event: event.event,
        });
    }

    fn head(&self) -> Position {
        Position(self.events.len() as u64)
    }

    fn standing(&self, tenant: TenantId, stream: StreamId, prepared: &PreparedEvent) -> Option<Standing> {
        let stored = &self.events[*self.ids.get(&(tenant, prepared.event.event_id))?];
        let is_this = stored.stream == stream
            && envelope::details(&stored.event) == prepared.details
            && (stored.is_truncated() || stored.event.salt == prepared.event.salt);
        Some(Standing { is_this, revision: stored.revision, position: stored.position })
    }

    fn last(&self, tenant: TenantId, stream: StreamId) -> Option<&StoredEvent> {
        self.stream(tenant, stream).last()
    }

    fn stream(&self, tenant: TenantId, stream: StreamId) -> impl DoubleEndedIterator<Item = &StoredEvent> {
        let indexes = self.streams.get(&(tenant, stream)).map_or(&[][..], Vec::as_slice);
        indexes.iter().map(|index| &self.events[*index])
    }

    fn at(&self, tenant: TenantId, position: Position) -> Option<&StoredEvent> {
        let index = usize::try_from(position.0.checked_sub(1)?).ok()?;
        self.events.get(index).filter(|stored| stored.tenant == tenant)
    }

    fn page(&self, scope: Scope, after: Position, limit: usize, filter: &Filter) -> Page {
        let skipped = usize::try_from(after.0).unwrap_or(usize::MAX).min(self.events.len());
        let scanned = self.events[skipped..].iter().filter(|stored| match scope {
            Scope::Tenant(tenant) => stored.tenant == tenant,
            Scope::System => true,
        });
        let mut page = Page { events: Vec::new(), scanned_to: after };
        for stored in scanned.take(limit) {
            page.scanned_to = stored.position;
            if filter.kinds.is_empty() || filter.kinds.contains(&stored.stream.kind) {
                page.events.push(stored.clone());
            }
        }
        page
    }

    fn remove_bodies(&mut self, tenant: TenantId, stream: StreamId, below: u64) {
        for index in self.streams.get(&(tenant, stream)).into_iter().flatten() {
            let stored = &mut self.events[*index];
            if stored.revision < below {
                stored.event.salt = [0; 16];
                stored.event.data = Vec::new();
            }
        }
    }
}

#[derive(Clone, Copy)]
struct StoredAt {
    revision: u64,
    previous: Hash,
    hash: Hash,
}

impl EventStore for MemoryEventStore {
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
            let events = log.stream(tenant, stream);
            Ok(match direction {
                Direction::Forward => events.filter(|stored| stored.revision >= from).take(limit).cloned().collect(),
                Direction::Backward => {
                    events.rev().filter(|stored| stored.revision <= from).take(limit).cloned().collect()
                }
            })
        })
    }

    fn read_all(
        &self,
        scope: Scope,
        after: Position,
        limit: usize,
        filter: Filter,
    ) -> Future<'_, Result<Page, ReadError>> {
        Box::pin(async move { Ok(self.log().page(scope, after, limit, &filter)) })
    }

    fn read_at(&self, tenant: TenantId, positions: Vec<Position>) -> Future<'_, Result<Vec<StoredEvent>, ReadError>> {
        Box::pin(async move {
            let log = self.log();
            Ok(positions.into_iter().filter_map(|position| log.at(tenant, position)).cloned().collect())
        })
    }

    fn find(&self, tenant: TenantId, event_id: Uuid) -> Future<'_, Result<Option<StoredEvent>, ReadError>> {
        Box::pin(async move {
            let log = self.log();
            Ok(log.ids.get(&(tenant, event_id)).map(|index| log.events[*index].clone()))
        })
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
            self.log().remove_bodies(tenant, stream, revision);
            Ok(())
        })
    }

    fn delete_stream(&self, tenant: TenantId, stream: StreamId) -> Future<'_, Result<(), AppendError>> {
        Box::pin(async move {
            let mut log = self.log();
            log.remove_bodies(tenant, stream, u64::MAX);
            log.deleted.insert((tenant, stream));
            Ok(())
        })
    }

    fn health(&self) -> Future<'_, Result<(), ReadError>> {
        Box::pin(async { Ok(()) })
    }
}
