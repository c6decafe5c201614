//! The answer: what is done where, by whom and when, and what could not be placed.

use serde::{Deserialize, Serialize};

use super::Seconds;
use super::model::{MachineIndex, OperationIndex, OperatorIndex};

/// One operation in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Where.
    pub machine: MachineIndex,
    /// By whom, where somebody is needed.
    pub operator: Option<OperatorIndex>,
    /// When the setup (changeover included) starts.
    pub start: Seconds,
    /// When the run starts: the first second of work that is not setup.
    pub run_start: Seconds,
    /// When the run ends.
    pub end: Seconds,
}

/// A plan for all operations of a problem.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// By operation; `None` where it is done already or could not be placed.
    pub assignments: Vec<Option<Assignment>>,
    /// What could not be placed, and why; also what depends on it.
    pub unplaced: Vec<Unplaced>,
    /// Pins and started work that do not go together; kept as they are.
    pub clashes: Vec<Clash>,
}

/// An operation without a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unplaced {
    /// Which.
    pub operation: OperationIndex,
    /// Why.
    pub reason: Reason,
}

/// Why an operation has no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No machine and operator are open together long enough before the calendars end.
    CalendarsNeverMeet,
    /// It may not be interrupted, and no opening is long enough.
    NoOpeningLongEnough,
    /// Nobody has the skill.
    SkillMissing,
    /// Whoever has the skill has it no longer when the work could be done.
    SkillExpires,
    /// Not enough of a material ever arrives.
    MaterialNeverArrives,
    /// There is no such tool (a count of zero).
    ToolMissing,
    /// It is larger than any batch may be.
    LargerThanBatch,
    /// The longest lag after its predecessor can't be kept.
    LagTooLong,
    /// Something before it has no place.
    PredecessorUnplaced,
    /// The search was ended before it came to it.
    OutOfTime,
}

/// Two fixed operations that can't both be where they are fixed, or one that can't be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clash {
    /// The fixed operation that is in the wrong.
    pub operation: OperationIndex,
    /// What it clashes with, where that is an operation.
    pub with: Option<OperationIndex>,
    /// Over what.
    pub over: Conflict,
}

/// What a fixed operation offends against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// The machine takes something else then.
    Machine,
    /// The operator does something else then.
    Operator,
    /// The tool is elsewhere.
    Tool,
    /// Something that must come before it comes later.
    Sequence,
    /// The machine or operator is closed.
    Calendar,
    /// The operator lacks the skill then.
    Skill,
    /// The material is not there.
    Material,
    /// It starts before its release.
    Release,
}
