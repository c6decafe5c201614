//! Event stores that belong to one test each.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Direction, EventStore, Filter, Position, Scope, StoredEvent};
use infra::event_store::transfer::PortableLog;
use infra::event_store::{
    EventStoreDb, MemoryEventStore, PostgresEventStore, PostgresOptions, SqliteEventStore, SqliteOptions,
};
use infra::postgres::Postgres;
use infra::random::random_bytes;
use tempfile::TempDir;
use tokio_postgres::config::SslMode;
use uuid::Uuid;

use crate::eventstoredb::StandIn;

/// A store with the place that it lies in.
pub struct TestStore {
    store: Arc<dyn EventStore>,
    home: Home,
}

enum Home {
    Memory(Arc<MemoryEventStore>),
    File(TempDir),
    /// A schema of the server's.
    Schema(Schema),
    /// A server of its own in this process.
    StandIn(StandIn),
    /// What begins so on a server that others use too.
    Prefix(String, String),
}

impl TestStore {
    /// An empty one in memory.
    pub fn memory() -> Self {
        let store = Arc::new(MemoryEventStore::new());
        Self { store: Arc::clone(&store) as Arc<dyn EventStore>, home: Home::Memory(store) }
    }

    /// An empty one in a file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        Self { store: in_file(&folder), home: Home::File(folder) }
    }

    /// An empty one on the PostgreSQL server that `KILTER_TEST_POSTGRES_URL` names; `./test` starts one.
    pub async fn postgres() -> Self {
        let schema = Schema::scratch();
        Self { store: in_schema(schema.name()).await, home: Home::Schema(schema) }
    }

    /// An empty one on the EventStoreDB server that `KILTER_TEST_EVENTSTORE_URL` names; else on a stand-in.
    #[expect(clippy::disallowed_methods, reason = "a switch of the test runner, not a setting of Kilter")]
    pub async fn eventstoredb() -> Self {
        let Ok(url) = std::env::var("KILTER_TEST_EVENTSTORE_URL") else {
            return Self::on(StandIn::start().await).await;
        };
        let prefix = format!("test{}.", Uuid::from_bytes(random_bytes()).simple());
        Self { store: in_log(&url, &prefix).await, home: Home::Prefix(url, prefix) }
    }

    /// One on this stand-in of an EventStoreDB server.
    pub async fn on(server: StandIn) -> Self {
        Self { store: in_log(&server.url(), "").await, home: Home::StandIn(server) }
    }

    /// The stand-in that it is on.
    ///
    /// # Panics
    /// Where it is on none.
    pub fn server(&mut self) -> &mut StandIn {
        match &mut self.home {
            Home::StandIn(server) => server,
            _ => panic!("a store without a stand-in"),
        }
    }

    /// Closes it and opens it again, where it outlives that.
    pub async fn reopen(&mut self) {
        self.store = match &self.home {
            Home::Memory(_) => return,
            Home::File(folder) => {
                // The first one has to let go of the file.
                self.store = Arc::new(MemoryEventStore::new());
                in_file(folder)
            }
            Home::Schema(schema) => in_schema(&schema.0).await,
            Home::StandIn(server) => in_log(&server.url(), "").await,
            Home::Prefix(url, prefix) => in_log(url, prefix).await,
        };
    }

    /// Another one over the same place, as another node has it.
    ///
    /// # Panics
    /// Where a store is one node's only.
    pub async fn other_node(&self) -> Arc<dyn EventStore> {
        match &self.home {
            Home::Schema(schema) => in_schema(&schema.0).await,
            Home::StandIn(server) => in_log(&server.url(), "").await,
            Home::Prefix(url, prefix) => in_log(url, prefix).await,
            Home::Memory(_) | Home::File(_) => panic!("a store of one node"),
        }
    }

    /// Its log, to be carried over.
    pub async fn log(&self) -> Arc<dyn PortableLog> {
        match &self.home {
            Home::Memory(store) => Arc::clone(store) as Arc<dyn PortableLog>,
            Home::File(folder) => in_file(folder),
            Home::Schema(schema) => in_schema(&schema.0).await,
            Home::StandIn(server) => in_log(&server.url(), "").await,
            Home::Prefix(url, prefix) => in_log(url, prefix).await,
        }
    }

    /// Whether positions have gaps between them, and an append takes long.
    pub fn is_far(&self) -> bool {
        matches!(self.home, Home::StandIn(_) | Home::Prefix(..))
    }

    /// The schema, for stores that have one.
    pub fn schema(&self) -> Option<&str> {
        match &self.home {
            Home::Schema(schema) => Some(&schema.0),
            _ => None,
        }
    }

    /// Ends the connections of all nodes to the server, where that can be done.
    ///
    /// # Panics
    /// When the server does not let it be done.
    pub async fn cut_connections(&self) {
        match &self.home {
            Home::Schema(schema) => {
                let end =
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kilter ' || $1";
                intruder(&schema.0).await.execute(end, &[&schema.0]).await.expect("the right to do so");
            }
            Home::StandIn(server) => server.cut_connections(),
            Home::Memory(_) | Home::File(_) | Home::Prefix(..) => {}
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
            _ => panic!("a store without a folder"),
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
            _ => None,
        }
    }
}

fn in_file(folder: &TempDir) -> Arc<SqliteEventStore> {
    let file = folder.path().join("events.db");
    Arc::new(SqliteEventStore::open(&file, SqliteOptions::default()).expect("a store"))
}

/// Nodes look for each other's events so seldom that only notifications can wake them.
async fn in_schema(schema: &str) -> Arc<PostgresEventStore> {
    let server = Postgres::new(&postgres_url(), schema).expect("a PostgreSQL address");
    let options = PostgresOptions { look: Duration::from_secs(3600), ..PostgresOptions::default() };
    Arc::new(PostgresEventStore::open(server, options).await.expect("a store"))
}

/// Somebody with the rights of Kilter's own user, but not its manners, in this schema.
///
/// # Panics
/// When the server does not let anybody in.
pub async fn intruder(schema: &str) -> tokio_postgres::Client {
    let mut config: tokio_postgres::Config = postgres_url().parse().expect("a PostgreSQL address");
    config.options(format!("-c search_path={schema}")).ssl_mode(SslMode::Disable);
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.expect("a connection");
    tokio::spawn(async { drop(connection.await) });
    client
}

/// A schema of a test's own on the server of [`postgres_url`]; nothing is left behind.
pub struct Schema(String);

impl Schema {
    /// One that is not there yet, of this name.
    pub fn new(name: String) -> Self {
        Self(name)
    }

    /// One that nobody else has.
    pub fn scratch() -> Self {
        Self::new(format!("test_{}", Uuid::from_bytes(random_bytes()).simple()))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let drop_it = format!("DROP SCHEMA IF EXISTS {0} CASCADE", self.0);
        // A runtime of its own: that of the test may be the one that is waiting here.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let dropped = runtime.block_on(async { intruder("public").await.batch_execute(&drop_it).await });
            dropped.map_err(std::io::Error::other)
        });
        if !matches!(dropping.join(), Ok(Ok(()))) {
            eprintln!("schema {} is left behind", self.0);
        }
    }
}

async fn in_log(url: &str, prefix: &str) -> Arc<EventStoreDb> {
    Arc::new(EventStoreDb::open(url, prefix, None).await.expect("a store"))
}

/// The PostgreSQL server that tests may use.
///
/// # Panics
/// When there is none.
pub fn postgres_url() -> String {
    named_postgres()
        .expect("KILTER_TEST_POSTGRES_URL names a PostgreSQL database; ./test contract starts one and sets it")
}

/// Whether there is one.
pub fn has_postgres() -> bool {
    named_postgres().is_some()
}

#[expect(clippy::disallowed_methods, reason = "a switch of the test runner, not a setting of Kilter")]
fn named_postgres() -> Option<String> {
    std::env::var("KILTER_TEST_POSTGRES_URL").ok()
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
