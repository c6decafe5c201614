//! Changes of what-ifs.

use async_graphql::{ComplexObject, Context, Error, Object, SimpleObject};
use domain::kernel::ScenarioId;
use domain::kernel::roles::Action;
use domain::scheduling::scenario::ScenarioCommand;
use projections::scenarios::Scenarios;

use super::conflict::PlanConflict;
use super::mutations::PlanPayload;
use super::office;
use super::operations::OperationReference;
use super::refusal::told;
use super::scenario_inputs::{
    AssumeInput, OpenScenarioInput, PublishScenarioInput, RenameScenarioInput, ScenarioInput, WithdrawAssumptionInput,
    made,
};
use super::scenarios::{Scenario, dress};
use crate::graphql::mutation::{CommandInput, Outcome, request, run};
use crate::graphql::references::rows;
use crate::graphql::scalars::Position;
use crate::graphql::{deps, permitted, settle};

/// What became of a change of a what-if.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ScenarioPayload {
    #[graphql(flatten)]
    outcome: Outcome,
}

#[ComplexObject]
impl ScenarioPayload {
    /// The what-if after the change; null when nothing was done. Read only when asked for.
    async fn scenario(&self, ctx: &Context<'_>) -> Result<Option<Scenario>, Error> {
        let Some((id, position)) = self.outcome.changed() else { return Ok(None) };
        let (caller, deps) = (permitted(ctx, Action::PlanWork)?, deps(ctx)?);
        settle(ctx, Some(Position(position))).await?;
        let found = rows::<Scenarios>(deps, caller.tenant, [id].into_iter()).await?;
        Ok(dress(deps, caller.tenant, found).await?.pop())
    }
}

type Payload = Result<Option<ScenarioPayload>, Error>;

async fn change(ctx: &Context<'_>, input: impl CommandInput) -> Payload {
    run(ctx, input).await.map(|outcome| Some(ScenarioPayload { outcome }))
}

/// Changes of what-ifs.
#[derive(Default)]
pub struct ScenariosMutation;

#[Object]
impl ScenariosMutation {
    /// Makes a what-if from the plan as it is now. Plan it with `startPlanning` and `acceptPlanning`; nobody notices.
    async fn open_scenario(&self, ctx: &Context<'_>, input: OpenScenarioInput) -> Payload {
        let caller = permitted(ctx, Action::PlanWork)?;
        let (office, deps) = office(ctx)?;
        let refused = |error| Ok(Some(ScenarioPayload { outcome: Outcome::refused(error) }));
        let name = match input.name() {
            Ok(name) => name,
            Err(error) => return refused(error),
        };
        let scenario = ScenarioId(made(caller.tenant, &input.fields).unwrap_or_else(|| deps.ids.next()));
        let opened = office.open_scenario(&caller, (scenario, name), |command| request(ctx, command, &input.fields));
        match opened.await {
            Ok(done) => Ok(Some(ScenarioPayload { outcome: Outcome::done(&done) })),
            Err(refusal) => refused(told(deps, refusal)?.error),
        }
    }

    /// Gives a what-if another name.
    async fn rename_scenario(&self, ctx: &Context<'_>, input: RenameScenarioInput) -> Payload {
        change(ctx, input).await
    }

    /// Assumes something in a what-if.
    async fn assume(&self, ctx: &Context<'_>, input: AssumeInput) -> Payload {
        change(ctx, input).await
    }

    /// Assumes something no more.
    async fn withdraw_assumption(&self, ctx: &Context<'_>, input: WithdrawAssumptionInput) -> Payload {
        change(ctx, input).await
    }

    /// Gives a what-if up.
    async fn discard_scenario(&self, ctx: &Context<'_>, input: ScenarioInput) -> Payload {
        change(ctx, input.asking(ScenarioCommand::Discard)).await
    }

    /// Publishes what a what-if changes onto the plan as it is now. Operations that have changed otherwise since, have begun or are
    /// gone are named and, unless `partly` is said, nothing is done.
    async fn publish_scenario(
        &self,
        ctx: &Context<'_>,
        input: PublishScenarioInput,
    ) -> Result<Option<PlanPayload>, Error> {
        let caller = permitted(ctx, Action::PlanWork)?;
        let (office, deps) = office(ctx)?;
        let asked = match input.read() {
            Ok(asked) => asked,
            Err(error) => return PlanPayload::refused(deps, caller.tenant, error.into()).await.map(Some),
        };
        match office.publish(&caller, asked, |command| request(ctx, command, &input.fields)).await {
            Ok(published) => {
                let operations = OperationReference::all(deps, caller.tenant, &published.left).await?;
                let conflicts = PlanConflict::all(deps, caller.tenant, &published.conflicts).await?;
                Ok(Some(PlanPayload::done(&published.done).about(operations).with(conflicts)))
            }
            Err(refusal) => PlanPayload::refused(deps, caller.tenant, told(deps, refusal)?).await.map(Some),
        }
    }
}
