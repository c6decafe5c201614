//! When machines and people work. A question to the rows of calendars and not rows of its own: windows into a future without end are
//! asked for, and one change of a calendar would touch the rows of all that keep to it.

use std::collections::HashMap;

use domain::calendars::open_time::OpenTimeError;
use domain::kernel::{CalendarId, Interval, TenantId};
use domain::machines::machine::MachineStatus;
use domain::scheduling::solver::Seconds;
use jiff::tz::TimeZone;

use crate::calendars::{CalendarRow, Calendars};
use crate::company::{self, CompanyRow};
use crate::machine_board::MachineRow;
use crate::operators::OperatorRow;
use crate::projection::row_key;
use crate::views::{ViewError, Views, for_each, get};
use crate::work_center_board::WorkCenterRow;

/// Half-open intervals in seconds since 1970, in order and apart.
pub type Open = Vec<(Seconds, Seconds)>;

/// By what machines and people of a company work.
#[derive(Debug, Clone)]
pub struct Hours {
    zone: TimeZone,
    of_company: Option<CalendarId>,
    calendars: HashMap<CalendarId, CalendarRow>,
}

impl Hours {
    /// From the company's row, if it was opened, and calendars.
    pub fn new(company: Option<&CompanyRow>, calendars: impl IntoIterator<Item = CalendarRow>) -> Self {
        Self {
            zone: company.map_or(TimeZone::UTC, CompanyRow::time_zone),
            of_company: company.and_then(|company| company.calendar),
            calendars: calendars.into_iter().map(|calendar| (calendar.id, calendar)).collect(),
        }
    }

    /// With all calendars of the company.
    pub async fn read(views: &dyn Views, tenant: TenantId) -> Result<Self, ViewError> {
        let company = company::of(views, tenant).await?;
        let mut calendars = Vec::new();
        for_each::<Calendars>(views, tenant, Vec::new(), |calendar| calendars.push(calendar)).await?;
        Ok(Self::new(company.as_ref(), calendars))
    }

    /// With these calendars and the company's own only.
    pub async fn with(
        views: &dyn Views,
        tenant: TenantId,
        calendars: impl IntoIterator<Item = CalendarId>,
    ) -> Result<Self, ViewError> {
        let company = company::of(views, tenant).await?;
        let of_company = company.as_ref().and_then(|company| company.calendar);
        let keys = calendars.into_iter().chain(of_company).map(|calendar| row_key(calendar.0)).collect();
        let calendars = get::<Calendars>(views, tenant, keys).await?.into_iter().map(|(_, calendar)| calendar);
        Ok(Self::new(company.as_ref(), calendars))
    }

    /// The calendar that a machine keeps to: its own, else its work center's, else the company's; at work always where there is none.
    pub fn calendar_of_machine(&self, machine: &MachineRow, place: Option<&WorkCenterRow>) -> Option<&CalendarRow> {
        self.first([machine.calendar, place.and_then(|place| place.calendar), self.of_company])
    }

    /// The calendar that somebody keeps to: their own, else the company's; at work always where there is none.
    pub fn calendar_of_operator(&self, operator: &OperatorRow) -> Option<&CalendarRow> {
        self.first([operator.calendar, None, self.of_company])
    }

    fn first(&self, precedence: [Option<CalendarId>; 3]) -> Option<&CalendarRow> {
        precedence.into_iter().flatten().find_map(|calendar| self.calendars.get(&calendar))
    }

    /// When a machine works within `[from, until)`, maintenance left out; never where it is out of use for good.
    pub fn of_machine(
        &self,
        machine: &MachineRow,
        place: Option<&WorkCenterRow>,
        within: (Seconds, Seconds),
    ) -> Result<Open, OpenTimeError> {
        if machine.said == MachineStatus::Retired {
            return Ok(Vec::new());
        }
        let open = self.of_calendar(self.calendar_of_machine(machine, place), within)?;
        Ok(less(open, machine.maintenance.iter().map(|(_, maintenance)| maintenance.when)))
    }

    /// When somebody works within `[from, until)`, absences left out; never where they do not work here now.
    pub fn of_operator(&self, operator: &OperatorRow, within: (Seconds, Seconds)) -> Result<Open, OpenTimeError> {
        if !operator.active {
            return Ok(Vec::new());
        }
        let open = self.of_calendar(self.calendar_of_operator(operator), within)?;
        Ok(less(open, operator.absences.iter().map(|(_, absence)| absence.when)))
    }

    /// When a calendar is open within `[from, until)`; always where there is none.
    pub fn of_calendar(
        &self,
        calendar: Option<&CalendarRow>,
        (from, until): (Seconds, Seconds),
    ) -> Result<Open, OpenTimeError> {
        match calendar {
            Some(calendar) => calendar.rules.open_within(&calendar.time_zone(&self.zone), (from, until)),
            None => Ok(Some((from, until)).filter(|(from, until)| from < until).into_iter().collect()),
        }
    }
}

/// What is left open; of a second that is closed in part, nothing is.
pub fn less(open: Open, closed: impl IntoIterator<Item = Interval>) -> Open {
    let mut closed: Open = closed.into_iter().map(Interval::seconds).collect();
    closed.sort_unstable();
    let mut left = Vec::with_capacity(open.len());
    let mut over = 0;
    for (mut from, until) in open {
        // In the order of their beginnings, those that end before this piece are not needed again.
        while closed.get(over).is_some_and(|(_, end)| *end <= from) {
            over += 1;
        }
        for (begin, end) in closed[over..].iter().take_while(|(begin, _)| *begin < until) {
            if from < *begin {
                left.push((from, *begin));
            }
            from = from.max(*end);
        }
        if from < until {
            left.push((from, until));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use domain::calendars::calendar::{CalendarCode, CalendarEvent, CalendarName};
    use domain::calendars::hours::{Day, Shift, ShiftWeek};
    use domain::catalog::Event;
    use domain::kernel::{StreamType, Timestamp};
    use domain::machines::machine::MachineEvent;
    use domain::machines::maintenance::Maintenance;
    use domain::machines::work_center::WorkCenterEvent;
    use domain::workforce::absence::{Absence, AbsenceKind};
    use domain::workforce::operator::OperatorEvent;
    use proptest::prelude::*;

    use super::*;
    use crate::given::{ANN, Given, LATHE, LATHES, at, reason};
    use crate::machine_board::MachineBoard;
    use crate::operators::Operators;
    use crate::work_center_board::WorkCenterBoard;

    const NOW: &str = "2012-01-01T00:00:00Z";

    fn id(number: u128) -> CalendarId {
        CalendarId(uuid::Uuid::from_u128(number))
    }

    /// Open on Mondays, from the hour that is its number up to the next one.
    fn calendar(given: &mut Given, number: u128) {
        let time = |hour: u128| format!("{hour:02}:00").parse().unwrap();
        let hours = domain::calendars::hours::Hours { from: time(number), to: time(number + 1) };
        let shifts = vec![Shift { day: Day::Monday, hours, breaks: Vec::new(), name: None }];
        let created = CalendarEvent::Created {
            code: CalendarCode::try_new(&number.to_string()).unwrap(),
            name: CalendarName::try_new("Hours").unwrap(),
            zone: None,
            shifts: ShiftWeek::new(shifts).unwrap(),
        };
        given.that(NOW, StreamType::Calendar, id(number).0, Event::Calendar(created));
    }

    fn hours(given: &Given, of_company: Option<CalendarId>) -> Hours {
        let calendars = given.rows::<Calendars>().into_values();
        Hours { of_company, ..Hours::new(None, calendars) }
    }

    /// 2012-01-02 was a Monday.
    fn monday(hour: i64) -> Seconds {
        at("2012-01-02T00:00:00Z").as_seconds() + hour * 3_600
    }

    fn of_lathe(given: &Given, of_company: Option<CalendarId>) -> Open {
        let (machine, place) = (given.row::<MachineBoard>(LATHE.0), given.row::<WorkCenterBoard>(LATHES.0));
        hours(given, of_company).of_machine(&machine, Some(&place), (monday(0), monday(24))).unwrap()
    }

    #[test]
    fn a_machine_works_by_its_own_calendar_else_its_work_center_s_else_the_company_s_else_always() {
        let mut given = Given::shop();
        for number in [6, 7, 8] {
            calendar(&mut given, number);
        }
        assert_eq!(of_lathe(&given, None), [(monday(0), monday(24))]);
        assert_eq!(of_lathe(&given, Some(id(6))), [(monday(6), monday(7))]);
        let of_place = WorkCenterEvent::CalendarSet { was: None, calendar: Some(id(7)) };
        given.that(NOW, StreamType::WorkCenter, LATHES.0, Event::WorkCenter(of_place));
        assert_eq!(of_lathe(&given, Some(id(6))), [(monday(7), monday(8))]);
        let own = MachineEvent::CalendarSet { was: None, calendar: Some(id(8)) };
        given.that(NOW, StreamType::Machine, LATHE.0, Event::Machine(own));
        assert_eq!(of_lathe(&given, Some(id(6))), [(monday(8), monday(9))]);
    }

    #[test]
    fn maintenance_and_absences_are_left_out() {
        let mut given = Given::shop();
        let when = Interval { from: at("2012-01-02T08:00:00Z"), until: at("2012-01-02T10:00:00.5Z") };
        let maintenance = Maintenance { when, reason: reason("spindle") };
        let planned = MachineEvent::MaintenancePlanned { number: 1, maintenance: maintenance.clone() };
        given.that(NOW, StreamType::Machine, LATHE.0, Event::Machine(planned));
        let absence = Absence { when, kind: AbsenceKind::Training };
        let added = OperatorEvent::AbsenceAdded { number: 1, absence };
        given.that(NOW, StreamType::Operator, ANN.0, Event::Operator(added));
        let left = [(monday(0), monday(8)), (monday(10) + 1, monday(24))];
        assert_eq!(of_lathe(&given, None), left);
        let of_ann = |given: &Given| {
            hours(given, None).of_operator(&given.row::<Operators>(ANN.0), (monday(0), monday(24))).unwrap()
        };
        assert_eq!(of_ann(&given), left);
        let cancelled =
            MachineEvent::MaintenanceCancelled { number: 1, was: maintenance, reason: reason("no spindle") };
        given.that(NOW, StreamType::Machine, LATHE.0, Event::Machine(cancelled));
        assert_eq!(of_lathe(&given, None), [(monday(0), monday(24))]);
        let left_for_good = OperatorEvent::Deactivated { reason: reason("left") };
        given.that(NOW, StreamType::Operator, ANN.0, Event::Operator(left_for_good));
        assert!(of_ann(&given).is_empty());
    }

    proptest! {
        #[test]
        fn what_is_left_is_what_is_open_and_not_closed(
            open in prop::collection::vec((1..9i64, 1..9i64), 0..6),
            closed in prop::collection::vec((0..60i64, 1..30i64), 0..6),
        ) {
            let mut at = 0;
            let open: Open = open.into_iter().map(|(wait, long)| { let from = at + wait; at = from + long; (from, at) }).collect();
            let instant = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000).unwrap();
            let intervals = closed.iter().map(|(from, long)| Interval { from: instant(*from), until: instant(from + long) });
            let left = less(open.clone(), intervals);
            prop_assert!(left.iter().all(|(from, until)| from < until) && left.windows(2).all(|pair| pair[0].1 <= pair[1].0));
            for second in 0..120 {
                let is_in = |list: &Open| list.iter().any(|(from, until)| (*from..*until).contains(&second));
                let is_closed = closed.iter().any(|(from, long)| (*from..from + long).contains(&second));
                prop_assert_eq!(is_in(&left), is_in(&open) && !is_closed);
            }
        }
    }
}
