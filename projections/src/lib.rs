//! Read models: pure folds from events to rows, and the questions asked of them. Named after what people see.

pub mod projection;
pub mod views;
