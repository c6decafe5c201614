//! Planning: runs of the optimiser, their plans taken over, moves by hand.

pub mod by_hand;
pub mod conflict;
pub mod inputs;
pub mod moves;
pub mod mutations;
pub mod objective;
pub mod operations;
pub mod plan;
pub mod promise;
pub mod refusal;
pub mod run;
pub mod scenario_inputs;
pub mod scenario_mutations;
pub mod scenarios;
pub mod undo;

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object};
use domain::kernel::roles::Action;

use self::run::PlanningRun;
use super::as_of::of_now;
use super::{GraphqlDeps, errors, find_id, permitted};
use crate::planning::{Office, PlanningRunId};

pub use self::by_hand::ByHandMutation;
pub use self::mutations::PlanningMutation;
pub use self::plan::PlanQuery;
pub use self::scenario_mutations::ScenariosMutation;
pub use self::scenarios::ScenariosQuery;

/// Questions about planning.
#[derive(Default)]
pub struct PlanningQuery;

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[Object]
impl PlanningQuery {
    /// A run of the optimiser, while it goes on and a quarter of an hour after. Asking counts as listening: a run that nobody
    /// listens to is ended. It lives in the process that began it.
    async fn planning_run(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] id: ID,
    ) -> Result<Option<PlanningRun>, Error> {
        let caller = permitted(ctx, Action::PlanWork)?;
        let (office, _) = office(ctx)?;
        let found = find_id(&id).and_then(|id| office.planner.find(caller.tenant, PlanningRunId(id)));
        Ok(found.map(|run| PlanningRun::of(&run, &run.progress())))
    }
}

/// Where planning is done; nowhere, beside a server.
pub(in crate::graphql) fn office<'a>(ctx: &Context<'a>) -> Result<(&'a Arc<Office>, &'a GraphqlDeps), Error> {
    let deps = of_now(ctx)?;
    let office = deps.planning.as_ref();
    Ok((office.ok_or_else(|| errors::unavailable("planning is done by a server"))?, deps))
}
