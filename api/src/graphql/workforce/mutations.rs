//! Changes of operators.

use async_graphql::{ComplexObject, Context, Error, Object, SimpleObject};
use domain::kernel::OperatorId;
use domain::kernel::roles::Action;

use super::absences::{AddAbsenceInput, ChangeAbsenceInput, RemoveAbsenceInput, SetOperatorCalendarInput};
use super::inputs::{
    DeactivateOperatorInput, GrantSkillInput, ReactivateOperatorInput, RegisterOperatorInput, RenameOperatorInput,
    RevokeSkillInput,
};
use super::{Operator, operator};
use crate::graphql::identity::failed;
use crate::graphql::mutation::{CommandInput, Outcome, run};
use crate::graphql::scalars::Position;
use crate::graphql::{deps, permitted, settle};

/// What became of a change of an operator.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct OperatorPayload {
    #[graphql(flatten)]
    outcome: Outcome,
}

#[ComplexObject]
impl OperatorPayload {
    /// The operator after the change; null when nothing was done.
    async fn operator(&self, ctx: &Context<'_>) -> Result<Option<Operator>, Error> {
        let Some((id, position)) = self.outcome.changed() else { return Ok(None) };
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, Some(Position(position))).await?;
        operator(deps(ctx)?, caller.tenant, Some(id)).await
    }
}

type Payload = Result<Option<OperatorPayload>, Error>;

async fn change(ctx: &Context<'_>, input: impl CommandInput) -> Payload {
    run(ctx, input).await.map(|outcome| Some(OperatorPayload { outcome }))
}

/// Changes of operators.
#[derive(Default)]
pub struct WorkforceMutation;

#[Object]
impl WorkforceMutation {
    /// Sets up an operator, active.
    async fn register_operator(&self, ctx: &Context<'_>, input: RegisterOperatorInput) -> Payload {
        change(ctx, input).await
    }

    /// Corrects an operator's name.
    async fn rename_operator(&self, ctx: &Context<'_>, input: RenameOperatorInput) -> Payload {
        change(ctx, input).await
    }

    /// Gives an operator a skill, or changes its level or expiry.
    async fn grant_skill(&self, ctx: &Context<'_>, input: GrantSkillInput) -> Payload {
        change(ctx, input).await
    }

    /// Takes a skill away from an operator.
    async fn revoke_skill(&self, ctx: &Context<'_>, input: RevokeSkillInput) -> Payload {
        change(ctx, input).await
    }

    /// Says that an operator does not work here any more. Their session at a terminal ends.
    async fn deactivate_operator(&self, ctx: &Context<'_>, input: DeactivateOperatorInput) -> Payload {
        let outcome = run(ctx, input).await?;
        if let (Some((operator, _)), Some(people)) = (outcome.changed(), deps(ctx)?.people.as_ref()) {
            let tenant = permitted(ctx, Action::ManageOperators)?.tenant;
            people.end_of_operator(tenant, OperatorId(operator)).await.map_err(failed(deps(ctx)?))?;
        }
        Ok(Some(OperatorPayload { outcome }))
    }

    /// Says that an operator works here again.
    async fn reactivate_operator(&self, ctx: &Context<'_>, input: ReactivateOperatorInput) -> Payload {
        change(ctx, input).await
    }

    /// Says by which calendar an operator works; as the company does when none is named.
    async fn set_operator_calendar(&self, ctx: &Context<'_>, input: SetOperatorCalendarInput) -> Payload {
        change(ctx, input).await
    }

    /// Says that an operator will not be here for a while.
    async fn add_absence(&self, ctx: &Context<'_>, input: AddAbsenceInput) -> Payload {
        change(ctx, input).await
    }

    /// Makes an absence of an operator another one.
    async fn change_absence(&self, ctx: &Context<'_>, input: ChangeAbsenceInput) -> Payload {
        change(ctx, input).await
    }

    /// Says that an operator will be here after all.
    async fn remove_absence(&self, ctx: &Context<'_>, input: RemoveAbsenceInput) -> Payload {
        change(ctx, input).await
    }
}
