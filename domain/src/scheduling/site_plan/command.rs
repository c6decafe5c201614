//! What may be asked of the plan.

use serde::Serialize;

use super::{Changes, Origin, Pin, PlanPolicies};
use crate::kernel::{JobId, StreamId};
use crate::machines::work_center::Reason;
use crate::scheduling::placement::{OperationRef, Placement};

/// Operations that go out of the way of what somebody moves, as it was worked out on the whole shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pushed {
    /// Where to.
    pub placements: Vec<Placement>,
    /// The version that this was worked out on.
    pub based_on: u64,
}

/// What may be asked of the plan. What the optimiser asks was checked against the whole shop before; what people ask is checked
/// against the jobs, machines and operators that it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanCommand {
    /// Takes over what was planned against the plan of this version.
    Publish {
        /// What it changes.
        changes: Changes,
        /// Where it comes from.
        origin: Origin,
        /// The version that its maker saw.
        based_on: u64,
    },
    /// Moves what follows from what happened on the floor.
    Follow {
        /// What it changes.
        changes: Changes,
        /// The streams whose events made it necessary; empty where time alone did.
        cause: Vec<StreamId>,
        /// The version that its maker saw.
        based_on: u64,
    },
    /// Puts operations somewhere by hand. Pins move along.
    Move {
        /// Where to.
        placements: Vec<Placement>,
        /// Why, where somebody will ask.
        reason: Option<Reason>,
        /// Pins them there.
        pin: Option<Pin>,
        /// Others that go out of their way in the same change; they are not pinned.
        #[serde(skip_serializing_if = "Option::is_none")]
        pushed: Option<Pushed>,
        /// The version in which whoever asks saw them. It says nothing of what is asked, and so is in no fingerprint.
        #[serde(skip)]
        seen: Option<u64>,
    },
    /// Takes operations out of the plan, with their pins.
    TakeOut {
        /// Which.
        operations: Vec<OperationRef>,
        /// Why.
        reason: Option<Reason>,
        /// The version in which whoever asks saw them.
        #[serde(skip)]
        seen: Option<u64>,
    },
    /// Takes all of a job out of the plan that has not begun.
    TakeOutJob {
        /// Which.
        job: JobId,
        /// Why.
        reason: Option<Reason>,
    },
    /// Fixes operations where they are.
    Pin {
        /// Which.
        operations: Vec<OperationRef>,
        /// Why, and until when.
        pin: Pin,
        /// The version in which whoever asks saw them.
        #[serde(skip)]
        seen: Option<u64>,
    },
    /// Lets operations go again.
    Unpin(Vec<OperationRef>),
    /// Takes one change back, with the pins that it set or took.
    Undo {
        /// The version that it made.
        change: u64,
        /// Leaves what can't go back where it is. Without, that refuses it all.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        partly: bool,
        /// Why, where somebody will ask.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        /// The version that whoever asks looked at: what goes back may not fit into another.
        #[serde(skip)]
        seen: Option<u64>,
    },
    /// Says what counts, and what is done about conflicts.
    SetPolicies(PlanPolicies),
}
