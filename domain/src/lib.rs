//! Kilter's decisions, and nothing else: no clock, no randomness, no environment, no I/O, no async runtime.
//!
//! One bounded context is one folder; one aggregate is one file, always in the order
//! invariants → Command → Event → Error → State → decide/evolve → stored names → tests.

pub mod calendars;
pub mod catalog;
pub mod identity;
pub mod jobs;
pub mod kernel;
pub mod machines;
pub mod ports;
pub mod run;
pub mod scheduling;
pub mod tenancy;
pub mod workforce;
