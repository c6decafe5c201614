//! operator_day.
