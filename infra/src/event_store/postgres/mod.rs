//! The event store of several nodes: one PostgreSQL schema. On each node one task writes, with group commit; the row `head` is
//! the lock between nodes and gives the positions, so the order is total by construction.

mod listener;
mod reader;
mod schema;
mod session;
mod together;
mod transfer;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{
    Append, AppendError, Appended, Direction, EventStore, Filter, Future, Page, Position, ReadError, Scope, StoredEvent,
};
use uuid::Uuid;

use self::reader::Reader;
use self::together::Together;
use self::writer::Writer;
use super::listeners::{Listeners, Observer, Wake};
use super::prepared::{MAX_APPEND_BYTES, Prepared};
use super::queue::{Maintenance, Requests, queue};
use super::row::Range;
use crate::postgres::{Postgres, PostgresRefusal};

/// How many of the last events are checked when the store is opened.
const TAIL: u64 = 256;

/// Events in one schema of a PostgreSQL database. Acknowledged means on the server's disk.
pub struct PostgresEventStore {
    reader: Reader,
    together: Together,
    listeners: Arc<Listeners>,
    /// None where it is open for reading only.
    requests: Option<Requests>,
}

/// How to open a store.
#[derive(Clone)]
pub struct PostgresOptions {
    /// Sees every committed batch.
    pub observer: Option<Observer>,
    /// How often to look for what other nodes appended, should a notification be lost.
    pub look: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { observer: None, look: Duration::from_secs(1) }
    }
}

impl PostgresEventStore {
    /// Opens the schema, or makes it. What it needs of the background runs on the current runtime until it is dropped.
    pub async fn open(server: Postgres, options: PostgresOptions) -> Result<Self, PostgresRefusal> {
        server.migrate(&schema::STEPS).await?;
        let server = Arc::new(server);
        let reader = Reader::of(Arc::clone(&server));
        check_tail(&reader, &server).await?;
        let listeners = Arc::new(Listeners::new(options.observer));
        let (requests, waiting) = queue();
        let writer = Writer {
            server: Arc::clone(&server),
            listeners: Arc::clone(&listeners),
            session: None,
            commit_began: false,
        };
        tokio::spawn(writer.run(waiting));
        tokio::spawn(listener::listen(Arc::downgrade(&server), Arc::downgrade(&listeners), options.look));
        Ok(Self { together: Together::over(reader.clone()), reader, listeners, requests: Some(requests) })
    }

    /// Opens a schema that is there for reading only; makes nothing and changes nothing.
    pub async fn open_for_reading(server: Postgres) -> Result<Self, PostgresRefusal> {
        server.look(&schema::STEPS).await?;
        let server = Arc::new(server);
        let reader = Reader::of(Arc::clone(&server));
        check_tail(&reader, &server).await?;
        Ok(Self {
            together: Together::over(reader.clone()),
            reader,
            listeners: Arc::new(Listeners::new(None)),
            requests: None,
        })
    }

    fn requests(&self) -> Result<&Requests, AppendError> {
        let reading = || AppendError::Unavailable("the event store is open for reading only".to_owned());
        self.requests.as_ref().ok_or_else(reading)
    }

    async fn maintain(&self, task: Maintenance) -> Result<(), AppendError> {
        self.requests()?.maintain(task).await
    }
}

/// That the last events are as they were written, and where the next one would follow them.
async fn check_tail(reader: &Reader, server: &Postgres) -> Result<(), PostgresRefusal> {
    let check = async {
        let (head, last) = reader.ends().await?;
        let after = Position(head.0.saturating_sub(TAIL));
        reader.read_all(Scope::System, after, usize::MAX, &Filter::default()).await?;
        Ok((head, last))
    };
    let damaged = |reason: String| {
        let (server, schema) = (server.name().to_owned(), server.schema().to_owned());
        PostgresRefusal::Damaged { server, schema, reason }
    };
    match check.await {
        Ok((head, last)) if head == last => Ok(()),
        Ok((head, last)) => Err(damaged(format!("the last event is at position {last}, where {head} belongs"))),
        Err(ReadError::Corrupt(reason)) => Err(damaged(reason)),
        Err(ReadError::Unavailable(reason)) => {
            Err(PostgresRefusal::Unreachable { server: server.name().to_owned(), reason })
        }
    }
}

impl EventStore for PostgresEventStore {
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
        Box::pin(self.together.read_stream(tenant, stream, range))
    }

    fn read_all(
        &self,
        scope: Scope,
        after: Position,
        limit: usize,
        filter: Filter,
    ) -> Future<'_, Result<Page, ReadError>> {
        Box::pin(async move { self.reader.read_all(scope, after, limit, &filter).await })
    }

    fn read_at(&self, tenant: TenantId, positions: Vec<Position>) -> Future<'_, Result<Vec<StoredEvent>, ReadError>> {
        Box::pin(async move { self.reader.read_at(tenant, &positions).await })
    }

    fn identity_at(&self, position: Position) -> Future<'_, Result<Option<Uuid>, ReadError>> {
        Box::pin(self.reader.identity_at(position))
    }

    fn find(&self, tenant: TenantId, event_id: Uuid) -> Future<'_, Result<Option<StoredEvent>, ReadError>> {
        Box::pin(self.together.find(tenant, event_id))
    }

    fn head(&self) -> Future<'_, Result<Position, ReadError>> {
        Box::pin(self.reader.head())
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
            self.reader.head().await?;
            let writes = self.maintain(Maintenance::Probe).await;
            writes.map_err(|error| ReadError::Unavailable(error.to_string()))
        })
    }
}
