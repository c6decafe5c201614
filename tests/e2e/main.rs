//! The e2e suite.

mod floor;
mod shop;
