//! The whole shop with its plan as it is now, for questions that need all of it.

use async_graphql::Error;
use domain::kernel::TenantId;
use projections::planning::{CurrentPlan, Options, Planning, PlanningError, Shop};

use crate::graphql::{GraphqlDeps, errors};

/// The shop as it is now.
pub(super) async fn shop(deps: &GraphqlDeps, tenant: TenantId) -> Result<Shop, Error> {
    let unknown = |error| errors::refusal(deps, error).map_or_else(|it| it, |told| errors::fault(deps, &told.message));
    let plan = deps.commands.plan(tenant).await.map_err(unknown)?;
    Shop::ask(&*deps.views, tenant, CurrentPlan::from(&*plan)).await.map_err(errors::view_failure(deps))
}

/// Asks what the optimiser would see of it. On a thread of its own: some shops are large.
pub(super) async fn ask<T: Send + 'static>(
    deps: &GraphqlDeps,
    tenant: TenantId,
    question: impl FnOnce(&Shop, &Planning) -> T + Send + 'static,
) -> Result<T, Error> {
    let (shop, now) = (shop(deps, tenant).await?, deps.clock.now());
    let asked = tokio::task::spawn_blocking(move || {
        let planning = shop.problem(now, &Options::default())?;
        Ok::<T, PlanningError>(question(&shop, &planning))
    });
    let answer = asked.await.map_err(|broken| errors::fault(deps, &broken))?;
    answer.map_err(|error| errors::failure(errors::BAD_RANGE, error.to_string()))
}
