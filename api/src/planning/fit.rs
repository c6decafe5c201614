//! A plan that was made a while ago, on the shop as it is now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::kernel::Timestamp;
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::site_plan::Changes;
use domain::scheduling::solver::model::State;
use domain::scheduling::solver::objective::Weights;
use domain::scheduling::solver::validate::validate;
use domain::scheduling::solver::{Plan, repair};
use projections::planning::{Options, Planning, Shop};

use super::office::Refusal;
use super::run::{Asked, Best, Run};
use super::sight::{Seen, Unseen};

/// What is off by no more, seconds, has not moved for anybody.
const SLACK: i64 = 60;

/// A plan that Kilter made breaks rules: it is at fault itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a plan breaks {count} rules, the first: {operation} {fault}")]
pub struct Broken {
    count: usize,
    operation: String,
    fault: &'static str,
}

/// A plan on the shop as it is now.
#[derive(Debug, Default)]
pub(super) struct Fitted {
    /// What it changes of the plan of the site.
    pub(super) changes: Changes,
    /// What is elsewhere, or at another time, than it would be if nothing had happened but that time has passed. What has begun is where
    /// it is.
    pub(super) moved: Vec<OperationRef>,
}

/// The best plan of a run on the shop as it is now: what still can stays where it is, what can't goes later or elsewhere, and what
/// it had no place for gets none.
pub(super) async fn fit(run: &Arc<Run>, best: Arc<Best>, seen: Seen) -> Result<Fitted, Refusal> {
    let run = Arc::clone(run);
    tokio::task::spawn_blocking(move || fitted(&run.asked, &best.plan, (&seen.shop, seen.now)))
        .await
        .map_err(Unseen::from)?
}

fn fitted(asked: &Asked, best: &Plan, (shop, now): (&Shop, Timestamp)) -> Result<Fitted, Refusal> {
    let was = asked.planning.index.placements(best);
    let (planning, plan) = on(shop, now, (&was, &asked.weights))?;
    check(&planning, &plan)?;
    let is = planning.index.placements(&plan);
    let mut moved = elsewhere(&was, &is);
    if !moved.is_empty() {
        // With time what has not begun goes later, and what comes after it as well.
        let (then, plan) = on(&asked.shop, now, (&was, &asked.weights))?;
        let waited = then.index.placements(&plan);
        let anyway = elsewhere(&waited, &is);
        moved.retain(|operation| anyway.contains(operation));
    }
    moved.retain(|operation| waits(&planning, *operation));
    let known: BTreeSet<OperationRef> = was.iter().map(Placement::of).collect();
    let mut changes = planning.changes(&plan, shop, now);
    changes.placed.retain(|it| known.contains(&it.of()));
    Ok(Fitted { changes, moved: moved.into_iter().collect() })
}

/// Places on a shop at a moment: what can't stay has gone later or elsewhere.
fn on(shop: &Shop, now: Timestamp, (was, weights): (&[Placement], &Weights)) -> Result<(Planning, Plan), Refusal> {
    let planning = shop.problem(now, &Options::default()).map_err(Unseen::from)?;
    let plan = repair(&planning.problem, &planning.index.plan(was), weights);
    Ok((planning, plan))
}

/// Fails where a plan breaks a rule, but for what it says itself of what is fixed.
pub(super) fn check(planning: &Planning, plan: &Plan) -> Result<(), Broken> {
    let broken = validate(&planning.problem, plan, None);
    let Some(first) = broken.first() else { return Ok(()) };
    let operation = planning.index.operation(first.operation);
    let operation = operation.map_or_else(|| "somewhere".to_owned(), |it| it.to_string());
    Err(Broken { count: broken.len(), operation, fault: first.fault.words() })
}

/// Which of these have no place any more, another one, or another time.
fn elsewhere(was: &[Placement], is: &[Placement]) -> BTreeSet<OperationRef> {
    let is: BTreeMap<OperationRef, &Placement> = is.iter().map(|placement| (placement.of(), placement)).collect();
    let near = |was: Timestamp, is: Timestamp| is.seconds_since(was).abs() <= SLACK;
    let stays = |was: &Placement, is: &Placement| {
        let same = (is.machine, is.operator) == (was.machine, was.operator);
        same && near(was.start, is.start) && near(was.end, is.end)
    };
    let moved = |was: &&Placement| !is.get(&was.of()).is_some_and(|is| stays(was, is));
    was.iter().filter(moved).map(Placement::of).collect()
}

fn waits(planning: &Planning, operation: OperationRef) -> bool {
    let at = planning.index.operation_index(operation);
    at.is_some_and(|at| !matches!(planning.problem.operation(at).state, State::Started { .. } | State::Done { .. }))
}

#[cfg(test)]
mod tests {
    use domain::kernel::Interval;
    use domain::kernel::time::later;

    use super::*;
    use crate::planning::sample;

    /// How long after the run its plan is taken over.
    const LATER: i64 = 14 * 60;

    fn made() -> (Asked, Plan) {
        let asked = sample::asked(12, 1);
        let plan = repair(&asked.planning.problem, &asked.planning.baseline, &asked.weights);
        (asked, plan)
    }

    #[test]
    fn that_time_has_passed_moves_nothing_for_anybody() {
        let (asked, plan) = made();
        let now = later(sample::now(), LATER);
        let fitted = fitted(&asked, &plan, (&asked.shop, now)).expect("a plan");
        assert_eq!(fitted.moved, []);
        assert!(!fitted.changes.placed.is_empty());
        assert!(fitted.changes.placed.iter().all(|it| it.start >= now), "nothing is planned in the past");
    }

    #[test]
    fn a_delay_that_is_shorter_than_the_age_of_the_run_is_told_all_the_same() {
        let (asked, plan) = made();
        let now = later(sample::now(), LATER);
        let mut shop = Shop::clone(&asked.shop);
        let mill = shop.machines.values_mut().find(|it| it.code.as_str() == "MILL-1").expect("a mill");
        // Ten minutes in the middle of the first work that is planned there.
        let places = asked.planning.index.placements(&plan);
        let first = places.iter().filter(|it| it.machine == Some(mill.id)).min_by_key(|it| it.start);
        let first = first.expect("work on the mill");
        let from = later(first.start, LATER);
        mill.maintenance.push(Interval { from, until: later(from, 600) });
        let fitted = fitted(&asked, &plan, (&shop, now)).expect("a plan");
        assert!(fitted.moved.contains(&first.of()), "{:?}", fitted.moved);
    }
}
