//! A work center: a group of machines that can do the same work.
//!
//! It protects:
//! - a code is used once and for good;
//! - its calendar is one in use when it is given;
//! - of a changeover one thing is said, and there are so many at most;
//! - nothing changes after it was taken out of use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::changeover::{ChangeoverError, Changeovers};
use crate::kernel::context::Context;
use crate::kernel::decider::{Decider, DomainEvent, Refusal, refusal_codes};
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{CalendarId, StreamType, Timestamp};

text_value!(
    /// Natural key of a work center, unique in the tenant, never changed.
    WorkCenterCode, "a work center code", Code, max = 64,
    datum = Datum::business("work center code", "names the work center")
);
text_value!(
    /// What people call a work center.
    WorkCenterName, "a work center name", Name, max = 200,
    datum = Datum::business("work center name", "shown on boards")
);
text_value!(
    /// The part of the site that it stands in.
    AreaName, "an area", Name, max = 200,
    datum = Datum::business("area", "groups work centers on boards")
);
text_value!(
    /// Why something was done, in the words of who did it.
    Reason, "a reason", Lines, max = 500,
    datum = Datum::business("reason", "explains a change to those who come after")
);

/// What may be asked of a work center.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkCenterCommand {
    /// Sets it up.
    Create {
        /// Its code; the stream's identity is made from it.
        code: WorkCenterCode,
        /// Its name.
        name: WorkCenterName,
        /// Where it stands.
        area: Option<AreaName>,
    },
    /// Gives it another name.
    Rename(WorkCenterName),
    /// Puts it in another area, or in none.
    Move(Option<AreaName>),
    /// Says when its machines work; as the company does where there is none.
    SetCalendar(Option<CalendarId>),
    /// Replaces the changeovers of its machines; none where the table is empty.
    SetChangeovers(Changeovers),
    /// Takes it out of use.
    Retire(Reason),
}

/// What can have happened to a work center.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum WorkCenterEvent {
    /// It was set up.
    #[serde(rename = "work_center.created")]
    Created {
        /// Its code.
        code: WorkCenterCode,
        /// Its name.
        name: WorkCenterName,
        /// Where it stands.
        area: Option<AreaName>,
    },
    /// Its name changed.
    #[serde(rename = "work_center.renamed")]
    Renamed {
        /// Before.
        was: WorkCenterName,
        /// After.
        name: WorkCenterName,
    },
    /// It stands elsewhere.
    #[serde(rename = "work_center.moved")]
    Moved {
        /// Before.
        was: Option<AreaName>,
        /// After.
        area: Option<AreaName>,
    },
    /// Its machines work by another calendar.
    #[serde(rename = "work_center.calendar_set")]
    CalendarSet {
        /// Before.
        was: Option<CalendarId>,
        /// After; that of the company where there is none.
        calendar: Option<CalendarId>,
    },
    /// Its machines are changed over in other times.
    #[serde(rename = "work_center.changeovers_set")]
    ChangeoversSet {
        /// From now on.
        changeovers: Changeovers,
    },
    /// It is out of use.
    #[serde(rename = "work_center.retired")]
    Retired {
        /// Why.
        reason: Reason,
    },
}

/// Why a work center refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkCenterError {
    /// There is none.
    #[error("there is no such work center")]
    NotFound,
    /// The code is taken.
    #[error("there is a work center {0} already")]
    Exists(WorkCenterCode),
    /// It is out of use.
    #[error("work center {0} is out of use")]
    Retired(WorkCenterCode),
    /// The calendar is not there, or out of use.
    #[error("calendar {0} does not exist or is out of use")]
    CalendarNotFound(CalendarId),
    /// A changeover twice.
    #[error("{0}")]
    ChangeoverTwice(ChangeoverError),
    /// More changeovers, or families, than there can be.
    #[error("{0}")]
    TooManyChangeovers(ChangeoverError),
    /// A changeover that takes too long.
    #[error("{0}")]
    ChangeoverTooLong(ChangeoverError),
}

impl From<ChangeoverError> for WorkCenterError {
    fn from(error: ChangeoverError) -> Self {
        match error {
            ChangeoverError::Twice(..) => Self::ChangeoverTwice(error),
            ChangeoverError::Families(_) | ChangeoverError::Many(_) => Self::TooManyChangeovers(error),
            ChangeoverError::Long(_) => Self::ChangeoverTooLong(error),
        }
    }
}

refusal_codes!(WorkCenterError {
    NotFound => "WORK_CENTER_NOT_FOUND",
    Exists => "WORK_CENTER_EXISTS",
    Retired => "WORK_CENTER_RETIRED",
    CalendarNotFound => "CALENDAR_NOT_FOUND",
    ChangeoverTwice => "CHANGEOVER_TWICE",
    TooManyChangeovers => "CHANGEOVERS_TOO_MANY",
    ChangeoverTooLong => "CHANGEOVER_TOO_LONG",
});

impl Refusal for WorkCenterError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Exists(_) => Some("code"),
            Self::CalendarNotFound(_) => Some("calendarId"),
            Self::ChangeoverTwice(_) | Self::TooManyChangeovers(_) | Self::ChangeoverTooLong(_) => Some("changeovers"),
            Self::NotFound | Self::Retired(_) => None,
        }
    }
}

/// A work center's situation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum WorkCenterState {
    /// Never created.
    #[default]
    Unknown,
    /// In use.
    InUse(Place),
    /// Out of use.
    Retired {
        /// Its code.
        code: WorkCenterCode,
    },
}

/// What is known of a work center in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its code.
    pub code: WorkCenterCode,
    /// Its name.
    pub name: WorkCenterName,
    /// Where it stands.
    pub area: Option<AreaName>,
    /// When its machines work, where that is not as the company does.
    pub calendar: Option<CalendarId>,
    /// How long its machines are changed over.
    pub changeovers: Changeovers,
}

/// Decides for work centers.
pub struct WorkCenter;

impl Decider for WorkCenter {
    const STREAM: StreamType = StreamType::WorkCenter;
    type Command = WorkCenterCommand;
    type Event = WorkCenterEvent;
    type Error = WorkCenterError;
    type State = WorkCenterState;

    fn decide(
        state: &WorkCenterState,
        command: &WorkCenterCommand,
        context: &Context,
    ) -> Result<Vec<WorkCenterEvent>, WorkCenterError> {
        use WorkCenterCommand::{Create, Retire};
        use WorkCenterState::{InUse, Retired, Unknown};
        let event = match (state, command) {
            (Unknown, Create { code, name, area }) => {
                Some(WorkCenterEvent::Created { code: code.clone(), name: name.clone(), area: area.clone() })
            }
            (Unknown, _) => return Err(WorkCenterError::NotFound),
            (InUse(place), Create { code, name, area })
                if (&place.code, &place.name, &place.area) == (code, name, area) =>
            {
                None
            }
            (InUse(Place { code, .. }) | Retired { code }, Create { .. }) => {
                return Err(WorkCenterError::Exists(code.clone()));
            }
            (InUse(place), command) => place.change(command, context)?,
            (Retired { .. }, Retire(_)) => None,
            (Retired { code }, _) => return Err(WorkCenterError::Retired(code.clone())),
        };
        Ok(event.into_iter().collect())
    }

    fn evolve(state: WorkCenterState, event: &WorkCenterEvent, _: Timestamp) -> WorkCenterState {
        use WorkCenterState::InUse;
        match (state, event) {
            (_, WorkCenterEvent::Created { code, name, area }) => {
                let changeovers = Changeovers::default();
                InUse(Place { code: code.clone(), name: name.clone(), area: area.clone(), calendar: None, changeovers })
            }
            (InUse(place), WorkCenterEvent::Renamed { name, .. }) => InUse(Place { name: name.clone(), ..place }),
            (InUse(place), WorkCenterEvent::Moved { area, .. }) => InUse(Place { area: area.clone(), ..place }),
            (InUse(place), WorkCenterEvent::CalendarSet { calendar, .. }) => {
                InUse(Place { calendar: *calendar, ..place })
            }
            (InUse(place), WorkCenterEvent::ChangeoversSet { changeovers }) => {
                InUse(Place { changeovers: changeovers.clone(), ..place })
            }
            (InUse(place), WorkCenterEvent::Retired { .. }) => WorkCenterState::Retired { code: place.code },
            (state, _) => state,
        }
    }
}

impl Place {
    /// The event that does what is asked; none where it is so already.
    fn change(
        &self,
        command: &WorkCenterCommand,
        context: &Context,
    ) -> Result<Option<WorkCenterEvent>, WorkCenterError> {
        use WorkCenterCommand::{Create, Move, Rename, Retire, SetCalendar, SetChangeovers};
        Ok(match command {
            Rename(name) if *name != self.name => {
                Some(WorkCenterEvent::Renamed { was: self.name.clone(), name: name.clone() })
            }
            Move(area) if *area != self.area => {
                Some(WorkCenterEvent::Moved { was: self.area.clone(), area: area.clone() })
            }
            SetCalendar(calendar) if *calendar != self.calendar => match context.facts.missing_calendar {
                Some(missing) => return Err(WorkCenterError::CalendarNotFound(missing)),
                None => Some(WorkCenterEvent::CalendarSet { was: self.calendar, calendar: *calendar }),
            },
            SetChangeovers(changeovers) => {
                let changeovers = changeovers.clone().checked()?;
                (changeovers != self.changeovers).then_some(WorkCenterEvent::ChangeoversSet { changeovers })
            }
            Retire(reason) => Some(WorkCenterEvent::Retired { reason: reason.clone() }),
            Create { .. } | Rename(_) | Move(_) | SetCalendar(_) => None,
        })
    }
}

impl DomainEvent for WorkCenterEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("work_center.created", 1),
        ("work_center.renamed", 1),
        ("work_center.moved", 1),
        ("work_center.calendar_set", 1),
        ("work_center.changeovers_set", 1),
        ("work_center.retired", 1),
    ];
}

#[cfg(test)]
mod tests {
    use super::super::changeover::{Changeover, SetupFamily};
    use super::*;
    use crate::kernel::scenario::Scenario;

    fn name(text: &str) -> WorkCenterName {
        WorkCenterName::try_new(text).unwrap()
    }

    fn create(called: &str) -> WorkCenterCommand {
        WorkCenterCommand::Create { code: WorkCenterCode::try_new("WC1").unwrap(), name: name(called), area: None }
    }

    fn retire() -> WorkCenterCommand {
        WorkCenterCommand::Retire(Reason::try_new("sold").unwrap())
    }

    #[test]
    fn creating_twice_is_one_event_and_a_taken_code_is_refused() {
        let created = Scenario::<WorkCenter>::new().given(&create("Lathes"));
        created.clone().when(&create("Lathes")).then_nothing();
        created.when(&create("Mills")).then_refused("WORK_CENTER_EXISTS", Some("code"));
    }

    #[test]
    fn an_unknown_one_is_not_found() {
        Scenario::<WorkCenter>::new().when(&retire()).then_refused("WORK_CENTER_NOT_FOUND", None);
    }

    #[test]
    fn a_new_name_and_area_keep_what_was() {
        let created = Scenario::<WorkCenter>::new().given(&create("Lathes"));
        let rename = WorkCenterCommand::Rename(name("Turning"));
        created.clone().when(&rename).then(&[WorkCenterEvent::Renamed { was: name("Lathes"), name: name("Turning") }]);
        created.clone().given(&rename).when(&rename).then_nothing();
        let area = Some(AreaName::try_new("Hall 2").unwrap());
        let to_hall = WorkCenterCommand::Move(area.clone());
        created.clone().when(&to_hall).then(&[WorkCenterEvent::Moved { was: None, area }]);
        created.given(&to_hall).when(&to_hall).then_nothing();
    }

    #[test]
    fn a_calendar_that_is_given_is_there_and_in_use() {
        let hours = CalendarId(uuid::Uuid::from_u128(5));
        let give = WorkCenterCommand::SetCalendar(Some(hours));
        let created = Scenario::<WorkCenter>::new().given(&create("Lathes"));
        let missing = |scenario: Scenario<WorkCenter>| scenario.knowing(|facts| facts.missing_calendar = Some(hours));
        missing(created.clone()).when(&give).then_refused("CALENDAR_NOT_FOUND", Some("calendarId"));
        let given = created.given(&give);
        missing(given.clone()).when(&give).then_nothing();
        let take = WorkCenterCommand::SetCalendar(None);
        given.when(&take).then(&[WorkCenterEvent::CalendarSet { was: Some(hours), calendar: None }]);
    }

    #[test]
    fn changeovers_are_set_as_one_table_in_whatever_order_and_only_as_they_can_be() {
        let family = |text: &str| SetupFamily::try_new(text).unwrap();
        let changeover = |from: &str, to: &str, seconds| Changeover { from: family(from), to: family(to), seconds };
        let ask =
            |table: Vec<Changeover>| WorkCenterCommand::SetChangeovers(Changeovers { default_seconds: 900, table });
        let (there, back) = (changeover("BLACK", "WHITE", 3_600), changeover("WHITE", "BLACK", 600));
        let created = Scenario::<WorkCenter>::new().given(&create("Paint"));
        let changeovers = Changeovers { default_seconds: 900, table: vec![there.clone(), back.clone()] };
        let set = ask(vec![back.clone(), there.clone()]);
        created.clone().when(&set).then(&[WorkCenterEvent::ChangeoversSet { changeovers }]);
        let given = created.given(&set);
        given.clone().when(&ask(vec![there.clone(), back.clone()])).then_nothing();
        let none = Changeovers::default();
        let take = WorkCenterCommand::SetChangeovers(none.clone());
        given.clone().when(&take).then(&[WorkCenterEvent::ChangeoversSet { changeovers: none }]);
        for (table, code) in [
            (vec![there.clone(), back, there], "CHANGEOVER_TWICE"),
            (vec![changeover("BLACK", "WHITE", 604_801)], "CHANGEOVER_TOO_LONG"),
            ((0..101).map(|it| changeover("BLACK", &format!("F{it}"), 1)).collect(), "CHANGEOVERS_TOO_MANY"),
        ] {
            given.clone().when(&ask(table)).then_refused(code, Some("changeovers"));
        }
        given.given(&retire()).when(&take).then_refused("WORK_CENTER_RETIRED", None);
    }

    #[test]
    fn nothing_changes_after_it_is_out_of_use() {
        let retired = Scenario::<WorkCenter>::new().given(&create("Lathes")).given(&retire());
        retired.clone().when(&retire()).then_nothing();
        retired.clone().when(&create("Lathes")).then_refused("WORK_CENTER_EXISTS", Some("code"));
        retired.when(&WorkCenterCommand::Rename(name("Turning"))).then_refused("WORK_CENTER_RETIRED", None);
    }
}
