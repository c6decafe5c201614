//! The SQL of the view store. Names in it come only from projections' constants, values are always bound.

use std::borrow::Cow;

use projections::projection::{IndexColumn, Value};
use projections::views::{Condition, KEY, Question, Seek, Test};
use rusqlite::types::Value as Bound;

use super::table::bind;
use crate::views::TableId;

/// Reads the format of the file.
pub(super) const FORMAT: &str = "PRAGMA user_version";

/// Settings of the writing connection. Pages of 8 KiB and a mapped file halve the system calls of a rebuild.
pub(super) const WRITER: &str = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -64000; PRAGMA mmap_size = 268435456; PRAGMA wal_autocheckpoint = 12500;";

/// Settings of the connection that moves pages from the log into the file.
pub(super) const BACKFILLER: &str = "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -1000;";

/// Moves pages from the log into the file as far as nobody is in the way; waits for nobody.
pub(super) const BACKFILL: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// Settings of a reading connection. Every connection maps the file for itself, so that each may map only a little.
pub(super) const READER: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -4000; PRAGMA mmap_size = 33554432;";

/// What every file has.
pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS checkpoint (
        projection TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        generation INTEGER NOT NULL,
        position INTEGER NOT NULL,
        event BLOB
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS parked (
        projection TEXT NOT NULL,
        tenant BLOB NOT NULL,
        kind TEXT NOT NULL,
        stream BLOB NOT NULL,
        revision INTEGER NOT NULL,
        position INTEGER NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (projection, tenant, kind, stream)
    ) STRICT, WITHOUT ROWID;";

/// Which table a projection's rows are in, and how far it has come.
pub(super) const CHECKPOINT: &str = "SELECT version, generation, position, event FROM checkpoint WHERE projection = ?1";

/// Points a projection to a table.
pub(super) const POINT: &str = "INSERT INTO checkpoint (projection, version, generation, position, event)
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (projection) DO UPDATE SET version = excluded.version,
    generation = excluded.generation, position = excluded.position, event = excluded.event";

/// Moves a checkpoint on, if it stands where it is believed to stand.
pub(super) const ADVANCE: &str = "UPDATE checkpoint SET position = ?3, event = ?4, generation = ?6
    WHERE projection = ?1 AND position = ?2 AND generation = ?5";

/// Parks a stream for a projection.
pub(super) const PARK: &str = "INSERT OR IGNORE INTO parked
    (projection, tenant, kind, stream, revision, position, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// Forgets what a projection has parked.
pub(super) const UNPARK: &str = "DELETE FROM parked WHERE projection = ?1";

/// What a projection has parked.
pub(super) const PARKED: &str =
    "SELECT tenant, kind, stream, revision, position, reason FROM parked WHERE projection = ?1 ORDER BY position";

/// Tables of rows that no checkpoint points to: left by a crash, a rebuild or an older version.
pub(super) const STRAYS: &str = "SELECT name FROM sqlite_schema WHERE type = 'table'
    AND name NOT IN ('checkpoint', 'parked') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    AND name NOT IN (SELECT projection || '_v' || version || '_' || generation FROM checkpoint)";

/// Makes a table, empty even where an attempt has left one, without indexes. Index columns stand before the document, so that
/// reading them skips its overflow pages; they are `ANY` so that the stand-in for `Null` can be stored in a column of text.
pub(super) fn create(table: &TableId, indexes: &[IndexColumn]) -> String {
    let columns = each(indexes, |_, name| format!("i_{name} ANY NOT NULL, "));
    format!(
        "DROP TABLE IF EXISTS {table}; CREATE TABLE {table} (tenant BLOB NOT NULL, key TEXT NOT NULL, \
         position INTEGER NOT NULL, {columns}document TEXT NOT NULL, PRIMARY KEY (tenant, key)) STRICT;"
    )
}

/// Makes one of a table's indexes, unless it is there.
pub(super) fn create_index(table: &TableId, IndexColumn { name, .. }: &IndexColumn) -> String {
    format!("CREATE INDEX IF NOT EXISTS {table}_{name} ON {table} (tenant, i_{name}, key)")
}

/// Removes a table.
pub(super) fn drop(table: &str) -> String {
    format!("DROP TABLE IF EXISTS {table}")
}

/// Reads one row.
pub(super) fn load(table: &TableId) -> String {
    format!("SELECT position, document FROM {table} WHERE tenant = ?1 AND key = ?2")
}

/// Writes a row that is not there yet, or (`replace`) one that is.
pub(super) fn put(table: &TableId, indexes: &[IndexColumn], replace: bool) -> String {
    if replace {
        let columns = each(indexes, |at, name| format!(", i_{name} = ?{}", at + 5));
        return format!("UPDATE {table} SET position = ?3, document = ?4{columns} WHERE tenant = ?1 AND key = ?2");
    }
    let columns = each(indexes, |_, name| format!(", i_{name}"));
    let places = each(indexes, |at, _| format!(", ?{}", at + 5));
    format!("INSERT INTO {table} (tenant, key, position, document{columns}) VALUES (?1, ?2, ?3, ?4{places})")
}

/// A piece of text for each index column.
fn each(indexes: &[IndexColumn], piece: impl Fn(usize, &str) -> String) -> String {
    indexes.iter().enumerate().map(|(at, column)| piece(at, column.name)).collect::<Vec<_>>().concat()
}

/// Removes a row.
pub(super) fn delete(table: &TableId) -> String {
    format!("DELETE FROM {table} WHERE tenant = ?1 AND key = ?2")
}

/// Every row with all its columns in one order.
pub(super) fn scan(table: &TableId) -> String {
    format!("SELECT * FROM {table} ORDER BY tenant, key")
}

/// A statement with the values that it binds, the tenant first.
pub(super) struct Statement {
    /// The text.
    pub(super) text: String,
    /// The values, in the order of the places.
    pub(super) values: Vec<Bound>,
}

impl Statement {
    fn add(&mut self, pieces: &[&str]) {
        self.text += &pieces.concat();
    }

    fn place(&mut self, value: Bound) {
        self.values.push(value);
        let place = self.values.len().to_string();
        self.add(&["?", &place]);
    }

    fn conditions(&mut self, conditions: &[Condition]) {
        for condition in conditions {
            self.add(&[" AND "]);
            self.condition(condition);
        }
    }

    fn condition(&mut self, Condition { column, test }: &Condition) {
        let column = &*named(column);
        match test {
            Test::Is(value) => {
                self.add(&[column, " = "]);
                self.place(bind(value));
            }
            Test::In(values) => self.listed(column, " IN (", values),
            Test::NotIn(values) => {
                self.add(&[column, " > "]);
                self.place(bind(&Value::Null));
                self.add(&[" AND "]);
                self.listed(column, " NOT IN (", values);
            }
            Test::AtLeast(Value::Null) | Test::Below(Value::Null) => self.add(&["0"]),
            Test::AtLeast(value) => self.bound(column, ">=", value),
            Test::Below(value) => self.bound(column, "<", value),
            Test::Contains(text) => {
                // SQLite's lower() changes ASCII letters only, as the question asks.
                self.add(&["typeof(", column, ") = 'text' AND instr(lower(", column, "), lower("]);
                self.place(Bound::Text(text.clone()));
                self.add(&[")) > 0"]);
            }
        }
    }

    fn listed(&mut self, column: &str, operator: &str, values: &[Value]) {
        self.add(&[column, operator]);
        for (at, value) in values.iter().filter(|value| **value != Value::Null).enumerate() {
            self.add(&[if at == 0 { "" } else { ", " }]);
            self.place(bind(value));
        }
        self.add(&[")"]);
    }

    /// `Null`'s stand-in is below everything, so that only a lower bound of its own keeps it out.
    fn bound(&mut self, column: &str, operator: &str, value: &Value) {
        self.add(&[column, " > "]);
        self.place(bind(&Value::Null));
        self.add(&[" AND ", column, " ", operator, " "]);
        self.place(bind(value));
    }

    fn seek(&mut self, column: Option<&str>, operator: &str, seek: &Seek) {
        if let Some(column) = column {
            self.add(&[" AND (i_", column, ", key) ", operator, " ("]);
            self.place(bind(&seek.value));
            self.add(&[", "]);
            self.place(Bound::Text(seek.key.clone()));
            self.add(&[")"]);
        } else {
            self.add(&[" AND key ", operator, " "]);
            self.place(Bound::Text(seek.key.clone()));
        }
    }
}

/// A column as the table has it.
fn named(column: &str) -> Cow<'_, str> {
    if column == KEY { Cow::Borrowed(column) } else { Cow::Owned(format!("i_{column}")) }
}

/// Counts the rows that pass.
pub(super) fn count(table: &TableId, tenant: Bound, conditions: &[Condition]) -> Statement {
    let text = format!("SELECT count(*) FROM {table} WHERE tenant = ?1");
    let mut statement = Statement { text, values: vec![tenant] };
    statement.conditions(conditions);
    statement
}

/// Reads one row more than a page in the direction of reading: `key`, `position`, sort value, `document`.
pub(super) fn page(table: &TableId, tenant: Bound, question: &Question) -> Statement {
    let column = question.sort.column;
    let sort = column.map_or_else(|| "NULL".to_owned(), |column| format!("i_{column}"));
    let text = format!("SELECT key, position, {sort}, document FROM {table} WHERE tenant = ?1");
    let mut statement = Statement { text, values: vec![tenant] };
    statement.conditions(&question.conditions);
    let (later, earlier) = if question.sort.descending { ("<", ">") } else { (">", "<") };
    if let Some(seek) = &question.after {
        statement.seek(column, later, seek);
    }
    if let Some(seek) = &question.before {
        statement.seek(column, earlier, seek);
    }
    let direction = if question.sort.descending == question.from_end { "ASC" } else { "DESC" };
    let by_column = column.map(|column| format!("i_{column} {direction}, ")).unwrap_or_default();
    statement.add(&[" ORDER BY ", &by_column, "key ", direction, " LIMIT "]);
    statement.place(Bound::Integer(i64::try_from(question.limit).unwrap_or(i64::MAX).saturating_add(1)));
    statement
}
