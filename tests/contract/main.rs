//! The contract suite.

mod answers;
mod codec;
mod event_store;
mod mail;
mod nodes;
mod nodes_gone;
mod run;
mod vault;
mod vault_transfer;
mod views;
