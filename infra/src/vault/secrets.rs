//! Secrets that are no data keys: password hashes, one-time tokens, refresh families, mails on their way, and whatever else a
//! log must not hold for ever.
//!
//! A secret is found by what is said of it (an e-mail address, a token, an address of the network), of which only an HMAC rests;
//! its value rests sealed. Both keys come from the root key. What has expired is as if it were not there, and is soon deleted.

use std::fmt;

use domain::kernel::{SubjectId, TenantId, Timestamp};
use domain::ports::{Future, Scope, VaultError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::random::random_bytes;

/// What a secret is for. Its stored name never changes: the HMAC of what it is called and the seal of its value depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretKind {
    /// A sign-up whose e-mail is not verified yet.
    SignUp,
    /// A token that does one thing once.
    Link,
    /// Whose an e-mail address is.
    Email,
    /// The hash of a password.
    Password,
    /// The refresh tokens of a session.
    Family,
    /// What all sessions of a person stand on: it is another one once all of them were ended.
    Epoch,
    /// What makes the codes of an authenticator app.
    Totp,
    /// Recovery codes.
    Recovery,
    /// A passkey.
    Passkey,
    /// Whose an account at a provider is.
    ProviderLink,
    /// An API token.
    ApiToken,
    /// Attempts to get in.
    Attempts,
    /// What pairs a tablet with a company, once.
    PairingCode,
    /// A terminal, by what its cookie holds.
    Terminal,
    /// What stands at a terminal: who is signed in there.
    TerminalSession,
    /// The hash of an operator's PIN.
    Pin,
    /// An operator's badge.
    Badge,
    /// A mail that is to be sent.
    Mail,
    /// The address of a calendar feed.
    Feed,
}

impl SecretKind {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::SignUp,
        Self::Link,
        Self::Email,
        Self::Password,
        Self::Family,
        Self::Epoch,
        Self::Totp,
        Self::Recovery,
        Self::Passkey,
        Self::ProviderLink,
        Self::ApiToken,
        Self::Attempts,
        Self::PairingCode,
        Self::Terminal,
        Self::TerminalSession,
        Self::Pin,
        Self::Badge,
        Self::Mail,
        Self::Feed,
    ];

    /// Its stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::Link => "link",
            Self::Email => "email",
            Self::Password => "password",
            Self::Family => "family",
            Self::Epoch => "epoch",
            Self::Totp => "totp",
            Self::Recovery => "recovery",
            Self::Passkey => "passkey",
            Self::ProviderLink => "provider_link",
            Self::ApiToken => "api_token",
            Self::Attempts => "attempts",
            Self::PairingCode => "pairing_code",
            Self::Terminal => "terminal",
            Self::TerminalSession => "terminal_session",
            Self::Pin => "pin",
            Self::Badge => "badge",
            Self::Mail => "mail",
            Self::Feed => "feed",
        }
    }

    /// The one that is stored under this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Which secret: its kind, and the HMAC of what it is called.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretId {
    pub(super) kind: SecretKind,
    pub(super) name: [u8; 32],
}

impl SecretId {
    /// What it is for.
    pub const fn kind(&self) -> SecretKind {
        self.kind
    }
}

impl fmt::Debug for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:02x}{:02x}…", self.kind.as_str(), self.name[0], self.name[1])
    }
}

/// Differs with every change of a secret, also when it was removed in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(pub(super) i64);

impl Version {
    fn random() -> Self {
        Self(i64::from_be_bytes(random_bytes()))
    }
}

/// A secret in the clear. No `Debug`: it would show the value.
#[derive(Clone)]
pub struct Secret {
    pub(super) id: SecretId,
    pub(super) tenant: Option<TenantId>,
    pub(super) owner: Option<SubjectId>,
    pub(super) value: Zeroizing<Vec<u8>>,
    pub(super) version: Version,
    pub(super) due_at: Option<Timestamp>,
    pub(super) expires_at: Option<Timestamp>,
}

impl Secret {
    /// A new one, of nobody, that is kept until it is removed.
    pub fn new(id: SecretId, value: &impl Serialize) -> Result<Self, VaultError> {
        let (tenant, owner, due_at, expires_at) = (None, None, None, None);
        Ok(Self { id, tenant, owner, value: written(value)?, version: Version::random(), due_at, expires_at })
    }

    /// It belongs to a tenant.
    #[must_use]
    pub fn of_tenant(self, tenant: TenantId) -> Self {
        Self { tenant: Some(tenant), owner: None, ..self }
    }

    /// It belongs to a person, and is forgotten with them.
    #[must_use]
    pub fn of_owner(self, tenant: TenantId, owner: SubjectId) -> Self {
        Self { tenant: Some(tenant), owner: Some(owner), ..self }
    }

    /// There is something to do with it at this time.
    #[must_use]
    pub fn due_at(self, at: Timestamp) -> Self {
        Self { due_at: Some(at), ..self }
    }

    /// From this time on it is as if it were not there.
    #[must_use]
    pub fn expiring_at(self, at: Timestamp) -> Self {
        Self { expires_at: Some(at), ..self }
    }

    /// The next version of it, with another value and all else as it is.
    pub fn with_value(&self, value: &impl Serialize) -> Result<Self, VaultError> {
        Ok(Self { value: written(value)?, version: Version::random(), ..self.clone() })
    }

    /// Which it is.
    pub const fn id(&self) -> SecretId {
        self.id
    }

    /// Whose it is.
    pub const fn tenant(&self) -> Option<TenantId> {
        self.tenant
    }

    /// With which person it is forgotten.
    pub const fn owner(&self) -> Option<SubjectId> {
        self.owner
    }

    /// To be expected when it is changed or removed.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// When there is something to do with it.
    pub const fn due(&self) -> Option<Timestamp> {
        self.due_at
    }

    /// When it goes.
    pub const fn expires(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Its value.
    pub fn value<T: DeserializeOwned>(&self) -> Result<T, VaultError> {
        // What is wrong with it is not told in the words of the parser: they may show some of it.
        serde_json::from_slice(&self.value)
            .map_err(|_| VaultError::Damaged(format!("the value of secret {:?} is of another form", self.id)))
    }
}

fn written(value: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let bytes = serde_json::to_vec(value);
    bytes.map(Zeroizing::new).map_err(|_| VaultError::Damaged("a secret's value can't be written as JSON".to_owned()))
}

/// What must stand in the place of a secret that is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// None.
    Absent,
    /// This version.
    Version(Version),
    /// Any or none.
    Any,
}

/// What is to become of a secret.
#[derive(Clone)]
pub enum Change {
    /// It stands there from now on.
    Put {
        /// It.
        secret: Secret,
        /// In the place of what.
        expected: Standing,
    },
    /// It is there no more.
    Remove {
        /// Which one.
        id: SecretId,
        /// It must be there in this version; `None` removes whatever there is.
        version: Option<Version>,
    },
}

impl Change {
    /// A secret that is not there yet.
    pub const fn add(secret: Secret) -> Self {
        Self::Put { secret, expected: Standing::Absent }
    }

    /// The next version of a secret that stands there as it was found.
    pub const fn replace(found: &Secret, next: Secret) -> Self {
        Self::Put { secret: next, expected: Standing::Version(found.version) }
    }

    /// A secret that stands there as it was found stays as it is: whatever else is changed with it is not where it was changed
    /// meanwhile.
    pub fn hold(found: &Secret) -> Self {
        Self::Put { secret: found.clone(), expected: Standing::Version(found.version) }
    }

    /// A secret that stands there as it was found goes.
    pub const fn take(found: &Secret) -> Self {
        Self::Remove { id: found.id, version: Some(found.version) }
    }

    /// Which secret.
    pub const fn id(&self) -> SecretId {
        match self {
            Self::Put { secret, .. } => secret.id,
            Self::Remove { id, .. } => *id,
        }
    }
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// Something else stands there: read it again and decide anew.
    #[error("a secret was changed meanwhile")]
    Stale,
    /// It would belong to another tenant than the one that the change is made for.
    #[error("a secret of another tenant can't be put")]
    Foreign,
    /// The vault's own reasons.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Keeps secrets. What is asked for a tenant never shows those of another, nor those of none; those are for what happens before
/// it is known who somebody is, and for what runs by itself.
pub trait Secrets: Send + Sync {
    /// The secret of this kind that is called so.
    fn id(&self, kind: SecretKind, name: &[u8]) -> SecretId;

    /// This secret, if it is there.
    fn find(&self, scope: Scope, id: SecretId, now: Timestamp) -> Future<'_, Result<Option<Secret>, VaultError>>;

    /// A person's secrets of this kind, in no order.
    fn of_owner(
        &self,
        kind: SecretKind,
        tenant: TenantId,
        owner: SubjectId,
        now: Timestamp,
    ) -> Future<'_, Result<Vec<Secret>, VaultError>>;

    /// Those of this kind, whosesoever, with something to do up to this time, the longest due first, expired or not. What is damaged
    /// is passed over.
    fn due(&self, kind: SecretKind, by: Timestamp, limit: usize) -> Future<'_, Result<Vec<Secret>, VaultError>>;

    /// Makes all of these changes, or none where one of them finds something else than expected. A secret out of sight is
    /// something else, and is not removed.
    fn change(&self, scope: Scope, changes: Vec<Change>, now: Timestamp) -> Future<'_, Result<(), ChangeError>>;

    /// Deletes all secrets of a person, so that nothing of them is left in the store.
    fn forget_owner(&self, tenant: TenantId, owner: SubjectId) -> Future<'_, Result<(), VaultError>>;

    /// Deletes what has expired, so that nothing of it is left in the store; how many there were.
    fn forget_expired(&self, now: Timestamp) -> Future<'_, Result<u64, VaultError>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_stored_name_of_its_own() {
        for kind in SecretKind::ALL {
            assert_eq!(SecretKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(SecretKind::parse("key"), None);
    }

    #[test]
    fn a_value_of_another_form_is_damage_and_is_not_shown() {
        let id = SecretId { kind: SecretKind::Password, name: [7; 32] };
        let secret = Secret::new(id, &"hush hush").unwrap();
        let refused = secret.value::<u32>().unwrap_err().to_string();
        assert!(refused.contains("password 0707…") && !refused.contains("hush"), "{refused}");
    }
}
