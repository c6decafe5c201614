//! What may be asked of work centers and machines.

use async_graphql::InputObject;
use domain::kernel::{MachineId, TenantId, WorkCenterId};
use domain::machines::machine::{MachineCode, MachineCommand, MachineName, MachineRating};
use domain::machines::work_center::{AreaName, Reason, WorkCenterCode, WorkCenterCommand, WorkCenterName};
use domain::run::Command;

use super::MachineStatus;
use crate::graphql::errors::UserError;
use crate::graphql::mutation::{CommandFields, CommandInput, MachineRef, WorkCenterRef, optional_text, text};
use crate::graphql::scalars::Decimal;

/// Sets up a work center.
#[derive(InputObject)]
pub struct CreateWorkCenterInput {
    /// Its code: unique, never changed.
    code: String,
    /// What people call it.
    name: String,
    /// The part of the site that it stands in.
    area: Option<String>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for CreateWorkCenterInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let code = text("code", WorkCenterCode::try_new, &self.code)?;
        let name = text("name", WorkCenterName::try_new, &self.name)?;
        let area = optional_text("area", AreaName::try_new, self.area.as_deref())?;
        let id = WorkCenterId::from_key(tenant, code.as_str());
        Ok((Command::WorkCenter(id, WorkCenterCommand::Create { code, name, area }), self.fields))
    }
}

/// Gives a work center another name.
#[derive(InputObject)]
pub struct RenameWorkCenterInput {
    #[graphql(flatten)]
    work_center: WorkCenterRef,
    /// The new name.
    name: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RenameWorkCenterInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = WorkCenterCommand::Rename(text("name", WorkCenterName::try_new, &self.name)?);
        Ok((Command::WorkCenter(self.work_center.require(tenant)?, command), self.fields))
    }
}

/// Puts a work center in another area.
#[derive(InputObject)]
pub struct MoveWorkCenterInput {
    #[graphql(flatten)]
    work_center: WorkCenterRef,
    /// The new area; none when absent.
    area: Option<String>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for MoveWorkCenterInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = WorkCenterCommand::Move(optional_text("area", AreaName::try_new, self.area.as_deref())?);
        Ok((Command::WorkCenter(self.work_center.require(tenant)?, command), self.fields))
    }
}

/// Takes a work center out of use.
#[derive(InputObject)]
pub struct RetireWorkCenterInput {
    #[graphql(flatten)]
    work_center: WorkCenterRef,
    /// Why.
    reason: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RetireWorkCenterInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = WorkCenterCommand::Retire(text("reason", Reason::try_new, &self.reason)?);
        Ok((Command::WorkCenter(self.work_center.require(tenant)?, command), self.fields))
    }
}

/// What a machine can do and costs.
#[derive(InputObject)]
pub struct MachineRatingInput {
    /// How many operations at once, 1 to 1000.
    #[graphql(default = 1)]
    capacity: u16,
    /// Speed against the standard time in percent, 1 to 1000; 100 is as planned.
    #[graphql(default = 100)]
    speed_percent: u16,
    /// Cost per hour in the company's currency.
    hourly_cost: Option<Decimal>,
}

impl From<MachineRatingInput> for MachineRating {
    fn from(input: MachineRatingInput) -> Self {
        Self {
            capacity: input.capacity,
            speed_percent: input.speed_percent,
            hourly_cost: input.hourly_cost.map(|cost| cost.0),
        }
    }
}

/// Sets up a machine, available.
#[derive(InputObject)]
pub struct RegisterMachineInput {
    /// Its code: unique, never changed.
    code: String,
    /// What people call it.
    name: String,
    #[graphql(flatten)]
    work_center: WorkCenterRef,
    #[graphql(flatten)]
    rating: MachineRatingInput,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RegisterMachineInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let code = text("code", MachineCode::try_new, &self.code)?;
        let name = text("name", MachineName::try_new, &self.name)?;
        let work_center = self.work_center.require(tenant)?;
        let id = MachineId::from_key(tenant, code.as_str());
        let command = MachineCommand::Register { code, name, work_center, rating: self.rating.into() };
        Ok((Command::Machine(id, command), self.fields))
    }
}

/// Gives a machine another name.
#[derive(InputObject)]
pub struct RenameMachineInput {
    #[graphql(flatten)]
    machine: MachineRef,
    /// The new name.
    name: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RenameMachineInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = MachineCommand::Rename(text("name", MachineName::try_new, &self.name)?);
        Ok((Command::Machine(self.machine.require(tenant)?, command), self.fields))
    }
}

/// Moves a machine to another work center.
#[derive(InputObject)]
pub struct MoveMachineInput {
    #[graphql(flatten)]
    machine: MachineRef,
    #[graphql(flatten)]
    work_center: WorkCenterRef,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for MoveMachineInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = MachineCommand::MoveTo(self.work_center.require(tenant)?);
        Ok((Command::Machine(self.machine.require(tenant)?, command), self.fields))
    }
}

/// Changes what a machine can do and costs. Replaces all three figures.
#[derive(InputObject)]
pub struct RateMachineInput {
    #[graphql(flatten)]
    machine: MachineRef,
    #[graphql(flatten)]
    rating: MachineRatingInput,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for RateMachineInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = MachineCommand::Rate(self.rating.into());
        Ok((Command::Machine(self.machine.require(tenant)?, command), self.fields))
    }
}

/// Says what a machine is doing.
#[derive(InputObject)]
pub struct ChangeMachineStatusInput {
    #[graphql(flatten)]
    machine: MachineRef,
    /// The new status.
    status: MachineStatus,
    /// Why; needed for `DOWN`, `MAINTENANCE` and `RETIRED`.
    reason: Option<String>,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for ChangeMachineStatusInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let reason = optional_text("reason", Reason::try_new, self.reason.as_deref())?;
        let command = MachineCommand::ChangeStatus { status: self.status.into(), reason };
        Ok((Command::Machine(self.machine.require(tenant)?, command), self.fields))
    }
}
