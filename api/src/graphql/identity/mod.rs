//! People and integrations: who belongs to the company, how they come in, and who did.

pub mod consent;
pub mod invitations;
pub mod members;

use std::sync::Arc;

use async_graphql::{Context, Error};

use super::{GraphqlDeps, deps, errors};
use crate::auth::ApiTokens;
use crate::identity::Identity;

pub use consent::{ConsentMutation, ConsentQuery};
pub use invitations::InvitationsMutation;
pub use members::{MembersMutation, MembersQuery};

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
