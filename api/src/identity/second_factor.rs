//! The second step of a sign-in: a code of the authenticator app, or a recovery code. And who needs one.

use domain::identity::account::AccountCommand;
use domain::identity::session::{Proof, SecondFactor};
use domain::kernel::{ActorId, Role, TenantId, Timestamp};
use domain::ports::Scope;
use domain::run::Command;
use infra::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind};
use serde::{Deserialize, Serialize};

use super::authenticator::Authenticator;
use super::links::{Found, Purpose};
use super::recovery::RecoveryCodes;
use super::sessions::Proved;
use super::{Came, Identity, Refused, SignedIn, Whose, later};
use crate::auth::family::{Epoch, Family};

/// How long there is for the second step: 5 minutes.
const STEP_SECONDS: i64 = 5 * 60;
/// How long there is to set an app up: it may have to be installed. 15 minutes.
pub(super) const ENROLMENT_SECONDS: i64 = 15 * 60;
/// How many codes may be shown with one token.
const MAX_CODES: u8 = 5;
/// How often a step is looked at again because another one came in between.
pub(super) const TRIES: usize = 8;

/// A step that somebody has to take before they are in: what shows that it is they who take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Good for one session.
    pub token: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// What can be shown in the second step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// A passkey.
    Passkey,
    /// A code of the authenticator app.
    Totp,
    /// A recovery code.
    RecoveryCode,
}

/// How far what was shown first has led.
pub enum Entrance {
    /// They are in.
    In(Box<SignedIn>),
    /// They have a second factor to show.
    SecondFactor(Step, Vec<Method>),
    /// They have to set a second factor up: their company asks for one.
    Enrolment(Step),
}

/// What somebody shows in the second step: one of the two.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShowSecondFactor {
    /// What the first step gave.
    token: String,
    /// A code of the authenticator app.
    code: Option<String>,
    /// A recovery code.
    recovery_code: Option<String>,
}

/// Somebody who has shown their password and has another step to take, on the same device.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) tenant: TenantId,
    pub(super) account: ActorId,
    pub(super) proof: Proof,
    pub(super) remembered: bool,
    #[serde(default)]
    epoch: Epoch,
    device: Option<String>,
    /// How many codes were shown.
    shown: u8,
}

impl Pending {
    fn new(proved: &Proved, came: &Came) -> Self {
        let (Whose { tenant, account }, proof) = (proved.whose, proved.proof.clone());
        let (remembered, epoch) = (proved.remembered, proved.epoch);
        Self { tenant, account, proof, remembered, epoch, device: came.device.clone(), shown: 0 }
    }

    pub(super) const fn whose(&self) -> Whose {
        Whose { tenant: self.tenant, account: self.account }
    }

    /// Whether it goes on where it began.
    pub(super) fn is_of(&self, came: &Came) -> bool {
        self.device == came.device
    }

    /// When the person began to prove who they are.
    pub(super) const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The same, going on in another epoch.
    pub(super) fn within(self, epoch: Epoch) -> Self {
        Self { epoch, ..self }
    }

    /// In the end.
    pub(super) fn proved(self, second_factor: SecondFactor) -> Proved {
        let (whose, second_factor) = (self.whose(), Some(second_factor));
        Proved { whose, proof: self.proof, second_factor, remembered: self.remembered, epoch: self.epoch }
    }
}

/// What using up a code comes to.
struct Use {
    change: Change,
    factor: SecondFactor,
    /// How many recovery codes are left, when one was used.
    left: Option<u8>,
}

impl Identity {
    /// Lets in who has proved who they are, as far as that is enough.
    pub(super) async fn enter(&self, proved: Proved, role: Role, came: &Came) -> Result<Entrance, Refused> {
        let whose = proved.whose;
        self.check_network(whose.tenant, came).await?;
        let methods = self.methods(whose).await?;
        if !methods.is_empty() {
            let pending = Pending::new(&proved, came);
            let step = self.step(&Purpose::SecondFactor(pending), STEP_SECONDS, whose).await?;
            return Ok(Entrance::SecondFactor(step, methods));
        }
        if self.needs_second_factor(whose.tenant, role).await? {
            return Ok(Entrance::Enrolment(self.enrolment(proved, came).await?));
        }
        Ok(Entrance::In(Box::new(self.let_in(proved, came).await?)))
    }

    /// Opens a session for who shows the second factor after the first.
    pub async fn second_factor(&self, asked: ShowSecondFactor, came: &Came) -> Result<SignedIn, Refused> {
        let now = self.now();
        let whose = self.pending(&asked.token, came, now).await?.1.whose();
        let email = self.known_by(whose).await?.0.ok_or(Refused::Step)?;
        let role = self.role_of(whose).await?.ok_or(Refused::Step)?;
        let counts = self.counts(&email, came);
        let charged = self.charge(counts, Some(whose), now).await?;
        self.charge_step(&asked.token, came, now).await?;
        let Some((pending, used)) = self.use_up(&asked, came, now).await? else { return Err(Refused::Code) };
        self.refund(charged, now).await?;
        if let Some(left) = used.left {
            let tell = Command::Account(whose.account, Box::new(AccountCommand::UseRecoveryCode(left)));
            self.tell(&whose.caller(role), tell).await?;
        }
        self.let_in(pending.proved(used.factor), came).await
    }

    /// Refuses a session in which no second factor was shown in a role that needs one, or whose person has none any more. They sign in
    /// again, and are led through setting one up: an open session alone must not do that.
    pub(super) async fn check_second_factor(&self, family: &Family, role: Role) -> Result<(), Refused> {
        let whose = Whose { tenant: family.tenant, account: family.account };
        let has_shown = family.second_factor.is_some() && self.has_second_factor(whose).await?;
        if has_shown || !self.needs_second_factor(whose.tenant, role).await? {
            Ok(())
        } else {
            Err(Refused::SecondFactorNeeded)
        }
    }

    async fn enrolment(&self, proved: Proved, came: &Came) -> Result<Step, Refused> {
        let pending = Pending::new(&proved, came);
        self.step(&Purpose::Enrolment(pending), ENROLMENT_SECONDS, proved.whose).await
    }

    async fn step(&self, purpose: &Purpose, seconds: i64, whose: Whose) -> Result<Step, Refused> {
        let now = self.now();
        let (token, link) = self.link(purpose, seconds, now)?;
        self.secrets.change(Scope::Tenant(whose.tenant), vec![Change::add(link)], now).await?;
        Ok(Step { token, expires: later(now, seconds) })
    }

    /// Who has this second step to take.
    pub(super) async fn pending(&self, token: &str, came: &Came, now: Timestamp) -> Result<(Secret, Pending), Refused> {
        match self.find_step(token, now).await? {
            Found { secret, purpose: Purpose::SecondFactor(pending) } if pending.is_of(came) => Ok((secret, pending)),
            _ => Err(Refused::Step),
        }
    }

    /// The step with this token, if it can still be taken.
    pub(super) async fn find_step(&self, token: &str, now: Timestamp) -> Result<Found, Refused> {
        self.find_link(token, now).await.map_err(|refused| match refused {
            Refused::Link => Refused::Step,
            other => other,
        })
    }

    /// Counts a code before it is looked at: of many that come at the same time no more are looked at than may be.
    async fn charge_step(&self, token: &str, came: &Came, now: Timestamp) -> Result<(), Refused> {
        for _ in 0..TRIES {
            let (secret, pending) = self.pending(token, came, now).await?;
            if pending.shown >= MAX_CODES {
                return Err(Refused::Step);
            }
            let scope = Scope::Tenant(pending.tenant);
            let next = Purpose::SecondFactor(Pending { shown: pending.shown + 1, ..pending });
            match self.secrets.change(scope, vec![Change::replace(&secret, secret.with_value(&next)?)], now).await {
                Err(ChangeError::Stale) => {}
                outcome => return Ok(outcome?),
            }
        }
        Err(busy())
    }

    /// Uses the code and the token up, both or none; `None` where the code is not right.
    async fn use_up(
        &self,
        asked: &ShowSecondFactor,
        came: &Came,
        now: Timestamp,
    ) -> Result<Option<(Pending, Use)>, Refused> {
        for _ in 0..TRIES {
            let (secret, pending) = self.pending(&asked.token, came, now).await?;
            let Some(used) = self.shown(pending.whose(), asked, now).await? else { return Ok(None) };
            let changes = vec![Change::take(&secret), used.change.clone()];
            match self.secrets.change(Scope::Tenant(pending.tenant), changes, now).await {
                Err(ChangeError::Stale) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => return Ok(Some((pending, used))),
            }
        }
        Err(busy())
    }

    async fn shown(&self, whose: Whose, asked: &ShowSecondFactor, now: Timestamp) -> Result<Option<Use>, Refused> {
        let is_code = match (&asked.code, &asked.recovery_code) {
            (Some(_), None) => true,
            (None, Some(_)) => false,
            _ => return Err(Refused::Input { field: "code", message: "give a code or a recovery code".to_owned() }),
        };
        let id = if is_code { self.totp_id(whose) } else { self.recovery_id(whose) };
        let Some(found) = self.secrets.find(Scope::Tenant(whose.tenant), id, now).await? else { return Ok(None) };
        if let Some(code) = &asked.code {
            let Some(next) = found.value::<Authenticator>()?.after(code, now) else { return Ok(None) };
            let change = Change::replace(&found, found.with_value(&next)?);
            return Ok(Some(Use { change, factor: SecondFactor::Totp, left: None }));
        }
        let code = asked.recovery_code.as_deref().unwrap_or_default();
        let Some(next) = found.value::<RecoveryCodes>()?.after(code) else { return Ok(None) };
        let change = Change::replace(&found, found.with_value(&next)?);
        Ok(Some(Use { change, factor: SecondFactor::RecoveryCode, left: Some(next.left()) }))
    }

    /// Whether somebody has more to show than what they know. The vault tells it: what it does not hold nobody can show.
    pub(super) async fn has_second_factor(&self, whose: Whose) -> Result<bool, Refused> {
        Ok(self.has_totp(whose).await? || !self.passkeys(whose).await?.is_empty())
    }

    pub(super) async fn has_totp(&self, whose: Whose) -> Result<bool, Refused> {
        let found = self.secrets.find(Scope::Tenant(whose.tenant), self.totp_id(whose), self.now()).await?;
        Ok(found.is_some())
    }

    pub(super) async fn recovery_codes_left(&self, whose: Whose) -> Result<u8, Refused> {
        let found = self.secrets.find(Scope::Tenant(whose.tenant), self.recovery_id(whose), self.now()).await?;
        Ok(found.map(|found| found.value::<RecoveryCodes>()).transpose()?.map_or(0, |codes| codes.left()))
    }

    /// What somebody can show in the second step; nothing where they have no second factor.
    async fn methods(&self, whose: Whose) -> Result<Vec<Method>, Refused> {
        let (totp, passkey) = (self.has_totp(whose).await?, !self.passkeys(whose).await?.is_empty());
        let recovery = (totp || passkey) && self.recovery_codes_left(whose).await? > 0;
        let known = [(passkey, Method::Passkey), (totp, Method::Totp), (recovery, Method::RecoveryCode)];
        Ok(known.into_iter().filter_map(|(is_there, method)| is_there.then_some(method)).collect())
    }

    async fn needs_second_factor(&self, tenant: TenantId, role: Role) -> Result<bool, Refused> {
        Ok(self.commands.company(tenant).await?.security().two_factor.contains(&role))
    }

    pub(super) fn totp_id(&self, whose: Whose) -> SecretId {
        self.secrets.id(SecretKind::Totp, whose.account.0.as_bytes())
    }

    pub(super) fn recovery_id(&self, whose: Whose) -> SecretId {
        self.secrets.id(SecretKind::Recovery, whose.account.0.as_bytes())
    }
}

pub(super) fn busy() -> Refused {
    Refused::Unavailable("a step is taken by too many at once".to_owned())
}
