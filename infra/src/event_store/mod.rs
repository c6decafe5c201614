//! Event stores: adapters of `domain::ports::EventStore`. One contract suite runs against all of them.

pub mod chain;
mod ended;
mod envelope;
mod eventstoredb;
mod listeners;
mod memory;
mod newer;
mod postgres;
mod prepared;
mod questions;
mod queue;
mod row;
mod sqlite;
pub mod transfer;

pub use ended::{EndedLog, last_at, last_until};
pub use eventstoredb::{EventStoreDb, EventStoreDbRefusal};
pub use listeners::{AppendBatch, Observer};
pub use memory::MemoryEventStore;
pub use postgres::{PostgresEventStore, PostgresOptions};
pub use prepared::MAX_APPEND_BYTES;
pub use sqlite::{OpenError, SqliteEventStore, SqliteOptions};
