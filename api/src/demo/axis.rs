//! The sample's axis of time: seconds of a month that ends now, so that the shop looks alike whenever it is opened. Only shifts, holidays
//! and days off follow the wall of the company.

use domain::calendars::hours::LocalDate;
use domain::kernel::Timestamp;
use domain::kernel::time::later;
use jiff::ToSpan;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

pub(super) const MINUTE: i64 = 60;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;
/// The present; second 0 is a month ago.
pub(super) const NOW: i64 = 30 * DAY;

/// Turns seconds into instants, and days into dates.
pub(super) struct Axis {
    pub(super) first: Timestamp,
    pub(super) zone: TimeZone,
}

impl Axis {
    /// A month that ends now.
    pub(super) fn until(now: Timestamp, zone: &TimeZone) -> Self {
        Self::since(later(now, -NOW - now.as_seconds().rem_euclid(MINUTE)), zone)
    }

    /// The month that began then.
    pub(super) fn since(first: Timestamp, zone: &TimeZone) -> Self {
        let whole = later(Timestamp::default(), first.as_seconds());
        Self { first: whole, zone: zone.clone() }
    }

    /// The instant of this second.
    pub(super) fn at(&self, second: i64) -> Timestamp {
        later(self.first, second)
    }

    /// The second of this instant.
    pub(super) const fn second(&self, instant: Timestamp) -> i64 {
        instant.seconds_since(self.first)
    }

    /// The full hour before this second: nobody promises a date to the minute.
    pub(super) fn hour_of(&self, second: i64) -> Timestamp {
        let instant = self.at(second);
        later(instant, -instant.as_seconds().rem_euclid(HOUR))
    }

    /// The date on the wall so many days from now.
    pub(super) fn date(&self, days: i32) -> LocalDate {
        let today = self.zone.to_datetime(self.at(NOW).to_jiff()).date();
        LocalDate(today.saturating_add(days.days()))
    }

    /// The first such day of the week so many days from now, or later.
    pub(super) fn weekday(&self, weekday: Weekday, days: i32) -> LocalDate {
        let later = (days..days + 7).map(|day| self.date(day)).find(|date| date.0.weekday() == weekday);
        later.unwrap_or_else(|| self.date(days))
    }

    /// That hour of a date.
    pub(super) fn on(&self, date: LocalDate, hour: i8) -> Timestamp {
        let local = date.0.at(hour, 0, 0, 0);
        local.to_zoned(self.zone.clone()).map_or(self.first, |zoned| zoned.timestamp().into())
    }
}
