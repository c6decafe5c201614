//! What the suites share: stores, servers, clients, clocks driven by hand.

pub mod acknowledged;
pub mod app;
pub mod cluster;
pub mod databases;
pub mod edge;
pub mod events;
pub mod eventstoredb;
pub mod floor;
pub mod golden;
pub mod newer;
pub mod place;
pub mod postgres_server;
pub mod process;
pub mod projecting;
pub mod rounds;
pub mod sdl;
pub mod shelf;
pub mod shop_history;
pub mod shop_store;
pub mod shops;
pub mod smtp_sink;
pub mod sources;
pub mod stores;
pub mod toy;
pub mod vaults;
pub mod view_stores;
