//! Changes of work centers and machines.

use async_graphql::{ComplexObject, Context, Error, Object, SimpleObject};
use domain::kernel::roles::Action;

use super::changeovers::SetChangeoversInput;
use super::hours::{
    CancelMaintenanceInput, ChangeMaintenanceInput, PlanMaintenanceInput, SetMachineCalendarInput,
    SetWorkCenterCalendarInput,
};
use super::inputs::{
    ChangeMachineStatusInput, CreateWorkCenterInput, MoveMachineInput, MoveWorkCenterInput, RateMachineInput,
    RegisterMachineInput, RenameMachineInput, RenameWorkCenterInput, RetireWorkCenterInput,
};
use super::{Machine, WorkCenter, machine, work_center};
use crate::graphql::mutation::{CommandInput, Outcome, run};
use crate::graphql::scalars::Position;
use crate::graphql::{deps, permitted, settle};

/// What became of a change of a work center.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct WorkCenterPayload {
    #[graphql(flatten)]
    outcome: Outcome,
}

#[ComplexObject]
impl WorkCenterPayload {
    /// The work center after the change; null when nothing was done.
    async fn work_center(&self, ctx: &Context<'_>) -> Result<Option<WorkCenter>, Error> {
        let Some((id, position)) = self.outcome.changed() else { return Ok(None) };
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, Some(Position(position))).await?;
        work_center(deps(ctx)?, caller.tenant, Some(id)).await
    }
}

/// What became of a change of a machine.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct MachinePayload {
    #[graphql(flatten)]
    outcome: Outcome,
}

#[ComplexObject]
impl MachinePayload {
    /// The machine after the change; null when nothing was done.
    async fn machine(&self, ctx: &Context<'_>) -> Result<Option<Machine>, Error> {
        let Some((id, position)) = self.outcome.changed() else { return Ok(None) };
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, Some(Position(position))).await?;
        machine(deps(ctx)?, caller.tenant, Some(id)).await
    }
}

async fn place(ctx: &Context<'_>, input: impl CommandInput) -> Result<Option<WorkCenterPayload>, Error> {
    run(ctx, input).await.map(|outcome| Some(WorkCenterPayload { outcome }))
}

async fn unit(ctx: &Context<'_>, input: impl CommandInput) -> Result<Option<MachinePayload>, Error> {
    run(ctx, input).await.map(|outcome| Some(MachinePayload { outcome }))
}

/// Changes of work centers and machines.
#[derive(Default)]
pub struct MachinesMutation;

#[Object]
impl MachinesMutation {
    /// Sets up a work center.
    async fn create_work_center(
        &self,
        ctx: &Context<'_>,
        input: CreateWorkCenterInput,
    ) -> Result<Option<WorkCenterPayload>, Error> {
        place(ctx, input).await
    }

    /// Says how long the machines of a work center take from one setup family to another: replaces what was said before.
    async fn set_changeovers(
        &self,
        ctx: &Context<'_>,
        input: SetChangeoversInput,
    ) -> Result<Option<WorkCenterPayload>, Error> {
        place(ctx, input).await
    }

    /// Gives a work center another name.
    async fn rename_work_center(
        &self,
        ctx: &Context<'_>,
        input: RenameWorkCenterInput,
    ) -> Result<Option<WorkCenterPayload>, Error> {
        place(ctx, input).await
    }

    /// Puts a work center in another area, or in none.
    async fn move_work_center(
        &self,
        ctx: &Context<'_>,
        input: MoveWorkCenterInput,
    ) -> Result<Option<WorkCenterPayload>, Error> {
        place(ctx, input).await
    }

    /// Takes a work center out of use.
    async fn retire_work_center(
        &self,
        ctx: &Context<'_>,
        input: RetireWorkCenterInput,
    ) -> Result<Option<WorkCenterPayload>, Error> {
        place(ctx, input).await
    }

    /// Sets up a machine, available.
    async fn register_machine(
        &self,
        ctx: &Context<'_>,
        input: RegisterMachineInput,
    ) -> Result<Option<MachinePayload>, Error> {
        unit(ctx, input).await
    }

    /// Gives a machine another name.
    async fn rename_machine(
        &self,
        ctx: &Context<'_>,
        input: RenameMachineInput,
    ) -> Result<Option<MachinePayload>, Error> {
        unit(ctx, input).await
    }

    /// Moves a machine to another work center.
    async fn move_machine(&self, ctx: &Context<'_>, input: MoveMachineInput) -> Result<Option<MachinePayload>, Error> {
        unit(ctx, input).await
    }

    /// Changes what a machine can do and costs.
    async fn rate_machine(&self, ctx: &Context<'_>, input: RateMachineInput) -> Result<Option<MachinePayload>, Error> {
        unit(ctx, input).await
    }

    /// Says what a machine is doing.
    async fn change_machine_status(
        &self,
        ctx: &Context<'_>,
        input: ChangeMachineStatusInput,
    ) -> Result<Option<MachinePayload>, Error> {
        unit(ctx, input).await
    }

    /// Says by which calendar the machines of a work center work; as the company does when none is named.
    async fn set_work_center_calendar(
        &self,
        ctx: &Context<'_>,
        input: SetWorkCenterCalendarInput,
    ) -> Result<Option<WorkCenterPayload>, Error> {
        place(ctx, input).await
    }

    /// Says by which calendar a machine works; as its work center does when none is named.
    async fn set_machine_calendar(
        &self,
        ctx: &Context<'_>,
        input: SetMachineCalendarInput,
    ) -> Result<Option<MachinePayload>, Error> {
        unit(ctx, input).await
    }

    /// Plans maintenance of a machine.
    async fn plan_maintenance(
        &self,
        ctx: &Context<'_>,
        input: PlanMaintenanceInput,
    ) -> Result<Option<MachinePayload>, Error> {
        unit(ctx, input).await
    }

    /// Plans maintenance of a machine otherwise.
    async fn change_maintenance(
        &self,
        ctx: &Context<'_>,
        input: ChangeMaintenanceInput,
    ) -> Result<Option<MachinePayload>, Error> {
        unit(ctx, input).await
    }

    /// Cancels planned maintenance of a machine.
    async fn cancel_maintenance(
        &self,
        ctx: &Context<'_>,
        input: CancelMaintenanceInput,
    ) -> Result<Option<MachinePayload>, Error> {
        unit(ctx, input).await
    }
}
