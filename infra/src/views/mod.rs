//! Read models at rest: one table of documents per projection, asked by index columns and filled by the runner.

use projections::views::Views;

mod checkpoint;
mod digest;
mod postgres;
mod rows;
mod sqlite;
mod table;

pub use self::checkpoint::{Checkpoint, Parked};
pub use self::digest::{Digest, Digester, NOTHING};
pub use self::postgres::PostgresViews;
pub use self::rows::{Change, LEASE, Resting, RowKey, RowStore, RowStoreError, RowTransaction, Shelf, Work};
pub use self::sqlite::{OpenError, SqliteViews};
pub use self::table::{Shape, TableId};

/// A view store whole: for those who ask and for the runner.
pub trait ViewStore: Views + RowStore {}

impl<S: Views + RowStore> ViewStore for S {}
