//! Changes of calendars.

use async_graphql::{ComplexObject, Context, Error, Object, SimpleObject};
use domain::kernel::roles::Action;

use super::inputs::{
    ClearCalendarDaysInput, CreateCalendarInput, RenameCalendarInput, RetireCalendarInput, SetCalendarDaysInput,
    SetCalendarShiftsInput, SetCalendarZoneInput,
};
use super::{Calendar, calendar};
use crate::graphql::mutation::{CommandInput, Outcome, run};
use crate::graphql::scalars::Position;
use crate::graphql::{deps, permitted, settle};

/// What became of a change of a calendar.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct CalendarPayload {
    #[graphql(flatten)]
    outcome: Outcome,
}

#[ComplexObject]
impl CalendarPayload {
    /// The calendar after the change; null when nothing was done.
    async fn calendar(&self, ctx: &Context<'_>) -> Result<Option<Calendar>, Error> {
        let Some((id, position)) = self.outcome.changed() else { return Ok(None) };
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, Some(Position(position))).await?;
        calendar(deps(ctx)?, caller.tenant, Some(id)).await
    }
}

async fn changed(ctx: &Context<'_>, input: impl CommandInput) -> Result<Option<CalendarPayload>, Error> {
    run(ctx, input).await.map(|outcome| Some(CalendarPayload { outcome }))
}

/// Changes of calendars.
#[derive(Default)]
pub struct CalendarsMutation;

#[Object]
impl CalendarsMutation {
    /// Sets up a calendar.
    async fn create_calendar(
        &self,
        ctx: &Context<'_>,
        input: CreateCalendarInput,
    ) -> Result<Option<CalendarPayload>, Error> {
        changed(ctx, input).await
    }

    /// Gives a calendar another name.
    async fn rename_calendar(
        &self,
        ctx: &Context<'_>,
        input: RenameCalendarInput,
    ) -> Result<Option<CalendarPayload>, Error> {
        changed(ctx, input).await
    }

    /// Moves a calendar to the clocks of another zone: the same hours on another wall.
    async fn set_calendar_zone(
        &self,
        ctx: &Context<'_>,
        input: SetCalendarZoneInput,
    ) -> Result<Option<CalendarPayload>, Error> {
        changed(ctx, input).await
    }

    /// Replaces all shifts of a calendar.
    async fn set_calendar_shifts(
        &self,
        ctx: &Context<'_>,
        input: SetCalendarShiftsInput,
    ) -> Result<Option<CalendarPayload>, Error> {
        changed(ctx, input).await
    }

    /// Says of days, such as holidays, that they are not like others.
    async fn set_calendar_days(
        &self,
        ctx: &Context<'_>,
        input: SetCalendarDaysInput,
    ) -> Result<Option<CalendarPayload>, Error> {
        changed(ctx, input).await
    }

    /// Makes days like others again.
    async fn clear_calendar_days(
        &self,
        ctx: &Context<'_>,
        input: ClearCalendarDaysInput,
    ) -> Result<Option<CalendarPayload>, Error> {
        changed(ctx, input).await
    }

    /// Takes a calendar out of use. What keeps to it goes on doing so.
    async fn retire_calendar(
        &self,
        ctx: &Context<'_>,
        input: RetireCalendarInput,
    ) -> Result<Option<CalendarPayload>, Error> {
        changed(ctx, input).await
    }
}
