//! A plan that was made a while ago, on the shop as it is now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::kernel::Timestamp;
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::site_plan::Changes;
use domain::scheduling::solver::model::State;
use domain::scheduling::solver::validate::validate;
use domain::scheduling::solver::{Plan, repair};
use projections::planning::{Options, Planning};

use super::office::Refusal;
use super::run::{Best, Run};
use super::sight::{Seen, Unseen};

/// How far operations may have slipped because time has passed, beyond that time, seconds.
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
    /// What is elsewhere, or later than the time that has passed explains. What has begun is where it is.
    pub(super) moved: Vec<OperationRef>,
}

/// The best plan of a run on the shop as it is now: what still can stays where it is, what can't goes later or elsewhere, and what
/// it had no place for gets none.
pub(super) async fn fit(run: &Arc<Run>, best: Arc<Best>, seen: Seen) -> Result<Fitted, Refusal> {
    let run = Arc::clone(run);
    let work = move || {
        let planning = seen.shop.problem(seen.now, &Options::default()).map_err(Unseen::from)?;
        let made = &run.asked.planning.index;
        let was = made.placements(&best.plan);
        let plan = repair(&planning.problem, &planning.index.plan(&was), &run.asked.weights);
        check(&planning, &plan)?;
        let moved = moved(&was, &planning, &plan, seen.now.seconds_since(made.epoch()) + SLACK);
        let known: BTreeSet<OperationRef> = was.iter().map(Placement::of).collect();
        let mut changes = planning.changes(&plan, &seen.shop, seen.now);
        changes.placed.retain(|it| known.contains(&it.of()));
        Ok(Fitted { changes, moved })
    };
    tokio::task::spawn_blocking(work).await.map_err(Unseen::from)?
}

/// Fails where a plan breaks a rule, but for what it says itself of what is fixed.
pub(super) fn check(planning: &Planning, plan: &Plan) -> Result<(), Broken> {
    let broken = validate(&planning.problem, plan, None);
    let Some(first) = broken.first() else { return Ok(()) };
    let operation = planning.index.operation(first.operation);
    let operation = operation.map_or_else(|| "somewhere".to_owned(), |it| it.to_string());
    Err(Broken { count: broken.len(), operation, fault: first.fault.words() })
}

fn moved(was: &[Placement], planning: &Planning, plan: &Plan, slack: i64) -> Vec<OperationRef> {
    let is: BTreeMap<OperationRef, Placement> =
        planning.index.placements(plan).into_iter().map(|placement| (placement.of(), placement)).collect();
    let near = |was: Timestamp, is: Timestamp| is.seconds_since(was).abs() <= slack;
    let waits = |operation| {
        let at = planning.index.operation_index(operation);
        at.is_some_and(|at| !matches!(planning.problem.operation(at).state, State::Started { .. } | State::Done { .. }))
    };
    let stays = |was: &Placement, is: &Placement| {
        let same = (is.machine, is.operator) == (was.machine, was.operator);
        same && near(was.start, is.start) && near(was.end, is.end)
    };
    let moved = |was: &&Placement| waits(was.of()) && !is.get(&was.of()).is_some_and(|is| stays(was, is));
    was.iter().filter(moved).map(Placement::of).collect()
}
