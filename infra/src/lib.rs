//! Adapters: everything that touches the outside world.

mod bounded;
mod certificates;
pub mod clock;
pub mod codec;
pub mod config;
pub mod data_folder;
pub mod doctor;
pub mod event_store;
pub mod identity;
pub mod ids;
pub mod live;
pub mod mail;
pub mod postgres;
pub mod random;
pub mod runner;
pub mod snapshots;
pub mod telemetry;
pub mod vault;
pub mod views;
