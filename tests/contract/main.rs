//! The contract suite.

mod event_store;
mod views;
