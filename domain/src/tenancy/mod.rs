//! The tenant itself, and who belongs to it.
pub mod company;
pub mod feeds;
pub mod roster;
