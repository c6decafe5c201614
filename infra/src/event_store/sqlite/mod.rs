//! The default event store: one SQLite file, one writer thread with group commit, read-only connections for readers.

mod reader;
mod schema;
mod session;
mod transfer;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{
    Append, AppendError, Appended, Direction, EventStore, Filter, Future, Page, Position, ReadError, Scope, StoredEvent,
};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use self::reader::Readers;
use self::session::Session;
use self::writer::Writer;
use super::listeners::{Listeners, Observer, Wake};
use super::prepared::{MAX_APPEND_BYTES, Prepared};
use super::queue::{Maintenance, Requests, queue};
use super::row::Range;

pub use self::schema::OpenError;

/// Reads of up to this many events are made at once, on the caller's thread: they take less time than handing them over.
const AT_ONCE: usize = 64;

/// How many of the last events are checked when the store is opened.
const TAIL: u64 = 256;

const HEALTH_WAIT: Duration = Duration::from_secs(5);

/// How to open a store.
#[derive(Clone, Default)]
pub struct SqliteOptions {
    /// Sees every committed batch.
    pub observer: Option<Observer>,
}

/// Events in one SQLite file. Acknowledged means on disk. Dropping it answers what waits and closes the file.
pub struct SqliteEventStore {
    readers: Arc<Readers>,
    listeners: Arc<Listeners>,
    /// None while it is dropped, and where it is open for reading only.
    requests: Option<Requests>,
    writer: Option<JoinHandle<()>>,
}

impl SqliteEventStore {
    /// Opens the file, or makes it.
    pub fn open(path: &Path, options: SqliteOptions) -> Result<Self, OpenError> {
        schema::prepare(path)?;
        let session = Session::open(path).map_err(|error| OpenError::of(path, &error))?;
        let readers = Arc::new(Readers::new(path));
        check_tail(path, &readers)?;
        let listeners = Arc::new(Listeners::new(options.observer));
        let (requests, waiting) = queue();
        let writer = Writer {
            path: path.to_owned(),
            listeners: Arc::clone(&listeners),
            session: Some(session),
            commit_began: false,
            failed: false,
        };
        let thread = thread::Builder::new()
            .name("event-store-writer".to_owned())
            .spawn(move || writer.run(waiting))
            .map_err(|error| OpenError::unavailable(path, error.to_string()))?;
        Ok(Self { readers, listeners, requests: Some(requests), writer: Some(thread) })
    }

    /// Opens the file for reading only, beside whoever writes to it; makes nothing and changes nothing.
    pub fn open_for_reading(path: &Path) -> Result<Self, OpenError> {
        schema::look(path)?;
        let readers = Arc::new(Readers::new(path));
        check_tail(path, &readers)?;
        Ok(Self { readers, listeners: Arc::new(Listeners::new(None)), requests: None, writer: None })
    }

    fn requests(&self) -> Result<&Requests, AppendError> {
        self.requests
            .as_ref()
            .ok_or_else(|| AppendError::Unavailable("the event store is open for reading only".to_owned()))
    }

    async fn maintain(&self, task: Maintenance) -> Result<(), AppendError> {
        self.requests()?.maintain(task).await
    }

    async fn read<T: Send + 'static>(
        &self,
        count: usize,
        read: impl FnOnce(&Readers) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        if count <= AT_ONCE {
            return read(&self.readers);
        }
        let readers = Arc::clone(&self.readers);
        spawn_blocking(move || read(&readers))
            .await
            .unwrap_or_else(|error| Err(ReadError::Unavailable(error.to_string())))
    }
}

fn check_tail(path: &Path, readers: &Readers) -> Result<(), OpenError> {
    let check = || {
        let after = Position(readers.head()?.0.saturating_sub(TAIL));
        readers.read_all(Scope::System, after, usize::MAX, &Filter::default())
    };
    match check() {
        Ok(_) => Ok(()),
        Err(ReadError::Corrupt(reason)) => Err(OpenError::damaged(path, reason)),
        Err(ReadError::Unavailable(reason)) => Err(OpenError::unavailable(path, reason)),
    }
}

impl Drop for SqliteEventStore {
    fn drop(&mut self) {
        // Readers first: the last connection to close folds the write-ahead log into the file, and must be the writer's.
        self.readers.close();
        self.requests = None;
        if let Some(writer) = self.writer.take() {
            // A panic of the writer was logged where it happened.
            drop(writer.join());
        }
    }
}

impl EventStore for SqliteEventStore {
    fn most_bytes(&self) -> usize {
        MAX_APPEND_BYTES
    }

    fn append(&self, tenant: TenantId, append: Append) -> Future<'_, Result<Appended, AppendError>> {
        Box::pin(async move { self.requests()?.append(Prepared::try_new(tenant, append)?).await })
    }

    fn read_stream(
        &self,
        tenant: TenantId,
        stream: StreamId,
        from: u64,
        direction: Direction,
        limit: usize,
    ) -> Future<'_, Result<Vec<StoredEvent>, ReadError>> {
        let range = Range { from, direction, limit };
        Box::pin(self.read(limit, move |readers| readers.read_stream(tenant, stream, range)))
    }

    fn read_all(
        &self,
        scope: Scope,
        after: Position,
        limit: usize,
        filter: Filter,
    ) -> Future<'_, Result<Page, ReadError>> {
        Box::pin(self.read(limit, move |readers| readers.read_all(scope, after, limit, &filter)))
    }

    fn read_at(&self, tenant: TenantId, positions: Vec<Position>) -> Future<'_, Result<Vec<StoredEvent>, ReadError>> {
        Box::pin(self.read(positions.len(), move |readers| readers.read_at(tenant, &positions)))
    }

    fn identity_at(&self, position: Position) -> Future<'_, Result<Option<Uuid>, ReadError>> {
        Box::pin(self.read(1, move |readers| readers.identity_at(position)))
    }

    fn find(&self, tenant: TenantId, event_id: Uuid) -> Future<'_, Result<Option<StoredEvent>, ReadError>> {
        Box::pin(self.read(1, move |readers| readers.find(tenant, event_id)))
    }

    fn head(&self) -> Future<'_, Result<Position, ReadError>> {
        Box::pin(self.read(1, Readers::head))
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
        Box::pin(self.maintain(Maintenance::TruncateBefore(tenant, stream, revision)))
    }

    fn delete_stream(&self, tenant: TenantId, stream: StreamId) -> Future<'_, Result<(), AppendError>> {
        Box::pin(self.maintain(Maintenance::DeleteStream(tenant, stream)))
    }

    fn health(&self) -> Future<'_, Result<(), ReadError>> {
        Box::pin(async {
            self.read(1, Readers::head).await?;
            match tokio::time::timeout(HEALTH_WAIT, self.maintain(Maintenance::Probe)).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(ReadError::Unavailable(error.to_string())),
                Err(_) => Err(ReadError::Unavailable("the writer does not answer".to_owned())),
            }
        })
    }
}
