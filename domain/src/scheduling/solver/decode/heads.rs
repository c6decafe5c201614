//! The least at which operations and jobs can end, as far as their own waiting and working goes.

use super::board::Board;
use super::ground::shortest_run;
use super::lag;
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::model::{Alternative, State};

/// The least at which each operation can run, and end, given what is placed.
pub(crate) fn heads(board: &Board<'_>) -> Vec<(Seconds, Seconds)> {
    let (ground, problem) = (board.ground, board.ground.problem);
    let mut heads = vec![(0, 0); problem.len()];
    for &operation in problem.order() {
        let data = problem.operation(operation);
        heads[operation.at()] = match (data.state, board.fit(operation)) {
            (State::Done { end }, _) => (end, end),
            (_, Some(fit)) => (fit.span.run_start, fit.span.end),
            _ => {
                let run = shortest_run(problem, operation);
                let mut from = ground.release(data.job);
                let mut end = from + run;
                for link in problem.before(operation) {
                    let (_, before) = heads[link.before.at()];
                    let done = matches!(problem.operation(link.before).state, State::Done { .. });
                    match link.transfer {
                        // The run may start before the end of what comes first; only its own last batch counts.
                        Some(transfer) if !done => end = end.max(before + link.min_lag + lag::share(run, transfer)),
                        _ => from = from.max(before + link.min_lag),
                    }
                }
                let open = |it: &Alternative| problem.open(it.machine).finish(from, run);
                (from, end.max(data.alternatives.iter().filter_map(open).min().unwrap_or(from + run)))
            }
        };
    }
    heads
}

/// The least at which each job can end; `None` where it has no end that counts.
pub(super) fn job_ends(board: &Board<'_>) -> Vec<Option<Seconds>> {
    let (ground, problem) = (board.ground, board.ground.problem);
    let heads = heads(board);
    let mut jobs = vec![None; problem.model().jobs.len()];
    for operation in problem.operations() {
        let job = problem.operation(operation).job;
        jobs[job.at()] = jobs[job.at()].max(Some(heads[operation.at()].1));
    }
    for operation in problem.operations().filter(|it| ground.hopeless[it.at()].is_some()) {
        jobs[problem.operation(operation).job.at()] = None;
    }
    jobs
}
