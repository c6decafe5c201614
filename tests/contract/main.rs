//! The contract suite.

mod codec;
mod event_store;
mod run;
mod vault;
mod views;
