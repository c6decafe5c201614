//! A projection is a fold over documents: which rows an event touches, and what each becomes.

use domain::kernel::Timestamp;
use domain::ports::Recorded;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// A column beside the document that can be filtered and sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexColumn {
    /// Lower-case name, a SQL identifier.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
}

impl IndexColumn {
    /// A column of text.
    pub const fn text(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Text }
    }

    /// A column of integers (instants are microseconds).
    pub const fn integer(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Integer }
    }
}

/// What an index column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// UTF-8, compared byte by byte.
    Text,
    /// Signed 64-bit.
    Integer,
}

/// A value of an index column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Nothing known; sorts first.
    Null,
    /// Of an integer column.
    Integer(i64),
    /// Of a text column.
    Text(String),
}

/// A read model: one document per (tenant, key), the same code on every view store.
pub trait Projection: Send + Sync + 'static {
    /// Its name; lower-case, a SQL identifier.
    const NAME: &'static str;
    /// Raised whenever the fold or the row changes: the table is rebuilt under the new version beside the old one.
    const VERSION: u32;
    /// What it can be filtered and sorted by.
    const INDEXES: &'static [IndexColumn];
    /// The document.
    type Row: Serialize + DeserializeOwned + Clone + PartialEq + Send + Sync + 'static;

    /// The keys of the rows that this event touches; empty when it is none of this projection's business.
    fn keys(event: &Recorded) -> Vec<String>;

    /// What the row under `key` becomes; `None` deletes it (or leaves it absent).
    fn evolve(row: Option<Self::Row>, key: &str, event: &Recorded) -> Option<Self::Row>;

    /// Why this event can't have happened to this row, where it can't: its stream is then put aside for this projection
    /// until somebody has looked at it, instead of being folded into nonsense.
    fn impossible(_row: Option<&Self::Row>, _key: &str, _event: &Recorded) -> Option<&'static str> {
        None
    }

    /// The index columns of a row, in the order of [`Self::INDEXES`].
    fn index(row: &Self::Row) -> Vec<Value>;
}

/// The key of the row of one thing: its identity in 32 hexadecimal digits.
pub fn row_key(id: Uuid) -> String {
    id.simple().encode_lower(&mut Uuid::encode_buffer()).to_owned()
}

/// The index value of an instant.
pub fn instant_value(instant: Option<Timestamp>) -> Value {
    instant.map_or(Value::Null, |instant| Value::Integer(instant.as_micros()))
}

/// The index value of a text.
pub fn text_value(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}

/// The index value of an identity: the same text as its row's key.
pub fn id_value(id: Uuid) -> Value {
    Value::Text(row_key(id))
}
