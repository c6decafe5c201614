//! The contract suite.

mod codec;
mod event_store;
mod vault;
mod views;
