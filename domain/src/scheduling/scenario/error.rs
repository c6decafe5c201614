//! Why a what-if refuses.

use super::{MOST_ASSUMPTIONS, MOST_OPEN};
use crate::kernel::decider::{Refusal, refusal_codes};
use crate::kernel::{AssumptionId, JobId, MachineId, OperatorId, ToolId};
use crate::machines::tool::MOST_TOOLS;
use crate::scheduling::site_plan::PlanError;

/// Why a what-if refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// There is none.
    #[error("there is no such what-if")]
    NotFound,
    /// The identity is taken.
    #[error("there is such a what-if already")]
    Exists,
    /// The plan has taken it over.
    #[error("the what-if was published")]
    Published,
    /// It was given up.
    #[error("the what-if was discarded")]
    Discarded,
    /// Somebody else has changed it since.
    #[error("the what-if has version {version} now")]
    Changed {
        /// Its version now.
        version: u64,
    },
    /// What is placed can't be so.
    #[error("{0}")]
    Placement(#[from] PlanError),
    /// The identity is that of another assumption.
    #[error("there is another assumption {0} already")]
    AssumptionExists(AssumptionId),
    /// More than anybody looks through.
    #[error("a what-if has at most {MOST_ASSUMPTIONS} assumptions")]
    TooManyAssumptions,
    /// Each holds a copy of the plan.
    #[error("there are {MOST_OPEN} what-ifs that are open, the most there can be: publish or discard one")]
    TooManyOpen,
    /// It ends before it starts.
    #[error("an assumption must end after it starts")]
    IntervalReversed,
    /// Pins are of the plan of the site.
    #[error("a what-if has no pins of its own: pin what it places once it is published")]
    NoPins,
    /// No such machine, or out of use.
    #[error("machine {0} does not exist or is out of use")]
    MachineNotFound(MachineId),
    /// No such operator, or not working here now.
    #[error("operator {0} does not exist or does not work here now")]
    OperatorNotFound(OperatorId),
    /// No such job.
    #[error("job {0} does not exist")]
    JobNotFound(JobId),
    /// No such tool.
    #[error("tool {0} does not exist")]
    ToolNotFound(ToolId),
    /// More than anybody has.
    #[error("a what-if assumes 0 to {MOST_TOOLS} of a tool, not {0}")]
    ToolCount(u16),
}

refusal_codes!(ScenarioError {
    NotFound => "SCENARIO_NOT_FOUND",
    Exists => "SCENARIO_EXISTS",
    Published => "SCENARIO_PUBLISHED",
    Discarded => "SCENARIO_DISCARDED",
    Changed => "SCENARIO_CHANGED",
    Placement => "SCENARIO_PLACEMENT",
    AssumptionExists => "SCENARIO_ASSUMPTION_EXISTS",
    TooManyAssumptions => "SCENARIO_ASSUMPTIONS_TOO_MANY",
    TooManyOpen => "SCENARIOS_TOO_MANY",
    IntervalReversed => "INTERVAL_REVERSED",
    NoPins => "SCENARIO_NO_PINS",
    MachineNotFound => "MACHINE_NOT_FOUND",
    OperatorNotFound => "OPERATOR_NOT_FOUND",
    JobNotFound => "JOB_NOT_FOUND",
    ToolNotFound => "TOOL_NOT_FOUND",
    ToolCount => "TOOL_COUNT",
});

impl Refusal for ScenarioError {
    fn code(&self) -> &str {
        match self {
            Self::Placement(error) => error.code(),
            _ => self.stable_code(),
        }
    }

    fn field(&self) -> Option<&str> {
        match self {
            Self::Placement(error) => error.field(),
            Self::AssumptionExists(_) | Self::TooManyAssumptions => Some("assumption"),
            Self::IntervalReversed => Some("until"),
            Self::NoPins => Some("pin"),
            Self::MachineNotFound(_) => Some("machineId"),
            Self::OperatorNotFound(_) => Some("operatorId"),
            Self::JobNotFound(_) => Some("jobId"),
            Self::ToolNotFound(_) => Some("toolId"),
            Self::ToolCount(_) => Some("count"),
            Self::NotFound
            | Self::Exists
            | Self::Published
            | Self::Discarded
            | Self::TooManyOpen
            | Self::Changed { .. } => None,
        }
    }
}
