//! The server can't remove the body of one event and keep the rest of it, so bodies rest sealed and what is removed is their key.
//!
//! Each stream has one random key, in the stream's metadata. The key of revision n+1 is a hash of that of revision n, so who
//! has the key of a revision opens it and all later ones, and none before. To remove the bodies below a revision its key
//! takes the place of the older one; to remove all, none does. The server gives out the newest metadata only, and drops what
//! was before at its next scavenge.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::random::random_bytes;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const SALT_BYTES: usize = 16;

type Key = Zeroizing<[u8; KEY_BYTES]>;

/// What opens the bodies of one stream.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum BodyKeys {
    /// Those of this revision on, by its key.
    From(u64, Key),
    /// None any more: the stream was deleted.
    Deleted,
}

/// As the metadata of a stream holds it.
#[derive(Serialize, Deserialize)]
struct Metadata {
    kilter: Bodies,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bodies {
    Readable { from: u64, key: String },
    Deleted,
}

impl BodyKeys {
    /// Of a stream that is about to begin.
    pub(super) fn random() -> Self {
        Self::From(0, Zeroizing::new(random_bytes()))
    }

    /// As metadata of a stream. Nothing else stands in it: what the crate writes for `max_age` has the wrong unit.
    pub(super) fn to_json(&self) -> serde_json::Value {
        let kilter = match self {
            Self::From(from, key) => Bodies::Readable { from: *from, key: BASE64.encode(key.as_slice()) },
            Self::Deleted => Bodies::Deleted,
        };
        serde_json::json!(Metadata { kilter })
    }

    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let metadata: Metadata = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        match metadata.kilter {
            Bodies::Deleted => Ok(Self::Deleted),
            Bodies::Readable { from, key } => {
                let key = BASE64.decode(key).map(Zeroizing::new).map_err(|error| error.to_string())?;
                let key = <[u8; KEY_BYTES]>::try_from(key.as_slice()).map_err(|_| "a key of another length")?;
                Ok(Self::From(from, Zeroizing::new(key)))
            }
        }
    }

    /// In the place of any keys; None where they are gone already.
    pub(super) fn deleted(current: Option<&Self>) -> Option<Self> {
        if matches!(current, Some(Self::Deleted)) { None } else { Some(Self::Deleted) }
    }

    /// How many of the first so many bodies they do not open.
    pub(super) fn removed_of(&self, events: u64) -> u64 {
        match self {
            Self::From(from, _) => events.min(*from),
            Self::Deleted => events,
        }
    }

    /// What opens this revision and all later ones only; None where it is so already.
    pub(super) fn without_before(&self, revision: u64) -> Option<Self> {
        match self {
            Self::From(from, _) if *from < revision => {
                let key = BodyKey::first(self)?.at(revision)?;
                Some(Self::From(revision, key))
            }
            Self::From(..) | Self::Deleted => None,
        }
    }
}

/// What lies sealed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) salt: [u8; SALT_BYTES],
    pub(super) data: Vec<u8>,
}

/// The key of one revision after the other.
pub(super) struct BodyKey {
    from: u64,
    base: Key,
    revision: u64,
    key: Key,
}

impl BodyKey {
    /// None where no body is readable.
    pub(super) fn first(keys: &BodyKeys) -> Option<Self> {
        match keys {
            BodyKeys::From(from, key) => {
                Some(Self { from: *from, base: key.clone(), revision: *from, key: key.clone() })
            }
            BodyKeys::Deleted => None,
        }
    }

    /// Salt and body sealed for this revision. None where its body would be removed already.
    pub(super) fn seal(&mut self, revision: u64, salt: &[u8; SALT_BYTES], body: &[u8]) -> Option<Vec<u8>> {
        let nonce: [u8; NONCE_BYTES] = random_bytes();
        let clear = Zeroizing::new([salt.as_slice(), body].concat());
        let sealed = self.cipher(revision)?.encrypt(&XNonce::from(nonce), clear.as_slice()).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// Salt and body of this revision. `Ok(None)` once they are removed.
    pub(super) fn open(&mut self, revision: u64, sealed: &[u8]) -> Result<Option<Body>, String> {
        let Some(cipher) = self.cipher(revision) else { return Ok(None) };
        let damaged = || "its body can't be opened".to_owned();
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
        let clear = Zeroizing::new(cipher.decrypt(&XNonce::from(*nonce), sealed).map_err(|_| damaged())?);
        let (salt, data) = clear.split_first_chunk::<SALT_BYTES>().ok_or_else(damaged)?;
        Ok(Some(Body { salt: *salt, data: data.to_vec() }))
    }

    fn cipher(&mut self, revision: u64) -> Option<XChaCha20Poly1305> {
        let key = hash(b"kilter.v1 body", &self.at(revision)?);
        Some(XChaCha20Poly1305::new((&*key).into()))
    }

    /// Goes on from the last question; from the start where it is asked backwards.
    fn at(&mut self, revision: u64) -> Option<Key> {
        if revision < self.from {
            return None;
        }
        if revision < self.revision {
            (self.revision, self.key) = (self.from, self.base.clone());
        }
        while self.revision < revision {
            self.key = hash(b"kilter.v1 next", &self.key);
            self.revision += 1;
        }
        Some(self.key.clone())
    }
}

fn hash(purpose: &[u8], key: &Key) -> Key {
    Zeroizing::new(Sha256::new().chain_update(purpose).chain_update(key.as_slice()).finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(keys: &BodyKeys, revisions: u64) -> Vec<Vec<u8>> {
        let mut key = BodyKey::first(keys).unwrap();
        (0..revisions).map(|revision| key.seal(revision, &[7; 16], &revision.to_be_bytes()).unwrap()).collect()
    }

    #[test]
    fn every_revision_opens_in_any_order_and_only_as_itself() {
        let keys = BodyKeys::random();
        let sealed = sealed(&keys, 9);
        let mut key = BodyKey::first(&keys).unwrap();
        for revision in [0_u64, 8, 3, 4, 0] {
            let bytes = &sealed[usize::try_from(revision).unwrap()];
            let body = Body { salt: [7; 16], data: revision.to_be_bytes().to_vec() };
            assert_eq!(key.open(revision, bytes), Ok(Some(body)));
            assert!(key.open(revision + 1, bytes).is_err());
            assert!(key.open(revision, &bytes[..20]).is_err());
        }
    }

    #[test]
    fn what_is_removed_never_opens_again_and_the_rest_still_does() {
        let keys = BodyKeys::random();
        let sealed = sealed(&keys, 9);
        let less = keys.without_before(3).unwrap().without_before(5).unwrap();
        let mut key = BodyKey::first(&less).unwrap();
        let readable = |(revision, bytes): (u64, &Vec<u8>)| key.open(revision, bytes).unwrap().is_some();
        assert_eq!(
            (0..).zip(&sealed).map(readable).collect::<Vec<_>>(),
            [false, false, false, false, false, true, true, true, true]
        );
        assert!(less.without_before(5).is_none());
        assert!(less.without_before(2).is_none());
        assert!(BodyKeys::Deleted.without_before(9).is_none());
        assert!(BodyKey::first(&BodyKeys::Deleted).is_none());
    }

    #[test]
    fn metadata_read_back_and_say_nothing_of_ages() {
        for keys in [BodyKeys::random(), BodyKeys::random().without_before(7).unwrap(), BodyKeys::Deleted] {
            let json = keys.to_json();
            assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), ["kilter"]);
            assert!(BodyKeys::from_json(json.to_string().as_bytes()).is_ok_and(|read| read == keys));
        }
        for damaged in ["", "{}", r#"{"kilter":{"readable":{"from":0,"key":"AA=="}}}"#] {
            assert!(BodyKeys::from_json(damaged.as_bytes()).is_err(), "{damaged}");
        }
    }
}
