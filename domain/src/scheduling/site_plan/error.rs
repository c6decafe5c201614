//! Why the plan refuses.

use std::fmt;

use crate::kernel::decider::{Refusal, refusal_codes};
use crate::kernel::{MachineId, OperatorId};
use crate::scheduling::placement::OperationRef;

use super::{MOST_BY_HAND, MOST_FREEZE_SECONDS, MOST_WEIGHT};

/// Why the plan refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Somebody else has changed it since.
    #[error("the plan has version {version} now; {}", since(.operations))]
    Changed {
        /// Its version now.
        version: u64,
        /// The operations that changed since and are not over.
        operations: Vec<OperationRef>,
    },
    /// Nothing is asked.
    #[error("no operation is named")]
    Empty,
    /// More than one command may name.
    #[error("{count} operations are named, more than {MOST_BY_HAND}")]
    TooMany {
        /// How many are named.
        count: usize,
    },
    /// One operation twice.
    #[error("operation {0} is named twice")]
    Twice(OperationRef),
    /// No such job, or no such operation in it.
    #[error("there is no operation {0}")]
    OperationNotFound(OperationRef),
    /// Somebody has started it: it is where it is.
    #[error("operation {0} has begun")]
    OperationBegun(OperationRef),
    /// It is done.
    #[error("operation {0} is finished")]
    OperationFinished(OperationRef),
    /// The job is completed or cancelled.
    #[error("the job of operation {0} is closed")]
    JobClosed(OperationRef),
    /// It has no place that could be fixed.
    #[error("operation {0} is not in the plan")]
    NotPlanned(OperationRef),
    /// Somebody has fixed it.
    #[error("operation {0} is pinned")]
    Pinned(OperationRef),
    /// Not start ≤ start of the run ≤ end, in whole seconds.
    #[error("operation {0} must start, run and end in this order, on whole seconds")]
    OutOfOrder(OperationRef),
    /// It is done by somebody else.
    #[error("operation {0} is done outside the house: it has no machine")]
    Outside(OperationRef),
    /// It would have started already.
    #[error("operation {0} can't start in the past")]
    InPast(OperationRef),
    /// A pin that is over before it begins.
    #[error("a pin must last into the future")]
    PinOver,
    /// No such machine, or out of use.
    #[error("machine {0} does not exist or is out of use")]
    MachineNotFound(MachineId),
    /// No such operator, or not working here now.
    #[error("operator {0} does not exist or does not work here now")]
    OperatorNotFound(OperatorId),
    /// No such change, too long ago, or taken back already.
    #[error("there is no change {0} that can be taken back")]
    ChangeNotFound(u64),
    /// A number outside its range.
    #[error("{field} must be 0 to {most}")]
    OutOfRange {
        /// The input field.
        field: &'static str,
        /// The most it may be.
        most: i64,
    },
}

/// The first of the operations that changed, in words.
fn since(operations: &[OperationRef]) -> String {
    const SHOWN: usize = 10;
    if operations.is_empty() {
        return "what changed since is over".to_owned();
    }
    let mut words: Vec<String> = operations.iter().take(SHOWN).map(ToString::to_string).collect();
    if operations.len() > SHOWN {
        words.push(format!("{} more", operations.len() - SHOWN));
    }
    format!("changed since: {}", words.join(", "))
}

impl fmt::Display for OperationRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of job {}", self.operation.0, self.job)
    }
}

refusal_codes!(PlanError {
    Changed => "PLAN_CHANGED",
    Empty => "PLAN_NOTHING_NAMED",
    TooMany => "PLAN_TOO_MANY",
    Twice => "PLAN_NAMED_TWICE",
    OperationNotFound => "PLAN_OPERATION_NOT_FOUND",
    OperationBegun => "PLAN_OPERATION_BEGUN",
    OperationFinished => "PLAN_OPERATION_FINISHED",
    JobClosed => "PLAN_JOB_CLOSED",
    NotPlanned => "PLAN_NOT_PLANNED",
    Pinned => "PLAN_PINNED",
    OutOfOrder => "PLAN_OUT_OF_ORDER",
    Outside => "PLAN_OUTSIDE",
    InPast => "PLAN_IN_PAST",
    PinOver => "PLAN_PIN_OVER",
    MachineNotFound => "MACHINE_NOT_FOUND",
    OperatorNotFound => "OPERATOR_NOT_FOUND",
    ChangeNotFound => "PLAN_CHANGE_NOT_FOUND",
    OutOfRange => "OUT_OF_RANGE",
});

impl PlanError {
    pub(super) const MOST_FREEZE: Self = Self::OutOfRange { field: "freezeSeconds", most: MOST_FREEZE_SECONDS as i64 };
    pub(super) const MOST_WEIGHT: Self = Self::OutOfRange { field: "weights", most: MOST_WEIGHT };

    /// The operations that it is about; empty where it is about none.
    pub fn operations(&self) -> &[OperationRef] {
        match self {
            Self::Changed { operations, .. } => operations,
            Self::Twice(operation)
            | Self::OperationNotFound(operation)
            | Self::OperationBegun(operation)
            | Self::OperationFinished(operation)
            | Self::JobClosed(operation)
            | Self::NotPlanned(operation)
            | Self::Pinned(operation)
            | Self::OutOfOrder(operation)
            | Self::Outside(operation)
            | Self::InPast(operation) => std::slice::from_ref(operation),
            _ => &[],
        }
    }
}

impl Refusal for PlanError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::OutOfRange { field, .. } => field,
            Self::OutOfOrder(_) | Self::InPast(_) => "start",
            Self::PinOver => "until",
            Self::MachineNotFound(_) | Self::Outside(_) => "machineId",
            Self::OperatorNotFound(_) => "operatorId",
            Self::ChangeNotFound(_) => "version",
            Self::Changed { .. } => return None,
            Self::Empty
            | Self::TooMany { .. }
            | Self::Twice(_)
            | Self::OperationNotFound(_)
            | Self::OperationBegun(_)
            | Self::OperationFinished(_)
            | Self::JobClosed(_)
            | Self::NotPlanned(_)
            | Self::Pinned(_) => "operations",
        })
    }
}
