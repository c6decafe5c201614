//! Read models of several nodes: one PostgreSQL schema, with one table of documents per projection, version and generation. Each
//! projection has one leading node that fills its table; every node answers questions from it.

mod digest;
mod leading;
mod listener;
mod question;
mod rows;
mod schema;
mod session;
mod transaction;
mod value;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use domain::kernel::TenantId;
use domain::ports::{Future, Position, Scope};
use projections::projection::Value;
use projections::views::{Condition, Question, Rows, StoredRow, ViewError, Views};
use tokio::runtime::Handle;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Error, Row};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use self::listener::Bells;
use self::question::Statement;
use self::session::Line;
use self::value::{of_integer, of_text, unescaped};
use super::{Shape, TableId};
use crate::postgres::{Failure, Parameters, Postgres, PostgresRefusal, is_damage};
use crate::random::random_bytes;

/// How often a question is asked anew when the table that it went to was replaced meanwhile.
const ATTEMPTS: usize = 4;

/// Read models in one schema of a PostgreSQL database.
pub struct PostgresViews {
    server: Arc<Postgres>,
    /// Drives the connections of those who wait on threads of their own.
    runtime: Handle,
    /// This process, among those that share the schema.
    node: Uuid,
    /// By name: the projections of this build, and in which generation of its table each was seen last.
    known: Mutex<HashMap<&'static str, (Shape, Option<u32>)>>,
    /// What this node took the lead of.
    led: Mutex<BTreeSet<(&'static str, u32)>>,
    writing: Mutex<Line>,
    leading: Mutex<Line>,
    bells: Arc<Bells>,
    _listener: AbortOnDropHandle<()>,
}

impl PostgresViews {
    /// Opens the schema, or makes it, for these projections. What it needs of the background runs on the current runtime until
    /// it is dropped.
    pub async fn open(server: Postgres, shapes: &[Shape]) -> Result<Self, PostgresRefusal> {
        server.migrate(&schema::STEPS).await?;
        let server = Arc::new(server);
        let node = Uuid::from_bytes(random_bytes());
        let bells = Arc::new(Bells::default());
        let listener = tokio::spawn(listener::listen(Arc::clone(&server), Arc::clone(&bells), node));
        Ok(Self {
            server,
            runtime: Handle::current(),
            node,
            known: Mutex::new(shapes.iter().map(|shape| (shape.name, (*shape, None))).collect()),
            led: Mutex::default(),
            writing: Mutex::default(),
            leading: Mutex::default(),
            bells,
            _listener: AbortOnDropHandle::new(listener),
        })
    }

    /// The projections of this build.
    fn shapes(&self) -> Vec<Shape> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().map(|(shape, _)| *shape).collect()
    }

    /// Asks what `statement` makes for the table of a projection, over again where it was another one's turn by then.
    async fn read(
        &self,
        projection: &'static str,
        statement: impl Fn(Shape, &TableId) -> Statement,
        tenant: TenantId,
    ) -> Result<Vec<Row>, ViewError> {
        for _ in 0..ATTEMPTS {
            let (shape, generation) = self.table(projection).await?;
            let id = TableId { projection: projection.to_owned(), version: shape.version, generation };
            let Statement { text, values, .. } = statement(shape, &id);
            let typed: Vec<_> = values.iter().map(value::Bound::typed).collect();
            let found = match self.server.ask_unprepared(Scope::Tenant(tenant), &text, &typed).await {
                Ok(rows) => match rows.first().map(|row| row.get::<_, i64>(0)) {
                    Some(found) if found == i64::from(generation) => return Ok(rows),
                    found => found.and_then(|found| u32::try_from(found).ok()),
                },
                Err(Failure::Sql(error)) if is_of_table(&error) => None,
                Err(failure) => return Err(self.failed(&failure)),
            };
            self.remember(projection, found);
        }
        Err(ViewError::Unavailable(format!("the table of {projection} is replaced all the time")))
    }

    /// The shape of a projection, and in which generation of its table the rows are.
    async fn table(&self, projection: &'static str) -> Result<(Shape, u32), ViewError> {
        let unknown = || ViewError::Unavailable(format!("no projection is called {projection}"));
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(projection).copied();
        let (shape, generation) = known.ok_or_else(unknown)?;
        if let Some(generation) = generation {
            return Ok((shape, generation));
        }
        let key: Parameters<'_> = &[&shape.name, &i64::from(shape.version)];
        let asked = self.server.ask(Scope::System, question::GENERATION, key).await;
        let rows = asked.map_err(|failure| self.failed(&failure))?;
        let generation = rows.first().and_then(|row| u32::try_from(row.get::<_, i64>(0)).ok());
        let unmade = || ViewError::Unavailable(format!("the rows of {projection} are not made yet"));
        let generation = generation.ok_or_else(unmade)?;
        self.remember(projection, Some(generation));
        Ok((shape, generation))
    }

    fn remember(&self, projection: &'static str, generation: Option<u32>) {
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get_mut(projection) {
            known.1 = generation;
        }
    }

    fn failed(&self, failure: &Failure) -> ViewError {
        let reason = self.server.explains(failure);
        if is_damage(failure) { ViewError::Corrupt(reason) } else { ViewError::Unavailable(reason) }
    }
}

/// Whether the table that was asked is gone.
fn is_of_table(error: &Error) -> bool {
    error.code() == Some(&SqlState::UNDEFINED_TABLE)
}

impl Views for PostgresViews {
    fn get(
        &self,
        projection: &'static str,
        tenant: TenantId,
        keys: Vec<String>,
    ) -> Future<'_, Result<Rows, ViewError>> {
        Box::pin(async move {
            let asked = |shape, table: &TableId| question::get(shape, table, tenant, &keys);
            let answer = self.read(projection, asked, tenant).await?;
            let row = |row: &Row| {
                let number = row.get::<_, Option<i64>>(2)?;
                let key = keys.get(usize::try_from(number).ok()?.checked_sub(1)?)?.clone();
                Some(StoredRow { key, sort: Value::Null, ..stored(row) })
            };
            Ok(Rows { rows: answer.iter().filter_map(row).collect(), more: false, position: of_projection(&answer) })
        })
    }

    fn ask(
        &self,
        projection: &'static str,
        tenant: TenantId,
        question: Question,
    ) -> Future<'_, Result<Rows, ViewError>> {
        Box::pin(async move {
            let asked = |shape, table: &TableId| question::page(shape, table, tenant, &question);
            let answer = self.read(projection, asked, tenant).await?;
            let row = |row: &Row| {
                let key = unescaped(row.get::<_, Option<&str>>(2)?);
                let sort = question.sort.column.map_or(Value::Null, |_| sort_value(row));
                Some(StoredRow { key, sort, ..stored(row) })
            };
            let mut rows: Vec<StoredRow> = answer.iter().filter_map(row).collect();
            let more = rows.len() > question.limit;
            rows.truncate(question.limit);
            if question.from_end {
                rows.reverse();
            }
            Ok(Rows { rows, more, position: of_projection(&answer) })
        })
    }

    fn count(
        &self,
        projection: &'static str,
        tenant: TenantId,
        conditions: Vec<Condition>,
    ) -> Future<'_, Result<u64, ViewError>> {
        Box::pin(async move {
            let asked = |shape, table: &TableId| question::count(shape, table, tenant, &conditions);
            let answer = self.read(projection, asked, tenant).await?;
            Ok(answer.first().map_or(0, |row| row.get::<_, i64>(1).unsigned_abs()))
        })
    }
}

/// Where the projection stands, of an answer's first row.
fn of_projection(answer: &[Row]) -> Position {
    answer.first().map(|row| position(row.get(1))).unwrap_or_default()
}

/// What every question for rows tells of one in the same columns.
fn stored(row: &Row) -> StoredRow {
    let document = row.get::<_, &str>(4).as_bytes().to_vec();
    StoredRow { key: String::new(), sort: Value::Null, position: position(row.get(3)), document }
}

fn sort_value(row: &Row) -> Value {
    if row.columns()[5].type_() == &tokio_postgres::types::Type::INT8 {
        of_integer(row.get(5))
    } else {
        of_text(row.get(5))
    }
}

fn position(stored: i64) -> Position {
    Position(stored.unsigned_abs())
}
