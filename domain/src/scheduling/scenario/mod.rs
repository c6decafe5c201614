//! A what-if: a plan on the side, with what is assumed to be otherwise, until it is published or discarded.
//!
//! It protects:
//! - it knows the plan that it was made from, so that what it changes, and what has changed under it, can be told;
//! - an assumption is about one interval, date or number that makes sense, and is made once;
//! - nothing changes after it was published or discarded.

mod error;
mod state;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::placement::Placement;
use super::site_plan::{Changes, check_distinct, check_order, stored};
use super::solver::Preset;
use crate::kernel::context::{Context, Facts};
use crate::kernel::decider::{Decider, DomainEvent};
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{AssumptionId, JobId, MachineId, OperatorId, StreamType, Timestamp, ToolId};
use crate::machines::tool::MOST_TOOLS;

pub use self::error::ScenarioError;
pub use self::state::{Onto, ScenarioState, Sketch};

/// What-ifs of a company that are open at once.
pub const MOST_OPEN: u64 = 50;
/// Assumptions in one what-if.
pub const MOST_ASSUMPTIONS: usize = 200;

text_value!(
    /// What people call a what-if.
    ScenarioName, "a name of a what-if", Name, max = 200,
    datum = Datum::business("name of a what-if", "tells what-ifs from one another")
);

/// Something that is not so, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assumption {
    /// A machine stands still.
    MachineOut {
        /// Which.
        machine: MachineId,
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// An operator is away.
    OperatorOut {
        /// Who.
        operator: OperatorId,
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// A machine is open besides its calendar.
    MachineOpen {
        /// Which.
        machine: MachineId,
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// An operator works besides their calendar.
    OperatorAtWork {
        /// Who.
        operator: OperatorId,
        /// From when.
        from: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// A job is due at another date.
    JobDue {
        /// Which.
        job: JobId,
        /// When.
        due: Timestamp,
    },
    /// A job is not done at all.
    JobLeftOut {
        /// Which.
        job: JobId,
    },
    /// There are more or fewer of a tool.
    ToolCount {
        /// Which.
        tool: ToolId,
        /// How many, 0 to [`MOST_TOOLS`].
        count: u16,
    },
}

impl Assumption {
    const fn interval(&self) -> Option<(Timestamp, Timestamp)> {
        match self {
            Self::MachineOut { from, until, .. }
            | Self::OperatorOut { from, until, .. }
            | Self::MachineOpen { from, until, .. }
            | Self::OperatorAtWork { from, until, .. } => Some((*from, *until)),
            Self::JobDue { .. } | Self::JobLeftOut { .. } | Self::ToolCount { .. } => None,
        }
    }
}

/// Who changed the plan of a what-if.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    /// Somebody, by hand.
    Person,
    /// The optimiser.
    Optimiser {
        /// What counted.
        preset: Preset,
        /// Where chance started.
        seed: u64,
    },
}

/// What may be asked of a what-if.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScenarioCommand {
    /// Makes it from the plan of this version.
    Open {
        /// What it is called.
        name: ScenarioName,
        /// The version of the plan.
        base: u64,
        /// That plan.
        placements: Vec<Placement>,
    },
    /// Gives it another name.
    Rename(ScenarioName),
    /// Assumes something.
    Assume(AssumptionId, Assumption),
    /// Assumes it no more.
    Withdraw(AssumptionId),
    /// Changes its plan.
    Change {
        /// What changes.
        changes: Changes,
        /// By whom.
        by: Hand,
        /// The version that its maker saw.
        based_on: u64,
    },
    /// Says that the plan has taken it over. Where it has changed meanwhile, it stays open with what is left to publish.
    Publish {
        /// The version that the plan has from then on.
        version: u64,
        /// The version of it that was taken over, where it is known.
        of: Option<u64>,
        /// What that changed in the plan.
        changes: Changes,
    },
    /// Gives it up.
    Discard,
}

/// What can have happened to a what-if. What is large is several events of one append.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ScenarioEvent {
    /// It was made.
    #[serde(rename = "scenario.opened")]
    Opened {
        /// What it is called.
        name: ScenarioName,
        /// The version of the plan that it was made from.
        base: u64,
    },
    /// A piece of the plan that it was made from.
    #[serde(rename = "scenario.based_on")]
    BasedOn {
        /// Where operations were.
        #[serde(with = "stored::placements")]
        #[schemars(with = "Changes")]
        placements: Vec<Placement>,
    },
    /// It is called otherwise.
    #[serde(rename = "scenario.renamed")]
    Renamed {
        /// Before.
        was: ScenarioName,
        /// After.
        name: ScenarioName,
    },
    /// Something is assumed.
    #[serde(rename = "scenario.assumed")]
    Assumed {
        /// Its identity.
        assumption: AssumptionId,
        /// What.
        assumed: Assumption,
    },
    /// Something is assumed no more.
    #[serde(rename = "scenario.withdrawn")]
    Withdrawn {
        /// Its identity.
        assumption: AssumptionId,
        /// What it was.
        was: Assumption,
    },
    /// Its plan changed.
    #[serde(rename = "scenario.changed")]
    Changed {
        /// Its version from then on.
        version: u64,
        /// What changed.
        changes: Changes,
        /// By whom.
        by: Hand,
    },
    /// The plan took it over.
    #[serde(rename = "scenario.published")]
    Published {
        /// The version that the plan had from then on.
        version: u64,
    },
    /// The plan took over what it was before its latest changes: they are what it changes about the plan from then on.
    #[serde(rename = "scenario.rebased")]
    Rebased {
        /// The version that the plan had from then on.
        version: u64,
        /// What of it the plan took over.
        changes: Changes,
    },
    /// It was given up.
    #[serde(rename = "scenario.discarded")]
    Discarded {},
}

impl ScenarioEvent {
    /// The version that it makes: of the what-if, or of the plan that took it over.
    pub const fn version(&self) -> Option<u64> {
        match self {
            Self::Changed { version, .. } | Self::Published { version } | Self::Rebased { version, .. } => {
                Some(*version)
            }
            Self::Opened { .. }
            | Self::BasedOn { .. }
            | Self::Renamed { .. }
            | Self::Assumed { .. }
            | Self::Withdrawn { .. }
            | Self::Discarded {} => None,
        }
    }
}

impl DomainEvent for ScenarioEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("scenario.opened", 1),
        ("scenario.based_on", 2),
        ("scenario.renamed", 1),
        ("scenario.assumed", 1),
        ("scenario.withdrawn", 1),
        ("scenario.changed", 2),
        ("scenario.published", 1),
        ("scenario.rebased", 2),
        ("scenario.discarded", 1),
    ];
}

/// Decides for what-ifs.
pub struct Scenario;

impl Decider for Scenario {
    const STREAM: StreamType = StreamType::Scenario;
    type Command = ScenarioCommand;
    type Event = ScenarioEvent;
    type Error = ScenarioError;
    type State = ScenarioState;

    fn decide(
        state: &ScenarioState,
        command: &ScenarioCommand,
        context: &Context,
    ) -> Result<Vec<ScenarioEvent>, ScenarioError> {
        match (state, command) {
            (ScenarioState::Unknown, ScenarioCommand::Open { name, base, placements }) => {
                let opened = ScenarioEvent::Opened { name: name.clone(), base: *base };
                let plan = Changes { placed: placements.clone(), ..Changes::default() };
                let pieces = plan.in_pieces().into_iter().filter(|piece| !piece.is_empty());
                let based_on = pieces.map(|piece| ScenarioEvent::BasedOn { placements: piece.placed });
                Ok(std::iter::once(opened).chain(based_on).collect())
            }
            (ScenarioState::Unknown, _) => Err(ScenarioError::NotFound),
            (ScenarioState::Open(_), ScenarioCommand::Open { .. }) => Err(ScenarioError::Exists),
            (ScenarioState::Open(sketch), command) => sketch.change(command, &context.facts),
            (ScenarioState::Published(_), ScenarioCommand::Publish { .. })
            | (ScenarioState::Discarded, ScenarioCommand::Discard) => Ok(vec![]),
            (ScenarioState::Published(_), _) => Err(ScenarioError::Published),
            (ScenarioState::Discarded, _) => Err(ScenarioError::Discarded),
        }
    }

    fn evolve(state: ScenarioState, event: &ScenarioEvent, _: Timestamp) -> ScenarioState {
        state.with(event)
    }
}

impl Sketch {
    fn change(&self, command: &ScenarioCommand, facts: &Facts) -> Result<Vec<ScenarioEvent>, ScenarioError> {
        Ok(match command {
            ScenarioCommand::Open { .. } => vec![],
            ScenarioCommand::Rename(name) if *name == self.name => vec![],
            ScenarioCommand::Rename(name) => {
                vec![ScenarioEvent::Renamed { was: self.name.clone(), name: name.clone() }]
            }
            ScenarioCommand::Assume(assumption, assumed) => self.assume((*assumption, *assumed), facts)?,
            ScenarioCommand::Withdraw(assumption) => {
                let withdrawn = |was: &Assumption| ScenarioEvent::Withdrawn { assumption: *assumption, was: *was };
                self.assumptions.get(assumption).map(withdrawn).into_iter().collect()
            }
            ScenarioCommand::Change { changes, by, based_on } => {
                let changes = self.checked(changes, *based_on)?.in_pieces();
                let changed = |changes| ScenarioEvent::Changed { version: self.version + 1, changes, by: *by };
                changes.into_iter().filter(|piece| !piece.is_empty()).map(changed).collect()
            }
            // It was told before.
            ScenarioCommand::Publish { version, .. } if self.base >= *version && self.rebased => vec![],
            ScenarioCommand::Publish { version, of, changes } if of.is_some_and(|of| of != self.version) => {
                let rebased = |changes| ScenarioEvent::Rebased { version: *version, changes };
                changes.clone().in_pieces().into_iter().map(rebased).collect()
            }
            ScenarioCommand::Publish { version, .. } => vec![ScenarioEvent::Published { version: *version }],
            ScenarioCommand::Discard => vec![ScenarioEvent::Discarded {}],
        })
    }

    fn assume(
        &self,
        (assumption, assumed): (AssumptionId, Assumption),
        facts: &Facts,
    ) -> Result<Vec<ScenarioEvent>, ScenarioError> {
        if self.assumptions.get(&assumption) == Some(&assumed) {
            return Ok(vec![]);
        }
        if let Some(machine) = facts.missing_machines.first() {
            return Err(ScenarioError::MachineNotFound(*machine));
        }
        if let Some(operator) = facts.missing_operators.first() {
            return Err(ScenarioError::OperatorNotFound(*operator));
        }
        if let Some(job) = facts.missing_jobs.first() {
            return Err(ScenarioError::JobNotFound(*job));
        }
        if let Some(tool) = facts.missing_tools.first() {
            return Err(ScenarioError::ToolNotFound(*tool));
        }
        if self.assumptions.contains_key(&assumption) {
            return Err(ScenarioError::AssumptionExists(assumption));
        }
        if self.assumptions.len() >= MOST_ASSUMPTIONS {
            return Err(ScenarioError::TooManyAssumptions);
        }
        if assumed.interval().is_some_and(|(from, until)| from >= until) {
            return Err(ScenarioError::IntervalReversed);
        }
        if let Assumption::ToolCount { count, .. } = assumed
            && count > MOST_TOOLS
        {
            return Err(ScenarioError::ToolCount(count));
        }
        Ok(vec![ScenarioEvent::Assumed { assumption, assumed }])
    }

    /// What is really different, in its order.
    fn checked(&self, changes: &Changes, based_on: u64) -> Result<Changes, ScenarioError> {
        if based_on != self.version {
            return Err(ScenarioError::Changed { version: self.version });
        }
        check_distinct(changes.operations())?;
        changes.placed.iter().try_for_each(check_order)?;
        let mut changes = changes.clone();
        changes.placed.retain(|placement| self.placements.get(&placement.of()) != Some(placement));
        changes.removed.append(&mut changes.done);
        changes.removed.retain(|operation| self.placements.contains_key(operation));
        Ok(changes)
    }
}
