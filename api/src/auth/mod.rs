//! Who is asking. [`Caller`] is the only door: a tenant never comes from anywhere else.
//!
//! A token comes as `Authorization: Bearer` (HTTP and the upgrade request of a socket), in the payload of `connection_init`, or, from
//! pages in a browser, in a cookie. It is of a session that somebody signed in to, of an integration, or was made by who has the keys.

mod api_tokens;
#[cfg(test)]
mod bad_tokens;
pub mod family;
pub mod revocations;
mod terminals;
mod token;

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, RwLock};

use async_graphql::ErrorExtensions;
use domain::identity::account::AccountState;
use domain::identity::session::SessionState;
use domain::kernel::{SessionId, TenantId, Timestamp};
use domain::ports::{Clock, VaultError};
use domain::run::{Commands, RunError};
use infra::vault::Registry;

pub use self::api_tokens::{API_TOKEN_PREFIX, ApiTokens};
use self::revocations::{Revocations, Watch, Word};
pub use self::terminals::{AtTerminal, FLOOR_TOKEN_PREFIX, LONGEST_SECONDS, Paired, TerminalSessions};
pub use domain::kernel::Caller;
pub use token::{BadToken, DEFAULT_TTL_SECONDS, Grant, MAX_TTL_SECONDS, MintError, SESSION_TTL_SECONDS, TokenKeys};

/// A caller whose token was good when it was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authenticated {
    /// Who it is.
    pub caller: Caller,
    /// On whom it rests: who signed in themselves, or who made the API token. What becomes of them ends what is open.
    pub backed_by: Caller,
    /// What ends with the token: a session, or an API token's identity in its place; `None` where nothing but time ends it.
    pub session: Option<SessionId>,
    /// When the token ends; an open socket ends with it.
    pub expires_at: Timestamp,
    /// Whether it is an operator's at a terminal: good for what a terminal asks, and for nothing else.
    pub at_terminal: bool,
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
    /// The token was good; its session may give another one.
    #[error("the token has expired")]
    Expired,
    /// What the token belongs to has ended, or never was.
    #[error("the token is not valid")]
    Ended,
    /// The token is good, its tenant is not known here.
    #[error("the token is not valid")]
    UnknownTenant,
    /// It can't be told right now.
    #[error("callers can't be checked right now")]
    Unavailable(String),
}

impl From<VaultError> for AuthError {
    fn from(error: VaultError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<RunError> for AuthError {
    fn from(error: RunError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// What tokens are checked against beyond their signature.
#[derive(Clone)]
pub struct Sessions {
    /// What has ended.
    pub revocations: Arc<Revocations>,
    /// Where it is asked what the map of revocations does not know.
    pub commands: Arc<Commands>,
    /// Tokens of integrations.
    pub api_tokens: Arc<ApiTokens>,
    /// Who is signed in at terminals.
    pub at_terminals: Arc<TerminalSessions>,
}

/// Turns a token into a caller.
pub struct Authenticator {
    keys: TokenKeys,
    clock: Arc<dyn Clock>,
    registry: Arc<dyn Registry>,
    sessions: Option<Sessions>,
    /// Tenants seen registered: they never cease to be, so only the unknown are asked for again.
    known: RwLock<HashSet<TenantId>>,
}

impl Authenticator {
    /// With these keys, for the tenants of this register. Nobody can sign in: only who has the keys makes tokens.
    pub fn new(keys: TokenKeys, clock: Arc<dyn Clock>, registry: Arc<dyn Registry>) -> Self {
        Self { keys, clock, registry, sessions: None, known: RwLock::default() }
    }

    /// With sessions of people and tokens of integrations as well.
    #[must_use]
    pub fn with_sessions(self, sessions: Sessions) -> Self {
        Self { sessions: Some(sessions), ..self }
    }

    /// The caller whose token this is, who comes from there.
    pub async fn authenticate(&self, token: &str, from: IpAddr) -> Result<Authenticated, AuthError> {
        if token.starts_with(API_TOKEN_PREFIX) {
            let sessions = self.sessions.as_ref().ok_or(AuthError::Refused(BadToken::Malformed))?;
            let unchanged = |tenant, since| sessions.revocations.unchanged(tenant, since);
            return sessions.api_tokens.authenticate(token, from, self.clock.now(), unchanged).await;
        }
        let grant = self.keys.verify(token, self.clock.now()).map_err(|bad| match bad {
            BadToken::Expired => AuthError::Expired,
            other => AuthError::Refused(other),
        })?;
        self.check_tenant(grant.caller.tenant).await?;
        let session = grant.given_at.map(|_| SessionId(grant.session));
        if let Some((session, given_at)) = session.zip(grant.given_at) {
            self.check_session(&grant.caller, session, given_at).await?;
        }
        let caller = grant.caller;
        Ok(Authenticated { caller, backed_by: caller, session, expires_at: grant.expires_at, at_terminal: false })
    }

    /// The caller by the cookie of a session; at a terminal that is good only together with the terminal's own.
    pub async fn authenticate_cookie(
        &self,
        token: &str,
        terminal: Option<&str>,
        from: IpAddr,
    ) -> Result<Authenticated, AuthError> {
        if token.starts_with(FLOOR_TOKEN_PREFIX) {
            let sessions = self.sessions.as_ref().ok_or(AuthError::Refused(BadToken::Malformed))?;
            return sessions.at_terminals.authenticate((token, terminal), from, self.clock.now()).await;
        }
        self.authenticate(token, from).await
    }

    /// The caller by the value of an `Authorization` header.
    pub async fn authenticate_header(&self, value: &str, from: IpAddr) -> Result<Authenticated, AuthError> {
        let token = bearer(value).ok_or(AuthError::Refused(BadToken::Malformed))?;
        self.authenticate(token, from).await
    }

    /// Watches over something open that this caller opened; `None` where nothing but time ends it.
    pub fn watch(&self, authenticated: &Authenticated) -> Option<Watch> {
        let (sessions, session) = self.sessions.as_ref().zip(authenticated.session)?;
        Some(sessions.revocations.watch(&authenticated.backed_by, session))
    }

    /// The present instant, by the clock that tokens are judged by.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn check_session(&self, caller: &Caller, session: SessionId, given_at: Timestamp) -> Result<(), AuthError> {
        let sessions = self.sessions.as_ref().ok_or(AuthError::Ended)?;
        match sessions.revocations.word(caller, session, given_at) {
            Word::Good => Ok(()),
            Word::Ended => Err(AuthError::Ended),
            Word::Changed => Err(AuthError::Expired),
            Word::Unknown => sessions.ask_log(caller, session).await,
        }
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

impl Sessions {
    async fn ask_log(&self, caller: &Caller, session: SessionId) -> Result<(), AuthError> {
        let state = self.commands.session(caller.tenant, session).await?;
        if state != (SessionState::Open { account: caller.actor }) {
            return Err(AuthError::Ended);
        }
        // What ends many sessions at once stands with their account.
        let account = self.commands.account(caller.tenant, caller.actor).await?;
        if matches!(&*account, AccountState::Registered(account) if account.has_ended(session)) {
            return Err(AuthError::Ended);
        }
        match self.commands.roster(caller.tenant).await?.active(caller.actor) {
            None => Err(AuthError::Ended),
            Some(member) if member.role != caller.role => Err(AuthError::Expired),
            Some(_) => Ok(()),
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
