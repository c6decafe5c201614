//! Where a plan puts operations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::jobs::operation::OperationNumber;
use crate::kernel::{JobId, MachineId, OperatorId, Timestamp};

/// An operation of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct OperationRef {
    /// Of which job.
    pub job: JobId,
    /// Which of its operations.
    pub operation: OperationNumber,
}

/// Where, by whom and when an operation is planned; whole seconds, start ≤ start of the run ≤ end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// Of which job.
    pub job: JobId,
    /// Which of its operations.
    pub operation: OperationNumber,
    /// On which machine; `None` is outside the house.
    pub machine: Option<MachineId>,
    /// By whom, where somebody is needed.
    pub operator: Option<OperatorId>,
    /// When its setup starts.
    pub start: Timestamp,
    /// When its run starts.
    pub run_start: Timestamp,
    /// When its run ends.
    pub end: Timestamp,
}

impl Placement {
    /// The operation that is placed.
    pub const fn of(&self) -> OperationRef {
        OperationRef { job: self.job, operation: self.operation }
    }

    /// Whether it starts there and then by the same hands as another: what takes longer than was thought has not moved.
    pub fn stays_at(&self, other: &Self) -> bool {
        (self.machine, self.operator, self.start) == (other.machine, other.operator, other.start)
    }

    /// Whether it is an interval of whole seconds, its run within.
    pub fn is_in_order(&self) -> bool {
        let whole = |at: Timestamp| at.as_micros() % 1_000_000 == 0;
        self.start <= self.run_start
            && self.run_start <= self.end
            && [self.start, self.run_start, self.end].map(whole) == [true; 3]
    }
}
