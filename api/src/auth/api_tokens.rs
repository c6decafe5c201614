//! Tokens of integrations: opaque, shown once, of which only an HMAC rests.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::identity::api_token::TokenGrant;
use domain::kernel::{Action, ActionSet, ApiTokenId, Caller, Role, SessionId, SubjectId, TenantId, Timestamp};
use domain::ports::{Scope, VaultError};
use infra::random::random_bytes;
use infra::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind, Secrets};
use lru::LruCache;
use serde::{Deserialize, Serialize};

use super::{AuthError, Authenticated, BadToken};

/// What every API token begins with, so that scanners of leaked secrets find it.
pub const API_TOKEN_PREFIX: &str = "kilter_";

/// How many tokens are kept at hand.
const AT_HAND: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();
/// For how long: what is revoked is known for longer.
const AT_HAND_MICROS: i64 = 60 * 1_000_000;
/// How old the note of a token's last use may become.
const USE_NOTED_MICROS: i64 = 60 * 1_000_000;

/// A token as it rests.
#[derive(Clone, Serialize, Deserialize)]
struct Rests {
    id: ApiTokenId,
    tenant: TenantId,
    role: Role,
    scope: BTreeSet<Action>,
    expires: Timestamp,
    used: Option<Timestamp>,
}

/// The tokens of integrations.
pub struct ApiTokens {
    secrets: Arc<dyn Secrets>,
    at_hand: Mutex<LruCache<SecretId, (Rests, Timestamp)>>,
}

impl ApiTokens {
    /// Those of this vault.
    pub fn new(secrets: Arc<dyn Secrets>) -> Self {
        Self { secrets, at_hand: Mutex::new(LruCache::new(AT_HAND)) }
    }

    /// Makes a token good for this; the text is shown once and rests nowhere.
    pub async fn make(
        &self,
        tenant: TenantId,
        id: ApiTokenId,
        grant: &TokenGrant,
        now: Timestamp,
    ) -> Result<String, ChangeError> {
        let text = format!("{API_TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>()));
        let TokenGrant { role, scope, expires, .. } = grant;
        let rests = Rests { id, tenant, role: *role, scope: scope.clone(), expires: *expires, used: None };
        let secret = Secret::new(self.secrets.id(SecretKind::ApiToken, text.as_bytes()), &rests)?;
        let secret = secret.of_owner(tenant, SubjectId(id.0)).expiring_at(*expires);
        self.secrets.change(Scope::Tenant(tenant), vec![Change::add(secret)], now).await?;
        Ok(text)
    }

    /// Forgets the token: nothing rests that could be compared with it.
    pub async fn forget(&self, tenant: TenantId, id: ApiTokenId) -> Result<(), VaultError> {
        self.secrets.forget_owner(tenant, SubjectId(id.0)).await
    }

    /// When the token was used last, to the minute.
    pub async fn last_used(
        &self,
        tenant: TenantId,
        id: ApiTokenId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, VaultError> {
        let found = self.secrets.of_owner(SecretKind::ApiToken, tenant, SubjectId(id.0), now).await?;
        found.first().map(|secret| secret.value::<Rests>().map(|rests| rests.used)).transpose().map(Option::flatten)
    }

    /// The caller whose token this is. `is_revoked` tells of tokens that were revoked lately, where it can.
    pub(super) async fn authenticate(
        &self,
        text: &str,
        now: Timestamp,
        is_revoked: impl Fn(ApiTokenId) -> Option<bool>,
    ) -> Result<Authenticated, AuthError> {
        let id = self.secrets.id(SecretKind::ApiToken, text.as_bytes());
        let kept = self.kept(id, now).filter(|rests| is_revoked(rests.id) == Some(false));
        let rests = if let Some(rests) = kept {
            rests
        } else {
            let found = self.find(id, now).await.map_err(|error| AuthError::Unavailable(error.to_string()))?;
            found.ok_or(AuthError::Refused(BadToken::UnknownKey))?
        };
        if is_revoked(rests.id) == Some(true) {
            return Err(AuthError::Ended);
        }
        if now >= rests.expires {
            return Err(AuthError::Expired);
        }
        let within = ActionSet::of(rests.scope.iter().copied());
        Ok(Authenticated {
            caller: Caller { within, ..Caller::new(rests.tenant, rests.id.into(), rests.role) },
            session: Some(SessionId(rests.id.0)),
            expires_at: rests.expires,
        })
    }

    fn kept(&self, id: SecretId, now: Timestamp) -> Option<Rests> {
        let mut at_hand = self.at_hand.lock().unwrap_or_else(PoisonError::into_inner);
        let (rests, since) = at_hand.get(&id)?;
        (now.as_micros() - since.as_micros() < AT_HAND_MICROS).then(|| rests.clone())
    }

    /// The token, if it is there. Its use is noted now and then.
    async fn find(&self, id: SecretId, now: Timestamp) -> Result<Option<Rests>, VaultError> {
        let Some(found) = self.secrets.find(Scope::System, id, now).await? else { return Ok(None) };
        let mut rests: Rests = found.value()?;
        let noted = rests.used.map_or(i64::MIN, Timestamp::as_micros);
        if now.as_micros().saturating_sub(noted) >= USE_NOTED_MICROS {
            rests.used = Some(now);
            let note = Change::replace(&found, found.with_value(&rests)?);
            if let Err(error) = self.secrets.change(Scope::Tenant(rests.tenant), vec![note], now).await {
                // Somebody else noted it, or it was revoked meanwhile, of which the log tells.
                tracing::debug!(%error, "api_token.use_not_noted");
            }
        }
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner).put(id, (rests.clone(), now));
        Ok(Some(rests))
    }
}
