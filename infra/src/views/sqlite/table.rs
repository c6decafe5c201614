//! One projection's rows as a table.

use domain::ports::Position;
use projections::projection::{IndexColumn, Value};
use rusqlite::types::{Value as Bound, ValueRef};
use rusqlite::{CachedStatement, Connection, params};

use super::sql;
use crate::views::{Change, Digest, Digester, NOTHING, TableId};

/// The statements that write one table.
pub(super) struct Writing<'c> {
    insert: CachedStatement<'c>,
    update: CachedStatement<'c>,
    delete: CachedStatement<'c>,
}

impl<'c> Writing<'c> {
    /// Ready to write many rows.
    pub(super) fn prepare(
        connection: &'c Connection,
        table: &TableId,
        indexes: &[IndexColumn],
    ) -> rusqlite::Result<Self> {
        Ok(Self {
            insert: connection.prepare_cached(&sql::put(table, indexes, false))?,
            update: connection.prepare_cached(&sql::put(table, indexes, true))?,
            delete: connection.prepare_cached(&sql::delete(table))?,
        })
    }

    /// Writes what becomes of one row.
    pub(super) fn write(&mut self, change: &Change) -> rusqlite::Result<()> {
        let (tenant, key) = &*change.key;
        let Some((index, document)) = &change.row else {
            return if change.stored {
                self.delete.execute(params![tenant.0.as_bytes(), key]).map(drop)
            } else {
                Ok(())
            };
        };
        let statement = if change.stored { &mut self.update } else { &mut self.insert };
        statement.raw_bind_parameter(1, tenant.0.as_bytes())?;
        statement.raw_bind_parameter(2, key)?;
        statement.raw_bind_parameter(3, change.position.0.cast_signed())?;
        statement.raw_bind_parameter(4, document)?;
        for (at, value) in index.iter().enumerate() {
            match value {
                Value::Null => statement.raw_bind_parameter(at + 5, NOTHING)?,
                Value::Integer(integer) => statement.raw_bind_parameter(at + 5, integer)?,
                Value::Text(text) => statement.raw_bind_parameter(at + 5, text.as_str())?,
            }
        }
        statement.raw_execute().map(drop)
    }
}

/// A value as it is bound. [`NOTHING`] stands for `Null`, so that every order and seek is one comparison: SQLite sorts it before
/// all other integers and before all text.
pub(super) fn bind(value: &Value) -> Bound {
    match value {
        Value::Null => Bound::Integer(NOTHING),
        Value::Integer(integer) => Bound::Integer(*integer),
        Value::Text(text) => Bound::Text(text.clone()),
    }
}

/// A value as it is read.
pub(super) fn unbind(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Integer(integer) if integer != NOTHING => Value::Integer(integer),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        _ => Value::Null,
    }
}

/// A stored position.
pub(super) fn position(stored: i64) -> Position {
    Position(stored.cast_unsigned())
}

/// The digest of a table.
pub(super) fn digest(connection: &Connection, table: &TableId) -> rusqlite::Result<Digest> {
    let mut statement = connection.prepare(&sql::scan(table))?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut digester = Digester::default();
    while let Some(row) = rows.next()? {
        digester.row();
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Integer(integer) => digester.integer(integer),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => digester.bytes(bytes),
                ValueRef::Null | ValueRef::Real(_) => {}
            }
        }
    }
    Ok(digester.finish())
}
