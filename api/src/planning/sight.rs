//! What planning sees: the shop from the read models, once they hold all that was done before, and the plan from its own stream.

use std::sync::Arc;
use std::time::Duration;

use domain::kernel::{TenantId, Timestamp};
use domain::ports::{Clock, EventStore, Position, ReadError};
use domain::run::{Commands, RunError};
use domain::scheduling::site_plan::{MOST_BYTES_EACH, PlanPolicies};
use infra::live::{Late, Live};
use projections::planning::{CurrentPlan, Options, Planning, PlanningError, Shop};
use projections::views::{ViewError, Views};

use crate::graphql::GraphqlDeps;

/// How long the read models may take to hold what was done.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the shop can't be seen, or not be planned.
#[derive(Debug, thiserror::Error)]
pub enum Unseen {
    /// The head of the log is not known.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// The read models are behind.
    #[error(transparent)]
    Late(#[from] Late),
    /// Rows can't be read.
    #[error(transparent)]
    Rows(#[from] ViewError),
    /// The plan can't be read.
    #[error(transparent)]
    Plan(#[from] RunError),
    /// What is there can't be planned.
    #[error(transparent)]
    Problem(#[from] PlanningError),
    /// Kilter itself is at fault.
    #[error("a thread broke off: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// The shop of a tenant at one moment.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The shop, with its plan.
    pub shop: Shop,
    /// The latest version of the plan that somebody asked for: what came after it followed the floor.
    pub agreed: u64,
    /// What counts for the plan.
    pub policies: PlanPolicies,
    /// When it was looked at.
    pub now: Timestamp,
    /// Everything up to here is in it.
    pub position: Position,
    /// The last event of the plan, or of the what-if, that is in it.
    pub revision: Option<u64>,
}

/// Where planning looks.
#[derive(Clone)]
pub struct Sight {
    /// The log.
    pub store: Arc<dyn EventStore>,
    /// The read models.
    pub views: Arc<dyn Views>,
    /// How far they are.
    pub live: Arc<Live>,
    /// The plan.
    pub commands: Arc<Commands>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl Sight {
    /// Through the eyes of GraphQL.
    pub fn of(deps: &GraphqlDeps) -> Self {
        Self {
            store: Arc::clone(&deps.store),
            views: Arc::clone(&deps.views),
            live: Arc::clone(&deps.live),
            commands: Arc::clone(&deps.commands),
            clock: Arc::clone(&deps.clock),
        }
    }

    /// How many operations a plan may have that is taken over: one append, whole or not at all.
    pub fn most_operations(&self) -> usize {
        self.store.most_bytes() / MOST_BYTES_EACH
    }

    /// Waits until the read models hold all that was done before; up to where.
    pub async fn settled(&self) -> Result<Position, Unseen> {
        let position = self.store.head().await?;
        self.live.wait_for(position, PATIENCE).await?;
        Ok(position)
    }

    /// The shop as it is now: all that was done before this was asked is in it.
    pub async fn shop(&self, tenant: TenantId) -> Result<Seen, Unseen> {
        let position = self.settled().await?;
        let (state, revision) = self.commands.plan_at(tenant).await?;
        let shop = Shop::ask(&*self.views, tenant, CurrentPlan::from(&*state)).await?;
        Ok(Seen { shop, agreed: state.agreed, policies: state.policies, now: self.clock.now(), position, revision })
    }
}

impl Seen {
    /// What the optimiser is asked of it; made on a thread where that may take its time.
    pub async fn problem(&self, options: Options) -> Result<Planning, Unseen> {
        let (shop, now) = (self.shop.clone(), self.now);
        Ok(tokio::task::spawn_blocking(move || shop.problem(now, &options)).await??)
    }

    /// What is taken for granted for the optimiser.
    pub fn options(&self) -> Options {
        Options { freeze: self.policies.freeze_seconds.into(), ..Options::default() }
    }
}
