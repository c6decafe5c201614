//! Keys and what is done with them: XChaCha20-Poly1305, every ciphertext bound to what it is.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use domain::kernel::{ActorId, DataClass, Sealed, SubjectId, TenantId};
use domain::ports::VaultError;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::secret_rows::SecretRow;
use crate::random::random_bytes;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// The key over all tenant keys. It lies in a file of its own, never in the vault.
#[derive(Clone)]
pub struct RootKey(pub(super) Key);

impl RootKey {
    /// The key that these bytes are.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Key(Zeroizing::new(bytes)))
    }

    /// A new one.
    pub fn random() -> Self {
        Self(Key::random())
    }
}

/// Any key; wiped from memory when it is dropped.
#[derive(Clone)]
pub(super) struct Key(Zeroizing<[u8; KEY_BYTES]>);

impl Key {
    pub(super) fn random() -> Self {
        Self(Zeroizing::new(random_bytes()))
    }

    /// Nonce and ciphertext of `clear`, bound to `binding`.
    pub(super) fn seal(&self, binding: &Binding, clear: &[u8]) -> Result<Vec<u8>, VaultError> {
        let nonce: [u8; NONCE_BYTES] = random_bytes();
        let ciphertext = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: clear, aad: &binding.0 })
            .map_err(|_| VaultError::Damaged("a value is too large to be sealed".to_owned()))?;
        Ok([nonce.as_slice(), &ciphertext].concat())
    }

    /// What was sealed under this key and binding; `None` for anything else.
    pub(super) fn open(&self, binding: &Binding, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        self.cipher().decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: &binding.0 }).ok()
    }

    pub(super) fn wrap(&self, binding: &Binding, key: &Self) -> Result<Vec<u8>, VaultError> {
        self.seal(binding, key.0.as_slice())
    }

    pub(super) fn unwrap_key(&self, binding: &Binding, wrapped: &[u8]) -> Option<Self> {
        let clear = Zeroizing::new(self.open(binding, wrapped)?);
        <[u8; KEY_BYTES]>::try_from(clear.as_slice()).ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// Another key, for one purpose, that only who has this one can make.
    pub(super) fn derive(&self, purpose: &str) -> Self {
        Self(Zeroizing::new(self.mac(&Binding::of(&[b"derived-key", purpose.as_bytes()]))))
    }

    /// HMAC-SHA256 of what a binding says.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    pub(super) fn mac(&self, binding: &Binding) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice()).expect("a key of any length");
        mac.update(&binding.0);
        mac.finalize().into_bytes().into()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

/// What a ciphertext is: the additional data that it can't be opened without. Parts are length-prefixed, so that no two differ only in where they end.
pub(super) struct Binding(Vec<u8>);

impl Binding {
    fn of(parts: &[&[u8]]) -> Self {
        let mut bytes = b"kilter.v1".to_vec();
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        Self(bytes)
    }

    pub(super) fn root_check() -> Self {
        Self::of(&[b"root-check"])
    }

    pub(super) fn tenant_key(tenant: TenantId) -> Self {
        Self::of(&[b"tenant-key", tenant.0.as_bytes()])
    }

    pub(super) fn data_key(tenant: TenantId, subject: SubjectId, class: DataClass) -> Self {
        Self::of(&[b"data-key", tenant.0.as_bytes(), subject.0.as_bytes(), class.as_str().as_bytes()])
    }

    pub(super) fn actor_label(tenant: TenantId, actor: ActorId) -> Self {
        Self::of(&[b"actor-label", tenant.0.as_bytes(), actor.0.as_bytes()])
    }

    /// Of what a secret is called.
    pub(super) fn secret_name(kind: &str, name: &[u8]) -> Self {
        Self::of(&[b"secret-name", kind.as_bytes(), name])
    }

    /// Of a secret: everything in its row but the value itself, its version, and when it is due.
    pub(super) fn secret(row: &SecretRow) -> Self {
        let of = |id: &Option<uuid::Uuid>| id.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let expires_at = row.expires_at.map_or_else(Vec::new, |micros| micros.to_be_bytes().to_vec());
        Self::of(&[b"secret", row.kind.as_bytes(), &row.name, &of(&row.tenant), &of(&row.owner), &expires_at])
    }

    /// Of a personal value: everything in `sealed` but the text itself.
    pub(super) fn value(tenant: TenantId, sealed: &Sealed) -> Self {
        Self::of(&[
            b"value",
            tenant.0.as_bytes(),
            sealed.subject.0.as_bytes(),
            sealed.class.as_str().as_bytes(),
            sealed.stream.kind.as_str().as_bytes(),
            sealed.stream.id.as_bytes(),
            sealed.event.as_bytes(),
            sealed.field.as_bytes(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_sealed_opens_only_under_its_key_and_binding() {
        let (key, other) = (Key::random(), Key::random());
        let binding = Binding::tenant_key(TenantId(Uuid::nil()));
        let sealed = key.seal(&binding, b"clear").unwrap();
        assert_eq!(key.open(&binding, &sealed).as_deref(), Some(b"clear".as_slice()));
        assert_eq!(other.open(&binding, &sealed), None);
        assert_eq!(key.open(&Binding::tenant_key(TenantId(Uuid::max())), &sealed), None);
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.open(&binding, &flipped), None, "bit {bit}");
        }
        assert_eq!(key.open(&binding, &sealed[..10]), None);
    }

    #[test]
    fn a_derived_key_is_another_for_every_purpose_and_every_key() {
        let (key, other) = (Key(Zeroizing::new([7; KEY_BYTES])), Key(Zeroizing::new([8; KEY_BYTES])));
        let derived = [key.derive("names"), key.derive("values"), other.derive("names"), key.clone()];
        for (index, one) in derived.iter().enumerate() {
            assert!(derived[..index].iter().all(|earlier| *earlier.0 != *one.0), "{index}");
        }
        assert_eq!(*key.derive("names").0, *key.derive("names").0);
    }

    #[test]
    fn parts_of_a_binding_do_not_run_into_each_other() {
        assert_ne!(Binding::of(&[b"ab", b"c"]).0, Binding::of(&[b"a", b"bc"]).0);
    }
}
