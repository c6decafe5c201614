//! Who is asking. [`Caller`] is the only door: a tenant never comes from anywhere else.
//!
//! Tokens come as `Authorization: Bearer` (HTTP and the upgrade request of a socket) or in the payload of
//! `connection_init`. Cookies will come later through the same [`Authenticator`].

#[cfg(test)]
mod bad_tokens;
mod token;

use std::collections::HashSet;
use std::sync::{Arc, RwLock};

use async_graphql::ErrorExtensions;
use domain::kernel::{TenantId, Timestamp};
use domain::ports::Clock;
use infra::vault::Registry;

pub use domain::kernel::Caller;
pub use token::{BadToken, DEFAULT_TTL_SECONDS, Grant, MAX_TTL_SECONDS, MintError, TokenKeys};

/// A caller whose token was good when it was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authenticated {
    /// Who it is.
    pub caller: Caller,
    /// When the token ends; an open socket ends with it.
    pub expires_at: Timestamp,
}

/// Why nobody is let in. The text is for the client and names no detail of the check that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// There is no token.
    #[error("a token is needed: send `Authorization: Bearer <token>`")]
    Missing,
    /// The token is not good.
    #[error("the token is not valid")]
    Refused(#[source] BadToken),
    /// The token was good.
    #[error("the token has expired")]
    Expired,
    /// The token is good, its tenant is not known here.
    #[error("the token is not valid")]
    UnknownTenant,
    /// It can't be told right now.
    #[error("callers can't be checked right now")]
    Unavailable(String),
}

/// Turns a token into a caller.
pub struct Authenticator {
    keys: TokenKeys,
    clock: Arc<dyn Clock>,
    registry: Arc<dyn Registry>,
    /// Tenants seen registered: they never cease to be, so only the unknown are asked for again.
    known: RwLock<HashSet<TenantId>>,
}

impl Authenticator {
    /// With these keys, for the tenants of this register.
    pub fn new(keys: TokenKeys, clock: Arc<dyn Clock>, registry: Arc<dyn Registry>) -> Self {
        Self { keys, clock, registry, known: RwLock::default() }
    }

    /// The caller whose token this is.
    pub async fn authenticate(&self, token: &str) -> Result<Authenticated, AuthError> {
        let grant = self.keys.verify(token, self.clock.now()).map_err(|bad| match bad {
            BadToken::Expired => AuthError::Expired,
            other => AuthError::Refused(other),
        })?;
        self.check_tenant(grant.caller.tenant).await?;
        Ok(Authenticated { caller: grant.caller, expires_at: grant.expires_at })
    }

    /// The caller by the value of an `Authorization` header.
    pub async fn authenticate_header(&self, value: Option<&str>) -> Result<Authenticated, AuthError> {
        let value = value.ok_or(AuthError::Missing)?;
        let token = bearer(value).ok_or(AuthError::Refused(BadToken::Malformed))?;
        self.authenticate(token).await
    }

    /// The present instant, by the clock that tokens are judged by.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn check_tenant(&self, tenant: TenantId) -> Result<(), AuthError> {
        if self.known.read().is_ok_and(|known| known.contains(&tenant)) {
            return Ok(());
        }
        match self.registry.tenant(tenant).await {
            Ok(Some(_)) => {
                if let Ok(mut known) = self.known.write() {
                    known.insert(tenant);
                }
                Ok(())
            }
            Ok(None) => Err(AuthError::UnknownTenant),
            Err(error) => Err(AuthError::Unavailable(error.to_string())),
        }
    }
}

/// The token of a `Bearer` credential; the scheme's case does not matter (RFC 9110).
pub fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The caller of the request that a resolver serves. The edge lets no request through without one.
pub fn caller(context: &async_graphql::Context<'_>) -> async_graphql::Result<Caller> {
    context.data::<Caller>().copied().map_err(|_| {
        async_graphql::Error::new(AuthError::Missing.to_string())
            .extend_with(|_, extensions| extensions.set("code", "UNAUTHENTICATED"))
    })
}
