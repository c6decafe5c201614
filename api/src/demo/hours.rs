//! When the sample company works: two shifts, and few people at night, at the weekend and on holidays, so that something is under
//! way at every hour.

use domain::calendars::calendar::{CalendarCode, CalendarName, DayName, Rules, SpecialDay};
use domain::calendars::hours::{Day, Hours, LocalDate, Shift, ShiftName, ShiftWeek};
use jiff::civil::Weekday;

use super::BadSample;
use super::axis::Axis;

type Span = (&'static str, &'static str);

/// Hours of some days of the week: name, days, hours, breaks.
struct Spell(&'static str, &'static [Day], Span, &'static [Span]);

/// What is done on a holiday that is no weekend.
#[derive(Clone, Copy)]
enum Holidays {
    /// Nobody works.
    Off,
    /// As on other days.
    Usual,
    /// The weekend's people work.
    Works(Span),
}

/// A calendar: code, name, shifts, holidays.
type Sheet = (&'static str, &'static str, &'static [Spell], Holidays);

const WEEK: &[Day] = &[Day::Monday, Day::Tuesday, Day::Wednesday, Day::Thursday, Day::Friday];
const WEEKEND: &[Day] = &[Day::Saturday, Day::Sunday];
const EARLY: Spell = Spell("early", WEEK, ("06:00", "14:00"), &[("09:00", "09:15"), ("12:00", "12:30")]);
const LATE: Spell = Spell("late", WEEK, ("14:00", "22:00"), &[("16:00", "16:15"), ("18:30", "19:00")]);
const NIGHT: Spell = Spell("night", WEEK, ("22:00", "06:00"), &[("02:00", "02:30")]);
const WEEKEND_DAY: Span = ("06:00", "18:00");
const WEEKEND_NIGHT: Span = ("18:00", "06:00");

/// The company's own, and that of whatever has none.
pub(super) const COMPANY: &str = "TWO-SHIFTS";

const SHEETS: [Sheet; 8] = [
    (COMPANY, "Two shifts", &[EARLY, LATE], Holidays::Off),
    ("EARLY", "Early shift", &[EARLY], Holidays::Off),
    ("LATE", "Late shift", &[LATE], Holidays::Off),
    ("NIGHT", "Night shift", &[NIGHT], Holidays::Usual),
    (
        "WEEKEND",
        "Weekend and holidays, by day",
        &[Spell("weekend", WEEKEND, WEEKEND_DAY, &[("12:00", "12:30")])],
        Holidays::Works(WEEKEND_DAY),
    ),
    (
        "WEEKEND-NIGHT",
        "Weekend and holidays, by night",
        &[Spell("weekend night", WEEKEND, WEEKEND_NIGHT, &[("00:00", "00:30")])],
        Holidays::Works(WEEKEND_NIGHT),
    ),
    ("ALWAYS", "Round the clock", &[Spell("always", &Day::ALL, ("00:00", "00:00"), &[])], Holidays::Usual),
    ("DISPATCH", "Dispatch", &[Spell("dispatch", WEEK, ("06:00", "19:00"), &[])], Holidays::Off),
];

/// Holidays of Estonia that keep their date.
const HOLIDAYS: [(i8, i8, &str); 9] = [
    (1, 1, "New Year's Day"),
    (2, 24, "Independence Day"),
    (5, 1, "Spring Day"),
    (6, 23, "Victory Day"),
    (6, 24, "Midsummer Day"),
    (8, 20, "Day of Restoration of Independence"),
    (12, 24, "Christmas Eve"),
    (12, 25, "Christmas Day"),
    (12, 26, "Boxing Day"),
];

/// All calendars, with their holidays.
pub(super) fn calendars(axis: &Axis) -> Result<Vec<Rules>, BadSample> {
    SHEETS.iter().map(|sheet| rules(sheet, axis)).collect()
}

fn rules((code, name, spells, holidays): &Sheet, axis: &Axis) -> Result<Rules, BadSample> {
    let mut shifts = Vec::new();
    for Spell(name, days, span, breaks) in *spells {
        let breaks = breaks.iter().map(hours).collect::<Result<Vec<Hours>, BadSample>>()?;
        for day in *days {
            let name = Some(ShiftName::try_new(name)?);
            shifts.push(Shift { day: *day, hours: hours(span)?, breaks: breaks.clone(), name });
        }
    }
    let days = special(*holidays, axis)?.into_iter().map(|day| (day.date, day)).collect();
    let (code, name) = (CalendarCode::try_new(code)?, CalendarName::try_new(name)?);
    let shifts = ShiftWeek::new(shifts).map_err(|error| BadSample::Refused(error.to_string()))?;
    Ok(Rules { code, name, zone: None, shifts, days })
}

fn special(holidays: Holidays, axis: &Axis) -> Result<Vec<SpecialDay>, BadSample> {
    let open = match holidays {
        Holidays::Usual => return Ok(Vec::new()),
        Holidays::Off => Vec::new(),
        Holidays::Works(span) => vec![hours(&span)?],
    };
    let year = (-40..360).map(|day| axis.date(day));
    let holiday = |date: &LocalDate| {
        let known = HOLIDAYS.iter().find(|(month, day, _)| (date.0.month(), date.0.day()) == (*month, *day));
        let weekend = matches!(date.0.weekday(), Weekday::Saturday | Weekday::Sunday);
        known.filter(|_| !weekend).map(|(.., name)| *name)
    };
    let mut named: Vec<(LocalDate, &str)> = year.filter_map(|date| Some((date, holiday(&date)?))).collect();
    let outing = axis.weekday(Weekday::Friday, 8);
    if named.iter().all(|(date, _)| *date != outing) {
        named.push((outing, "Company outing"));
    }
    let day = |(date, name): (LocalDate, &str)| {
        Ok(SpecialDay { date, open: open.clone(), name: Some(DayName::try_new(name)?) })
    };
    named.into_iter().map(day).collect()
}

fn hours((from, to): &Span) -> Result<Hours, BadSample> {
    Ok(Hours { from: from.parse()?, to: to.parse()? })
}
