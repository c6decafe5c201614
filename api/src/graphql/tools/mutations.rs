//! Changes of tools.

use async_graphql::{ComplexObject, Context, Error, Object, SimpleObject};
use domain::kernel::roles::Action;

use super::inputs::{BringToolBackInput, CountToolInput, RegisterToolInput, RenameToolInput, RetireToolInput};
use super::{Tool, tool};
use crate::graphql::mutation::{CommandInput, Outcome, run};
use crate::graphql::scalars::Position;
use crate::graphql::{deps, permitted, settle};

/// What became of a change of a tool.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ToolPayload {
    #[graphql(flatten)]
    outcome: Outcome,
}

#[ComplexObject]
impl ToolPayload {
    /// The tool after the change; null when nothing was done.
    async fn tool(&self, ctx: &Context<'_>) -> Result<Option<Tool>, Error> {
        let Some((id, position)) = self.outcome.changed() else { return Ok(None) };
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, Some(Position(position))).await?;
        tool(deps(ctx)?, caller.tenant, Some(id)).await
    }
}

async fn changed(ctx: &Context<'_>, input: impl CommandInput) -> Result<Option<ToolPayload>, Error> {
    run(ctx, input).await.map(|outcome| Some(ToolPayload { outcome }))
}

/// Changes of tools.
#[derive(Default)]
pub struct ToolsMutation;

#[Object]
impl ToolsMutation {
    /// Sets up a tool or fixture, of which there are so many.
    async fn register_tool(&self, ctx: &Context<'_>, input: RegisterToolInput) -> Result<Option<ToolPayload>, Error> {
        changed(ctx, input).await
    }

    /// Gives a tool another name.
    async fn rename_tool(&self, ctx: &Context<'_>, input: RenameToolInput) -> Result<Option<ToolPayload>, Error> {
        changed(ctx, input).await
    }

    /// Says how many there are of a tool. Where the plan takes more at once, it follows.
    async fn count_tool(&self, ctx: &Context<'_>, input: CountToolInput) -> Result<Option<ToolPayload>, Error> {
        changed(ctx, input).await
    }

    /// Takes a tool out of use: there are none of it until it is brought back. What is planned with it is a conflict.
    async fn retire_tool(&self, ctx: &Context<'_>, input: RetireToolInput) -> Result<Option<ToolPayload>, Error> {
        changed(ctx, input).await
    }

    /// Takes a tool into use again, as many as there were.
    async fn bring_tool_back(
        &self,
        ctx: &Context<'_>,
        input: BringToolBackInput,
    ) -> Result<Option<ToolPayload>, Error> {
        changed(ctx, input).await
    }
}
