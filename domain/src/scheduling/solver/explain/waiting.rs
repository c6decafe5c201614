//! Who was in the way while an operation waited.

use super::{Cause, Chain};
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{Capacity, MachineIndex, OperationIndex, OperatorIndex, State};
use crate::scheduling::solver::plan::Assignment;
use crate::scheduling::solver::{Calendar, Plan, Problem, Seconds};

/// Taken time: from, to, by whom.
type Taken = (Seconds, Seconds, OperationIndex);

/// When machines, operators and tools are taken, each by start.
#[derive(Debug)]
pub(super) struct Occupied {
    machines: Vec<Vec<Taken>>,
    operators: Vec<Vec<Taken>>,
    /// By material: receipts and what is made.
    come: Vec<Vec<Seconds>>,
}

impl Occupied {
    pub(super) fn new(problem: &Problem, plan: &Plan) -> Self {
        let model = problem.model();
        let mut occupied = Self {
            machines: vec![Vec::new(); model.machines.len()],
            operators: vec![Vec::new(); model.operators.len()],
            come: model.materials.iter().map(|it| it.receipts.iter().map(|receipt| receipt.0).collect()).collect(),
        };
        for (operation, at) in problem.operations().zip(&plan.assignments) {
            let Some(at) = at else { continue };
            occupied.machines[at.machine.at()].push((at.start, at.end, operation));
            if let (Some(operator), Some(labour)) = (at.operator, problem.operation(operation).labour) {
                let from = if Cause::Setup.is_attended(labour) { at.start } else { at.run_start };
                let to = if Cause::Run.is_attended(labour) { at.end } else { at.run_start };
                occupied.operators[operator.at()].push((from, to, operation));
            }
            for (material, _) in &problem.operation(operation).makes {
                occupied.come[material.at()].push(at.end);
            }
        }
        occupied.machines.iter_mut().chain(&mut occupied.operators).for_each(|it| it.sort_unstable());
        occupied
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
        let mut come = data.uses.iter().filter(|it| it.1 > 0).filter(|it| self.come[it.0.at()].contains(&at.start));
        if let Some((material, _)) = come.next_back().filter(|_| until == at.start) {
            return (now, Cause::Material(*material));
        }
        // What comes to stand here once goes on as long as nothing else explains the time before.
        let by = at.operator;
        let (since, closed) = last_change(problem, (at.machine, by), until);
        if let Some(closed) = closed {
            return (since.max(now), closed);
        }
        let since = since.max(now);
        let several = !matches!(problem.machine(at.machine).capacity, Capacity::One | Capacity::Batch(_));
        let mut free_since = since;
        if !several {
            match taken(&self.machines[at.machine.at()], operation, until) {
                Ok((from, other)) => return (from.max(since), Cause::MachineBusy(at.machine, other)),
                Err(free) => free_since = free_since.max(free),
            }
        }
        if let Some(operator) = by {
            match taken(&self.operators[operator.at()], operation, until) {
                Ok((from, other)) => return (from.max(since), Cause::OperatorBusy(operator, other)),
                Err(free) => free_since = free_since.max(free),
            }
        }
        (free_since.min(until - 1), Cause::Unused)
    }
}

/// Whose the second before `until` is, and since when; or since when it has been free.
fn taken(by_start: &[Taken], not: OperationIndex, until: Seconds) -> Result<(Seconds, OperationIndex), Seconds> {
    let before = by_start.partition_point(|it| it.0 < until);
    let mut free = -FAR;
    // Entries overlap little: a few back are enough to find the one that reaches here.
    for &(from, to, operation) in by_start[..before].iter().rev().take(8).filter(|it| it.2 != not) {
        if to >= until {
            return Ok((from, operation));
        }
        free = free.max(to);
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
