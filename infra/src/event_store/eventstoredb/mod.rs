//! The event store of those who outgrow one machine: an EventStoreDB (or `KurrentDB`) node or cluster.
//!
//! Each stream of ours is one of the server's, with its revisions; positions are those of the server's log, ordered but not
//! gapless. What the server does not know of is added in streams beside them: that an identity stands once in a tenant
//! (`claims`), and that bodies are removed while hashes stay (`body_keys`). Why so: `docs/adr/0009-what-eventstoredb-lacks.md`.

mod body_keys;
mod claims;
mod connection;
mod diagnosis;
mod kept_keys;
mod names;
mod reader;
mod record;
mod refusal;
mod streams;
mod survey;
mod tls;
mod transfer;
mod watch;
mod writer;

use std::sync::Arc;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{
    Append, AppendError, Appended, Direction, EventStore, Filter, Future, Page, Position, ReadError, Scope, StoredEvent,
};
use tokio::sync::Mutex;
use uuid::Uuid;

pub use self::refusal::EventStoreDbRefusal;

use self::connection::Connection;
use self::reader::Reader;
use self::survey::Survey;
use self::writer::Writer;
use super::listeners::{Listeners, Observer, Wake};
use super::prepared::Prepared;
use super::queue::{Maintenance, Requests, queue};
use super::row::Range;

/// What servers take at once unless they are told otherwise (`MaxAppendSize`).
const MOST_BYTES: usize = 1024 * 1024;

/// Events on an EventStoreDB server or cluster. Acknowledged means on the disks that the server waits for.
pub struct EventStoreDb {
    reader: Arc<Reader>,
    listeners: Arc<Listeners>,
    requests: Requests,
    /// Of the log as it is carried over.
    survey: Mutex<Survey>,
}

impl EventStoreDb {
    /// Connects to `esdb://user:password@host:2113`. Installations that share a server have a prefix each, such as `north.`;
    /// by itself one has none. The first one of a process sets up its TLS, so it comes before everything
    /// else that does. What it needs of the background runs on the current runtime until it is dropped.
    pub async fn open(url: &str, prefix: &str, observer: Option<Observer>) -> Result<Self, EventStoreDbRefusal> {
        let server = Arc::new(Connection::open(url, prefix).await?);
        let listeners = Arc::new(Listeners::new(observer));
        let (requests, waiting) = queue();
        let writer = Writer { server: Arc::clone(&server), listeners: Arc::clone(&listeners) };
        tokio::spawn(writer.run(waiting));
        let reader = Arc::new(Reader::of(server));
        tokio::spawn(watch::watch(Arc::downgrade(&reader), Arc::downgrade(&listeners)));
        Ok(Self { reader, listeners, requests, survey: Mutex::default() })
    }
}

impl EventStoreDb {
    /// Its address without user and password.
    pub fn name(&self) -> &str {
        self.reader.server.name()
    }
}

impl EventStore for EventStoreDb {
    fn most_bytes(&self) -> usize {
        MOST_BYTES
    }

    fn append(&self, tenant: TenantId, append: Append) -> Future<'_, Result<Appended, AppendError>> {
        Box::pin(async move { self.requests.append(Prepared::within(MOST_BYTES, tenant, append)?).await })
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

    fn identity_at(&self, position: Position) -> Future<'_, Result<Option<Uuid>, ReadError>> {
        Box::pin(self.reader.identity_at(position))
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
