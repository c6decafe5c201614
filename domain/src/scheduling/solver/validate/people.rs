//! Rules 5 and 6: operators and tools are in one place at a time.

use super::placed::Placed;
use super::work::Busy;
use super::{Fault, Report, Resource, Taken, Violation, sweep};
use crate::scheduling::solver::Problem;
use crate::scheduling::solver::model::{OperatorIndex, ToolIndex};

/// Operators do one thing, or one batch, at a time.
pub(super) fn operators(busy: Busy, report: &mut Report<'_>) {
    for (mut taken, index) in busy.into_iter().zip(0..) {
        // The members of a batch are one piece of work.
        taken.sort_unstable();
        taken.dedup();
        sweep(taken, 1, |it, other| {
            let on = Resource::Operator(OperatorIndex(index));
            report.file(over(Fault::OperatorTaken, on, it, other));
        });
    }
}

/// No more tools are taken than there are.
pub(super) fn tools(problem: &Problem, placed: &[Option<Placed<'_>>], report: &mut Report<'_>) {
    let mut taken: Vec<Vec<Taken>> = vec![Vec::new(); problem.model().tools.len()];
    for it in placed.iter().flatten() {
        for tool in &it.data.tools {
            taken[tool.at()].push(Taken { from: it.at.start, to: it.at.end, by: it.operation });
        }
    }
    for ((tool, taken), index) in problem.model().tools.iter().zip(taken).zip(0..) {
        let on = Resource::Tool(ToolIndex(index));
        if tool.count == 0 {
            for it in taken {
                report.on(Fault::ToolTaken, it.by, on, (it.from, it.to));
            }
        } else {
            sweep(taken, tool.count as usize, |it, other| report.file(over(Fault::ToolTaken, on, it, other)));
        }
    }
}

fn over(fault: Fault, on: Resource, it: &Taken, other: &Taken) -> Violation {
    let to = it.to.min(other.to);
    Violation { fault, operation: it.by, other: Some(other.by), on: Some(on), from: it.from, to }
}
