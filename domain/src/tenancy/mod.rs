//! The tenant itself.
pub mod company;
