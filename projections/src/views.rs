//! The port through which rows are asked for. Adapters live in `infra`; questions are data, so that every store answers alike.

use domain::kernel::TenantId;
use domain::ports::{Future, Position};

use crate::projection::{Projection, Value};

/// Stands for the key in a condition, as a column of text that is never `Null`; keys are compared byte by byte.
pub const KEY: &str = "key";

/// One condition on an index column, or on the [`KEY`]; all conditions of a question must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Which column.
    pub column: &'static str,
    /// What must hold.
    pub test: Test,
}

/// What may be asked of a column. `Null` never passes, except `Is(Null)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// Equal.
    Is(Value),
    /// Equal to one of these.
    In(Vec<Value>),
    /// Equal to none of these.
    NotIn(Vec<Value>),
    /// At least.
    AtLeast(Value),
    /// Less than.
    Below(Value),
    /// Text that contains this, whatever the case of ASCII letters.
    Contains(String),
}

/// An order: by a column, then by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// By which column; `None` means by key alone.
    pub column: Option<&'static str>,
    /// Largest first.
    pub descending: bool,
}

/// Where a page begins: just after (or before) a row with this sort value and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seek {
    /// The row's value of the sort column; `Null` when sorting by key alone.
    pub value: Value,
    /// The row's key.
    pub key: String,
}

/// A question for a page of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// In which order.
    pub sort: Sort,
    /// Continue after this row in that order.
    pub after: Option<Seek>,
    /// Stop before this row in that order.
    pub before: Option<Seek>,
    /// Take the last `limit` instead of the first.
    pub from_end: bool,
    /// At most so many rows.
    pub limit: usize,
}

/// A row as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRow {
    /// Its key.
    pub key: String,
    /// Value of the column that the question sorted by; `Null` otherwise.
    pub sort: Value,
    /// Position of the last event that touched it.
    pub position: Position,
    /// The document, JSON.
    pub document: Vec<u8>,
}

/// A page of rows in the asked order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<StoredRow>,
    /// Whether more rows follow in the direction that was read.
    pub more: bool,
    /// How far the projection had come when this was read.
    pub position: Position,
}

/// Why a question got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    /// Trying again later may work.
    #[error("the view store is unavailable: {0}")]
    Unavailable(String),
    /// What is stored can't be read.
    #[error("the view store is damaged: {0}")]
    Corrupt(String),
}

/// Rows of projections, read-only. The tenant is part of every call.
pub trait Views: Send + Sync {
    /// The rows under these keys that exist, in the order of the keys.
    fn get(&self, projection: &'static str, tenant: TenantId, keys: Vec<String>)
    -> Future<'_, Result<Rows, ViewError>>;

    /// A page of rows.
    fn ask(
        &self,
        projection: &'static str,
        tenant: TenantId,
        question: Question,
    ) -> Future<'_, Result<Rows, ViewError>>;

    /// How many rows pass the conditions.
    fn count(
        &self,
        projection: &'static str,
        tenant: TenantId,
        conditions: Vec<Condition>,
    ) -> Future<'_, Result<u64, ViewError>>;
}

/// The document of a stored row.
pub fn decode<P: Projection>(stored: &StoredRow) -> Result<P::Row, ViewError> {
    serde_json::from_slice(&stored.document)
        .map_err(|error| ViewError::Corrupt(format!("row {} of {}: {error}", stored.key, P::NAME)))
}

/// The rows under these keys that exist, each with its key.
pub async fn get<P: Projection>(
    views: &dyn Views,
    tenant: TenantId,
    keys: Vec<String>,
) -> Result<Vec<(String, P::Row)>, ViewError> {
    let found = views.get(P::NAME, tenant, keys).await?;
    found.rows.into_iter().map(|stored| decode::<P>(&stored).map(|row| (stored.key, row))).collect()
}

/// Shows every row that passes `conditions` to `visit`, page by page: memory stays bounded whatever the number of rows.
pub async fn for_each<P: Projection>(
    views: &dyn Views,
    tenant: TenantId,
    conditions: Vec<Condition>,
    mut visit: impl FnMut(P::Row) + Send,
) -> Result<(), ViewError> {
    let sort = Sort { column: None, descending: false };
    let mut question = Question { conditions, sort, after: None, before: None, from_end: false, limit: PAGE };
    loop {
        let page = views.ask(P::NAME, tenant, question.clone()).await?;
        for stored in &page.rows {
            visit(decode::<P>(stored)?);
        }
        let Some(last) = page.rows.into_iter().next_back().filter(|_| page.more) else { return Ok(()) };
        question.after = Some(Seek { value: last.sort, key: last.key });
    }
}

/// Rows read at once where a question walks over many.
const PAGE: usize = 1000;
