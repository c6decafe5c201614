//! The runner's side of the file: what the port asks, in its one connection that writes.

use std::sync::Arc;

use projections::projection::IndexColumn;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::SqliteViews;
use super::checkpoint::{advance, checkpoint, park, parked, point, sweep, unpark};
use super::sql;
use super::table::{Writing, digest, position};
use crate::views::{
    Change, Checkpoint, Digest, Parked, Resting, RowKey, RowStore, RowStoreError, RowTransaction, Shape, Shelf,
    TableId, Work,
};

impl From<rusqlite::Error> for RowStoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl Shelf for SqliteViews {
    fn load(&self, table: &TableId, keys: &[Arc<RowKey>]) -> Result<Vec<Resting>, RowStoreError> {
        Ok(self.database.read(|connection| load(connection, table, keys))?)
    }
}

impl RowStore for SqliteViews {
    fn checkpoints(&self, shapes: &[Shape]) -> Result<Vec<Option<Checkpoint>>, RowStoreError> {
        let read =
            |connection: &Transaction<'_>| shapes.iter().map(|shape| checkpoint(connection, shape.name)).collect();
        Ok(self.database.read(read)?)
    }

    fn parked(&self, shapes: &[Shape]) -> Result<Vec<Parked>, RowStoreError> {
        let mut all = Vec::new();
        for shape in shapes {
            all.extend(self.database.read(|connection| parked(connection, shape.name))?);
        }
        Ok(all)
    }

    fn transact(&self, work: &mut Work<'_>) -> Result<(), RowStoreError> {
        {
            let mut connection = self.database.writer();
            let mut rows = SqliteRows(connection.transaction_with_behavior(TransactionBehavior::Immediate)?);
            work(&mut rows)?;
            rows.0.commit()?;
        }
        self.database.committed();
        Ok(())
    }

    fn index(&self, table: &TableId, column: &IndexColumn) -> Result<(), RowStoreError> {
        Ok(self.database.writer().execute_batch(&sql::create_index(table, column))?)
    }

    fn digests(&self, tables: &[TableId]) -> Result<Vec<Digest>, RowStoreError> {
        let read = |connection: &Transaction<'_>| tables.iter().map(|table| digest(connection, table)).collect();
        Ok(self.database.read(read)?)
    }

    fn lead(&self, shapes: &[Shape]) -> Result<Vec<&'static str>, RowStoreError> {
        Ok(shapes.iter().map(|shape| shape.name).collect())
    }

    fn ask_for_lead(&self, _: &[Shape]) -> Result<(), RowStoreError> {
        Ok(())
    }

    fn resign(&self) {}

    fn on_commit(&self, _: Arc<dyn Fn() + Send + Sync>) {}
}

fn load(connection: &Connection, table: &TableId, keys: &[Arc<RowKey>]) -> rusqlite::Result<Vec<Resting>> {
    let mut statement = connection.prepare_cached(&sql::load(table))?;
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let mut rows = statement.query((key.0.0.as_bytes(), &key.1))?;
        if let Some(row) = rows.next()? {
            let document = row.get_ref(1)?.as_bytes()?.to_vec();
            found.push(Resting { key: RowKey::clone(key), position: position(row.get(0)?), document });
        }
    }
    Ok(found)
}

/// The runner's transaction.
struct SqliteRows<'c>(Transaction<'c>);

impl RowTransaction for SqliteRows<'_> {
    fn endure(&mut self) -> Result<(), RowStoreError> {
        Ok(())
    }

    fn create(&mut self, shape: Shape, table: &TableId) -> Result<(), RowStoreError> {
        Ok(self.0.execute_batch(&sql::create(table, shape.indexes))?)
    }

    fn point(&mut self, checkpoint: &Checkpoint) -> Result<(), RowStoreError> {
        Ok(point(&self.0, checkpoint)?)
    }

    fn advance(&mut self, checkpoint: &Checkpoint, to: &Checkpoint) -> Result<bool, RowStoreError> {
        Ok(advance(&self.0, checkpoint, to)?)
    }

    fn write(&mut self, shape: Shape, table: &TableId, changes: &[Change]) -> Result<(), RowStoreError> {
        let mut writing = Writing::prepare(&self.0, table, shape.indexes)?;
        Ok(changes.iter().try_for_each(|change| writing.write(change))?)
    }

    fn park(&mut self, shape: Shape, parked: &Parked) -> Result<(), RowStoreError> {
        Ok(park(&self.0, shape.name, parked)?)
    }

    fn unpark(&mut self, shape: Shape) -> Result<(), RowStoreError> {
        Ok(unpark(&self.0, shape.name)?)
    }

    fn sweep(&mut self) -> Result<(), RowStoreError> {
        Ok(sweep(&self.0)?)
    }
}
