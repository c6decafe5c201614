//! A weekly pattern in a time zone, with holidays, as open instants.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, ToSpan};

use super::Calendar;
use crate::scheduling::solver::Seconds;

/// A weekly pattern: open hours by weekday, local time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Week {
    /// When it is open; may overlap.
    pub open: Vec<OpenTime>,
    /// Days on which nothing that starts that day is open.
    pub holidays: Vec<Date>,
}

/// Open hours of one weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenTime {
    /// Which day it opens.
    pub day: Weekday,
    /// When it opens.
    pub from: Time,
    /// When it closes; at or before `from` means the next day, so that a night shift is one piece.
    pub to: Time,
}

/// Why a pattern has no calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeekError {
    /// The days end before they begin, or there are too many (more than a century).
    #[error("a calendar from {from} to {to} can't be made: at most a century, forwards")]
    Span {
        /// First day.
        from: Date,
        /// Day after the last.
        to: Date,
    },
    /// An instant that can't be told.
    #[error("the hours of {0} can't be told in this time zone")]
    Day(Date),
}

impl Week {
    /// The open times of the days `from` ≤ day < `to` in `zone`, in seconds since `epoch` (itself in seconds since 1970). What
    /// opens or closes at a local time that the clocks skip does so when they have gone forward; where a local time comes
    /// twice, it opens at the first and closes at the second.
    pub fn calendar(&self, zone: &TimeZone, (from, to): (Date, Date), epoch: Seconds) -> Result<Calendar, WeekError> {
        let days = from.until(to).map_or(-1, |span| span.get_days());
        if !(0..=36_525).contains(&days) {
            return Err(WeekError::Span { from, to });
        }
        let mut intervals = Vec::new();
        let mut day = from;
        while day < to {
            if !self.holidays.contains(&day) {
                for hours in self.open.iter().filter(|hours| hours.day == day.weekday()) {
                    let (opens, closes) = instants(zone, day, hours).ok_or(WeekError::Day(day))?;
                    intervals.push((opens - epoch, closes - epoch));
                }
            }
            day = day.checked_add(1.day()).map_err(|_| WeekError::Day(day))?;
        }
        Calendar::new(intervals).map_err(|_| WeekError::Span { from, to })
    }
}

fn instants(zone: &TimeZone, day: Date, hours: &OpenTime) -> Option<(Seconds, Seconds)> {
    let last = if hours.to <= hours.from { day.checked_add(Span::new().days(1)).ok()? } else { day };
    open_between(zone, day.to_datetime(hours.from), last.to_datetime(hours.to))
}

/// The instants, in seconds since 1970, of what opens and closes at these times on the clock on the wall; `None` beyond the years that can
/// be told. At a time that the clocks skip it opens or closes when they go forward; where a time comes twice, at the first. So nobody
/// comes or goes while the clocks show an hour again, and a shift that ends when the next begins neither overlaps it nor leaves a gap.
pub fn open_between(zone: &TimeZone, opens: DateTime, closes: DateTime) -> Option<(Seconds, Seconds)> {
    let (opens, closes) = (first_shown(zone, opens)?, first_shown(zone, closes)?);
    Some((opens, closes.max(opens)))
}

/// When the clock on the wall shows this time, or a later one, first.
fn first_shown(zone: &TimeZone, wall: DateTime) -> Option<Seconds> {
    let told = zone.to_ambiguous_timestamp(wall);
    let skipped = matches!(told.offset(), AmbiguousOffset::Gap { .. });
    let shown = told.compatible().ok()?;
    if !skipped {
        return Some(shown.as_second());
    }
    let after = shown.checked_add(Span::new().seconds(1)).ok()?;
    Some(zone.preceding(after).next()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn week() -> Week {
        let open =
            |day, from, to| OpenTime { day, from: Time::constant(from, 30, 0, 0), to: Time::constant(to, 15, 0, 0) };
        let days = [Weekday::Monday, Weekday::Tuesday, Weekday::Friday, Weekday::Saturday, Weekday::Sunday];
        // The second hours are a night shift, open while the clocks change.
        let open = days.into_iter().flat_map(|day| [open(day, 8, 12), open(day, 22, 6)]).collect();
        Week { open, holidays: vec![Date::constant(2025, 3, 29)] }
    }

    /// Whether local hours say that it is open, told minute by minute and apart from the code above.
    fn is_open(week: &Week, local: jiff::civil::DateTime) -> bool {
        let (today, time) = (local.date(), local.time());
        let yesterday = today.yesterday().unwrap();
        week.open.iter().any(|hours| {
            let overnight = hours.to <= hours.from;
            let on = |day: Date| day.weekday() == hours.day && !week.holidays.contains(&day);
            (on(today) && time >= hours.from && (overnight || time < hours.to))
                || (overnight && on(yesterday) && time < hours.to)
        })
    }

    #[test]
    fn hours_are_those_of_the_clock_on_the_wall_when_clocks_change_too() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for (from, to) in [((2025, 3, 24), (2025, 4, 7)), ((2025, 10, 20), (2025, 11, 3))] {
            let [from, to] = [from, to].map(|(year, month, day)| Date::constant(year, month, day));
            let epoch = zone.to_timestamp(from.to_datetime(Time::midnight())).unwrap().as_second();
            let end = zone.to_timestamp(to.to_datetime(Time::midnight())).unwrap().as_second();
            let calendar = week().calendar(&zone, (from, to), epoch).unwrap();
            // The first day's oracle knows of the night before, the calendar does not.
            for instant in (epoch + 86_400..end).step_by(60) {
                let local = zone.to_datetime(Timestamp::from_second(instant).unwrap());
                assert_eq!(calendar.is_open(instant - epoch), is_open(&week(), local), "{local}");
            }
        }
    }

    #[test]
    fn a_span_backwards_or_of_centuries_is_refused() {
        let days = |from, to| (Date::constant(from, 1, 1), Date::constant(to, 1, 1));
        assert!(matches!(week().calendar(&TimeZone::UTC, days(2026, 2025), 0), Err(WeekError::Span { .. })));
        assert!(matches!(week().calendar(&TimeZone::UTC, days(1900, 2025), 0), Err(WeekError::Span { .. })));
        assert_eq!(Week::default().calendar(&TimeZone::UTC, days(2025, 2026), 0).unwrap().total(), 0);
    }
}
