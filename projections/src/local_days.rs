//! Local days of a zone: from one local midnight to the next, 23 to 25 hours (now and then stranger), half-open.

use std::collections::BTreeMap;

use domain::kernel::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A half-open stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
}

impl Window {
    /// The local day `date` in this zone; `None` at the ends of the calendar.
    pub fn of_day(date: Date, zone: &TimeZone) -> Option<Self> {
        let midnight = |date: Date| date.to_zoned(zone.clone()).ok()?.start_of_day().ok();
        let (from, to) = (midnight(date)?, midnight(date.tomorrow().ok()?)?);
        Some(Self { from: from.timestamp().into(), to: to.timestamp().into() })
    }

    /// Whether the instant lies in it.
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.from <= instant && instant < self.to
    }

    /// The part of `[start, end)` that lies in it; `None` where there is no time in common.
    pub fn clip(&self, start: Timestamp, end: Timestamp) -> Option<Self> {
        let (from, to) = (start.max(self.from), end.min(self.to));
        (from < to).then_some(Self { from, to })
    }

    /// Its length in microseconds.
    pub const fn micros(&self) -> i64 {
        self.to.as_micros().saturating_sub(self.from.as_micros())
    }
}

/// Finds the local day of an instant; days found once are remembered.
pub struct LocalDays {
    zone: TimeZone,
    known: BTreeMap<Timestamp, (Date, Timestamp)>,
}

impl LocalDays {
    /// Of this zone.
    pub const fn new(zone: TimeZone) -> Self {
        Self { zone, known: BTreeMap::new() }
    }

    /// The local day that the instant lies in.
    pub fn day_of(&mut self, instant: Timestamp) -> (Date, Window) {
        if let Some((&from, &(date, to))) = self.known.range(..=instant).next_back()
            && instant < to
        {
            return (date, Window { from, to });
        }
        let date = instant.to_jiff().to_zoned(self.zone.clone()).date();
        let window = Window::of_day(date, &self.zone).filter(|window| window.contains(instant));
        let Some(window) = window else { return (date, Window { from: instant, to: end_of_time() }) };
        self.known.insert(window.from, (date, window.to));
        (date, window)
    }

    /// The stretch of time split at local midnights.
    pub fn split(&mut self, window: Window, mut part: impl FnMut(Date, Window)) {
        let mut at = window.from;
        while at < window.to {
            let (date, day) = self.day_of(at);
            part(date, Window { from: at, to: day.to.min(window.to) });
            at = day.to;
        }
    }
}

/// The last instant there is: a day at the end of the calendar ends here.
fn end_of_time() -> Timestamp {
    jiff::Timestamp::MAX.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Jerusalem").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn hours(date: &str, zone: &TimeZone) -> i64 {
        Window::of_day(date.parse().unwrap(), zone).unwrap().micros() / 3_600_000_000
    }

    #[test]
    fn a_day_has_23_24_or_25_hours() {
        assert_eq!(hours("2012-01-02", &zone()), 24);
        assert_eq!(hours("2012-03-30", &zone()), 23);
        assert_eq!(hours("2012-09-23", &zone()), 25);
    }

    #[test]
    fn a_day_whose_midnight_does_not_exist_begins_with_its_first_instant() {
        let brazil = TimeZone::get("America/Sao_Paulo").unwrap();
        let day = Window::of_day("2012-10-21".parse().unwrap(), &brazil).unwrap();
        assert_eq!(day.from, at("2012-10-21T03:00:00Z"));
        assert_eq!(day.micros() / 3_600_000_000, 23);
    }

    #[test]
    fn midnight_belongs_to_the_day_that_it_begins() {
        let mut days = LocalDays::new(zone());
        assert_eq!(days.day_of(at("2012-01-02T22:00:00Z")).0.to_string(), "2012-01-03");
        assert_eq!(days.day_of(at("2012-01-02T21:59:59.999999Z")).0.to_string(), "2012-01-02");
    }

    #[test]
    fn a_stretch_is_split_at_every_local_midnight() {
        let mut parts = Vec::new();
        let stretch = Window { from: at("2012-03-29T20:00:00Z"), to: at("2012-03-31T00:00:00Z") };
        LocalDays::new(zone())
            .split(stretch, |date, part| parts.push((date.to_string(), part.micros() / 3_600_000_000)));
        assert_eq!(parts, [("2012-03-29".to_owned(), 2), ("2012-03-30".to_owned(), 23), ("2012-03-31".to_owned(), 3)]);
    }

    #[test]
    fn the_ends_of_the_calendar_have_days_too() {
        let mut days = LocalDays::new(zone());
        for instant in [i64::MIN, i64::MAX] {
            let instant = jiff::Timestamp::from_microsecond(instant).unwrap_or(jiff::Timestamp::MAX).into();
            let (_, window) = days.day_of(instant);
            assert!(window.from <= instant);
        }
    }
}
