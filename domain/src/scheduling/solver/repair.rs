//! A plan after something changed: what still can stays where it is, the rest shifts to the right or goes where it ends sooner,
//! and what is new goes into what is free.

use super::decode::{Board, Ground, List, list};
use super::model::OperationIndex;
use super::{Plan, Problem, Weights};

/// The plan that keeps as much of `baseline` as the problem, as it is now, allows.
pub fn repair(problem: &Problem, baseline: &Plan, weights: &Weights) -> Plan {
    let ground = Ground::new(problem, Some(baseline), *weights);
    let mut board = Board::new(&ground);
    repaired(&mut board);
    board.plan()
}

/// Repairs the ground's baseline on a board.
pub(crate) fn repaired(board: &mut Board<'_>) {
    let ground = board.ground();
    let mut list = List::new(ground);
    let due = |operation: OperationIndex| {
        let job = &ground.problem.model().jobs[ground.problem.operation(operation).job.at()];
        job.due.unwrap_or(i64::MAX)
    };
    // What is new comes last, the most pressing first, unless something old waits for it.
    list.order.sort_by_cached_key(|operation| {
        ground.told(*operation).map_or((true, due(*operation), 0), |told| (false, told.run_start, told.start))
    });
    list.sort(ground);
    // All that can stay stays, before anything that can't takes its place.
    let stays = |board: &mut Board<'_>, operation: OperationIndex| {
        let told = ground.told(operation)?;
        let fit = list::held(board, operation).ok().filter(|fit| fit.span.start == told.start)?;
        board.commit(operation, fit);
        Some(())
    };
    let mut rest = list.order.clone();
    rest.retain(|operation| stays(board, *operation).is_none());
    let mut later = Vec::new();
    for &operation in &rest {
        if let Err(refusal) = list::hold(board, operation) {
            list::refuse(board, operation, refusal, &mut later);
        }
        if !later.is_empty() {
            list::again(board, &list, &mut later);
        }
    }
    list::finish(board, &later);
}
