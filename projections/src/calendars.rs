//! Every shift calendar with its rules.

use domain::calendars::calendar::{CalendarEvent, Rules};
use domain::catalog::Event;
use domain::kernel::CalendarId;
use domain::machines::work_center::Reason;
use domain::ports::{Envelope, Position, Recorded};
use domain::tenancy::company::ZoneName;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::projection::{IndexColumn, Projection, Value, row_key, text_value};

/// One row per calendar.
pub struct Calendars;

/// A shift calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarRow {
    /// Which one.
    pub id: CalendarId,
    /// What it says, also after it was taken out of use: whoever keeps to it goes on doing so.
    pub rules: Rules,
    /// Why it is out of use, once it is.
    pub retired: Option<Reason>,
    /// Revision of its stream.
    pub revision: u64,
    /// Position of the last event folded.
    pub position: Position,
}

impl CalendarRow {
    fn created(envelope: &Envelope, event: &Event) -> Option<Self> {
        let Event::Calendar(event) = event else { return None };
        Some(Self {
            id: CalendarId(envelope.stream.id),
            rules: Rules::created(event)?,
            retired: None,
            revision: envelope.revision,
            position: envelope.position,
        })
    }

    /// The zone of the clocks that it follows, where the company's is this.
    pub fn time_zone(&self, of_company: &TimeZone) -> TimeZone {
        let own = self.rules.zone.as_ref().and_then(ZoneName::time_zone);
        own.unwrap_or_else(|| of_company.clone())
    }

    fn apply(&mut self, event: &CalendarEvent) {
        match event {
            CalendarEvent::Retired { reason } => self.retired = Some(reason.clone()),
            event => self.rules.fold(event),
        }
    }
}

impl Projection for Calendars {
    const NAME: &'static str = "calendars";
    const VERSION: u32 = 1;
    const INDEXES: &'static [IndexColumn] = &[IndexColumn::text("code"), IndexColumn::integer("retired")];
    type Row = CalendarRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::Calendar(_) => vec![row_key(event.envelope.stream.id)],
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<CalendarRow>, _key: &str, event: &Recorded) -> Option<CalendarRow> {
        let envelope = &event.envelope;
        let Some(mut row) = row else { return CalendarRow::created(envelope, &event.event) };
        if envelope.position <= row.position {
            return Some(row);
        }
        if let Event::Calendar(change) = &event.event {
            (row.revision, row.position) = (envelope.revision, envelope.position);
            row.apply(change);
        }
        Some(row)
    }

    fn index(row: &CalendarRow) -> Vec<Value> {
        vec![text_value(Some(row.rules.code.as_str())), Value::Integer(i64::from(row.retired.is_some()))]
    }
}

#[cfg(test)]
mod tests {
    use domain::calendars::calendar::{CalendarCode, CalendarName, DayName, SpecialDay};
    use domain::calendars::hours::{Day, Hours, LocalDate, Shift, ShiftWeek};
    use domain::kernel::StreamType;
    use uuid::Uuid;

    use super::*;
    use crate::given::{Given, fold, reason};

    const ID: Uuid = Uuid::from_u128(77);

    fn day(date: &str) -> SpecialDay {
        SpecialDay { date: LocalDate(date.parse().unwrap()), open: Vec::new(), name: None }
    }

    fn with(events: impl IntoIterator<Item = CalendarEvent>) -> Given {
        let hours = Hours { from: "06:00".parse().unwrap(), to: "14:00".parse().unwrap() };
        let shifts = vec![Shift { day: Day::Monday, hours, breaks: Vec::new(), name: None }];
        let created = CalendarEvent::Created {
            code: CalendarCode::try_new("ONE").unwrap(),
            name: CalendarName::try_new("One shift").unwrap(),
            zone: None,
            shifts: ShiftWeek::new(shifts).unwrap(),
        };
        let mut given = Given::default();
        for event in std::iter::once(created).chain(events) {
            given.that("2026-01-01T00:00:00Z", StreamType::Calendar, ID, Event::Calendar(event));
        }
        given
    }

    #[test]
    fn days_that_are_set_again_are_there_once_and_in_order() {
        let named = SpecialDay { name: DayName::try_new("Christmas").ok(), ..day("2026-12-25") };
        let given = with([
            CalendarEvent::DaysSet { days: vec![day("2026-12-24"), day("2026-12-25")] },
            CalendarEvent::DaysSet { days: vec![day("2026-01-01"), named.clone()] },
            CalendarEvent::DaysCleared { dates: vec![LocalDate("2026-12-24".parse().unwrap())] },
        ]);
        let row = given.row::<Calendars>(ID);
        let days: Vec<SpecialDay> = row.rules.days.into_values().collect();
        assert_eq!((days, row.revision), (vec![day("2026-01-01"), named], 3));
    }

    #[test]
    fn what_was_folded_already_changes_nothing() {
        let given = with([CalendarEvent::Retired { reason: reason("one shift only") }]);
        let once = given.rows::<Calendars>();
        assert!(fold::<Calendars>(once.clone(), &given.events) == once);
        assert!(given.row::<Calendars>(ID).retired.is_some());
    }
}
