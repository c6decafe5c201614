//! Read models on SQLite: one table of documents per projection, asked by index columns. One adapter for the file and for memory.

mod backfill;
mod checkpoint;
mod database;
mod rows;
mod sql;
mod table;

use std::path::Path;
use std::sync::Arc;

use domain::kernel::TenantId;
use domain::ports::Future;
use projections::views::{Condition, Question, Rows, StoredRow, ViewError, Views};
use rusqlite::types::Value as Bound;
use rusqlite::{OptionalExtension, Transaction, params_from_iter};
use tokio::sync::Semaphore;

pub use self::database::OpenError;
use self::database::{Database, damaged};
use self::table::{position, unbind};
use super::{Checkpoint, Digest, TableId};

/// Questions that are answered at once; more wait their turn.
const READERS: usize = 8;

/// Read models in an SQLite database.
#[derive(Clone)]
pub struct SqliteViews {
    database: Arc<Database>,
    turns: Arc<Semaphore>,
}

impl SqliteViews {
    /// Opens or makes the file; a damaged one is moved aside (the runner then rebuilds from the events).
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self::over(Database::open(path)?))
    }

    /// In memory, gone with the last clone: for tests, and for a past state.
    pub fn in_memory() -> Result<Self, OpenError> {
        Ok(Self::over(Database::in_memory()?))
    }

    fn over(database: Database) -> Self {
        Self { database: Arc::new(database), turns: Arc::new(Semaphore::new(READERS)) }
    }

    /// The digest of a projection's rows as they are now.
    pub async fn digest(&self, projection: &'static str) -> Result<Digest, ViewError> {
        self.read(projection, |transaction, checkpoint| table::digest(transaction, &checkpoint.table)).await
    }

    /// Answers from one committed state, off the asynchronous threads.
    async fn read<T: Send + 'static>(
        &self,
        projection: &'static str,
        answer: impl FnOnce(&Transaction<'_>, &Checkpoint) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, ViewError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(unavailable)?;
        let database = Arc::clone(&self.database);
        let read = move || {
            let answer = database.read(|transaction| match checkpoint::checkpoint(transaction, projection)? {
                Some(checkpoint) => answer(transaction, &checkpoint).map(Some),
                None => Ok(None),
            });
            drop(turn);
            answer
        };
        match tokio::task::spawn_blocking(read).await.map_err(unavailable)? {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(ViewError::Unavailable(format!("no projection is called {projection}"))),
            Err(error) if damaged(&error) => Err(ViewError::Corrupt(error.to_string())),
            Err(error) => Err(unavailable(error)),
        }
    }
}

fn unavailable(error: impl std::fmt::Display) -> ViewError {
    ViewError::Unavailable(error.to_string())
}

impl Views for SqliteViews {
    fn get(
        &self,
        projection: &'static str,
        tenant: TenantId,
        keys: Vec<String>,
    ) -> Future<'_, Result<Rows, ViewError>> {
        Box::pin(self.read(projection, move |transaction, checkpoint| get(transaction, checkpoint, tenant, keys)))
    }

    fn ask(
        &self,
        projection: &'static str,
        tenant: TenantId,
        question: Question,
    ) -> Future<'_, Result<Rows, ViewError>> {
        Box::pin(self.read(projection, move |transaction, checkpoint| {
            let rows = ask(transaction, &checkpoint.table, tenant, &question)?;
            Ok(Rows { position: checkpoint.position, ..rows })
        }))
    }

    fn count(
        &self,
        projection: &'static str,
        tenant: TenantId,
        conditions: Vec<Condition>,
    ) -> Future<'_, Result<u64, ViewError>> {
        Box::pin(self.read(projection, move |transaction, checkpoint| {
            let statement = sql::count(&checkpoint.table, bound(tenant), &conditions);
            let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
            let rows =
                transaction.prepare_cached(&statement.text)?.query_one(params_from_iter(statement.values), count)?;
            Ok(rows.unsigned_abs())
        }))
    }
}

fn bound(tenant: TenantId) -> Bound {
    Bound::Blob(tenant.0.as_bytes().to_vec())
}

fn get(
    transaction: &Transaction<'_>,
    checkpoint: &Checkpoint,
    tenant: TenantId,
    keys: Vec<String>,
) -> rusqlite::Result<Rows> {
    let mut statement = transaction.prepare_cached(&sql::load(&checkpoint.table))?;
    let mut rows = Vec::with_capacity(keys.len());
    for key in keys {
        let stored = statement
            .query_row((tenant.0.as_bytes(), &key), |row| {
                Ok((position(row.get(0)?), row.get_ref(1)?.as_bytes()?.to_vec()))
            })
            .optional()?;
        if let Some((position, document)) = stored {
            rows.push(StoredRow { key, sort: projections::projection::Value::Null, position, document });
        }
    }
    Ok(Rows { rows, more: false, position: checkpoint.position })
}

fn ask(
    transaction: &Transaction<'_>,
    table: &TableId,
    tenant: TenantId,
    question: &Question,
) -> rusqlite::Result<Rows> {
    let statement = sql::page(table, bound(tenant), question);
    let mut prepared = transaction.prepare_cached(&statement.text)?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(StoredRow {
            key: row.get(0)?,
            position: position(row.get(1)?),
            sort: unbind(row.get_ref(2)?),
            document: row.get_ref(3)?.as_bytes()?.to_vec(),
        })
    };
    let mut rows =
        prepared.query_map(params_from_iter(statement.values), read)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = rows.len() > question.limit;
    rows.truncate(question.limit);
    if question.from_end {
        rows.reverse();
    }
    Ok(Rows { rows, more, ..Rows::default() })
}
