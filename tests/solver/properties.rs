//! What holds for every shop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use api::solve::crew::{Threads, Until};
use domain::scheduling::solver::objective::Parts;
use domain::scheduling::solver::validate::validate;
use domain::scheduling::solver::{Budget, Crew, Preset, Problem, Request, Solution, solve};
use tests::shops::shop;

/// How many random shops are planned and checked.
const SHOPS: u64 = 1_000;

fn planned(problem: &Problem, seed: u64, crew: &dyn Crew) -> Solution {
    let weights = Preset::OnTimeFirst.weights();
    let request = Request { problem, baseline: None, weights, seed, iterations: Some(20) };
    let mut scores = Vec::new();
    let solution = solve(&request, crew, &Until::default(), &mut |better| scores.push(better.score));
    assert!(scores.windows(2).all(|two| two[1] < two[0]), "every improvement is one: {scores:?}");
    assert_eq!(scores.last(), Some(&solution.score), "the last improvement is the solution");
    solution
}

#[test]
fn no_plan_of_a_random_shop_breaks_a_rule() {
    let weights = Preset::OnTimeFirst.weights();
    for seed in 0..SHOPS {
        let problem = Problem::new(shop(seed, 2 + (seed % 12) as u32)).expect("a problem");
        let solution = planned(&problem, seed, &Threads(1));
        let violations = validate(&problem, &solution.plan, None);
        assert!(violations.is_empty(), "shop {seed}: {violations:#?}");
        assert_eq!(Parts::of(&problem, &solution.plan, None, &weights), solution.parts, "shop {seed}");
        // What has no place costs nothing but the place: the bound is of plans that have it all.
        let whole = solution.score.hard == 0;
        assert!(!whole || solution.bound.soft <= solution.score.soft, "shop {seed}");
    }
}

#[test]
fn planning_again_from_a_plan_moves_nothing_that_is_frozen() {
    for seed in 0..SHOPS / 10 {
        let problem = Problem::new(shop(seed, 6)).expect("a problem");
        let baseline = planned(&problem, seed, &Threads(1)).plan;
        let weights = Preset::DoNotDisturb.weights();
        let request = Request { problem: &problem, baseline: Some(&baseline), weights, seed: 9, iterations: Some(20) };
        let again = solve(&request, &Threads(1), &Until::default(), &mut |_| {});
        let violations = validate(&problem, &again.plan, Some(&baseline));
        assert!(violations.is_empty(), "shop {seed}: {violations:#?}");
    }
}

#[test]
fn the_same_seed_and_iterations_give_the_same_plan() {
    for seed in 0..20 {
        let problem = Problem::new(shop(seed, 15)).expect("a problem");
        let [one, other] = [1, 2].map(|_| planned(&problem, 7, &Threads(2)).plan);
        assert_eq!(one, other, "shop {seed}");
    }
}

/// Stops at the first better plan and remembers when.
struct Enough(AtomicBool);

impl Budget for Enough {
    fn go_on(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn whoever_cancels_has_the_best_plan_at_once() {
    let problem = Problem::new(shop(1, 200)).expect("a problem");
    let weights = Preset::OnTimeFirst.weights();
    let request = Request { problem: &problem, baseline: None, weights, seed: 1, iterations: None };
    let (budget, mut cancelled) = (Enough(AtomicBool::new(false)), None);
    let solution = solve(&request, &Threads(2), &budget, &mut |_| {
        budget.0.store(true, Ordering::Relaxed);
        cancelled.get_or_insert_with(Instant::now);
    });
    let took = cancelled.expect("a first plan").elapsed();
    assert_eq!(validate(&problem, &solution.plan, None), []);
    // Released code has 50 ms; this is not optimised, and others run beside it.
    assert!(took < Duration::from_millis(500), "{took:?}");
}
