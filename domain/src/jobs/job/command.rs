//! What may be asked of a job.

use serde::Serialize;

use super::{BlockCause, JobDetails, JobNumber};
use crate::jobs::operation::{OperationNumber, OperationPlan, Phase, Quantities, WorkFigures};
use crate::kernel::{AndonCallId, MachineId, OperatorId, ReportId, Timestamp};
use crate::machines::work_center::Reason;

/// What may be asked of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
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
    /// Somebody on the floor needs help: nobody works on the operation until the call ends.
    CallAndon {
        /// On which operation.
        operation: OperationNumber,
        /// At which machine; where somebody is at work on the operation, theirs unless another is named.
        machine: Option<MachineId>,
        /// What is wrong.
        reason: Reason,
        /// What stands in the way.
        cause: BlockCause,
    },
    /// Somebody takes care of a call on an operation: of this one, or else of the one that is open.
    AnswerAndon(OperationNumber, Option<AndonCallId>),
    /// Nobody has answered this call for as long as the company's policy lets it wait.
    EscalateAndon(OperationNumber, AndonCallId),
    /// A call on an operation is over; work may go on.
    EndAndon {
        /// On which operation.
        operation: OperationNumber,
        /// Which call; the one that is open where none is named.
        call: Option<AndonCallId>,
        /// What was done about it.
        remedy: Option<Reason>,
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
