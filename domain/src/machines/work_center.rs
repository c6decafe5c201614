//! A work center: a group of machines that can do the same work.
//!
//! It protects:
//! - a code is used once and for good;
//! - nothing changes after it was taken out of use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::context::Context;
use crate::kernel::decider::{Decider, DomainEvent, Refusal, refusal_codes};
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{StreamType, Timestamp};

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
}

refusal_codes!(WorkCenterError {
    NotFound => "WORK_CENTER_NOT_FOUND",
    Exists => "WORK_CENTER_EXISTS",
    Retired => "WORK_CENTER_RETIRED",
});

impl Refusal for WorkCenterError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Exists(_) => Some("code"),
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
    InUse {
        /// Its code.
        code: WorkCenterCode,
        /// Its name.
        name: WorkCenterName,
        /// Where it stands.
        area: Option<AreaName>,
    },
    /// Out of use.
    Retired {
        /// Its code.
        code: WorkCenterCode,
    },
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
        _: &Context,
    ) -> Result<Vec<WorkCenterEvent>, WorkCenterError> {
        use WorkCenterCommand::{Create, Move, Rename, Retire};
        use WorkCenterState::{InUse, Retired, Unknown};
        Ok(match (state, command) {
            (Unknown, Create { code, name, area }) => {
                vec![WorkCenterEvent::Created { code: code.clone(), name: name.clone(), area: area.clone() }]
            }
            (Unknown, _) => return Err(WorkCenterError::NotFound),
            (InUse { code, name, area }, Create { code: c, name: n, area: a }) if (code, name, area) == (c, n, a) => {
                vec![]
            }
            (InUse { code, .. } | Retired { code }, Create { .. }) => {
                return Err(WorkCenterError::Exists(code.clone()));
            }
            (InUse { name: was, .. }, Rename(name)) if name == was => vec![],
            (InUse { name: was, .. }, Rename(name)) => {
                vec![WorkCenterEvent::Renamed { was: was.clone(), name: name.clone() }]
            }
            (InUse { area: was, .. }, Move(area)) if area == was => vec![],
            (InUse { area: was, .. }, Move(area)) => {
                vec![WorkCenterEvent::Moved { was: was.clone(), area: area.clone() }]
            }
            (InUse { .. }, Retire(reason)) => vec![WorkCenterEvent::Retired { reason: reason.clone() }],
            (Retired { .. }, Retire(_)) => vec![],
            (Retired { code }, Rename(_) | Move(_)) => return Err(WorkCenterError::Retired(code.clone())),
        })
    }

    fn evolve(state: WorkCenterState, event: &WorkCenterEvent, _: Timestamp) -> WorkCenterState {
        use WorkCenterState::InUse;
        match (state, event) {
            (_, WorkCenterEvent::Created { code, name, area }) => {
                InUse { code: code.clone(), name: name.clone(), area: area.clone() }
            }
            (InUse { code, area, .. }, WorkCenterEvent::Renamed { name, .. }) => {
                InUse { code, name: name.clone(), area }
            }
            (InUse { code, name, .. }, WorkCenterEvent::Moved { area, .. }) => InUse { code, name, area: area.clone() },
            (InUse { code, .. }, WorkCenterEvent::Retired { .. }) => WorkCenterState::Retired { code },
            (state, _) => state,
        }
    }
}

impl DomainEvent for WorkCenterEvent {
    const NAMES: &'static [(&'static str, u16)] =
        &[("work_center.created", 1), ("work_center.renamed", 1), ("work_center.moved", 1), ("work_center.retired", 1)];
}

#[cfg(test)]
mod tests {
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
    fn nothing_changes_after_it_is_out_of_use() {
        let retired = Scenario::<WorkCenter>::new().given(&create("Lathes")).given(&retire());
        retired.clone().when(&retire()).then_nothing();
        retired.clone().when(&create("Lathes")).then_refused("WORK_CENTER_EXISTS", Some("code"));
        retired.when(&WorkCenterCommand::Rename(name("Turning"))).then_refused("WORK_CENTER_RETIRED", None);
    }
}
