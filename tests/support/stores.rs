//! Event stores that belong to one test each.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Direction, EventStore, Filter, Position, Scope, StoredEvent};
use infra::event_store::{MemoryEventStore, PostgresEventStore, SqliteEventStore, SqliteOptions};
use infra::ids::random_bytes;
use infra::postgres::Postgres;
use tempfile::TempDir;
use uuid::Uuid;

/// A store with the place that it lies in.
pub struct TestStore {
    store: Arc<dyn EventStore>,
    home: Home,
}

enum Home {
    Memory,
    File(TempDir),
    /// A schema of the server's.
    Schema(String),
}

impl TestStore {
    /// An empty one in memory.
    pub fn memory() -> Self {
        Self { store: Arc::new(MemoryEventStore::new()), home: Home::Memory }
    }

    /// An empty one in a file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        Self { store: in_file(&folder), home: Home::File(folder) }
    }

    /// An empty one on the PostgreSQL server that `KILTER_TEST_POSTGRES_URL` names; `./test` starts one.
    pub async fn postgres() -> Self {
        let schema = format!("test_{}", Uuid::from_bytes(random_bytes()).simple());
        Self { store: in_schema(&schema).await, home: Home::Schema(schema) }
    }

    /// Closes it and opens it again, where it outlives that.
    pub async fn reopen(&mut self) {
        self.store = match &self.home {
            Home::Memory => return,
            Home::File(folder) => {
                // The first one has to let go of the file.
                self.store = Arc::new(MemoryEventStore::new());
                in_file(folder)
            }
            Home::Schema(schema) => in_schema(schema).await,
        };
    }

    /// Another one over the same place, as another node has it.
    ///
    /// # Panics
    /// Where a store is one node's only.
    pub async fn other_node(&self) -> Arc<dyn EventStore> {
        match &self.home {
            Home::Schema(schema) => in_schema(schema).await,
            Home::Memory | Home::File(_) => panic!("a store of one node"),
        }
    }

    /// The schema that it lies in.
    ///
    /// # Panics
    /// Where it lies in none.
    pub fn schema(&self) -> &str {
        match &self.home {
            Home::Schema(schema) => schema,
            Home::Memory | Home::File(_) => panic!("a store without a schema"),
        }
    }

    /// Closes it and gives its folder.
    ///
    /// # Panics
    /// Where it lies in no folder.
    pub fn close(self) -> TempDir {
        drop(self.store);
        match self.home {
            Home::File(folder) => folder,
            Home::Memory | Home::Schema(_) => panic!("a store without a folder"),
        }
    }

    /// Shared with tasks.
    pub fn shared(&self) -> Arc<dyn EventStore> {
        Arc::clone(&self.store)
    }

    /// The file, for stores that have one.
    pub fn file(&self) -> Option<PathBuf> {
        match &self.home {
            Home::File(folder) => Some(folder.path().join("events.db")),
            Home::Memory | Home::Schema(_) => None,
        }
    }
}

fn in_file(folder: &TempDir) -> Arc<dyn EventStore> {
    let file = folder.path().join("events.db");
    Arc::new(SqliteEventStore::open(&file, SqliteOptions::default()).expect("a store"))
}

async fn in_schema(schema: &str) -> Arc<dyn EventStore> {
    let server = Postgres::new(&postgres_url(), schema).expect("a PostgreSQL address");
    Arc::new(PostgresEventStore::open(server, None).await.expect("a store"))
}

/// The PostgreSQL server that tests may use.
///
/// # Panics
/// When there is none.
#[expect(clippy::disallowed_methods, reason = "a switch of the test runner, not a setting of Kilter")]
pub fn postgres_url() -> String {
    std::env::var("KILTER_TEST_POSTGRES_URL")
        .expect("KILTER_TEST_POSTGRES_URL names a PostgreSQL database; ./test contract starts one and sets it")
}

impl Deref for TestStore {
    type Target = dyn EventStore;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

/// All events of a store in order, read in pages of `page`.
pub async fn everything(store: &dyn EventStore, scope: Scope, page: usize) -> Vec<StoredEvent> {
    let mut events = Vec::new();
    let mut after = Position::default();
    loop {
        let found = store.read_all(scope, after, page, Filter::default()).await.expect("a page");
        if found.scanned_to == after {
            return events;
        }
        after = found.scanned_to;
        events.extend(found.events);
    }
}

/// All events of one stream, oldest first.
pub async fn whole_stream(store: &dyn EventStore, tenant: TenantId, stream: StreamId) -> Vec<StoredEvent> {
    store.read_stream(tenant, stream, 0, Direction::Forward, usize::MAX).await.expect("a stream")
}
