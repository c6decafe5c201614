//! The people of the shop floor.
pub mod operator;
