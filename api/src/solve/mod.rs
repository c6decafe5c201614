//! Planning what a file asks, apart from any workspace: formats in; plans, tables and charts out.

pub mod answer;
pub mod checked;
pub mod comparison;
pub mod crew;
pub mod error;
pub mod file;
pub mod gantt;
pub mod goal;
pub mod instance;
mod job_shop;
pub mod plan_file;
mod shop;
pub mod table;
pub mod target;
pub mod units;
pub mod why;

pub use self::error::InstanceError;
pub use self::instance::{Id, Instance, Kind};

#[cfg(test)]
mod tests;
