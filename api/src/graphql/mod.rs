//! The GraphQL schema: what can be asked, changed and followed. One file or folder per context; the roots are merged here.

pub mod activity;
pub mod andon;
pub mod as_of;
pub mod board;
pub mod calendars;
pub mod company;
pub mod connection;
pub mod density;
pub mod errors;
pub mod identity;
pub mod jobs;
pub mod live;
pub mod machines;
pub mod mutation;
pub mod planning;
pub mod read_models;
pub mod references;
pub mod row;
pub mod scalars;
pub mod tools;
pub mod totals;
pub mod workforce;

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Error, MergedObject, Request, Response, Schema, SchemaBuilder};
use domain::kernel::Caller;
use domain::kernel::roles::Action;
use domain::ports::{Clock, Codec, EventStore, IdSource, Vault};
use domain::run::Commands;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use infra::live::Live;
use infra::runner::past::{PastLimits, Pasts};
use infra::vault::Registry;
use projections::views::Views;
use uuid::Uuid;

use crate::auth::caller;
use crate::identity::Identity;
use crate::planning::Office;
use as_of::{AsOf, AsOfDirective};
use scalars::Position;

/// How long a question waits for the read models to come to its `minPosition`.
const PATIENCE: Duration = Duration::from_secs(5);

// In groups: one flat list is types nested deeper than the compiler follows.
/// Everything that can be asked.
#[derive(MergedObject, Default)]
pub struct Query(MasterDataQuery, WorkQuery, SchedulingQuery, PeopleQuery, RecordQuery);

/// What a shop consists of.
#[derive(MergedObject, Default)]
pub struct MasterDataQuery(
    company::CompanyQuery,
    machines::MachinesQuery,
    calendars::CalendarsQuery,
    tools::ToolsQuery,
    workforce::WorkforceQuery,
);

/// What is done there.
#[derive(MergedObject, Default)]
pub struct WorkQuery(jobs::JobsQuery, andon::AndonQuery, workforce::OperatorDayQuery, totals::TotalsQuery);

/// When it is to be done.
#[derive(MergedObject, Default)]
pub struct SchedulingQuery(
    board::BoardQuery,
    board::questions::ShopQuestions,
    planning::PlanningQuery,
    planning::PlanQuery,
    planning::ScenariosQuery,
);

/// Who has a part in it, and how they come in.
#[derive(MergedObject, Default)]
pub struct PeopleQuery(
    identity::MembersQuery,
    identity::ConsentQuery,
    identity::SessionsQuery,
    identity::ApiTokensQuery,
    identity::FeedsQuery,
    identity::TerminalsQuery,
);

/// What happened.
#[derive(MergedObject, Default)]
pub struct RecordQuery(activity::ActivityQuery, density::DensityQuery, read_models::ReadModelsQuery);

/// Everything that can be changed.
#[derive(MergedObject, Default)]
pub struct Mutation(
    MasterDataMutation,
    jobs::JobsMutation,
    SchedulingMutation,
    PeopleMutation,
    read_models::ReadModelsMutation,
);

/// What a shop consists of.
#[derive(MergedObject, Default)]
pub struct MasterDataMutation(
    company::CompanyMutation,
    machines::MachinesMutation,
    calendars::CalendarsMutation,
    tools::ToolsMutation,
    workforce::WorkforceMutation,
);

/// When work is to be done.
#[derive(MergedObject, Default)]
pub struct SchedulingMutation(planning::PlanningMutation, planning::ByHandMutation, planning::ScenariosMutation);

/// Who has a part in it, and how they come in.
#[derive(MergedObject, Default)]
pub struct PeopleMutation(
    identity::MembersMutation,
    identity::InvitationsMutation,
    identity::ConsentMutation,
    identity::AccountMutation,
    identity::ApiTokensMutation,
    identity::FeedsMutation,
    identity::TerminalsMutation,
);

/// The schema of Kilter, answered as of now.
type Present = Schema<Query, Mutation, live::Subscription>;

/// The schema of Kilter.
pub struct KilterSchema {
    present: Present,
    as_of: AsOf,
}

impl KilterSchema {
    /// Executes a query, of the moment that it asks for, or a mutation.
    pub async fn execute(&self, request: impl Into<Request>) -> Response {
        let execute = |request: Request| async { self.present.execute(request).await };
        self.as_of.execute(request.into(), execute).await
    }

    /// Executes any operation as a stream of answers.
    pub fn execute_stream(&self, request: impl Into<Request>) -> BoxStream<'static, Response> {
        self.present.execute_stream(request).boxed()
    }

    /// What is kept of the past.
    pub fn pasts(&self) -> &Pasts {
        self.as_of.pasts()
    }
}

/// The schema over these adapters. Limits and authentication are the edge's.
pub fn build(deps: GraphqlDeps) -> KilterSchema {
    build_with(deps, PastLimits::default())
}

/// The same, with these limits for the past.
pub fn build_with(deps: GraphqlDeps, past: PastLimits) -> KilterSchema {
    let as_of = AsOf::over(&deps, past);
    KilterSchema { present: declared().data(deps).data(board::sight::Sights::default()).finish(), as_of }
}

/// The schema in the language of schemas, without any adapter.
pub fn sdl() -> String {
    declared().finish().sdl()
}

fn declared() -> SchemaBuilder<Query, Mutation, live::Subscription> {
    Schema::build(Query::default(), Mutation::default(), live::Subscription::default()).directive(AsOfDirective)
}

/// All that resolvers reach for.
#[derive(Clone)]
pub struct GraphqlDeps {
    /// The door for changes.
    pub commands: Arc<Commands>,
    /// The log, for resuming subscriptions and replay.
    pub store: Arc<dyn EventStore>,
    /// Reads the log.
    pub codec: Arc<dyn Codec>,
    /// The read models.
    pub views: Arc<dyn Views>,
    /// What happens now.
    pub live: Arc<Live>,
    /// Opens personal data.
    pub vault: Arc<dyn Vault>,
    /// What tenants and actors are called.
    pub registry: Arc<dyn Registry>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Rebuilds of the read models.
    pub rebuilds: Arc<read_models::Rebuilds>,
    /// Names for faults.
    pub ids: Arc<dyn IdSource>,
    /// Where people and integrations come in; none where nobody does.
    pub people: Option<Arc<Identity>>,
    /// Where planning is done; nowhere beside a server.
    pub planning: Option<Arc<Office>>,
}

/// What the schema was built over.
fn deps<'a>(ctx: &Context<'a>) -> Result<&'a GraphqlDeps, Error> {
    ctx.data::<GraphqlDeps>().map_err(|_| errors::failure(errors::INTERNAL, "the schema was built without adapters"))
}

/// Who asks, if their role may do this; otherwise what they ask for does not exist.
fn permitted(ctx: &Context<'_>, action: Action) -> Result<Caller, Error> {
    caller(ctx).and_then(|caller| if caller.may(action) { Ok(caller) } else { Err(errors::not_found()) })
}

/// Waits until the read models have come to `position`.
async fn settle(ctx: &Context<'_>, position: Option<Position>) -> Result<(), Error> {
    let Some(Position(position)) = position else { return Ok(()) };
    as_of::covers(ctx, Position(position))?;
    let late = deps(ctx)?.live.wait_for(position, PATIENCE).await;
    late.map_err(|late| errors::unavailable(&late.to_string()))
}

/// The identity that this text spells; `None` for any other text, which then names nothing.
fn find_id(id: &async_graphql::ID) -> Option<Uuid> {
    Uuid::parse_str(id).ok()
}
