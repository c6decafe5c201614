//! The optimiser as a whole: a first plan at once, then better ones until the budget is used up.

use std::sync::Arc;

use super::bound::{self, Bound};
use super::construct::{self, Rule};
use super::decode::{Board, Ground};
use super::improve::{self, LOOK, Searcher};
use super::lower::{Lowered, lower};
use super::objective::{Parts, Score, Weights};
use super::plan::Reason;
use super::repair::repaired;
use super::validate::validate;
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
        for task in tasks {
            task();
        }
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

/// Plans a problem as well as the budget allows. `on_improvement` hears of the first plan at once, then of each that is better.
/// What is returned has a place for all that can have one, unless the budget ended before the first plan of a large shop was made:
/// what is over some thousand operations, and can't stay where the baseline has it, is then unplaced, [`Reason::OutOfTime`].
pub fn solve(
    request: &Request<'_>,
    crew: &dyn Crew,
    budget: &dyn Budget,
    on_improvement: &mut (dyn FnMut(&Improvement<'_>) + Send),
) -> Solution {
    if let Some(lowered) = lower(request) {
        return solve_lowered(request, &lowered, (crew, budget), on_improvement);
    }
    let ground = Ground::new(request.problem, request.baseline, request.weights);
    let base = Board::new(&ground);
    let rules = construct::rules(&ground);
    let mut first = base.clone();
    first_plan(&mut first, rules[0], budget);
    let mut found = Found::new(request, bound::bound(&base), first.plan());
    if let Some(baseline) = request.baseline.filter(|it| validate(request.problem, it, Some(it)).is_empty()) {
        // A plan that still holds is the least that comes out.
        found.better(request, Some(baseline.clone()), 0);
    }
    on_improvement(&found.improvement());
    if request.iterations != Some(0) && budget.go_on() {
        improve(request, (&base, first, &rules), (crew, budget), &mut |plan, iterations| {
            if found.better(request, plan, iterations) {
                on_improvement(&found.improvement());
            }
            !found.is_proved()
        });
    }
    found.solution()
}

fn solve_lowered(
    request: &Request<'_>,
    lowered: &Lowered,
    (crew, budget): (&dyn Crew, &dyn Budget),
    on_improvement: &mut (dyn FnMut(&Improvement<'_>) + Send),
) -> Solution {
    let mut best: Option<Found> = None;
    let proved = lowered.solve(request, (crew, budget), &mut |plan, bound, iterations| {
        if let Some(found) = &mut best {
            if found.better(request, plan, iterations) {
                on_improvement(&found.improvement());
            }
        } else {
            let bound = bound.under(&request.weights);
            let found = best.insert(Found::new(request, bound, plan.unwrap_or_default()));
            on_improvement(&found.improvement());
        }
    });
    let found = best.unwrap_or_else(|| Found::new(request, Bound::default(), Plan::default()));
    let solution = found.solution();
    Solution { proved: proved || solution.proved, ..solution }
}

/// The best until now.
struct Found {
    plan: Plan,
    parts: Parts,
    score: Score,
    bound: Bound,
    iterations: u64,
}

impl Found {
    fn new(request: &Request<'_>, bound: Bound, plan: Plan) -> Self {
        let parts = Parts::of(request.problem, &plan, request.baseline, &request.weights);
        Self { plan, parts, score: parts.score(&request.weights), bound, iterations: 0 }
    }

    /// Takes a plan if it is better.
    fn better(&mut self, request: &Request<'_>, plan: Option<Plan>, iterations: u64) -> bool {
        self.iterations = iterations;
        let Some(plan) = plan else { return false };
        let parts = Parts::of(request.problem, &plan, request.baseline, &request.weights);
        let score = parts.score(&request.weights);
        let better = score < self.score;
        if better {
            (self.plan, self.parts, self.score) = (plan, parts, score);
        }
        better
    }

    const fn improvement(&self) -> Improvement<'_> {
        let Self { plan, parts, score, bound, iterations } = self;
        Improvement { plan, parts: *parts, score: *score, bound: *bound, iterations: *iterations }
    }

    const fn is_proved(&self) -> bool {
        self.score.hard == 0 && self.score.soft <= self.bound.soft
    }

    fn solution(self) -> Solution {
        let proved = self.is_proved();
        let Self { plan, parts, score, bound, iterations } = self;
        Solution { plan, parts, score, bound, iterations, proved }
    }
}

/// Placements, and tries of them, that a first plan makes whatever the budget says.
const PLACED_ANYWAY: usize = 4_000;

/// What people know, repaired; or else dispatched by a rule. When the budget ends early, what has no place yet is left without one.
fn first_plan(board: &mut Board<'_>, rule: Rule, budget: &dyn Budget) {
    let ground = board.ground();
    let mut placements = 0_usize;
    let mut go_on = |_: Option<&Board<'_>>| {
        placements += 1;
        placements < PLACED_ANYWAY || !placements.is_multiple_of(LOOK) || budget.go_on()
    };
    let ended = if ground.baseline.is_some() {
        repaired(board, &mut go_on)
    } else {
        construct::dispatch(board, rule, &mut go_on)
    };
    if !ended {
        for operation in ground.problem.operations() {
            if ground.is_free(operation) && board.fit(operation).is_none() && !board.is_given_up(operation) {
                board.give_up(operation, ground.hopeless[operation.at()].unwrap_or(Reason::OutOfTime));
            }
        }
    }
}

/// Placements of each of the crew that rules are tried with, after a first plan.
const PLACEMENTS_OF_RULES: usize = 40_000;
/// Placements of one searcher between two meetings, about.
const PLACEMENTS_A_ROUND: u64 = 60_000;

/// Searches in rounds until `found` says that it is enough; after each the searchers meet, always in the same order, so that nothing depends on who is faster.
fn improve<'a>(
    request: &Request<'_>,
    (base, first, rules): (&Board<'a>, Board<'a>, &[Rule]),
    (crew, budget): (&dyn Crew, &dyn Budget),
    found: &mut dyn FnMut(Option<Plan>, u64) -> bool,
) {
    let size = crew.size().max(1);
    let heard = first.score();
    let start = best_of_rules((base, first, rules), (crew, budget));
    let free = base.ground().problem.operations().any(|operation| base.ground().is_free(operation));
    if !found((start.score() < heard).then(|| start.plan()), 0) || !free || !budget.go_on() {
        return;
    }
    let mut searchers: Vec<Option<Searcher<'a>>> = Vec::new();
    searchers.resize_with(size, || None);
    let task = |(at, place): (u64, _)| -> Box<dyn FnOnce() + Send + '_> {
        let (place, start): (&mut Option<Searcher<'a>>, &Board<'a>) = (place, &start);
        let seed = request.seed.wrapping_mul(31).wrapping_add(at);
        Box::new(move || *place = budget.go_on().then(|| Searcher::new(base, start, seed, &mut || budget.go_on())))
    };
    crew.run((0..).zip(&mut searchers).map(task).collect());
    let mut searchers: Vec<Searcher<'a>> = searchers.into_iter().flatten().collect();
    let mut best = start.score();
    let a_round = (PLACEMENTS_A_ROUND / (request.problem.len() as u64).max(1)).clamp(100, 400);
    let mut left = request.iterations.unwrap_or(u64::MAX);
    while left > 0 && budget.go_on() {
        let a_round = a_round.min(left.div_ceil(size as u64));
        left = left.saturating_sub(a_round.saturating_mul(size as u64));
        crew.run(
            searchers
                .iter_mut()
                .map(|it| -> Box<dyn FnOnce() + Send + '_> { Box::new(|| it.round(a_round, budget)) })
                .collect(),
        );
        let iterations = searchers.iter().map(|searcher| searcher.iterations).sum();
        let Some(leader) = searchers.iter().min_by_key(|it| it.best().score()) else { return };
        let leader = Arc::clone(leader.best());
        let improved = leader.score() < best;
        best = best.min(leader.score());
        for searcher in &mut searchers {
            searcher.adopt(&leader);
        }
        if !found(improved.then(|| leader.plan.clone()), iterations) {
            return;
        }
    }
}

/// Tries rules as far as they are worth their time, each of the crew some of them. The first has made the first plan.
fn best_of_rules<'a>(
    (base, first, rules): (&Board<'a>, Board<'a>, &[Rule]),
    (crew, budget): (&dyn Crew, &dyn Budget),
) -> Board<'a> {
    let mut tried: Vec<Option<Board<'a>>> = Vec::new();
    tried.resize_with(crew.size().max(1), || None);
    let most = tried.len() * PLACEMENTS_OF_RULES / base.ground().problem.len().max(1);
    let rules = &rules[1..rules.len().min(1 + most)];
    let share = rules.len().div_ceil(tried.len()).max(1);
    let task = |(result, rules): (_, _)| -> Box<dyn FnOnce() + Send + '_> {
        let result: &mut Option<Board<'a>> = result;
        let rules: &[Rule] = rules;
        Box::new(move || *result = improve::dispatch_all(base, rules, budget))
    };
    crew.run(tried.iter_mut().zip(rules.chunks(share)).map(task).collect());
    tried.into_iter().flatten().fold(first, |best, other| if other.score() < best.score() { other } else { best })
}
