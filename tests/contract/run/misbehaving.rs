//! Stores that misbehave.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::kernel::{StreamId, TenantId};
use domain::ports::{
    Append, AppendError, Appended, Direction, EventStore, Filter, Future, Page, Position, ReadError, Scope, StoredEvent,
};
use uuid::Uuid;

/// What a misbehaving store does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misbehaviour {
    /// Commits, and says that it does not know.
    CommitsInSilence,
    /// Does not commit, and says that it does not know.
    LosesInSilence,
    /// Says that somebody else was faster.
    Conflicts,
    /// Looks for an event just before another node appends it.
    FindsTooEarly,
}

/// A store whose next appends, or looks for an event, go wrong.
pub(super) struct Misbehaving {
    inner: Arc<dyn EventStore>,
    kind: Misbehaviour,
    left: AtomicUsize,
    conflicts: AtomicUsize,
    read: AtomicUsize,
}

impl Misbehaving {
    pub(super) fn new(inner: Arc<dyn EventStore>, kind: Misbehaviour) -> Self {
        Self { inner, kind, left: AtomicUsize::new(0), conflicts: AtomicUsize::new(0), read: AtomicUsize::new(0) }
    }

    /// The next `times` go wrong.
    pub(super) fn misbehave(&self, times: usize) {
        self.left.store(times, Ordering::SeqCst);
    }

    /// How many appends the store behind refused because somebody else was faster.
    pub(super) fn conflicts(&self) -> usize {
        self.conflicts.load(Ordering::SeqCst)
    }

    /// How many events of single streams it has given.
    pub(super) fn read(&self) -> usize {
        self.read.load(Ordering::SeqCst)
    }

    /// How many more go wrong.
    pub(super) fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }

    fn goes_wrong(&self) -> bool {
        self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }
}

impl EventStore for Misbehaving {
    fn most_bytes(&self) -> usize {
        self.inner.most_bytes()
    }

    fn append(&self, tenant: TenantId, append: Append) -> Future<'_, Result<Appended, AppendError>> {
        Box::pin(async move {
            if self.kind == Misbehaviour::FindsTooEarly || !self.goes_wrong() {
                let outcome = self.inner.append(tenant, append).await;
                if matches!(outcome, Err(AppendError::Conflict { .. })) {
                    self.conflicts.fetch_add(1, Ordering::SeqCst);
                }
                return outcome;
            }
            match self.kind {
                Misbehaviour::CommitsInSilence => {
                    self.inner.append(tenant, append).await?;
                    Err(AppendError::OutcomeUnknown("the answer was lost".to_owned()))
                }
                Misbehaviour::LosesInSilence => Err(AppendError::OutcomeUnknown("the question was lost".to_owned())),
                Misbehaviour::Conflicts | Misbehaviour::FindsTooEarly => {
                    Err(AppendError::Conflict { actual: Some(99) })
                }
            }
        })
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
            let events = self.inner.read_stream(tenant, stream, from, direction, limit).await?;
            self.read.fetch_add(events.len(), Ordering::SeqCst);
            Ok(events)
        })
    }

    fn read_all(
        &self,
        scope: Scope,
        after: Position,
        limit: usize,
        filter: Filter,
    ) -> Future<'_, Result<Page, ReadError>> {
        self.inner.read_all(scope, after, limit, filter)
    }

    fn read_at(&self, tenant: TenantId, positions: Vec<Position>) -> Future<'_, Result<Vec<StoredEvent>, ReadError>> {
        self.inner.read_at(tenant, positions)
    }

    fn identity_at(&self, position: Position) -> Future<'_, Result<Option<Uuid>, ReadError>> {
        self.inner.identity_at(position)
    }

    fn find(&self, tenant: TenantId, event_id: Uuid) -> Future<'_, Result<Option<StoredEvent>, ReadError>> {
        if self.kind == Misbehaviour::FindsTooEarly && self.goes_wrong() {
            return Box::pin(async { Ok(None) });
        }
        self.inner.find(tenant, event_id)
    }

    fn head(&self) -> Future<'_, Result<Position, ReadError>> {
        self.inner.head()
    }

    fn on_append(&self, wake: Arc<dyn Fn(Position) + Send + Sync>) {
        self.inner.on_append(wake);
    }

    fn truncate_before(
        &self,
        tenant: TenantId,
        stream: StreamId,
        revision: u64,
    ) -> Future<'_, Result<(), AppendError>> {
        self.inner.truncate_before(tenant, stream, revision)
    }

    fn delete_stream(&self, tenant: TenantId, stream: StreamId) -> Future<'_, Result<(), AppendError>> {
        self.inner.delete_stream(tenant, stream)
    }

    fn health(&self) -> Future<'_, Result<(), ReadError>> {
        self.inner.health()
    }
}
