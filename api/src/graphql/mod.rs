//! The GraphQL schema: what can be asked, changed and followed. One file or folder per context; the roots are merged here.

pub mod connection;
pub mod errors;
pub mod mutation;
pub mod scalars;

use std::sync::Arc;

use async_graphql::{Context, Error};
use domain::kernel::Caller;
use domain::kernel::roles::Action;
use domain::ports::{Clock, Codec, EventStore, IdSource};
use domain::run::Commands;
use infra::live::Live;
use infra::vault::Vault;
use projections::projection::Projection;
use projections::views::{StoredRow, Views};
use uuid::Uuid;

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
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Names for faults.
    pub ids: Arc<dyn IdSource>,
}

/// What the edge knows of the outside request, put into the request data.
#[derive(Debug, Clone, Default)]
pub struct RequestTrace {
    /// Ties together all that this request sets off.
    pub correlation: Option<Uuid>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

/// What the schema was built over.
fn deps<'a>(ctx: &Context<'a>) -> Result<&'a GraphqlDeps, Error> {
    ctx.data::<GraphqlDeps>().map_err(|_| errors::failure(errors::INTERNAL, "the schema was built without adapters"))
}

/// Who asks.
fn caller(ctx: &Context<'_>) -> Result<Caller, Error> {
    let caller = ctx.data_opt::<Caller>().copied();
    caller.ok_or_else(|| errors::failure(errors::UNAUTHENTICATED, "a bearer token is needed"))
}

/// Who asks, if their role may do this; otherwise what they ask for does not exist.
fn permitted(ctx: &Context<'_>, action: Action) -> Result<Caller, Error> {
    caller(ctx).and_then(|caller| if caller.role.may(action) { Ok(caller) } else { Err(errors::not_found()) })
}
