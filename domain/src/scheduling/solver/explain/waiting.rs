//! Who was in the way while an operation waited.

use super::{Cause, Chain};
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{
    Capacity, MachineIndex, Material, MaterialIndex, OperationIndex, OperatorIndex, State,
};
use crate::scheduling::solver::plan::Assignment;
use crate::scheduling::solver::{Calendar, Plan, Problem, Seconds};

/// Taken time: from, to, by whom.
pub(super) type Taken = (Seconds, Seconds, OperationIndex);

/// When machines, operators and tools are taken, each by start.
#[derive(Debug)]
pub(super) struct Occupied {
    pub(super) machines: Vec<Vec<Taken>>,
    pub(super) operators: Vec<Vec<Taken>>,
    pub(super) tools: Vec<Vec<Taken>>,
    /// By material: what comes and goes, by time, and by whom.
    pub(super) stock: Vec<Vec<(Seconds, i64, Option<OperationIndex>)>>,
}

impl Occupied {
    pub(super) fn new(problem: &Problem, plan: &Plan) -> Self {
        let model = problem.model();
        let mut occupied = Self {
            machines: vec![Vec::new(); model.machines.len()],
            operators: vec![Vec::new(); model.operators.len()],
            tools: vec![Vec::new(); model.tools.len()],
            stock: model.materials.iter().map(of_material).collect(),
        };
        for (operation, at) in problem.operations().zip(&plan.assignments) {
            let Some(at) = at else { continue };
            occupied.machines[at.machine.at()].push((at.start, at.end, operation));
            if let (Some(operator), Some(labour)) = (at.operator, problem.operation(operation).labour) {
                let from = if Cause::Setup.is_attended(labour) { at.start } else { at.run_start };
                let to = if Cause::Run.is_attended(labour) { at.end } else { at.run_start };
                occupied.operators[operator.at()].push((from, to, operation));
            }
            let data = problem.operation(operation);
            data.tools.iter().for_each(|tool| occupied.tools[tool.at()].push((at.start, at.end, operation)));
            for &(material, amount) in &data.makes {
                occupied.stock[material.at()].push((at.end, amount, Some(operation)));
            }
            // What is at work has its material already.
            for &(material, amount) in data.uses.iter().filter(|_| !matches!(data.state, State::Started { .. })) {
                occupied.stock[material.at()].push((at.start, -amount, Some(operation)));
            }
        }
        let Self { machines, operators, tools, .. } = &mut occupied;
        machines.iter_mut().chain(operators).chain(tools).for_each(|it| it.sort_unstable());
        occupied.stock.iter_mut().for_each(|it| it.sort_unstable());
        occupied
    }

    /// Since when, until it started, there was less of a material than an operation uses of it; `None` if there was enough.
    fn short_since(
        &self,
        problem: &Problem,
        operation: OperationIndex,
        material: usize,
        start: Seconds,
    ) -> Option<Seconds> {
        let uses = problem.operation(operation).uses.iter().filter(|it| it.0.at() == material);
        let needed: i64 = uses.map(|it| it.1).sum();
        let (mut left, mut since) = (0_i64, Some(-FAR));
        let others = self.stock[material].iter().filter(|it| it.0 < start && it.2 != Some(operation));
        for (at, amount, _) in others {
            left = left.saturating_add(*amount);
            since = if left >= needed { None } else { since.or(Some(*at)) };
        }
        since.filter(|_| needed > 0)
    }

    /// Explains the waiting of an operation from `ready` to `chain.until`.
    pub(super) fn waiting(
        &self,
        problem: &Problem,
        (operation, at): (OperationIndex, &Assignment),
        ready: Seconds,
        chain: &mut Chain,
    ) {
        while chain.until > ready.max(chain.from) {
            let (since, cause) = self.just_before(problem, (operation, at), chain.until);
            chain.add(since.max(ready), operation, cause);
        }
    }

    /// Why it did not start a second before `until`, and since when that was so.
    fn just_before(
        &self,
        problem: &Problem,
        (operation, at): (OperationIndex, &Assignment),
        until: Seconds,
    ) -> (Seconds, Cause) {
        let data = problem.operation(operation);
        if matches!(data.state, State::Pinned(_) | State::Started { .. }) {
            return (-FAR, Cause::Pinned);
        }
        let now = problem.model().now;
        if until <= now {
            return (-FAR, Cause::Now);
        }
        let short = |material: &MaterialIndex| self.short_since(problem, operation, material.at(), at.start);
        let mut short = data.uses.iter().filter(|_| until == at.start).filter_map(|it| Some((it.0, short(&it.0)?)));
        if let Some((material, since)) = short.next() {
            return (since.max(now), Cause::Material(material));
        }
        // What comes to stand here once goes on as long as nothing else explains the time before.
        let by = at.operator;
        let (since, closed) = last_change(problem, (at.machine, by), until);
        if let Some(closed) = closed {
            return (since.max(now), closed);
        }
        let since = since.max(now);
        let mut free_since = since;
        for found in self.takers(problem, (operation, at), until) {
            match found {
                Ok((from, cause)) => return (from.max(since), cause),
                Err(free) => free_since = free_since.max(free),
            }
        }
        (free_since.min(until - 1), Cause::Unused)
    }

    /// Of all that an operation needs: who had it just before `until` and left nothing, and since when; or since when it was free.
    fn takers(
        &self,
        problem: &Problem,
        (operation, at): (OperationIndex, &Assignment),
        until: Seconds,
    ) -> impl Iterator<Item = Result<(Seconds, Cause), Seconds>> {
        let places = match problem.machine(at.machine).capacity {
            Capacity::One | Capacity::Batch(_) => Some(1),
            Capacity::Many(count) => Some(count as usize),
            Capacity::Unlimited => None,
        };
        let machine = places.map(|places| {
            let taken = taken(&self.machines[at.machine.at()], operation, (until, places));
            taken.map(|(from, other)| (from, Cause::MachineBusy(at.machine, other)))
        });
        let operator = at.operator.map(|operator| {
            let taken = taken(&self.operators[operator.at()], operation, (until, 1));
            taken.map(|(from, other)| (from, Cause::OperatorBusy(operator, other)))
        });
        let tools = &problem.operation(operation).tools;
        let tools = tools.iter().map(move |tool| {
            let more = tools.iter().filter(|it| *it == tool).count() - 1;
            let enough = (problem.model().tools[tool.at()].count as usize).saturating_sub(more).max(1);
            taken(&self.tools[tool.at()], operation, (until, enough)).map(|(from, _)| (from, Cause::ToolTaken(*tool)))
        });
        machine.into_iter().chain(operator).chain(tools)
    }
}

/// What there is of a material, and what comes of it.
fn of_material(material: &Material) -> Vec<(Seconds, i64, Option<OperationIndex>)> {
    let receipts = material.receipts.iter().map(|receipt| (receipt.0, receipt.1, None));
    std::iter::once((-FAR, material.stock, None)).chain(receipts).collect()
}

/// Whose the second before `until` is, and since when, where as many as that leave nothing; or since when there is some.
fn taken(
    by_start: &[Taken],
    not: OperationIndex,
    (until, all): (Seconds, usize),
) -> Result<(Seconds, OperationIndex), Seconds> {
    let before = by_start.partition_point(|it| it.0 < until);
    let (mut free, mut count, mut last) = (-FAR, 0, None);
    // Entries overlap little: a few back are enough to find those that reach here.
    let few = all.saturating_mul(8);
    for &(from, to, operation) in by_start[..before].iter().rev().take(few).filter(|it| it.2 != not) {
        if to < until {
            free = free.max(to);
            continue;
        }
        let last = *last.get_or_insert((from, operation));
        count += 1;
        if count == all {
            return Ok(last);
        }
    }
    Err(free)
}

/// Since when it has been as it is just before `until`: open, or closed and why.
pub(super) fn last_change(
    problem: &Problem,
    (machine, by): (MachineIndex, Option<OperatorIndex>),
    until: Seconds,
) -> (Seconds, Option<Cause>) {
    let (opens, open) = side(problem.open(machine), until);
    if !open {
        let data = problem.machine(machine);
        let down = data.downtime.iter().find(|(from, to)| (*from..*to).contains(&(until - 1)));
        return if let Some((from, _)) = down {
            ((*from).max(opens), Some(Cause::Downtime(machine)))
        } else {
            let down = data.downtime.iter().map(|it| it.1).filter(|to| *to < until).max().unwrap_or(-FAR);
            (opens.max(down), Some(Cause::NoShift(machine)))
        };
    }
    let Some(operator) = by else { return (opens, None) };
    let (comes, present) = side(problem.present(operator), until);
    (opens.max(comes), (!present).then_some(Cause::Absent(operator)))
}

/// Whether a calendar is open just before `until`, and since when it has been as it is.
fn side(calendar: &Calendar, until: Seconds) -> (Seconds, bool) {
    match calendar.opened_before(until) {
        None => (-FAR, false),
        Some((from, to)) if to >= until => (from, true),
        Some((_, to)) => (to, false),
    }
}
