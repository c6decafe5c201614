//! What the search sees of the plan that it stands at: who is late, who waits, and for whom.

use std::ops::Range;

use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::decode::{Board, List};
use crate::scheduling::solver::model::{JobIndex, OperationIndex};
use crate::scheduling::solver::plan::Reason;

/// What is seen of an operation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// Place in the list, where it is in it.
    pub(super) place: usize,
    /// How long the run could have been earlier, had nobody been in the way.
    pub(super) waits: Seconds,
    /// What the machine, and what the operator, does before.
    pub(super) behind: [Option<OperationIndex>; 2],
}

/// A look at a whole plan.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// The places that may change.
    pub(super) window: Range<usize>,
    pub(super) seen: Vec<Seen>,
    /// Late jobs and running sums of what their lateness costs.
    pub(super) late: Vec<(JobIndex, u64)>,
    /// What has no place as things stand, though it could have one.
    pub(super) lost: Vec<OperationIndex>,
    starts: Vec<(Seconds, OperationIndex)>,
    last_on: Vec<Option<OperationIndex>>,
    last_by: Vec<Option<OperationIndex>>,
    /// By job, whether it has been looked at.
    counted: Vec<bool>,
}

impl Sight {
    /// Of a list of so many places.
    pub(super) fn of(places: usize) -> Self {
        Self { window: 0..places, ..Self::default() }
    }

    /// Looks from the window's beginning on.
    pub(super) fn look(&mut self, board: &Board<'_>, list: &List, upto: usize) {
        let problem = board.ground().problem;
        let model = problem.model();
        self.seen.resize(problem.len(), Seen::default());
        let from = self.window.start;
        for (at, operation) in (from..).zip(&list.order[from..upto]) {
            self.seen[operation.at()].place = at;
        }
        self.starts.clear();
        let starts = list.order[from..upto].iter().filter_map(|it| board.fit(*it).map(|fit| (fit.span.start, *it)));
        self.starts.extend(starts);
        self.starts.sort_unstable();
        self.last_on.clear();
        self.last_on.resize(model.machines.len(), None);
        self.last_by.clear();
        self.last_by.resize(model.operators.len(), None);
        for &(_, operation) in &self.starts {
            let Some(fit) = board.fit(operation) else { continue };
            let data = problem.operation(operation);
            let machine = data.alternatives[fit.alternative].machine;
            let ready = problem.before(operation).filter_map(|link| board.ready(link)).max().unwrap_or(0);
            let seen = &mut self.seen[operation.at()];
            seen.waits = fit.span.run_start - ready.max(board.ground().release(data.job));
            seen.behind[0] = self.last_on[machine.at()].replace(operation);
            seen.behind[1] = fit.by.and_then(|by| self.last_by[by.operator.at()].replace(operation));
        }
        self.late(board, &list.order[self.window.clone()]);
        self.lost.clear();
        let seen = |it: &OperationIndex| {
            board.ground().hopeless[it.at()].is_none() && self.window.contains(&self.seen[it.at()].place)
        };
        let lost = board.unplaced().iter().filter(|lost| lost.reason != Reason::PredecessorUnplaced);
        self.lost.extend(lost.map(|lost| lost.operation).filter(seen));
    }

    fn late(&mut self, board: &Board<'_>, operations: &[OperationIndex]) {
        let problem = board.ground().problem;
        self.late.clear();
        self.counted.clear();
        self.counted.resize(problem.model().jobs.len(), false);
        let mut sum = 0_u64;
        for operation in operations {
            let index = problem.operation(*operation).job;
            if std::mem::replace(&mut self.counted[index.at()], true) {
                continue;
            }
            let job = &problem.model().jobs[index.at()];
            let late = board.job_end(index).zip(job.due).map_or(0, |(end, due)| (end - due).max(0));
            let cost = late.saturating_mul(job.weight).unsigned_abs();
            if cost > 0 {
                sum = sum.saturating_add(cost);
                self.late.push((index, sum));
            }
        }
    }
}
