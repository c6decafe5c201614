//! A job's situation, and what each event makes of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

use super::{AndonCall, BlockCause, JobDetails, JobEvent, JobNumber, JobStatus};
use crate::jobs::operation::{
    AtWork, OperationNumber, OperationPlace, OperationPlan, Quantities, WorkFigures, WorkReport,
};
use crate::kernel::{AndonCallId, OperatorId, Quantity, ReportId, Timestamp};
use crate::machines::work_center::Reason;

/// A job's situation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum JobState {
    /// Never created.
    #[default]
    Unknown,
    /// Taken on; where it is in its life is [`Order::status`].
    Known(Box<Order>),
}

/// Everything that decisions about a job need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its number.
    pub number: JobNumber,
    /// What it is about.
    pub details: JobDetails,
    /// The date that the customer asked for.
    pub due: Option<Timestamp>,
    /// Every date promised, in the order of the promises.
    pub promises: Vec<Timestamp>,
    /// Where it is in its life.
    pub status: JobStatus,
    /// What blocks it.
    pub blocked_by: Option<(Reason, BlockCause)>,
    /// When it was completed or cancelled.
    pub closed_at: Option<Timestamp>,
    /// Its operations.
    pub operations: BTreeMap<OperationNumber, Operation>,
    /// What was reported, with its latest figures.
    pub reports: HashMap<ReportId, Reported>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// What was planned.
    pub plan: OperationPlan,
    /// Who is to do it.
    pub assigned: BTreeSet<OperatorId>,
    /// Who has started it and not finished.
    pub sessions: BTreeMap<OperatorId, Session>,
    /// The call for help that is open on it.
    pub andon: Option<AndonCall>,
    /// The calls for help that are over.
    pub andon_over: BTreeSet<AndonCallId>,
    /// When it was finished.
    pub finished_at: Option<Timestamp>,
    /// Sum over its reports.
    pub made: Quantities,
    /// Start, end and identity of each operator's reports.
    pub intervals: HashMap<OperatorId, BTreeSet<(Timestamp, Timestamp, ReportId)>>,
}

/// One operator on one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// At work since then, as far as not reported; `None` when they left for a while.
    pub since: Option<Timestamp>,
    /// What they do, or did when they left.
    pub work: AtWork,
}

/// One report of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// On which operation.
    pub operation: OperationNumber,
    /// Its latest figures.
    pub figures: WorkFigures,
    /// Its first figures, where it was corrected since.
    pub first: Option<Box<WorkFigures>>,
}

impl JobState {
    pub(super) fn with(mut self, event: &JobEvent, at: Timestamp) -> Self {
        match (&mut self, event) {
            (_, JobEvent::Created { number, details, due, operations }) => {
                let operations = operations.iter().map(|plan| (plan.number, Operation::new(plan.clone()))).collect();
                return Self::Known(Box::new(Order {
                    number: number.clone(),
                    details: details.clone(),
                    due: *due,
                    promises: Vec::new(),
                    status: JobStatus::Pending,
                    blocked_by: None,
                    closed_at: None,
                    operations,
                    reports: HashMap::new(),
                }));
            }
            (Self::Known(order), event) => order.apply(event, at),
            (Self::Unknown, _) => {}
        }
        self
    }
}

impl Order {
    fn apply(&mut self, event: &JobEvent, at: Timestamp) {
        match event {
            JobEvent::Created { .. } | JobEvent::Scheduled { .. } | JobEvent::Unscheduled { .. } => {}
            JobEvent::Revised { details, .. } => self.details = details.clone(),
            JobEvent::Promised { due, .. } => self.promises.push(*due),
            JobEvent::OperationAdded { operation } => {
                self.operations.insert(operation.number, Operation::new(operation.clone()));
            }
            JobEvent::OperationRemoved { operation } => {
                self.operations.remove(&operation.number);
            }
            JobEvent::Paused { .. } => self.turn(JobStatus::Paused),
            JobEvent::Blocked { reason, cause, .. } => {
                self.turn(JobStatus::Blocked);
                self.blocked_by = Some((reason.clone(), cause.clone()));
            }
            JobEvent::Resumed { status, .. } | JobEvent::Reopened { status, .. } => self.turn(*status),
            JobEvent::Completed { .. } => self.close(JobStatus::Completed, at),
            JobEvent::Cancelled { .. } => self.close(JobStatus::Cancelled, at),
            JobEvent::OperatorAssigned { .. }
            | JobEvent::OperatorUnassigned { .. }
            | JobEvent::OperationStarted { .. }
            | JobEvent::OperationPaused { .. }
            | JobEvent::OperationResumed { .. }
            | JobEvent::WorkReported(_)
            | JobEvent::ReportCorrected { .. }
            | JobEvent::OperationFinished { .. } => self.apply_work(event, at),
            JobEvent::AndonCalled { operation, .. }
            | JobEvent::AndonAnswered { operation, .. }
            | JobEvent::AndonEscalated { operation, .. }
            | JobEvent::AndonEnded { operation, .. } => {
                self.on(*operation, |it| {
                    if let JobEvent::AndonEnded { call, .. } = event {
                        it.andon_over.insert(*call);
                    }
                    AndonCall::follow(&mut it.andon, event, at);
                });
            }
        }
    }

    fn apply_work(&mut self, event: &JobEvent, at: Timestamp) {
        match event {
            JobEvent::OperatorAssigned { operation, operator } => {
                self.on(*operation, |operation| {
                    operation.assigned.insert(*operator);
                });
            }
            JobEvent::OperatorUnassigned { operation, operator } => {
                self.on(*operation, |operation| {
                    operation.assigned.remove(operator);
                });
            }
            JobEvent::OperationStarted { operation, operator, machine, phase, .. }
            | JobEvent::OperationResumed { operation, operator, machine, phase, .. } => {
                let work = AtWork { operator: *operator, machine: *machine, phase: *phase };
                self.begin();
                self.on(*operation, |operation| {
                    operation.sessions.insert(work.operator, Session { since: Some(at), work });
                });
            }
            JobEvent::OperationPaused { operation, operator, .. } => self.on(*operation, |operation| {
                if let Some(session) = operation.sessions.get_mut(operator) {
                    session.since = None;
                }
            }),
            JobEvent::WorkReported(report) => self.file(report),
            JobEvent::ReportCorrected { report, figures, .. } => self.correct(*report, figures),
            JobEvent::OperationFinished { operation, .. } => {
                self.begin();
                self.on(*operation, |operation| {
                    operation.finished_at = Some(at);
                    operation.sessions.clear();
                });
            }
            _ => {}
        }
    }

    fn on(&mut self, number: OperationNumber, change: impl FnOnce(&mut Operation)) {
        if let Some(operation) = self.operations.get_mut(&number) {
            change(operation);
        }
    }

    fn turn(&mut self, status: JobStatus) {
        self.status = status;
        self.blocked_by = None;
        self.closed_at = None;
    }

    fn close(&mut self, status: JobStatus, at: Timestamp) {
        self.turn(status);
        self.closed_at = Some(at);
    }

    /// The first work makes a job running.
    const fn begin(&mut self) {
        if matches!(self.status, JobStatus::Pending | JobStatus::Scheduled) {
            self.status = JobStatus::Running;
        }
    }

    fn file(&mut self, work: &WorkReport) {
        self.begin();
        let figures = &work.figures;
        self.on(work.operation, |operation| {
            operation.count(work.report, figures);
            if let Some(session) = operation.sessions.get_mut(&figures.operator) {
                session.since = session.since.map(|since| since.max(figures.end));
            }
        });
        let reported = Reported { operation: work.operation, figures: figures.clone(), first: None };
        self.reports.insert(work.report, reported);
    }

    fn correct(&mut self, report: ReportId, figures: &WorkFigures) {
        let Some(reported) = self.reports.get_mut(&report) else { return };
        let was = std::mem::replace(&mut reported.figures, figures.clone());
        if let Some(operation) = self.operations.get_mut(&reported.operation) {
            operation.uncount(report, &was);
            operation.count(report, figures);
        }
        reported.first.get_or_insert_with(|| Box::new(was));
    }

    /// What a job that is neither stopped nor closed is.
    pub(super) fn status_by_progress(&self) -> JobStatus {
        if self.operations.values().any(Operation::has_begun) || !self.reports.is_empty() {
            JobStatus::Running
        } else {
            JobStatus::Pending
        }
    }

    /// The operations that are not finished.
    pub(super) fn open_operations(&self) -> impl Iterator<Item = OperationPlace> {
        self.operations.values().filter(|operation| operation.finished_at.is_none()).map(|operation| OperationPlace {
            operation: operation.plan.number,
            work_center: operation.plan.work_center,
        })
    }
}

impl Operation {
    fn new(plan: OperationPlan) -> Self {
        Self {
            plan,
            assigned: BTreeSet::new(),
            sessions: BTreeMap::new(),
            andon: None,
            andon_over: BTreeSet::new(),
            finished_at: None,
            made: Quantities::NONE,
            intervals: HashMap::new(),
        }
    }

    /// Whether anybody has started, reported or finished it.
    pub fn has_begun(&self) -> bool {
        !self.sessions.is_empty() || !self.intervals.is_empty() || self.finished_at.is_some()
    }

    /// Who is at work on it, and since when as far as not reported.
    pub fn at_work(&self) -> impl Iterator<Item = (AtWork, Timestamp)> {
        self.sessions.values().filter_map(|session| Some((session.work, session.since?)))
    }

    /// Until when work on it is on record.
    pub(super) fn worked_until(&self) -> Option<Timestamp> {
        let ends = self.intervals.values().flatten().map(|(_, end, _)| *end);
        ends.chain(self.at_work().map(|(_, since)| since)).max()
    }

    fn count(&mut self, report: ReportId, figures: &WorkFigures) {
        self.made = self.made.with(&figures.quantities, Quantity::add);
        self.intervals.entry(figures.operator).or_default().insert((figures.start, figures.end, report));
    }

    fn uncount(&mut self, report: ReportId, figures: &WorkFigures) {
        self.made = self.made.with(&figures.quantities, Quantity::sub);
        if let Some(intervals) = self.intervals.get_mut(&figures.operator) {
            intervals.remove(&(figures.start, figures.end, report));
        }
    }
}
