//! The vault: seals personal data under keys that can be destroyed.

use uuid::Uuid;

use super::Future;
use crate::kernel::{DataClass, Sealed, StreamId, SubjectId, TenantId, Timestamp};

/// A clear personal value on its way into an event, with all that the seal binds it to. No `Debug`: it would show the value.
#[derive(Clone)]
pub struct Unsealed {
    /// Whose data it is.
    pub subject: SubjectId,
    /// Under which of the subject's keys it goes.
    pub class: DataClass,
    /// The stream of the event that carries it.
    pub stream: StreamId,
    /// That event.
    pub event: Uuid,
    /// The field of that event.
    pub field: &'static str,
    /// The value.
    pub bytes: Vec<u8>,
}

/// Why nothing was sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The subject was erased: no key is ever made for it again.
    #[error("the data of subject {0} was erased; no key is made for it again")]
    Fenced(SubjectId),
    /// A key or a sealed value is not what was once written.
    #[error("the vault or a sealed value is damaged: {0}")]
    Damaged(String),
    /// Trying again later may work.
    #[error("the vault is unavailable: {0}")]
    Unavailable(String),
}

/// Seals, opens, and forgets for good. The tenant is part of every call.
pub trait Vault: Send + Sync {
    /// Seals a value under the data key of its subject and class; makes the key on first use, unless the subject is fenced.
    fn seal(&self, tenant: TenantId, value: Unsealed) -> Future<'_, Result<Sealed, VaultError>>;

    /// The clear bytes; `None` when the key is gone, or was never this tenant's.
    fn open<'a>(&'a self, tenant: TenantId, sealed: &'a Sealed) -> Future<'a, Result<Option<Vec<u8>>, VaultError>>;

    /// Bars the subject from ever having a key again, then destroys the keys it has. Doing it twice is doing it once.
    fn fence(&self, tenant: TenantId, subject: SubjectId, now: Timestamp) -> Future<'_, Result<(), VaultError>>;
}
