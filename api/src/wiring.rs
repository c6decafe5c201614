//! The composition root: only what is here and below names adapters. It opens them in order and closes them in the opposite one.

mod archive;
mod people;
mod planning;
mod refusal;
mod stores;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::kernel::{ActorId, Caller, Role, TenantId};
use domain::ports::{
    Clock, Codec, EventStore, Filter, Future, IdSource, Position, ReadError, Scope, Vault, VaultError,
};
use domain::run::Commands;
use infra::clock::SystemClock;
use infra::codec::JsonCodec;
use infra::config::{Config, Stores};
use infra::data_folder::DataFolder;
use infra::event_store::{AppendBatch, Observer};
use infra::ids::RandomIds;
use infra::live::Live;
use infra::runner::{ProjectionSet, Runner, Sources};
use infra::telemetry::Metrics;
use infra::vault::Registry;
use infra::vault::secrets::Secrets;
use infra::vault::windows::SharedWindows;
use projections::job_board::JobBoard;
use projections::projection::Projection;
use projections::views::Views;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use self::archive::{Access, Archive, Copied, CopyProgress, TransferError, clock_of_database, copy_log};
use self::people::People;
pub use self::refusal::OpenError;
use self::stores::{Opened, Patience};
use crate::auth::{Authenticator, TokenKeys};
use crate::feeds::Calendars;
use crate::graphql::read_models::Rebuilds;
use crate::graphql::{self, GraphqlDeps, KilterSchema};
use crate::http::health::Readiness;
use crate::http::settings::HttpSettings;
use crate::http::web::WebApp;
use crate::http::{HttpParts, HttpState};
use crate::planning::Sight;

/// Name of the key that tokens are signed with.
const TOKEN_KEY_NAME: &str = "1";

/// How often, while the read models are waited for, is looked whether what is next for them is damaged, and how much of it.
const LOOK: Duration = Duration::from_secs(2);
const PAGE: usize = 500;

/// Who there is, and the keys that their tokens are signed with: all that making a token takes, also beside a running server.
pub struct Registers {
    /// The tenants and what actors are called.
    pub registry: Arc<dyn Registry>,
    /// Signs tokens, and checks them.
    pub tokens: TokenKeys,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New identities.
    pub ids: Arc<dyn IdSource>,
}

impl Registers {
    /// Beside whatever else uses the same stores.
    pub async fn peek(stores: &Stores) -> Result<Self, OpenError> {
        let (folder, registry) = stores::registry(stores).await?;
        let clock = clock();
        Ok(Self {
            registry,
            tokens: TokenKeys::new(TOKEN_KEY_NAME, folder.token_key())?,
            ids: Arc::new(RandomIds::new(Arc::clone(&clock))),
            clock,
        })
    }

    /// The workspace of this name, made on first use, and somebody in it. True when it was made.
    pub async fn member(&self, tenant: &str, user: &str, role: Role) -> Result<(Caller, bool), Unnamed> {
        member(self.registry.as_ref(), self.clock.as_ref(), (tenant, user, role)).await
    }
}

/// The write side of a data folder: what it takes to run commands.
pub struct WriteSide {
    /// The door for changes.
    pub commands: Arc<Commands>,
    /// The tenants and what actors are called.
    pub registry: Arc<dyn Registry>,
    /// What proves who people are.
    pub secrets: Arc<dyn Secrets>,
    /// Where nodes share what they count; `None` where there is one node.
    windows: Option<Arc<dyn SharedWindows>>,
    /// The log.
    pub store: Arc<dyn EventStore>,
    /// Reads the log.
    pub codec: Arc<dyn Codec>,
    /// Opens personal data.
    pub vault: Arc<dyn Vault>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New identities.
    pub ids: Arc<dyn IdSource>,
    /// What is counted.
    pub metrics: Metrics,
    /// Last, so that its lock is let go after everything else is closed.
    folder: DataFolder,
}

impl WriteSide {
    /// Opens the stores, and makes them on first start.
    pub async fn open(stores: &Stores) -> Result<Self, OpenError> {
        Self::patiently(stores, Patience::begin()).await
    }

    async fn patiently(stores: &Stores, patience: Patience) -> Result<Self, OpenError> {
        let clock = clock();
        let ids: Arc<dyn IdSource> = Arc::new(RandomIds::new(Arc::clone(&clock)));
        let metrics = Metrics::new();
        let counted = metrics.clone();
        let observer: Observer = Arc::new(move |batch: AppendBatch| counted.committed(batch.events, batch.elapsed));
        let Opened { store, vault, registry, secrets, windows, answers, snapshots, folder } =
            stores::open(stores, clock.now(), observer, patience).await?;
        let codec: Arc<dyn Codec> = Arc::new(JsonCodec::new(Arc::clone(&vault)));
        let commands =
            Commands::new(Arc::clone(&store), Arc::clone(&codec), Arc::clone(&clock), Arc::clone(&ids), answers)
                .with_snapshots(snapshots);
        Ok(Self {
            commands: Arc::new(commands),
            registry,
            secrets,
            windows,
            store,
            codec,
            vault,
            clock,
            ids,
            metrics,
            folder,
        })
    }

    /// The workspace of this name, made on first use, and somebody in it. True when it was made.
    pub async fn member(&self, tenant: &str, user: &str, role: Role) -> Result<(Caller, bool), Unnamed> {
        member(self.registry.as_ref(), self.clock.as_ref(), (tenant, user, role)).await
    }

    /// The workspace of this name, if anybody ever worked in it.
    pub async fn known(&self, tenant: &str) -> Result<Option<TenantId>, Unnamed> {
        known(self.registry.as_ref(), tenant).await
    }

    /// Signs tokens, and checks them.
    pub fn tokens(&self) -> Result<TokenKeys, OpenError> {
        Ok(TokenKeys::new(TOKEN_KEY_NAME, self.folder.token_key())?)
    }
}

/// All of Kilter over one data folder, but for the network.
pub struct App {
    /// The API, for who has the folder: nobody signs in to it.
    pub schema: KilterSchema,
    deps: GraphqlDeps,
    runner: Arc<Runner>,
    views: Arc<dyn Views>,
    /// What it takes to run commands. Last: the folder's lock is let go after all that uses its files.
    pub side: WriteSide,
}

impl App {
    /// Opens the stores and starts the read models; they catch up in the background.
    pub async fn open(stores: &Stores) -> Result<Self, OpenError> {
        let patience = Patience::begin();
        let side = WriteSide::patiently(stores, patience).await?;
        let set = ProjectionSet::all();
        let (views, rows) = stores::views(stores, &side.folder, &set, patience).await?;
        let started = patience.with(|| async {
            let (store, codec, rows) = (Arc::clone(&side.store), Arc::clone(&side.codec), Arc::clone(&rows));
            Ok(Runner::start(Sources { store, codec, rows }, &set).await?)
        });
        let runner = Arc::new(started.await?);
        let deps = GraphqlDeps {
            commands: Arc::clone(&side.commands),
            store: Arc::clone(&side.store),
            codec: Arc::clone(&side.codec),
            views: Arc::clone(&views),
            live: runner.live(),
            vault: Arc::clone(&side.vault),
            registry: Arc::clone(&side.registry),
            clock: Arc::clone(&side.clock),
            rebuilds: Arc::new(Rebuilds::new(Arc::clone(&runner))),
            ids: Arc::clone(&side.ids),
            people: None,
            planning: None,
        };
        let schema = graphql::build(deps.clone());
        tokio::spawn(watch_lag(Arc::downgrade(&runner), side.metrics.clone()));
        Ok(Self { schema, deps, runner, views, side })
    }

    /// What the read models tell.
    pub fn live(&self) -> Arc<Live> {
        self.runner.live()
    }

    /// Where planning looks.
    pub fn sight(&self) -> Sight {
        Sight::of(&self.deps)
    }

    /// What is served over the network, at this address.
    pub async fn http(&self, config: &Config, address: SocketAddr) -> Result<HttpState, OpenError> {
        let stop = CancellationToken::new();
        let people = People::open(&self.side, config, address, stop.clone()).await?;
        let identity = Some(Arc::clone(&people.identity));
        let planning = Some(planning::open(&self.deps, &self.runner, config, &stop)?);
        let schema = graphql::build(GraphqlDeps { people: identity, planning, ..self.deps.clone() });
        let head = self.side.store.head().await.map_err(|error| OpenError::Unavailable(error.to_string()))?;
        let live = self.live();
        let clock = Arc::clone(&self.side.clock);
        let readiness = Ready {
            store: Arc::clone(&self.side.store),
            views: Arc::clone(&self.views),
            registry: Arc::clone(&self.side.registry),
            runner: Arc::clone(&self.runner),
            head,
        };
        Ok(HttpState::new(HttpParts {
            engine: Arc::new(schema),
            authenticator: Authenticator::new(self.side.tokens()?, clock, Arc::clone(&self.side.registry))
                .with_sessions(people.sessions),
            identity: Some(people.identity),
            calendars: Some(Calendars { views: Arc::clone(&self.views), store: Arc::clone(&self.side.store) }),
            beside: Some(stop.drop_guard()),
            windows: self.side.windows.clone(),
            ids: Arc::clone(&self.side.ids),
            readiness: Arc::new(readiness),
            metrics: self.side.metrics.clone(),
            position: Box::new(move || live.position()),
            web: WebApp::built_in(),
            settings: HttpSettings::from(config),
        }))
    }

    /// Waits until the read models hold everything that is in the log now.
    pub async fn caught_up(&self, patience: Duration) -> Result<(), OpenError> {
        let unavailable = |reason: String| OpenError::Unavailable(reason);
        let store = &self.side.store;
        let head = store.head().await.map_err(|error| unavailable(error.to_string()))?;
        let begun = Instant::now();
        while let Err(late) = self.live().wait_for(head, patience.min(LOOK)).await {
            // They stand still before what is damaged, however long they are waited for.
            let next = store.read_all(Scope::System, late.at, PAGE, Filter::default()).await;
            if let Err(ReadError::Corrupt(what)) = next {
                return Err(OpenError::StoreDamaged(what));
            }
            if begun.elapsed() >= patience {
                return Err(unavailable(late.to_string()));
            }
        }
        Ok(())
    }

    /// Stops the read models after the batch in hand, then closes the stores.
    pub async fn close(self) {
        self.runner.stop().await;
    }
}

/// Ready when the stores answer and the read models have come to where the log was at the start, and hold what was told of.
struct Ready {
    store: Arc<dyn EventStore>,
    views: Arc<dyn Views>,
    registry: Arc<dyn Registry>,
    runner: Arc<Runner>,
    head: Position,
}

impl Readiness for Ready {
    fn check(&self) -> Future<'_, Result<(), String>> {
        Box::pin(async {
            let (nobody, nothing) = (TenantId::installation(), Vec::new());
            self.store.health().await.map_err(|error| error.to_string())?;
            self.registry.tenant(nobody).await.map_err(|error| error.to_string())?;
            self.views.get(JobBoard::NAME, nobody, nothing).await.map_err(|error| error.to_string())?;
            // Told of first: what is committed meanwhile is no less.
            let goal = self.runner.live().position().max(self.head);
            let at = self.runner.committed();
            if at < goal {
                return Err(format!("the read models are at position {at} of {goal}"));
            }
            Ok(())
        })
    }
}

/// Keeps the figures of the read models' lag up to date, as long as there are any.
async fn watch_lag(runner: std::sync::Weak<Runner>, metrics: Metrics) {
    const EVERY: Duration = Duration::from_secs(1);
    while let Some(runner) = runner.upgrade() {
        for status in runner.status() {
            let behind = status.head.0.saturating_sub(status.position.0);
            metrics.projection_lag(status.projection, behind, status.behind);
            metrics.parked_streams(status.projection, status.parked.len());
        }
        drop(runner);
        tokio::time::sleep(EVERY).await;
    }
}

/// Why a name names no workspace.
#[derive(Debug, thiserror::Error)]
pub enum Unnamed {
    /// Companies that signed up themselves may be called alike.
    #[error("{} companies are called {name:?}; say which by its identity: {}", ids.len(), listed(ids))]
    Several {
        /// The name.
        name: String,
        /// Which they are, oldest first.
        ids: Vec<TenantId>,
    },
    /// The registers can't be read.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

fn listed(ids: &[TenantId]) -> String {
    ids.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(", ")
}

/// The workspace of this name: the one that was made under it on a command line, else the company that signed up as it.
async fn known(registry: &dyn Registry, name: &str) -> Result<Option<TenantId>, Unnamed> {
    if let Some(known) = registry.tenant(TenantId::from_name(name)).await? {
        return Ok(Some(known.id));
    }
    let all = registry.tenants().await?;
    let ids: Vec<TenantId> = all.into_iter().filter(|it| it.name == name).map(|it| it.id).collect();
    match ids.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ => Err(Unnamed::Several { name: name.to_owned(), ids }),
    }
}

async fn member(
    registry: &dyn Registry,
    clock: &dyn Clock,
    (name, user, role): (&str, &str, Role),
) -> Result<(Caller, bool), Unnamed> {
    let tenant = known(registry, name).await?.unwrap_or_else(|| TenantId::from_name(name));
    let made = registry.register_tenant(tenant, name, clock.now()).await?;
    let actor = Uuid::parse_str(user).map_or_else(|_| ActorId::from_key(tenant, user), ActorId);
    registry.label_actor(tenant, actor, user).await?;
    Ok((Caller::new(tenant, actor, role), made))
}

/// The time of day.
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}
