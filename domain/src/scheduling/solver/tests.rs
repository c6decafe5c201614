use super::objective::Parts;
use super::solve::{Alone, Budget, Request, solve};
use super::validate::validate;
use super::{Preset, sample};

pub(super) struct Always;

impl Budget for Always {
    fn go_on(&self) -> bool {
        true
    }
}

fn request(problem: &super::Problem) -> Request<'_> {
    Request { problem, baseline: None, weights: Preset::OnTimeFirst.weights(), seed: 1, iterations: Some(50) }
}

#[test]
fn no_plan_of_a_random_shop_breaks_a_rule() {
    for seed in 0..std::env::var("N").map_or(300, |n| n.parse().unwrap()) {
        let problem = sample::shop(seed, 8);
        let solution = solve(&request(&problem), &Alone, &Always, &mut |_| {});
        let found = validate(&problem, &solution.plan, None);
        assert!(found.is_empty(), "seed {seed}: {found:#?} {:#?}", solution.plan.assignments);
        if std::env::var("SHOW").is_ok() {
            eprintln!(
                "{} ops {} unplaced {:?} clashes {:?}",
                seed,
                problem.len(),
                solution.plan.unplaced.iter().map(|u| u.reason).collect::<Vec<_>>(),
                solution.plan.clashes.len()
            );
        }
        let parts = Parts::of(&problem, &solution.plan, None, &request(&problem).weights);
        assert_eq!(parts, solution.parts, "seed {seed}");
    }
}
