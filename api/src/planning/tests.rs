use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::kernel::TenantId;
use domain::ports::IdSource;
use domain::scheduling::solver::objective::{Parts, Score};
use domain::scheduling::solver::validate::validate;
use domain::scheduling::solver::{Bound, Budget, Crew, Plan, Solution};
use uuid::Uuid;

use super::pool::{Hear, Search};
use super::sample::asked;
use super::*;

const LIMITS: Limits = Limits {
    threads: 2,
    at_once: 1,
    waiting: 3,
    longest: Duration::from_mins(10),
    unheard: Duration::from_secs(30),
    kept: Duration::from_mins(15),
    kept_runs: 4,
    kept_operations: 400_000,
};

/// Nobody looks for the faults of tests.
struct NoFaults;

impl IdSource for NoFaults {
    fn next(&self) -> Uuid {
        Uuid::nil()
    }
}

fn with(mut asked: Asked, change: impl FnOnce(&mut Wanted)) -> Asked {
    change(&mut asked.wanted);
    asked
}

fn planner(limits: Limits, search: Search) -> Planner {
    Planner::searching(limits, Arc::new(NoFaults), search).expect("threads")
}

fn tenant(name: &str) -> TenantId {
    TenantId::from_name(name)
}

fn id(number: u128) -> PlanningRunId {
    PlanningRunId(Uuid::from_u128(number))
}

/// Plans nothing until it is told that it is enough.
fn sits(_: &Asked, _: &dyn Crew, budget: &dyn Budget, _: &mut Hear<'_>) -> Solution {
    while budget.go_on() {
        std::thread::yield_now();
    }
    nothing()
}

fn breaks(asked: &Asked, _: &dyn Crew, _: &dyn Budget, _: &mut Hear<'_>) -> Solution {
    assert!(asked.wanted.seed != 13, "seed {} brings no luck", asked.wanted.seed);
    nothing()
}

fn nothing() -> Solution {
    let (plan, parts, bound) = (Plan::default(), Parts::default(), Bound::default());
    Solution { plan, parts, score: Score { hard: 0, soft: 0 }, bound, iterations: 0, proved: true }
}

async fn end(listener: &mut Listener) -> Progress {
    let mut last = None;
    while let Some(progress) = listener.next().await {
        last = Some(progress);
    }
    last.expect("an end")
}

async fn runs(run: &Run) {
    run.watch().wait_for(|progress| progress.stage == Stage::Running).await.expect("a run");
}

#[tokio::test]
async fn a_run_tells_its_first_plan_then_better_ones_and_its_end() {
    let planner = planner(LIMITS, pool::search);
    let run = planner.start(tenant("a"), id(1), asked(30, 2)).unwrap();
    let mut listener = Listener::new(Arc::clone(&run));
    let (mut plans, mut at) = (Vec::new(), Vec::new());
    while let Some(progress) = listener.next().await {
        if progress.stage == Stage::Running {
            at.push(Instant::now());
        }
        plans.extend(progress.best);
    }
    let last = plans.last().expect("a plan");
    assert!(plans.iter().is_sorted_by(|one, next| next.score <= one.score), "never worse");
    assert!(validate(&run.asked.planning.problem, &last.plan, None).is_empty());
    assert_eq!(last.parts.unplaced, 0);
    assert!(last.gap_percent().is_some_and(|gap| gap >= 0.0));
    let progress = run.progress();
    assert!(matches!(progress.stage, Stage::Over(Ending::Finished { .. })), "{:?}", progress.stage);
    assert!(
        progress.elapsed() >= Duration::from_secs(2)
            || progress.stage == Stage::Over(Ending::Finished { proved: true })
    );
    // Of what it tells while it runs two messages come at once: that it runs, and the first plan.
    assert!(at.len() <= 2 + 2 * 2 + 1, "{} messages in 2 s", at.len());
}

#[tokio::test]
async fn laying_out_backward_ends_with_a_plan_that_keeps_the_rules_and_starts_later() {
    let planner = planner(LIMITS, pool::search);
    let plan = async |number, direction| {
        let asked = with(asked(8, 1), |wanted| wanted.direction = direction);
        let run = planner.start(tenant("a"), id(number), asked).unwrap();
        let best = end(&mut Listener::new(Arc::clone(&run))).await.best.expect("a plan");
        assert!(validate(&run.asked.planning.problem, &best.plan, None).is_empty());
        best.plan.assignments.iter().flatten().map(|it| it.start).min()
    };
    assert!(plan(1, Direction::Forward).await < plan(2, Direction::Backward).await);
}

#[tokio::test]
async fn a_run_is_cancelled_once_and_keeps_what_it_has_found() {
    let planner = planner(LIMITS, pool::search);
    let run = planner.start(tenant("a"), id(1), asked(40, 600)).unwrap();
    run.watch().wait_for(|progress| progress.best.is_some()).await.unwrap();
    assert!(planner.cancel(tenant("a"), id(1)).is_some());
    let first = run.progress();
    assert_eq!(first.stage, Stage::Over(Ending::Cancelled));
    assert!(planner.cancel(tenant("a"), id(1)).is_some(), "again is the same");
    assert_eq!(run.progress().ended(), first.ended());
    assert!(run.progress().best.is_some());
    let next = planner.start(tenant("a"), id(2), asked(8, 1)).unwrap();
    assert!(
        matches!(end(&mut Listener::new(next)).await.stage, Stage::Over(Ending::Finished { .. })),
        "its thread is free again"
    );
}

#[tokio::test]
async fn a_run_that_waits_is_cancelled_before_it_begins() {
    let planner = planner(LIMITS, sits);
    let first = planner.start(tenant("a"), id(1), asked(1, 600)).unwrap();
    let second = planner.start(tenant("a"), id(2), asked(1, 600)).unwrap();
    runs(&first).await;
    planner.cancel(tenant("a"), id(2));
    planner.cancel(tenant("a"), id(1));
    let third = planner.start(tenant("a"), id(3), asked(1, 600)).unwrap();
    runs(&third).await;
    assert_eq!((second.progress().elapsed(), second.progress().best.is_none()), (Duration::ZERO, true));
}

#[test]
fn what_others_run_can_be_neither_found_nor_cancelled() {
    let planner = planner(LIMITS, sits);
    let run = planner.start(tenant("a"), id(1), asked(1, 600)).unwrap();
    assert!(planner.find(tenant("b"), id(1)).is_none() && planner.cancel(tenant("b"), id(1)).is_none());
    assert!(planner.find(tenant("a"), id(2)).is_none() && planner.cancel(tenant("a"), id(2)).is_none());
    assert!(!run.is_over());
}

#[test]
fn under_a_known_identity_nothing_begins() {
    let planner = planner(LIMITS, sits);
    let one = planner.start(tenant("a"), id(1), asked(1, 600)).unwrap();
    let again = planner.start(tenant("a"), id(1), asked(2, 5)).unwrap();
    assert!(Arc::ptr_eq(&one, &again));
    assert!(!Arc::ptr_eq(&one, &planner.start(tenant("b"), id(1), asked(1, 5)).unwrap()), "tenants share no names");
}

#[test]
fn too_many_and_too_long_ones_are_refused() {
    let planner = planner(Limits { longest: Duration::from_mins(1), ..LIMITS }, sits);
    let start = |number, seconds| planner.start(tenant("a"), id(number), asked(1, seconds)).err();
    assert_eq!(start(1, 61), Some(Refused::Time(Duration::from_mins(1))));
    assert_eq!(start(1, 0), Some(Refused::Time(Duration::from_mins(1))));
    assert_eq!([1, 2, 3, 4, 5].map(|number| start(number, 60)), [None, None, None, None, Some(Refused::TooMany(3))]);
    planner.cancel(tenant("a"), id(3));
    assert_eq!(start(5, 60), None, "who was cancelled waits no more");
}

#[test]
fn a_run_without_listeners_ends_after_a_while() {
    let planner = planner(LIMITS, sits);
    let start = |number: u128| planner.start(tenant(&number.to_string()), id(number), asked(1, 600)).unwrap();
    let (followed, left) = (start(1), start(2));
    let listener = Listener::new(Arc::clone(&followed));
    drop(Listener::new(Arc::clone(&left)));
    planner.tend(Instant::now() + Duration::from_secs(20));
    assert!(!followed.is_over() && !left.is_over());
    planner.tend(Instant::now() + Duration::from_secs(31));
    assert_eq!((followed.is_over(), left.progress().stage), (false, Stage::Over(Ending::Unheard)));
    drop(listener);
    planner.tend(Instant::now() + Duration::from_secs(31));
    assert!(followed.is_over());
}

#[tokio::test]
async fn what_is_over_is_kept_for_a_while_and_not_too_much_of_it() {
    let planner = planner(Limits { kept_runs: 2, kept_operations: 15, ..LIMITS }, breaks);
    let run = async |name: &str, number, jobs| {
        let run = planner.start(tenant(name), id(number), asked(jobs, 1)).unwrap();
        end(&mut Listener::new(run)).await
    };
    let kept = || {
        [("a", 1), ("a", 2), ("a", 3), ("b", 4)].map(|(name, number)| planner.find(tenant(name), id(number)).is_some())
    };
    for number in 1..=3 {
        run("a", number, 2).await;
    }
    planner.tend(Instant::now());
    assert_eq!(kept(), [false, true, true, false], "two of a tenant");
    run("b", 4, 2).await;
    planner.tend(Instant::now());
    assert_eq!(kept(), [false, false, true, true], "fifteen operations of all");
    run("c", 5, 9).await;
    planner.tend(Instant::now());
    assert!(planner.find(tenant("c"), id(5)).is_none());
    assert_eq!(kept(), [false, false, true, true], "a large shop pushes no small one's out");
    planner.tend(Instant::now() + LIMITS.kept);
    assert_eq!(kept(), [false; 4], "a quarter of an hour");
}

#[tokio::test]
async fn a_panic_is_the_failure_of_one_run() {
    let planner = planner(Limits { threads: 1, ..LIMITS }, breaks);
    let stage = async |number, seed| {
        let run = planner.start(tenant("a"), id(number), with(asked(1, 1), |wanted| wanted.seed = seed)).unwrap();
        end(&mut Listener::new(run)).await.stage
    };
    assert!(matches!(stage(1, 13).await, Stage::Over(Ending::Failed { .. })));
    assert_eq!(stage(2, 14).await, Stage::Over(Ending::Finished { proved: true }), "by the same thread");
}

#[tokio::test]
async fn one_that_has_enough_ends_with_what_it_has() {
    let planner = planner(LIMITS, pool::search);
    let run = planner.start(tenant("a"), id(1), asked(40, 600)).unwrap();
    run.watch().wait_for(|progress| progress.best.is_some()).await.unwrap();
    let progress = run.finish().await;
    assert_eq!(progress.stage, Stage::Over(Ending::Finished { proved: false }));
    assert!(validate(&run.asked.planning.problem, &progress.best.expect("a plan").plan, None).is_empty());
}

#[tokio::test]
async fn tenants_share_the_threads_and_none_is_left_idle() {
    let planner = planner(LIMITS, sits);
    let [one, other, third] = ["a", "b", "c"].map(|name| planner.start(tenant(name), id(1), asked(1, 600)).unwrap());
    runs(&one).await;
    runs(&other).await;
    assert_eq!(third.progress().stage, Stage::Waiting);
    planner.cancel(tenant("a"), id(1));
    runs(&third).await;
}

#[test]
fn when_it_closes_all_runs_end_and_none_begins() {
    let planner = planner(LIMITS, sits);
    let runs = [1, 2].map(|number| planner.start(tenant("a"), id(number), asked(1, 600)).unwrap());
    planner.close();
    assert_eq!(runs.map(|run| run.progress().stage), [Stage::Over(Ending::ShutDown); 2]);
    assert_eq!(planner.start(tenant("a"), id(3), asked(1, 1)).err(), Some(Refused::Closed));
}
