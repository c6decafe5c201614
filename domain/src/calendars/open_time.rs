//! A calendar's hours as instants.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use super::calendar::Rules;
use super::hours::{Day, LocalDate};
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::calendar::open_between;

/// How many days are told at once: ten years and some.
const MAX_DAYS: i32 = 4_000;

/// Why the hours of these days can't be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenTimeError {
    /// They end before they begin, or are too many.
    #[error("the days from {from} to {to} can't be told: at most {MAX_DAYS}, forwards")]
    Span {
        /// The first day.
        from: LocalDate,
        /// The day after the last.
        to: LocalDate,
    },
    /// Beyond the years that can be told.
    #[error("the hours of {0} can't be told")]
    Day(LocalDate),
    /// An instant beyond them.
    #[error("second {0} since 1970 is beyond the years that can be told")]
    Instant(Seconds),
}

impl Rules {
    /// When somebody works in what begins on the days `from` ≤ day < `to` on the wall of `zone`: half-open intervals in seconds since
    /// 1970, in order. What the clocks skip is not worked; while they show an hour again it stays as it was when it was over first.
    pub fn open_time(
        &self,
        zone: &TimeZone,
        (from, to): (LocalDate, LocalDate),
    ) -> Result<Vec<(Seconds, Seconds)>, OpenTimeError> {
        let days = from.0.until(to.0).map_or(-1, |span| span.get_days());
        if !(0..=MAX_DAYS).contains(&days) {
            return Err(OpenTimeError::Span { from, to });
        }
        let week = Day::ALL.map(|day| self.shifts.open_on(day));
        let mut open = Vec::new();
        for number in 0..days {
            let date = from.0.checked_add(number.days()).map_err(|_| OpenTimeError::Day(from))?;
            let special = self
                .days
                .get(&LocalDate(date))
                .map(|day| day.open.iter().map(|hours| hours.minutes()).collect::<Vec<_>>());
            let pieces = special.as_ref().unwrap_or(&week[Day::of(LocalDate(date)) as usize]);
            for piece in pieces {
                let (opens, closes) = instants(zone, date, *piece).ok_or(OpenTimeError::Day(LocalDate(date)))?;
                if opens < closes {
                    open.push((opens, closes));
                }
            }
        }
        // What begins before midnight may last beyond the beginning of a special day's hours.
        open.sort_unstable();
        Ok(merged(open))
    }

    /// When somebody works from one instant up to another: half-open intervals in seconds since 1970, in order, cut at both.
    pub fn open_within(
        &self,
        zone: &TimeZone,
        (from, until): (Seconds, Seconds),
    ) -> Result<Vec<(Seconds, Seconds)>, OpenTimeError> {
        // What begins on one day lasts into the next one at most; clocks that change at midnight may make that two.
        let first = on_the_wall(zone, from, -2)?;
        let end = on_the_wall(zone, until, 1)?;
        let open = self.open_time(zone, (first, end))?.into_iter();
        let cut = open.map(|(opens, closes)| (opens.max(from), closes.min(until)));
        Ok(cut.filter(|(opens, closes)| opens < closes).collect())
    }
}

/// The day on the wall at an instant, and so many days on.
fn on_the_wall(zone: &TimeZone, instant: Seconds, days: i64) -> Result<LocalDate, OpenTimeError> {
    let beyond = |_| OpenTimeError::Instant(instant);
    let day = zone.to_datetime(Timestamp::from_second(instant).map_err(beyond)?).date();
    day.checked_add(days.days()).map(LocalDate).map_err(beyond)
}

/// From minutes since the midnight of a date, which may lie on the day after.
fn instants(zone: &TimeZone, date: Date, (from, to): (u16, u16)) -> Option<(Seconds, Seconds)> {
    let midnight = date.to_datetime(Time::midnight());
    let on_the_wall = |minutes: u16| midnight.checked_add(Span::new().minutes(minutes)).ok();
    open_between(zone, on_the_wall(from)?, on_the_wall(to)?)
}

fn merged(sorted: Vec<(Seconds, Seconds)>) -> Vec<(Seconds, Seconds)> {
    let mut merged: Vec<(Seconds, Seconds)> = Vec::with_capacity(sorted.len());
    for (from, to) in sorted {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::DateTime;
    use proptest::prelude::*;

    use super::super::calendar::{CalendarCode, CalendarName, SpecialDay};
    use super::super::hours::{Hours, LocalTime, Shift, ShiftWeek};
    use super::*;

    fn time(minutes: u16) -> LocalTime {
        LocalTime::new(u8::try_from(minutes / 60).unwrap(), u8::try_from(minutes % 60).unwrap()).unwrap()
    }

    fn rules(shifts: Vec<Shift>, days: Vec<SpecialDay>) -> Option<Rules> {
        Some(Rules {
            code: CalendarCode::try_new("C").unwrap(),
            name: CalendarName::try_new("C").unwrap(),
            zone: None,
            shifts: ShiftWeek::new(shifts).ok()?,
            days: days.into_iter().map(|day| (day.date, day)).collect::<BTreeMap<_, _>>(),
        })
    }

    /// The time on the wall; while the clocks show an hour again, that at which they went back: nobody comes or goes until they go on.
    fn wall(zone: &TimeZone, instant: i64) -> DateTime {
        let at = |instant: i64| zone.to_datetime(Timestamp::from_second(instant).unwrap());
        // Some time before now that was shown then already, or later ones were: the clocks went back since.
        let back = (0..=24).map(|quarter| instant - quarter * 900).take_while(|then| *then > 0);
        let shown_before = back.filter(|then| at(*then) > at(instant)).max();
        at(shown_before.unwrap_or(instant))
    }

    /// Whether somebody works at this time on the wall, told hours by hours and apart from the code above.
    fn works(rules: &Rules, wall: DateTime) -> bool {
        let inside = |hours: &Hours, wall: Time| {
            let (from, to) = (hours.from.to_time(), hours.to.to_time());
            if to <= from { wall >= from || wall < to } else { wall >= from && wall < to }
        };
        // Whether hours that begin on this date hold the time; those before their beginning are those of the day after.
        let at = |hours: &Hours, date: Date| {
            let overnight = hours.to <= hours.from;
            let is_same_day = wall.date() == date && wall.time() >= hours.from.to_time();
            let is_next_day = overnight
                && wall.date().yesterday().is_ok_and(|before| before == date)
                && wall.time() < hours.to.to_time();
            (is_same_day || is_next_day) && inside(hours, wall.time())
        };
        [wall.date(), wall.date().yesterday().unwrap()].into_iter().any(|date| match rules.days.get(&LocalDate(date)) {
            Some(day) => day.open.iter().any(|hours| at(hours, date)),
            None => rules
                .shifts
                .shifts()
                .iter()
                .filter(|shift| shift.day == Day::of(LocalDate(date)))
                .any(|shift| at(&shift.hours, date) && !shift.breaks.iter().any(|pause| inside(pause, wall.time()))),
        })
    }

    fn shift() -> impl Strategy<Value = Shift> {
        (0..7usize, 0..48u16, 2..47u16, prop::collection::vec((0..40u16, 1..4u16), 0..3)).prop_map(
            |(day, from, long, breaks)| {
                let hours = Hours { from: time(from * 30), to: time((from + long) % 48 * 30) };
                let mut at = from;
                let mut pauses = Vec::new();
                for (wait, lasts) in breaks {
                    let begins = at + wait % 8;
                    if begins + lasts <= from + long {
                        pauses.push(Hours { from: time(begins % 48 * 30), to: time((begins + lasts) % 48 * 30) });
                        at = begins + lasts;
                    }
                }
                Shift { day: Day::ALL[day], hours, breaks: pauses, name: None }
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(512), ..ProptestConfig::default() })]
        /// Around both changes of the clocks, with breaks, nights and days that are not like others.
        #[test]
        fn open_time_is_what_the_clock_on_the_wall_says(
            shifts in prop::collection::vec(shift(), 1..6),
            special in prop::collection::vec((0..9i64, prop::option::of((0..46u16, 1..40u16))), 0..3),
            zone in prop::sample::select(vec!["Europe/Tallinn", "America/New_York", "Australia/Lord_Howe", "Asia/Jerusalem", "UTC"]),
            start in prop::sample::select(vec!["2026-03-05", "2026-03-24", "2026-04-01", "2026-10-01", "2026-10-22", "2026-10-29"]),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let from: Date = start.parse().unwrap();
            let days = special.into_iter().map(|(number, open)| SpecialDay {
                date: LocalDate(from.checked_add(number.days()).unwrap()),
                open: open.into_iter().map(|(from, long)| Hours { from: time(from * 30), to: time((from + long) % 48 * 30) }).collect(),
                name: None,
            }).collect();
            let Some(rules) = rules(shifts, days) else { return Ok(()) };
            let to = from.checked_add(9.days()).unwrap();
            let open = rules.open_time(&zone, (LocalDate(from), LocalDate(to))).unwrap();
            let [begins, ends] = [from, to].map(|date| zone.to_timestamp(date.to_datetime(Time::midnight())).unwrap().as_second());
            prop_assert!(open.windows(2).all(|pair| pair[0].1 < pair[1].0) && open.iter().all(|(from, to)| from < to));
            let whole = (begins + 86_400, ends - 3_600);
            let cut = open.iter().map(|(from, to)| (*from.max(&whole.0), *to.min(&whole.1))).filter(|(from, to)| from < to);
            prop_assert_eq!(rules.open_within(&zone, whole).unwrap(), cut.collect::<Vec<_>>());
            // The oracle knows of the night before the first day, the question does not.
            for instant in (begins + 86_400..ends).step_by(900) {
                let wall = wall(&zone, instant);
                let told = open.iter().any(|(from, to)| (*from..*to).contains(&instant));
                prop_assert_eq!(told, works(&rules, wall), "{} {:?}", wall, rules.shifts);
            }
        }
    }

    #[test]
    fn a_span_backwards_or_without_end_is_refused() {
        let whole = Shift { day: Day::Monday, hours: Hours { from: time(0), to: time(0) }, breaks: vec![], name: None };
        let rules = rules(vec![whole], vec![]).unwrap();
        let date = |text: &str| LocalDate(text.parse().unwrap());
        for (from, to) in [("2026-01-02", "2026-01-01"), ("2026-01-01", "2126-01-01")] {
            let told = rules.open_time(&TimeZone::UTC, (date(from), date(to)));
            assert!(matches!(told, Err(OpenTimeError::Span { .. })), "{told:?}");
        }
        let week = rules.open_time(&TimeZone::UTC, (date("2026-01-01"), date("2026-01-08"))).unwrap();
        assert_eq!(week.iter().map(|(from, to)| to - from).collect::<Vec<_>>(), [86_400]);
    }
}
