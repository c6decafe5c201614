//! The time that a board shows.

use async_graphql::Error;
use domain::kernel::Timestamp;
use domain::scheduling::placement::Placement;

use crate::graphql::errors;
use crate::graphql::scalars::DateTime;

/// How many days a board shows at most.
const MOST_DAYS: i64 = 400;

/// `[from, until)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first instant of it.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
}

impl Window {
    /// Forwards, and not too long.
    pub fn new(DateTime(from): DateTime, DateTime(until): DateTime) -> Result<Self, Error> {
        let length_us = until.as_micros() - from.as_micros();
        if (0..=MOST_DAYS * 86_400_000_000).contains(&length_us) {
            return Ok(Self { from, until });
        }
        let rule = format!("until must not be before from, nor more than {MOST_DAYS} days after it");
        Err(errors::failure(errors::BAD_RANGE, rule))
    }

    /// Whether any of a placement lies in it. What takes no time lies where it begins.
    pub fn shows(self, placement: &Placement) -> bool {
        self.meets(placement.start, placement.end)
    }

    /// Whether any of what lasts from one instant up to another lies in it.
    pub fn meets(self, start: Timestamp, end: Timestamp) -> bool {
        self.from < self.until && start < self.until && (self.from < end || self.from <= start)
    }
}

#[cfg(test)]
mod tests {
    use domain::jobs::operation::OperationNumber;
    use domain::kernel::JobId;
    use uuid::Uuid;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn placed(start: &str, end: &str) -> Placement {
        let (start, end) = (at(start), at(end));
        let (job, operation) = (JobId(Uuid::from_u128(1)), OperationNumber(10));
        Placement { job, operation, machine: None, operator: None, start, run_start: start, end }
    }

    #[test]
    fn a_window_is_half_open_forwards_and_not_without_end() {
        let (nine, ten) = ("2012-03-05T09:00:00Z", "2012-03-05T10:00:00Z");
        let window = Window::new(at(nine).into(), at(ten).into()).unwrap();
        assert!(!window.shows(&placed("2012-03-05T08:00:00Z", nine)), "it ends where the window begins");
        assert!(!window.shows(&placed(ten, "2012-03-05T11:00:00Z")), "it begins where the window ends");
        assert!(window.shows(&placed("2012-03-05T08:00:00Z", "2012-03-05T09:00:01Z")));
        assert!(window.shows(&placed(nine, nine)) && !window.shows(&placed(ten, ten)));
        let empty = Window::new(at(nine).into(), at(nine).into()).unwrap();
        assert!(!empty.shows(&placed(nine, ten)));
        assert!(Window::new(at(ten).into(), at(nine).into()).is_err());
        assert!(Window::new(at("2012-01-01T00:00:00Z").into(), at("2013-02-05T00:00:00Z").into()).is_err());
    }
}
