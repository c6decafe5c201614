//! Changes of the plan.

use async_graphql::{Context, Error, Object, SimpleObject};
use domain::kernel::TenantId;
use domain::kernel::roles::Action;
use domain::run::Done;

use super::conflict::PlanConflict;
use super::inputs::{AcceptPlanningInput, CancelPlanningInput, StartPlanningInput};
use super::office;
use super::operations::OperationReference;
use super::refusal::{Told, told};
use super::run::PlanningRun;
use crate::graphql::errors::{self, UserError};
use crate::graphql::mutation::{CommandFields, Outcome, request};
use crate::graphql::{GraphqlDeps, find_id, permitted};
use crate::planning::{PlanningRunId, Refusal, Run};

/// What became of a run.
#[derive(SimpleObject)]
pub struct PlanningRunPayload {
    /// The run; null when there is none.
    run: Option<PlanningRun>,
    /// Why nothing was done; empty when it was.
    user_errors: Vec<UserError>,
}

impl PlanningRunPayload {
    fn refused(error: UserError) -> Self {
        Self { run: None, user_errors: vec![error] }
    }
}

/// What became of a change of the plan.
#[derive(SimpleObject)]
pub struct PlanPayload {
    #[graphql(flatten)]
    outcome: Outcome,
    /// The operations that the answer is about: of a refusal those that stand in the way, such as those that somebody else has
    /// moved since; of a plan that was adjusted those that are elsewhere than the run had them.
    operations: Vec<OperationReference>,
    /// What operations that were moved by hand get into the way of.
    conflicts: Vec<PlanConflict>,
}

impl PlanPayload {
    /// It was done, or was so already.
    pub(super) fn done(done: &Done) -> Self {
        Self { outcome: Outcome::done(done), operations: Vec::new(), conflicts: Vec::new() }
    }

    /// It was not done.
    pub(super) async fn refused(deps: &GraphqlDeps, tenant: TenantId, told: Told) -> Result<Self, Error> {
        Ok(Self {
            operations: OperationReference::all(deps, tenant, &told.operations).await?,
            conflicts: PlanConflict::all(deps, tenant, &told.conflicts).await?,
            outcome: Outcome::refused(told.error),
        })
    }

    /// With the operations that the answer is about.
    pub(super) fn about(self, operations: Vec<OperationReference>) -> Self {
        Self { operations, ..self }
    }

    /// With what was moved by hand gets into the way of.
    pub(super) fn with(self, conflicts: Vec<PlanConflict>) -> Self {
        Self { conflicts, ..self }
    }
}

type RunPayload = Result<Option<PlanningRunPayload>, Error>;

/// Changes of the plan.
#[derive(Default)]
pub struct PlanningMutation;

#[Object]
impl PlanningMutation {
    /// Begins a run of the optimiser on the shop as it is now; nothing is changed by it. Follow it with `planProgress`.
    async fn start_planning(&self, ctx: &Context<'_>, input: StartPlanningInput) -> RunPayload {
        let caller = permitted(ctx, Action::PlanWork)?;
        let (office, deps) = office(ctx)?;
        let id = input.id(caller.tenant).unwrap_or_else(|| PlanningRunId(deps.ids.next()));
        let policies = match office.sight.commands.plan(caller.tenant).await {
            Ok(state) => state.policies.weights(),
            Err(error) => return Ok(Some(PlanningRunPayload::refused(errors::refusal(deps, error)?))),
        };
        let scenario = match input.scenario() {
            Ok(scenario) => scenario,
            Err(error) => return Ok(Some(PlanningRunPayload::refused(error))),
        };
        match office.start(caller.tenant, id, input.wanted(policies, scenario)).await {
            Ok(run) => Ok(Some(PlanningRunPayload { run: Some(shown(&run)), user_errors: Vec::new() })),
            Err(refusal) => Ok(Some(PlanningRunPayload::refused(told(deps, refusal)?.error))),
        }
    }

    /// Ends a run. What it has found can be taken over for a quarter of an hour.
    async fn cancel_planning(&self, ctx: &Context<'_>, input: CancelPlanningInput) -> RunPayload {
        let caller = permitted(ctx, Action::PlanWork)?;
        let (office, deps) = office(ctx)?;
        let cancelled = find_id(&input.run_id).and_then(|id| office.planner.cancel(caller.tenant, PlanningRunId(id)));
        match cancelled {
            Some(run) => Ok(Some(PlanningRunPayload { run: Some(shown(&run)), user_errors: Vec::new() })),
            None => Ok(Some(PlanningRunPayload::refused(told(deps, Refusal::NoRun)?.error))),
        }
    }

    /// Takes the best plan of a run over, and ends the run if it goes on. Where somebody has changed the plan since it began, that is
    /// refused with `PLAN_CHANGED`.
    async fn accept_planning(
        &self,
        ctx: &Context<'_>,
        input: AcceptPlanningInput,
    ) -> Result<Option<PlanPayload>, Error> {
        let caller = permitted(ctx, Action::PlanWork)?;
        let (office, deps) = office(ctx)?;
        let Some(id) = find_id(&input.run_id) else {
            return PlanPayload::refused(deps, caller.tenant, told(deps, Refusal::NoRun)?).await.map(Some);
        };
        let request = |command| request(ctx, command, &CommandFields::named(input.command_id));
        match office.accept(&caller, PlanningRunId(id), (input.adjust, request)).await {
            Ok(accepted) => {
                let operations = OperationReference::all(deps, caller.tenant, &accepted.moved).await?;
                Ok(Some(PlanPayload { operations, ..PlanPayload::done(&accepted.done) }))
            }
            Err(refusal) => PlanPayload::refused(deps, caller.tenant, told(deps, refusal)?).await.map(Some),
        }
    }
}

fn shown(run: &std::sync::Arc<Run>) -> PlanningRun {
    PlanningRun::of(run, &run.progress())
}
