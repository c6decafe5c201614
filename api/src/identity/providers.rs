//! Sign-in with a provider, and linking an account there to an account here.
//!
//! Only who an account at a provider was linked to gets in by it, never who has the same e-mail address: what a provider says of an
//! address is not what its owner has said here. Linking takes a session, the password once more, and an address that the provider has
//! verified. A browser goes to the provider and comes back to a page of ours, which posts what it brought: so it comes with all of its
//! cookies, and is answered as every other step of a sign-in.

use domain::identity::account::{AccountCommand, Issuer};
use domain::identity::session::Proof;
use domain::kernel::{ActorId, Caller, SessionId, TenantId, Timestamp};
use domain::ports::Scope;
use domain::run::Command;
use infra::identity::providers::{Begun, Brought, Errand, Provider, ProviderAccount, ProviderError};
use infra::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind};
use serde::{Deserialize, Serialize};

use super::links::{Found, Purpose};
use super::sessions::Proved;
use super::{Came, Entrance, Identity, Refused, Whose, later};
use crate::auth::family::Epoch;

/// How long somebody may stay at a provider: 10 minutes.
pub const AT_PROVIDER_SECONDS: i64 = 10 * 60;

/// Why a provider lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProviderRefusal {
    /// It does not answer, or not as a provider does.
    #[error("the provider does not answer; sign in with your password, or try again later")]
    Unavailable,
    /// What it says proves nothing.
    #[error("what the provider answers proves nothing; begin again")]
    Answer,
    /// Nobody has linked this account; whether anybody has its address is not said.
    #[error("this account is linked to nobody here; sign in with your password and link it first")]
    NotLinked,
    /// It is linked to somebody else, or they have linked another one of this provider.
    #[error("this account, or another one of this provider, is linked already; unlink it first")]
    Taken,
    /// The provider does not say that its address is theirs.
    #[error("the provider has not verified the e-mail address of this account; do so there first")]
    EmailUnverified,
}

impl ProviderRefusal {
    /// For programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unavailable => "PROVIDER_UNAVAILABLE",
            Self::Answer => "PROVIDER_REFUSED",
            Self::NotLinked => "PROVIDER_NOT_LINKED",
            Self::Taken => "PROVIDER_LINKED_ALREADY",
            Self::EmailUnverified => "PROVIDER_EMAIL_UNVERIFIED",
        }
    }
}

impl From<ProviderError> for Refused {
    fn from(error: ProviderError) -> Self {
        Self::Provider(match error {
            ProviderError::Unavailable(_) => ProviderRefusal::Unavailable,
            ProviderError::Refused(_) => ProviderRefusal::Answer,
        })
    }
}

/// Somebody who is at a provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AtProvider {
    /// Which.
    provider: String,
    begun: Begun,
    remembered: bool,
    /// Who links an account there; nobody where somebody signs in.
    linking: Option<Linking>,
}

/// Who links.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Linking {
    tenant: TenantId,
    account: ActorId,
    session: SessionId,
    /// Ended with all sessions: then nothing is linked any more.
    epoch: Epoch,
}

impl AtProvider {
    /// Whose step it is, where that is known.
    pub(super) const fn whose(&self) -> Option<Whose> {
        match self.linking {
            Some(Linking { tenant, account, .. }) => Some(Whose { tenant, account }),
            None => None,
        }
    }
}

/// Where a browser goes.
pub struct Departure {
    /// The provider's page.
    pub url: String,
    /// What tells the browser when it comes back.
    pub state: String,
    /// Until when.
    pub expires: Timestamp,
}

/// What the page that a browser came back to posts.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackFromProvider {
    /// Good once, for the provider.
    code: String,
    /// The state that it was sent with.
    state: String,
    /// Who says so.
    iss: Option<String>,
}

/// Where it was posted, by whom.
pub struct Arrival<'a> {
    /// The provider by the address of the page.
    pub provider: &'a str,
    /// What the page posts.
    pub said: BackFromProvider,
    /// The state that the browser remembers.
    pub remembered: Option<&'a str>,
    /// Who is in.
    pub member: Option<(Caller, SessionId)>,
}

/// What became of it.
pub enum Arrived {
    /// A sign-in, as far as it led.
    Entrance(Entrance),
    /// The account is linked.
    Linked,
}

/// Whose an account at a provider is.
#[derive(Serialize, Deserialize)]
struct Link {
    whose: Whose,
    issuer: Issuer,
}

impl Identity {
    /// Sends somebody to a provider who wants to sign in.
    pub async fn go_to_provider(&self, provider: &str, remember: bool) -> Result<Departure, Refused> {
        self.depart(self.provider(provider)?, remember, None).await
    }

    /// Sends somebody to a provider who wants to link their account there, and has the password.
    pub async fn go_to_link(
        &self,
        (caller, session): (&Caller, SessionId),
        provider: &str,
        password: String,
        came: &Came,
    ) -> Result<Departure, Refused> {
        let provider = self.provider(provider)?;
        let (tenant, account) = (caller.tenant, caller.actor);
        let epoch = self.epoch(Whose { tenant, account }, self.now()).await?;
        self.confirm_password(caller, session, password, came).await?;
        self.depart(provider, false, Some(Linking { tenant, account, session, epoch })).await
    }

    async fn depart(
        &self,
        provider: &Provider,
        remembered: bool,
        linking: Option<Linking>,
    ) -> Result<Departure, Refused> {
        let now = self.now();
        let state = super::links::new_text();
        let errand = if linking.is_some() { Errand::Link } else { Errand::SignIn };
        let (url, begun) = provider.begin(&state, errand).await?;
        let purpose = Purpose::AtProvider(Box::new(AtProvider {
            provider: provider.id().to_owned(),
            begun,
            remembered,
            linking,
        }));
        let link = self.link_called(&state, &purpose, AT_PROVIDER_SECONDS, now)?;
        self.secrets.change(Scope::System, vec![Change::add(link)], now).await?;
        Ok(Departure { url, state, expires: later(now, AT_PROVIDER_SECONDS) })
    }

    /// Takes up who comes back from a provider, in the browser that was sent there.
    pub async fn come_back(&self, arrival: Arrival<'_>, came: &Came) -> Result<Arrived, Refused> {
        let now = self.now();
        let Arrival { provider, said, remembered, member } = arrival;
        let provider = self.provider(provider)?;
        if remembered != Some(said.state.as_str()) {
            return Err(Refused::Step);
        }
        let Found { secret, purpose: Purpose::AtProvider(step) } = self.find_step(&said.state, now).await? else {
            return Err(Refused::Step);
        };
        if let Some(linking) = step.linking {
            // Before it is used up: an access token that has ended can be renewed.
            self.check_linking(linking, member, now).await?;
        }
        match self.secrets.change(Scope::System, vec![Change::take(&secret)], now).await {
            Err(ChangeError::Stale) => return Err(Refused::Step),
            taken => taken?,
        }
        // An answer of one provider must not be taken to another.
        if step.provider != provider.id() {
            return Err(Refused::Step);
        }
        let brought = Brought { code: said.code, issuer: said.iss };
        let account = provider.finish(brought, step.begun, now).await?;
        match step.linking {
            Some(linking) => self.link_provider(linking, provider, &account, now).await.map(|()| Arrived::Linked),
            None => self.enter_from(provider, &account, step.remembered, came).await.map(Arrived::Entrance),
        }
    }

    async fn check_linking(
        &self,
        linking: Linking,
        member: Option<(Caller, SessionId)>,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let (caller, session) = member.ok_or(Refused::Session)?;
        if (linking.tenant, linking.account, linking.session) != (caller.tenant, caller.actor, session) {
            return Err(Refused::Step);
        }
        self.own_family(&caller, session, now).await.map(|_| ())
    }

    async fn enter_from(
        &self,
        provider: &Provider,
        account: &ProviderAccount,
        remembered: bool,
        came: &Came,
    ) -> Result<Entrance, Refused> {
        let nobody = || Refused::Provider(ProviderRefusal::NotLinked);
        let id = self.provider_link_id(provider.issuer(), &account.subject);
        let now = self.now();
        let whose = self.linked(id, now).await?.ok_or_else(nobody)?;
        let epoch = self.epoch(whose, now).await?;
        // Once more: it may have been unlinked, and all sessions ended, just before that epoch began.
        if self.linked(id, now).await? != Some(whose) {
            return Err(nobody());
        }
        let role = self.role_of(whose).await?.ok_or_else(nobody)?;
        let proof = Proof::Provider(provider.issuer().clone());
        self.enter(Proved { whose, proof, second_factor: None, remembered, epoch }, role, came).await
    }

    async fn link_provider(
        &self,
        linking: Linking,
        provider: &Provider,
        account: &ProviderAccount,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let taken = || Refused::Provider(ProviderRefusal::Taken);
        if !account.has_verified_email {
            return Err(Refused::Provider(ProviderRefusal::EmailUnverified));
        }
        let whose = Whose { tenant: linking.tenant, account: linking.account };
        let role = self.role_of(whose).await?.ok_or(Refused::Session)?;
        let (caller, issuer) = (whose.caller(role), provider.issuer());
        let id = self.provider_link_id(issuer, &account.subject);
        let links = self.provider_links(whose, issuer, now).await?;
        if links.iter().any(|link| link.id() == id) {
            return Ok(());
        }
        if !links.is_empty() || self.secrets.find(Scope::System, id, now).await?.is_some() {
            return Err(taken());
        }
        // The log first: a way in that nobody is told of must not be there.
        self.tell(&caller, told(whose, AccountCommand::LinkProvider(issuer.clone()))).await?;
        let link = Secret::new(id, &Link { whose, issuer: issuer.clone() })?.of_owner(whose.tenant, whose.subject());
        let linked = self.change_within(whose, linking.epoch, vec![Change::add(link)], now).await;
        if !matches!(linked, Ok(true)) {
            self.tell(&caller, told(whose, AccountCommand::UnlinkProvider(issuer.clone()))).await?;
        }
        if linked? { Ok(()) } else { Err(Refused::Session) }
    }

    /// Whose an account at a provider is.
    async fn linked(&self, id: SecretId, now: Timestamp) -> Result<Option<Whose>, Refused> {
        let link = self.secrets.find(Scope::System, id, now).await?;
        Ok(link.map(|link| link.value::<Link>()).transpose()?.map(|link| link.whose))
    }

    /// Takes the link to a provider away, for who has the password: so they are left with a way in.
    pub async fn unlink_provider(
        &self,
        (caller, session): (&Caller, SessionId),
        provider: &str,
        password: String,
        came: &Came,
    ) -> Result<(), Refused> {
        let issuer = self.provider(provider)?.issuer();
        let whose = self.confirm_password(caller, session, password, came).await?;
        let now = self.now();
        let links = self.provider_links(whose, issuer, now).await?;
        let gone = links.iter().map(|link| Change::Remove { id: link.id(), version: None }).collect();
        // The vault first: what is closed must not wait for the log.
        self.secrets.change(Scope::Tenant(whose.tenant), gone, now).await?;
        self.tell(caller, told(whose, AccountCommand::UnlinkProvider(issuer.clone()))).await?;
        Ok(())
    }

    async fn provider_links(&self, whose: Whose, issuer: &Issuer, now: Timestamp) -> Result<Vec<Secret>, Refused> {
        let mut links = Vec::new();
        for link in self.secrets.of_owner(SecretKind::ProviderLink, whose.tenant, whose.subject(), now).await? {
            if link.value::<Link>()?.issuer == *issuer {
                links.push(link);
            }
        }
        Ok(links)
    }

    fn provider(&self, id: &str) -> Result<&Provider, Refused> {
        self.providers.find(id).ok_or(Refused::Denied)
    }

    /// Issuer and account together: no two providers' accounts are the same, whatever they call them.
    fn provider_link_id(&self, issuer: &Issuer, subject: &str) -> SecretId {
        self.secrets.id(SecretKind::ProviderLink, format!("{}\0{subject}", issuer.as_str()).as_bytes())
    }
}

fn told(whose: Whose, command: AccountCommand) -> Command {
    Command::Account(whose.account, Box::new(command))
}
