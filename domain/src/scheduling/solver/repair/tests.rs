use super::super::construct::{dispatch, rules};
use super::super::explain::touched_by_outage;
use super::super::model::{
    Alternative, Capacity, Job, JobIndex, Link, Machine, MachineIndex, Model, Operation, OperatorIndex, State,
};
use super::super::objective::Parts;
use super::super::sample;
use super::super::solve::{Alone, Request, solve};
use super::super::tests::{Always, Upto, holds, request};
use super::super::{Preset, Seconds};
use super::*;

#[test]
fn a_repair_after_nothing_changed_changes_nothing_and_a_search_from_it_is_no_worse() {
    for seed in 0..200 {
        let problem = sample::shop(seed, 8);
        let plan = solve(&request(&problem), &Alone, &Always, &mut |_| {}).plan;
        if !plan.unplaced.is_empty() || !plan.clashes.is_empty() {
            continue;
        }
        let repaired = repair(&problem, &plan, &Preset::DoNotDisturb.weights());
        holds(&problem, &repaired, Some(&plan));
        assert_eq!(repaired.assignments, plan.assignments, "seed {seed}");
        let again = Request { baseline: Some(&plan), ..request(&problem) };
        let solution = solve(&again, &Alone, &Always, &mut |_| {});
        holds(&problem, &solution.plan, Some(&plan));
        assert!(solution.score <= Parts::of(&problem, &plan, Some(&plan), &again.weights).score(&again.weights));
    }
}

/// When what happens happens.
const WHEN: (Seconds, Seconds) = (200, 260);

/// A model that something has happened to: another thing by kind.
fn changed(problem: &Problem, kind: u64) -> Model {
    let mut model = problem.model().clone();
    match kind {
        0 => model.machines[0].downtime.push(WHEN),
        1 => model.machines[0].downtime.push((WHEN.0, WHEN.0 + 700)),
        2 => model.operators[0].absences.push(WHEN),
        3 => model.operators[..2].iter_mut().for_each(|it| it.absences.push(WHEN)),
        4 => model.materials[0].receipts.iter_mut().for_each(|it| it.0 += 100),
        _ => {
            let operation = model.operations[0].clone();
            for rush in 0..10 {
                let job = JobIndex(u32::try_from(model.jobs.len()).unwrap());
                model.jobs.push(Job { due: Some(100), weight: 9, ..Job::new(format!("rush {rush}")) });
                let state = super::super::model::State::Planned;
                model.operations.push(super::super::model::Operation { job, state, ..operation.clone() });
            }
        }
    }
    model
}

#[test]
fn a_repair_after_whatever_happened_can_be_carried_out() {
    for seed in 0..600 {
        let problem = sample::shop(seed, 8);
        let plan = solve(&request(&problem), &Alone, &Always, &mut |_| {}).plan;
        let mut model = changed(&problem, seed % 6);
        if seed % 4 == 0 {
            model.frozen_until = model.now;
        }
        let changed = Problem::new(model).unwrap();
        holds(&changed, &repair(&changed, &plan, &Preset::OnTimeFirst.weights()), Some(&plan));
    }
}

#[test]
fn what_is_done_since_and_can_be_done_nowhere_any_more_is_no_matter_to_a_repair() {
    for seed in 0..60 {
        let problem = sample::shop(seed, 4);
        let plan = solve(&request(&problem), &Alone, &Always, &mut |_| {}).plan;
        let mut model = problem.model().clone();
        let first = problem.order()[0];
        let end = model.now;
        let done = Operation::new(model.operations[first.at()].job, "done", []);
        model.operations[first.at()] = Operation { state: State::Done { end }, ..done };
        let changed = Problem::new(model).unwrap();
        holds(&changed, &repair(&changed, &plan, &Preset::OnTimeFirst.weights()), Some(&plan));
    }
}

#[test]
fn a_repair_of_work_that_follows_closely_can_be_carried_out() {
    for seed in 0..100 {
        let problem = Problem::new(sample::tight(seed, 6)).unwrap();
        let plan = solve(&request(&problem), &Alone, &Always, &mut |_| {}).plan;
        let mut model = problem.model().clone();
        model.machines[0].downtime.push(WHEN);
        let changed = Problem::new(model).unwrap();
        holds(&changed, &repair(&changed, &plan, &Preset::OnTimeFirst.weights()), Some(&plan));
    }
}

/// What something reaches in a plan: whoever waits for it, and the next on its machine and of its operator, and so on.
fn reached(problem: &Problem, plan: &Plan, directly: &[OperationIndex]) -> Vec<bool> {
    let mut reached = vec![false; problem.len()];
    for operation in directly {
        reached[operation.at()] = true;
    }
    let at = |it: OperationIndex| plan.assignments[it.at()];
    let mut placed: Vec<OperationIndex> = problem.operations().filter(|it| at(*it).is_some()).collect();
    placed.sort_by_key(|it| at(*it).map(|it| (it.start, it.end)));
    // Who waits can start its setup before that for which it waits.
    for _ in 0..3 {
        let mut machines = vec![false; problem.model().machines.len()];
        let mut operators = vec![false; problem.model().operators.len()];
        for (it, at) in placed.iter().filter_map(|it| Some((*it, at(*it)?))) {
            let follows = problem.before(it).any(|link| reached[link.before.at()]);
            let behind = machines[at.machine.at()] | at.operator.is_some_and(|operator| operators[operator.at()]);
            reached[it.at()] |= follows | behind;
            machines[at.machine.at()] |= reached[it.at()];
            if let Some(operator) = at.operator {
                operators[operator.at()] |= reached[it.at()];
            }
        }
    }
    reached
}

#[test]
fn a_repair_after_an_outage_moves_next_to_nothing_that_the_outage_does_not_reach() {
    let (mut outside, mut moved) = (0, 0);
    for seed in 0..400 {
        let problem = sample::shop(seed, 12);
        let plan = solve(&Request { iterations: Some(0), ..request(&problem) }, &Alone, &Always, &mut |_| {}).plan;
        let broken = Problem::new(changed(&problem, seed % 2 * 2)).unwrap();
        let repaired = repair(&broken, &plan, &Preset::OnTimeFirst.weights());
        let what = if seed % 2 == 0 { (Some(MachineIndex(0)), None) } else { (None, Some(OperatorIndex(0))) };
        let chain = reached(&problem, &plan, &touched_by_outage(&problem, &plan, what, WHEN));
        for operation in problem.operations().filter(|it| !chain[it.at()]) {
            let [was, is] = [&plan, &repaired].map(|plan| plan.assignments[operation.at()]);
            let place = |at: Assignment| (at.machine, at.operator, at.start);
            outside += i32::from(was.is_some());
            moved += i32::from(was.is_some() && was.map(place) != is.map(place));
        }
    }
    assert!(moved * 100 <= outside, "{moved} of {outside}");
}

#[test]
fn a_delay_is_passed_on_once_to_each_who_waits_however_many_ways_lead_there() {
    let run = |machine: u32, run| Alternative { machine: MachineIndex(machine), setup: 0, run, cost: 0 };
    let mut model = Model { jobs: vec![Job::new("A")], ..Model::default() };
    // From each knot two ways lead to the next, and the longer one is looked at last.
    for at in 0..=3 * 40 {
        model.machines.push(Machine::new(at.to_string()));
        let length = if at % 3 == 1 { 7 } else { 3 };
        model.operations.push(Operation::new(JobIndex(0), at.to_string(), vec![run(at, length)]));
    }
    for knot in (0..40).map(|knot| 3 * knot) {
        for [before, after] in [[0, 1], [0, 2], [2, 3], [1, 3]] {
            model.links.push(Link::new(OperationIndex(knot + before), OperationIndex(knot + after)));
        }
    }
    let problem = Problem::new(model).unwrap();
    let weights = Preset::OnTimeFirst.weights();
    let ground = Ground::new(&problem, None, weights);
    let mut board = Board::new(&ground);
    assert!(dispatch(&mut board, rules(&ground)[0], &mut |_| true));
    let plan = board.plan();
    for (first, before) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut model = problem.model().clone();
        if before {
            model.links.reverse();
        }
        let by = if first { 1_000_000 } else { 20 };
        model.operations[0].alternatives = vec![run(0, by)].into();
        let changed = Problem::new(model).unwrap();
        let repaired = repair(&changed, &plan, &weights);
        holds(&changed, &repaired, Some(&plan));
        let end = |plan: &Plan| plan.assignments[120].map(|it| it.end);
        assert_eq!(end(&repaired), end(&plan).map(|end| end - 3 + by));
    }
}

/// A shop and a plan of it, as long as the first plan of a search is not made at once.
fn large() -> (Problem, Plan) {
    let mut model = Model::default();
    model.machines.extend((0..40).map(|name| Machine::new(format!("M{name}"))));
    for job in 0..2_500 {
        model.jobs.push(Job::new(format!("J{job}")));
        for at in 0..2 {
            let on = Alternative { machine: MachineIndex((job + at * 7) % 40), setup: 0, run: 10, cost: 0 };
            model.operations.push(Operation::new(JobIndex(job), at.to_string(), vec![on]));
        }
        model.links.push(Link::new(OperationIndex(2 * job), OperationIndex(2 * job + 1)));
    }
    let problem = Problem::new(model).unwrap();
    let ground = Ground::new(&problem, None, Preset::OnTimeFirst.weights());
    let mut board = Board::new(&ground);
    assert!(dispatch(&mut board, rules(&ground)[0], &mut |_| true));
    let plan = board.plan();
    (problem, plan)
}

#[test]
fn a_repair_that_is_cancelled_leaves_everybody_where_he_still_can_be() {
    let (problem, plan) = large();
    let mut model = problem.model().clone();
    model.machines[3].downtime.push((600, 640));
    let broken = Problem::new(model).unwrap();
    for budget in [0, 10, 40].map(Upto::new) {
        let request = Request { baseline: Some(&plan), ..request(&broken) };
        let found = solve(&request, &Alone, &budget, &mut |_| {}).plan;
        holds(&broken, &found, Some(&plan));
        assert!((1..=10).contains(&found.unplaced.len()), "{:?}", found.unplaced);
    }
}

#[test]
fn a_repair_that_is_cancelled_at_any_time_has_a_plan_that_can_be_carried_out() {
    for seed in 0..300 {
        let problem = if seed % 3 == 0 { Problem::new(sample::tight(seed, 6)).unwrap() } else { sample::shop(seed, 8) };
        let plan = solve(&Request { iterations: Some(0), ..request(&problem) }, &Alone, &Always, &mut |_| {}).plan;
        let mut model = problem.model().clone();
        model.machines[0].downtime.push(WHEN);
        let changed = Problem::new(model).unwrap();
        let ground = Ground::new(&changed, Some(&plan), Preset::OnTimeFirst.weights());
        for most in (0..60).filter(|most| (most + seed) % 4 == 0) {
            let (mut board, mut left) = (Board::new(&ground), most + 1);
            let ended = repaired(&mut board, &mut |_| {
                left -= left.min(1);
                left > 0
            });
            for operation in changed.operations().filter(|it| !ended && ground.is_free(*it)) {
                if board.fit(operation).is_none() && !board.is_given_up(operation) {
                    board.give_up(operation, Reason::OutOfTime);
                }
            }
            holds(&changed, &board.plan(), Some(&plan));
        }
    }
}

/// Three hours of work on a machine that takes two at once, and jobs of two steps without a pause between them on one that takes one.
fn close_together() -> Problem {
    let on = |machine: u32, run| vec![Alternative { machine: MachineIndex(machine), setup: 0, run, cost: 0 }];
    let mut model = Model::default();
    model.machines.extend([Machine::new("oven"), Machine::new("mill")]);
    model.machines[0].capacity = Capacity::Many(2);
    for job in 0..7 {
        model.jobs.push(Job::new(format!("J{job}")));
        if job < 3 {
            model.operations.push(Operation::new(JobIndex(job), "bake", on(0, 3_600)));
            continue;
        }
        let first = OperationIndex(u32::try_from(model.operations.len()).unwrap());
        for (step, run) in [("rough", 600), ("fine", 900)] {
            model.operations.push(Operation::new(JobIndex(job), step, on(1, run)));
        }
        let next = OperationIndex(first.0 + 1);
        model.links.push(Link { max_lag: Some(0), ..Link::new(first, next) });
    }
    Problem::new(model).unwrap()
}

#[test]
fn a_short_while_makes_nobody_wait_longer_than_it_has_passed() {
    let problem = close_together();
    let weights = Preset::OnTimeFirst.weights();
    let plan = repair(&problem, &Plan::default(), &weights);
    holds(&problem, &plan, None);
    for passed in [1, 2, 59, 600] {
        let mut model = problem.model().clone();
        model.now += passed;
        let later = Problem::new(model).unwrap();
        let repaired = repair(&later, &plan, &weights);
        holds(&later, &repaired, Some(&plan));
        for (was, is) in plan.assignments.iter().zip(&repaired.assignments) {
            let (was, is) = (was.unwrap(), is.unwrap());
            assert!(is.end <= was.end + passed, "after {passed} s: {was:?} became {is:?}");
        }
    }
}
