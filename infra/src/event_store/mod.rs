//! Event stores: adapters of `domain::ports::EventStore`. One contract suite runs against all of them.

pub mod chain;
mod envelope;
mod memory;
mod prepared;

pub use memory::MemoryEventStore;
pub use prepared::MAX_APPEND_BYTES;
