//! Kilter whole in one process: memory store, views and vault in memory, a clock driven by hand, GraphQL as some caller.

use std::sync::Arc;
use std::time::Duration;

use api::auth::{ApiTokens, TerminalSessions, TokenKeys};
use api::escalation::Escalator;
use api::graphql::read_models::Rebuilds;
use api::graphql::{GraphqlDeps, KilterSchema, build};
use api::identity::{DeviceKey, Errands, Guest, Identity};
use api::live_handoff::Handoff;
use api::planning::{Follower, Limits, Office, Planner, Sight};
use async_graphql::{Request, Response, Variables};
use domain::kernel::{ActorId, Caller, Role, TenantId, Timestamp};
use domain::ports::{Clock, Codec, EventStore, IdSource, Vault};
use domain::run::Commands;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use infra::clock::ManualClock;
use infra::codec::JsonCodec;
use infra::config::Config;
use infra::event_store::MemoryEventStore;
use infra::identity::passwords::{Cost, Passwords};
use infra::identity::providers::Providers;
use infra::ids::RandomIds;
use infra::mail::{Outbox, PublicUrl};
use infra::runner::{ProjectionSet, Runner, Sources};
use infra::vault::secrets::Secrets;
use infra::vault::{Registry, SqliteAnswers, SqliteVault};
use infra::views::SqliteViews;
use serde_json::Value as Json;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::projecting::assert_rebuilt_is_live;

/// Far more than anything here takes; a test that reaches it has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A Kilter of one test's own. Made with tokio running.
pub struct TestApp {
    /// Answers GraphQL.
    pub schema: KilterSchema,
    /// What it answers from.
    pub deps: GraphqlDeps,
    /// Runs the projections.
    pub runner: Arc<Runner>,
    /// Stands at 2012-03-05T08:00:00Z until it is moved.
    pub clock: Arc<ManualClock>,
}

impl TestApp {
    /// With an empty log in memory.
    pub async fn start() -> Self {
        Self::over(Arc::new(MemoryEventStore::new())).await
    }

    /// With this log.
    ///
    /// # Panics
    /// When a part does not start.
    pub async fn over(store: Arc<dyn EventStore>) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::parse("2012-03-05T08:00:00Z").expect("an instant")));
        let vault = Arc::new(SqliteVault::in_memory().expect("a vault"));
        let codec: Arc<dyn Codec> = Arc::new(JsonCodec::new(Arc::clone(&vault) as Arc<dyn Vault>));
        let ids: Arc<dyn IdSource> = Arc::new(RandomIds::new(Arc::clone(&clock) as Arc<dyn Clock>));
        let views = SqliteViews::in_memory().expect("views");
        let sources = Sources { store: Arc::clone(&store), codec: Arc::clone(&codec), rows: Arc::new(views.clone()) };
        let runner = Arc::new(Runner::start(sources, &ProjectionSet::all()).await.expect("the runner starts"));
        let commands = Arc::new(Commands::new(
            Arc::clone(&store),
            Arc::clone(&codec),
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::clone(&ids),
            Arc::new(SqliteAnswers::in_memory().expect("answers")),
        ));
        let deps = GraphqlDeps {
            store,
            codec,
            views: Arc::new(views),
            live: runner.live(),
            vault: Arc::clone(&vault) as Arc<dyn Vault>,
            registry: Arc::clone(&vault) as Arc<dyn Registry>,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            rebuilds: Arc::new(Rebuilds::new(Arc::clone(&runner))),
            people: Some(way_in((&commands, &vault), &clock, &ids)),
            commands,
            ids,
            planning: None,
        };
        let deps = GraphqlDeps { planning: Some(planning_office(&deps)), ..deps };
        Self { schema: build(deps.clone()), deps, runner, clock }
    }

    /// Somebody of this role in the workspace of this name, which is registered if need be.
    ///
    /// # Panics
    /// When the register fails.
    pub async fn caller(&self, workspace: &str, role: Role) -> Caller {
        let tenant = TenantId::from_name(workspace);
        let actor = ActorId::from_key(tenant, role.as_str());
        let registry: &dyn Registry = &*self.deps.registry;
        registry.register_tenant(tenant, workspace, self.clock.now()).await.expect("a register");
        registry.label_actor(tenant, actor, role.as_str()).await.expect("a register");
        Caller::new(tenant, actor, role)
    }

    /// What GraphQL answers to this caller.
    pub async fn execute(&self, caller: Caller, document: &str, variables: Json) -> Response {
        let variables = Variables::from_json(variables);
        self.schema.execute(Request::new(document).variables(variables).data(caller)).await
    }

    /// The data of an answer without errors.
    ///
    /// # Panics
    /// When there are errors.
    pub async fn data(&self, caller: Caller, document: &str, variables: Json) -> Json {
        let response = self.execute(caller, document, variables).await;
        assert!(response.errors.is_empty(), "{document}: {:?}", response.errors);
        response.data.into_json().expect("data are JSON")
    }

    /// Runs mutations, none of which may be refused, and waits until the read models show them.
    ///
    /// # Panics
    /// When one is refused.
    pub async fn change(&self, caller: Caller, document: &str, variables: Json) -> Json {
        let data = self.data(caller, document, variables).await;
        for (name, payload) in data.as_object().into_iter().flatten() {
            let refused = payload["userErrors"].as_array().is_some_and(|errors| !errors.is_empty());
            assert!(!refused, "{name}: {payload}");
        }
        self.settle().await;
        data
    }

    /// What a subscription sends to this caller.
    pub fn subscribe(&self, caller: Caller, document: &str, variables: Json) -> BoxStream<'static, Response> {
        let variables = Variables::from_json(variables);
        self.schema.execute_stream(Request::new(document).variables(variables).data(caller))
    }

    /// What a subscription sends until it has come up to now.
    pub async fn backlog(&self, caller: Caller, document: &str, variables: Json) -> Vec<Response> {
        let request = Request::new(document).variables(Variables::from_json(variables)).data(caller);
        self.schema.execute_stream(request.data(Handoff::individual())).collect().await
    }

    /// Waits until the read models hold everything in the log.
    ///
    /// # Panics
    /// When that takes too long.
    pub async fn settle(&self) {
        let head = self.deps.store.head().await.expect("a head");
        self.deps.live.wait_for(head, PATIENCE).await.expect("the read models keep up");
    }

    /// Makes plans follow the floor until what this gives is dropped.
    pub fn follow(&self) -> DropGuard {
        let stop = CancellationToken::new();
        let follower = Follower::new(&self.deps, Box::new(|| true));
        tokio::spawn(Arc::new(follower).run(stop.clone()));
        stop.drop_guard()
    }

    /// Makes calls for help escalate until what this gives is dropped.
    pub fn escalate(&self) -> DropGuard {
        let stop = CancellationToken::new();
        tokio::spawn(Escalator::new(&self.deps, Box::new(|| true)).run(stop.clone()));
        stop.drop_guard()
    }

    /// What is served is what the log says, after every suite (F11).
    pub async fn assert_rebuilt_is_live(&self) {
        self.settle().await;
        assert_rebuilt_is_live(&self.runner).await;
    }
}

/// Plans on one thread, one run at a time for each tenant.
fn planning_office(deps: &GraphqlDeps) -> Arc<Office> {
    let limits = Limits { threads: 1, ..Limits::from(&Config::default().planning) };
    let planner = Planner::new(limits, Arc::clone(&deps.ids)).expect("threads");
    Arc::new(Office::new(planner, Sight::of(deps)))
}

/// Where people come in, over a vault in memory.
fn way_in(
    (commands, vault): (&Arc<Commands>, &Arc<SqliteVault>),
    clock: &Arc<ManualClock>,
    ids: &Arc<dyn IdSource>,
) -> Arc<Identity> {
    let secrets = Arc::clone(vault) as Arc<dyn Secrets>;
    let (errands, errands_to_run) = Errands::new();
    let identity = Arc::new(Identity {
        commands: Arc::clone(commands),
        secrets: Arc::clone(&secrets),
        passwords: Passwords::new(Cost::weak_for_tests()).expect("threads"),
        providers: Providers::default(),
        registry: Arc::clone(vault) as Arc<dyn Registry>,
        tokens: Arc::new(TokenKeys::new("1", &[1; 32]).expect("keys")),
        api_tokens: Arc::new(ApiTokens::new(Arc::clone(&secrets), Arc::clone(commands))),
        at_terminals: Arc::new(TerminalSessions::new(Arc::clone(&secrets), Arc::clone(commands))),
        device_key: DeviceKey::new([2; 32]),
        free_failures: 5,
        errands,
        guest: Guest::default(),
        outbox: Outbox::new(Arc::clone(&secrets)),
        shows_outbox: true,
        public_url: PublicUrl::of(([127, 0, 0, 1], 80).into()),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        ids: Arc::clone(ids),
    });
    tokio::spawn({
        let identity = Arc::clone(&identity);
        async move { identity.run_errands(errands_to_run, CancellationToken::new()).await }
    });
    identity
}
