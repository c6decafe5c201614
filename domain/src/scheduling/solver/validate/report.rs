//! Collects violations, less those that the plan admits to as clashes of fixed operations.

use std::collections::HashSet;

use super::{Fault, Resource, Violation};
use crate::scheduling::solver::model::{OperationIndex, Place};
use crate::scheduling::solver::plan::Conflict;
use crate::scheduling::solver::{Plan, Problem, Seconds};

pub(super) struct Report<'p> {
    problem: &'p Problem,
    baseline: Option<&'p Plan>,
    admitted: HashSet<(OperationIndex, Conflict)>,
    pub(super) found: Vec<Violation>,
}

impl<'p> Report<'p> {
    pub(super) fn new(problem: &'p Problem, plan: &Plan, baseline: Option<&'p Plan>) -> Self {
        let mut report = Self { problem, baseline, admitted: HashSet::new(), found: Vec::new() };
        for clash in &plan.clashes {
            if clash.operation.at() >= problem.len() {
                report.add(Fault::Unknown, clash.operation, (0, 0));
            } else if report.fixed(clash.operation).is_none() {
                report.add(Fault::NotFixed, clash.operation, (0, 0));
            } else {
                report.admitted.insert((clash.operation, clash.over));
            }
        }
        report
    }

    /// Where an operation must stay: pinned, at work, or frozen by the baseline.
    pub(super) fn fixed(&self, operation: OperationIndex) -> Option<Place> {
        self.problem.kept(operation, self.baseline)
    }

    /// Whether the plan says itself that this fixed operation offends in this way.
    pub(super) fn admits(&self, operation: OperationIndex, fault: Fault) -> bool {
        fault.admitted_by().iter().any(|conflict| self.admitted.contains(&(operation, *conflict)))
    }

    pub(super) fn add(&mut self, fault: Fault, operation: OperationIndex, (from, to): (Seconds, Seconds)) {
        self.file(Violation { fault, operation, other: None, on: None, from, to });
    }

    pub(super) fn on(&mut self, fault: Fault, operation: OperationIndex, on: Resource, at: (Seconds, Seconds)) {
        self.file(Violation { fault, operation, other: None, on: Some(on), from: at.0, to: at.1 });
    }

    pub(super) fn file(&mut self, violation: Violation) {
        let mut about = std::iter::once(violation.operation).chain(violation.other);
        let shared = matches!(violation.fault, Fault::MachineTaken | Fault::OperatorTaken | Fault::ToolTaken);
        // What is fixed can't give way, but what is not must.
        let kept = !shared || about.clone().all(|operation| self.fixed(operation).is_some());
        if !(kept && about.any(|operation| self.admits(operation, violation.fault))) {
            self.found.push(violation);
        }
    }
}
