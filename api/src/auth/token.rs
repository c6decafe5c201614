//! Access tokens: signed JWT under one algorithm with one strict profile (docs/API.md, "Tokens").

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::kernel::{ActorId, Caller, Role, SessionId, TenantId, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long a token lives when nothing else is asked: 12 hours.
pub const DEFAULT_TTL_SECONDS: u32 = 12 * 3600;
/// How long a token may live at most: 30 days.
pub const MAX_TTL_SECONDS: u32 = 30 * 24 * 3600;

const ALGORITHM: Algorithm = Algorithm::HS256;
const TYPE: &str = "at+jwt";
const ISSUER: &str = "kilter";
const AUDIENCE: &str = "kilter-api";
/// How far apart the clocks of two honest machines may be.
const LEEWAY_SECONDS: i64 = 5;
/// A token of ours is below 600 bytes; what is longer is not looked at.
const MAX_TOKEN_BYTES: usize = 2048;
/// A shorter key than the hash itself weakens it.
const MIN_KEY_BYTES: usize = 32;

/// How long the token of a session lives: 5 minutes. Then the session's refresh token gives another one.
pub const SESSION_TTL_SECONDS: u32 = 5 * 60;

/// The keys that tokens are signed with, by their names: the first signs, all of them verify.
pub struct TokenKeys {
    signing: String,
    keys: BTreeMap<String, (EncodingKey, DecodingKey)>,
}

/// What a good token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// Who it is for.
    pub caller: Caller,
    /// What it belongs to.
    pub session: Uuid,
    /// When a session that somebody signed in to gave it; `None` of one that was made by who has the keys.
    pub given_at: Option<Timestamp>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Why a token is refused. Told to the log, never to the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    /// It is not three base64url parts of an acceptable size.
    #[error("not a compact JWT")]
    Malformed,
    /// Its header is not exactly ours.
    #[error("the header is not of our profile")]
    Header,
    /// No key has this name.
    #[error("unknown key")]
    UnknownKey,
    /// The signature is not ours.
    #[error("the signature does not verify")]
    Signature,
    /// Its claims are not exactly ours.
    #[error("the claims are not of our profile")]
    Claims,
    /// It is not valid yet.
    #[error("not valid yet")]
    Premature,
    /// It has ended.
    #[error("expired")]
    Expired,
}

/// Why no token is made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// The key can't be used.
    #[error("the signing key has {0} bytes, at least {MIN_KEY_BYTES} are needed")]
    WeakKey(usize),
    /// The time to live is nothing or too long.
    #[error("a token lives 1 to {MAX_TTL_SECONDS} seconds, not {0}")]
    TimeToLive(u32),
    /// It could not be signed.
    #[error("signing failed: {0}")]
    Signing(String),
}

/// The header, nothing but these three: `crit`, `jku`, `jwk`, `x5u`, `x5c` and whatever else are refused by not being here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

/// The claims, each exactly once and of exactly this type.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    sid: &'a str,
    tid: &'a str,
    role: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    /// Microseconds since the epoch: when a session gave it. Absent in tokens that no session gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    given: Option<i64>,
}

impl TokenKeys {
    /// Signs and verifies with this key under this name.
    pub fn new(name: impl Into<String>, key: &[u8]) -> Result<Self, MintError> {
        let name = name.into();
        Self { signing: name.clone(), keys: BTreeMap::new() }.with_key(name, key)
    }

    /// Also verifies with this key: a former one, until its last token has ended.
    pub fn and_verify(self, name: impl Into<String>, key: &[u8]) -> Result<Self, MintError> {
        self.with_key(name.into(), key)
    }

    fn with_key(mut self, name: String, key: &[u8]) -> Result<Self, MintError> {
        if key.len() < MIN_KEY_BYTES {
            return Err(MintError::WeakKey(key.len()));
        }
        self.keys.insert(name, (EncodingKey::from_secret(key), DecodingKey::from_secret(key)));
        Ok(self)
    }

    /// A token for this caller, good from `now` on for so many seconds, that no session can end.
    pub fn mint(&self, caller: Caller, id: Uuid, now: Timestamp, ttl_seconds: u32) -> Result<String, MintError> {
        if ttl_seconds == 0 || ttl_seconds > MAX_TTL_SECONDS {
            return Err(MintError::TimeToLive(ttl_seconds));
        }
        self.sign(caller, (id, None), now, ttl_seconds)
    }

    /// A token of a session, good for [`SESSION_TTL_SECONDS`] unless the session ends before.
    pub fn mint_of_session(&self, caller: Caller, session: SessionId, now: Timestamp) -> Result<String, MintError> {
        self.sign(caller, (session.0, Some(now)), now, SESSION_TTL_SECONDS)
    }

    fn sign(
        &self,
        caller: Caller,
        (session, given): (Uuid, Option<Timestamp>),
        now: Timestamp,
        ttl_seconds: u32,
    ) -> Result<String, MintError> {
        let issued = now.as_seconds();
        let claims = Claims {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: &caller.actor.to_string(),
            sid: &session.to_string(),
            tid: &caller.tenant.to_string(),
            role: caller.role.as_str(),
            iat: issued,
            nbf: issued,
            exp: issued + i64::from(ttl_seconds),
            given: given.map(Timestamp::as_micros),
        };
        let mut header = Header::new(ALGORITHM);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.signing.clone());
        let (key, _) = self.keys.get(&self.signing).ok_or(MintError::WeakKey(0))?;
        jsonwebtoken::encode(&header, &claims, key).map_err(|error| MintError::Signing(error.to_string()))
    }

    /// What the token says, if it is one of ours and good at `now`.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Grant, BadToken> {
        let (message, signature, header, payload) = split(token)?;
        let header = decode(header).ok_or(BadToken::Malformed)?;
        let header: StrictHeader<'_> = strict(&header).ok_or(BadToken::Header)?;
        if header.alg != "HS256" || header.typ != TYPE {
            return Err(BadToken::Header);
        }
        let (_, key) = self.keys.get(header.kid).ok_or(BadToken::UnknownKey)?;
        match jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, ALGORITHM) {
            Ok(true) => {}
            Ok(false) | Err(_) => return Err(BadToken::Signature),
        }
        let payload = decode(payload).ok_or(BadToken::Malformed)?;
        let claims: Claims<'_> = strict(&payload).ok_or(BadToken::Claims)?;
        claims.check_time(now.as_seconds())?;
        claims.grant().ok_or(BadToken::Claims)
    }
}

impl Claims<'_> {
    fn check_time(&self, now: i64) -> Result<(), BadToken> {
        let lifetime = self.exp.checked_sub(self.iat).ok_or(BadToken::Claims)?;
        let most = if self.given.is_some() { SESSION_TTL_SECONDS } else { MAX_TTL_SECONDS };
        if lifetime <= 0 || lifetime > i64::from(most) || self.nbf < self.iat {
            return Err(BadToken::Claims);
        }
        if self.nbf > now + LEEWAY_SECONDS || self.iat > now + LEEWAY_SECONDS {
            return Err(BadToken::Premature);
        }
        if now >= self.exp.saturating_add(LEEWAY_SECONDS) {
            return Err(BadToken::Expired);
        }
        Ok(())
    }

    /// When a session gave it, where one did; nothing at all where that is not when it was issued.
    fn given_at(&self) -> Result<Option<Timestamp>, BadToken> {
        let Some(micros) = self.given else { return Ok(None) };
        let given = Timestamp::from_micros(micros).map_err(|_| BadToken::Claims)?;
        if given.as_seconds() == self.iat { Ok(Some(given)) } else { Err(BadToken::Claims) }
    }

    fn grant(&self) -> Option<Grant> {
        if self.iss != ISSUER || self.aud != AUDIENCE {
            return None;
        }
        Some(Grant {
            caller: Caller::new(
                TenantId(canonical_uuid(self.tid)?),
                ActorId(canonical_uuid(self.sub)?),
                Role::from_stored(self.role)?,
            ),
            session: canonical_uuid(self.sid)?,
            given_at: self.given_at().ok()?,
            expires_at: Timestamp::from_micros(self.exp.checked_mul(1_000_000)?).ok()?,
        })
    }
}

/// The signed message, the signature, and the header and payload inside the message.
fn split(token: &str) -> Result<(&str, &str, &str, &str), BadToken> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(BadToken::Malformed);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(BadToken::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(BadToken::Malformed)?;
    let empty = header.is_empty() || payload.is_empty() || signature.is_empty();
    if empty || payload.contains('.') {
        return Err(BadToken::Malformed);
    }
    Ok((message, signature, header, payload))
}

fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

/// An object with exactly the fields of `T`; serde refuses duplicates, but would take an array for a struct.
fn strict<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<T> {
    (json.first() == Some(&b'{')).then(|| serde_json::from_slice(json).ok()).flatten()
}

/// One identity has one text: other spellings of a UUID are refused.
fn canonical_uuid(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text).ok().filter(|uuid| uuid.to_string() == text)
}
