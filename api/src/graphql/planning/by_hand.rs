//! Changes of the plan by hand.

use async_graphql::{Context, Error, ID, InputObject, Object};
use domain::kernel::TenantId;
use domain::kernel::roles::Action;
use domain::machines::work_center::Reason;
use domain::run::Command;
use domain::scheduling::site_plan::{PlanCommand, PlanPolicies};

use super::conflict::PlanConflict;
use super::moves::{MoveOperationsInput, PinInput};
use super::mutations::PlanPayload;
use super::objective::{PlanPreset, PlanWeightsInput, weights};
use super::office;
use super::operations::{OperationRefInput, OperationReference, read_all};
use super::refusal::{Told, ran, told};
use super::scenario_inputs::scenario;
use crate::graphql::company::OverlapPolicy;
use crate::graphql::errors::UserError;
use crate::graphql::mutation::{CommandFields, optional_text, request};
use crate::graphql::{GraphqlDeps, deps, permitted};
use crate::planning::{Moved, TakeOut, Undo};

/// Operations that are taken out of the plan.
#[derive(InputObject)]
pub struct PlanOperationsInput {
    /// Which, 1 to 1000 of them.
    operations: Vec<OperationRefInput>,
    /// Why.
    reason: Option<String>,
    /// Out of which what-if, instead of the plan of the site.
    scenario_id: Option<ID>,
    /// The version of the plan, or of the what-if, in which you saw these operations: refused with `PLAN_CHANGED` where one of them has
    /// moved since, and with `SCENARIO_CHANGED` where the what-if has changed since.
    expected_version: Option<u64>,
    #[graphql(flatten)]
    fields: CommandFields,
}

/// Operations that are let go.
#[derive(InputObject)]
pub struct UnpinOperationsInput {
    /// Which, 1 to 1000 of them.
    operations: Vec<OperationRefInput>,
    /// Why.
    reason: Option<String>,
    #[graphql(flatten)]
    fields: CommandFields,
}

/// Operations that are fixed where they are.
#[derive(InputObject)]
pub struct PinOperationsInput {
    /// Which, 1 to 1000 of them.
    operations: Vec<OperationRefInput>,
    #[graphql(flatten)]
    pin: PinInput,
    /// The version of the plan in which you saw these operations: refused with `PLAN_CHANGED` where one of them has moved since.
    expected_version: Option<u64>,
    #[graphql(flatten)]
    fields: CommandFields,
}

/// Takes a change of the plan back.
#[derive(InputObject)]
pub struct UndoPlanChangeInput {
    /// The version of the plan that it made.
    version: u64,
    /// Take back what still can be, where some of it can't: moved or pinned since, in the past by now, or on a machine that is out of use.
    /// Without, that is refused.
    #[graphql(default)]
    partly: bool,
    /// Why; where the policy of the plan asks for it, needed when there are conflicts.
    reason: Option<String>,
    #[graphql(flatten)]
    fields: CommandFields,
}

/// What counts, and what is done about conflicts.
#[derive(InputObject)]
pub struct SetPlanPoliciesInput {
    /// What counts for the optimiser.
    preset: PlanPreset,
    /// What counts instead, by number, where it is not as with the preset.
    weights: Option<PlanWeightsInput>,
    /// What is planned to start so soon stays as it is, seconds.
    #[graphql(default)]
    freeze_seconds: u32,
    /// What happens to a move by hand that makes a conflict.
    overlap: OverlapPolicy,
    #[graphql(flatten)]
    fields: CommandFields,
}

type Payload = Result<Option<PlanPayload>, Error>;

/// Changes of the plan by hand.
#[derive(Default)]
pub struct ByHandMutation;

#[Object]
impl ByHandMutation {
    /// Puts operations somewhere by hand: they end when the calendars let them. What that gets into the way of is told; whether it
    /// is taken is the policy of the plan.
    async fn move_operations(&self, ctx: &Context<'_>, input: MoveOperationsInput) -> Payload {
        let caller = permitted(ctx, Action::PlanWork)?;
        let (office, deps) = office(ctx)?;
        let (asked, fields) = match input.read(caller.tenant) {
            Ok(read) => read,
            Err(error) => return PlanPayload::refused(deps, caller.tenant, error.into()).await.map(Some),
        };
        let moved = office.move_by_hand(&caller, asked, |command| request(ctx, command, &fields)).await;
        let moved = moved.map_err(|refusal| told(deps, refusal).map(Told::about_moves));
        by_hand(deps, caller.tenant, moved).await.map(Some)
    }

    /// Takes operations out of the plan.
    async fn take_out_of_plan(&self, ctx: &Context<'_>, input: PlanOperationsInput) -> Payload {
        let caller = permitted(ctx, Action::PlanWork)?;
        let (office, deps) = office(ctx)?;
        let read = || {
            let reason = optional_text("reason", Reason::try_new, input.reason.as_deref())?;
            let operations = read_all(&input.operations, caller.tenant)?;
            Ok((operations, reason, input.scenario_id.as_ref().map(scenario).transpose()?))
        };
        let (operations, reason, scenario) = match read() {
            Ok(read) => read,
            Err(error) => return PlanPayload::refused(deps, caller.tenant, UserError::into(error)).await.map(Some),
        };
        let (seen, fields) = (input.expected_version, input.fields);
        let Some(scenario) = scenario else {
            return change(ctx, Ok((PlanCommand::TakeOut { operations, reason, seen }, fields))).await.map(Some);
        };
        let asked = TakeOut { operations, scenario, seen };
        let taken_out = office.take_out(&caller, asked, |command| request(ctx, command, &fields)).await;
        let taken_out = taken_out.map_err(|refusal| told(deps, refusal));
        by_hand(deps, caller.tenant, taken_out).await.map(Some)
    }

    /// Fixes operations where they are: nothing moves them but people by hand.
    async fn pin_operations(&self, ctx: &Context<'_>, input: PinOperationsInput) -> Payload {
        let tenant = permitted(ctx, Action::PlanWork)?.tenant;
        let seen = input.expected_version;
        let command =
            || Ok(PlanCommand::Pin { operations: read_all(&input.operations, tenant)?, pin: input.pin.read()?, seen });
        change(ctx, command().map(|it| (it, input.fields))).await.map(Some)
    }

    /// Lets operations go again.
    async fn unpin_operations(&self, ctx: &Context<'_>, input: UnpinOperationsInput) -> Payload {
        let tenant = permitted(ctx, Action::PlanWork)?.tenant;
        let command = read_all(&input.operations, tenant).map(PlanCommand::Unpin);
        change(ctx, command.map(|it| (it, input.fields))).await.map(Some)
    }

    /// Takes a change of the plan back: what waits goes back to where it was, with the pin that it had there; what has begun since stays.
    /// `operations` are those that the change moved and that stay. Conflicts are asked the policy of the plan, as those of a move.
    async fn undo_plan_change(&self, ctx: &Context<'_>, input: UndoPlanChangeInput) -> Payload {
        let caller = permitted(ctx, Action::PlanWork)?;
        let (office, deps) = office(ctx)?;
        let reason = match optional_text("reason", Reason::try_new, input.reason.as_deref()) {
            Ok(reason) => reason,
            Err(error) => return PlanPayload::refused(deps, caller.tenant, error.into()).await.map(Some),
        };
        let asked = Undo { change: input.version, partly: input.partly, reason };
        match office.undo(&caller, asked, |command| request(ctx, command, &input.fields)).await {
            Ok(undone) => {
                let operations = OperationReference::all(deps, caller.tenant, &undone.left).await?;
                let conflicts = PlanConflict::all(deps, caller.tenant, &undone.conflicts).await?;
                Ok(Some(PlanPayload::done(&undone.done).about(operations).with(conflicts)))
            }
            Err(refusal) => PlanPayload::refused(deps, caller.tenant, told(deps, refusal)?).await.map(Some),
        }
    }

    /// Says what counts for the optimiser, and what is done about conflicts.
    async fn set_plan_policies(&self, ctx: &Context<'_>, input: SetPlanPoliciesInput) -> Payload {
        permitted(ctx, Action::PlanWork)?;
        let preset = domain::scheduling::solver::Preset::from(input.preset);
        let policies = PlanPolicies {
            preset,
            weights: weights(Some(input.preset), input.weights, preset.weights()),
            freeze_seconds: input.freeze_seconds,
            overlap: input.overlap.into(),
        };
        change(ctx, Ok((PlanCommand::SetPolicies(policies), input.fields))).await.map(Some)
    }
}

/// What became of a change that was worked out on the shop.
async fn by_hand(
    deps: &GraphqlDeps,
    tenant: TenantId,
    moved: Result<Moved, Result<Told, Error>>,
) -> Result<PlanPayload, Error> {
    match moved {
        Ok(moved) => {
            let conflicts = PlanConflict::all(deps, tenant, &moved.conflicts).await?;
            Ok(PlanPayload::done(&moved.done).with(conflicts))
        }
        Err(told) => PlanPayload::refused(deps, tenant, told?).await,
    }
}

/// Asks the plan of the site as the caller.
async fn change(
    ctx: &Context<'_>,
    asked: Result<(PlanCommand, CommandFields), UserError>,
) -> Result<PlanPayload, Error> {
    let (deps, caller) = (deps(ctx)?, permitted(ctx, Action::PlanWork)?);
    let (command, fields) = match asked {
        Ok(asked) => asked,
        Err(error) => return PlanPayload::refused(deps, caller.tenant, error.into()).await,
    };
    let request = request(ctx, Command::Plan(Box::new(command)), &fields);
    match deps.commands.run(&caller, request).await {
        Ok(done) => Ok(PlanPayload::done(&done)),
        Err(error) => PlanPayload::refused(deps, caller.tenant, ran(deps, error)?).await,
    }
}
