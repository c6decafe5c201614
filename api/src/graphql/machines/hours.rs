//! When machines work, and their planned maintenance.

use async_graphql::{ComplexObject, Context, Error, InputObject, SimpleObject};
use domain::kernel::{Interval, TenantId};
use domain::machines::machine::MachineCommand;
use domain::machines::maintenance::{Maintenance, MaintenanceCommand};
use domain::machines::work_center::{Reason, WorkCenterCommand};
use domain::run::Command;
use projections::open_time::Hours;
use projections::work_center_board::WorkCenterBoard;

use super::Machine;
use crate::auth::caller;
use crate::graphql::calendars::{Span, told, touches, window};
use crate::graphql::deps;
use crate::graphql::errors::{self, UserError};
use crate::graphql::mutation::{CalendarRef, CommandFields, CommandInput, MachineRef, WorkCenterRef, text};
use crate::graphql::references::rows;
use crate::graphql::scalars::DateTime;

/// Planned maintenance of a machine.
#[derive(SimpleObject)]
#[graphql(name = "Maintenance")]
pub struct PlannedMaintenance {
    /// Its number on this machine.
    number: u32,
    /// From when the machine stands still.
    from: DateTime,
    /// The first instant at which it does not any more.
    until: DateTime,
    /// What is done.
    reason: String,
}

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[ComplexObject]
impl Machine {
    /// Planned maintenance by number, what is over left out.
    async fn maintenance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is not over by then; now when absent.")] from: Option<DateTime>,
        #[graphql(desc = "What begins before then.")] until: Option<DateTime>,
    ) -> Result<Vec<PlannedMaintenance>, Error> {
        let from = from.map_or(deps(ctx)?.clock.now(), |from| from.0);
        let planned = self.row.maintenance.iter().filter(|(_, planned)| touches(planned.when, from, until));
        let told = planned.map(|(number, Maintenance { when, reason })| PlannedMaintenance {
            number,
            from: when.from.into(),
            until: when.until.into(),
            reason: reason.to_string(),
        });
        Ok(told.collect())
    }

    /// When it works within `[from, until)`, maintenance left out: 92 days at most. By its own calendar, else its work center's, else the
    /// company's, else always; never when it is retired.
    async fn open_time(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first instant that counts.")] from: DateTime,
        #[graphql(desc = "The first instant that does not count any more.")] until: DateTime,
    ) -> Result<Vec<Span>, Error> {
        let (tenant, deps) = (caller(ctx)?.tenant, deps(ctx)?);
        let window = window(from, until)?;
        let place = rows::<WorkCenterBoard>(deps, tenant, std::iter::once(self.row.work_center.0)).await?.pop();
        let calendars = self.row.calendar.into_iter().chain(place.as_ref().and_then(|place| place.calendar));
        let hours = Hours::with(&*deps.views, tenant, calendars).await.map_err(errors::view_failure(deps))?;
        told(window, hours.of_machine(&self.row, place.as_ref(), window.seconds()))
    }
}

/// Says when the machines of a work center work.
#[derive(InputObject)]
pub struct SetWorkCenterCalendarInput {
    #[graphql(flatten)]
    work_center: WorkCenterRef,
    #[graphql(flatten)]
    calendar: CalendarRef,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetWorkCenterCalendarInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = WorkCenterCommand::SetCalendar(self.calendar.find(tenant)?);
        Ok((Command::WorkCenter(self.work_center.require(tenant)?, command), self.fields))
    }
}

/// Says when a machine works.
#[derive(InputObject)]
pub struct SetMachineCalendarInput {
    #[graphql(flatten)]
    machine: MachineRef,
    #[graphql(flatten)]
    calendar: CalendarRef,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for SetMachineCalendarInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = MachineCommand::SetCalendar(self.calendar.find(tenant)?);
        Ok((Command::Machine(self.machine.require(tenant)?, command), self.fields))
    }
}

/// When a machine stands still, and what is done.
#[derive(InputObject)]
pub struct MaintenanceInput {
    /// From when.
    from: DateTime,
    /// The first instant at which it works again.
    until: DateTime,
    /// What is done.
    reason: String,
}

impl MaintenanceInput {
    fn read(&self) -> Result<Maintenance, UserError> {
        let reason = text("reason", Reason::try_new, &self.reason)?;
        Ok(Maintenance { when: Interval { from: self.from.0, until: self.until.0 }, reason })
    }
}

/// Plans maintenance of a machine.
#[derive(InputObject)]
pub struct PlanMaintenanceInput {
    #[graphql(flatten)]
    machine: MachineRef,
    #[graphql(flatten)]
    planned: MaintenanceInput,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for PlanMaintenanceInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = MachineCommand::Maintain(MaintenanceCommand::Plan(self.planned.read()?));
        Ok((Command::Machine(self.machine.require(tenant)?, command), self.fields))
    }
}

/// Plans maintenance of a machine otherwise.
#[derive(InputObject)]
pub struct ChangeMaintenanceInput {
    #[graphql(flatten)]
    machine: MachineRef,
    /// Its number on this machine.
    maintenance: u32,
    #[graphql(flatten)]
    planned: MaintenanceInput,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for ChangeMaintenanceInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let command = MachineCommand::Maintain(MaintenanceCommand::Change(self.maintenance, self.planned.read()?));
        Ok((Command::Machine(self.machine.require(tenant)?, command), self.fields))
    }
}

/// Cancels planned maintenance of a machine.
#[derive(InputObject)]
pub struct CancelMaintenanceInput {
    #[graphql(flatten)]
    machine: MachineRef,
    /// Its number on this machine.
    maintenance: u32,
    /// Why.
    reason: String,
    #[graphql(flatten)]
    fields: CommandFields,
}

impl CommandInput for CancelMaintenanceInput {
    fn into_command(self, tenant: TenantId) -> Result<(Command, CommandFields), UserError> {
        let reason = text("reason", Reason::try_new, &self.reason)?;
        let command = MachineCommand::Maintain(MaintenanceCommand::Cancel(self.maintenance, reason));
        Ok((Command::Machine(self.machine.require(tenant)?, command), self.fields))
    }
}
