//! The least at which operations and jobs can end, as far as their own waiting and working goes.

use super::board::Board;
use super::ground::shortest_run;
use super::lag;
use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::model::State;

/// The least at which each operation can end, given what is placed; earlier ones of the problem's order come first.
pub(crate) fn ends(board: &Board<'_>) -> Vec<Seconds> {
    let (ground, problem) = (board.ground, board.ground.problem);
    let mut ends = vec![0; problem.len()];
    for &operation in problem.order() {
        let data = problem.operation(operation);
        ends[operation.at()] = match (data.state, board.fit(operation)) {
            (State::Done { end }, _) => end,
            (_, Some(fit)) => fit.span.end,
            _ => {
                let run = shortest_run(problem, operation);
                let mut end = ground.release(data.job) + run;
                for link in problem.before(operation) {
                    let before = ends[link.before.at()];
                    let done = matches!(problem.operation(link.before).state, State::Done { .. });
                    end = end.max(match link.transfer {
                        // What comes first may run elsewhere in time than its least; only its own last batch counts.
                        Some(transfer) if !done => before + link.min_lag + lag::share(run, transfer),
                        _ => before + link.min_lag + run,
                    });
                }
                end
            }
        };
    }
    ends
}

/// The least at which each job can end; `None` where it has no end that counts.
pub(super) fn job_ends(board: &Board<'_>) -> Vec<Option<Seconds>> {
    let (ground, problem) = (board.ground, board.ground.problem);
    let ends = ends(board);
    let mut jobs = vec![None; problem.model().jobs.len()];
    for operation in problem.operations() {
        let job = problem.operation(operation).job;
        jobs[job.at()] = jobs[job.at()].max(Some(ends[operation.at()]));
    }
    for operation in problem.operations().filter(|it| ground.hopeless[it.at()].is_some()) {
        jobs[problem.operation(operation).job.at()] = None;
    }
    jobs
}
