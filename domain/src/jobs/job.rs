//! A job (production order) with its operations: from pending to completed, with everything reported on the way.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::operation::{
    AtWork, OperationNumber, OperationPlace, OperationPlan, Phase, PlannedWindow, Quantities, WorkFigures, WorkReport,
};
use crate::kernel::decider::DomainEvent;
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{MachineId, OperatorId, Quantity, ReportId, Timestamp, WorkCenterId};
use crate::machines::work_center::Reason;

text_value!(
    /// Natural key of a job, unique in the tenant, never changed.
    JobNumber, "a job number", max = 64,
    datum = Datum::business("job number", "names the job")
);
text_value!(
    /// What is made.
    ProductName, "a product", max = 200,
    datum = Datum::business("product", "what the job makes")
);
text_value!(
    /// For whom it is made.
    CustomerName, "a customer", max = 200,
    datum = Datum::business("customer", "whom the job is for")
);
text_value!(
    /// What quantities are counted in.
    Unit, "a unit", max = 16,
    datum = Datum::business("unit", "what quantities are counted in")
);
text_value!(
    /// Free notes.
    NoteText, "notes", max = 10_000,
    datum = Datum::business("notes", "what else people should know")
);

/// What a job is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobDetails {
    /// What is made.
    pub product: Option<ProductName>,
    /// For whom.
    pub customer: Option<CustomerName>,
    /// How much; `None` when nobody said (imported history, open orders).
    pub quantity: Option<Quantity>,
    /// In what unit.
    pub unit: Unit,
    /// 1 (least) to 100 (most); 50 is ordinary.
    pub priority: u8,
    /// Not to be started before.
    pub release: Option<Timestamp>,
    /// Notes.
    pub notes: Option<NoteText>,
}

/// Where a job is in its life (SPEC J-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Known, not planned.
    Pending,
    /// Planned.
    Scheduled,
    /// Work has begun.
    Running,
    /// Stopped on purpose.
    Paused,
    /// Stopped by something.
    Blocked,
    /// Done.
    Completed,
    /// Given up.
    Cancelled,
}

/// What stands in the way of a blocked job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockCause {
    /// A machine.
    Machine(MachineId),
    /// A material, by its name or SKU.
    Material(Reason),
    /// A question of quality.
    Quality,
    /// A person.
    Person(OperatorId),
    /// Something else.
    Other,
}

/// What may be asked of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobCommand {
    /// Takes it on.
    Create {
        /// Its number; the stream's identity is made from it.
        number: JobNumber,
        /// What it is about.
        details: JobDetails,
        /// The date that the customer asked for.
        due: Option<Timestamp>,
        /// Its operations; numbers must differ.
        operations: Vec<OperationPlan>,
    },
    /// Changes what it is about.
    Revise(JobDetails),
    /// Promises a date; all promises are kept.
    Promise(Timestamp),
    /// Adds an operation.
    AddOperation(OperationPlan),
    /// Removes an operation that nobody has begun.
    RemoveOperation(OperationNumber),
    /// Says when its operations are planned.
    Schedule(Vec<PlannedWindow>),
    /// Takes it out of the plan.
    Unschedule,
    /// Puts an operator on an operation (skill, expiry and absence are checked).
    AssignOperator(OperationNumber, OperatorId),
    /// Takes an operator off an operation.
    UnassignOperator(OperationNumber, OperatorId),
    /// An operator begins, or goes on in another phase.
    StartOperation {
        /// Which.
        operation: OperationNumber,
        /// Who.
        operator: OperatorId,
        /// On which machine.
        machine: Option<MachineId>,
        /// Setup or run.
        phase: Phase,
    },
    /// An operator, or everybody, stops for a while.
    PauseOperation {
        /// Which.
        operation: OperationNumber,
        /// Who; `None` means everybody on it.
        operator: Option<OperatorId>,
        /// Why.
        reason: Reason,
    },
    /// An operator takes a paused operation up again, in the phase and on the machine that they left.
    ResumeOperation(OperationNumber, OperatorId),
    /// What an operator at work has made since the last report.
    ReportQuantity {
        /// Which.
        operation: OperationNumber,
        /// Who.
        operator: OperatorId,
        /// What was made.
        quantities: Quantities,
        /// Why something was lost.
        scrap_reason: Option<Reason>,
    },
    /// Ends an operation; the last one completes the job.
    FinishOperation {
        /// Which.
        operation: OperationNumber,
        /// Who reports the last quantities; `None` when there is nothing to report.
        operator: Option<OperatorId>,
        /// What was made since the last report.
        quantities: Quantities,
        /// Why something was lost.
        scrap_reason: Option<Reason>,
    },
    /// A whole interval of work, reported after it ended.
    ReportWork {
        /// Its identity; the same again with the same figures is no event, with others a refusal.
        report: ReportId,
        /// Which operation.
        operation: OperationNumber,
        /// What was done.
        figures: WorkFigures,
        /// Why it overlaps another report of the same operator there, should it do so.
        overlap_reason: Option<Reason>,
    },
    /// Corrects a report; the old figures stay in the history.
    CorrectReport {
        /// Which.
        report: ReportId,
        /// The right figures.
        figures: WorkFigures,
        /// Why.
        reason: Reason,
    },
    /// Stops the job on purpose.
    Pause(Reason),
    /// Something stops the job.
    Block {
        /// Why.
        reason: Reason,
        /// What.
        cause: BlockCause,
    },
    /// Goes on after a pause or a block.
    Resume,
    /// Completes a job with nothing left to do.
    Complete,
    /// Gives it up.
    Cancel(Reason),
    /// Takes a completed or cancelled job up again.
    Reopen(Reason),
}

/// What can have happened to a job. Each event names the work center, machines and operators whose boards it changes, since a
/// board knows nothing of the job: whoever stops working is named by `OperationPaused` (one for each) or by
/// `OperationFinished::left`, never implied by what happens to the job as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum JobEvent {
    /// It was taken on.
    #[serde(rename = "job.created")]
    Created {
        /// Its number.
        number: JobNumber,
        /// What it is about.
        details: JobDetails,
        /// The date that the customer asked for.
        due: Option<Timestamp>,
        /// Its operations.
        operations: Vec<OperationPlan>,
    },
    /// What it is about changed.
    #[serde(rename = "job.revised")]
    Revised {
        /// Before.
        was: JobDetails,
        /// After.
        details: JobDetails,
    },
    /// A date was promised.
    #[serde(rename = "job.promised")]
    Promised {
        /// The promise before.
        was: Option<Timestamp>,
        /// The promise now.
        due: Timestamp,
    },
    /// An operation was added.
    #[serde(rename = "job.operation_added")]
    OperationAdded {
        /// The operation.
        operation: OperationPlan,
    },
    /// An operation was removed.
    #[serde(rename = "job.operation_removed")]
    OperationRemoved {
        /// What it was.
        operation: OperationPlan,
    },
    /// It was planned.
    #[serde(rename = "job.scheduled")]
    Scheduled {
        /// Before.
        was: Vec<PlannedWindow>,
        /// After.
        windows: Vec<PlannedWindow>,
    },
    /// It was taken out of the plan.
    #[serde(rename = "job.unscheduled")]
    Unscheduled {
        /// Before.
        was: Vec<PlannedWindow>,
    },
    /// An operator was put on an operation.
    #[serde(rename = "job.operator_assigned")]
    OperatorAssigned {
        /// Which operation.
        operation: OperationNumber,
        /// Who.
        operator: OperatorId,
    },
    /// An operator was taken off an operation.
    #[serde(rename = "job.operator_unassigned")]
    OperatorUnassigned {
        /// Which operation.
        operation: OperationNumber,
        /// Who.
        operator: OperatorId,
    },
    /// An operator began at the envelope's happened-at.
    #[serde(rename = "job.operation_started")]
    OperationStarted {
        /// Which operation.
        operation: OperationNumber,
        /// Where it is done.
        work_center: WorkCenterId,
        /// Who.
        operator: OperatorId,
        /// On which machine.
        machine: Option<MachineId>,
        /// Setup or run.
        phase: Phase,
        /// What they did on this operation until now, when they go on in another phase or on another machine.
        was: Option<AtWork>,
    },
    /// An operator stopped for a while.
    #[serde(rename = "job.operation_paused")]
    OperationPaused {
        /// Which operation.
        operation: OperationNumber,
        /// Where it is done.
        work_center: WorkCenterId,
        /// Who.
        operator: OperatorId,
        /// On which machine they were.
        machine: Option<MachineId>,
        /// Why.
        reason: Reason,
    },
    /// An operator took it up again.
    #[serde(rename = "job.operation_resumed")]
    OperationResumed {
        /// Which operation.
        operation: OperationNumber,
        /// Where it is done.
        work_center: WorkCenterId,
        /// Who.
        operator: OperatorId,
        /// On which machine.
        machine: Option<MachineId>,
        /// Setup or run.
        phase: Phase,
    },
    /// Work was done: the only event that carries time and quantities. An operator who is still at work goes on from its end.
    #[serde(rename = "job.work_reported")]
    WorkReported(WorkReport),
    /// A report was corrected.
    #[serde(rename = "job.report_corrected")]
    ReportCorrected {
        /// Which report.
        report: ReportId,
        /// On which operation.
        operation: OperationNumber,
        /// Before.
        was: WorkFigures,
        /// After.
        figures: WorkFigures,
        /// Why.
        reason: Reason,
    },
    /// An operation ended; nobody is at work on it any more.
    #[serde(rename = "job.operation_finished")]
    OperationFinished {
        /// Which operation.
        operation: OperationNumber,
        /// Where it is done.
        work_center: WorkCenterId,
        /// Who said so, where that is known.
        operator: Option<OperatorId>,
        /// Who was at work on it until now.
        left: Vec<AtWork>,
    },
    /// Stopped on purpose.
    #[serde(rename = "job.paused")]
    Paused {
        /// Status before.
        was: JobStatus,
        /// Why.
        reason: Reason,
    },
    /// Stopped by something.
    #[serde(rename = "job.blocked")]
    Blocked {
        /// Status before.
        was: JobStatus,
        /// Why.
        reason: Reason,
        /// What.
        cause: BlockCause,
    },
    /// Goes on.
    #[serde(rename = "job.resumed")]
    Resumed {
        /// Status before.
        was: JobStatus,
        /// Status now.
        status: JobStatus,
    },
    /// Done.
    #[serde(rename = "job.completed")]
    Completed {
        /// Status before.
        was: JobStatus,
    },
    /// Given up.
    #[serde(rename = "job.cancelled")]
    Cancelled {
        /// Status before.
        was: JobStatus,
        /// Why.
        reason: Reason,
        /// The operations that will not be done.
        open: Vec<OperationPlace>,
    },
    /// Taken up again.
    #[serde(rename = "job.reopened")]
    Reopened {
        /// Status before.
        was: JobStatus,
        /// Status now.
        status: JobStatus,
        /// Why.
        reason: Reason,
        /// The operations that are to be done again from now on.
        open: Vec<OperationPlace>,
    },
}

impl DomainEvent for JobEvent {
    const NAMES: &'static [(&'static str, u16)] = &[
        ("job.created", 1),
        ("job.revised", 1),
        ("job.promised", 1),
        ("job.operation_added", 1),
        ("job.operation_removed", 1),
        ("job.scheduled", 1),
        ("job.unscheduled", 1),
        ("job.operator_assigned", 1),
        ("job.operator_unassigned", 1),
        ("job.operation_started", 1),
        ("job.operation_paused", 1),
        ("job.operation_resumed", 1),
        ("job.work_reported", 1),
        ("job.report_corrected", 1),
        ("job.operation_finished", 1),
        ("job.paused", 1),
        ("job.blocked", 1),
        ("job.resumed", 1),
        ("job.completed", 1),
        ("job.cancelled", 1),
        ("job.reopened", 1),
    ];
}
