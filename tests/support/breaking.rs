//! A store on which a node is cut off, or held up, before it appends to one kind of stream, or that takes little at once.

use std::sync::{Arc, Mutex, PoisonError};

use domain::kernel::{StreamId, StreamType, TenantId};
use domain::ports::{
    Append, AppendError, Appended, Direction, EventStore, Filter, Future, Page, Position, ReadError, Scope, StoredEvent,
};
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

/// A store that takes no appends to streams of one kind, or takes the next one late.
pub struct Breaking {
    inner: Arc<dyn EventStore>,
    state: Mutex<State>,
    /// Lets what is held up go on.
    go_on: Semaphore,
}

#[derive(Default)]
struct State {
    cut_off: Option<StreamType>,
    most_bytes: Option<usize>,
    held: Option<(StreamType, oneshot::Sender<()>)>,
}

impl Breaking {
    /// Before this store.
    pub fn before(inner: Arc<dyn EventStore>) -> Arc<Self> {
        Arc::new(Self { inner, state: Mutex::default(), go_on: Semaphore::new(0) })
    }

    /// From now on nothing is appended to streams of this kind: as if the process ended just before.
    pub fn cut_off(&self, kind: StreamType) {
        self.state().cut_off = Some(kind);
    }

    /// All works again.
    pub fn mend(&self) {
        self.state().cut_off = None;
    }

    /// From now on it says that it takes no more than so many bytes at once.
    pub fn takes_at_once(&self, most_bytes: usize) {
        self.state().most_bytes = Some(most_bytes);
    }

    /// Holds the next append to a stream of this kind up until [`Self::go_on`]; what it gives tells when it has come.
    pub fn hold(&self, kind: StreamType) -> oneshot::Receiver<()> {
        let (reached, come) = oneshot::channel();
        self.state().held = Some((kind, reached));
        come
    }

    /// Lets what is held up go on.
    pub fn go_on(&self) {
        self.go_on.add_permits(1);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EventStore for Breaking {
    fn most_bytes(&self) -> usize {
        self.state().most_bytes.unwrap_or_else(|| self.inner.most_bytes())
    }

    fn append(&self, tenant: TenantId, append: Append) -> Future<'_, Result<Appended, AppendError>> {
        Box::pin(async move {
            let kind = append.stream.kind;
            let held = self.state().held.take_if(|(held, _)| *held == kind);
            if let Some((_, reached)) = held {
                _ = reached.send(());
                self.go_on.acquire().await.expect("it is not closed").forget();
            }
            if self.state().cut_off == Some(kind) {
                return Err(AppendError::Unavailable("the process has ended".to_owned()));
            }
            self.inner.append(tenant, append).await
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
        self.inner.read_stream(tenant, stream, from, direction, limit)
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
