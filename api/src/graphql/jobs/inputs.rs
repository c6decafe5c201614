//! What may be asked of a job as a whole: create, change, plan, stop, end.

use async_graphql::{Enum, InputObject};
use domain::jobs::job::{BlockCause, CustomerName, JobCommand, JobDetails, JobNumber, NoteText, ProductName, Unit};
use domain::jobs::operation::{OperationNumber, OperationPlan};
use domain::kernel::{JobId, TenantId};
use domain::machines::work_center::Reason;
use domain::run::Command;
use domain::scheduling::placement::Placement;
use domain::scheduling::site_plan::PlanCommand;

use super::plan::OperationPlanInput;
use crate::graphql::errors::{self, UserError};
use crate::graphql::mutation::{CommandFields, CommandInput, JobRef, MachineRef, OperatorRef, optional_text, text};
use crate::graphql::scalars::{DateTime, Decimal};

/// What a job is about.
#[derive(InputObject)]
pub struct JobDetailsInput {
    /// What is made.
    product: Option<String>,
    /// For whom.
    customer: Option<String>,
    /// How much; absent when nobody said.
    quantity: Option<Decimal>,
    /// In what unit.
    #[graphql(default_with = "String::from(\"pcs\")")]
    unit: String,
    /// 1 (least) to 100 (most); 50 is ordinary.
    #[graphql(default = 50)]
    priority: u8,
    /// Not to be started before.
    release: Option<DateTime>,
    /// What else people should know.
    notes: Option<String>,
}

impl JobDetailsInput {
    fn read(self) -> Result<JobDetails, UserError> {
        Ok(JobDetails {
            product: optional_text("product", ProductName::try_new, self.product.as_deref())?,
            customer: optional_text("customer", CustomerName::try_new, self.customer.as_deref())?,
            quantity: self.quantity.map(|quantity| quantity.0),
            unit: text("unit", Unit::try_new, &self.unit)?,
            priority: self.priority,
            release: self.release.map(|instant| instant.0),
            notes: optional_text("notes", NoteText::try_new, self.notes.as_deref())?,
        })
    }
}

/// Takes on a job.
#[derive(InputObject)]
pub struct CreateJobInput {
    /// Its number: unique, never changed.
    number: String,
    #[graphql(flatten)]
    details: JobDetailsInput,
    /// The date that the customer asked for.
    due: Option<DateTime>,
    /// Its operations; their numbers must differ.
    #[graphql(default)]
    operations: Vec<OperationPlanInput>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for CreateJobInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let number = text("number", JobNumber::try_new, &self.number)?;
        let operations: Result<Vec<OperationPlan>, UserError> =
            self.operations.into_iter().map(|operation| operation.read(tenant)).collect();
        let command = JobCommand::Create {
            details: self.details.read()?,
            due: self.due.map(|instant| instant.0),
            operations: operations?,
            number: number.clone(),
        };
        Ok((Command::Job(JobId::from_key(tenant, number.as_str()), command), self.fields))
    }
}

/// Changes what a job is about. All details are replaced: send those that stay as they are, too.
#[derive(InputObject)]
pub struct ReviseJobInput {
    #[graphql(flatten)]
    job: JobRef,
    #[graphql(flatten)]
    details: JobDetailsInput,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for ReviseJobInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = JobCommand::Revise(self.details.read()?);
        Ok((Command::Job(self.job.require(tenant)?, command), self.fields))
    }
}

/// Promises a date. Every promise is kept, the newest counts.
#[derive(InputObject)]
pub struct PromiseJobInput {
    #[graphql(flatten)]
    job: JobRef,
    /// The promised date.
    due: DateTime,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for PromiseJobInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        Ok((Command::Job(self.job.require(tenant)?, JobCommand::Promise(self.due.0)), self.fields))
    }
}

/// Adds an operation to a job.
#[derive(InputObject)]
pub struct AddOperationInput {
    #[graphql(flatten)]
    job: JobRef,
    /// The operation.
    operation: OperationPlanInput,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for AddOperationInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = JobCommand::AddOperation(self.operation.read(tenant)?);
        Ok((Command::Job(self.job.require(tenant)?, command), self.fields))
    }
}

/// Removes an operation that nobody has begun.
#[derive(InputObject)]
pub struct RemoveOperationInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Number of the operation.
    operation: u16,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RemoveOperationInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = JobCommand::RemoveOperation(OperationNumber(self.operation));
        Ok((Command::Job(self.job.require(tenant)?, command), self.fields))
    }
}

/// Where and when the plan puts an operation.
#[derive(InputObject)]
pub struct PlannedWindowInput {
    /// Number of the operation.
    operation: u16,
    #[graphql(flatten)]
    machine: MachineRef,
    #[graphql(flatten)]
    operator: OperatorRef,
    /// Planned start, a whole second, not in the past.
    start: DateTime,
    /// Planned end, a whole second; not before `start`.
    end: DateTime,
}

/// Says when operations of a job are planned; those that are not named stay where they are.
#[derive(InputObject)]
pub struct ScheduleJobInput {
    #[graphql(flatten)]
    job: JobRef,
    /// One window for each planned operation.
    windows: Vec<PlannedWindowInput>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl ScheduleJobInput {
    /// The job, and where its operations are to be.
    pub fn read(self, tenant: TenantId) -> Result<(JobId, Vec<Placement>, CommandFields), UserError> {
        let job = self.job.require(tenant)?;
        let placement = |window: PlannedWindowInput| {
            let (machine, operator) = (window.machine.find(tenant)?, window.operator.find(tenant)?);
            let (operation, start, end) = (OperationNumber(window.operation), window.start.0, window.end.0);
            Ok(Placement { job, operation, machine, operator, start, run_start: start, end })
        };
        let placements = self.windows.into_iter().map(placement).collect::<Result<_, UserError>>()?;
        Ok((job, placements, self.fields))
    }
}

/// A job, and nothing else to say.
#[derive(InputObject)]
pub struct JobInput {
    #[graphql(flatten)]
    job: JobRef,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl JobInput {
    /// The input of a command that needs nothing but the job.
    pub fn asking(self, command: JobCommand) -> impl CommandInput {
        Plain { input: self, command }
    }

    /// The job, and the command that takes it out of the plan.
    pub fn unschedule(self, tenant: TenantId) -> Result<(JobId, PlanCommand, CommandFields), UserError> {
        let job = self.job.require(tenant)?;
        Ok((job, PlanCommand::TakeOutJob { job, reason: None }, self.fields))
    }
}

struct Plain {
    input: JobInput,
    command: JobCommand,
}

impl CommandInput for Plain {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        Ok((Command::Job(self.input.job.require(tenant)?, self.command), self.input.fields))
    }
}

/// A job and a reason.
#[derive(InputObject)]
pub struct JobReasonInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Why.
    reason: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl JobReasonInput {
    /// The input of a command that needs the job and a reason.
    pub fn asking(self, command: fn(Reason) -> JobCommand) -> impl CommandInput {
        Reasoned { input: self, command }
    }
}

struct Reasoned {
    input: JobReasonInput,
    command: fn(Reason) -> JobCommand,
}

impl CommandInput for Reasoned {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let reason = text("reason", Reason::try_new, &self.input.reason)?;
        Ok((Command::Job(self.input.job.require(tenant)?, (self.command)(reason)), self.input.fields))
    }
}

/// The kinds of things that can stand in the way of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum BlockCauseKind {
    /// A machine: name it.
    Machine,
    /// A material: say which.
    Material,
    /// A question of quality.
    Quality,
    /// A person: name the operator.
    Person,
    /// Something else.
    Other,
}

/// Something stops a job.
#[derive(InputObject)]
pub struct BlockJobInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Why.
    reason: String,
    /// What stands in the way.
    cause: BlockCauseKind,
    #[graphql(flatten)]
    machine: MachineRef,
    #[graphql(flatten)]
    operator: OperatorRef,
    /// With `MATERIAL`: its name or SKU.
    material: Option<String>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl BlockCauseKind {
    /// The cause of this kind, with what it names.
    pub fn naming(
        self,
        tenant: TenantId,
        (machine, operator, material): (&MachineRef, &OperatorRef, Option<&str>),
    ) -> Result<BlockCause, UserError> {
        Ok(match self {
            Self::Machine => BlockCause::Machine(machine.require(tenant)?),
            Self::Person => BlockCause::Person(operator.require(tenant)?),
            Self::Quality => BlockCause::Quality,
            Self::Other => BlockCause::Other,
            Self::Material => {
                let material = optional_text("material", Reason::try_new, material)?;
                let missing = || UserError::new(errors::BAD_REFERENCE, Some("material"), "say which material");
                BlockCause::Material(material.ok_or_else(missing)?)
            }
        })
    }
}

impl CommandInput for BlockJobInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let cause = self.cause.naming(tenant, (&self.machine, &self.operator, self.material.as_deref()))?;
        let reason = text("reason", Reason::try_new, &self.reason)?;
        Ok((Command::Job(self.job.require(tenant)?, JobCommand::Block { reason, cause }), self.fields))
    }
}
