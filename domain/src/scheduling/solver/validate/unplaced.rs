//! Rule 11: why something has no place, as far as that can be told without looking for one.

use super::{Capacity, Fault, Report};
use crate::scheduling::solver::model::{OperationIndex, State};
use crate::scheduling::solver::plan::{Reason, Unplaced};
use crate::scheduling::solver::{Plan, Problem};

/// Looks at each reason by itself.
pub(super) fn check(problem: &Problem, plan: &Plan, report: &mut Report<'_>) {
    for it in plan.unplaced.iter().copied().filter(|it| it.operation.at() < problem.len()) {
        if !holds(problem, plan, it) {
            report.add(Fault::WrongReason, it.operation, (0, 0));
        }
    }
}

fn holds(problem: &Problem, plan: &Plan, unplaced: Unplaced) -> bool {
    let (model, data) = (problem.model(), problem.operation(unplaced.operation));
    let mut before = problem.before(unplaced.operation);
    let mut grants = model.operators.iter().flat_map(|it| &it.skills);
    match unplaced.reason {
        Reason::CalendarsNeverMeet | Reason::OutOfTime => true,
        Reason::NoOpeningLongEnough => !data.interruptible || data.longest_pause.is_some(),
        Reason::SkillMissing => data.labour.is_some_and(|labour| grants.all(|grant| grant.skill != labour.skill)),
        Reason::SkillExpires => {
            data.labour.is_some_and(|labour| grants.any(|grant| grant.skill == labour.skill && grant.expires.is_some()))
        }
        Reason::MaterialNeverArrives => data.uses.iter().any(|it| it.1 > 0),
        Reason::ToolMissing => data.tools.iter().any(|tool| {
            let needed = data.tools.iter().filter(|it| *it == tool).count();
            needed > model.tools[tool.at()].count as usize
        }),
        Reason::LargerThanBatch => data
            .alternatives
            .iter()
            .all(|it| matches!(problem.machine(it.machine).capacity, Capacity::Batch(most) if data.size > most)),
        Reason::LagTooLong => before.any(|link| link.max_lag.is_some()),
        Reason::PredecessorUnplaced => before.any(|link| is_missing(problem, plan, link.before)),
    }
}

fn is_missing(problem: &Problem, plan: &Plan, operation: OperationIndex) -> bool {
    let done = matches!(problem.operation(operation).state, State::Done { .. });
    !done && plan.assignments.get(operation.at()).is_none_or(Option::is_none)
}
