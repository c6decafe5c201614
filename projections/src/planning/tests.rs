use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::solver::validate::validate;
use domain::scheduling::solver::{Alone, Budget, Preset, Request, Solution, repair, solve};
use proptest::prelude::*;

use domain::jobs::job::JobStatus;
use domain::jobs::operation::{OperationNumber, Phase, RunTime};
use domain::kernel::Timestamp;
use domain::kernel::time::later;
use domain::machines::changeover::{Changeover, Changeovers, SetupFamily};
use domain::machines::machine::MachineStatus;

use super::sample::{amount, cases, job_id, machine_id, operator_id, shop, work_center};
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

/// One machine, and work of two families by turns, each due when it ends if all are done in their turn.
fn by_turns() -> (Shop, Timestamp) {
    let (mut shop, now) = shop(3);
    let family = |code: &str| SetupFamily::try_new(code).unwrap();
    let changeover = |from: &str, to: &str| Changeover { from: family(from), to: family(to), seconds: 3_600 };
    (shop.calendar, shop.plan) = (None, CurrentPlan::default());
    shop.machines.retain(|id, _| *id == machine_id(0));
    for machine in shop.machines.values_mut() {
        (machine.status, machine.calendar, machine.maintenance) = (MachineStatus::Available, None, Vec::new());
        (machine.rating.capacity, machine.rating.speed_percent) = (1, 100);
    }
    let center = shop.machines[&machine_id(0)].work_center;
    shop.work_centers.values_mut().for_each(|it| (it.calendar, it.retired) = (None, false));
    let table = vec![changeover("BLACK", "WHITE"), changeover("WHITE", "BLACK")];
    shop.changeovers = [(center, Changeovers { default_seconds: 0, table })].into();
    for (job, turn) in shop.jobs.values_mut().zip(0_i64..) {
        (job.status, job.priority, job.quantity, job.release) = (JobStatus::Pending, 10, None, None);
        job.due = Some(later(now, 660 * (turn + 1) + 3_600 * turn));
        job.operations.truncate(1);
        let step = &mut job.operations[0];
        (step.began_at, step.finished_at, step.worked_until, step.made) = (None, None, None, Tally::default());
        (step.at_work, step.assigned) = (Vec::new(), Vec::new());
        let plan = &mut step.plan;
        let run = RunTime::PerUnit { seconds: amount("600") };
        (plan.work_center, plan.setup_seconds, plan.run) = (center, 60, Some(run));
        (plan.skill, plan.outside_lead_seconds) = (None, None);
        (plan.alternatives, plan.tools) = (Vec::new(), Vec::new());
        plan.setup_family = Some(family(if turn % 2 == 0 { "BLACK" } else { "WHITE" }));
    }
    (shop, now)
}

#[test]
fn whoever_wants_few_changeovers_has_less_setup_than_whoever_wants_to_be_on_time_and_bars_are_as_long_as_their_setup() {
    let (mut shop, now) = by_turns();
    let planning = shop.problem(now, &Options::default()).unwrap();
    let setups = |preset: Preset| {
        let request = Request {
            problem: &planning.problem,
            baseline: None,
            weights: preset.weights(),
            seed: 7,
            iterations: Some(2_000),
        };
        let plan = solve(&request, &Alone, &Unlimited, &mut |_| {}).plan;
        assert_eq!(validate(&planning.problem, &plan, None), vec![]);
        planning.index.placements(&plan)
    };
    let setup = |all: &[Placement]| all.iter().map(|it| it.run_start.seconds_since(it.start)).sum::<i64>();
    let [few, on_time] = [Preset::FewChangeovers, Preset::OnTimeFirst].map(setups);
    assert_eq!(setup(&few), 6 * 60 + 3_600, "one changeover");
    assert_eq!(setup(&on_time), 6 * 60 + 5 * 3_600, "each in its turn");
    // By hand in front of one of the other family, it is too short for what it needs now.
    let first = few.iter().min_by_key(|it| it.start).unwrap();
    let others = few.iter().filter(|it| it.of() != first.of());
    let at = later(few.iter().map(|it| it.end).max().unwrap(), 60);
    let moved = planning.place(first.of(), (first.machine, None), at, others.clone()).unwrap();
    assert_eq!(moved.run_start.seconds_since(moved.start), 60 + 3_600);
    let short = Placement { run_start: later(at, 60), end: later(at, 60 + 600), ..moved };
    let lengths = |own: Placement| {
        let all: Vec<Placement> = others.clone().copied().chain([own]).collect();
        let told = planning.conflicts(&all).into_iter().filter(|it| it.kind == ConflictKind::Length);
        told.map(|it| it.operation).collect::<Vec<_>>()
    };
    assert_eq!((lengths(moved), lengths(short)), (vec![], vec![first.of()]));
    shop.changeovers.clear();
    let plain = shop.problem(now, &Options::default()).unwrap();
    assert!(plain.place(first.of(), (first.machine, None), at, &few).is_some_and(|it| it.run_start == later(at, 60)));
}

#[test]
fn more_families_than_tables_can_be_made_for_are_refused_and_told() {
    let (mut shop, now) = by_turns();
    let all: Vec<SetupFamily> = (0..3_000).map(|it| SetupFamily::try_new(&format!("F{it}")).unwrap()).collect();
    let (id, job) = shop.jobs.pop_first().unwrap();
    for (family, number) in all.iter().zip(1_u16..) {
        let mut step = job.operations[0].clone();
        (step.plan.number, step.plan.setup_family) = (OperationNumber(number), Some(family.clone()));
        shop.jobs.entry(id).or_insert_with(|| Job { operations: Vec::new(), ..job.clone() }).operations.push(step);
    }
    for (families, center) in all.chunks(100).zip(0..) {
        let pairs = families.iter().map(|to| Changeover { from: families[0].clone(), to: to.clone(), seconds: 1 });
        shop.changeovers.insert(work_center(center), Changeovers { default_seconds: 0, table: pairs.collect() });
    }
    let refused = shop.problem(now, &Options::default()).unwrap_err();
    assert!(matches!(refused, PlanningError::TooManyFamilies { families: 3_000, tables: 30 }), "{refused}");
}
