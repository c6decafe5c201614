//! What a plan is worth: hard faults first, then a weighted sum whose parts are kept apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Seconds;
use super::model::{Job, JobIndex, OperationIndex, State};
use super::plan::{Assignment, Plan};
use super::problem::Problem;

/// What each part of the objective costs. All zero or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Weights {
    /// For each weighted second that a job is late.
    pub tardiness: i64,
    /// For each late job, times its weight.
    pub late_job: i64,
    /// For each assignment that changes machine or operator against the baseline, where the baseline starts it soon.
    pub moved: i64,
    /// How soon after now that is, seconds.
    pub near: Seconds,
    /// For each second that a start shifts against the baseline.
    pub shift: i64,
    /// Seconds of shift that are counted at most for one operation.
    pub shift_cap: i64,
    /// For each second of setup and changeover.
    pub setup: i64,
    /// For each unit of the chosen alternatives' cost.
    pub alternative: i64,
    /// For each minute between a job's release and its end.
    pub flow_minute: i64,
    /// For each second until the last operation ends.
    pub makespan: i64,
}

impl Weights {
    /// Every one of them.
    pub const fn all(&self) -> [i64; 10] {
        [
            self.tardiness,
            self.late_job,
            self.moved,
            self.near,
            self.shift,
            self.shift_cap,
            self.setup,
            self.alternative,
            self.flow_minute,
            self.makespan,
        ]
    }
}

/// Named sets of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Late jobs cost most by far.
    #[default]
    OnTimeFirst,
    /// Setups cost nearly as much as lateness.
    FewChangeovers,
    /// What people have been told stays.
    DoNotDisturb,
    /// Only the end of the last operation counts.
    Makespan,
}

impl Preset {
    /// Its weights.
    pub const fn weights(self) -> Weights {
        let on_time = Weights {
            tardiness: 100,
            late_job: 100 * 1_800,
            moved: 20 * 60,
            near: 2 * 86_400,
            shift: 1,
            shift_cap: 8 * 3_600,
            setup: 5,
            alternative: 60,
            flow_minute: 1,
            makespan: 0,
        };
        match self {
            Self::OnTimeFirst => on_time,
            Self::FewChangeovers => Weights { setup: 200, ..on_time },
            Self::DoNotDisturb => Weights { moved: 200 * 60, shift: 50, ..on_time },
            Self::Makespan => Weights {
                tardiness: 0,
                late_job: 0,
                moved: 0,
                near: 0,
                shift: 0,
                shift_cap: 0,
                setup: 0,
                alternative: 0,
                flow_minute: 0,
                makespan: 1,
            },
        }
    }
}

/// The parts of a plan's value in their own units, before any weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Parts {
    /// Jobs that miss their hard deadline.
    pub missed_deadlines: i64,
    /// Fixed operations that clash.
    pub clashes: i64,
    /// Operations without a place.
    pub unplaced: i64,
    /// Σ weight · seconds late.
    pub weighted_tardiness: i64,
    /// Σ weight of late jobs.
    pub weighted_late_jobs: i64,
    /// Late jobs.
    pub late_jobs: i64,
    /// Assignments that changed machine or operator.
    pub moved: i64,
    /// Seconds of shift against the baseline, capped one by one.
    pub shift_seconds: i64,
    /// Seconds of setup and changeover, as far as the machine is open: what its capacity loses, whether or not the operator rests then.
    pub setup_seconds: i64,
    /// Cost of the chosen alternatives.
    pub alternative_cost: i64,
    /// Σ seconds from release to end.
    pub flow_seconds: i64,
    /// When the last operation ends.
    pub makespan: i64,
}

/// What a plan is worth; smaller is better, hard before soft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Score {
    /// Missed deadlines, clashes and operations without a place.
    pub hard: i64,
    /// The weighted sum of the rest.
    pub soft: i64,
}

impl Parts {
    /// The parts of a plan's value; those of stability against a baseline, where there is one. `plan` is of `problem`.
    pub fn of(problem: &Problem, plan: &Plan, baseline: Option<&Plan>, weights: &Weights) -> Self {
        let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let mut parts =
            Self { clashes: count(plan.clashes.len()), unplaced: count(plan.unplaced.len()), ..Self::default() };
        for (job, index) in problem.model().jobs.iter().zip(0..) {
            if let Some(end) = job_end(problem, plan, JobIndex(index)) {
                parts.count_job(job, end);
            }
        }
        for (operation, assignment) in problem.operations().zip(&plan.assignments) {
            if let Some(is) = assignment {
                let was = baseline.and_then(|baseline| baseline.assignments.get(operation.at())?.as_ref());
                parts.count_assignment(problem, operation, (is, was), weights);
            }
        }
        parts
    }

    /// Adds a job that ends then.
    pub(super) fn count_job(&mut self, job: &Job, end: Seconds) {
        self.makespan = self.makespan.max(end);
        self.add_job(job, end, 1);
    }

    /// A job that was counted to end at `was` ends later, at `end`.
    pub(super) fn move_job(&mut self, job: &Job, was: Seconds, end: Seconds) {
        self.add_job(job, was, -1);
        self.count_job(job, end);
    }

    fn add_job(&mut self, job: &Job, end: Seconds, sign: i64) {
        self.flow_seconds = self.flow_seconds.saturating_add(sign * (end - job.release).max(0));
        self.missed_deadlines += sign * i64::from(job.deadline.is_some_and(|deadline| end > deadline));
        let late = job.due.map_or(0, |due| (end - due).max(0));
        self.weighted_tardiness = self.weighted_tardiness.saturating_add(sign * job.weight.saturating_mul(late));
        if late > 0 {
            self.late_jobs += sign;
            self.weighted_late_jobs += sign * job.weight;
        }
    }

    /// Adds an operation that is where `is` says, and `was` in the baseline.
    pub(super) fn count_assignment(
        &mut self,
        problem: &Problem,
        operation: OperationIndex,
        (is, was): (&Assignment, Option<&Assignment>),
        weights: &Weights,
    ) {
        // Setup is counted as the machine's time in work, not by the clock: a night between does not make it longer.
        let setup = problem.open(is.machine).work_between(is.start, is.run_start);
        self.setup_seconds = self.setup_seconds.saturating_add(setup);
        self.alternative_cost += problem.cost_on(operation, is.machine);
        if let Some(was) = was {
            let near = was.start < problem.model().now + weights.near;
            self.moved += i64::from(near && (was.machine, was.operator) != (is.machine, is.operator));
            let shift = (is.start - was.start).abs().min(weights.shift_cap);
            self.shift_seconds = self.shift_seconds.saturating_add(shift);
        }
    }

    /// The score under these weights. Sums that leave the range of `i64` stay at its end.
    pub fn score(&self, weights: &Weights) -> Score {
        let soft = [
            (self.weighted_tardiness, weights.tardiness),
            (self.weighted_late_jobs, weights.late_job),
            (self.moved, weights.moved),
            (self.shift_seconds, weights.shift),
            (self.setup_seconds, weights.setup),
            (self.alternative_cost, weights.alternative),
            (self.flow_seconds / 60, weights.flow_minute),
            (self.makespan, weights.makespan),
        ];
        let soft = soft.iter().fold(0_i64, |sum, (part, weight)| sum.saturating_add(part.saturating_mul(*weight)));
        Score { hard: self.missed_deadlines.saturating_add(self.clashes).saturating_add(self.unplaced), soft }
    }
}

/// When a job's last operation ends; `None` when one has no place, or it has none.
pub fn job_end(problem: &Problem, plan: &Plan, job: JobIndex) -> Option<Seconds> {
    let mut end = None;
    for &operation in problem.operations_of(job) {
        let ends = match problem.operation(operation).state {
            State::Done { end } => end,
            _ => plan.assignments.get(operation.at()).copied().flatten()?.end,
        };
        end = end.max(Some(ends));
    }
    end
}
