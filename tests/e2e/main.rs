//! The e2e suite.

mod floor;
mod recount;
mod shop;
mod truth;
