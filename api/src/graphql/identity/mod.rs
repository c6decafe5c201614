//! People and integrations: who belongs to the company, how they come in, and who did.

pub mod account;
pub mod consent;
pub mod invitations;
pub mod members;
pub mod sessions;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use async_graphql::{Context, Error};
use domain::kernel::SessionId;

use super::{GraphqlDeps, deps, errors};
use crate::auth::ApiTokens;
use crate::http::request::RequestContext;
use crate::identity::{Came, ClientDescription, Identity, Refused};

pub use account::AccountMutation;
pub use consent::{ConsentMutation, ConsentQuery};
pub use invitations::InvitationsMutation;
pub use members::{MembersMutation, MembersQuery};
pub use sessions::SessionsQuery;

/// Where people and integrations come in.
#[derive(Clone)]
pub struct WayIn {
    /// Of people.
    pub identity: Arc<Identity>,
    /// Of integrations.
    pub api_tokens: Arc<ApiTokens>,
}

/// Adapters, with where people come in.
fn with_people<'a>(ctx: &Context<'a>) -> Result<(&'a GraphqlDeps, &'a WayIn), Error> {
    let deps = deps(ctx)?;
    let people = deps.people.as_ref().ok_or_else(|| errors::unavailable("nobody signs in here"))?;
    Ok((deps, people))
}

/// The session that the request was asked in.
fn present_session(ctx: &Context<'_>) -> Option<SessionId> {
    ctx.data_opt::<RequestContext>().and_then(|request| request.session)
}

/// Where the request comes from, for what counts attempts; nowhere inside this process.
fn came(ctx: &Context<'_>) -> Came {
    let address = ctx.data_opt::<RequestContext>().map(|request| request.address);
    let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    Came { address, client: ClientDescription::default(), device: None }
}

/// Why what was asked where people come in fails a whole field.
fn failed(deps: &GraphqlDeps) -> impl Fn(Refused) -> Error {
    |refused| match errors::refused(deps, refused) {
        Ok(told) => errors::fault(deps, &format!("{}: {}", told.code, told.message)),
        Err(error) => error,
    }
}
