//! Snapshots of long streams. Whatever happens to them, the log has all that is in them.

mod sqlite;

pub use sqlite::SqliteSnapshots;
