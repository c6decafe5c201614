//! A plan as JSON: with the file's own names, places and unit of time.

use domain::scheduling::solver::bound::Bound;
use domain::scheduling::solver::explain::{self, Explainer};
use domain::scheduling::solver::model::OperationIndex;
use domain::scheduling::solver::objective::{Parts, Score};
use domain::scheduling::solver::plan::{Assignment, Conflict, Plan, Reason, Unplaced};
use domain::scheduling::solver::solve::Solution;
use serde::Serialize;
use serde_json::Number;

use super::goal::Goal;
use super::instance::{Id, Instance};
use super::units::in_unit;
use super::{table, why};

/// How a search went.
#[derive(Debug, Clone, Copy)]
pub struct Course {
    /// What was watched.
    pub goal: Goal,
    /// Until the first complete plan.
    pub first_plan_ms: u64,
    /// Until the end.
    pub elapsed_ms: u64,
    /// Where chance started.
    pub seed: u64,
    /// How many threads there were.
    pub threads: usize,
}

/// What `--json` writes.
#[derive(Debug, Serialize)]
pub struct Answer {
    instance: String,
    status: &'static str,
    /// Seconds of one unit of all times.
    unit_seconds: i64,
    makespan: Number,
    weighted_tardiness: Number,
    late_jobs: i64,
    /// What was watched, and what it can't be below.
    goal: &'static str,
    value: Number,
    bound: Number,
    /// `None` where it is not known, as of a plan that is not complete.
    gap_percent: Option<f64>,
    objective: Objective,
    bounds: Bounds,
    first_plan_ms: u64,
    elapsed_ms: u64,
    iterations: u64,
    seed: u64,
    threads: usize,
    assignments: Vec<Row>,
    unplaced: Vec<Left>,
    clashes: Vec<Against>,
    /// Every late job, those that count most first.
    late: Vec<LateJob>,
}

/// A late job, and what its time from release to end went into.
#[derive(Debug, Serialize)]
struct LateJob {
    job: Id,
    weight: i64,
    release: Number,
    due: Number,
    /// `None` where something of it has no place: then it is never done.
    end: Option<Number>,
    /// Each begins where the one before it ends: they add up to the whole time. Of a job without an end, what has no place.
    why: Vec<Stretch>,
}

/// What a stretch of time went into, or why there is none.
#[derive(Debug, Serialize)]
struct Stretch {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Number>,
    job: Id,
    op: u32,
    cause: String,
}

/// The objective by parts, in seconds.
#[derive(Debug, Serialize)]
pub(super) struct Objective {
    hard: i64,
    soft: i64,
    #[serde(flatten)]
    parts: Parts,
}

impl Objective {
    pub(super) const fn new(parts: Parts, Score { hard, soft }: Score) -> Self {
        Self { hard, soft, parts }
    }
}

#[derive(Debug, Serialize)]
struct Bounds {
    soft: i64,
    makespan: Number,
    weighted_tardiness: Number,
}

#[derive(Debug, Serialize)]
struct Row {
    job: Id,
    op: u32,
    machine: Id,
    #[serde(skip_serializing_if = "Option::is_none")]
    worker: Option<Id>,
    start: Number,
    run_start: Number,
    end: Number,
}

#[derive(Debug, Serialize)]
struct Left {
    job: Id,
    op: u32,
    reason: Reason,
}

#[derive(Debug, Serialize)]
struct Against {
    job: Id,
    op: u32,
    over: Conflict,
}

impl Answer {
    /// All that there is to say of a solution.
    pub fn new(instance: &Instance, solution: &Solution, course: &Course) -> Self {
        let Solution { plan, parts, score, bound, iterations, proved } = solution;
        let (unit, goal) = (instance.unit, course.goal);
        let [value, least] = [goal.value(parts, *score), goal.bound(bound)];
        Self {
            instance: instance.name.clone(),
            status: status(*score, *proved),
            unit_seconds: unit,
            makespan: in_unit(parts.makespan, unit),
            weighted_tardiness: in_unit(parts.weighted_tardiness, unit),
            late_jobs: parts.late_jobs,
            goal: goal.name(),
            value: goal.number(value, unit),
            bound: goal.number(least, unit),
            gap_percent: goal.gap(parts, *score, bound),
            objective: Objective::new(*parts, *score),
            bounds: bounds(bound, unit),
            first_plan_ms: course.first_plan_ms,
            elapsed_ms: course.elapsed_ms,
            iterations: *iterations,
            seed: course.seed,
            threads: course.threads,
            assignments: rows(instance, plan),
            unplaced: left(instance, plan),
            clashes: against(instance, plan),
            late: late(instance, plan),
        }
    }
}

/// `optimal` where it is proved, `incomplete` where something has no place, clashes or misses its deadline. Of a value beyond what
/// can be counted nothing is proved.
pub const fn status(score: Score, proved: bool) -> &'static str {
    match (score.hard, proved && score.soft < i64::MAX) {
        (0, true) => "optimal",
        (0, false) => "feasible",
        _ => "incomplete",
    }
}

fn bounds(bound: &Bound, unit: i64) -> Bounds {
    let [makespan, weighted_tardiness] = [bound.makespan, bound.weighted_tardiness].map(|it| in_unit(it, unit));
    Bounds { soft: bound.soft, makespan, weighted_tardiness }
}

fn rows(instance: &Instance, plan: &Plan) -> Vec<Row> {
    let placed = (0..).zip(&plan.assignments).filter_map(|(index, it)| Some((OperationIndex(index), (*it)?)));
    placed.map(|(operation, it)| row(instance, operation, it)).collect()
}

fn row(instance: &Instance, operation: OperationIndex, it: Assignment) -> Row {
    let model = instance.problem.model();
    let (job, op) = instance.called(operation);
    let [start, run_start, end] = [it.start, it.run_start, it.end].map(|at| in_unit(at, instance.unit));
    let machine = instance.id(it.machine.0, &model.machines[it.machine.at()].name);
    let worker = it.operator.map(|who| instance.id(who.0, &model.operators[who.at()].name));
    Row { job, op, machine, worker, start, run_start, end }
}

fn left(instance: &Instance, plan: &Plan) -> Vec<Left> {
    let left = plan.unplaced.iter().map(|it| {
        let (job, op) = instance.called(it.operation);
        Left { job, op, reason: it.reason }
    });
    left.collect()
}

fn against(instance: &Instance, plan: &Plan) -> Vec<Against> {
    let against = plan.clashes.iter().map(|it| {
        let (job, op) = instance.called(it.operation);
        Against { job, op, over: it.over }
    });
    against.collect()
}

fn late(instance: &Instance, plan: &Plan) -> Vec<LateJob> {
    let late = table::late_jobs(instance, plan);
    if late.is_empty() {
        return Vec::new();
    }
    let explainer = Explainer::new(&instance.problem, plan);
    let at = |seconds| in_unit(seconds, instance.unit);
    let stretch = |it: &explain::Stretch| {
        let (job, op) = instance.called(it.operation);
        Stretch { from: Some(at(it.from)), to: Some(at(it.to)), op, job, cause: why::named(instance, it.cause) }
    };
    let lost = |it: &Unplaced| {
        let (job, op) = instance.called(it.operation);
        Stretch { from: None, to: None, op, job, cause: format!("no place: {}", table::reason(it.reason)) }
    };
    let told = late.iter().map(|it| {
        let job = &instance.problem.model().jobs[it.job.at()];
        let why = match it.end {
            Some(_) => explainer.explain(it.job).map_or_else(Vec::new, |it| it.stretches.iter().map(stretch).collect()),
            None => it.lost.iter().map(lost).collect(),
        };
        let (id, release) = (instance.id(it.job.0, &job.name), at(job.release));
        LateJob { job: id, weight: job.weight, release, due: at(it.due), end: it.end.map(at), why }
    });
    told.collect()
}
