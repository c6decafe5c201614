//! The contract suite.

mod event_store;
