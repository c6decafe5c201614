//! `planProgress`.

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Subscription};
use domain::kernel::roles::Action;
use futures_util::stream::{Stream, unfold};

use crate::graphql::planning::office;
use crate::graphql::planning::run::PlanningRun;
use crate::graphql::{errors, find_id, permitted};
use crate::planning::{Listener, PlanningRunId};

/// Following runs of the optimiser.
#[derive(Default)]
pub struct PlanningSubscription;

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[Subscription]
impl PlanningSubscription {
    /// A run as it gets better: how far it is at once, the first plan as soon as there is one, better ones at most twice a second, and
    /// at least every 10 s how long it has been at work. It completes after the end of the run was told. A run that nobody follows is
    /// ended after a while.
    async fn plan_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] run: ID,
    ) -> Result<impl Stream<Item = Result<PlanningRun, Error>> + use<>, Error> {
        let caller = permitted(ctx, Action::PlanWork)?;
        let (office, _) = office(ctx)?;
        let found = find_id(&run).and_then(|id| office.planner.find(caller.tenant, PlanningRunId(id)));
        let listener = Listener::new(found.ok_or_else(errors::not_found)?);
        Ok(unfold(listener, |mut listener| async move {
            let progress = listener.next().await?;
            let told = PlanningRun::of(&Arc::clone(listener.run()), &progress);
            Some((Ok(told), listener))
        }))
    }
}
