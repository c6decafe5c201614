//! What the suites share: stores, servers, clients, clocks driven by hand.

pub mod golden;
pub mod sources;
