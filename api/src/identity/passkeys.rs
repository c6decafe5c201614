//! Passkeys: shown alone they are both factors in one, after a password the second. What stands between two steps of a ceremony
//! rests in the vault and is good once. A passkey counts while vault and log both have it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::identity::account::{AccountCommand, AccountState, PasskeyLabel};
use domain::identity::session::{Proof, SecondFactor};
use domain::kernel::person::FullName;
use domain::kernel::{ActorId, Caller, PasskeyId, SessionId, TenantId, Timestamp};
use domain::ports::Scope;
use domain::run::Command;
use infra::mail::SignInChange;
use infra::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
};

use super::enrolment::{Again, Enrolled, Enroller};
use super::links::{Found, Purpose};
use super::recovery::RECOVERY_CODES;
use super::relying_party::RelyingParty;
use super::second_factor::{Pending, TRIES, busy};
use super::sessions::Proved;
use super::{Came, Identity, Refused, SignedIn, Whose, later, typed};
use crate::auth::family::Epoch;

/// How long a ceremony may take: 5 minutes.
const CEREMONY_SECONDS: i64 = 5 * 60;

/// A ceremony that has begun.
pub struct Ceremony {
    /// Good for one end of it.
    pub token: String,
    /// What the browser's call takes.
    pub options: Value,
    /// The only origin that it is good from.
    pub origin: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// What somebody shows to add a passkey.
pub struct NewPasskey {
    /// What the beginning gave.
    pub ceremony: String,
    /// What they call it.
    pub label: String,
    /// What the browser's call gave.
    pub credential: RegisterPublicKeyCredential,
}

/// What somebody shows to take a passkey away.
pub struct RemovePasskey {
    /// Which.
    pub passkey: PasskeyId,
    /// Who they are, once more.
    pub again: Again,
}

/// What somebody shows to sign in with a passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowPasskey {
    /// What the beginning gave.
    ceremony: String,
    /// What the password gave, where there was one.
    token: Option<String>,
    /// What the browser's call gave.
    #[schema(value_type = Object)]
    credential: PublicKeyCredential,
    /// Whether the device is to be remembered.
    #[serde(default)]
    remember: bool,
}

/// A passkey as its owner sees it.
pub struct OwnPasskey {
    /// Which.
    pub id: PasskeyId,
    /// What they call it.
    pub label: PasskeyLabel,
    /// Since when.
    pub added: Timestamp,
    /// When it was shown last.
    pub used: Option<Timestamp>,
}

/// What is asked of somebody beyond their password.
pub struct OwnFactors {
    /// Whether codes of an app are.
    pub totp: bool,
    /// How many recovery codes are left.
    pub recovery_codes: u8,
    /// In the order in which they were added.
    pub passkeys: Vec<OwnPasskey>,
    /// The only origin that passkeys are good at; none where Kilter is not reached by a name.
    pub passkeys_at: Option<String>,
}

/// A passkey as it rests in the vault, found by what the authenticator calls it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeptPasskey {
    pub(super) id: PasskeyId,
    key: Passkey,
    added: Timestamp,
    used: Option<Timestamp>,
}

/// Somebody is about to add a passkey.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Adding {
    pub(super) tenant: TenantId,
    pub(super) account: ActorId,
    device: Option<String>,
    state: PasskeyRegistration,
}

/// Somebody is about to show a passkey: who, where a password said it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Showing {
    whose: Option<Whose>,
    device: Option<String>,
    state: DiscoverableAuthentication,
}

impl Showing {
    pub(super) const fn whose(&self) -> Option<Whose> {
        self.whose
    }
}

/// A passkey that was shown, and what the vault has to become for it to count.
struct Shown {
    whose: Whose,
    epoch: Epoch,
    pending: Option<Pending>,
    changes: Vec<Change>,
}

impl Identity {
    /// Begins to add a passkey, which the authenticator is to keep with whose it is: it signs in without a name being typed.
    /// Who is in shows once more who they are.
    pub async fn begin_passkey(&self, who: &Enroller, again: Again, came: &Came) -> Result<Ceremony, Refused> {
        let now = self.now();
        if let Enroller::Member(caller, session) = who {
            self.confirm(caller, *session, again, came).await?;
        }
        let whose = self.ground(who, SecondFactor::Passkey, came, now).await?.whose;
        let party = self.relying_party()?;
        let (email, name) = self.known_by(whose).await?;
        let email = email.ok_or(Refused::Step)?;
        let name = name.as_ref().map_or_else(|| email.as_str(), FullName::as_str);
        let present = self.passkeys(whose).await?.iter().map(|(_, kept)| kept.key.cred_id().clone()).collect();
        let (challenge, state) = party
            .webauthn
            .start_passkey_registration(whose.account.0, email.as_str(), name, Some(present))
            .map_err(|error| Refused::Fault(error.to_string()))?;
        let mut options = written(&challenge.public_key)?;
        options["authenticatorSelection"]["residentKey"] = json!("required");
        options["authenticatorSelection"]["requireResidentKey"] = json!(true);
        let Whose { tenant, account } = whose;
        let purpose = Purpose::AddPasskey(Box::new(Adding { tenant, account, device: came.device.clone(), state }));
        self.ceremony(&purpose, options, party, now).await
    }

    /// Makes a passkey count. Who has no recovery codes yet is given some: a passkey can be lost too.
    pub async fn confirm_passkey(&self, who: &Enroller, asked: NewPasskey, came: &Came) -> Result<Enrolled, Refused> {
        let label = typed("label", PasskeyLabel::try_new, &asked.label)?;
        let whose = self.ground(who, SecondFactor::Passkey, came, self.now()).await?.whose;
        self.check_network(whose.tenant, came).await?;
        let caller = whose.caller(self.role_of(whose).await?.ok_or(Refused::Session)?);
        self.new_key(whose, &asked, came).await?;
        let id = PasskeyId(self.ids.next());
        let told = |command| Command::Account(whose.account, Box::new(command));
        // The log first: it says whether there may be one more, and what such a one may be called.
        self.tell(&caller, told(AccountCommand::AddPasskey(id, label))).await?;
        let enrolled = self.keep_passkey(who, id, &asked, came).await;
        if enrolled.is_err() {
            self.tell(&caller, told(AccountCommand::RemovePasskey(id))).await?;
        }
        let (pending, recovery_codes) = enrolled?;
        if !recovery_codes.is_empty() {
            self.tell(&caller, told(AccountCommand::MakeRecoveryCodes(RECOVERY_CODES))).await?;
        }
        self.tell_of_change(whose, SignInChange::PasskeyAdded).await?;
        let signed_in = match pending {
            Some(pending) => Some(self.let_in(pending.proved(SecondFactor::Passkey), came).await?),
            None => None,
        };
        Ok(Enrolled { recovery_codes, signed_in })
    }

    /// Begins to show a passkey: any, or one of who has shown their password.
    pub async fn begin_showing_passkey(&self, step: Option<&str>, came: &Came) -> Result<Ceremony, Refused> {
        let now = self.now();
        let party = self.relying_party()?;
        let whose = match step {
            Some(step) => Some(self.pending(step, came, now).await?.1.whose()),
            None => None,
        };
        let (challenge, state) =
            party.webauthn.start_discoverable_authentication().map_err(|error| Refused::Fault(error.to_string()))?;
        let mut options = written(&challenge.public_key)?;
        if let Some(whose) = whose {
            let passkeys = self.passkeys(whose).await?;
            let allowed = passkeys
                .iter()
                .map(|(_, kept)| json!({"type": "public-key", "id": URL_SAFE_NO_PAD.encode(kept.key.cred_id())}));
            options["allowCredentials"] = allowed.collect();
        }
        let purpose = Purpose::ShowPasskey(Box::new(Showing { whose, device: came.device.clone(), state }));
        self.ceremony(&purpose, options, party, now).await
    }

    /// Lets in who shows a passkey. Whatever is wrong with it is answered alike, and ends the ceremony.
    pub async fn show_passkey(&self, asked: ShowPasskey, came: &Came) -> Result<SignedIn, Refused> {
        for _ in 0..TRIES {
            let now = self.now();
            let found = self.find_step(&asked.ceremony, now).await?;
            let Purpose::ShowPasskey(showing) = &found.purpose else { return Err(Refused::Step) };
            if showing.device != came.device {
                return Err(Refused::Step);
            }
            let take = Change::take(&found.secret);
            let Some(shown) = self.shown_passkey(&asked, showing, came, now).await? else {
                return match self.secrets.change(Scope::System, vec![take], now).await {
                    Ok(()) | Err(ChangeError::Stale) => Err(Refused::Passkey),
                    Err(error) => Err(error.into()),
                };
            };
            let changes = shown.changes.iter().cloned().chain([take]).collect();
            match self.secrets.change(Scope::System, changes, now).await {
                Err(ChangeError::Stale) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    let (proof, second_factor) = (Proof::Passkey, Some(SecondFactor::Passkey));
                    let Shown { whose, epoch, pending, .. } = shown;
                    let alone = Proved { whose, proof, second_factor, remembered: asked.remember, epoch };
                    let proved = pending.map_or(alone, |pending| pending.proved(SecondFactor::Passkey));
                    return self.let_in(proved, came).await;
                }
            }
        }
        Err(busy())
    }

    /// Takes a passkey away, for who shows once more who they are; with the last second factor go the recovery codes.
    /// The vault first: what was stolen must not go on while the log can't be written.
    pub async fn remove_passkey(
        &self,
        caller: &Caller,
        session: SessionId,
        asked: RemovePasskey,
        came: &Came,
    ) -> Result<(), Refused> {
        let RemovePasskey { passkey: id, again } = asked;
        let whose = self.confirm(caller, session, again, came).await?;
        let passkeys = self.passkeys(whose).await?.into_iter();
        let (gone, left): (Vec<_>, Vec<_>) = passkeys.partition(|(_, kept)| kept.id == id);
        let mut changes: Vec<Change> =
            gone.iter().map(|(secret, _)| Change::Remove { id: secret.id(), version: None }).collect();
        if !gone.is_empty() && left.is_empty() && !self.has_totp(whose).await? {
            changes.push(Change::Remove { id: self.recovery_id(whose), version: None });
        }
        self.secrets.change(Scope::Tenant(whose.tenant), changes, self.now()).await?;
        let remove = Command::Account(whose.account, Box::new(AccountCommand::RemovePasskey(id)));
        self.tell(caller, remove).await?;
        self.tell_of_change(whose, SignInChange::PasskeyRemoved).await
    }

    /// What is asked of somebody beyond their password.
    pub async fn own_factors(&self, caller: &Caller, session: SessionId) -> Result<OwnFactors, Refused> {
        self.own_family(caller, session, self.now()).await?;
        let whose = Whose { tenant: caller.tenant, account: caller.actor };
        let (recovery_codes, totp) = (self.recovery_codes_left(whose).await?, self.has_totp(whose).await?);
        let labels = self.passkey_labels(whose).await?;
        let own = |(_, kept): (Secret, KeptPasskey)| {
            let (id, label) = (kept.id, labels.get(&kept.id)?.clone());
            Some(OwnPasskey { id, label, added: kept.added, used: kept.used })
        };
        let mut passkeys: Vec<OwnPasskey> = self.passkeys(whose).await?.into_iter().filter_map(own).collect();
        passkeys.sort_by_key(|passkey| passkey.added);
        let passkeys_at = RelyingParty::of(&self.public_url).map(|party| party.origin);
        Ok(OwnFactors { totp, recovery_codes, passkeys, passkeys_at })
    }

    /// Somebody's passkeys that count.
    pub(super) async fn passkeys(&self, whose: Whose) -> Result<Vec<(Secret, KeptPasskey)>, Refused> {
        let kept = self.secrets.of_owner(SecretKind::Passkey, whose.tenant, whose.subject(), self.now()).await?;
        if kept.is_empty() {
            return Ok(vec![]);
        }
        let labels = self.passkey_labels(whose).await?;
        let mut passkeys = Vec::new();
        for secret in kept {
            let kept: KeptPasskey = secret.value()?;
            if labels.contains_key(&kept.id) {
                passkeys.push((secret, kept));
            }
        }
        Ok(passkeys)
    }

    async fn passkey_labels(&self, whose: Whose) -> Result<BTreeMap<PasskeyId, PasskeyLabel>, Refused> {
        Ok(match &*self.commands.account(whose.tenant, whose.account).await? {
            AccountState::Registered(account) => account.passkeys.clone(),
            AccountState::Unknown => BTreeMap::new(),
        })
    }

    /// Keeps the passkey under this id, if it is as it must be: who was waiting for it, and new recovery codes.
    async fn keep_passkey(
        &self,
        who: &Enroller,
        id: PasskeyId,
        asked: &NewPasskey,
        came: &Came,
    ) -> Result<(Option<Pending>, Vec<String>), Refused> {
        for _ in 0..TRIES {
            let now = self.now();
            let ground = self.ground(who, SecondFactor::Passkey, came, now).await?;
            let (whose, scope) = (ground.whose, Scope::Tenant(ground.whose.tenant));
            let (ceremony, key) = self.new_key(whose, asked, came).await?;
            let name = self.passkey_id(key.cred_id());
            let kept = Secret::new(name, &KeptPasskey { id, key, added: now, used: None })?;
            let kept = kept.of_owner(whose.tenant, whose.subject());
            let (recovery, codes) = self.first_recovery_set(whose).await?;
            let mut changes = ground.changes;
            changes.extend([Change::take(&ceremony), Change::add(kept)].into_iter().chain(recovery));
            match self.secrets.change(scope, changes, now).await {
                Err(ChangeError::Stale) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => return Ok((ground.pending, codes)),
            }
        }
        Err(busy())
    }

    /// The key that ends this ceremony, if it is as it must be.
    async fn new_key(&self, whose: Whose, asked: &NewPasskey, came: &Came) -> Result<(Secret, Passkey), Refused> {
        let now = self.now();
        let found = self.find_step(&asked.ceremony, now).await?;
        let Found { secret, purpose: Purpose::AddPasskey(adding) } = found else { return Err(Refused::Step) };
        if (adding.tenant, adding.account) != (whose.tenant, whose.account) || adding.device != came.device {
            return Err(Refused::Step);
        }
        let added = self.relying_party()?.webauthn.finish_passkey_registration(&asked.credential, &adding.state);
        let key = added.map_err(|_| Refused::Passkey)?;
        match self.secrets.find(Scope::System, self.passkey_id(key.cred_id()), now).await? {
            Some(_) => Err(Refused::Passkey),
            None => Ok((secret, key)),
        }
    }

    /// What showing it comes to; `None` where it is not right.
    async fn shown_passkey(
        &self,
        asked: &ShowPasskey,
        showing: &Showing,
        came: &Came,
        now: Timestamp,
    ) -> Result<Option<Shown>, Refused> {
        let step = match &asked.token {
            Some(token) => Some(self.pending(token, came, now).await?),
            None => None,
        };
        if step.as_ref().map(|(_, pending)| pending.whose()) != showing.whose {
            return Err(Refused::Step);
        }
        let name = self.passkey_id(&asked.credential.raw_id);
        let Some(secret) = self.secrets.find(Scope::System, name, now).await? else { return Ok(None) };
        let (Some(tenant), Some(owner)) = (secret.tenant(), secret.owner()) else { return Ok(None) };
        let (whose, mut kept) = (Whose { tenant, account: ActorId(owner.0) }, secret.value::<KeptPasskey>()?);
        let epoch = self.epoch(whose, now).await?;
        // An authenticator that was told which passkeys to look for need not say whose it is.
        let says = asked.credential.get_user_unique_id();
        let is_theirs = says.map_or(showing.whose.is_some(), |said| said == whose.account.0.as_bytes());
        let is_asked_for = showing.whose.is_none_or(|asked_for| asked_for == whose);
        let counts = self.passkey_labels(whose).await?.contains_key(&kept.id) && self.role_of(whose).await?.is_some();
        if !(is_theirs && is_asked_for && counts) {
            return Ok(None);
        }
        let party = self.relying_party()?.webauthn;
        let outcome = party.finish_discoverable_authentication_v2(&asked.credential, showing.state.clone(), &kept.key);
        let result = match outcome {
            Ok(result) => result,
            Err(error) => {
                tracing::warn!(event = "identity.passkey_refused", account = %whose.account, %error);
                return Ok(None);
            }
        };
        kept.key.update_credential(&result);
        kept.used = Some(now);
        let mut changes = vec![Change::replace(&secret, secret.with_value(&kept)?)];
        changes.extend(step.as_ref().map(|(secret, _)| Change::take(secret)));
        Ok(Some(Shown { whose, epoch, pending: step.map(|(_, pending)| pending), changes }))
    }

    async fn ceremony(
        &self,
        purpose: &Purpose,
        options: Value,
        party: RelyingParty,
        now: Timestamp,
    ) -> Result<Ceremony, Refused> {
        let (token, link) = self.link(purpose, CEREMONY_SECONDS, now)?;
        self.secrets.change(Scope::System, vec![Change::add(link)], now).await?;
        Ok(Ceremony { token, options, origin: party.origin, expires: later(now, CEREMONY_SECONDS) })
    }

    fn relying_party(&self) -> Result<RelyingParty, Refused> {
        RelyingParty::of(&self.public_url).ok_or(Refused::NoPasskeys)
    }

    fn passkey_id(&self, credential: &[u8]) -> SecretId {
        self.secrets.id(SecretKind::Passkey, credential)
    }
}

fn written(options: &impl Serialize) -> Result<Value, Refused> {
    serde_json::to_value(options).map_err(|error| Refused::Fault(error.to_string()))
}
