//! When machines and people work: shift calendars with breaks, holidays and exceptions in a time zone.
pub mod calendar;
pub mod hours;
pub mod open_time;
