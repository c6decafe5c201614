//! A shift calendar: when machines and people that keep to it work.
//!
//! It protects:
//! - a code is used once and for good;
//! - shifts don't overlap, breaks lie inside them, and there is some time to work in a week;
//! - nothing changes after it was taken out of use.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::hours::{Hours, HoursError, LocalDate, Shift, ShiftWeek};
use crate::kernel::context::Context;
use crate::kernel::decider::{Decider, DomainEvent, Refusal, refusal_codes};
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{StreamType, Timestamp};
use crate::machines::work_center::Reason;
use crate::tenancy::company::ZoneName;

/// How many days that are not like others a calendar has at most: some ten years of holidays and Saturdays.
pub const MAX_SPECIAL_DAYS: usize = 2_000;
/// How many hours such a day has at most.
const MAX_HOURS: usize = 24;

text_value!(
    /// Natural key of a calendar, unique in the tenant, never changed.
    CalendarCode, "a calendar code", Code, max = 64,
    datum = Datum::business("calendar code", "names the calendar")
);
text_value!(
    /// What people call a calendar.
    CalendarName, "a calendar name", Name, max = 200,
    datum = Datum::business("calendar name", "shown where calendars are chosen")
);
text_value!(
    /// What a day is called that is not like others, such as a holiday.
    DayName, "a name of a day", Name, max = 100,
    datum = Datum::business("name of a day", "says on boards why it is closed, or open")
);

/// A day that is not like others: what stands here takes the place of the shifts that begin on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpecialDay {
    /// Which day.
    pub date: LocalDate,
    /// When it is open; never on a holiday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<Hours>,
    /// What it is called.
    pub name: Option<DayName>,
}

/// What may be asked of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarCommand {
    /// Sets it up.
    Create {
        /// Its code; the stream's identity is made from it.
        code: CalendarCode,
        /// Its name.
        name: CalendarName,
        /// Its time zone; the company's where there is none.
        zone: Option<ZoneName>,
        /// Its shifts.
        shifts: Vec<Shift>,
    },
    /// Gives it another name.
    Rename(CalendarName),
    /// Moves it to another zone, or to that of the company: the same hours on another wall.
    SetZone(Option<ZoneName>),
    /// Replaces its shifts.
    SetShifts(Vec<Shift>),
    /// Says of days that they are not like others; what was said of one before is replaced.
    SetDays(Vec<SpecialDay>),
    /// Makes days like others again.
    ClearDays(Vec<LocalDate>),
    /// Takes it out of use.
    Retire(Reason),
}

/// What can have happened to a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum CalendarEvent {
    /// It was set up.
    #[serde(rename = "calendar.created")]
    Created {
        /// Its code.
        code: CalendarCode,
        /// Its name.
        name: CalendarName,
        /// Its time zone, where it is not the company's.
        zone: Option<ZoneName>,
        /// Its shifts.
        shifts: ShiftWeek,
    },
    /// Its name changed.
    #[serde(rename = "calendar.renamed")]
    Renamed {
        /// Before.
        was: CalendarName,
        /// After.
        name: CalendarName,
    },
    /// Its hours are those of another wall.
    #[serde(rename = "calendar.zone_set")]
    ZoneSet {
        /// Before.
        was: Option<ZoneName>,
        /// After.
        zone: Option<ZoneName>,
    },
    /// Its shifts changed.
    #[serde(rename = "calendar.shifts_set")]
    ShiftsSet {
        /// Before.
        was: ShiftWeek,
        /// After.
        shifts: ShiftWeek,
    },
    /// Days are not like others.
    #[serde(rename = "calendar.days_set")]
    DaysSet {
        /// From now on, in the order of their dates.
        days: Vec<SpecialDay>,
    },
    /// Days are like others again.
    #[serde(rename = "calendar.days_cleared")]
    DaysCleared {
        /// Which, in order.
        dates: Vec<LocalDate>,
    },
    /// It is out of use.
    #[serde(rename = "calendar.retired")]
    Retired {
        /// Why.
        reason: Reason,
    },
}

/// Why a calendar refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// There is none.
    #[error("there is no such calendar")]
    NotFound,
    /// The code is taken.
    #[error("there is a calendar {0} already")]
    Exists(CalendarCode),
    /// It is out of use.
    #[error("calendar {0} is out of use")]
    Retired(CalendarCode),
    /// No such zone.
    #[error("{0} is not a time zone of the IANA database")]
    UnknownZone(ZoneName),
    /// Nobody ever works.
    #[error("{0}")]
    NeverOpen(HoursError),
    /// Two shifts at one time.
    #[error("{0}")]
    Overlap(HoursError),
    /// A break outside its shift.
    #[error("{0}")]
    Break(HoursError),
    /// More than a week can have.
    #[error("{0}")]
    TooManyShifts(HoursError),
    /// The hours of a day overlap, or are too many.
    #[error("the hours of {0} overlap, or are more than {MAX_HOURS}")]
    Day(LocalDate),
    /// One day twice in one command.
    #[error("{0} is named twice")]
    DayTwice(LocalDate),
    /// More than anybody looks through.
    #[error("a calendar has at most {MAX_SPECIAL_DAYS} days that are not like others")]
    TooManyDays,
}

refusal_codes!(CalendarError {
    NotFound => "CALENDAR_NOT_FOUND",
    Exists => "CALENDAR_EXISTS",
    Retired => "CALENDAR_RETIRED",
    UnknownZone => "CALENDAR_ZONE_UNKNOWN",
    NeverOpen => "CALENDAR_NEVER_OPEN",
    Overlap => "SHIFTS_OVERLAP",
    Break => "SHIFT_BREAK_OUTSIDE",
    TooManyShifts => "SHIFTS_TOO_MANY",
    Day => "CALENDAR_DAY_HOURS",
    DayTwice => "CALENDAR_DAY_TWICE",
    TooManyDays => "CALENDAR_DAYS_TOO_MANY",
});

impl Refusal for CalendarError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::Retired(_) => None,
            Self::Exists(_) => Some("code"),
            Self::UnknownZone(_) => Some("zone"),
            Self::NeverOpen(_) | Self::Overlap(_) | Self::Break(_) | Self::TooManyShifts(_) => Some("shifts"),
            Self::Day(_) | Self::DayTwice(_) | Self::TooManyDays => Some("days"),
        }
    }
}

impl From<HoursError> for CalendarError {
    fn from(error: HoursError) -> Self {
        match error {
            HoursError::NeverOpen => Self::NeverOpen(error),
            HoursError::Overlap { .. } => Self::Overlap(error),
            HoursError::Break { .. } => Self::Break(error),
            HoursError::TooMany => Self::TooManyShifts(error),
        }
    }
}

/// A calendar's situation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CalendarState {
    /// Never created.
    #[default]
    Unknown,
    /// In use.
    InUse(Box<Rules>),
    /// Out of use.
    Retired {
        /// Its code.
        code: CalendarCode,
    },
}

/// What a calendar says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Its code.
    pub code: CalendarCode,
    /// Its name.
    pub name: CalendarName,
    /// Its time zone, where it is not the company's.
    pub zone: Option<ZoneName>,
    /// Its shifts.
    pub shifts: ShiftWeek,
    /// Days that are not like others.
    pub days: BTreeMap<LocalDate, SpecialDay>,
}

/// Decides for calendars.
pub struct Calendar;

impl Decider for Calendar {
    const STREAM: StreamType = StreamType::Calendar;
    type Command = CalendarCommand;
    type Event = CalendarEvent;
    type Error = CalendarError;
    type State = CalendarState;

    fn decide(
        state: &CalendarState,
        command: &CalendarCommand,
        _: &Context,
    ) -> Result<Vec<CalendarEvent>, CalendarError> {
        use CalendarState::{InUse, Retired, Unknown};
        let event = match (state, command) {
            (Unknown, CalendarCommand::Create { code, name, zone, shifts }) => {
                let shifts = ShiftWeek::new(shifts.clone())?;
                let zone = known(zone.as_ref())?;
                Some(CalendarEvent::Created { code: code.clone(), name: name.clone(), zone, shifts })
            }
            (Unknown, _) => return Err(CalendarError::NotFound),
            (InUse(rules), CalendarCommand::Create { .. }) if rules.is_as_asked(command) => None,
            (InUse(rules), CalendarCommand::Create { .. }) => return Err(CalendarError::Exists(rules.code.clone())),
            (Retired { code }, CalendarCommand::Create { .. }) => return Err(CalendarError::Exists(code.clone())),
            (InUse(rules), command) => rules.change(command)?,
            (Retired { .. }, CalendarCommand::Retire(_)) => None,
            (Retired { code }, _) => return Err(CalendarError::Retired(code.clone())),
        };
        Ok(event.into_iter().collect())
    }

    fn evolve(state: CalendarState, event: &CalendarEvent, _: Timestamp) -> CalendarState {
        match (state, event) {
            (CalendarState::InUse(rules), CalendarEvent::Retired { .. }) => CalendarState::Retired { code: rules.code },
            (CalendarState::InUse(mut rules), event) => {
                rules.fold(event);
                CalendarState::InUse(rules)
            }
            (state, event) => Rules::created(event).map_or(state, |rules| CalendarState::InUse(Box::new(rules))),
        }
    }
}

fn known(zone: Option<&ZoneName>) -> Result<Option<ZoneName>, CalendarError> {
    match zone {
        Some(zone) if zone.time_zone().is_none() => Err(CalendarError::UnknownZone(zone.clone())),
        zone => Ok(zone.cloned()),
    }
}

impl SpecialDay {
    /// Its hours in the order of the clock, if they don't overlap.
    fn in_order(&self) -> Result<Self, CalendarError> {
        let mut day = self.clone();
        day.open.sort_by_key(|hours| hours.from);
        let overlap = day.open.windows(2).any(|pair| pair[0].minutes().1 > pair[1].minutes().0);
        let beyond = day.open.len() > 1
            && day.open.last().is_some_and(|last| last.minutes().1 > day.open[0].minutes().0 + 24 * 60);
        if overlap || beyond || day.open.len() > MAX_HOURS { Err(CalendarError::Day(day.date)) } else { Ok(day) }
    }
}

impl Rules {
    fn is_as_asked(&self, command: &CalendarCommand) -> bool {
        let CalendarCommand::Create { code, name, zone, shifts } = command else { return false };
        let same = ShiftWeek::new(shifts.clone()).is_ok_and(|shifts| shifts == self.shifts);
        same && (&self.code, &self.name, &self.zone) == (code, name, zone)
    }

    /// The event that does what is asked; none where it is so already.
    fn change(&self, command: &CalendarCommand) -> Result<Option<CalendarEvent>, CalendarError> {
        use CalendarCommand as Ask;
        Ok(match command {
            Ask::Create { .. } => None,
            Ask::Rename(name) => {
                let renamed = || CalendarEvent::Renamed { was: self.name.clone(), name: name.clone() };
                (*name != self.name).then(renamed)
            }
            Ask::SetZone(zone) => {
                let zone = known(zone.as_ref())?;
                (zone != self.zone).then(|| CalendarEvent::ZoneSet { was: self.zone.clone(), zone })
            }
            Ask::SetShifts(shifts) => {
                let shifts = ShiftWeek::new(shifts.clone())?;
                (shifts != self.shifts).then(|| CalendarEvent::ShiftsSet { was: self.shifts.clone(), shifts })
            }
            Ask::SetDays(days) => self.set_days(days)?,
            Ask::ClearDays(dates) => {
                let mut dates: Vec<LocalDate> =
                    dates.iter().copied().filter(|date| self.days.contains_key(date)).collect();
                dates.sort_unstable();
                dates.dedup();
                (!dates.is_empty()).then_some(CalendarEvent::DaysCleared { dates })
            }
            Ask::Retire(reason) => Some(CalendarEvent::Retired { reason: reason.clone() }),
        })
    }

    fn set_days(&self, asked: &[SpecialDay]) -> Result<Option<CalendarEvent>, CalendarError> {
        let mut days = asked.iter().map(SpecialDay::in_order).collect::<Result<Vec<_>, _>>()?;
        days.sort_by_key(|day| day.date);
        if let Some(pair) = days.windows(2).find(|pair| pair[0].date == pair[1].date) {
            return Err(CalendarError::DayTwice(pair[0].date));
        }
        days.retain(|day| self.days.get(&day.date) != Some(day));
        let added = days.iter().filter(|day| !self.days.contains_key(&day.date)).count();
        if self.days.len() + added > MAX_SPECIAL_DAYS {
            return Err(CalendarError::TooManyDays);
        }
        Ok((!days.is_empty()).then_some(CalendarEvent::DaysSet { days }))
    }

    /// What it says when it was just set up.
    pub fn created(event: &CalendarEvent) -> Option<Self> {
        let CalendarEvent::Created { code, name, zone, shifts } = event else { return None };
        let (code, name, zone, shifts) = (code.clone(), name.clone(), zone.clone(), shifts.clone());
        Some(Self { code, name, zone, shifts, days: BTreeMap::new() })
    }

    /// What it says after this.
    pub fn fold(&mut self, event: &CalendarEvent) {
        match event {
            CalendarEvent::Renamed { name, .. } => self.name = name.clone(),
            CalendarEvent::ZoneSet { zone, .. } => self.zone.clone_from(zone),
            CalendarEvent::ShiftsSet { shifts, .. } => self.shifts = shifts.clone(),
            CalendarEvent::DaysSet { days } => self.days.extend(days.iter().map(|day| (day.date, day.clone()))),
            CalendarEvent::DaysCleared { dates } => self.days.retain(|date, _| !dates.contains(date)),
            CalendarEvent::Created { .. } | CalendarEvent::Retired { .. } => {}
        }
    }
}

impl DomainEvent for CalendarEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("calendar.created", 1),
        ("calendar.renamed", 1),
        ("calendar.zone_set", 1),
        ("calendar.shifts_set", 1),
        ("calendar.days_set", 1),
        ("calendar.days_cleared", 1),
        ("calendar.retired", 1),
    ];
}

#[cfg(test)]
mod tests {
    use super::super::hours::Day;
    use super::*;
    use crate::kernel::scenario::Scenario;

    fn hours(from: &str, to: &str) -> Hours {
        Hours { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    fn shift(day: Day, from: &str, to: &str) -> Shift {
        Shift { day, hours: hours(from, to), breaks: Vec::new(), name: None }
    }

    fn name(text: &str) -> CalendarName {
        CalendarName::try_new(text).unwrap()
    }

    fn create(shifts: Vec<Shift>) -> CalendarCommand {
        let code = CalendarCode::try_new("TWO-SHIFTS").unwrap();
        CalendarCommand::Create { code, name: name("Two shifts"), zone: None, shifts }
    }

    fn two_shifts() -> Vec<Shift> {
        vec![shift(Day::Monday, "06:00", "14:00"), shift(Day::Monday, "14:00", "22:00")]
    }

    fn created() -> Scenario<Calendar> {
        Scenario::new().given(&create(two_shifts()))
    }

    fn day(date: &str, open: &[(&str, &str)]) -> SpecialDay {
        let open = open.iter().map(|(from, to)| hours(from, to)).collect();
        SpecialDay { date: LocalDate(date.parse().unwrap()), open, name: None }
    }

    #[test]
    fn creating_twice_is_one_event_in_whatever_order_the_shifts_are_given() {
        let turned = two_shifts().into_iter().rev().collect();
        created().when(&create(turned)).then_nothing();
        created()
            .when(&create(vec![shift(Day::Friday, "06:00", "14:00")]))
            .then_refused("CALENDAR_EXISTS", Some("code"));
    }

    #[test]
    fn shifts_that_can_not_be_are_refused_and_change_nothing() {
        let cases = [
            (Vec::new(), "CALENDAR_NEVER_OPEN"),
            (vec![shift(Day::Monday, "06:00", "14:30"), shift(Day::Monday, "14:00", "22:00")], "SHIFTS_OVERLAP"),
            (
                vec![Shift { breaks: vec![hours("05:00", "05:30")], ..shift(Day::Monday, "06:00", "14:00") }],
                "SHIFT_BREAK_OUTSIDE",
            ),
            ((0..101).map(|_| shift(Day::Monday, "06:00", "07:00")).collect(), "SHIFTS_TOO_MANY"),
        ];
        for (shifts, code) in cases {
            Scenario::<Calendar>::new().when(&create(shifts.clone())).then_refused(code, Some("shifts"));
            created().when(&CalendarCommand::SetShifts(shifts)).then_refused(code, Some("shifts"));
        }
    }

    #[test]
    fn a_zone_is_one_of_the_database_or_the_company_s() {
        let zone = |text: &str| CalendarCommand::SetZone(Some(ZoneName::try_new(text).unwrap()));
        created().when(&zone("Mars/Olympus")).then_refused("CALENDAR_ZONE_UNKNOWN", Some("zone"));
        created().given(&zone("Europe/Tallinn")).when(&zone("Europe/Tallinn")).then_nothing();
        created().when(&CalendarCommand::SetZone(None)).then_nothing();
    }

    #[test]
    fn days_that_are_not_like_others_are_told_in_order_and_once() {
        let (eve, first) = (day("2026-12-24", &[("06:00", "12:00")]), day("2026-01-01", &[]));
        let both = CalendarCommand::SetDays(vec![eve.clone(), first.clone()]);
        created().when(&both).then(&[CalendarEvent::DaysSet { days: vec![first.clone(), eve.clone()] }]);
        created().given(&both).when(&both).then_nothing();
        let changed = CalendarCommand::SetDays(vec![first, day("2026-12-24", &[])]);
        created().given(&both).when(&changed).then(&[CalendarEvent::DaysSet { days: vec![day("2026-12-24", &[])] }]);
        let clear = CalendarCommand::ClearDays(vec![eve.date, eve.date, LocalDate("2030-01-01".parse().unwrap())]);
        created().given(&both).when(&clear).then(&[CalendarEvent::DaysCleared { dates: vec![eve.date] }]);
        created().given(&both).given(&clear).when(&clear).then_nothing();
    }

    #[test]
    fn a_day_is_named_once_with_hours_that_do_not_overlap() {
        let twice = CalendarCommand::SetDays(vec![day("2026-12-24", &[]), day("2026-12-24", &[("06:00", "12:00")])]);
        created().when(&twice).then_refused("CALENDAR_DAY_TWICE", Some("days"));
        for open in [[("06:00", "12:00"), ("11:00", "14:00")], [("00:30", "02:00"), ("22:00", "01:00")]] {
            let overlapping = CalendarCommand::SetDays(vec![day("2026-12-24", &open)]);
            created().when(&overlapping).then_refused("CALENDAR_DAY_HOURS", Some("days"));
        }
    }

    #[test]
    fn a_calendar_has_so_many_special_days_and_no_more() {
        let first: jiff::civil::Date = "2026-01-01".parse().unwrap();
        let days = |from: i32, count: i32| {
            let date = |number: i32| LocalDate(first.checked_add(jiff::Span::new().days(from + number)).unwrap());
            CalendarCommand::SetDays(
                (0..count).map(|number| SpecialDay { date: date(number), open: vec![], name: None }).collect(),
            )
        };
        let full = created().given(&days(0, 2_000));
        full.clone().when(&days(2_000, 1)).then_refused("CALENDAR_DAYS_TOO_MANY", Some("days"));
        full.when(&days(5, 1)).then_nothing();
    }

    #[test]
    fn nothing_changes_after_it_is_out_of_use() {
        let retire = CalendarCommand::Retire(Reason::try_new("one shift only now").unwrap());
        let retired = created().given(&retire);
        retired.clone().when(&retire).then_nothing();
        retired.clone().when(&CalendarCommand::Rename(name("One shift"))).then_refused("CALENDAR_RETIRED", None);
        retired.when(&create(two_shifts())).then_refused("CALENDAR_EXISTS", Some("code"));
        Scenario::<Calendar>::new().when(&retire).then_refused("CALENDAR_NOT_FOUND", None);
    }
}
