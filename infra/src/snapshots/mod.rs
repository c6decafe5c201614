//! Snapshots of long streams. Whatever happens to them, the log has all that is in them.

mod postgres;
mod sqlite;

pub use postgres::PostgresSnapshots;
pub use sqlite::SqliteSnapshots;
