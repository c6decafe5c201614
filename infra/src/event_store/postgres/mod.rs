//! The event store of several nodes: one PostgreSQL schema. On each node one task writes, with group commit; the row `head` is
//! the lock between nodes and gives the positions, so the order is total by construction.

mod listener;
mod reader;
mod schema;
mod session;
mod writer;

use std::sync::Arc;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{
    Append, AppendError, Appended, Direction, EventStore, Filter, Future, Page, Position, ReadError, Scope, StoredEvent,
};
use uuid::Uuid;

use self::reader::Reader;
use self::writer::Writer;
use super::listeners::{Listeners, Observer, Wake};
use super::prepared::Prepared;
use super::queue::{Maintenance, Requests, queue};
use super::row::Range;
use crate::postgres::{Postgres, PostgresRefusal};

/// Events in one schema of a PostgreSQL database. Acknowledged means on the server's disk.
pub struct PostgresEventStore {
    reader: Reader,
    listeners: Arc<Listeners>,
    requests: Requests,
}

impl PostgresEventStore {
    /// Opens the schema, or makes it. What it needs of the background runs on the current runtime until it is dropped.
    pub async fn open(server: Postgres, observer: Option<Observer>) -> Result<Self, PostgresRefusal> {
        server.migrate(&schema::STEPS).await?;
        let server = Arc::new(server);
        let listeners = Arc::new(Listeners::new(observer));
        let (requests, waiting) = queue();
        let writer = Writer {
            server: Arc::clone(&server),
            listeners: Arc::clone(&listeners),
            session: None,
            commit_began: false,
        };
        tokio::spawn(writer.run(waiting));
        tokio::spawn(listener::listen(Arc::downgrade(&server), Arc::downgrade(&listeners)));
        Ok(Self { reader: Reader { server }, listeners, requests })
    }
}

impl EventStore for PostgresEventStore {
    fn append(&self, tenant: TenantId, append: Append) -> Future<'_, Result<Appended, AppendError>> {
        Box::pin(async move { self.requests.append(Prepared::try_new(tenant, append)?).await })
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
        Box::pin(self.reader.read_stream(tenant, stream, range))
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

    fn find(&self, tenant: TenantId, event_id: Uuid) -> Future<'_, Result<Option<StoredEvent>, ReadError>> {
        Box::pin(self.reader.find(tenant, event_id))
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
        Box::pin(self.requests.maintain(Maintenance::TruncateBefore(tenant, stream, revision)))
    }

    fn delete_stream(&self, tenant: TenantId, stream: StreamId) -> Future<'_, Result<(), AppendError>> {
        Box::pin(self.requests.maintain(Maintenance::DeleteStream(tenant, stream)))
    }

    fn health(&self) -> Future<'_, Result<(), ReadError>> {
        Box::pin(async {
            self.reader.head().await?;
            let writes = self.requests.maintain(Maintenance::Probe).await;
            writes.map_err(|error| ReadError::Unavailable(error.to_string()))
        })
    }
}
