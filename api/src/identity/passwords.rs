//! Other passwords: by a link that was mailed, or by who knows the present one.

use domain::identity::account::{AccountCommand, AccountState, PasswordOrigin};
use domain::identity::session::EndReason;
use domain::kernel::person::{EmailAddress, FullName};
use domain::kernel::{Action, Caller, SessionId, TenantId};
use domain::ports::Scope;
use domain::run::{Command, Done};
use domain::tenancy::company::{CompanyState, Language};
use infra::identity::passwords::{Lane, Password};
use infra::mail::{Letter, Mail};
use infra::vault::secrets::{Change, ChangeError, Secret, SecretKind, Standing};

use super::errands::Errand;
use super::links::{Purpose, RESET_SECONDS};
use super::{Came, Identity, Refused, Whose, permit, typed};

/// What who changes their password types.
pub struct PasswordChange {
    /// The one that they have.
    pub present: String,
    /// The one that they want.
    pub password: String,
}

impl Identity {
    /// Has a link mailed to set another password, if somebody has this address. That is found out only after the answer.
    pub fn forgot(&self, email: &str) -> Result<(), Refused> {
        self.errands.add(Errand::Forgot(typed("email", EmailAddress::try_new, email)?))
    }

    pub(super) async fn mail_reset(&self, email: EmailAddress) -> Result<(), Refused> {
        let now = self.now();
        let Some(whose) = self.owner_of(&email, now).await? else { return Ok(()) };
        let Whose { tenant, account } = whose;
        let Some(role) = self.role_of(whose).await? else { return Ok(()) };
        if !self.may_mail(&email, now).await? {
            return Ok(());
        }
        let (text, link) = self.link(&Purpose::Reset { tenant, account }, RESET_SECONDS, now)?;
        let letter = Letter::ResetPassword { link: self.public_url.page("reset-password", Some(&text)) };
        let language = self.language_of(tenant).await?;
        let mail = Mail { to: email, language, letter, owner: Some((tenant, whose.subject())) };
        let ask = Command::Account(account, Box::new(AccountCommand::AskForReset));
        match self.tell(&whose.caller(role), ask).await.map_err(Refused::from) {
            // Of an account that is being set up: as if nobody had the address.
            Err(Refused::Rejected(_)) => return Ok(()),
            told => drop(told?),
        }
        let changes = vec![Change::add(link), self.outbox.put(&mail, now)?];
        self.secrets.change(Scope::System, changes, now).await?;
        self.outbox.wake();
        Ok(())
    }

    /// Sets another password by a link that was mailed. All sessions end.
    pub async fn reset(&self, link: &str, password: String) -> Result<(), Refused> {
        let found = self.find_link(link, self.now()).await?;
        let whose = found.reset().ok_or(Refused::Link)?;
        let role = self.role_of(whose).await?.ok_or(Refused::Link)?;
        let ended = self.set_password(whose, password, Some(&found.secret), None).await?;
        self.told_of_password(&whose.caller(role), PasswordOrigin::Reset, ended).await?;
        Ok(())
    }

    /// Sets another password of who knows the present one. Their other sessions end. Who has only found an open session must not
    /// guess the password in it: wrong ones count as failed sign-ins do.
    pub async fn change_password(
        &self,
        caller: &Caller,
        session: Option<SessionId>,
        came: &Came,
        typed: PasswordChange,
    ) -> Result<Done, Refused> {
        permit(caller, Action::OwnAccount)?;
        let whose = Whose { tenant: caller.tenant, account: caller.actor };
        self.check_password(whose, typed.present, came).await?;
        let ended = self.set_password(whose, typed.password, None, session).await?;
        self.told_of_password(caller, PasswordOrigin::Change, ended).await
    }

    /// Makes sure that somebody knows their password. A wrong one counts as a failed sign-in does.
    pub(super) async fn check_password(&self, whose: Whose, password: String, came: &Came) -> Result<(), Refused> {
        let now = self.now();
        let email = self.known_by(whose).await?.0.ok_or(Refused::Credentials)?;
        let charged = self.charge(self.counts(&email, came), Some(whose), now).await?;
        let hash = self.hash_of(whose, now).await?;
        match self.passwords.matches_in(Lane::Known, Password::new(password), hash).await {
            Ok(false) => Err(Refused::Credentials),
            outcome => {
                self.refund(charged, now).await?;
                Ok(outcome.map(drop)?)
            }
        }
    }

    /// Sets a password, and with it ends all that was begun with the former one: sessions but for one, other links, half-taken
    /// steps. Gives the sessions that ended. All of it or nothing: the log is told afterwards.
    async fn set_password(
        &self,
        whose: Whose,
        password: String,
        link: Option<&Secret>,
        but: Option<SessionId>,
    ) -> Result<Vec<SessionId>, Refused> {
        let (email, name) = self.known_by(whose).await?;
        let known = [email.as_ref().map_or("", EmailAddress::as_str), name.as_ref().map_or("", FullName::as_str)];
        let hash = self.passwords.hash(Password::new(password), &known).await?;
        let now = self.now();
        let secret = self.password_secret(whose, &hash)?;
        let mut changes = vec![Change::Put { secret, expected: Standing::Any }, self.end_epoch(whose)?];
        changes.extend(link.map(Change::take));
        // An account that was set up by half may still only have a claim to it.
        changes.extend(email.map(|email| self.keep_email(&email, whose)).transpose()?);
        for other in self.secrets.of_owner(SecretKind::Link, whose.tenant, whose.subject(), now).await? {
            if link.is_none_or(|link| link.id() != other.id()) {
                changes.push(Change::Remove { id: other.id(), version: None });
            }
        }
        let mut ended = self.sessions_but(whose.tenant, whose.account, but).await?;
        changes.extend(ended.iter().map(|id| Change::Remove { id: self.family_id(*id), version: None }));
        match self.secrets.change(Scope::System, changes, now).await {
            // Nothing but the link can have been used meanwhile.
            Err(ChangeError::Stale) => return Err(Refused::Link),
            outcome => outcome?,
        }
        // Those that were opened while this was prepared; from now on none is with what was shown before.
        let late = self.sessions_but(whose.tenant, whose.account, but).await?;
        self.forget_families(whose.tenant, &late).await?;
        ended.extend(late);
        Ok(ended)
    }

    async fn told_of_password(
        &self,
        caller: &Caller,
        origin: PasswordOrigin,
        sessions: Vec<SessionId>,
    ) -> Result<Done, Refused> {
        let whose = Whose { tenant: caller.tenant, account: caller.actor };
        let set = Command::Account(whose.account, Box::new(AccountCommand::SetPassword(origin)));
        let set = self.tell(caller, set).await?;
        let end = AccountCommand::EndSessions { reason: EndReason::PasswordChanged, sessions };
        let ended = self.tell(caller, Command::Account(whose.account, Box::new(end))).await?;
        if let (Some(email), _) = self.known_by(whose).await? {
            let link = self.public_url.page("forgot-password", None);
            self.mail(whose, email, Letter::PasswordChanged { at: self.now(), link }).await?;
        }
        Ok(Done { appended: set.appended + ended.appended, ..ended })
    }

    /// Address and name of an account.
    pub(super) async fn known_by(&self, whose: Whose) -> Result<(Option<EmailAddress>, Option<FullName>), Refused> {
        let account = self.commands.account(whose.tenant, whose.account).await?;
        let AccountState::Registered(account) = &*account else { return Ok((None, None)) };
        Ok((account.email.clear().cloned(), account.person.name.clear().cloned()))
    }

    /// What a company's mails are written in.
    pub(super) async fn language_of(&self, tenant: TenantId) -> Result<Language, Refused> {
        Ok(match &*self.commands.company(tenant).await? {
            CompanyState::Open(company) => company.profile.language,
            CompanyState::NotOpen => Language::default(),
        })
    }
}
