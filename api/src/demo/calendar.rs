//! The shop's hours: minutes of work are counted from the first shift of the sample's history.

use domain::kernel::Timestamp;
use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

const DAYS_OF_HISTORY: i64 = 30;
const OPENS_HOUR: i8 = 6;
/// Two shifts.
const MINUTES_A_DAY: i64 = 16 * 60;

/// Turns minutes of work into instants and back.
pub(super) struct Calendar {
    zone: TimeZone,
    first: Date,
    now: jiff::Timestamp,
}

impl Calendar {
    /// A history that ends now.
    pub(super) fn until(now: Timestamp, zone: TimeZone) -> Self {
        let now = now.to_jiff();
        let today = now.to_zoned(zone.clone()).date();
        Self { first: today.saturating_sub(DAYS_OF_HISTORY.days()), zone, now }
    }

    /// The instant at this minute of work.
    pub(super) fn at(&self, minute: i64) -> Timestamp {
        let (day, rest) = (minute.div_euclid(MINUTES_A_DAY), minute.rem_euclid(MINUTES_A_DAY));
        let date = self.first.saturating_add(day.days());
        let opens = date.to_datetime(time(OPENS_HOUR, 0, 0, 0)).to_zoned(self.zone.clone());
        let instant = opens.map_or(self.now, |opens| opens.timestamp());
        instant.saturating_add(SignedDuration::from_mins(rest)).unwrap_or(self.now).into()
    }

    /// How many minutes of work lie before now.
    pub(super) fn now(&self) -> i64 {
        let local = self.now.to_zoned(self.zone.clone());
        let today = (i64::from(local.hour()) - i64::from(OPENS_HOUR)) * 60 + i64::from(local.minute());
        DAYS_OF_HISTORY * MINUTES_A_DAY + today.clamp(0, MINUTES_A_DAY)
    }
}
