//! What can have happened to a job, and under which names it is stored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BlockCause, JobDetails, JobNumber, JobStatus};
use crate::jobs::operation::{
    AtWork, OperationNumber, OperationPlace, OperationPlan, Phase, PlannedWindow, WorkFigures, WorkReport,
};
use crate::kernel::decider::DomainEvent;
use crate::kernel::{AndonCallId, MachineId, OperatorId, ReportId, Timestamp, WorkCenterId};
use crate::machines::work_center::Reason;

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
    /// It was planned, when jobs had windows of their own: now the plan does (`plan.*`), and nothing looks at these any more.
    #[serde(rename = "job.scheduled")]
    Scheduled {
        /// Before.
        was: Vec<PlannedWindow>,
        /// After.
        windows: Vec<PlannedWindow>,
    },
    /// Its windows were taken away, when it had some.
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
    /// Somebody on the floor needs help: nobody works on the operation until the call ends. Whoever was at work on it has stopped.
    #[serde(rename = "job.andon_called")]
    AndonCalled {
        /// Which call.
        call: AndonCallId,
        /// On which operation.
        operation: OperationNumber,
        /// Where it is done.
        work_center: WorkCenterId,
        /// At which machine, where that is known.
        machine: Option<MachineId>,
        /// What is wrong.
        reason: Reason,
        /// What stands in the way.
        cause: BlockCause,
        /// When it escalates unless somebody answers before; never where there is none.
        escalates_at: Option<Timestamp>,
    },
    /// Somebody takes care of a call.
    #[serde(rename = "job.andon_answered")]
    AndonAnswered {
        /// Which call.
        call: AndonCallId,
        /// On which operation.
        operation: OperationNumber,
    },
    /// Nobody answered a call in time: once for each call.
    #[serde(rename = "job.andon_escalated")]
    AndonEscalated {
        /// Which call.
        call: AndonCallId,
        /// On which operation.
        operation: OperationNumber,
        /// When it was called.
        called_at: Timestamp,
    },
    /// A call is over; work may go on.
    #[serde(rename = "job.andon_ended")]
    AndonEnded {
        /// Which call.
        call: AndonCallId,
        /// On which operation.
        operation: OperationNumber,
        /// What was done about it.
        remedy: Option<Reason>,
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
        ("job.andon_called", 1),
        ("job.andon_answered", 1),
        ("job.andon_escalated", 1),
        ("job.andon_ended", 1),
        ("job.paused", 1),
        ("job.blocked", 1),
        ("job.resumed", 1),
        ("job.completed", 1),
        ("job.cancelled", 1),
        ("job.reopened", 1),
    ];
}
