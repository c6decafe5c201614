//! View stores that belong to one test each, without a runner: the test itself writes what the runner would.

use std::sync::Arc;

use domain::kernel::TenantId;
use domain::ports::Position;
use infra::postgres::Postgres;
use infra::views::{
    Change, Checkpoint, PostgresViews, RowStore, RowStoreError, RowTransaction, Shape, SqliteViews, TableId,
};
use projections::projection::{IndexColumn, Value};
use projections::views::{Condition, Question, Rows, ViewError, Views};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::stores::{Schema, intruder, postgres_url};

/// The one projection of these stores: a column of text and one of integers, each of which may be `Null`.
pub const SHELF: Shape =
    Shape { name: "shelf", version: 1, indexes: &[IndexColumn::text("name"), IndexColumn::integer("cost")] };

/// The tenant whose rows these are where a test has one only.
pub const OURS: TenantId = TenantId(Uuid::from_u128(1));

/// A row of the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its key.
    pub key: String,
    /// Its text.
    pub name: Value,
    /// Its integer.
    pub cost: Value,
}

impl Item {
    /// Of these.
    pub fn new(key: &str, name: Option<&str>, cost: Option<i64>) -> Self {
        let name = name.map_or(Value::Null, |name| Value::Text(name.to_owned()));
        Self { key: key.to_owned(), name, cost: cost.map_or(Value::Null, Value::Integer) }
    }

    /// Its document.
    pub fn document(&self) -> String {
        serde_json::to_string(&self.key).expect("a string is JSON")
    }

    /// That it is written, at this position.
    pub fn put(&self, tenant: TenantId, position: u64) -> Change {
        let row = Some((vec![self.name.clone(), self.cost.clone()], self.document()));
        Change { key: Arc::new((tenant, self.key.clone())), position: Position(position), stored: false, row }
    }
}

/// Where the shelf is, in this generation of its table.
pub fn at(generation: u32, position: u64) -> Checkpoint {
    let event = (position > 0).then(|| Uuid::from_u128(0xe000 + u128::from(position)));
    Checkpoint { table: table(generation), position: Position(position), event }
}

/// The shelf's table.
pub fn table(generation: u32) -> TableId {
    TableId { projection: SHELF.name.to_owned(), version: SHELF.version, generation }
}

/// A store with the place that it lies in.
pub struct TestViews {
    /// For who fills it.
    pub rows: Arc<dyn RowStore>,
    /// For who asks.
    pub views: Arc<dyn Views>,
    runtime: Arc<Runtime>,
    home: Arc<Home>,
}

enum Home {
    Memory,
    File(TempDir),
    Schema(Schema),
}

impl TestViews {
    /// An empty one in memory.
    pub fn memory() -> Self {
        Self::sqlite(SqliteViews::in_memory().expect("views"), Home::Memory)
    }

    /// An empty one in a file.
    pub fn file() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        Self::sqlite(SqliteViews::open(&folder.path().join("views.db")).expect("views"), Home::File(folder))
    }

    /// An empty one on the PostgreSQL server that `KILTER_TEST_POSTGRES_URL` names.
    pub fn postgres() -> Self {
        let schema = Schema::scratch();
        let runtime = runtime();
        let views = runtime.block_on(in_schema(schema.name()));
        Self { rows: Arc::<PostgresViews>::clone(&views), views, runtime, home: Arc::new(Home::Schema(schema)) }
    }

    fn sqlite(views: SqliteViews, home: Home) -> Self {
        let views = Arc::new(views);
        Self { rows: Arc::<SqliteViews>::clone(&views), views, runtime: runtime(), home: Arc::new(home) }
    }

    /// Another one over the same place, as another node has it.
    ///
    /// # Panics
    /// Where a store is one node's only.
    pub fn other_node(&self) -> Self {
        let views = self.runtime.block_on(in_schema(self.schema()));
        let (runtime, home) = (Arc::clone(&self.runtime), Arc::clone(&self.home));
        Self { rows: Arc::<PostgresViews>::clone(&views), views, runtime, home }
    }

    /// The schema that it lies in.
    ///
    /// # Panics
    /// Where it lies in none.
    pub fn schema(&self) -> &str {
        match &*self.home {
            Home::Schema(schema) => schema.name(),
            Home::Memory => panic!("a store without a schema"),
            Home::File(folder) => panic!("a store in {}", folder.path().display()),
        }
    }

    /// What somebody with the rights of Kilter's own user, but not its manners, is told in the first column of the first row.
    ///
    /// # Panics
    /// When the server does not do it.
    pub fn intrude(&self, statement: &str) -> Option<String> {
        let told = async { intruder(self.schema()).await.simple_query(statement).await };
        let messages = self.runtime.block_on(told).expect("an intrusion");
        messages.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
    }

    /// Does this in one transaction.
    ///
    /// # Panics
    /// When it fails.
    pub fn transact(&self, work: impl Fn(&mut dyn RowTransaction) -> Result<(), RowStoreError>) {
        self.rows.transact(&mut |transaction| work(transaction)).expect("a transaction");
    }

    /// Fills a table of its own with these rows of each tenant and points to it.
    pub fn fill(&self, generation: u32, items: &[(TenantId, Item)]) {
        let changes: Vec<Change> = items.iter().map(|(tenant, item)| item.put(*tenant, 7)).collect();
        self.transact(|transaction| {
            transaction.create(SHELF, &table(generation))?;
            transaction.write(SHELF, &table(generation), &changes)?;
            transaction.point(&at(generation, 7))
        });
        let index = |column| self.rows.index(&table(generation), column).expect("an index");
        SHELF.indexes.iter().for_each(index);
    }

    /// A page of the shelf.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn ask(&self, tenant: TenantId, question: Question) -> Rows {
        self.runtime.block_on(self.views.ask(SHELF.name, tenant, question)).expect("an answer")
    }

    /// How many of the shelf's rows pass.
    pub fn count(&self, tenant: TenantId, conditions: Vec<Condition>) -> Result<u64, ViewError> {
        self.runtime.block_on(self.views.count(SHELF.name, tenant, conditions))
    }

    /// The shelf's rows under these keys.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn get(&self, tenant: TenantId, keys: &[&str]) -> Rows {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        self.runtime.block_on(self.views.get(SHELF.name, tenant, keys)).expect("an answer")
    }

    /// Waits for what a task of the background does.
    pub fn wait<T>(&self, what: impl Future<Output = T>) -> T {
        self.runtime.block_on(what)
    }
}

fn runtime() -> Arc<Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    Arc::new(builder.worker_threads(1).enable_all().build().expect("a runtime"))
}

async fn in_schema(schema: &str) -> Arc<PostgresViews> {
    let server = Postgres::new(&postgres_url(), schema).expect("a PostgreSQL address");
    Arc::new(PostgresViews::open(server, &[SHELF]).await.expect("views"))
}
