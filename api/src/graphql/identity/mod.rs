//! People and integrations: who belongs to the company, how they come in, and who did.

pub mod account;
pub mod api_tokens;
pub mod consent;
pub mod feeds;
pub mod invitations;
pub mod members;
pub mod sessions;
pub mod terminals;

use std::net::{IpAddr, Ipv4Addr};

use async_graphql::{Context, Error};
use domain::kernel::SessionId;

use super::as_of::of_now;
use super::{GraphqlDeps, errors};
use crate::http::request::RequestContext;
use crate::identity::{Came, ClientDescription, Identity, Refused};

pub use account::AccountMutation;
pub use api_tokens::{ApiTokensMutation, ApiTokensQuery};
pub use consent::{ConsentMutation, ConsentQuery};
pub use feeds::{FeedsMutation, FeedsQuery};
pub use invitations::InvitationsMutation;
pub use members::{MembersMutation, MembersQuery};
pub use sessions::SessionsQuery;
pub use terminals::{TerminalsMutation, TerminalsQuery};

/// Adapters, with where people come in.
fn with_people<'a>(ctx: &Context<'a>) -> Result<(&'a GraphqlDeps, &'a Identity), Error> {
    let deps = of_now(ctx)?;
    let people = deps.people.as_ref().ok_or_else(|| errors::unavailable("nobody signs in here"))?;
    Ok((deps, people))
}

/// The session that the request was asked in.
pub(super) fn present_session(ctx: &Context<'_>) -> Option<SessionId> {
    ctx.data_opt::<RequestContext>().and_then(|request| request.session)
}

/// Where the request comes from; nowhere inside this process.
pub(super) fn address(ctx: &Context<'_>) -> IpAddr {
    let address = ctx.data_opt::<RequestContext>().map(|request| request.address);
    address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// The same, for what counts attempts.
fn came(ctx: &Context<'_>) -> Came {
    Came { address: address(ctx), client: ClientDescription::default(), device: None }
}

/// Why what was asked where people come in fails a whole field.
pub(super) fn failed(deps: &GraphqlDeps) -> impl Fn(Refused) -> Error {
    |refused| match errors::refused(deps, refused) {
        Ok(told) => errors::fault(deps, &format!("{}: {}", told.code, told.message)),
        Err(error) => error,
    }
}
