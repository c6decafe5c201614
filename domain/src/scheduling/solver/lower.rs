//! Pure shops (chains of operations, machines that are always open and take one thing at a time, nothing else) go to the fast
//! searchers: from a problem to their shop, and back.

use super::bound::Bound;
use super::calendar::{Calendar, FAR};
use super::kernel::{self, Choice, JobData, Objective, OperationData, Shop, Team};
use super::model::{Capacity, Job, JobIndex, Model, Operation, OperationIndex, State};
use super::plan::Assignment;
use super::solve::{Budget, Crew, Request};
use super::{Plan, Problem, Seconds, Weights};

/// A problem as a pure shop.
#[derive(Debug)]
pub(crate) struct Lowered {
    shop: Shop,
    /// By the shop's numbers.
    operations: Vec<OperationIndex>,
    /// The shop's zero.
    zero: Seconds,
}

/// The problem as a pure shop, if it is one.
pub(crate) fn lower(request: &Request<'_>) -> Option<Lowered> {
    let (problem, model) = (request.problem, request.problem.model());
    let objective = objective(&request.weights)?;
    let chains = model.operations.iter().all(|it| is_plain(it, &request.weights)) && are_chains(problem);
    let stays = request.weights.moved > 0 || request.weights.shift > 0 || model.frozen_until > model.now;
    let settled = request.baseline.is_none() || !stays;
    // Plans of what is released later could end beyond what calendars count.
    let possible = |job: &Job| job.deadline.is_none() && job.release.max(model.now) <= FAR / 2;
    if !(settled && chains && are_plain(problem) && model.jobs.iter().all(possible)) {
        return None;
    }
    let release = |job: JobIndex| model.jobs[job.at()].release.max(model.now);
    let jobs = (0..).take(model.jobs.len()).map(JobIndex).filter(|job| !problem.operations_of(*job).is_empty());
    let jobs: Vec<JobIndex> = jobs.collect();
    let zero = jobs.iter().map(|job| release(*job)).min()?;
    let operation = |operation: &OperationIndex| {
        let choices = problem.operation(*operation).alternatives.iter();
        let choices = choices.map(|it| Choice { machine: it.machine.0, time: it.run }).collect();
        OperationData { choices, release: 0, delivery: 0 }
    };
    let data = |job: &JobIndex| {
        let of = &model.jobs[job.at()];
        JobData {
            release: release(*job) - zero,
            due: of.due.map_or(0, |due| due - zero),
            weight: of.due.map_or(0, |_| of.weight),
            operations: problem.operations_of(*job).iter().map(operation).collect(),
        }
    };
    let operations = jobs.iter().flat_map(|job| problem.operations_of(*job)).copied().collect();
    let shop = Shop::new(objective, model.machines.len(), &jobs.iter().map(data).collect::<Vec<_>>()).ok()?;
    Some(Lowered { shop, operations, zero })
}

/// What the fast searchers know to look for, if that is all that counts.
fn objective(weights: &Weights) -> Option<Objective> {
    match (weights.makespan > 0, weights.tardiness > 0) {
        _ if weights.late_job > 0 || weights.flow_minute > 0 => None,
        (true, false) => Some(Objective::Makespan),
        (false, true) => Some(Objective::WeightedTardiness),
        _ => None,
    }
}

fn is_plain(operation: &Operation, weights: &Weights) -> bool {
    let nothing_else = operation.labour.is_none() && operation.tools.is_empty() && operation.uses.is_empty();
    let plain = operation.alternatives.iter().all(|it| it.setup == 0 && (it.cost == 0 || weights.alternative == 0));
    nothing_else && plain && operation.state == State::Planned
}

/// Whether machines take one thing at a time, always, whatever came before.
fn are_plain(problem: &Problem) -> bool {
    let Model { machines, operations, .. } = problem.model();
    let families = operations.iter().any(|operation| operation.family.is_some());
    let always = Calendar::always();
    machines.iter().zip(0..).all(|(machine, index)| {
        machine.capacity == Capacity::One
            && !(machine.changeover.is_some() && families)
            && *problem.open(super::model::MachineIndex(index)) == always
    })
}

/// Whether each job's operations follow one another, and wait for nothing else.
fn are_chains(problem: &Problem) -> bool {
    let plain = problem.model().links.iter().all(|link| {
        let whole = link.transfer.is_none_or(|transfer| transfer.first == transfer.of);
        link.min_lag == 0 && link.max_lag.is_none() && whole
    });
    let follows = |pair: &[OperationIndex]| problem.before(pair[1]).any(|link| link.before == pair[0]);
    let chain = |job: u32| {
        let operations = problem.operations_of(JobIndex(job));
        let alone = |(at, operation): (usize, &OperationIndex)| problem.before(*operation).count() == at.min(1);
        operations.windows(2).all(follows) && operations.iter().enumerate().all(alone)
    };
    plain && (0..).take(problem.model().jobs.len()).all(chain)
}

impl Lowered {
    /// Plans the shop; `found` hears of the first plan and of each better one. Whether the last is proved to be the best.
    pub(crate) fn solve(
        &self,
        request: &Request<'_>,
        (crew, budget): (&dyn Crew, &dyn Budget),
        found: &mut dyn FnMut(Option<Plan>, Bound, u64),
    ) -> bool {
        let size = crew.size().max(1);
        let mut team = Team::new(&self.shop, request.seed, size);
        if let Some((order, choices)) = request.baseline.and_then(|baseline| self.order(request.problem, baseline)) {
            team.offer(&order, &choices);
        }
        let bound = self.bound(team.bound());
        let mut value = team.value();
        found(team.plan().map(|plan| self.plan(request.problem, &plan)), bound, 0);
        let mut left = request.iterations.unwrap_or(u64::MAX);
        let mut proved = value <= team.bound();
        while left > 0 && !proved && budget.go_on() {
            let steps = team.steps_per_round().min(left.div_ceil(size as u64));
            left = left.saturating_sub(steps.saturating_mul(size as u64));
            let mut done = vec![false; size];
            let turn = |(searcher, done): (_, _)| -> Box<dyn FnOnce() + Send + '_> {
                let searcher: &mut kernel::Searcher<'_> = searcher;
                let done: &mut bool = done;
                Box::new(move || *done = !searcher.run(steps, &|| budget.go_on()))
            };
            crew.run(team.searchers_mut().iter_mut().zip(&mut done).map(turn).collect());
            team.exchange();
            proved = done.contains(&true);
            let iterations = team.searchers_mut().iter().map(kernel::Searcher::steps).sum();
            let better = team.value() < value;
            value = value.min(team.value());
            let plan = if better { team.plan() } else { None };
            found(plan.map(|plan| self.plan(request.problem, &plan)), bound, iterations);
        }
        proved
    }

    fn bound(&self, bound: i64) -> Bound {
        match self.shop.objective() {
            Objective::Makespan => Bound { makespan: bound.saturating_add(self.zero), ..Bound::default() },
            Objective::WeightedTardiness => Bound { weighted_tardiness: bound, ..Bound::default() },
        }
    }

    /// What a plan that is known does in which order; `None` where it is not complete.
    fn order(&self, problem: &Problem, plan: &Plan) -> Option<(Vec<u32>, Vec<u16>)> {
        let mut starts = Vec::with_capacity(self.operations.len());
        let mut choices = Vec::with_capacity(self.operations.len());
        for (operation, index) in self.operations.iter().zip(0_u32..) {
            let at = plan.assignments.get(operation.at()).copied().flatten()?;
            let alternatives = &problem.operation(*operation).alternatives;
            let choice = alternatives.iter().position(|alternative| alternative.machine == at.machine)?;
            choices.push(u16::try_from(choice).ok()?);
            starts.push((at.start, at.end, index));
        }
        starts.sort_unstable();
        Some((starts.into_iter().map(|it| it.2).collect(), choices))
    }

    fn plan(&self, problem: &Problem, plan: &kernel::Plan) -> Plan {
        let mut assignments = vec![None; problem.len()];
        for ((operation, start), choice) in self.operations.iter().zip(&plan.starts).zip(&plan.choices) {
            let chosen = problem.operation(*operation).alternatives[usize::from(*choice)];
            let start = start + self.zero;
            assignments[operation.at()] = Some(Assignment {
                machine: chosen.machine,
                operator: None,
                start,
                run_start: start,
                end: start + chosen.run,
            });
        }
        Plan { assignments, unplaced: Vec::new(), clashes: Vec::new() }
    }
}
