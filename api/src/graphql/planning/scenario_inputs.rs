//! What mutations of what-ifs take.

use async_graphql::{ID, InputObject, OneofObject};
use domain::kernel::{AssumptionId, ScenarioId, TenantId};
use domain::machines::work_center::Reason;
use domain::run::Command;
use domain::scheduling::scenario::{Assumption, ScenarioCommand, ScenarioName};
use uuid::Uuid;

use crate::graphql::errors::UserError;
use crate::graphql::mutation::{
    CommandFields, CommandInput, JobRef, MachineRef, OperatorRef, ToolRef, identity, optional_text, text,
};
use crate::graphql::scalars::{DateTime, UuidText};
use crate::planning::Publishing;

/// Makes a what-if from the plan as it is now.
#[derive(InputObject)]
pub struct OpenScenarioInput {
    /// What it is called.
    name: String,
    /// The fields that every input has.
    #[graphql(flatten)]
    pub fields: CommandFields,
}

impl OpenScenarioInput {
    /// What it is called.
    pub fn name(&self) -> Result<ScenarioName, UserError> {
        text("name", ScenarioName::try_new, &self.name)
    }
}

/// A what-if.
#[derive(InputObject)]
pub struct ScenarioInput {
    /// Which.
    scenario_id: ID,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl ScenarioInput {
    /// The input of a command that needs nothing but the what-if.
    pub fn asking(self, command: ScenarioCommand) -> impl CommandInput {
        Plain { input: self, command }
    }
}

struct Plain {
    input: ScenarioInput,
    command: ScenarioCommand,
}

impl CommandInput for Plain {
    fn into_command(self, _: TenantId) -> Result<(Command, CommandFields), UserError> {
        asked(&self.input.scenario_id, self.command, self.input.fields)
    }
}

/// Gives a what-if another name.
#[derive(InputObject)]
pub struct RenameScenarioInput {
    /// Which.
    scenario_id: ID,
    /// What it is called from now on.
    name: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RenameScenarioInput {
    fn into_command(self, _: TenantId) -> Result<(Command, CommandFields), UserError> {
        let name = text("name", ScenarioName::try_new, &self.name)?;
        asked(&self.scenario_id, ScenarioCommand::Rename(name), self.fields)
    }
}

/// A machine, from one instant to another.
#[derive(InputObject)]
pub struct MachineTimeInput {
    #[graphql(flatten)]
    machine: MachineRef,
    /// From when.
    from: DateTime,
    /// Until when.
    until: DateTime,
}

/// An operator, from one instant to another.
#[derive(InputObject)]
pub struct OperatorTimeInput {
    #[graphql(flatten)]
    operator: OperatorRef,
    /// From when.
    from: DateTime,
    /// Until when.
    until: DateTime,
}

/// A job and a date.
#[derive(InputObject)]
pub struct JobDueInput {
    #[graphql(flatten)]
    job: JobRef,
    /// When it is due.
    due: DateTime,
}

/// A tool and how many there are of it.
#[derive(InputObject)]
pub struct ToolCountInput {
    #[graphql(flatten)]
    tool: ToolRef,
    /// How many, 0 to 1000.
    count: u16,
}

/// Something that a what-if assumes: one of these.
#[derive(OneofObject)]
pub enum AssumptionInput {
    /// A machine stands still.
    MachineOut(MachineTimeInput),
    /// A machine is open besides its calendar.
    MachineOpen(MachineTimeInput),
    /// An operator is away.
    OperatorOut(OperatorTimeInput),
    /// An operator works besides their calendar.
    OperatorAtWork(OperatorTimeInput),
    /// A job is due at another date.
    JobDue(JobDueInput),
    /// A job is not done at all.
    JobLeftOut(JobRef),
    /// There are more or fewer of a tool.
    ToolCount(ToolCountInput),
}

impl AssumptionInput {
    fn read(&self, tenant: TenantId) -> Result<Assumption, UserError> {
        Ok(match self {
            Self::MachineOut(MachineTimeInput { machine, from, until }) => {
                Assumption::MachineOut { machine: machine.require(tenant)?, from: from.0, until: until.0 }
            }
            Self::MachineOpen(MachineTimeInput { machine, from, until }) => {
                Assumption::MachineOpen { machine: machine.require(tenant)?, from: from.0, until: until.0 }
            }
            Self::OperatorOut(OperatorTimeInput { operator, from, until }) => {
                Assumption::OperatorOut { operator: operator.require(tenant)?, from: from.0, until: until.0 }
            }
            Self::OperatorAtWork(OperatorTimeInput { operator, from, until }) => {
                Assumption::OperatorAtWork { operator: operator.require(tenant)?, from: from.0, until: until.0 }
            }
            Self::JobDue(JobDueInput { job, due }) => Assumption::JobDue { job: job.require(tenant)?, due: due.0 },
            Self::JobLeftOut(job) => Assumption::JobLeftOut { job: job.require(tenant)? },
            Self::ToolCount(ToolCountInput { tool, count }) => {
                Assumption::ToolCount { tool: tool.require(tenant)?, count: *count }
            }
        })
    }
}

/// Assumes something in a what-if.
#[derive(InputObject)]
pub struct AssumeInput {
    /// In which.
    scenario_id: ID,
    /// Identity of the assumption, made by you: the same again is nothing.
    assumption_id: UuidText,
    /// What.
    assumption: AssumptionInput,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for AssumeInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let assumed = self.assumption.read(tenant)?;
        asked(&self.scenario_id, ScenarioCommand::Assume(AssumptionId(self.assumption_id.0), assumed), self.fields)
    }
}

/// Assumes something no more.
#[derive(InputObject)]
pub struct WithdrawAssumptionInput {
    /// In which what-if.
    scenario_id: ID,
    /// What.
    assumption_id: ID,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for WithdrawAssumptionInput {
    fn into_command(self, _: TenantId) -> Result<(Command, CommandFields), UserError> {
        let assumption = AssumptionId(identity("assumptionId", &self.assumption_id)?);
        asked(&self.scenario_id, ScenarioCommand::Withdraw(assumption), self.fields)
    }
}

/// Publishes a what-if onto the plan as it is now.
#[derive(InputObject)]
pub struct PublishScenarioInput {
    /// Which.
    scenario_id: ID,
    /// Publish what still can be, where the plan has changed under it. Without, that is refused with `SCENARIO_OUTDATED`.
    #[graphql(default)]
    partly: bool,
    /// Why; where the policy of the plan asks for it, needed when there are conflicts.
    reason: Option<String>,
    /// The fields that every input has.
    #[graphql(flatten)]
    pub fields: CommandFields,
}

impl PublishScenarioInput {
    /// Checks the reason.
    pub fn read(&self) -> Result<Publishing, UserError> {
        let reason = optional_text("reason", Reason::try_new, self.reason.as_deref())?;
        Ok(Publishing { scenario: scenario(&self.scenario_id)?, partly: self.partly, reason })
    }
}

/// Which what-if.
pub fn scenario(id: &ID) -> Result<ScenarioId, UserError> {
    identity("scenarioId", id).map(ScenarioId)
}

fn asked(id: &ID, command: ScenarioCommand, fields: CommandFields) -> Result<(Command, CommandFields), UserError> {
    Ok((Command::Scenario(scenario(id)?, Box::new(command)), fields))
}

/// The identity of what is made under this name for an intention; the same again is the same.
pub fn made(tenant: TenantId, fields: &CommandFields) -> Option<Uuid> {
    fields.command_id().map(|id| Uuid::new_v5(&tenant.0, id.as_bytes()))
}
