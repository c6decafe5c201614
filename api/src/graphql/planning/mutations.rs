//! Changes of the plan.

use async_graphql::{ComplexObject, Context, Error, Object, SimpleObject};
use domain::catalog::Event;
use domain::kernel::roles::Action;
use domain::kernel::{StreamId, TenantId};
use domain::ports::Direction;
use domain::run::Done;

use super::conflict::PlanConflict;
use super::inputs::{AcceptPlanningInput, CancelPlanningInput, StartPlanningInput};
use super::office;
use super::operations::OperationReference;
use super::refusal::{Told, told};
use super::run::PlanningRun;
use crate::graphql::errors::{self, UserError};
use crate::graphql::mutation::{CommandFields, Outcome, request};
use crate::graphql::{GraphqlDeps, deps, find_id, permitted};
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
#[graphql(complex)]
pub struct PlanPayload {
    #[graphql(skip)]
    done: Option<Done>,
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
        Self { done: Some(*done), outcome: Outcome::done(done), operations: Vec::new(), conflicts: Vec::new() }
    }

    /// It was not done.
    pub(super) async fn refused(deps: &GraphqlDeps, tenant: TenantId, told: Told) -> Result<Self, Error> {
        let operations = OperationReference::all(deps, tenant, &told.operations).await?;
        let mut error = told.error;
        for (operation, named) in told.operations.iter().zip(&operations) {
            error.message = error.message.replace(&operation.to_string(), &named.to_string());
        }
        let conflicts = PlanConflict::all(deps, tenant, &told.conflicts).await?;
        Ok(Self { done: None, outcome: Outcome::refused(error), operations, conflicts })
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

#[ComplexObject]
impl PlanPayload {
    /// The version of the plan after the change, or of the what-if where that was changed: what `undoPlanChange` takes back where something
    /// was moved, and what `expectedVersion` may name. Null where nothing was done.
    async fn plan_version(&self, ctx: &Context<'_>) -> Result<Option<u64>, Error> {
        let caller = permitted(ctx, Action::PlanWork)?;
        let Some(Done { stream, revision, .. }) = self.done else { return Ok(None) };
        version_at(deps(ctx)?, caller.tenant, (stream, revision)).await
    }
}

/// The version that a plan had at a revision of its stream; 0 where nothing had been planned by then.
async fn version_at(
    deps: &GraphqlDeps,
    tenant: TenantId,
    (stream, revision): (StreamId, u64),
) -> Result<Option<u64>, Error> {
    /// Few: one of them may be thousands of operations.
    const AT_ONCE: usize = 4;
    let mut from = Some(revision);
    while let Some(last) = from {
        let read = deps.store.read_stream(tenant, stream, last, Direction::Backward, AT_ONCE);
        let page = read.await.map_err(errors::read_failure(deps))?;
        for stored in &page {
            let version = match deps.codec.decode(stored).map_err(|error| errors::fault(deps, &error))?.event {
                Event::Plan(event) => event.changes().map(|(version, _)| version),
                Event::Scenario(event) => event.version(),
                _ => None,
            };
            if version.is_some() {
                return Ok(version);
            }
        }
        from = last.checked_sub(AT_ONCE as u64);
    }
    Ok(Some(0))
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
