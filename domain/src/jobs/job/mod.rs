//! A job (production order) with its operations: from pending to completed, with everything reported on the way.
//!
//! It protects:
//! - its number is used once and for good; operation numbers are 1 or more and differ;
//! - pending → scheduled → running → paused or blocked → completed or cancelled; only a reason reopens it;
//! - the first work makes it running; the end of its last open operation completes it;
//! - nobody is at work on a job that is not running, nor on a finished operation;
//! - whoever stops working leaves a report: time and quantities come from reports alone, none is ever overwritten;
//! - the work of one operator on one operation does not overlap, unless the tenant's policy allows it
//!   (different operators, and one operator on different operations, may);
//! - nobody starts, goes on with, finishes or removes an operation on which a call for help is open; it has one at a time, which
//!   escalates once, and not after somebody answered;
//! - no report ends after its operation was finished, or its job cancelled;
//! - an operator is assigned only with the skill that the operation needs, valid when it is planned.

mod andon;
mod command;
mod error;
mod event;
mod floor;
mod life;
mod own;
mod planning;
mod reports;
mod state;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use andon::AndonCall;
pub use command::JobCommand;
pub use error::JobError;
pub use event::JobEvent;
pub use state::{JobState, Operation, Order, Reported, Session};

use crate::jobs::operation::{AtWork, Quantities};
use crate::kernel::context::Context;
use crate::kernel::text::{Datum, text_value};
use crate::kernel::{Decider, MachineId, OperatorId, Quantity, StreamType, Timestamp};
use crate::machines::work_center::Reason;

text_value!(
    /// Natural key of a job, unique in the tenant, never changed.
    JobNumber, "a job number", Code, max = 64,
    datum = Datum::business("job number", "names the job")
);
text_value!(
    /// What is made.
    ProductName, "a product", Name, max = 200,
    datum = Datum::business("product", "what the job makes")
);
text_value!(
    /// For whom it is made.
    CustomerName, "a customer", Name, max = 200,
    datum = Datum::business("customer", "whom the job is for")
);
text_value!(
    /// What quantities are counted in.
    Unit, "a unit", Code, max = 16,
    datum = Datum::business("unit", "what quantities are counted in")
);
text_value!(
    /// Free notes.
    NoteText, "notes", Lines, max = 10_000,
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
    /// Planned, and not begun: what the plan makes of a pending job. The job itself does not know.
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

impl BlockCause {
    /// The machine that it is about.
    pub const fn machine(&self) -> Option<MachineId> {
        if let Self::Machine(machine) = self { Some(*machine) } else { None }
    }
}

/// Decides for jobs.
pub struct Job;

impl Job {
    /// Raised whenever the state or the fold changes, so that no older snapshot is used; a golden test tells when that is.
    pub const STATE_FORM: u32 = 4;
}

impl Decider for Job {
    const STREAM: StreamType = StreamType::Job;
    type Command = JobCommand;
    type Event = JobEvent;
    type Error = JobError;
    type State = JobState;

    fn decide(state: &JobState, command: &JobCommand, context: &Context) -> Result<Vec<JobEvent>, JobError> {
        match state {
            JobState::Unknown => planning::create(command, context),
            JobState::Known(order) => order.decide(command, context),
        }
    }

    fn evolve(state: JobState, event: &JobEvent, at: Timestamp) -> JobState {
        state.with(event, at)
    }
}

impl Order {
    fn decide(&self, command: &JobCommand, context: &Context) -> Result<Vec<JobEvent>, JobError> {
        self.check_own(command, context)?;
        let mut log = Log::new(context);
        match command {
            JobCommand::Create { .. } => self.create_again(command)?,
            JobCommand::Revise(details) => self.revise(details, &mut log)?,
            JobCommand::Promise(due) => self.promise(*due, &mut log)?,
            JobCommand::AddOperation(plan) => self.add_operation(plan, &mut log)?,
            JobCommand::RemoveOperation(number) => self.remove_operation(*number, &mut log)?,
            JobCommand::AssignOperator(number, operator) => self.assign(*number, *operator, &mut log)?,
            JobCommand::UnassignOperator(number, operator) => self.unassign(*number, *operator, &mut log)?,
            JobCommand::StartOperation { operation, operator, machine, phase } => {
                let work = AtWork { operator: *operator, machine: *machine, phase: *phase };
                self.start(*operation, work, &mut log)?;
            }
            JobCommand::PauseOperation { operation, operator, reason } => {
                self.pause_operation(*operation, *operator, reason, &mut log)?;
            }
            JobCommand::ResumeOperation(number, operator) => self.resume_operation(*number, *operator, &mut log)?,
            JobCommand::ReportQuantity { operation, operator, quantities, scrap_reason } => {
                let made = Made { quantities: *quantities, scrap_reason: scrap_reason.as_ref() };
                self.report_quantity(*operation, *operator, made, &mut log)?;
            }
            JobCommand::FinishOperation { operation, operator, quantities, scrap_reason } => {
                let made = Made { quantities: *quantities, scrap_reason: scrap_reason.as_ref() };
                self.finish(*operation, *operator, made, &mut log)?;
            }
            JobCommand::ReportWork { report, operation, figures, overlap_reason } => {
                let work = reports::Work { report: *report, operation: *operation, figures };
                self.report_work(work, overlap_reason.as_ref(), &mut log)?;
            }
            JobCommand::CorrectReport { report, figures, reason } => {
                self.correct_report(*report, figures, reason, &mut log)?;
            }
            JobCommand::CallAndon { operation, machine, reason, cause } => {
                self.call_andon(*operation, *machine, (reason, cause), &mut log)?;
            }
            JobCommand::AnswerAndon(number, call) => self.answer_andon(*number, *call, &mut log)?,
            JobCommand::EscalateAndon(number, call) => self.escalate_andon(*number, *call, &mut log)?,
            JobCommand::EndAndon { operation, call, remedy } => {
                self.end_andon(*operation, *call, remedy.as_ref(), &mut log)?;
            }
            JobCommand::Pause(reason) => self.pause(reason, &mut log)?,
            JobCommand::Block { reason, cause } => self.block(reason, cause, &mut log)?,
            JobCommand::Resume => self.resume(&mut log)?,
            JobCommand::Complete => self.complete(&mut log)?,
            JobCommand::Cancel(reason) => self.cancel(reason, &mut log)?,
            JobCommand::Reopen(reason) => self.reopen(reason, &mut log),
        }
        Ok(log.events)
    }
}

/// What was made since the last report.
#[derive(Clone, Copy)]
struct Made<'a> {
    quantities: Quantities,
    scrap_reason: Option<&'a Reason>,
}

impl Made<'_> {
    const NOTHING: Self = Self { quantities: Quantities::NONE, scrap_reason: None };
}

/// The events that a command gives, as they come about.
struct Log<'a> {
    context: &'a Context,
    events: Vec<JobEvent>,
}

impl<'a> Log<'a> {
    const fn new(context: &'a Context) -> Self {
        Self { context, events: Vec::new() }
    }

    fn push(&mut self, event: JobEvent) {
        self.events.push(event);
    }

    /// Identity of the next event, and so of the report that begins with it.
    fn next_event(&self) -> Uuid {
        self.context.command_id.event_id(self.events.len())
    }
}
