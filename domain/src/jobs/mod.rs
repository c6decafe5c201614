//! Jobs: what is made, step by step.
pub mod job;
pub mod operation;
