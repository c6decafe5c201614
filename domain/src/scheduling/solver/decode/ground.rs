//! What follows from a problem, a baseline and weights before anything is placed; shared by all searchers.

use super::lag;
use super::open::Open;
use super::openings::Openings;
use super::span::Work;
use super::tied::Tied;
use crate::scheduling::solver::calendar::{Calendar, FAR};
use crate::scheduling::solver::model::{
    Attendance, JobIndex, Labour, MachineIndex, Operation, OperationIndex, OperatorIndex, Place, SkillGrant, State,
};
use crate::scheduling::solver::plan::{Assignment, Reason};
use crate::scheduling::solver::problem::{Qualified, at_speed};
use crate::scheduling::solver::{Plan, Problem, Seconds, Weights};

/// Whether the operator is needed for the setup.
pub(crate) fn at_setup(labour: Labour) -> bool {
    matches!(labour.during, Attendance::Setup | Attendance::Full)
}

/// Whether the operator is needed for the run.
pub(crate) fn at_run(labour: Labour) -> bool {
    matches!(labour.during, Attendance::Run | Attendance::Full)
}

/// What does not change during a search.
#[derive(Debug)]
pub(crate) struct Ground<'a> {
    pub(crate) problem: &'a Problem,
    pub(crate) baseline: Option<&'a Plan>,
    pub(crate) weights: Weights,
    /// Where an operation must be, if it must.
    pub(crate) kept: Vec<Option<Place>>,
    /// Least time from an operation's end to its job's.
    pub(crate) tail: Vec<Seconds>,
    /// Why an operation could not even be placed in an empty shop.
    pub(crate) hopeless: Vec<Option<Reason>>,
    /// By material, whether an operation makes it that is not done.
    pub(crate) made: Vec<bool>,
    /// By operation, what it uses: once each.
    pub(crate) uses: Vec<Box<[(usize, i64)]>>,
    /// By operator, how much would be missed: more where the skills are rarer.
    pub(crate) scarcity: Vec<u64>,
    /// What longest lags tie together.
    pub(crate) tied: Tied,
    openings: Openings,
    always: Calendar,
}

impl<'a> Ground<'a> {
    pub(crate) fn new(problem: &'a Problem, baseline: Option<&'a Plan>, weights: Weights) -> Self {
        let model = problem.model();
        let kept: Vec<_> = problem.operations().map(|operation| problem.kept(operation, baseline)).collect();
        let mut made = vec![false; model.materials.len()];
        for operation in &model.operations {
            if !matches!(operation.state, State::Done { .. }) {
                operation.makes.iter().for_each(|(material, _)| made[material.at()] = true);
            }
        }
        let uses = problem.operations().map(|operation| uses(problem, operation)).collect();
        let hopeless = vec![None; problem.len()];
        let tail = tails(problem, &kept);
        let tied = Tied::new(problem, &kept);
        let mut ground = Self {
            problem,
            baseline,
            weights,
            kept,
            tail,
            hopeless,
            made,
            uses,
            scarcity: scarcity(problem),
            tied,
            openings: Openings::new(problem),
            always: Calendar::always(),
        };
        for operation in problem.operations() {
            ground.hopeless[operation.at()] = super::hopeless::reason(&ground, operation);
        }
        ground
    }

    /// Whether the search decides where it goes.
    pub(crate) fn is_free(&self, operation: OperationIndex) -> bool {
        self.kept[operation.at()].is_none() && !self.is_done(operation)
    }

    pub(crate) fn is_done(&self, operation: OperationIndex) -> bool {
        matches!(self.problem.operation(operation).state, State::Done { .. })
    }

    /// Where the baseline has an operation.
    pub(crate) fn told(&self, operation: OperationIndex) -> Option<Assignment> {
        self.baseline.and_then(|baseline| baseline.assignments.get(operation.at()).copied().flatten())
    }

    /// When a machine, or both together, can work.
    pub(super) fn open(&self, machine: MachineIndex, by: Option<Qualified>) -> Open<'_> {
        self.openings.open(self.problem, machine, by.map(|by| by.operator))
    }

    /// Hours of what is worked whatever the calendars say.
    pub(super) fn around_the_clock(&self) -> Open<'_> {
        Open { hours: &self.always, and: None }
    }

    /// A number of a machine's hours: machines with the same hours have the same.
    pub(super) fn hours(&self, machine: MachineIndex) -> usize {
        self.openings.machines[machine.at()]
    }

    /// Likewise of an operator's.
    pub(super) fn hours_of(&self, operator: OperatorIndex) -> usize {
        self.openings.operators[operator.at()]
    }

    /// Whether an opening is ever long enough, where work may not be interrupted.
    pub(super) fn has_opening(
        &self,
        data: &Operation,
        (alternative, by): (usize, Option<Qualified>),
        work: &Work<'_>,
    ) -> bool {
        if work.longest_pause > 0 {
            return true;
        }
        let machine = data.alternatives[alternative].machine;
        let alone = self.openings.longest(self.problem, machine, None);
        let attended = || self.openings.longest(self.problem, machine, by.map(|by| by.operator));
        match data.labour.map(|labour| labour.during) {
            None => work.length() <= alone,
            Some(Attendance::Setup) => work.length() <= alone && work.setup <= attended(),
            Some(Attendance::Run) => work.length() <= alone && work.run <= attended(),
            Some(Attendance::Full) => work.length() <= attended(),
        }
    }

    /// The place in its alternatives of a machine.
    pub(crate) fn alternative(&self, operation: OperationIndex, machine: MachineIndex) -> usize {
        let alternatives = &self.problem.operation(operation).alternatives;
        alternatives.iter().position(|alternative| alternative.machine == machine).unwrap_or(0)
    }

    pub(crate) fn release(&self, job: JobIndex) -> Seconds {
        self.problem.model().jobs[job.at()].release.max(self.problem.model().now)
    }
}

fn uses(problem: &Problem, operation: OperationIndex) -> Box<[(usize, i64)]> {
    let mut uses: Vec<(usize, i64)> =
        problem.operation(operation).uses.iter().map(|(material, amount)| (material.at(), *amount)).collect();
    uses.retain(|(_, amount)| *amount > 0);
    uses.sort_unstable();
    uses.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = kept.1.saturating_add(next.1);
        }
        same
    });
    uses.into()
}

/// The shortest that an operation's run can take.
pub(crate) fn shortest_run(problem: &Problem, operation: OperationIndex) -> Seconds {
    let data = problem.operation(operation);
    match data.state {
        State::Done { .. } => return 0,
        State::Started { remaining, .. } => return remaining,
        State::Planned | State::Pinned(_) => {}
    }
    let run = data.alternatives.iter().map(|alternative| alternative.run).min().unwrap_or(0);
    let fastest = data
        .labour
        .filter(|labour| at_run(*labour))
        .and_then(|labour| problem.qualified(&labour).iter().map(|qualified| qualified.percent).max());
    at_speed(run, fastest.unwrap_or(100))
}

/// The least that passes from the end of each operation to the end of its job, whatever the machines do.
fn tails(problem: &Problem, kept: &[Option<Place>]) -> Vec<Seconds> {
    let mut tail = vec![0; problem.len()];
    for &operation in problem.order().iter().rev() {
        for link in problem.after(operation) {
            if problem.operation(link.after).job == problem.operation(operation).job {
                let run = shortest_run(problem, link.after);
                let left = link.transfer.map_or(run, |transfer| lag::share(run, transfer));
                let through: Seconds = link.min_lag + left + tail[link.after.at()];
                let waits =
                    kept[link.after.at()].is_none() && matches!(problem.operation(link.after).state, State::Planned);
                if waits && through < FAR {
                    tail[operation.at()] = tail[operation.at()].max(through);
                }
            }
        }
    }
    tail
}

fn scarcity(problem: &Problem) -> Vec<u64> {
    let mut holders = vec![0_u64; problem.model().skills.len()];
    let operators = &problem.model().operators;
    operators.iter().flat_map(|operator| &operator.skills).for_each(|grant| holders[grant.skill.at()] += 1);
    let rare = |grant: &SkillGrant| 1_000_000 / holders[grant.skill.at()].max(1);
    operators.iter().map(|operator| operator.skills.iter().map(rare).sum()).collect()
}
