//! The whole shop with its plan as it is now, for questions that need all of it.
//!
//! Most of what such a question costs is to read the shop, and to make a problem of it. Both are kept for who asks next, and serve
//! until anything happens or a second has passed: one document with several of these questions, or many clients after one event,
//! look once. Few are worked on at once, and of one company fewer still: who asks much keeps nobody else waiting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};

use async_graphql::{Context, Error};
use domain::kernel::{TenantId, Timestamp};
use domain::ports::Position;
use domain::scheduling::site_plan::PlanState;
use projections::planning::{CurrentPlan, Options, Planning, PlanningError, Shop};
use tokio::sync::{AcquireError, Mutex, OwnedSemaphorePermit, Semaphore};

use crate::auth::caller;
use crate::graphql::planning::refusal::unplannable;
use crate::graphql::{GraphqlDeps, deps, errors};
use crate::planning::{Sight, Unseen};

/// Shops of so many tenants are kept.
const MOST_KEPT: usize = 8;
/// How long a problem serves: its "now" is as old as that at most.
const FRESH_US: i64 = 1_000_000;
/// Shops that are worked on at once.
const AT_ONCE: usize = 4;
/// Of those, the most of one company.
const AT_ONCE_EACH: usize = 2;

/// What was seen last, by tenant.
pub struct Sights {
    kept: SyncMutex<HashMap<TenantId, Arc<Mutex<Option<Kept>>>>>,
    /// Free places of all, and of each company that has something at work or waiting.
    free: Arc<Semaphore>,
    free_of: SyncMutex<HashMap<TenantId, Arc<Semaphore>>>,
}

impl Default for Sights {
    fn default() -> Self {
        let (kept, free_of) = (SyncMutex::default(), SyncMutex::default());
        Self { kept, free: Arc::new(Semaphore::new(AT_ONCE)), free_of }
    }
}

/// A place among those that are worked on.
pub struct Turn {
    _of_tenant: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

/// What was seen of a tenant.
#[derive(Clone)]
struct Kept {
    /// How far the read models were.
    position: Position,
    plan: Arc<PlanState>,
    shop: Arc<Shop>,
    problem: Option<(Timestamp, Arc<Planning>)>,
}

impl Sights {
    /// Whoever has it locked looks for all who wait.
    fn of(&self, tenant: TenantId) -> Arc<Mutex<Option<Kept>>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT && !kept.contains_key(&tenant) {
            // Any will do: it is made again by who asks for it.
            let one = kept.keys().next().copied();
            one.map(|one| kept.remove(&one));
        }
        Arc::clone(kept.entry(tenant).or_default())
    }

    /// Waits for a place: first for one of the company's own, so that what waits for the others is of many.
    async fn turn(&self, tenant: TenantId) -> Result<Turn, AcquireError> {
        let own = {
            let mut free_of = self.free_of.lock().unwrap_or_else(PoisonError::into_inner);
            // Who works or waits holds theirs.
            free_of.retain(|_, own| Arc::strong_count(own) > 1);
            Arc::clone(free_of.entry(tenant).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE_EACH))))
        };
        let of_tenant = own.acquire_owned().await?;
        Ok(Turn { _of_tenant: of_tenant, _of_all: Arc::clone(&self.free).acquire_owned().await? })
    }
}

/// A place for something that takes a whole shop, while this is held.
pub async fn turn(ctx: &Context<'_>) -> Result<Turn, Error> {
    let (sights, deps, tenant) = sights(ctx)?;
    sights.turn(tenant).await.map_err(|closed| errors::fault(deps, &closed))
}

/// Works something out of a shop on a thread of its own: some are large.
pub async fn work<T: Send + 'static>(ctx: &Context<'_>, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let _turn = turn(ctx).await?;
    let deps = deps(ctx)?;
    tokio::task::spawn_blocking(work).await.map_err(|broken| errors::fault(deps, &broken))
}

fn sights<'a>(ctx: &Context<'a>) -> Result<(&'a Sights, &'a GraphqlDeps, TenantId), Error> {
    let sights = ctx.data::<Sights>().map_err(|_| errors::failure(errors::INTERNAL, "the schema was built blind"))?;
    Ok((sights, deps(ctx)?, caller(ctx)?.tenant))
}

/// The shop as it is now.
pub async fn shop(ctx: &Context<'_>) -> Result<Arc<Shop>, Error> {
    let (sights, deps, tenant) = sights(ctx)?;
    let kept = sights.of(tenant);
    let mut kept = kept.lock().await;
    Ok(look(deps, tenant, &mut kept).await?.shop.clone())
}

/// What is kept, if it is still so; else what is seen now.
async fn look<'k>(deps: &GraphqlDeps, tenant: TenantId, kept: &'k mut Option<Kept>) -> Result<&'k mut Kept, Error> {
    // The plan comes from its own stream: rows that are behind would know nothing of work that is planned.
    Sight::of(deps).settled().await.map_err(unseen(deps))?;
    // Rows that are read after this are as new as this, or newer.
    let position = deps.live.position();
    let plan = deps.commands.plan(tenant).await.map_err(|error| unseen(deps)(error.into()))?;
    let same = kept.take().filter(|kept| kept.position == position && Arc::ptr_eq(&kept.plan, &plan));
    let seen = if let Some(same) = same {
        same
    } else {
        let shop = Shop::ask(&*deps.views, tenant, CurrentPlan::from(&*plan)).await;
        let shop = Arc::new(shop.map_err(errors::view_failure(deps))?);
        Kept { position, plan, shop, problem: None }
    };
    Ok(kept.insert(seen))
}

/// Why a shop can't be seen.
fn unseen(deps: &GraphqlDeps) -> impl Fn(Unseen) -> Error {
    |why| unplannable(deps, why).map_or_else(|error| error, |told| errors::fault(deps, &told.error.message))
}

/// Asks what the optimiser would see of it.
pub async fn ask<T: Send + 'static>(
    ctx: &Context<'_>,
    question: impl FnOnce(&Shop, &Planning) -> T + Send + 'static,
) -> Result<T, Error> {
    let (shop, planning) = seen(ctx).await?;
    work(ctx, move || question(&shop, &planning)).await
}

/// The shop and what the optimiser sees of it, with the usual options.
async fn seen(ctx: &Context<'_>) -> Result<(Arc<Shop>, Arc<Planning>), Error> {
    let (sights, deps, tenant) = sights(ctx)?;
    let kept = sights.of(tenant);
    let mut kept = kept.lock().await;
    let kept = look(deps, tenant, &mut kept).await?;
    let now = deps.clock.now();
    let is_fresh = |made: Timestamp| (0..FRESH_US).contains(&(now.as_micros() - made.as_micros()));
    let planning = match kept.problem.take().filter(|(made, _)| is_fresh(*made)) {
        Some(fresh) => kept.problem.insert(fresh).1.clone(),
        None => kept.problem.insert((now, problem(ctx, (&kept.shop, now), Options::default()).await?)).1.clone(),
    };
    Ok((Arc::clone(&kept.shop), planning))
}

/// The same with these options, which may reach farther.
pub async fn seen_with(ctx: &Context<'_>, options: Options) -> Result<(Arc<Shop>, Arc<Planning>), Error> {
    if options == Options::default() {
        return seen(ctx).await;
    }
    let (deps, shop) = (deps(ctx)?, shop(ctx).await?);
    let planning = problem(ctx, (&shop, deps.clock.now()), options).await?;
    Ok((shop, planning))
}

/// What the optimiser sees of a shop.
pub async fn problem(
    ctx: &Context<'_>,
    (shop, now): (&Arc<Shop>, Timestamp),
    options: Options,
) -> Result<Arc<Planning>, Error> {
    let shop = Arc::clone(shop);
    let made = work(ctx, move || shop.problem(now, &options)).await?;
    made.map(Arc::new).map_err(|error| impossible(&error))
}

/// The shop can't be planned at all.
pub fn impossible(error: &PlanningError) -> Error {
    errors::failure(errors::BAD_RANGE, error.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn is_at_once(sights: &Sights, tenant: &str) -> Option<Turn> {
        let turn = sights.turn(TenantId::from_name(tenant));
        tokio::time::timeout(Duration::from_millis(20), turn).await.ok().map(|turn| turn.expect("a place"))
    }

    #[tokio::test]
    async fn who_asks_much_waits_for_their_own_and_others_come_at_once() {
        let sights = Sights::default();
        let mut much = Vec::new();
        for _ in 0..AT_ONCE_EACH {
            much.push(is_at_once(&sights, "much").await.expect("a place"));
        }
        assert!(is_at_once(&sights, "much").await.is_none(), "the rest waits");
        let little = is_at_once(&sights, "little").await;
        assert!(little.is_some());
        much.pop();
        assert!(is_at_once(&sights, "much").await.is_some());
        drop((much, little));
        drop(is_at_once(&sights, "another").await);
        assert!(sights.free_of.lock().unwrap().len() <= 1, "who is done is forgotten");
    }
}
