//! Sessions: what a device holds from a sign-in to its end.

use domain::identity::account::AccountCommand;
use domain::identity::session::{self, EndReason, Proof, SecondFactor, SessionCommand};
use domain::kernel::{Action, ActorId, Caller, DataClass, Role, SessionId, SubjectId, TenantId, Timestamp};
use domain::ports::Scope;
use domain::run::{Command, Done};
use infra::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind};

use super::{Came, Identity, Refused, Whose, permit};
use crate::auth::SESSION_TTL_SECONDS;
use crate::auth::family::{Epoch, Family, RefreshToken, Shown};

/// How often a refresh is looked at again because another one came in between.
const TRIES: usize = 4;
/// How many sessions a person has at once; the one that was used longest ago ends when another one begins.
const MAX_SESSIONS: usize = 50;

/// What a browser gets.
pub struct Renewed {
    /// For requests; 5 minutes.
    pub access: String,
    /// When it ends.
    pub access_ends: Timestamp,
    /// For the next one.
    pub refresh: String,
    /// When it ends.
    pub refresh_ends: Timestamp,
    /// Whose it is.
    pub caller: Caller,
}

/// A session that lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenSession {
    /// Which.
    pub id: SessionId,
    /// Since when.
    pub opened: Timestamp,
    /// When it was used last, to five minutes.
    pub used: Timestamp,
    /// Whether its device is remembered.
    pub remembered: bool,
    /// When it ends unless it is used.
    pub ends: Timestamp,
}

/// How somebody proved who they are.
pub(super) struct Proved {
    pub(super) whose: Whose,
    pub(super) proof: Proof,
    pub(super) second_factor: Option<SecondFactor>,
    pub(super) remembered: bool,
    /// That stood before it was looked at.
    pub(super) epoch: Epoch,
}

impl Identity {
    /// Opens a session for who proved who they are, unless all of theirs are ended at this moment.
    pub(super) async fn open_session(&self, proved: Proved, came: &Came) -> Result<Renewed, Refused> {
        let Proved { whose, proof, second_factor, remembered, epoch } = proved;
        let role = self.role_of(whose).await?.ok_or(Refused::Credentials)?;
        self.check_network(whose.tenant, came).await?;
        let (id, now) = (SessionId(self.ids.next()), self.now());
        let address = came.typed_address().ok_or_else(|| Refused::Fault("an address that is none".to_owned()))?;
        let sign_in = session::SignIn {
            account: whose.account,
            proof: proof.clone(),
            second_factor,
            remembered,
            address: whose.personal(DataClass::Contact, address),
            client: came.client.to_client(),
        };
        let caller = whose.caller(role);
        // The log first: a session that nobody is told of must not be there.
        self.tell(&caller, Command::Session(id, Box::new(SessionCommand::Open(sign_in)))).await?;
        let family = Family::new(whose.tenant, whose.account, id, remembered, now);
        let family = family.with_second_factor(second_factor);
        let mut changes = vec![Change::add(self.family_secret(&family)?)];
        let beyond = self.sessions(whose.tenant, whose.account).await?.into_iter().skip(MAX_SESSIONS - 1);
        changes.extend(beyond.map(|open| Change::Remove { id: self.family_id(open.id), version: None }));
        fail::fail_point!("identity::open_session");
        let is_added = self.change_within(whose, epoch, changes, now).await?;
        // Who is barred is so first, and then their sessions end: whichever comes in between is found here or there.
        match self.role_of(whose).await? {
            Some(role) if is_added => self.hand_out(whose.caller(role), &family, now),
            _ => {
                self.end_session(whose, id, EndReason::EndedElsewhere).await?;
                Err(Refused::Credentials)
            }
        }
    }

    /// Gives the next tokens for a refresh token. One that was used before ends its session: two have it.
    pub async fn refresh(&self, text: &str, came: &Came) -> Result<Renewed, Refused> {
        let token = RefreshToken::parse(text).ok_or(Refused::Session)?;
        for _ in 0..TRIES {
            let now = self.now();
            let id = self.family_id(token.session());
            let found = self.secrets.find(Scope::System, id, now).await?.ok_or(Refused::Session)?;
            let family: Family = found.value()?;
            let whose = Whose { tenant: family.tenant, account: family.account };
            match family.show(token, now) {
                Shown::Foreign => return Err(Refused::Session),
                Shown::Reused => {
                    self.end_session(whose, family.session, EndReason::RefreshReused).await?;
                    return Err(Refused::Session);
                }
                Shown::Again => return self.renew(whose, &family, came).await,
                Shown::Next(next) => {
                    let next_secret = self.family_secret(&next)?;
                    let change = Change::replace(&found, next_secret);
                    match self.secrets.change(Scope::Tenant(whose.tenant), vec![change], now).await {
                        Err(ChangeError::Stale) => {}
                        Err(error) => return Err(error.into()),
                        Ok(()) => return self.renew(whose, &next, came).await,
                    }
                }
            }
        }
        Err(Refused::Unavailable("a session is refreshed by too many at once".to_owned()))
    }

    async fn renew(&self, whose: Whose, family: &Family, came: &Came) -> Result<Renewed, Refused> {
        let role = self.role_of(whose).await?.ok_or(Refused::Session)?;
        self.check_network(whose.tenant, came).await?;
        self.check_second_factor(family, role).await?;
        self.hand_out(whose.caller(role), family, self.now())
    }

    fn hand_out(&self, caller: Caller, family: &Family, now: Timestamp) -> Result<Renewed, Refused> {
        Ok(Renewed {
            access: self.tokens.mint_of_session(caller, family.session, now)?,
            access_ends: super::later(now, i64::from(SESSION_TTL_SECONDS)),
            refresh: family.token().to_text(),
            refresh_ends: family.ends(),
            caller,
        })
    }

    /// Ends the session of a refresh token: who holds it signs out. What never was one is left alone.
    pub async fn sign_out(&self, text: &str) -> Result<(), Refused> {
        let Some(token) = RefreshToken::parse(text) else { return Ok(()) };
        let now = self.now();
        let Some(found) = self.secrets.find(Scope::System, self.family_id(token.session()), now).await? else {
            return Ok(());
        };
        let family: Family = found.value()?;
        if matches!(family.show(token, now), Shown::Foreign) {
            return Ok(());
        }
        let whose = Whose { tenant: family.tenant, account: family.account };
        self.end_session(whose, family.session, EndReason::SignedOut).await
    }

    /// A person's sessions that last, the one that was used last first.
    pub async fn sessions(&self, tenant: TenantId, account: ActorId) -> Result<Vec<OpenSession>, Refused> {
        let mut open = Vec::new();
        for secret in self.secrets.of_owner(SecretKind::Family, tenant, SubjectId(account.0), self.now()).await? {
            let family: Family = secret.value()?;
            let (id, opened, used, remembered) = (family.session, family.opened, family.used, family.remembered);
            open.push(OpenSession { id, opened, used, remembered, ends: family.ends() });
        }
        open.sort_by_key(|open| std::cmp::Reverse(open.used));
        Ok(open)
    }

    /// Ends one of the caller's own sessions. The vault first: what the log calls ended must not go on.
    pub async fn end_one(&self, caller: &Caller, id: SessionId) -> Result<Done, Refused> {
        permit(caller, Action::OwnAccount)?;
        match self.own_family(caller, id, self.now()).await {
            Ok(_) => self.forget_families(caller.tenant, &[id]).await?,
            // Somebody else's is not touched, and of what the vault does not hold any more the log may still have to be told.
            Err(Refused::Session) => {}
            Err(error) => return Err(error),
        }
        let end = SessionCommand::End { account: caller.actor, reason: EndReason::EndedElsewhere };
        Ok(self.tell(caller, Command::Session(id, Box::new(end))).await?)
    }

    /// Ends all sessions of a person, but for one. The vault first: what the log calls ended must not go on.
    pub async fn end_all(
        &self,
        caller: &Caller,
        account: ActorId,
        but: Option<SessionId>,
        reason: EndReason,
    ) -> Result<Done, Refused> {
        let mut sessions = self.sessions_but(caller.tenant, account, but).await?;
        let mut changes = vec![self.end_epoch(Whose { tenant: caller.tenant, account })?];
        changes.extend(sessions.iter().map(|id| Change::Remove { id: self.family_id(*id), version: None }));
        self.secrets.change(Scope::Tenant(caller.tenant), changes, self.now()).await?;
        // Those that were opened while this was prepared; from now on none is.
        let late = self.sessions_but(caller.tenant, account, but).await?;
        self.forget_families(caller.tenant, &late).await?;
        sessions.extend(late);
        let end = AccountCommand::EndSessions { reason, sessions };
        Ok(self.tell(caller, Command::Account(account, Box::new(end))).await?)
    }

    /// All sessions of a person but for one.
    pub(super) async fn sessions_but(
        &self,
        tenant: TenantId,
        account: ActorId,
        but: Option<SessionId>,
    ) -> Result<Vec<SessionId>, Refused> {
        let open = self.sessions(tenant, account).await?;
        Ok(open.into_iter().map(|open| open.id).filter(|id| Some(*id) != but).collect())
    }

    /// The session that this refresh token belongs to, if it is one.
    pub async fn proven(&self, text: &str) -> Result<Option<SessionId>, Refused> {
        let Some(token) = RefreshToken::parse(text) else { return Ok(None) };
        let now = self.now();
        let found = self.secrets.find(Scope::System, self.family_id(token.session()), now).await?;
        let Some(family) = found.map(|found| found.value::<Family>()).transpose()? else { return Ok(None) };
        Ok((!matches!(family.show(token, now), Shown::Foreign)).then_some(family.session))
    }

    /// Ends a session in its owner's name. The vault first: what is found out must not go on while the log can't be written.
    async fn end_session(&self, whose: Whose, id: SessionId, reason: EndReason) -> Result<(), Refused> {
        self.forget_families(whose.tenant, &[id]).await?;
        let role = self.commands.roster(whose.tenant).await?.members.get(&whose.account).map(|member| member.role);
        let end = SessionCommand::End { account: whose.account, reason };
        let caller = whose.caller(role.unwrap_or(Role::Auditor));
        self.tell(&caller, Command::Session(id, Box::new(end))).await?;
        Ok(())
    }

    pub(super) async fn forget_families(&self, tenant: TenantId, sessions: &[SessionId]) -> Result<(), Refused> {
        let gone = sessions.iter().map(|id| Change::Remove { id: self.family_id(*id), version: None }).collect();
        Ok(self.secrets.change(Scope::Tenant(tenant), gone, self.now()).await?)
    }

    /// What they are in their company; none where they are not let in.
    pub(super) async fn role_of(&self, whose: Whose) -> Result<Option<Role>, Refused> {
        Ok(self.commands.roster(whose.tenant).await?.active(whose.account).map(|member| member.role))
    }

    /// Refuses who comes from where the company lets nobody in.
    pub(super) async fn check_network(&self, tenant: TenantId, came: &Came) -> Result<(), Refused> {
        let company = self.commands.company(tenant).await?;
        if company.security().lets_in(came.address) { Ok(()) } else { Err(Refused::Network) }
    }

    /// What a caller's own session rests on; what an integration or the command line comes with rests on none.
    pub(super) async fn own_family(
        &self,
        caller: &Caller,
        session: SessionId,
        now: Timestamp,
    ) -> Result<(Secret, Family), Refused> {
        let found = self.secrets.find(Scope::Tenant(caller.tenant), self.family_id(session), now).await?;
        let found = found.ok_or(Refused::Session)?;
        let family: Family = found.value()?;
        if family.account == caller.actor { Ok((found, family)) } else { Err(Refused::Session) }
    }

    pub(super) fn family_id(&self, session: SessionId) -> SecretId {
        self.secrets.id(SecretKind::Family, session.0.as_bytes())
    }

    fn family_secret(&self, family: &Family) -> Result<Secret, Refused> {
        let secret = Secret::new(self.family_id(family.session), family)?;
        Ok(secret.of_owner(family.tenant, SubjectId(family.account.0)).expiring_at(family.ends()))
    }
}
