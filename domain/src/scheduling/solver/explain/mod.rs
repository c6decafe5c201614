//! Why a job ends when it does: the chain back from its last operation, second by second, each second with one cause.
//!
//! The causes are read off the plan itself, so every plan can be explained, whoever made it.

mod cause;
mod slack;
mod touched;
mod waiting;

use serde::{Deserialize, Serialize};

use self::waiting::Occupied;
use super::decode::lag_of;
use super::model::{JobIndex, OperationIndex, State};
use super::objective::job_end;
use super::plan::Assignment;
use super::{Plan, Problem, Seconds};

pub use self::cause::{Cause, relaxed};
pub use self::slack::{Limit, Slack};
pub use self::touched::{touched_by_outage, touched_by_receipt};

/// A stretch of time between a job's release and its end, and what it went into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// From when.
    pub from: Seconds,
    /// To when.
    pub to: Seconds,
    /// The operation that was at work or waited.
    pub operation: OperationIndex,
    /// Why.
    pub cause: Cause,
}

/// A job's time from release to end, without gaps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// Which.
    pub job: JobIndex,
    /// Its release.
    pub release: Seconds,
    /// When its last operation ends.
    pub end: Seconds,
    /// How late that is.
    pub late: Seconds,
    /// What the time went into, in order; each begins where the one before it ends.
    pub stretches: Vec<Stretch>,
}

impl Explanation {
    /// Seconds by cause, the most first. They add up to the time from release to end.
    pub fn totals(&self) -> Vec<(Cause, Seconds)> {
        let mut totals: Vec<(Cause, Seconds)> = Vec::new();
        for stretch in &self.stretches {
            let length = stretch.to - stretch.from;
            match totals.iter_mut().find(|(cause, _)| *cause == stretch.cause) {
                Some((_, total)) => *total += length,
                None => totals.push((stretch.cause, length)),
            }
        }
        totals.sort_by_key(|(_, total)| -total);
        totals
    }
}

/// Explains jobs of one plan.
#[derive(Debug)]
pub struct Explainer<'a> {
    problem: &'a Problem,
    plan: &'a Plan,
    occupied: Occupied,
}

impl<'a> Explainer<'a> {
    /// Of a plan of the problem.
    pub fn new(problem: &'a Problem, plan: &'a Plan) -> Self {
        Self { problem, plan, occupied: Occupied::new(problem, plan) }
    }

    /// Why a job ends when it does; `None` when it has no end, or ends before its release.
    pub fn explain(&self, job: JobIndex) -> Option<Explanation> {
        let data = &self.problem.model().jobs[job.at()];
        let end = job_end(self.problem, self.plan, job).filter(|end| *end > data.release)?;
        let of = self.problem.operations_of(job).iter();
        let last = of.rev().copied().find(|operation| self.end(*operation) == Some(end))?;
        let mut chain = Chain { from: data.release, until: end, stretches: Vec::new() };
        let mut next = Some(last);
        while let Some(operation) = next.filter(|_| chain.until > chain.from) {
            next = self.back_through(operation, &mut chain);
            if next.is_none() && chain.until > chain.from {
                chain.add(chain.from, operation, Cause::Unused);
            }
        }
        chain.stretches.reverse();
        let late = data.due.map_or(0, |due| (end - due).max(0));
        Some(Explanation { job, release: data.release, end, late, stretches: chain.stretches })
    }

    fn at(&self, operation: OperationIndex) -> Option<&'a Assignment> {
        self.plan.assignments.get(operation.at())?.as_ref()
    }

    fn end(&self, operation: OperationIndex) -> Option<Seconds> {
        match self.problem.operation(operation).state {
            State::Done { end } => Some(end),
            _ => self.at(operation).map(|at| at.end),
        }
    }

    /// Explains the time until `chain.until` by an operation and its waiting. What it waited for, if it did.
    fn back_through(&self, operation: OperationIndex, chain: &mut Chain) -> Option<OperationIndex> {
        let Some(at) = self.at(operation) else {
            chain.add(chain.from, operation, Cause::Done);
            return None;
        };
        self.work(operation, (at.run_start, at.end), Cause::Run, chain);
        let ready = |link| Some((lag_of(self.problem, self.plan, link)?, link.before));
        let binding =
            self.problem.before(operation).filter_map(ready).max_by_key(|((ready, _), before)| (*ready, *before));
        let ready = binding.map_or(chain.from, |((ready, _), _)| ready).min(chain.until);
        self.work(operation, (at.start.max(ready), at.run_start), Cause::Setup, chain);
        self.occupied.waiting(self.problem, (operation, at), ready, chain);
        let ((_, made), before) = binding?;
        chain.add(made, operation, Cause::Lag);
        Some(before)
    }

    /// Work, and the pauses in it.
    fn work(&self, operation: OperationIndex, (from, to): (Seconds, Seconds), what: Cause, chain: &mut Chain) {
        let Some(at) = self.at(operation) else { return };
        let labour = self.problem.operation(operation).labour;
        let attended = labour.is_some_and(|it| what.is_attended(it));
        let by = at.operator.filter(|_| attended);
        let cut = |instant: Seconds| waiting::last_change(self.problem, (at.machine, by), instant);
        while chain.until > from.max(chain.from) && chain.until <= to.max(chain.until) {
            let (since, closed) = cut(chain.until);
            let cause = closed.unwrap_or(what);
            chain.add(since.max(from), operation, cause);
        }
    }
}

/// Stretches from the last to the first.
#[derive(Debug)]
struct Chain {
    /// Not before this.
    from: Seconds,
    /// Explained from here on.
    until: Seconds,
    stretches: Vec<Stretch>,
}

impl Chain {
    /// The time from `from` to what is explained already.
    fn add(&mut self, from: Seconds, operation: OperationIndex, cause: Cause) {
        let from = from.max(self.from);
        if from >= self.until {
            return;
        }
        match self.stretches.last_mut() {
            Some(next) if (next.operation, next.cause) == (operation, cause) => next.from = from,
            _ => self.stretches.push(Stretch { from, to: self.until, operation, cause }),
        }
        self.until = from;
    }
}

#[cfg(test)]
mod tests;
