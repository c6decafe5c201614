//! What no plan can be below.

use serde::{Deserialize, Serialize};

use super::Seconds;
use super::calendar::FAR;
use super::decode::{self, Board};
use super::model::{Capacity, MachineIndex, OperationIndex};
use super::objective::Weights;
use super::problem::at_speed;

/// Least values, each by itself, of plans in which everything has a place; such a plan is at most so far from the best possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Bound {
    /// Of the weighted sum.
    pub soft: i64,
    /// Of the end of the last operation.
    pub makespan: i64,
    /// Of weighted tardiness.
    pub weighted_tardiness: i64,
}

/// The bounds of what can be made of a board: how long each job takes for itself in open time, and what each machine has to do.
pub(crate) fn bound(base: &Board<'_>) -> Bound {
    let weights = &base.ground().weights;
    let (parts, soft) = (base.parts(), base.score().soft);
    let makespan = parts.makespan.max(machine_load(base));
    let more = (makespan - parts.makespan).saturating_mul(weights.makespan);
    let setups = setups(base).saturating_mul(weights.setup);
    Bound {
        soft: soft.saturating_add(more).saturating_add(setups),
        makespan,
        weighted_tardiness: parts.weighted_tardiness,
    }
}

/// The latest that some machine can be done at the earliest with what only it can do, one thing after the other and without
/// waiting in between; then at least the shortest rest of a job is still to come.
fn machine_load(base: &Board<'_>) -> Seconds {
    let (ground, problem) = (base.ground(), base.ground().problem);
    let heads = decode::heads(base);
    let mut loads = vec![Load { work: 0, from: FAR, rest: FAR }; problem.model().machines.len()];
    for operation in problem.operations() {
        let [only] = problem.operation(operation).alternatives.as_ref() else { continue };
        let one = problem.machine(only.machine).capacity == Capacity::One;
        if one && ground.is_free(operation) && ground.hopeless[operation.at()].is_none() {
            let run = decode::shortest_run(problem, operation);
            let load = &mut loads[only.machine.at()];
            load.work += run;
            load.from = load.from.min(heads[operation.at()].0);
            load.rest = load.rest.min(ground.tail[operation.at()]);
        }
    }
    let done = |(load, index): (&Load, u32)| {
        let end = problem.open(MachineIndex(index)).finish(load.from, load.work)?;
        (load.work > 0).then_some(end + load.rest)
    };
    loads.iter().zip(0..).filter_map(done).max().unwrap_or(-FAR)
}

/// The setups that are there whatever comes before what.
fn setups(base: &Board<'_>) -> Seconds {
    let (ground, problem) = (base.ground(), base.ground().problem);
    let setup = |operation: OperationIndex| {
        let data = problem.operation(operation);
        let least = data.alternatives.iter().map(|alternative| alternative.setup).min().unwrap_or(0);
        let by = data.labour.filter(|labour| decode::at_setup(*labour)).map(|labour| problem.qualified(&labour));
        let fastest = by.and_then(|by| by.iter().map(|by| by.percent).max());
        at_speed(least, fastest.unwrap_or(100))
    };
    let counts = |it: &OperationIndex| ground.is_free(*it) && ground.hopeless[it.at()].is_none();
    problem.operations().filter(counts).map(setup).sum()
}

/// What only one machine can do.
#[derive(Debug, Clone, Copy)]
struct Load {
    work: Seconds,
    /// The earliest that any of it can start.
    from: Seconds,
    /// The least that comes after any of it.
    rest: Seconds,
}

impl Bound {
    /// With what follows from makespan and weighted tardiness for the weighted sum.
    pub(crate) const fn under(mut self, weights: &Weights) -> Self {
        let makespan = self.makespan.saturating_mul(weights.makespan);
        let tardiness = self.weighted_tardiness.saturating_mul(weights.tardiness);
        self.soft = makespan.saturating_add(tardiness);
        self
    }
}
