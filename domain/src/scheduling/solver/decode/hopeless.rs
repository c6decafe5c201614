//! What could not be placed even if the shop were empty, and why.

use std::collections::HashSet;

use super::board::Board;
use super::ground::Ground;
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{Capacity, OperationIndex};
use crate::scheduling::solver::plan::Reason;
use crate::scheduling::solver::problem::Qualified;

/// Why an operation that is free has no place in an empty shop, if it has none.
pub(super) fn reason(ground: &Ground<'_>, operation: OperationIndex) -> Option<Reason> {
    let (problem, data) = (ground.problem, ground.problem.operation(operation));
    if !ground.is_free(operation) {
        return None;
    }
    if data.tools.iter().any(|tool| short_of(ground, operation, tool.at())) {
        return Some(Reason::ToolMissing);
    }
    let fits = |machine| match problem.machine(machine).capacity {
        Capacity::Batch(most) => data.size <= most,
        _ => true,
    };
    if !data.alternatives.iter().any(|alternative| fits(alternative.machine)) {
        return Some(Reason::LargerThanBatch);
    }
    for &(index, amount) in &ground.uses[operation.at()] {
        let material = &problem.model().materials[index];
        let comes = material.receipts.iter().fold(material.stock, |sum, receipt| sum.saturating_add(receipt.1));
        if comes < amount && !ground.made[index] {
            return Some(Reason::MaterialNeverArrives);
        }
    }
    let qualified = data.labour.map(|labour| problem.qualified(&labour));
    if qualified.is_some_and(<[Qualified]>::is_empty) {
        return Some(Reason::SkillMissing);
    }
    let machines = || (0..data.alternatives.len()).filter(|at| fits(data.alternatives[*at].machine));
    let first = qualified.and_then(<[Qualified]>::first).copied();
    if machines().take(1).any(|at| possible(ground, operation, (at, first), false)) {
        return None;
    }
    // Of those who are alike in all that counts here, one is enough.
    let mut seen = HashSet::new();
    let alike = |at: &usize| {
        let it = &data.alternatives[*at];
        seen.insert((ground.hours(it.machine), it.setup, it.run))
    };
    let machines: Vec<usize> = machines().filter(alike).collect();
    let mut seen = HashSet::new();
    let alike = |by: &&Qualified| seen.insert((ground.hours_of(by.operator), by.percent, by.expires));
    let people: Option<Vec<Qualified>> = qualified.map(|them| them.iter().filter(alike).copied().collect());
    let tries = |all: &dyn Fn(&Qualified) -> Qualified, any_pause: bool| {
        machines.iter().any(|at| {
            let alone = |by: Option<Qualified>| possible(ground, operation, (*at, by), any_pause);
            people.as_ref().map_or_else(|| alone(None), |them| them.iter().any(|it| alone(Some(all(it)))))
        })
    };
    let as_is = |it: &Qualified| *it;
    let for_ever = |it: &Qualified| Qualified { expires: FAR, ..*it };
    if tries(&as_is, false) {
        None
    } else if tries(&for_ever, false) {
        Some(Reason::SkillExpires)
    } else if tries(&for_ever, true) {
        Some(Reason::NoOpeningLongEnough)
    } else {
        Some(Reason::CalendarsNeverMeet)
    }
}

/// Whether an operation needs more of a tool than there is; named twice, it needs two.
fn short_of(ground: &Ground<'_>, operation: OperationIndex, tool: usize) -> bool {
    let needed = ground.problem.operation(operation).tools.iter().filter(|it| it.at() == tool).count();
    (ground.problem.model().tools[tool].count as usize) < needed
}

fn possible(
    ground: &Ground<'_>,
    operation: OperationIndex,
    (alternative, by): (usize, Option<Qualified>),
    any_pause: bool,
) -> bool {
    let mut work = Board::work(ground, operation, (alternative, by), 0);
    if any_pause {
        work.longest_pause = FAR;
    }
    let data = ground.problem.operation(operation);
    let from = ground.release(data.job);
    (any_pause || ground.has_opening(data, (alternative, by), &work))
        && work
            .earliest((from, from), FAR)
            .is_some_and(|span| by.is_none_or(|by| Board::attended_until(ground, operation, &span) <= by.expires))
}
