//! What can have happened to the plan, and under which names it is stored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Changes, Origin, Pin, PlanPolicies};
use crate::kernel::StreamId;
use crate::kernel::decider::DomainEvent;
use crate::machines::work_center::Reason;
use crate::scheduling::placement::OperationRef;

/// What can have happened to the plan. A large change is several events of one append, with the same version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PlanEvent {
    /// A plan was taken over.
    #[serde(rename = "plan.published")]
    Published {
        /// The plan's version from then on.
        version: u64,
        /// What changed.
        changes: Changes,
        /// Where it came from.
        origin: Origin,
    },
    /// It followed what happened on the floor.
    #[serde(rename = "plan.followed")]
    Followed {
        /// The plan's version from then on.
        version: u64,
        /// What changed.
        changes: Changes,
        /// The streams whose events made it necessary; empty where time alone did.
        cause: Vec<StreamId>,
    },
    /// Somebody put operations somewhere.
    #[serde(rename = "plan.moved")]
    Moved {
        /// The plan's version from then on.
        version: u64,
        /// What changed.
        changes: Changes,
        /// Why.
        reason: Option<Reason>,
        /// They are pinned there from then on.
        pin: Option<Pin>,
    },
    /// Somebody took operations out.
    #[serde(rename = "plan.taken_out")]
    TakenOut {
        /// The plan's version from then on.
        version: u64,
        /// What changed.
        changes: Changes,
        /// Why.
        reason: Option<Reason>,
    },
    /// A change was taken back.
    #[serde(rename = "plan.undone")]
    Undone {
        /// The plan's version from then on.
        version: u64,
        /// What changed.
        changes: Changes,
        /// The version that the change had made.
        undoes: u64,
        /// Why.
        reason: Option<Reason>,
    },
    /// Operations were fixed where they are.
    #[serde(rename = "plan.pinned")]
    Pinned {
        /// Which.
        operations: Vec<OperationRef>,
        /// Why, and until when.
        pin: Pin,
    },
    /// Operations were let go.
    #[serde(rename = "plan.unpinned")]
    Unpinned {
        /// Which.
        operations: Vec<OperationRef>,
    },
    /// What counts, or what is done about conflicts, changed.
    #[serde(rename = "plan.policies_set")]
    PoliciesSet {
        /// Before.
        was: PlanPolicies,
        /// After.
        policies: PlanPolicies,
    },
}

impl PlanEvent {
    /// What it changes about where operations are, with the version that it makes.
    pub const fn changes(&self) -> Option<(u64, &Changes)> {
        match self {
            Self::Published { version, changes, .. }
            | Self::Followed { version, changes, .. }
            | Self::Moved { version, changes, .. }
            | Self::TakenOut { version, changes, .. }
            | Self::Undone { version, changes, .. } => Some((*version, changes)),
            Self::Pinned { .. } | Self::Unpinned { .. } | Self::PoliciesSet { .. } => None,
        }
    }

    /// Every operation that it says something of, each once for each thing that is said.
    pub fn operations(&self) -> impl Iterator<Item = OperationRef> {
        let (changes, named): (_, &[OperationRef]) = match self {
            Self::Pinned { operations, .. } | Self::Unpinned { operations } => (None, operations),
            _ => (self.changes(), &[]),
        };
        changes.into_iter().flat_map(|(_, changes)| changes.operations()).chain(named.iter().copied())
    }
}

impl DomainEvent for PlanEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("plan.published", 3),
        ("plan.followed", 2),
        ("plan.moved", 2),
        ("plan.taken_out", 2),
        ("plan.undone", 3),
        ("plan.pinned", 1),
        ("plan.unpinned", 1),
        ("plan.policies_set", 1),
    ];
}
