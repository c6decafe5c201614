//! Scheduling: which machine and operator does what when.

pub mod solver;
