//! Open time as intervals of instants.

use async_graphql::{Error, SimpleObject};
use domain::kernel::Timestamp;
use domain::scheduling::solver;

use crate::graphql::errors;
use crate::graphql::scalars::DateTime;

/// How many days open time is told of at once.
const MAX_DAYS: i64 = 92;

/// From one instant up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct Interval {
    /// The first instant of it.
    from: DateTime,
    /// The first instant after it.
    until: DateTime,
}

/// What is asked of: not too long, and forwards.
#[derive(Debug, Clone, Copy)]
pub struct Span(Timestamp, Timestamp);

impl Span {
    /// `[from, until)`, if that can be asked of.
    pub fn new(DateTime(from): DateTime, DateTime(until): DateTime) -> Result<Self, Error> {
        let length_us = until.as_micros() - from.as_micros();
        if (0..=MAX_DAYS * 86_400_000_000).contains(&length_us) {
            return Ok(Self(from, until));
        }
        let rule = format!("until must not be before from, nor more than {MAX_DAYS} days after it");
        Err(errors::failure(errors::BAD_RANGE, rule))
    }

    /// In whole seconds since 1970, with all that it touches.
    pub fn seconds(self) -> (solver::Seconds, solver::Seconds) {
        (self.0.as_micros().div_euclid(1_000_000), -(-self.1.as_micros()).div_euclid(1_000_000))
    }

    /// Intervals in seconds since 1970 as instants within it.
    pub fn cut(self, open: &[(solver::Seconds, solver::Seconds)]) -> Vec<Interval> {
        let instant = |seconds: solver::Seconds| Timestamp::from_micros(seconds * 1_000_000).unwrap_or(self.1);
        let within = |&(from, until): &_| (instant(from).max(self.0), instant(until).min(self.1));
        let told = open.iter().map(within).filter(|(from, until)| from < until);
        told.map(|(from, until)| Interval { from: from.into(), until: until.into() }).collect()
    }
}
