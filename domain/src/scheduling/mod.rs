//! Scheduling: which machine and operator does what when.

pub mod placement;
pub mod scenario;
pub mod site_plan;
pub mod solver;
