//! Event stores: adapters of `domain::ports::EventStore`. One contract suite runs against all of them.

pub mod chain;
mod envelope;
mod memory;
mod prepared;
mod sqlite;

pub use memory::MemoryEventStore;
pub use prepared::MAX_APPEND_BYTES;
pub use sqlite::{AppendBatch, Observer, OpenError, SqliteEventStore, SqliteOptions};
