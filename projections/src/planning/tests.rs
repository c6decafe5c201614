use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::solver::validate::validate;
use domain::scheduling::solver::{Alone, Budget, Preset, Request, Solution, repair, solve};
use proptest::prelude::*;

use domain::jobs::operation::Phase;

use super::sample::{cases, job_id, operator_id, shop};
use super::*;
use crate::at_work::WorkNow;
use crate::tally::Tally;

struct Unlimited;

impl Budget for Unlimited {
    fn go_on(&self) -> bool {
        true
    }
}

pub(super) fn solved(planning: &Planning, iterations: u64) -> Solution {
    let request = Request {
        problem: &planning.problem,
        baseline: Some(&planning.baseline),
        weights: Preset::OnTimeFirst.weights(),
        seed: 7,
        iterations: Some(iterations),
    };
    solve(&request, &Alone, &Unlimited, &mut |_| {})
}

/// Fixed by hand on a machine that can't do it: the optimiser leaves it there.
fn elsewhere(planning: &Planning, conflict: &Conflict) -> bool {
    let operation = planning.index.operation_index(conflict.operation);
    conflict.kind == ConflictKind::Machine && operation.is_some_and(|it| planning.elsewhere.contains(&it))
}

/// At work, or fixed by hand: the optimiser leaves it there.
fn is_fixed(planning: &Planning, operation: OperationRef) -> bool {
    planning.index.operation_index(operation).is_some_and(|it| planning.problem.fixed(it).is_some())
}

proptest! {
    #![proptest_config(cases(300))]
    #[test]
    fn a_plan_of_a_random_shop_comes_back_as_it_was_made_and_breaks_no_rule(seed in any::<u64>()) {
        let (shop, now) = shop(seed);
        let planning = shop.problem(now, &Options::default()).unwrap();
        let plan = solved(&planning, 20).plan;
        prop_assert_eq!(validate(&planning.problem, &plan, None), vec![]);
        let by_hand = planning.index.plan(shop.plan.placements.values());
        let repaired = repair(&planning.problem, &by_hand, &Preset::OnTimeFirst.weights());
        prop_assert_eq!(validate(&planning.problem, &repaired, None), vec![]);
        let placements = planning.index.placements(&plan);
        prop_assert_eq!(planning.index.plan(&placements).assignments, plan.assignments.clone());
        let left_out = planning.left_out(&plan);
        let finished = shop.jobs.values().flat_map(|job| &job.operations).filter(|it| it.is_finished()).count();
        prop_assert_eq!(placements.len() + left_out.len() + finished, planning.problem.len());
        let clashes: Vec<OperationRef> = plan.clashes.iter().flat_map(|it| std::iter::once(it.operation).chain(it.with))
            .filter_map(|it| planning.index.operation(it)).collect();
        for conflict in planning.conflicts(&placements) {
            let about = || [Some(conflict.operation), conflict.with].into_iter().flatten();
            // Of three that are fixed where there is room for two, one is told.
            let told = about().any(|it| clashes.contains(&it))
                || (!clashes.is_empty() && about().all(|it| is_fixed(&planning, it)));
            prop_assert!(told || conflict.kind == ConflictKind::Late || elsewhere(&planning, &conflict), "{:?}", conflict);
        }
    }
    #[test]
    fn what_a_plan_changes_makes_that_plan_of_the_one_before_but_for_pins(seed in any::<u64>()) {
        let (mut shop, now) = shop(seed);
        let planning = shop.problem(now, &Options::default()).unwrap();
        let plan = solved(&planning, 0).plan;
        let changes = planning.changes(&plan, &shop, now);
        let pinned = |placement: &Placement| shop.is_pinned(placement.of(), now);
        let stays = |it: &Placement| shop.plan.placements.get(&it.of()).is_none_or(|was| it.stays_at(was));
        prop_assert!(changes.placed.iter().all(|it| !pinned(it) || stays(it)));
        let expected = planning.index.placements(&plan).into_iter().filter(|it| !pinned(it));
        let expected: Vec<Placement> = expected.collect();
        for gone in changes.removed.iter().chain(&changes.done) {
            prop_assert!(shop.plan.placements.remove(gone).is_some());
        }
        shop.plan.placements.extend(changes.placed.iter().map(|it| (it.of(), *it)));
        let is = shop.plan.placements.values().filter(|it| !shop.is_pinned(it.of(), now)).copied();
        let mut is: Vec<Placement> = is.collect();
        is.sort_by_key(|it| planning.index.operation_index(it.of()));
        prop_assert_eq!(is, expected);
        prop_assert!(shop.problem(now, &Options::default()).unwrap().changes(&plan, &shop, now).is_empty());
    }
}

#[test]
fn who_helps_at_running_work_is_planned_for_nothing_else_until_it_is_over() {
    let (mut shop, now) = shop(3);
    shop.jobs.retain(|id, _| *id == job_id(0));
    (shop.calendar, shop.plan) = (None, CurrentPlan::default());
    for operator in shop.operators.values_mut() {
        (operator.active, operator.calendar) = (true, None);
        operator.absences.clear();
    }
    let step = &mut shop.jobs.get_mut(&job_id(0)).unwrap().operations[0];
    (step.began_at, step.finished_at, step.worked_until, step.made) = (Some(now), None, None, Tally::default());
    (step.plan.setup_seconds, step.plan.run, step.plan.outside_lead_seconds) = (0, None, None);
    let at_work = |operator| WorkNow {
        job: job_id(0),
        operation: step.plan.number,
        work_center: step.plan.work_center,
        machine: None,
        operator: operator_id(operator),
        phase: Phase::Run,
        since: now,
    };
    step.at_work = vec![at_work(0), at_work(1)];
    shop.work_centers.values_mut().for_each(|it| it.calendar = None);
    shop.machines.values_mut().for_each(|it| (it.calendar, it.rating.speed_percent) = (None, 100));
    let planning = shop.problem(now, &Options::default()).unwrap();
    let first_open =
        |operator| planning.problem.present(planning.index.operator_index(operator_id(operator)).unwrap()).next_open(0);
    assert_eq!([0, 1, 2].map(first_open), [Some(0), Some(3_600), Some(0)]);
}
