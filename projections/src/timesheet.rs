//! timesheet.
