//! How far one operation of a job has come.

use domain::jobs::job::{AndonCall, JobEvent};
use domain::jobs::operation::{OperationName, OperationNumber, OperationPlan, WorkFigures};
use domain::kernel::{OperatorId, Timestamp, WorkCenterId};
use serde::{Deserialize, Serialize};

use crate::at_work::WorkNow;
use crate::stored;
use crate::tally::Tally;

/// How far an operation has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationLine {
    /// Its place in the job.
    pub number: OperationNumber,
    /// Its name.
    pub name: OperationName,
    /// Where it is done.
    pub work_center: WorkCenterId,
    /// When work on it began.
    #[serde(with = "stored::instant_option")]
    pub began_at: Option<Timestamp>,
    /// When it was finished.
    #[serde(with = "stored::instant_option")]
    pub finished_at: Option<Timestamp>,
    /// Who said that it is finished, where somebody was named.
    pub finish_said_by: Option<OperatorId>,
    /// Who is at work on it now.
    pub at_work: Vec<WorkNow>,
    /// The call for help that is open on it.
    pub andon: Option<AndonCall>,
    /// Sums over its reports.
    pub totals: Tally,
    /// Who reported the interval that ends last.
    pub last_worker: Option<OperatorId>,
    /// Where that interval ends.
    #[serde(with = "stored::instant_option")]
    pub worked_until: Option<Timestamp>,
}

/// Where an operation is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationStatus {
    /// Nobody has begun.
    Waiting,
    /// Somebody is at work on it now.
    Running,
    /// Begun, and nobody is at work on it now.
    Paused,
    /// Somebody called for help, and nobody works on it until the call ends.
    Blocked,
    /// Ended.
    Finished,
}

impl OperationLine {
    pub(super) fn new(plan: &OperationPlan) -> Self {
        Self {
            number: plan.number,
            name: plan.name.clone(),
            work_center: plan.work_center,
            began_at: None,
            finished_at: None,
            finish_said_by: None,
            at_work: Vec::new(),
            andon: None,
            totals: Tally::default(),
            last_worker: None,
            worked_until: None,
        }
    }

    /// Where it is in its life.
    pub const fn status(&self) -> OperationStatus {
        if !self.at_work.is_empty() {
            OperationStatus::Running
        } else if self.finished_at.is_some() {
            OperationStatus::Finished
        } else if self.andon.is_some() {
            OperationStatus::Blocked
        } else if self.began_at.is_some() {
            OperationStatus::Paused
        } else {
            OperationStatus::Waiting
        }
    }

    /// Who finished it: who said so, else who reported the interval that ends last.
    pub fn finished_by(&self) -> Option<OperatorId> {
        self.finished_at.and(self.finish_said_by.or(self.last_worker))
    }

    pub(super) fn begin(&mut self, at: Timestamp) {
        self.began_at = Some(self.began_at.map_or(at, |began| began.min(at)));
    }

    pub(super) fn count(&mut self, figures: &WorkFigures) {
        self.totals += Tally::of(figures);
        self.begin(figures.start);
        if self.worked_until.is_none_or(|until| until <= figures.end) {
            self.worked_until = Some(figures.end);
            self.last_worker = Some(figures.operator);
        }
    }

    /// Replaces what a report said. The last report stays the last: the row does not hold the others to ask them again. Who is
    /// said to have made the report at the finish is said to have finished.
    pub(super) fn correct(&mut self, was: &WorkFigures, figures: &WorkFigures) {
        self.totals -= Tally::of(was);
        if self.last_worker == Some(was.operator) && self.worked_until == Some(was.end) {
            self.worked_until = None;
        }
        if self.finish_said_by == Some(was.operator) && self.finished_at == Some(was.end) {
            self.finish_said_by = Some(figures.operator);
        }
        self.count(figures);
    }

    pub(super) fn finish(&mut self, operator: Option<OperatorId>, at: Timestamp) {
        self.begin(at);
        self.finished_at = Some(at);
        self.finish_said_by = operator;
    }

    /// What an event of a call for help makes of it.
    pub(super) fn follow_andon(&mut self, event: &JobEvent, at: Timestamp) {
        AndonCall::follow(&mut self.andon, event, at);
    }

    pub(super) fn reopen(&mut self) {
        self.finished_at = None;
        self.finish_said_by = None;
    }
}
