//! Backward scheduling: everything as late as the due dates allow. A plan that is as good as can be forward is made first, so that
//! whoever can be on time is; then, from the last to the first, each operation goes as late as what waits for it lets it.

use super::decode::{Board, Ground};
use super::model::{JobIndex, OperationIndex};
use super::objective::Parts;
use super::solve::{Budget, Crew, Improvement, Request, Solution, solve};
use super::{Plan, Seconds};

/// How often it is tried to let jobs end as late as they may, before nobody's end moves any more.
const ROUNDS: usize = 12;
/// How often all operations are gone through at most: one that has moved can make room for another.
const PASSES: usize = 6;

/// Plans forward, and then as late as due dates allow: jobs that are early end when they are due or as little before that as
/// possible; jobs that can't make it, and those without a due date, end when they would have ended; no job is at work longer.
pub fn backward(
    request: &Request<'_>,
    crew: &dyn Crew,
    budget: &dyn Budget,
    on_improvement: &mut (dyn FnMut(&Improvement<'_>) + Send),
) -> Solution {
    let forward = solve(request, crew, budget, on_improvement);
    let plan = put_off(request, &forward.plan);
    let parts = Parts::of(request.problem, &plan, request.baseline, &request.weights);
    Solution { plan, parts, score: parts.score(&request.weights), proved: false, ..forward }
}

/// A plan with everything in it as late as the jobs' due dates allow.
fn put_off(request: &Request<'_>, plan: &Plan) -> Plan {
    let ground = Ground::new(request.problem, request.baseline, request.weights);
    let Some(start) = Board::of(&ground, plan) else { return plan.clone() };
    let jobs = (0..).take(request.problem.model().jobs.len()).map(JobIndex);
    let forward: Vec<Option<Work>> = jobs.map(|job| work(&start, job)).collect();
    let due = |(work, job): (&Option<Work>, &super::model::Job)| {
        work.map(|work| job.due.map_or(work.end, |due| due.max(work.end)))
    };
    let mut until: Vec<Option<Seconds>> = forward.iter().zip(&request.problem.model().jobs).map(due).collect();
    for round in 0..=ROUNDS + 1 {
        let mut board = start.clone();
        as_late_as(&mut board, &until);
        // Whose first operations had no room to go as late as the last ones would be at work longer: those end earlier.
        let mut longer = false;
        for ((until, forward), job) in until.iter_mut().zip(&forward).zip(0..) {
            let Some((forward, now)) = forward.zip(work(&board, JobIndex(job))) else { continue };
            let most = now.start + (forward.end - forward.start);
            longer |= now.end > most;
            if round == ROUNDS {
                *until = Some(forward.end);
            } else if now.end > most {
                *until = Some(most.max(forward.end));
            }
        }
        if !longer {
            return board.plan();
        }
    }
    plan.clone()
}

/// From when to when a job is at work.
#[derive(Debug, Clone, Copy)]
struct Work {
    start: Seconds,
    end: Seconds,
}

fn work(board: &Board<'_>, job: JobIndex) -> Option<Work> {
    let fits = || board.ground().problem.operations_of(job).iter().filter_map(|it| board.fit(*it));
    let start = fits().map(|fit| fit.span.start).min()?;
    fits().map(|fit| fit.span.end).max().map(|end| Work { start, end })
}

/// Whole jobs first, the last one first; then all operations from the last to the first, until nothing moves any more.
fn as_late_as(board: &mut Board<'_>, until: &[Option<Seconds>]) {
    let problem = board.ground().problem;
    let mut jobs: Vec<(Seconds, JobIndex)> =
        until.iter().zip((0..).map(JobIndex)).filter_map(|(until, job)| Some(((*until)?, job))).collect();
    jobs.sort_unstable();
    for (until, job) in jobs.into_iter().rev() {
        board.put_off_together(problem.operations_of(job), until);
    }
    for _ in 0..PASSES {
        let placed = problem.order().iter().enumerate();
        let mut order: Vec<(Seconds, usize, OperationIndex)> =
            placed.filter_map(|(at, it)| Some((board.fit(*it)?.span.end, at, *it))).collect();
        order.sort_unstable();
        let mut moved = false;
        for (_, _, operation) in order.into_iter().rev() {
            if let Some(until) = until[problem.operation(operation).job.at()] {
                moved |= board.put_off(operation, until);
            }
        }
        if !moved {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
