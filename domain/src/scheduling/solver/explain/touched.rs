//! What a change touches: operations in the way of it, and what waits for them.

use crate::scheduling::solver::model::{MachineIndex, MaterialIndex, OperationIndex, OperatorIndex, State};
use crate::scheduling::solver::{Plan, Problem, Seconds};

/// What a machine's or operator's outage touches: what it interrupts, and all that waits for that, in the problem's order.
pub fn touched_by_outage(
    problem: &Problem,
    plan: &Plan,
    (machine, operator): (Option<MachineIndex>, Option<OperatorIndex>),
    (from, to): (Seconds, Seconds),
) -> Vec<OperationIndex> {
    with_followers(problem, |operation| {
        plan.assignments.get(operation.at()).copied().flatten().is_some_and(|at| {
            let theirs = machine == Some(at.machine) || (operator.is_some() && operator == at.operator);
            theirs && at.start < to && at.end > from
        })
    })
}

/// What a receipt that comes later touches: those who would run short until it comes, and all that waits for them.
pub fn touched_by_receipt(
    problem: &Problem,
    plan: &Plan,
    material: MaterialIndex,
    (receipt, comes): (usize, Seconds),
) -> Vec<OperationIndex> {
    let data = &problem.model().materials[material.at()];
    let moved = |(at, it): (usize, &(Seconds, i64))| (if at == receipt { comes } else { it.0 }, it.1, None);
    let mut movements: Vec<(Seconds, i64, Option<OperationIndex>)> =
        data.receipts.iter().enumerate().map(moved).collect();
    for (operation, at) in problem.operations().zip(&plan.assignments) {
        let Some(at) = at else { continue };
        let of = problem.operation(operation);
        let amount = |list: &[(MaterialIndex, i64)]| list.iter().filter(|it| it.0 == material).map(|it| it.1).sum();
        // What is at work has its material already.
        let started = matches!(of.state, State::Started { .. });
        let (uses, makes): (i64, i64) = (if started { 0 } else { amount(&of.uses) }, amount(&of.makes));
        movements.push((at.end, makes, None));
        movements.push((at.start, -uses, (uses > 0).then_some(operation)));
    }
    movements.sort_by_key(|it| (it.0, it.2));
    let mut stock = data.stock;
    let mut short = vec![false; problem.len()];
    for (_, amount, user) in movements {
        stock += amount;
        if let Some(user) = user.filter(|_| stock < 0) {
            short[user.at()] = true;
        }
    }
    with_followers(problem, |operation| short[operation.at()])
}

fn with_followers(problem: &Problem, directly: impl Fn(OperationIndex) -> bool) -> Vec<OperationIndex> {
    let mut touched = vec![false; problem.len()];
    let mut found = Vec::new();
    for &operation in problem.order() {
        let follows = problem.before(operation).any(|link| touched[link.before.at()]);
        if follows || directly(operation) {
            touched[operation.at()] = true;
            found.push(operation);
        }
    }
    found
}
