use super::super::explain::touched_by_outage;
use super::super::model::{Job, JobIndex, MachineIndex, Model, OperatorIndex};
use super::super::objective::Parts;
use super::super::sample;
use super::super::solve::{Alone, Request, solve};
use super::super::tests::{Always, holds, request};
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
