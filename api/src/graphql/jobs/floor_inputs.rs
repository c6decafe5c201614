//! What may be asked on the shop floor: assign, start, pause, report, finish, correct.

use async_graphql::{ID, InputObject};
use domain::jobs::job::JobCommand;
use domain::jobs::operation::{OperationNumber, Quantities, WorkFigures};
use domain::kernel::{AndonCallId, ReportId, TenantId};
use domain::machines::work_center::Reason;
use domain::run::Command;

use super::Phase;
use super::inputs::BlockCauseKind;
use crate::graphql::errors::UserError;
use crate::graphql::mutation::{
    CommandFields, CommandInput, JobRef, MachineRef, OperatorRef, identity, optional_text, text,
};
use crate::graphql::scalars::{DateTime, Decimal, UuidText};

/// An operation of a job, and an operator.
#[derive(InputObject)]
pub struct OperationOperatorInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Number of the operation.
    operation: u16,
    #[graphql(flatten)]
    operator: OperatorRef,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl OperationOperatorInput {
    /// The input of a command that needs an operation and an operator.
    pub fn asking(self, command: fn(OperationNumber, domain::kernel::OperatorId) -> JobCommand) -> impl CommandInput {
        OnOperation { input: self, command }
    }
}

struct OnOperation {
    input: OperationOperatorInput,
    command: fn(OperationNumber, domain::kernel::OperatorId) -> JobCommand,
}

impl CommandInput for OnOperation {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let Self { input, command } = self;
        let command = command(OperationNumber(input.operation), input.operator.require(tenant)?);
        Ok((Command::Job(input.job.require(tenant)?, command), input.fields))
    }
}

/// An operator begins an operation, or goes on in another phase.
#[derive(InputObject)]
pub struct StartOperationInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Number of the operation.
    operation: u16,
    #[graphql(flatten)]
    operator: OperatorRef,
    #[graphql(flatten)]
    machine: MachineRef,
    /// Setup or run.
    #[graphql(default_with = "Phase::Run")]
    phase: Phase,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for StartOperationInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = JobCommand::StartOperation {
            operation: OperationNumber(self.operation),
            operator: self.operator.require(tenant)?,
            machine: self.machine.find(tenant)?,
            phase: self.phase.into(),
        };
        Ok((Command::Job(self.job.require(tenant)?, command), self.fields))
    }
}

/// An operator, or everybody on the operation, stops for a while.
#[derive(InputObject)]
pub struct PauseOperationInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Number of the operation.
    operation: u16,
    #[graphql(flatten)]
    operator: OperatorRef,
    /// Why.
    reason: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for PauseOperationInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = JobCommand::PauseOperation {
            operation: OperationNumber(self.operation),
            operator: self.operator.find(tenant)?,
            reason: text("reason", Reason::try_new, &self.reason)?,
        };
        Ok((Command::Job(self.job.require(tenant)?, command), self.fields))
    }
}

/// Somebody on the floor needs help with an operation.
#[derive(InputObject)]
pub struct CallAndonInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Number of the operation.
    operation: u16,
    /// What is wrong.
    reason: String,
    /// What stands in the way.
    #[graphql(default_with = "BlockCauseKind::Other")]
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

impl CommandInput for CallAndonInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = JobCommand::CallAndon {
            operation: OperationNumber(self.operation),
            machine: self.machine.find(tenant)?,
            reason: text("reason", Reason::try_new, &self.reason)?,
            cause: self.cause.naming(tenant, (&self.machine, &self.operator, self.material.as_deref()))?,
        };
        Ok((Command::Job(self.job.require(tenant)?, command), self.fields))
    }
}

fn call(named: Option<&ID>) -> Result<Option<AndonCallId>, UserError> {
    named.map(|id| identity("callId", id).map(AndonCallId)).transpose()
}

/// Somebody takes care of a call.
#[derive(InputObject)]
pub struct AnswerAndonInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Number of the operation.
    operation: u16,
    /// Which call: the `commandId` of its `callAndon`. The one that is open when absent.
    call_id: Option<ID>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for AnswerAndonInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = JobCommand::AnswerAndon(OperationNumber(self.operation), call(self.call_id.as_ref())?);
        Ok((Command::Job(self.job.require(tenant)?, command), self.fields))
    }
}

/// A call is over; work may go on.
#[derive(InputObject)]
pub struct EndAndonInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Number of the operation.
    operation: u16,
    /// Which call: the `commandId` of its `callAndon`. The one that is open when absent.
    call_id: Option<ID>,
    /// What was done about it.
    remedy: Option<String>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for EndAndonInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = JobCommand::EndAndon {
            operation: OperationNumber(self.operation),
            call: call(self.call_id.as_ref())?,
            remedy: optional_text("remedy", Reason::try_new, self.remedy.as_deref())?,
        };
        Ok((Command::Job(self.job.require(tenant)?, command), self.fields))
    }
}

/// What was made, in the job's unit, and why something was lost.
#[derive(InputObject)]
pub struct QuantitiesInput {
    /// Good at the first go.
    #[graphql(default)]
    good: Decimal,
    /// Lost.
    #[graphql(default)]
    scrap: Decimal,
    /// Good after having been worked again.
    #[graphql(default)]
    rework: Decimal,
    /// Held for review.
    #[graphql(default)]
    held: Decimal,
    /// Why something was lost.
    scrap_reason: Option<String>,
}

impl QuantitiesInput {
    fn read(self) -> Result<(Quantities, Option<Reason>), UserError> {
        let reason = optional_text("scrapReason", Reason::try_new, self.scrap_reason.as_deref())?;
        let Self { good, scrap, rework, held, .. } = self;
        Ok((Quantities { good: good.0, scrap: scrap.0, rework: rework.0, held: held.0 }, reason))
    }
}

/// What an operator at work has made since their last report.
#[derive(InputObject)]
pub struct ReportQuantityInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Number of the operation.
    operation: u16,
    #[graphql(flatten)]
    operator: OperatorRef,
    #[graphql(flatten)]
    made: QuantitiesInput,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for ReportQuantityInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let (quantities, scrap_reason) = self.made.read()?;
        let command = JobCommand::ReportQuantity {
            operation: OperationNumber(self.operation),
            operator: self.operator.require(tenant)?,
            quantities,
            scrap_reason,
        };
        Ok((Command::Job(self.job.require(tenant)?, command), self.fields))
    }
}

/// Ends an operation, with the last quantities where there are any.
#[derive(InputObject)]
pub struct FinishOperationInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Number of the operation.
    operation: u16,
    #[graphql(flatten)]
    operator: OperatorRef,
    #[graphql(flatten)]
    made: QuantitiesInput,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for FinishOperationInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let (quantities, scrap_reason) = self.made.read()?;
        let command = JobCommand::FinishOperation {
            operation: OperationNumber(self.operation),
            operator: self.operator.find(tenant)?,
            quantities,
            scrap_reason,
        };
        Ok((Command::Job(self.job.require(tenant)?, command), self.fields))
    }
}

/// An interval `[start, end)` of one operator's work on one operation, and what it made.
#[derive(InputObject)]
pub struct WorkFiguresInput {
    #[graphql(flatten)]
    operator: OperatorRef,
    #[graphql(flatten)]
    machine: MachineRef,
    /// Setup, run or break.
    #[graphql(default_with = "Phase::Run")]
    phase: Phase,
    /// From when.
    start: DateTime,
    /// Until when; not before `start`.
    end: DateTime,
    #[graphql(flatten)]
    made: QuantitiesInput,
    /// Whether it was work on pieces that had been made before.
    #[graphql(default)]
    is_rework: bool,
}

impl WorkFiguresInput {
    fn read(self, tenant: TenantId) -> Result<WorkFigures, UserError> {
        let (quantities, scrap_reason) = self.made.read()?;
        Ok(WorkFigures {
            operator: self.operator.require(tenant)?,
            machine: self.machine.find(tenant)?,
            phase: self.phase.into(),
            start: self.start.0,
            end: self.end.0,
            quantities,
            scrap_reason,
            rework: self.is_rework,
        })
    }
}

/// Reports a whole interval of work after it ended.
#[derive(InputObject)]
pub struct ReportWorkInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Number of the operation.
    operation: u16,
    /// Identity of the report, made by you. The same again with the same figures changes nothing; with others it is refused.
    report_id: UuidText,
    #[graphql(flatten)]
    figures: WorkFiguresInput,
    /// Why it overlaps another report of the same operator on the operation, should it do so.
    overlap_reason: Option<String>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for ReportWorkInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = JobCommand::ReportWork {
            report: ReportId(self.report_id.0),
            operation: OperationNumber(self.operation),
            figures: self.figures.read(tenant)?,
            overlap_reason: optional_text("overlapReason", Reason::try_new, self.overlap_reason.as_deref())?,
        };
        Ok((Command::Job(self.job.require(tenant)?, command), self.fields))
    }
}

/// Corrects a report. All figures are replaced; the old ones stay in the history.
#[derive(InputObject)]
pub struct CorrectReportInput {
    #[graphql(flatten)]
    job: JobRef,
    /// Identity of the report.
    report_id: UuidText,
    #[graphql(flatten)]
    figures: WorkFiguresInput,
    /// Why it is corrected.
    reason: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for CorrectReportInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = JobCommand::CorrectReport {
            report: ReportId(self.report_id.0),
            reason: text("reason", Reason::try_new, &self.reason)?,
            figures: self.figures.read(tenant)?,
        };
        Ok((Command::Job(self.job.require(tenant)?, command), self.fields))
    }
}
