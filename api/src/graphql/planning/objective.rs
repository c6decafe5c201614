//! What a plan is worth, and what counts how much.

use async_graphql::{Enum, InputObject, SimpleObject};
use domain::scheduling::solver::{Preset, Weights};

use crate::graphql::scalars::DateTime;
use crate::planning::{Best, Run};

/// What counts for the optimiser, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::scheduling::solver::Preset")]
pub enum PlanPreset {
    /// Late jobs cost most by far.
    OnTimeFirst,
    /// Setups cost nearly as much as lateness.
    FewChangeovers,
    /// What people have been told stays.
    DoNotDisturb,
    /// Only the end of the last operation counts.
    Makespan,
}

/// What each part of the objective costs; what is absent costs as much as with the preset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, InputObject)]
pub struct PlanWeightsInput {
    /// For each second that a job is late, times the weight that its priority gives it.
    tardiness: Option<u32>,
    /// For each late job, times its weight.
    late_job: Option<u32>,
    /// For each assignment that changes machine or operator, where the plan starts it soon.
    moved: Option<u32>,
    /// How soon that is, seconds.
    near_seconds: Option<u32>,
    /// For each second that a start shifts.
    shift: Option<u32>,
    /// Seconds of shift that are counted at most for one operation.
    shift_cap_seconds: Option<u32>,
    /// For each second of setup.
    setup: Option<u32>,
    /// For each unit of the cost of where it is done.
    alternative: Option<u32>,
    /// For each minute between a job's release and its end.
    flow_minute: Option<u32>,
    /// For each second until the last operation ends.
    makespan: Option<u32>,
}

impl PlanWeightsInput {
    /// The weights, where the preset has these.
    pub fn over(self, preset: Weights) -> Weights {
        let or = |given: Option<u32>, preset: i64| given.map_or(preset, i64::from);
        Weights {
            tardiness: or(self.tardiness, preset.tardiness),
            late_job: or(self.late_job, preset.late_job),
            moved: or(self.moved, preset.moved),
            near: or(self.near_seconds, preset.near),
            shift: or(self.shift, preset.shift),
            shift_cap: or(self.shift_cap_seconds, preset.shift_cap),
            setup: or(self.setup, preset.setup),
            alternative: or(self.alternative, preset.alternative),
            flow_minute: or(self.flow_minute, preset.flow_minute),
            makespan: or(self.makespan, preset.makespan),
        }
    }
}

/// What each part of the objective costs.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct PlanWeights {
    /// For each second that a job is late, times the weight that its priority gives it.
    tardiness: i64,
    /// For each late job, times its weight.
    late_job: i64,
    /// For each assignment that changes machine or operator, where the plan starts it soon.
    moved: i64,
    /// How soon that is, seconds.
    near_seconds: i64,
    /// For each second that a start shifts.
    shift: i64,
    /// Seconds of shift that are counted at most for one operation.
    shift_cap_seconds: i64,
    /// For each second of setup.
    setup: i64,
    /// For each unit of the cost of where it is done.
    alternative: i64,
    /// For each minute between a job's release and its end.
    flow_minute: i64,
    /// For each second until the last operation ends.
    makespan: i64,
}

impl From<Weights> for PlanWeights {
    fn from(weights: Weights) -> Self {
        let Weights { tardiness, late_job, moved, near, shift, shift_cap, setup, alternative, flow_minute, makespan } =
            weights;
        Self {
            tardiness,
            late_job,
            moved,
            near_seconds: near,
            shift,
            shift_cap_seconds: shift_cap,
            setup,
            alternative,
            flow_minute,
            makespan,
        }
    }
}

/// What a plan is worth: hard faults first, then a weighted sum whose parts are told apart. Smaller is better.
#[derive(Debug, Clone, SimpleObject)]
pub struct PlanObjective {
    /// Operations without a place.
    unplaced: i64,
    /// Pins and begun work that do not go together.
    clashes: i64,
    /// Late jobs.
    late_jobs: i64,
    /// Seconds late, each times the weight of its job.
    weighted_tardiness: f64,
    /// Weights of late jobs.
    weighted_late_jobs: i64,
    /// Assignments that changed machine or operator.
    moved: i64,
    /// Seconds of shift.
    shift_seconds: f64,
    /// Seconds of setup.
    setup_seconds: f64,
    /// Cost of where operations are done.
    alternative_cost: f64,
    /// Seconds from release to end, of all jobs.
    flow_seconds: f64,
    /// When the last operation ends; null where nothing is planned.
    ends_at: Option<DateTime>,
    /// The weighted sum.
    score: f64,
    /// What no plan can be below, of the weighted sum.
    bound: f64,
    /// How far the plan may be from the best possible, percent; null where that is not known, as of a plan that lacks something.
    gap_percent: Option<f64>,
}

#[expect(clippy::cast_precision_loss, reason = "sums of seconds are exact far beyond any shop")]
impl PlanObjective {
    /// What the best plan of a run is worth.
    pub fn of(run: &Run, best: &Best) -> Self {
        let Best { parts, score, bound, .. } = best;
        let planned = best.plan.assignments.iter().any(Option::is_some);
        Self {
            unplaced: parts.unplaced,
            clashes: parts.clashes,
            late_jobs: parts.late_jobs,
            weighted_tardiness: parts.weighted_tardiness as f64,
            weighted_late_jobs: parts.weighted_late_jobs,
            moved: parts.moved,
            shift_seconds: parts.shift_seconds as f64,
            setup_seconds: parts.setup_seconds as f64,
            alternative_cost: parts.alternative_cost as f64,
            flow_seconds: parts.flow_seconds as f64,
            ends_at: planned.then(|| run.asked.planning.index.instant(parts.makespan).into()),
            score: score.soft as f64,
            bound: bound.soft as f64,
            gap_percent: best.gap_percent(),
        }
    }
}

/// What counts, by name and by number.
pub fn weights(preset: Option<PlanPreset>, given: Option<PlanWeightsInput>, policies: Weights) -> Option<Weights> {
    let over = preset.map_or(policies, |preset| Preset::from(preset).weights());
    given.map(|given| given.over(over))
}
