//! Setting second factors up, and taking them away.

use domain::identity::account::AccountCommand;
use domain::identity::session::{EndReason, SecondFactor};
use domain::kernel::{Action, ActorId, Caller, SessionId, SubjectId, Timestamp};
use domain::machines::work_center::Reason;
use domain::ports::Scope;
use domain::run::{Command, Done};
use infra::mail::{Letter, SignInChange};
use infra::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind, Standing};

use super::authenticator::Authenticator;
use super::links::{Found, Purpose};
use super::recovery::{RECOVERY_CODES, RecoveryCodes};
use super::second_factor::{ENROLMENT_SECONDS, Pending, TRIES, busy};
use super::{Came, Identity, Refused, SignedIn, Whose, later, permit, typed};

/// Who sets a second factor up.
pub enum Enroller {
    /// Who is in, by their session.
    Member(Caller, SessionId),
    /// Who is not let in without one, by the token of that step.
    Newcomer(String),
}

/// An authenticator app that is to be set up; shown once.
pub struct NewAuthenticator {
    /// What the app reads.
    pub address: String,
    /// The same, for who types it.
    pub key: String,
    /// Until when it can be confirmed.
    pub expires: Timestamp,
}

/// A second factor that counts from now on.
pub struct Enrolled {
    /// Shown once.
    pub recovery_codes: Vec<String>,
    /// The session of who was not let in without.
    pub signed_in: Option<SignedIn>,
}

/// What enrolling stands on.
pub(super) struct Ground {
    pub(super) whose: Whose,
    /// Of who is not in yet.
    pub(super) pending: Option<Pending>,
    /// What happens when the factor counts. Another epoch begins: nobody comes in any more by what was begun without the factor.
    pub(super) changes: Vec<Change>,
}

/// What who is in shows once more before their factors change: one of the two.
pub struct Again {
    /// Their password.
    pub password: Option<String>,
    /// A code of their authenticator app.
    pub code: Option<String>,
}

impl Identity {
    /// Begins to set an authenticator app up. It counts once a code of it was shown. Who is in shows their password once more: an open
    /// session alone must not become a way in.
    pub async fn begin_totp(
        &self,
        who: &Enroller,
        password: Option<String>,
        came: &Came,
    ) -> Result<NewAuthenticator, Refused> {
        let now = self.now();
        if let Enroller::Member(caller, session) = who {
            self.confirm(caller, *session, Again { password, code: None }, came).await?;
        }
        let Ground { whose, .. } = self.ground(who, SecondFactor::Totp, came, now).await?;
        if self.has_totp(whose).await? {
            return Err(Refused::SecondFactorExists);
        }
        let email = self.known_by(whose).await?.0.ok_or(Refused::Step)?;
        let (app, expires) = (Authenticator::new(), later(now, ENROLMENT_SECONDS));
        let address = app.address(email.as_str()).map_err(|error| Refused::Fault(error.to_string()))?;
        let secret = Secret::new(self.new_totp_id(whose), &app)?;
        let secret = secret.of_owner(whose.tenant, whose.subject()).expiring_at(expires);
        let put = Change::Put { secret, expected: Standing::Any };
        self.secrets.change(Scope::Tenant(whose.tenant), vec![put], now).await?;
        Ok(NewAuthenticator { address, key: app.key_text(), expires })
    }

    /// Makes the app count that was begun with, for who shows a code of it.
    pub async fn confirm_totp(&self, who: &Enroller, code: &str, came: &Came) -> Result<Enrolled, Refused> {
        let now = self.now();
        for _ in 0..TRIES {
            let ground = self.ground(who, SecondFactor::Totp, came, now).await?;
            let whose = ground.whose;
            self.check_network(whose.tenant, came).await?;
            let begun = self.secrets.find(Scope::Tenant(whose.tenant), self.new_totp_id(whose), now).await?;
            let begun = begun.ok_or(Refused::Step)?;
            let app = begun.value::<Authenticator>()?.after(code, now).ok_or(Refused::Code)?;
            let app = Secret::new(self.totp_id(whose), &app)?.of_owner(whose.tenant, whose.subject());
            let (recovery, recovery_codes) = self.first_recovery_set(whose).await?;
            let mut changes = ground.changes;
            changes.extend([Change::take(&begun), Change::add(app)].into_iter().chain(recovery));
            match self.secrets.change(Scope::Tenant(whose.tenant), changes, now).await {
                Err(ChangeError::Stale) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    self.tell_of_totp(whose, !recovery_codes.is_empty()).await?;
                    self.tell_of_change(whose, SignInChange::AppAdded).await?;
                    let proved = ground.pending.map(|pending| pending.proved(SecondFactor::Totp));
                    let signed_in = match proved {
                        Some(proved) => Some(self.let_in(proved, came).await?),
                        None => None,
                    };
                    return Ok(Enrolled { recovery_codes, signed_in });
                }
            }
        }
        Err(busy())
    }

    /// Takes the app and the recovery codes away, for who has the password.
    pub async fn remove_totp(
        &self,
        caller: &Caller,
        session: SessionId,
        password: String,
        came: &Came,
    ) -> Result<(), Refused> {
        let whose = self.confirm_password(caller, session, password, came).await?;
        // The log first: what it tells must not be asked for any less than it tells.
        let tell = Command::Account(whose.account, Box::new(AccountCommand::DisableTotp));
        self.tell(caller, tell).await?;
        let is_last = self.passkeys(whose).await?.is_empty();
        let gone: &[SecretKind] = if is_last { &[SecretKind::Totp, SecretKind::Recovery] } else { &[SecretKind::Totp] };
        self.forget_factors(caller, whose.account, gone).await?;
        self.tell_of_change(whose, SignInChange::AppRemoved).await
    }

    /// Gives another set of recovery codes in the place of the present one, to who has the password.
    pub async fn renew_recovery_codes(
        &self,
        caller: &Caller,
        session: SessionId,
        password: String,
        came: &Came,
    ) -> Result<Vec<String>, Refused> {
        let whose = self.confirm_password(caller, session, password, came).await?;
        if !self.has_second_factor(whose).await? {
            return Err(Refused::Step);
        }
        let (recovery, codes) = self.recovery_set(whose)?;
        self.secrets.change(Scope::Tenant(whose.tenant), vec![recovery], self.now()).await?;
        let tell = Command::Account(whose.account, Box::new(AccountCommand::MakeRecoveryCodes(RECOVERY_CODES)));
        self.tell(caller, tell).await?;
        self.tell_of_change(whose, SignInChange::CodesRenewed).await?;
        Ok(codes)
    }

    /// Takes all second factors of a member away and ends their sessions: an admin does it for who lost them, and says how they
    /// made sure who it is.
    pub async fn reset_second_factors(&self, caller: &Caller, account: ActorId, check: &str) -> Result<Done, Refused> {
        permit(caller, Action::ManageMembers)?;
        let check = typed("identityCheck", Reason::try_new, check)?;
        let reset = Command::Account(account, Box::new(AccountCommand::ResetSecondFactors(check)));
        let reset = self.tell(caller, reset).await?;
        let all = [SecretKind::Totp, SecretKind::Recovery, SecretKind::Passkey];
        self.forget_factors(caller, account, &all).await?;
        let ended = self.end_all(caller, account, None, EndReason::SecondFactorsReset).await?;
        if ended.appended > 0 {
            self.tell_of_end(Whose { tenant: caller.tenant, account }).await?;
        }
        Ok(Done { appended: reset.appended + ended.appended, ..ended })
    }

    /// Who is to have this factor.
    pub(super) async fn ground(
        &self,
        who: &Enroller,
        factor: SecondFactor,
        came: &Came,
        now: Timestamp,
    ) -> Result<Ground, Refused> {
        match who {
            Enroller::Member(caller, session) => {
                let (found, family) = self.own_family(caller, *session, now).await?;
                let shown = family.with_second_factor(Some(factor));
                let whose = Whose { tenant: caller.tenant, account: caller.actor };
                let renewed = self.renew_epoch(whose, None, now).await?.ok_or(Refused::Session)?;
                let changes = vec![Change::replace(&found, found.with_value(&shown)?), renewed.change];
                Ok(Ground { whose, pending: None, changes })
            }
            Enroller::Newcomer(token) => {
                let Found { secret, purpose: Purpose::Enrolment(pending) } = self.find_step(token, now).await? else {
                    return Err(Refused::Step);
                };
                let whose = pending.whose();
                // Who has one by now shows that one.
                if !pending.is_of(came) || self.has_second_factor(whose).await? {
                    return Err(Refused::Step);
                }
                let renewed = self.renew_epoch(whose, Some(pending.epoch()), now).await?.ok_or(Refused::Step)?;
                let changes = vec![Change::take(&secret), renewed.change];
                Ok(Ground { whose, pending: Some(pending.within(renewed.epoch)), changes })
            }
        }
    }

    async fn tell_of_totp(&self, whose: Whose, has_new_codes: bool) -> Result<(), Refused> {
        let caller = whose.caller(self.role_of(whose).await?.ok_or(Refused::Session)?);
        let codes = has_new_codes.then_some(AccountCommand::MakeRecoveryCodes(RECOVERY_CODES));
        for command in std::iter::once(AccountCommand::EnableTotp).chain(codes) {
            self.tell(&caller, Command::Account(whose.account, Box::new(command))).await?;
        }
        Ok(())
    }

    /// Makes sure that it is a member in their own session, and no program, and that they know their password. A wrong one counts.
    pub(super) async fn confirm_password(
        &self,
        caller: &Caller,
        session: SessionId,
        password: String,
        came: &Came,
    ) -> Result<Whose, Refused> {
        let whose = Whose { tenant: caller.tenant, account: caller.actor };
        self.own_family(caller, session, self.now()).await?;
        self.check_password(whose, password, came).await?;
        Ok(whose)
    }

    /// Tells a member by mail that somebody, most often they themselves, changed how they sign in.
    pub(super) async fn tell_of_change(&self, whose: Whose, what: SignInChange) -> Result<(), Refused> {
        let (Some(email), _) = self.known_by(whose).await? else { return Ok(()) };
        let link = self.public_url.page("forgot-password", None);
        self.mail(whose, email, Letter::SignInChanged { what, at: self.now(), link }).await
    }

    /// The same for who shows a code of their app in the place of the password.
    pub(super) async fn confirm(
        &self,
        caller: &Caller,
        session: SessionId,
        again: Again,
        came: &Came,
    ) -> Result<Whose, Refused> {
        let (whose, now) = (Whose { tenant: caller.tenant, account: caller.actor }, self.now());
        // A program has none, whatever it shows.
        self.own_family(caller, session, now).await?;
        let code = match again {
            Again { password: Some(password), code: None } => {
                self.check_password(whose, password, came).await?;
                return Ok(whose);
            }
            Again { password: None, code: Some(code) } => code,
            _ => return Err(Refused::Input { field: "password", message: "give the password or a code".to_owned() }),
        };
        let email = self.known_by(whose).await?.0.ok_or(Refused::Session)?;
        let charged = self.charge(self.counts(&email, came), Some(whose), now).await?;
        for _ in 0..TRIES {
            let app = self.secrets.find(Scope::Tenant(whose.tenant), self.totp_id(whose), now).await?;
            let next = match &app {
                Some(app) => app.value::<Authenticator>()?.after(&code, now),
                None => None,
            };
            let (Some(app), Some(next)) = (app, next) else { return Err(Refused::Code) };
            let used = Change::replace(&app, app.with_value(&next)?);
            match self.secrets.change(Scope::Tenant(whose.tenant), vec![used], now).await {
                Err(ChangeError::Stale) => {}
                outcome => {
                    self.refund(charged, now).await?;
                    return Ok(outcome.map(|()| whose)?);
                }
            }
        }
        Err(busy())
    }

    /// A set for who has none left, and its codes: whoever adds a factor must not take the codes of who has one.
    pub(super) async fn first_recovery_set(&self, whose: Whose) -> Result<(Option<Change>, Vec<String>), Refused> {
        if self.recovery_codes_left(whose).await? > 0 {
            return Ok((None, Vec::new()));
        }
        let (change, codes) = self.recovery_set(whose)?;
        Ok((Some(change), codes))
    }

    /// A new set in the place of whatever there was, and its codes.
    pub(super) fn recovery_set(&self, whose: Whose) -> Result<(Change, Vec<String>), Refused> {
        let (set, codes) = RecoveryCodes::make();
        let secret = Secret::new(self.recovery_id(whose), &set)?.of_owner(whose.tenant, whose.subject());
        Ok((Change::Put { secret, expected: Standing::Any }, codes))
    }

    async fn forget_factors(&self, caller: &Caller, account: ActorId, kinds: &[SecretKind]) -> Result<(), Refused> {
        let now = self.now();
        let mut gone = Vec::new();
        for kind in kinds {
            let found = self.secrets.of_owner(*kind, caller.tenant, SubjectId(account.0), now).await?;
            gone.extend(found.iter().map(|secret| Change::Remove { id: secret.id(), version: None }));
        }
        Ok(self.secrets.change(Scope::Tenant(caller.tenant), gone, now).await?)
    }

    /// The app that does not count yet.
    fn new_totp_id(&self, whose: Whose) -> SecretId {
        self.secrets.id(SecretKind::Totp, &[b"new:", whose.account.0.as_bytes().as_slice()].concat())
    }
}
