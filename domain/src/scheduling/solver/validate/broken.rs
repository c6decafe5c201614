//! Valid plans of random shops, broken on purpose: the checker names the rule each time.

use std::sync::Arc;

use super::super::model::*;
use super::super::plan::{Assignment, Reason, Unplaced};
use super::super::solve::{Alone, Request, solve};
use super::super::tests::Always;
use super::super::{Plan, Preset, Problem, Seconds, sample};
use super::{Rule, validate};

/// A plan without offences, and its problem.
fn sound(seed: u64) -> Option<(Problem, Plan)> {
    let problem = sample::shop(seed, 8);
    let weights = Preset::OnTimeFirst.weights();
    let request = Request { problem: &problem, baseline: None, weights, seed, iterations: Some(0) };
    let plan = solve(&request, &Alone, &Always, &mut |_| {}).plan;
    (plan.clashes.is_empty() && validate(&problem, &plan, None).is_empty()).then_some((problem, plan))
}

/// A change of the plan's assignment, or of the model, that breaks a rule for an operation; `None` where it can't.
type Break = fn(&Problem, &mut Model, &mut Plan, OperationIndex) -> Option<()>;

fn at(plan: &mut Plan, operation: OperationIndex) -> Option<&mut Assignment> {
    plan.assignments[operation.at()].as_mut()
}

fn planned(problem: &Problem, operation: OperationIndex) -> Option<&Operation> {
    Some(problem.operation(operation)).filter(|data| data.state == State::Planned)
}

fn shift(at: &mut Assignment, by: Seconds) {
    at.start += by;
    at.run_start += by;
    at.end += by;
}

const BREAKS: &[(Rule, Break)] = &[
    (Rule::Complete, |_, _, plan, it| at(plan, it).map(|_| ()).map(|()| plan.assignments[it.at()] = None)),
    (Rule::Complete, |_, _, plan, it| {
        at(plan, it)?;
        plan.unplaced.push(Unplaced { operation: it, reason: Reason::CalendarsNeverMeet });
        Some(())
    }),
    (Rule::Complete, |problem, model, plan, it| {
        let others = (0..).map(MachineIndex).take(model.machines.len());
        let free = |machine: &MachineIndex| problem.operation(it).alternatives.iter().all(|on| on.machine != *machine);
        at(plan, it)?.machine = { others }.find(free)?;
        Some(())
    }),
    (Rule::Complete, |_, _, plan, it| {
        at(plan, it)?.machine = MachineIndex(u32::MAX);
        Some(())
    }),
    (Rule::Complete, |_, _, plan, it| {
        let at = at(plan, it)?;
        at.end = at.start - 1;
        Some(())
    }),
    (Rule::Complete, |problem, _, plan, it| {
        let lost = plan.unplaced.iter_mut().find(|lost| lost.operation == it)?;
        lost.reason = Reason::SkillMissing;
        let labour = problem.operation(it).labour;
        labour.is_none_or(|labour| !problem.qualified(&labour).is_empty()).then_some(())
    }),
    (Rule::Length, |problem, _, plan, it| {
        planned(problem, it)?;
        let at = at(plan, it)?;
        at.end += 1;
        Some(())
    }),
    (Rule::Length, |problem, model, plan, it| {
        planned(problem, it)?;
        let machine = at(plan, it)?.machine;
        Arc::make_mut(&mut model.operations[it.at()].alternatives).iter_mut().find(|on| on.machine == machine)?.run +=
            7;
        (!matches!(problem.machine(machine).capacity, Capacity::Batch(_))).then_some(())
    }),
    (Rule::Length, |problem, model, plan, it| {
        planned(problem, it)?;
        let machine = at(plan, it)?.machine;
        Arc::make_mut(&mut model.operations[it.at()].alternatives)
            .iter_mut()
            .find(|on| on.machine == machine)?
            .setup += 200;
        (!matches!(problem.machine(machine).capacity, Capacity::Batch(_))).then_some(())
    }),
    (Rule::Work, |problem, model, plan, it| {
        let at = *at(plan, it)?;
        planned(problem, it)?;
        model.machines[at.machine.at()].downtime.push((at.start, at.start + 1));
        (at.start < at.run_start || at.run_start < at.end).then_some(())
    }),
    (Rule::Work, |problem, _, plan, it| {
        planned(problem, it)?;
        let at = at(plan, it)?;
        at.start -= 1;
        let closed = !problem.open(at.machine).is_open(at.start);
        (closed && at.start + 1 == at.run_start && at.run_start < at.end).then_some(())
    }),
    (Rule::Interruption, |problem, model, plan, it| {
        let at = *at(plan, it)?;
        model.operations[it.at()].interruptible = false;
        let (data, open) = (planned(problem, it)?, problem.open(at.machine));
        let whole = open.work_between(at.run_start, at.end) == at.end - at.run_start;
        (data.interruptible && !whole).then_some(())
    }),
    (Rule::Machine, |problem, _, plan, it| {
        let at = *at(plan, it)?;
        let one = problem.machine(at.machine).capacity == Capacity::One && at.start < at.end;
        let other = plan.assignments.iter().position(|other| {
            other.is_some_and(|other| other.machine == at.machine && other.end > other.start && other.start > at.start)
        })?;
        let other = plan.assignments[other].as_mut()?;
        shift(other, at.start - other.start);
        one.then_some(())
    }),
    (Rule::Operator, |problem, _, plan, it| {
        let data = planned(problem, it)?;
        let at = at(plan, it)?;
        at.operator = None;
        let labour = data.labour?;
        let attended = if labour.during == Attendance::Setup { at.start < at.run_start } else { at.run_start < at.end };
        attended.then_some(())
    }),
    (Rule::Operator, |problem, model, plan, it| {
        let operator = at(plan, it)?.operator?;
        planned(problem, it)?.labour?;
        model.operators[operator.at()].skills.clear();
        Some(())
    }),
    (Rule::Tool, |problem, model, plan, it| {
        let at = *at(plan, it)?;
        let tool = *planned(problem, it)?.tools.first()?;
        model.tools[tool.at()].count = 0;
        (at.start < at.end).then_some(())
    }),
    (Rule::Link, |problem, _, plan, it| {
        let link = problem.before(it).find(|link| planned(problem, link.before).is_some())?;
        let before = plan.assignments[link.before.at()]?;
        let at = at(plan, it)?;
        shift(at, before.start - 1 - at.run_start);
        (before.start < before.end).then_some(())
    }),
    (Rule::Link, |problem, model, plan, it| {
        let link = *problem.before(it).find(|link| planned(problem, link.before).is_some())?;
        let gap = at(plan, it)?.run_start - plan.assignments[link.before.at()]?.end;
        let same = |other: &&mut Link| (other.before, other.after) == (link.before, it);
        let broken = model.links.iter_mut().find(same)?;
        (broken.min_lag, broken.max_lag, broken.lag_calendar) = (0, Some(0), None);
        (gap > 0).then_some(())
    }),
    (Rule::Release, |problem, model, plan, it| {
        let start = at(plan, it)?.start;
        model.jobs[planned(problem, it)?.job.at()].release = start + 1;
        Some(())
    }),
    (Rule::Release, |problem, model, plan, it| {
        let start = at(plan, it)?.start;
        planned(problem, it)?;
        model.now = start + 1;
        Some(())
    }),
    (Rule::Material, |problem, model, plan, it| {
        at(plan, it)?;
        let (material, amount) = *planned(problem, it)?.uses.iter().find(|it| it.1 > 0)?;
        let material = &mut model.materials[material.at()];
        (material.stock, material.receipts) = (0, Vec::new());
        model.operations.iter_mut().for_each(|operation| operation.makes.clear());
        (amount > 0).then_some(())
    }),
    (Rule::Fixed, |problem, model, plan, it| {
        let at = *at(plan, it)?;
        planned(problem, it)?;
        let place = Place { machine: at.machine, operator: at.operator, start: at.start + 1 };
        model.operations[it.at()].state = State::Pinned(place);
        Some(())
    }),
];

#[test]
fn a_sound_plan_that_is_broken_in_any_way_is_told_by_the_rule_that_it_breaks() {
    let mut broken = vec![0; BREAKS.len()];
    for (seed, (problem, plan)) in (0..150).filter_map(|seed| Some((seed, sound(seed)?))) {
        for operation in problem.operations() {
            for ((rule, harm), count) in BREAKS.iter().zip(&mut broken) {
                let (mut model, mut plan) = (problem.model().clone(), plan.clone());
                let done = harm(&problem, &mut model, &mut plan, operation);
                let Some(changed) = done.and_then(|()| Problem::new(model).ok()) else { continue };
                let found = validate(&changed, &plan, None);
                assert!(
                    found.iter().any(|it| it.rule() == *rule),
                    "seed {seed}, {operation:?}, break {count} of {rule:?}: {found:?} {:?}",
                    plan.assignments[operation.at()]
                );
                *count += 1;
            }
        }
    }
    assert!(broken.iter().all(|count| *count > 5), "{broken:?}");
}
