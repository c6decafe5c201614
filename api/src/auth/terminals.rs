//! What an operator holds who signed in at a terminal: opaque, of which only an HMAC rests, for as long as it is used. It is good for what
//! is done on the floor, while its terminal is paired and they work here.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::kernel::time::later;
use domain::kernel::{
    Action, ActionSet, ActorId, Caller, OperatorId, Role, SessionId, SubjectId, TenantId, TerminalId, Timestamp,
};
use domain::ports::Scope;
use domain::run::Commands;
use domain::workforce::operator::OperatorState;
use infra::random::random_bytes;
use infra::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind, Secrets};
use serde::{Deserialize, Serialize};

use super::{AuthError, Authenticated};

/// What every token of an operator at a terminal begins with.
pub const FLOOR_TOKEN_PREFIX: &str = "floor_";
/// After how long without use a session ends: 10 minutes.
const IDLE_SECONDS: i64 = 10 * 60;
/// After how long it ends however it is used: 12 hours.
pub const LONGEST_SECONDS: i64 = 12 * 3600;
/// Within what time several who come in have come in at once.
const TOGETHER_SECONDS: i64 = 5;
/// How old the note of the last use may become.
const USE_NOTED_SECONDS: i64 = 30;

/// A session as it rests.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct AtTerminal {
    /// Which session.
    pub session: SessionId,
    /// Of which company.
    pub tenant: TenantId,
    /// Whose.
    pub operator: OperatorId,
    /// Where.
    pub terminal: TerminalId,
    opened: Timestamp,
    used: Timestamp,
}

impl AtTerminal {
    /// As whom they act: themselves, on the floor and nowhere else.
    pub fn caller(&self) -> Caller {
        let within = ActionSet::of([Action::WorkOnFloor, Action::ViewShop]);
        Caller { within, ..Caller::new(self.tenant, ActorId(self.operator.0), Role::Operator) }
    }

    /// Whether both began in the same moment, as far as the clocks of nodes agree: nobody stands before a tablet as two.
    pub const fn began_with(&self, other: &Self) -> bool {
        self.opened.seconds_since(other.opened).abs() <= TOGETHER_SECONDS
    }

    /// When it ends unless it is used.
    pub fn ends(&self) -> Timestamp {
        later(self.used, IDLE_SECONDS).min(later(self.opened, LONGEST_SECONDS))
    }
}

/// A terminal as it rests. What it is called the log tells.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Paired {
    /// Which.
    pub id: TerminalId,
    /// Of which company.
    pub tenant: TenantId,
    /// Since when.
    pub paired: Timestamp,
    /// When it was used last.
    pub used: Timestamp,
}

/// Who is signed in at terminals.
pub struct TerminalSessions {
    secrets: Arc<dyn Secrets>,
    commands: Arc<Commands>,
}

impl TerminalSessions {
    /// Those of this vault and this log.
    pub fn new(secrets: Arc<dyn Secrets>, commands: Arc<Commands>) -> Self {
        Self { secrets, commands }
    }

    /// Begins a session; its text is handed out once and rests nowhere.
    pub async fn begin(
        &self,
        (tenant, terminal): (TenantId, TerminalId),
        (session, operator): (SessionId, OperatorId),
        now: Timestamp,
    ) -> Result<(String, AtTerminal), ChangeError> {
        let text = format!("{FLOOR_TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>()));
        let rests = AtTerminal { session, tenant, operator, terminal, opened: now, used: now };
        let secret = Secret::new(self.id(&text), &rests)?;
        let secret = secret.of_owner(tenant, SubjectId(terminal.0)).expiring_at(rests.ends());
        self.secrets.change(Scope::Tenant(tenant), vec![Change::add(secret)], now).await?;
        Ok((text, rests))
    }

    /// The session of this text, if it lasts.
    pub async fn find(&self, text: &str, now: Timestamp) -> Result<Option<AtTerminal>, ChangeError> {
        let found = self.secrets.find(Scope::System, self.id(text), now).await?;
        Ok(found.map(|found| found.value()).transpose()?)
    }

    /// The sessions at a terminal.
    pub async fn at(
        &self,
        (tenant, terminal): (TenantId, TerminalId),
        now: Timestamp,
    ) -> Result<Vec<AtTerminal>, ChangeError> {
        let found = self.secrets.of_owner(SecretKind::TerminalSession, tenant, SubjectId(terminal.0), now).await?;
        found.iter().map(|secret| Ok(secret.value()?)).collect()
    }

    /// Forgets the sessions at a terminal that are to end, and tells which they were.
    pub async fn forget(
        &self,
        (tenant, terminal): (TenantId, TerminalId),
        ends: impl Fn(&AtTerminal) -> bool + Send,
        now: Timestamp,
    ) -> Result<Vec<AtTerminal>, ChangeError> {
        let found = self.secrets.of_owner(SecretKind::TerminalSession, tenant, SubjectId(terminal.0), now).await?;
        let (mut ended, mut gone) = (Vec::new(), Vec::new());
        for secret in found {
            let rests: AtTerminal = secret.value()?;
            if ends(&rests) {
                ended.push(rests);
                gone.push(Change::Remove { id: secret.id(), version: None });
            }
        }
        self.secrets.change(Scope::Tenant(tenant), gone, now).await?;
        Ok(ended)
    }

    /// The caller whose session this is, when it is shown at its own terminal and comes from where their company lets people in.
    pub(super) async fn authenticate(
        &self,
        (text, terminal): (&str, Option<&str>),
        from: IpAddr,
        now: Timestamp,
    ) -> Result<Authenticated, AuthError> {
        let found = self.secrets.find(Scope::System, self.id(text), now).await?.ok_or(AuthError::Ended)?;
        let rests: AtTerminal = found.value()?;
        let shown = self.secrets.id(SecretKind::Terminal, terminal.unwrap_or_default().as_bytes());
        let shown = self.secrets.find(Scope::Tenant(rests.tenant), shown, now).await?.ok_or(AuthError::Ended)?;
        if shown.value::<Paired>()?.id != rests.terminal {
            return Err(AuthError::Ended);
        }
        let company = self.commands.company(rests.tenant).await?;
        if company.terminal(rests.terminal).is_none() || !company.security().lets_in(from) {
            return Err(AuthError::Ended);
        }
        let operator = self.commands.operator(rests.tenant, rests.operator).await?;
        if !matches!(&*operator, OperatorState::Active(_)) {
            return Err(AuthError::Ended);
        }
        let rests = self.note_use(&found, rests, now).await;
        let caller = rests.caller();
        let session = Some(rests.session);
        Ok(Authenticated { caller, backed_by: caller, session, expires_at: rests.ends(), at_terminal: true })
    }

    async fn note_use(&self, found: &Secret, rests: AtTerminal, now: Timestamp) -> AtTerminal {
        if now.seconds_since(rests.used) < USE_NOTED_SECONDS {
            return rests;
        }
        let used = AtTerminal { used: now, ..rests };
        let noted = match found.with_value(&used) {
            Ok(next) => {
                let change = vec![Change::replace(found, next.expiring_at(used.ends()))];
                self.secrets.change(Scope::Tenant(rests.tenant), change, now).await
            }
            Err(error) => Err(error.into()),
        };
        match noted {
            Ok(()) => used,
            Err(error) => {
                // Another request noted it, or it ended meanwhile.
                tracing::debug!(%error, "terminal.use_not_noted");
                rests
            }
        }
    }

    fn id(&self, text: &str) -> SecretId {
        self.secrets.id(SecretKind::TerminalSession, text.as_bytes())
    }
}
