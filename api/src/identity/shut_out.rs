//! Who says who is let in must not shut themselves out.

use std::net::IpAddr;

use domain::kernel::{Caller, Role, SessionId};
use domain::tenancy::company::SecurityPolicy;

use super::{Identity, Refused, Whose};

/// How somebody would shut themselves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShutOut {
    /// They come from elsewhere.
    #[error("you come from {0}, which is in none of these networks: add it, or you can't come in again")]
    Network(IpAddr),
    /// They have none themselves.
    #[error("as {} you would need a second factor yourself: set one up first", .0.as_str())]
    SecondFactor(Role),
}

impl Identity {
    /// Whether who says this in a session of theirs could not come in again. Who has the keys can always.
    pub async fn shuts_out(
        &self,
        caller: &Caller,
        (session, from): (Option<SessionId>, IpAddr),
        security: &SecurityPolicy,
    ) -> Result<Option<ShutOut>, Refused> {
        if session.is_none() {
            return Ok(None);
        }
        if !security.lets_in(from) {
            return Ok(Some(ShutOut::Network(from)));
        }
        let whose = Whose { tenant: caller.tenant, account: caller.actor };
        if security.two_factor.contains(&caller.role) && !self.has_second_factor(whose).await? {
            return Ok(Some(ShutOut::SecondFactor(caller.role)));
        }
        Ok(None)
    }
}
