//! The shop's hours: three shifts around the clock, counted in minutes from the first shift of the sample's history.

use domain::kernel::Timestamp;
use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

const DAYS_OF_HISTORY: i64 = 30;
const OPENS_HOUR: i8 = 6;
/// Minutes of a shift.
pub(super) const SHIFT: i64 = 8 * 60;
/// Minutes of a day.
pub(super) const DAY: i64 = 3 * SHIFT;

/// Turns minutes of work into instants and back.
pub(super) struct Calendar {
    first: jiff::Timestamp,
    now: jiff::Timestamp,
}

impl Calendar {
    /// A history that ends now.
    pub(super) fn until(now: Timestamp, zone: &TimeZone) -> Self {
        let now = now.to_jiff();
        let begins = now.to_zoned(zone.clone()).date().saturating_sub(DAYS_OF_HISTORY.days());
        let first = begins.to_datetime(time(OPENS_HOUR, 0, 0, 0)).to_zoned(zone.clone());
        Self { first: first.map_or(now, |first| first.timestamp()), now }
    }

    /// The instant at this minute.
    pub(super) fn at(&self, minute: i64) -> Timestamp {
        self.first.saturating_add(SignedDuration::from_mins(minute)).unwrap_or(self.now).into()
    }

    /// The minute that has just passed.
    pub(super) fn now(&self) -> i64 {
        self.now.duration_since(self.first).as_mins()
    }
}
