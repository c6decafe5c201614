//! What a plan does wrong, by rule, operation and resource.

use serde::Serialize;

use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::model::{MachineIndex, MaterialIndex, OperationIndex, OperatorIndex, ToolIndex};
use crate::scheduling::solver::plan::Conflict;

/// The rules of a plan, as the module of the solver numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Worked at from its start on without idling.
    Work = 1,
    /// Setup and run take what they must.
    Length,
    /// Interrupted only where it may be.
    Interruption,
    /// A machine takes no more than its capacity.
    Machine,
    /// An operator does one thing at a time, and can do it.
    Operator,
    /// No more tools than there are.
    Tool,
    /// What comes first comes first.
    Link,
    /// Neither before its release nor before now.
    Release,
    /// No material that is not there.
    Material,
    /// What is fixed stays.
    Fixed,
    /// Nothing is lost.
    Complete,
}

impl Rule {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Length => "length",
            Self::Interruption => "interruption",
            Self::Machine => "machine",
            Self::Operator => "operator",
            Self::Tool => "tool",
            Self::Link => "links",
            Self::Release => "release",
            Self::Material => "material",
            Self::Fixed => "what is fixed",
            Self::Complete => "nothing lost",
        }
    }
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Neither placed nor listed as unplaced.
    Missing,
    /// Placed though done, or though listed as unplaced; or listed twice.
    Twice,
    /// Listed as unplaced for a reason that does not hold.
    WrongReason,
    /// More assignments than operations, or an index that leads nowhere.
    Unknown,
    /// On a machine that can't do it.
    NotItsMachine,
    /// Not `start` ≤ `run_start` ≤ `end`, or beyond all calendars.
    Disordered,
    /// Not where and when it is fixed.
    Moved,
    /// Listed as a clash, though it is not fixed.
    NotFixed,
    /// Starts while it can't be worked at.
    StartsClosed,
    /// Could be worked at, and is not.
    Idles,
    /// The setup works longer or shorter than it must.
    SetupLength,
    /// The run works longer or shorter than it must.
    RunLength,
    /// Interrupted, which it may not be.
    Interrupted,
    /// A pause longer than allowed.
    PausedTooLong,
    /// The machine does something else.
    MachineTaken,
    /// The members of a batch together are larger than it may be.
    BatchTooLarge,
    /// Nobody is named though somebody is needed.
    NobodyNamed,
    /// The operator lacks the skill.
    LacksSkill,
    /// The operator has the skill no longer.
    SkillExpired,
    /// The operator does something else.
    OperatorTaken,
    /// All of the tool are elsewhere.
    ToolTaken,
    /// Before what comes first, and the least lag.
    TooEarly,
    /// After the longest lag.
    TooLate,
    /// Before it can have worked at the last transfer batch.
    EndsTooEarly,
    /// What comes first has no place.
    NothingBefore,
    /// Before the job's release.
    BeforeRelease,
    /// Before now.
    BeforeNow,
    /// A material that is not there.
    MaterialShort,
}

impl Fault {
    /// The rule that is broken.
    pub const fn rule(self) -> Rule {
        self.told().0
    }

    /// What it is, in words that follow the operation's name.
    pub const fn words(self) -> &'static str {
        self.told().1
    }

    const fn told(self) -> (Rule, &'static str) {
        match self {
            Self::Missing => (Rule::Complete, "has neither a place nor a reason why not"),
            Self::Twice => (Rule::Complete, "is listed twice, or placed though it is done or listed as unplaced"),
            Self::WrongReason => (Rule::Complete, "has no place for a reason that does not hold"),
            Self::Unknown => (Rule::Complete, "is named with something that does not exist"),
            Self::NotItsMachine => (Rule::Complete, "is on a machine that can't do it"),
            Self::Disordered => (Rule::Complete, "does not start, run and end in this order"),
            Self::Moved => (Rule::Fixed, "is not where it is fixed"),
            Self::NotFixed => (Rule::Fixed, "is listed as a clash, but is not fixed"),
            Self::StartsClosed => (Rule::Work, "starts when it can't be worked at"),
            Self::Idles => (Rule::Work, "idles when it could be worked at"),
            Self::SetupLength => (Rule::Length, "has a setup of the wrong length"),
            Self::RunLength => (Rule::Length, "has a run of the wrong length"),
            Self::Interrupted => (Rule::Interruption, "is interrupted, which it may not be"),
            Self::PausedTooLong => (Rule::Interruption, "pauses longer than it may"),
            Self::MachineTaken => (Rule::Machine, "is there while the machine is taken"),
            Self::BatchTooLarge => (Rule::Machine, "makes its batch too large"),
            Self::NobodyNamed => (Rule::Operator, "needs an operator and has none"),
            Self::LacksSkill => (Rule::Operator, "has an operator without the skill"),
            Self::SkillExpired => (Rule::Operator, "has an operator whose skill has expired"),
            Self::OperatorTaken => (Rule::Operator, "has an operator who does something else"),
            Self::ToolTaken => (Rule::Tool, "takes a tool that is elsewhere"),
            Self::TooEarly => (Rule::Link, "runs before what comes first allows it"),
            Self::TooLate => (Rule::Link, "runs after the longest lag"),
            Self::EndsTooEarly => (Rule::Link, "ends before it can have worked at the last transfer batch"),
            Self::NothingBefore => (Rule::Link, "is placed, but what comes first is not"),
            Self::BeforeRelease => (Rule::Release, "starts before its release"),
            Self::BeforeNow => (Rule::Release, "starts before now"),
            Self::MaterialShort => (Rule::Material, "uses material that is not there"),
        }
    }

    /// What a clash must be over to say the same of a fixed operation.
    pub(super) const fn admitted_by(self) -> &'static [Conflict] {
        match self.rule() {
            // Where the calendars of a fixed operation never meet, there is no right length either.
            Rule::Work | Rule::Length | Rule::Interruption => &[Conflict::Calendar],
            Rule::Machine => &[Conflict::Machine],
            Rule::Operator => match self {
                Self::OperatorTaken => &[Conflict::Operator],
                Self::NobodyNamed => &[Conflict::Operator, Conflict::Skill, Conflict::Calendar],
                _ => &[Conflict::Skill],
            },
            Rule::Tool => &[Conflict::Tool],
            Rule::Link => &[Conflict::Sequence],
            Rule::Release => &[Conflict::Release],
            Rule::Material => &[Conflict::Material],
            Rule::Fixed | Rule::Complete => &[],
        }
    }
}

/// What a fault happens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// A machine.
    Machine(MachineIndex),
    /// An operator.
    Operator(OperatorIndex),
    /// A tool.
    Tool(ToolIndex),
    /// A material.
    Material(MaterialIndex),
}

/// A rule that a plan breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Violation {
    /// What is wrong.
    pub fault: Fault,
    /// Where.
    pub operation: OperationIndex,
    /// The other operation, where there is one.
    pub other: Option<OperationIndex>,
    /// The machine, operator, tool or material, where it is about one.
    pub on: Option<Resource>,
    /// When it begins.
    pub from: Seconds,
    /// When it ends; the same where it is an instant.
    pub to: Seconds,
}

impl Violation {
    /// The rule that is broken.
    pub const fn rule(&self) -> Rule {
        self.fault.rule()
    }
}
