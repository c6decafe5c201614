//! The least at which operations and jobs can end, as far as their own waiting and working goes.

use super::board::Board;
use super::ground::{Ground, shortest_run};
use super::lag;
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::model::{OperationIndex, State};

/// The least at which each operation can run, and end, given what is placed.
pub(crate) fn heads(board: &Board<'_>) -> Vec<(Seconds, Seconds)> {
    let (ground, problem) = (board.ground, board.ground.problem);
    let mut heads = vec![(0, 0); problem.len()];
    let mut looked_at = vec![None; problem.model().machines.len()];
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
                (from, end.max(first_end(ground, operation, (from, run), &mut looked_at)))
            }
        };
    }
    heads
}

/// When work that starts at `from` or later ends at the earliest, on any machine that can do an operation. Those with the same
/// hours are looked at once; `looked_at` tells by hours for which operation they were last.
fn first_end(
    ground: &Ground<'_>,
    operation: OperationIndex,
    (from, work): (Seconds, Seconds),
    looked_at: &mut [Option<OperationIndex>],
) -> Seconds {
    let mut first = None;
    for alternative in ground.problem.operation(operation).alternatives.iter() {
        if looked_at[ground.hours(alternative.machine)].replace(operation) == Some(operation) {
            continue;
        }
        let end = ground.problem.open(alternative.machine).finish(from, work);
        if end == Some(from + work) {
            return from + work;
        }
        first = end.into_iter().chain(first).min();
    }
    first.unwrap_or(from + work)
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
