//! Every job as a planner sees it: where it stands, what is being done, what was reported.

mod operation;

use std::collections::BTreeSet;

use domain::catalog::Event;
use domain::jobs::job::{BlockCause, CustomerName, JobDetails, JobEvent, JobNumber, JobStatus, ProductName, Unit};
use domain::jobs::operation::{OperationNumber, OperationPlan, WorkFigures, WorkReport};
use domain::kernel::{JobId, OperatorId, Quantity, Timestamp};
use domain::machines::work_center::Reason;
use domain::ports::{Envelope, Position, Recorded};
use domain::scheduling::placement::OperationRef;
use domain::scheduling::site_plan::PlanEvent;
use serde::{Deserialize, Serialize};

use crate::at_work;
use crate::projection::{IndexColumn, Projection, Value, instant_value, row_key, text_value};
use crate::schedule_board::jobs_named;
use crate::stored;
use crate::tally::Tally;
use crate::views::{Condition, Test};

pub use operation::{OperationLine, OperationStatus};

/// One row per job.
pub struct JobBoard;

/// A job as it stands. What was planned for its operations is in `job_detail`, single reports in `timesheet`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobBoardRow {
    /// Which job.
    pub id: JobId,
    /// Its number.
    pub number: JobNumber,
    /// What is made.
    pub product: Option<ProductName>,
    /// For whom.
    pub customer: Option<CustomerName>,
    /// How much.
    pub quantity: Option<Quantity>,
    /// In what unit.
    pub unit: Unit,
    /// 1 (least) to 100 (most).
    pub priority: u8,
    /// Not to be started before.
    #[serde(with = "stored::instant_option")]
    pub release: Option<Timestamp>,
    /// The date that the customer asked for.
    #[serde(with = "stored::instant_option")]
    pub requested: Option<Timestamp>,
    /// Every date promised, oldest first.
    pub promises: Vec<Timestamp>,
    /// Where it is in its life.
    pub status: JobStatus,
    /// Why it is so, where somebody said why.
    pub reason: Option<Reason>,
    /// What blocks it, while it is blocked.
    pub cause: Option<BlockCause>,
    /// When it was taken on.
    #[serde(with = "stored::instant")]
    pub created_at: Timestamp,
    /// When work on it began.
    #[serde(with = "stored::instant_option")]
    pub started_at: Option<Timestamp>,
    /// When it was completed or cancelled; `None` again once it is reopened.
    #[serde(with = "stored::instant_option")]
    pub closed_at: Option<Timestamp>,
    /// When it was closed before and reopened, oldest first.
    pub closed_before: Vec<ClosedTime>,
    /// The latest happened-at of all its events.
    #[serde(with = "stored::instant")]
    pub last_activity_at: Timestamp,
    /// Its operations, by number.
    pub operations: Vec<OperationLine>,
    /// The operations that have a place in the plan.
    pub planned: BTreeSet<OperationNumber>,
    /// Sums over all its reports.
    pub totals: Tally,
    /// Revision of its stream.
    pub revision: u64,
    /// Position of the last event folded.
    pub position: Position,
}

/// A time in which a job was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedTime {
    /// When it was completed or cancelled.
    #[serde(with = "stored::instant")]
    pub from: Timestamp,
    /// When it was reopened.
    #[serde(with = "stored::instant")]
    pub until: Timestamp,
}

impl JobBoardRow {
    fn created(envelope: &Envelope, event: &JobEvent) -> Option<Self> {
        let JobEvent::Created { number, details, due, operations } = event else { return None };
        let mut row = Self {
            id: JobId(envelope.stream.id),
            number: number.clone(),
            product: None,
            customer: None,
            quantity: None,
            unit: details.unit.clone(),
            priority: details.priority,
            release: None,
            requested: *due,
            promises: Vec::new(),
            status: JobStatus::Pending,
            reason: None,
            cause: None,
            created_at: envelope.happened_at,
            started_at: None,
            closed_at: None,
            closed_before: Vec::new(),
            last_activity_at: envelope.happened_at,
            operations: operations.iter().map(OperationLine::new).collect(),
            planned: BTreeSet::new(),
            totals: Tally::default(),
            revision: envelope.revision,
            position: envelope.position,
        };
        row.revise(details);
        row.operations.sort_by_key(|line| line.number);
        Some(row)
    }

    /// The date that counts: the latest promise, else what the customer asked for.
    pub fn due(&self) -> Option<Timestamp> {
        self.promises.last().copied().or(self.requested)
    }

    /// What a search by text looks at: number, product and customer.
    fn words(&self) -> String {
        let product = self.product.as_ref().map_or("", ProductName::as_str);
        let customer = self.customer.as_ref().map_or("", CustomerName::as_str);
        format!("{}\n{product}\n{customer}", self.number)
    }

    /// When it was completed; a cancelled job is not finished.
    pub fn finished_at(&self) -> Option<Timestamp> {
        self.closed_at.filter(|_| self.status == JobStatus::Completed)
    }

    /// The times in which it was open, of that from `since` on: the last one ends when it was closed, or lasts.
    pub fn open_times(&self, since: Timestamp) -> impl Iterator<Item = (Timestamp, Option<Timestamp>)> {
        let reopened = self.closed_before.iter().map(move |closed| closed.until.max(since));
        let closed = self.closed_before.iter().map(|closed| Some(closed.from));
        std::iter::once(since).chain(reopened).zip(closed.chain([self.closed_at]))
    }

    /// What came of the whole job. Each operation reports the same pieces anew, so what came out, good or reworked, is what came
    /// out of the last operation; what was lost or held and the time spent are those of all operations.
    pub fn outcome(&self) -> Tally {
        let last = self.operations.last().map(|line| line.totals).unwrap_or_default();
        Tally { good: last.good, rework: last.rework, ..self.totals }
    }

    /// Whether it is still to be done although its date is past.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.closed_at.is_none() && self.due().is_some_and(|due| due < now)
    }

    /// The operation with this number.
    pub fn operation(&self, number: OperationNumber) -> Option<&OperationLine> {
        self.operations.iter().find(|line| line.number == number)
    }

    /// Operations of an open job that are not finished, and that the plan has no place for.
    pub fn unplanned(&self) -> impl Iterator<Item = &OperationLine> {
        let open = |line: &&OperationLine| self.closed_at.is_none() && line.status() != OperationStatus::Finished;
        self.operations.iter().filter(open).filter(|line| !self.planned.contains(&line.number))
    }

    /// Operations that somebody is at work on now.
    pub fn current_operations(&self) -> impl Iterator<Item = &OperationLine> {
        self.operations.iter().filter(|line| line.status() == OperationStatus::Running)
    }

    /// How many of its operations are finished.
    pub fn finished_operations(&self) -> usize {
        self.operations.iter().filter(|line| line.status() == OperationStatus::Finished).count()
    }

    /// The operation that was finished last: where, and by whom, the job was finished.
    pub fn last_finished_operation(&self) -> Option<&OperationLine> {
        self.operations.iter().filter(|line| line.finished_at.is_some()).max_by_key(|line| line.finished_at)
    }

    fn revise(&mut self, details: &JobDetails) {
        self.product.clone_from(&details.product);
        self.customer.clone_from(&details.customer);
        self.quantity = details.quantity;
        self.unit = details.unit.clone();
        self.priority = details.priority;
        self.release = details.release;
    }

    fn line(&mut self, number: OperationNumber) -> Option<&mut OperationLine> {
        self.operations.iter_mut().find(|line| line.number == number)
    }

    fn add(&mut self, plan: &OperationPlan) {
        if self.line(plan.number).is_none() {
            self.operations.push(OperationLine::new(plan));
            self.operations.sort_by_key(|line| line.number);
        }
    }

    fn become_status(&mut self, status: JobStatus, reason: Option<&Reason>) {
        self.status = status;
        self.reason = reason.cloned();
        self.cause = None;
    }

    /// Work began at `at`: a job that was only planned is running from now on.
    fn begin(&mut self, at: Timestamp) {
        self.started_at = Some(self.started_at.map_or(at, |started| started.min(at)));
        if matches!(self.status, JobStatus::Pending | JobStatus::Scheduled) {
            self.become_status(JobStatus::Running, None);
        }
    }

    fn start(&mut self, operation: OperationNumber, at: Timestamp) {
        self.begin(at);
        if let Some(line) = self.line(operation) {
            line.begin(at);
        }
    }

    fn count(&mut self, report: &WorkReport) {
        self.begin(report.figures.start);
        self.totals += Tally::of(&report.figures);
        if let Some(line) = self.line(report.operation) {
            line.count(&report.figures);
        }
    }

    fn correct(&mut self, operation: OperationNumber, was: &WorkFigures, figures: &WorkFigures) {
        self.totals -= Tally::of(was);
        self.totals += Tally::of(figures);
        if let Some(line) = self.line(operation) {
            line.correct(was, figures);
        }
    }

    fn finish(&mut self, operation: OperationNumber, operator: Option<OperatorId>, at: Timestamp) {
        self.begin(at);
        if let Some(line) = self.line(operation) {
            line.finish(operator, at);
        }
    }

    fn reopen(&mut self, at: Timestamp, numbers: impl Iterator<Item = OperationNumber>) {
        if let Some(from) = self.closed_at.take() {
            let reopened_before = self.closed_before.last().map_or(from, |before| before.until);
            self.closed_before.push(ClosedTime { from, until: at.max(from).max(reopened_before) });
        }
        for number in numbers {
            if let Some(line) = self.line(number) {
                line.reopen();
            }
        }
    }

    fn plan(&mut self, event: &PlanEvent) {
        let Some((_, changes)) = event.changes() else { return };
        let mine = |operation: &&OperationRef| operation.job == self.id;
        let gone = changes.removed.iter().chain(&changes.done).filter(mine).map(|operation| operation.operation);
        let placed = changes.placed.iter().filter(|placement| placement.job == self.id);
        let placed: Vec<OperationNumber> = placed.map(|placement| placement.operation).collect();
        for operation in gone {
            self.planned.remove(&operation);
        }
        self.planned.extend(placed);
    }

    /// A job that nobody has begun is scheduled while the plan has a place for any of it.
    fn follow_plan(&mut self) {
        self.status = match self.status {
            JobStatus::Pending if !self.planned.is_empty() => JobStatus::Scheduled,
            JobStatus::Scheduled if self.planned.is_empty() => JobStatus::Pending,
            other => other,
        };
    }

    fn apply(&mut self, envelope: &Envelope, event: &JobEvent) {
        let at = envelope.happened_at;
        match event {
            JobEvent::Revised { details, .. } => self.revise(details),
            JobEvent::Promised { due, .. } => self.promises.push(*due),
            JobEvent::OperationAdded { operation } => self.add(operation),
            JobEvent::OperationRemoved { operation } => self.operations.retain(|line| line.number != operation.number),
            JobEvent::OperationStarted { operation, .. } | JobEvent::OperationResumed { operation, .. } => {
                self.start(*operation, at);
            }
            JobEvent::WorkReported(report) => self.count(report),
            JobEvent::ReportCorrected { operation, was, figures, .. } => self.correct(*operation, was, figures),
            JobEvent::OperationFinished { operation, operator, .. } => self.finish(*operation, *operator, at),
            JobEvent::Paused { reason, .. } => self.become_status(JobStatus::Paused, Some(reason)),
            JobEvent::Blocked { reason, cause, .. } => {
                self.become_status(JobStatus::Blocked, Some(reason));
                self.cause = Some(cause.clone());
            }
            JobEvent::Resumed { status, .. } => self.become_status(*status, None),
            JobEvent::Completed { .. } => {
                self.become_status(JobStatus::Completed, None);
                self.closed_at = Some(at);
            }
            JobEvent::Cancelled { reason, .. } => {
                self.become_status(JobStatus::Cancelled, Some(reason));
                self.closed_at = Some(at);
            }
            JobEvent::Reopened { status, reason, open, .. } => {
                self.become_status(*status, Some(reason));
                self.reopen(at, open.iter().map(|place| place.operation));
            }
            JobEvent::AndonCalled { operation, .. }
            | JobEvent::AndonAnswered { operation, .. }
            | JobEvent::AndonEscalated { operation, .. }
            | JobEvent::AndonEnded { operation, .. } => {
                if let Some(line) = self.line(*operation) {
                    line.follow_andon(event, at);
                }
            }
            JobEvent::Created { .. }
            | JobEvent::Scheduled { .. }
            | JobEvent::Unscheduled { .. }
            | JobEvent::OperatorAssigned { .. }
            | JobEvent::OperatorUnassigned { .. }
            | JobEvent::OperationPaused { .. } => {}
        }
        for line in &mut self.operations {
            let number = line.number;
            at_work::fold(&mut line.at_work, envelope, event, |work| work.operation == number);
        }
    }
}

impl Projection for JobBoard {
    const NAME: &'static str = "job_board";
    const VERSION: u32 = 5;
    const INDEXES: &'static [IndexColumn] = &[
        IndexColumn::text("number"),
        IndexColumn::text("status"),
        IndexColumn::text("product"),
        IndexColumn::text("customer"),
        IndexColumn::integer("priority"),
        IndexColumn::integer("due"),
        IndexColumn::integer("created"),
        IndexColumn::integer("started"),
        IndexColumn::integer("closed"),
        IndexColumn::integer("last_activity"),
        IndexColumn::text("words"),
        IndexColumn::integer("unplanned"),
    ];
    type Row = JobBoardRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::Job(_) => vec![row_key(event.envelope.stream.id)],
            Event::Plan(event) => jobs_named(event),
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<JobBoardRow>, _key: &str, event: &Recorded) -> Option<JobBoardRow> {
        let envelope = &event.envelope;
        let Some(mut row) = row else {
            let Event::Job(created) = &event.event else { return None };
            return JobBoardRow::created(envelope, created);
        };
        if envelope.position <= row.position {
            return Some(row);
        }
        match &event.event {
            Event::Job(change) => {
                row.revision = envelope.revision;
                row.last_activity_at = row.last_activity_at.max(envelope.happened_at);
                row.apply(envelope, change);
            }
            Event::Plan(change) => row.plan(change),
            _ => {}
        }
        row.position = envelope.position;
        row.follow_plan();
        Some(row)
    }

    fn impossible(row: Option<&JobBoardRow>, _key: &str, event: &Recorded) -> Option<&'static str> {
        // The plan may name what is not there: it says nothing of the job's own events.
        let Event::Job(change) = &event.event else { return None };
        let created = matches!(change, JobEvent::Created { .. });
        let envelope = &event.envelope;
        match row {
            None => (!created).then_some("the job was never taken on"),
            Some(row) if envelope.position <= row.position => None,
            Some(_) if created => Some("the job was taken on before"),
            Some(row) => {
                (envelope.revision != row.revision + 1).then_some("an event of the job is missing before this one")
            }
        }
    }

    fn index(row: &JobBoardRow) -> Vec<Value> {
        vec![
            text_value(Some(row.number.as_str())),
            text_value(Some(status_name(row.status))),
            text_value(row.product.as_ref().map(ProductName::as_str)),
            text_value(row.customer.as_ref().map(CustomerName::as_str)),
            Value::Integer(i64::from(row.priority)),
            instant_value(row.due()),
            instant_value(Some(row.created_at)),
            instant_value(row.started_at),
            instant_value(row.closed_at),
            instant_value(Some(row.last_activity_at)),
            Value::Text(row.words()),
            count_value(row.unplanned().count()),
        ]
    }
}

/// How many, or nothing known of none: those are most rows, and nobody asks for them.
fn count_value(count: usize) -> Value {
    i64::try_from(count).ok().filter(|count| *count > 0).map_or(Value::Null, Value::Integer)
}

/// Jobs with operations that the plan has no place for.
pub fn with_unplanned() -> Vec<Condition> {
    vec![Condition { column: "unplanned", test: Test::AtLeast(Value::Integer(1)) }]
}

/// Jobs that are late at this instant: still to be done although their date is past.
pub fn late(now: Timestamp) -> Vec<Condition> {
    vec![
        Condition { column: "due", test: Test::Below(Value::Integer(now.as_micros())) },
        Condition { column: "closed", test: Test::Is(Value::Null) },
    ]
}

/// How the column `status` spells a status; the same as in events.
pub const fn status_name(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Pending => "pending",
        JobStatus::Scheduled => "scheduled",
        JobStatus::Running => "running",
        JobStatus::Paused => "paused",
        JobStatus::Blocked => "blocked",
        JobStatus::Completed => "completed",
        JobStatus::Cancelled => "cancelled",
    }
}

#[cfg(test)]
mod tests;
