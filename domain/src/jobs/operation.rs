//! Operations: the steps of a job, what was planned for them and what was reported.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::text::{Datum, text_value};
use crate::kernel::{MachineId, OperatorId, Quantity, ReportId, Timestamp, WorkCenterId};
use crate::machines::changeover::SetupFamily;
use crate::machines::tool::ToolCode;
use crate::machines::work_center::Reason;
use crate::workforce::operator::Skill;

text_value!(
    /// What people call an operation.
    OperationName, "an operation name", Name, max = 200,
    datum = Datum::business("operation name", "shown on boards and terminals")
);
text_value!(
    /// How to do it.
    Instructions, "instructions", Lines, max = 10_000,
    datum = Datum::business("instructions", "tell the operator what to do")
);
/// Place of an operation in its job, 1 to 65535; by habit 10, 20, 30 …
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OperationNumber(pub u16);

/// How long the run takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunTime {
    /// Seconds for each unit.
    PerUnit {
        /// Decimal seconds.
        seconds: Quantity,
    },
    /// Seconds for each started batch of `size` units.
    PerBatch {
        /// Units in a batch, more than zero.
        size: Quantity,
        /// Decimal seconds.
        seconds: Quantity,
    },
}

/// Another place where the operation may be done, with its own times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Alternative {
    /// Where.
    pub work_center: WorkCenterId,
    /// Setup there, seconds.
    pub setup_seconds: u32,
    /// Run there.
    pub run: Option<RunTime>,
}

/// A skill that an operation needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkillNeed {
    /// The skill.
    pub skill: Skill,
    /// At least this level, 1 to 5.
    pub level: u8,
}

/// What is planned for an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OperationPlan {
    /// Its place in the job.
    pub number: OperationNumber,
    /// Its name.
    pub name: OperationName,
    /// Where it is done.
    pub work_center: WorkCenterId,
    /// Planned setup, seconds.
    pub setup_seconds: u32,
    /// Planned run; `None` when nobody said.
    pub run: Option<RunTime>,
    /// Where else it may be done.
    pub alternatives: Vec<Alternative>,
    /// What the operator must be able to do.
    pub skill: Option<SkillNeed>,
    /// What the machine must be set up for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_family: Option<SetupFamily>,
    /// What tools it needs.
    pub tools: Vec<ToolCode>,
    /// Least seconds after the end of the previous operation.
    pub min_lag_seconds: u32,
    /// Most seconds after the end of the previous operation.
    pub max_lag_seconds: Option<u32>,
    /// It may start when the previous one has made this many units.
    pub transfer_batch: Option<Quantity>,
    /// Done outside the house within this many seconds.
    pub outside_lead_seconds: Option<u32>,
    /// How to do it.
    pub instructions: Option<Instructions>,
}

/// What the operator's time was spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Making ready.
    Setup,
    /// Making.
    Run,
    /// A break or other time that is neither.
    Break,
}

/// Amounts of one report, in the job's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Quantities {
    /// Good at the first go.
    pub good: Quantity,
    /// Lost.
    pub scrap: Quantity,
    /// Good after having been worked again.
    pub rework: Quantity,
    /// Held for review.
    pub held: Quantity,
}

impl Quantities {
    /// Nothing made, nothing lost.
    pub const NONE: Self =
        Self { good: Quantity::ZERO, scrap: Quantity::ZERO, rework: Quantity::ZERO, held: Quantity::ZERO };

    /// Whether nothing was made and nothing lost.
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    /// Each amount under the name of its input field.
    pub const fn fields(&self) -> [(&'static str, Quantity); 4] {
        [("good", self.good), ("scrap", self.scrap), ("rework", self.rework), ("held", self.held)]
    }

    /// Each amount combined with the same amount of `other`.
    #[must_use]
    pub fn with(&self, other: &Self, combine: impl Fn(Quantity, Quantity) -> Quantity) -> Self {
        Self {
            good: combine(self.good, other.good),
            scrap: combine(self.scrap, other.scrap),
            rework: combine(self.rework, other.rework),
            held: combine(self.held, other.held),
        }
    }
}

/// The figures of one report of work: an interval `[start, end)` of one operator on one operation, and what it made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkFigures {
    /// Who.
    pub operator: OperatorId,
    /// On which machine, where it is known.
    pub machine: Option<MachineId>,
    /// Setup, run or break.
    pub phase: Phase,
    /// From when.
    pub start: Timestamp,
    /// Until when; not before `start`.
    pub end: Timestamp,
    /// What was made.
    pub quantities: Quantities,
    /// Why something was lost.
    pub scrap_reason: Option<Reason>,
    /// Whether it was work on pieces that had been made before.
    pub rework: bool,
}

impl WorkFigures {
    /// Name of the first input field in which these figures differ from `other`.
    pub fn differs_from(&self, other: &Self) -> Option<&'static str> {
        let amounts = self.quantities.fields().into_iter().zip(other.quantities.fields());
        let amount = amounts.into_iter().find(|(mine, theirs)| mine != theirs).map(|((field, _), _)| field);
        let others = [
            (self.operator != other.operator, "operatorId"),
            (self.machine != other.machine, "machineId"),
            (self.phase != other.phase, "phase"),
            (self.start != other.start, "start"),
            (self.end != other.end, "end"),
            (self.rework != other.rework, "isRework"),
            (self.scrap_reason != other.scrap_reason, "scrapReason"),
        ];
        others.into_iter().find(|(differs, _)| *differs).map(|(_, field)| field).or(amount)
    }
}

/// An operation and where it is done: what boards of work centers need to know of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OperationPlace {
    /// Which operation.
    pub operation: OperationNumber,
    /// Where it is done.
    pub work_center: WorkCenterId,
}

/// One operator at work on an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AtWork {
    /// Who.
    pub operator: OperatorId,
    /// On which machine, where it is known.
    pub machine: Option<MachineId>,
    /// Setup or run.
    pub phase: Phase,
}

/// Where and when the plan puts an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedWindow {
    /// Which operation.
    pub operation: OperationNumber,
    /// On which machine, where that is decided.
    pub machine: Option<MachineId>,
    /// Planned start.
    pub start: Timestamp,
    /// Planned end; not before `start`.
    pub end: Timestamp,
}

/// How far an operation is, as a plan has to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is no such operation.
    Unknown,
    /// Nobody has begun.
    Waits,
    /// Somebody has begun, and it is not finished.
    Begun,
    /// It is finished.
    Finished,
    /// Its job is completed or cancelled.
    JobClosed,
}

/// One report as it is addressed later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkReport {
    /// Its identity.
    pub report: ReportId,
    /// On which operation.
    pub operation: OperationNumber,
    /// Where that operation is done.
    pub work_center: WorkCenterId,
    /// Its figures.
    pub figures: WorkFigures,
    /// Reports of the same operator on the same operation that it overlaps.
    pub overlaps: Vec<ReportId>,
    /// Why it overlaps, where the policy wants to know.
    pub overlap_reason: Option<Reason>,
}
