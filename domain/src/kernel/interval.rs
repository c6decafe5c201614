//! From one instant up to another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Timestamp;

/// From one instant up to, and without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// The first instant of it.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
}

/// Why an interval can't be one of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// It ends before it begins, or as it begins.
    #[error("until must be after from")]
    Reversed,
    /// Longer than anybody plans.
    #[error("it lasts more than {} days", Interval::MAX_DAYS)]
    TooLong,
}

impl Interval {
    /// How long one may last: five years.
    const MAX_DAYS: i64 = 5 * 366;

    /// Fails where it is empty, goes backwards or lasts for years on end.
    pub const fn check(self) -> Result<(), IntervalError> {
        let seconds = self.until.seconds_since(self.from);
        if self.until.as_micros() <= self.from.as_micros() {
            Err(IntervalError::Reversed)
        } else if seconds > Self::MAX_DAYS * 86_400 {
            Err(IntervalError::TooLong)
        } else {
            Ok(())
        }
    }

    /// Whether some instant is in both.
    pub fn meets(self, other: Self) -> bool {
        self.from < other.until && other.from < self.until
    }

    /// The whole seconds since 1970 that it touches, half-open.
    pub const fn seconds(self) -> (i64, i64) {
        (self.from.as_seconds(), -((-self.until.as_micros()).div_euclid(1_000_000)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(from: i64, until: i64) -> Interval {
        let instant = |micros| Timestamp::from_micros(micros).unwrap();
        Interval { from: instant(from), until: instant(until) }
    }

    #[test]
    fn an_interval_goes_forwards_and_ends_some_day() {
        let years = 5 * 366 * 86_400_000_000;
        assert_eq!(interval(0, 1).check(), Ok(()));
        assert_eq!(interval(0, years).check(), Ok(()));
        assert_eq!(interval(0, years + 1_000_000).check(), Err(IntervalError::TooLong));
        assert_eq!(interval(1, 1).check(), Err(IntervalError::Reversed));
        assert_eq!(interval(2, 1).check(), Err(IntervalError::Reversed));
    }

    #[test]
    fn intervals_that_touch_do_not_meet() {
        assert!(interval(0, 10).meets(interval(9, 20)) && interval(9, 20).meets(interval(0, 10)));
        assert!(!interval(0, 10).meets(interval(10, 20)) && !interval(10, 20).meets(interval(0, 10)));
    }

    #[test]
    fn the_seconds_of_an_interval_are_all_that_it_touches() {
        assert_eq!(interval(1_500_000, 2_000_000).seconds(), (1, 2));
        assert_eq!(interval(-1, 2_000_001).seconds(), (-1, 3));
    }
}
