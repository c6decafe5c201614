//! The served API and the command line of Kilter.

pub mod auth;
pub mod cli;
pub mod client;
pub mod cookies;
pub mod demo;
mod ear;
pub mod escalation;
pub mod feeds;
pub mod graphql;
pub mod http;
pub mod identity;
pub mod import;
pub mod kilter;
pub mod live_handoff;
pub mod planning;
pub mod solve;
pub mod wiring;
