//! The people of the shop floor.
pub mod absence;
pub mod operator;
