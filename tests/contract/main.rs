//! The contract suite.

mod answers;
mod codec;
mod event_store;
mod nodes;
mod run;
mod vault;
mod vault_transfer;
mod views;
