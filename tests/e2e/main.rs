//! The e2e suite.

mod edge;
mod floor;
mod isolation;
mod live;
mod published;
mod recount;
mod shop;
mod truth;
