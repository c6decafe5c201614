//! What is sealed under which key, whatever store it rests in, and what a process keeps at hand of it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::kernel::{ActorId, DataClass, Sealed, SubjectId, TenantId};
use domain::ports::{Unsealed, VaultError};

use super::keys::{Binding, Key, RootKey};
use super::registry::Tenant;
use crate::bounded::Bounded;

/// How many entries of each kind are kept at hand.
pub(super) const AT_HAND: usize = 10_000;

/// Whose data are sealed under a key.
pub(super) type Owner = (TenantId, SubjectId, DataClass);

/// Unwrapped keys, tenants and labels that need not be asked for again.
pub(super) struct AtHand {
    pub(super) data_keys: Bounded<Owner, Key>,
    pub(super) tenants: Bounded<TenantId, Tenant>,
    pub(super) labels: Bounded<(TenantId, ActorId), Arc<str>>,
}

impl AtHand {
    pub(super) fn new() -> Self {
        Self { data_keys: Bounded::new(AT_HAND), tenants: Bounded::new(AT_HAND), labels: Bounded::new(AT_HAND) }
    }

    /// The keys of this subject go.
    pub(super) fn forget_subject(&self, tenant: TenantId, subject: SubjectId) {
        self.data_keys.remove_where(|(of, whose, _)| *of == tenant && *whose == subject);
    }

    pub(super) fn forget_all(&self) {
        self.data_keys.remove_where(|_| true);
        self.tenants.remove_where(|_| true);
        self.labels.remove_where(|_| true);
    }
}

impl RootKey {
    /// Tells this root key from all others, and what was said with it.
    pub(super) fn check(&self, said: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.0.seal(&Binding::root_check(), said)
    }

    /// What was said with a check; `None` where another root key made it.
    pub(super) fn said(&self, check: &[u8]) -> Option<Vec<u8>> {
        self.0.open(&Binding::root_check(), check)
    }

    /// A new key for this tenant, and how it rests.
    pub(super) fn make_tenant_key(&self, tenant: TenantId) -> Result<(Key, Vec<u8>), VaultError> {
        let key = Key::random();
        let wrapped = self.0.wrap(&Binding::tenant_key(tenant), &key)?;
        Ok((key, wrapped))
    }

    pub(super) fn unwrap_tenant_key(&self, tenant: TenantId, wrapped: &[u8]) -> Result<Key, VaultError> {
        let key = self.0.unwrap_key(&Binding::tenant_key(tenant), wrapped);
        key.ok_or_else(|| VaultError::Damaged(format!("the key of tenant {tenant} does not unwrap")))
    }
}

/// Of tenant keys.
impl Key {
    /// A new data key, as it rests.
    pub(super) fn make_data_key(&self, (tenant, subject, class): Owner) -> Result<Vec<u8>, VaultError> {
        self.wrap(&Binding::data_key(tenant, subject, class), &Self::random())
    }

    pub(super) fn unwrap_data_key(&self, (tenant, subject, class): Owner, wrapped: &[u8]) -> Result<Self, VaultError> {
        self.unwrap_key(&Binding::data_key(tenant, subject, class), wrapped).ok_or_else(|| {
            VaultError::Damaged(format!("a data key of subject {subject} of tenant {tenant} does not unwrap"))
        })
    }

    pub(super) fn seal_label(&self, tenant: TenantId, actor: ActorId, label: &str) -> Result<Vec<u8>, VaultError> {
        self.seal(&Binding::actor_label(tenant, actor), label.as_bytes())
    }

    pub(super) fn open_label(&self, tenant: TenantId, actor: ActorId, sealed: &[u8]) -> Result<Arc<str>, VaultError> {
        let label = self.open(&Binding::actor_label(tenant, actor), sealed);
        label.and_then(|bytes| String::from_utf8(bytes).ok()).map(Arc::from).ok_or_else(|| unreadable(tenant, actor))
    }
}

/// Of data keys.
impl Key {
    pub(super) fn seal_value(&self, tenant: TenantId, value: Unsealed) -> Result<Sealed, VaultError> {
        let Unsealed { subject, class, stream, event, field, bytes } = value;
        let mut sealed = Sealed { subject, class, stream, event, field: field.to_owned(), text: String::new() };
        sealed.text = BASE64.encode(self.seal(&Binding::value(tenant, &sealed), &bytes)?);
        Ok(sealed)
    }

    pub(super) fn open_value(&self, tenant: TenantId, sealed: &Sealed) -> Result<Vec<u8>, VaultError> {
        let bytes = BASE64.decode(&sealed.text).ok();
        bytes.and_then(|bytes| self.open(&Binding::value(tenant, sealed), &bytes)).ok_or_else(|| {
            VaultError::Damaged(format!("field {} of event {} does not open", sealed.field, sealed.event))
        })
    }
}

/// A label that does not open, or whose tenant has no key.
pub(super) fn unreadable(tenant: TenantId, actor: ActorId) -> VaultError {
    VaultError::Damaged(format!("the label of actor {actor} of tenant {tenant} does not open"))
}

/// Data keys without the key that they are wrapped by.
pub(super) fn keyless(tenant: TenantId) -> VaultError {
    VaultError::Damaged(format!("tenant {tenant} has data keys but no key of its own"))
}
