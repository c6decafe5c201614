//! What the search sees of the plan that it stands at: who is late, who waits, and for whom.

use crate::scheduling::solver::Seconds;
use crate::scheduling::solver::decode::{Board, List};
use crate::scheduling::solver::model::{JobIndex, OperationIndex};
use crate::scheduling::solver::plan::Reason;

/// What is seen of an operation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// Place in the list.
    pub(super) place: usize,
    /// How long the run could have been earlier, had nobody been in the way.
    pub(super) waits: Seconds,
    /// What the machine, and what the operator, does before.
    pub(super) behind: [Option<OperationIndex>; 2],
}

/// A look at a whole plan.
#[derive(Debug, Default)]
pub(super) struct Sight {
    pub(super) seen: Vec<Seen>,
    /// Late jobs and running sums of what their lateness costs.
    pub(super) late: Vec<(JobIndex, u64)>,
    /// What has no place as things stand, though it could have one.
    pub(super) lost: Vec<OperationIndex>,
    starts: Vec<(Seconds, OperationIndex)>,
    last_on: Vec<Option<OperationIndex>>,
    last_by: Vec<Option<OperationIndex>>,
}

impl Sight {
    pub(super) fn look(&mut self, board: &Board<'_>, list: &List) {
        let problem = board.ground().problem;
        let model = problem.model();
        self.seen.resize(problem.len(), Seen::default());
        for (at, operation) in list.order.iter().enumerate() {
            self.seen[operation.at()].place = at;
        }
        self.starts.clear();
        let starts = list.order.iter().filter_map(|it| board.fit(*it).map(|fit| (fit.span.start, *it)));
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
        self.late(board);
        self.lost.clear();
        let lost = board.unplaced().iter().filter(|lost| lost.reason != Reason::PredecessorUnplaced);
        self.lost.extend(lost.map(|lost| lost.operation).filter(|it| board.ground().hopeless[it.at()].is_none()));
    }

    fn late(&mut self, board: &Board<'_>) {
        let problem = board.ground().problem;
        self.late.clear();
        let mut sum = 0_u64;
        for (job, index) in problem.model().jobs.iter().zip(0..) {
            let late = board.job_end(JobIndex(index)).zip(job.due).map_or(0, |(end, due)| (end - due).max(0));
            let cost = late.saturating_mul(job.weight).unsigned_abs();
            if cost > 0 {
                sum = sum.saturating_add(cost);
                self.late.push((JobIndex(index), sum));
            }
        }
    }
}
