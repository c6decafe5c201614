//! One projection's rows as a table, for whom folds them.

use std::fmt;

use super::digest::{Digest, Digester, NOTHING};
use super::sql;
use domain::kernel::TenantId;
use domain::ports::Position;
use projections::projection::{IndexColumn, Projection, Value};
use rusqlite::types::{Value as Bound, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

/// What a projection's table looks like.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The projection's name.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    /// Its index columns.
    pub indexes: &'static [IndexColumn],
}

impl Shape {
    /// The shape that `P` declares.
    pub const fn of<P: Projection>() -> Self {
        Self { name: P::NAME, version: P::VERSION, indexes: P::INDEXES }
    }
}

/// Name of a table: projection, version, and a generation that each rebuild raises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableId {
    /// Whose.
    pub projection: String,
    /// Of which version.
    pub version: u32,
    /// After how many rebuilds.
    pub generation: u32,
}

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_v{}_{}", self.projection, self.version, self.generation)
    }
}

/// A table with its statements' text.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) id: TableId,
    pub(crate) shape: Shape,
    load: String,
    insert: String,
    update: String,
    delete: String,
}

/// A row to write.
pub(crate) struct Put<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) key: &'a str,
    pub(crate) position: Position,
    pub(crate) index: &'a [Value],
    pub(crate) document: &'a str,
}

impl Table {
    /// The table of `shape` in this generation.
    pub(crate) fn new(shape: Shape, generation: u32) -> Self {
        let id = TableId { projection: shape.name.to_owned(), version: shape.version, generation };
        Self {
            load: sql::load(&id),
            insert: sql::put(&id, shape.indexes, false),
            update: sql::put(&id, shape.indexes, true),
            delete: sql::delete(&id),
            id,
            shape,
        }
    }

    /// Makes it, empty and without indexes: filling it is several times faster without them.
    pub(crate) fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(&sql::create(&self.id, self.shape.indexes))
    }

    /// The statements that make its indexes; each takes as long as reading the table.
    pub(crate) fn indexes(&self) -> impl Iterator<Item = String> {
        self.shape.indexes.iter().map(|column| sql::create_index(&self.id, column))
    }

    /// Gives the row under a key to `read`.
    pub(crate) fn load<T>(
        &self,
        connection: &Connection,
        tenant: TenantId,
        key: &str,
        read: impl FnOnce(Position, &[u8]) -> T,
    ) -> rusqlite::Result<Option<T>> {
        let mut statement = connection.prepare_cached(&self.load)?;
        let row = |row: &rusqlite::Row<'_>| Ok(read(position(row.get(0)?), row.get_ref(1)?.as_bytes()?));
        statement.query_row(params![tenant.0.as_bytes(), key], row).optional()
    }

    /// Ready to write many rows.
    pub(crate) fn writing<'c>(&self, connection: &'c Connection) -> rusqlite::Result<Writing<'c>> {
        Ok(Writing {
            insert: connection.prepare_cached(&self.insert)?,
            update: connection.prepare_cached(&self.update)?,
            delete: connection.prepare_cached(&self.delete)?,
        })
    }
}

/// The statements that write one table.
pub(crate) struct Writing<'c> {
    insert: CachedStatement<'c>,
    update: CachedStatement<'c>,
    delete: CachedStatement<'c>,
}

impl Writing<'_> {
    /// Writes a row; `stored` tells whether one is there already.
    pub(crate) fn put(&mut self, row: &Put<'_>, stored: bool) -> rusqlite::Result<()> {
        let statement = if stored { &mut self.update } else { &mut self.insert };
        statement.raw_bind_parameter(1, row.tenant.0.as_bytes())?;
        statement.raw_bind_parameter(2, row.key)?;
        statement.raw_bind_parameter(3, row.position.0.cast_signed())?;
        statement.raw_bind_parameter(4, row.document)?;
        for (at, value) in row.index.iter().enumerate() {
            match value {
                Value::Null => statement.raw_bind_parameter(at + 5, NOTHING)?,
                Value::Integer(integer) => statement.raw_bind_parameter(at + 5, integer)?,
                Value::Text(text) => statement.raw_bind_parameter(at + 5, text.as_str())?,
            }
        }
        statement.raw_execute().map(drop)
    }

    /// Removes a row.
    pub(crate) fn delete(&mut self, tenant: TenantId, key: &str) -> rusqlite::Result<()> {
        self.delete.execute(params![tenant.0.as_bytes(), key]).map(drop)
    }
}

/// A value as it is bound.
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
pub(crate) fn digest(connection: &Connection, table: &TableId) -> rusqlite::Result<Digest> {
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
