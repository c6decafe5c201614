//! Hours on the clock on the wall: of a day, of a week of shifts, of a day that is not like others.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::text::{Datum, text_value};

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// Minutes of a week.
const WEEK: u16 = 7 * DAY;
/// How many shifts a week has at most.
const MAX_SHIFTS: usize = 100;
/// How many breaks a shift has at most.
const MAX_BREAKS: usize = 12;

text_value!(
    /// What a shift is called.
    ShiftName, "a name of a shift", Name, max = 64,
    datum = Datum::business("shift", "tells shifts from one another on boards")
);

/// A time on the clock on the wall, to the minute: `06:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime(u16);

/// A text that is no time of a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no time of a day: give hours and minutes, such as 06:30")]
pub struct NoTime(String);

impl LocalTime {
    /// From hours (0 to 23) and minutes (0 to 59).
    pub const fn new(hour: u8, minute: u8) -> Option<Self> {
        if hour < 24 && minute < 60 { Some(Self(hour as u16 * 60 + minute as u16)) } else { None }
    }

    /// Minutes since midnight.
    pub const fn minutes(self) -> u16 {
        self.0
    }

    /// The same for the calendar of civil times.
    pub fn to_time(self) -> Time {
        let (hour, minute) = (i8::try_from(self.0 / 60).unwrap_or(0), i8::try_from(self.0 % 60).unwrap_or(0));
        Time::new(hour, minute, 0, 0).unwrap_or_else(|_| Time::midnight())
    }
}

impl FromStr for LocalTime {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let digits = |part: &str| {
            (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok()).flatten()
        };
        let parts = text.split_once(':').and_then(|(hour, minute)| Some((digits(hour)?, digits(minute)?)));
        parts.and_then(|(hour, minute)| Self::new(hour, minute)).ok_or_else(|| NoTime(text.chars().take(20).collect()))
    }
}

impl TryFrom<String> for LocalTime {
    type Error = NoTime;

    fn try_from(text: String) -> Result<Self, NoTime> {
        text.parse()
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> Self {
        time.to_string()
    }
}

impl JsonSchema for LocalTime {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LocalTime".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" })
    }
}

/// A day of a calendar on the wall: `2026-12-24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalDate(pub Date);

impl fmt::Display for LocalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl JsonSchema for LocalDate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LocalDate".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date" })
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say all")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    /// All of them, Monday first.
    pub const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// The day of the week that a date is.
    pub fn of(date: LocalDate) -> Self {
        match date.0.weekday() {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

/// Hours from one time to another; at or before `from`, `to` is on the next day, so that a night shift is one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hours {
    /// When they begin.
    pub from: LocalTime,
    /// When they end.
    pub to: LocalTime,
}

impl Hours {
    /// Minutes since the midnight before they begin; the end may lie on the next day.
    pub(super) const fn minutes(self) -> (u16, u16) {
        let (from, to) = (self.from.0, self.to.0);
        (from, if to <= from { to + DAY } else { to })
    }

    /// Minutes since that midnight of hours inside these: those before their beginning are on the next day.
    const fn inside(self, within: Self) -> (u16, u16) {
        let shift = if self.from.0 < within.from.0 { DAY } else { 0 };
        let (from, to) = self.minutes();
        (from + shift, to + shift)
    }
}

/// A shift: hours that begin on a day, less its breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shift {
    /// Which day it begins.
    pub day: Day,
    /// Its hours.
    #[serde(flatten)]
    pub hours: Hours,
    /// When nobody works, in the order of the clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<Hours>,
    /// What it is called.
    pub name: Option<ShiftName>,
}

impl Shift {
    /// When work is done, in minutes since the midnight before it begins. Breaks have to be in order, inside, and apart.
    fn pieces(&self) -> Result<Vec<(u16, u16)>, HoursError> {
        let bad = |number: usize| HoursError::Break { day: self.day, from: self.breaks[number].from };
        let (mut open, end) = self.hours.minutes();
        let mut pieces = Vec::with_capacity(self.breaks.len() + 1);
        for (number, pause) in self.breaks.iter().enumerate() {
            let (from, to) = pause.inside(self.hours);
            if from < open || to > end {
                return Err(bad(number));
            }
            pieces.push((open, from));
            open = to;
        }
        pieces.push((open, end));
        pieces.retain(|(from, to)| from < to);
        Ok(pieces)
    }
}

/// Why hours can't be those of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Nobody ever works.
    #[error("the calendar is never open: give at least one shift with some time beside its breaks")]
    NeverOpen,
    /// Two shifts at one time.
    #[error("shifts overlap: the one that begins on {one:?} at {at} begins before another one ends")]
    Overlap {
        /// When the later one begins.
        one: Day,
        /// And at what time.
        at: LocalTime,
    },
    /// A break that is outside its shift, or in another break.
    #[error("the break at {from} on {day:?} is not inside its shift, or overlaps the break before it")]
    Break {
        /// Of the shift that begins on this day.
        day: Day,
        /// When the break begins.
        from: LocalTime,
    },
    /// More than a week can have.
    #[error("a week has at most {MAX_SHIFTS} shifts, and a shift at most {MAX_BREAKS} breaks")]
    TooMany,
}

/// A week of shifts that can be: they don't overlap, breaks are inside, and there is some time to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct ShiftWeek(Vec<Shift>);

impl ShiftWeek {
    /// From shifts in any order.
    pub fn new(mut shifts: Vec<Shift>) -> Result<Self, HoursError> {
        if shifts.len() > MAX_SHIFTS || shifts.iter().any(|shift| shift.breaks.len() > MAX_BREAKS) {
            return Err(HoursError::TooMany);
        }
        shifts.sort_by_key(|shift| (shift.day, shift.hours.from));
        let mut open = 0;
        for shift in &shifts {
            open += shift.pieces()?.len();
        }
        if open == 0 {
            return Err(HoursError::NeverOpen);
        }
        let begins: Vec<u16> = shifts.iter().map(Self::begin).collect();
        for (number, shift) in shifts.iter().enumerate() {
            // The next one around the week, which for the last is the first of the next week.
            let next = (number + 1) % shifts.len();
            let (from, to) = shift.hours.minutes();
            let until_next =
                if next > number { begins[next] - begins[number] } else { begins[next] + WEEK - begins[number] };
            if to - from > until_next {
                return Err(HoursError::Overlap { one: shifts[next].day, at: shifts[next].hours.from });
            }
        }
        Ok(Self(shifts))
    }

    fn begin(shift: &Shift) -> u16 {
        shift.day as u16 * DAY + shift.hours.from.0
    }

    /// The shifts, in the order in which they begin.
    pub fn shifts(&self) -> &[Shift] {
        &self.0
    }

    /// When somebody works in shifts that begin on this day, in minutes since its midnight.
    pub fn open_on(&self, day: Day) -> Vec<(u16, u16)> {
        let of_day = self.0.iter().filter(|shift| shift.day == day);
        of_day.flat_map(|shift| shift.pieces().unwrap_or_default()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> LocalTime {
        text.parse().unwrap()
    }

    fn hours(from: &str, to: &str) -> Hours {
        Hours { from: time(from), to: time(to) }
    }

    fn shift(day: Day, from: &str, to: &str, breaks: &[(&str, &str)]) -> Shift {
        let breaks = breaks.iter().map(|(from, to)| hours(from, to)).collect();
        Shift { day, hours: hours(from, to), breaks, name: None }
    }

    #[test]
    fn a_time_is_written_as_on_the_clock_and_nothing_else_is_one() {
        assert_eq!(time("06:05").to_string(), "06:05");
        assert_eq!((time("00:00").minutes(), time("23:59").minutes()), (0, 1439));
        for text in ["", "6:05", "24:00", "06:60", "06-05", "06:05:00", "-1:00", "+6:05", "０6:05", " 06:05"] {
            assert!(text.parse::<LocalTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn work_is_done_beside_the_breaks_also_after_midnight() {
        let week = ShiftWeek::new(vec![
            shift(Day::Monday, "06:00", "14:00", &[("09:00", "09:15"), ("12:00", "12:30")]),
            shift(Day::Monday, "22:00", "06:00", &[("01:30", "02:00")]),
        ])
        .unwrap();
        let day = 24 * 60;
        let expected = [(360, 540), (555, 720), (750, 840), (1320, day + 90), (day + 120, day + 360)];
        assert_eq!(week.open_on(Day::Monday), expected);
        assert!(week.open_on(Day::Tuesday).is_empty(), "what began on Monday is Monday's");
    }

    #[test]
    fn shifts_may_touch_and_not_overlap_around_the_end_of_the_week_too() {
        let night = |day| shift(day, "22:00", "06:00", &[]);
        let round = vec![night(Day::Sunday), shift(Day::Monday, "06:00", "22:00", &[]), night(Day::Monday)];
        assert!(ShiftWeek::new(round).is_ok());
        let early = vec![night(Day::Sunday), shift(Day::Monday, "05:59", "14:00", &[])];
        assert_eq!(ShiftWeek::new(early), Err(HoursError::Overlap { one: Day::Monday, at: time("05:59") }));
        let whole = shift(Day::Friday, "00:00", "00:00", &[]);
        assert!(ShiftWeek::new(vec![whole.clone()]).is_ok(), "a whole day");
        assert!(ShiftWeek::new(vec![whole.clone(), whole]).is_err());
    }

    #[test]
    fn breaks_are_inside_in_order_and_apart() {
        for breaks in [
            [("05:00", "06:30"), ("07:00", "07:10")],
            [("09:00", "09:30"), ("09:20", "09:40")],
            [("13:30", "14:30"), ("14:30", "15:00")],
        ] {
            let week = ShiftWeek::new(vec![shift(Day::Tuesday, "06:00", "14:00", &breaks)]);
            assert!(matches!(week, Err(HoursError::Break { day: Day::Tuesday, .. })), "{breaks:?}: {week:?}");
        }
    }

    #[test]
    fn a_week_in_which_nobody_works_is_none() {
        assert_eq!(ShiftWeek::new(Vec::new()), Err(HoursError::NeverOpen));
        let all_break = shift(Day::Monday, "06:00", "14:00", &[("06:00", "14:00")]);
        assert_eq!(ShiftWeek::new(vec![all_break]), Err(HoursError::NeverOpen));
        let many = (0..101).map(|_| shift(Day::Monday, "06:00", "06:01", &[])).collect();
        assert_eq!(ShiftWeek::new(many), Err(HoursError::TooMany));
    }
}
