//! A work center: a group of machines that can do the same work.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::decider::DomainEvent;
use crate::kernel::text::{Datum, text_value};

text_value!(
    /// Natural key of a work center, unique in the tenant, never changed.
    WorkCenterCode, "a work center code", max = 64,
    datum = Datum::business("work center code", "names the work center")
);
text_value!(
    /// What people call a work center.
    WorkCenterName, "a work center name", max = 200,
    datum = Datum::business("work center name", "shown on boards")
);
text_value!(
    /// The part of the site that it stands in.
    AreaName, "an area", max = 200,
    datum = Datum::business("area", "groups work centers on boards")
);
text_value!(
    /// Why something was done, in the words of who did it.
    Reason, "a reason", max = 500,
    datum = Datum::business("reason", "explains a change to those who come after")
);

/// What may be asked of a work center.
#[derive(Debug, Clone, PartialEq, Eq)]
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

impl DomainEvent for WorkCenterEvent {
    const NAMES: &'static [(&'static str, u16)] =
        &[("work_center.created", 1), ("work_center.renamed", 1), ("work_center.moved", 1), ("work_center.retired", 1)];
}
