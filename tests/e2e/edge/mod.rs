//! The HTTP edge over a toy schema: protocols, limits, shared subscriptions, attacks.

mod audits;
mod bombs;
mod connections;
mod fuzz;
mod http;
mod sharing;
mod slow_readers;
mod sockets;
mod sse;
mod web;
