//! What the plan says of each operation, with everything that can be told without looking at the others.

use super::{Fault, Report, Resource};
use crate::scheduling::solver::calendar::FAR;
use crate::scheduling::solver::model::{Alternative, Attendance, Operation, OperationIndex, SkillGrant, State};
use crate::scheduling::solver::plan::Assignment;
use crate::scheduling::solver::{Plan, Problem, Seconds};

/// An operation where the plan puts it.
pub(super) struct Placed<'p> {
    pub(super) operation: OperationIndex,
    pub(super) data: &'p Operation,
    pub(super) at: Assignment,
    pub(super) alternative: &'p Alternative,
    /// The operator's skill, where an operator is needed, named and has it.
    pub(super) grant: Option<SkillGrant>,
    /// What it works, changeover and batch included.
    pub(super) setup: Part,
    pub(super) run: Part,
    /// The first member of its batch; itself where there is none.
    pub(super) batch: OperationIndex,
}

/// Setup or run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Part {
    /// What it works.
    pub(super) work: Seconds,
    /// Whether it needs the operator.
    pub(super) attended: bool,
}

impl Placed<'_> {
    /// Work left, where it is at work already.
    pub(super) fn remaining(&self) -> Option<Seconds> {
        match self.data.state {
            State::Started { remaining, .. } => Some(remaining),
            _ => None,
        }
    }

    /// So much work of a part, at the operator's speed if it is attended.
    pub(super) fn at_speed(&self, work: Seconds, attended: bool) -> Seconds {
        let percent = self.grant.filter(|_| attended).map_or(100, |grant| i128::from(grant.percent));
        let exact = i128::from(work) * 100;
        let rounded = exact / percent + i128::from(exact % percent > 0);
        Seconds::try_from(rounded).unwrap_or(Seconds::MAX)
    }
}

/// Reads a plan: what is complete (rule 11), fixed (10), released (8), and by whom it is done (5).
pub(super) fn read<'p>(problem: &'p Problem, plan: &Plan, report: &mut Report<'_>) -> Vec<Option<Placed<'p>>> {
    let mut unplaced = vec![false; problem.len()];
    for it in &plan.unplaced {
        match unplaced.get_mut(it.operation.at()) {
            Some(listed) if !*listed => *listed = true,
            Some(_) => report.add(Fault::Twice, it.operation, (0, 0)),
            None => report.add(Fault::Unknown, it.operation, (0, 0)),
        }
    }
    if plan.assignments.len() > problem.len() {
        let first = u32::try_from(problem.len()).unwrap_or(u32::MAX);
        report.add(Fault::Unknown, OperationIndex(first), (0, 0));
    }
    let operations = problem.model().operations.iter().zip(0..);
    let read = operations.map(|(data, index)| {
        let operation = OperationIndex(index);
        let at = plan.assignments.get(operation.at()).copied().flatten();
        let done = matches!(data.state, State::Done { .. });
        match (at, done || unplaced[operation.at()]) {
            (Some(at), true) => report.add(Fault::Twice, operation, (at.start, at.end)),
            (None, false) => report.add(Fault::Missing, operation, (0, 0)),
            (None, true) if done && unplaced[operation.at()] => report.add(Fault::Twice, operation, (0, 0)),
            (None, true) => {}
            (Some(at), false) => return placed(problem, (operation, data), at, report),
        }
        None
    });
    read.collect()
}

fn placed<'p>(
    problem: &'p Problem,
    (operation, data): (OperationIndex, &'p Operation),
    at: Assignment,
    report: &mut Report<'_>,
) -> Option<Placed<'p>> {
    let model = problem.model();
    let when = (at.start, at.end);
    if at.machine.at() >= model.machines.len() || at.operator.is_some_and(|it| it.at() >= model.operators.len()) {
        report.add(Fault::Unknown, operation, when);
        return None;
    }
    let Some(alternative) = data.alternatives.iter().find(|alternative| alternative.machine == at.machine) else {
        report.on(Fault::NotItsMachine, operation, Resource::Machine(at.machine), when);
        return None;
    };
    if !(-FAR <= at.start && at.start <= at.run_start && at.run_start <= at.end && at.end <= FAR) {
        report.add(Fault::Disordered, operation, when);
        return None;
    }
    let mut placed = Placed {
        operation,
        data,
        at,
        alternative,
        grant: None,
        setup: Part::default(),
        run: Part::default(),
        batch: operation,
    };
    stays(&placed, report);
    if placed.remaining().is_none() {
        released(problem, &placed, report);
    }
    skilled(problem, &mut placed, report);
    Some(placed)
}

fn stays(placed: &Placed<'_>, report: &mut Report<'_>) {
    let at = &placed.at;
    let Some(place) = report.fixed(placed.operation) else { return };
    let by = place.operator.is_none_or(|operator| at.operator == Some(operator));
    let ran = placed.remaining().is_none() || at.run_start == at.start;
    if (place.machine, place.start) != (at.machine, at.start) || !by || !ran {
        report.add(Fault::Moved, placed.operation, (at.start, place.start));
    }
}

fn released(problem: &Problem, placed: &Placed<'_>, report: &mut Report<'_>) {
    let (model, start) = (problem.model(), placed.at.start);
    let release = model.jobs[placed.data.job.at()].release;
    if start < release {
        report.add(Fault::BeforeRelease, placed.operation, (start, release));
    }
    if start < model.now {
        report.add(Fault::BeforeNow, placed.operation, (start, model.now));
    }
}

/// Who does what, and whether he can.
fn skilled(problem: &Problem, placed: &mut Placed<'_>, report: &mut Report<'_>) {
    let Some(labour) = placed.data.labour else { return };
    placed.setup.attended = labour.during != Attendance::Run;
    placed.run.attended = labour.during != Attendance::Setup;
    let Some(operator) = placed.at.operator else { return };
    let skills = &problem.model().operators[operator.at()].skills;
    placed.grant = skills.iter().find(|grant| grant.skill == labour.skill).copied();
    if placed.grant.is_none() {
        let when = (placed.at.start, placed.at.end);
        report.on(Fault::LacksSkill, placed.operation, Resource::Operator(operator), when);
    }
}
