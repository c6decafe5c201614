//! Tokens of integrations: opaque, shown once, of which only an HMAC rests. A token is good as long as the vault holds it, the log calls
//! it good, and who made it is let in; it may what it was made for, of what its maker may by now, from where its company lets people in.

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::identity::api_token::ApiTokenState;
use domain::kernel::{ActorId, ApiTokenId, Caller, SessionId, SubjectId, TenantId, Timestamp};
use domain::ports::{Scope, VaultError};
use domain::run::Commands;
use domain::tenancy::company::SecurityPolicy;
use infra::random::random_bytes;
use infra::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind, Secrets};
use lru::LruCache;
use serde::{Deserialize, Serialize};

use super::{AuthError, Authenticated, BadToken};

/// What every API token begins with, so that scanners of leaked secrets find it.
pub const API_TOKEN_PREFIX: &str = "kilter_";

/// How many tokens are kept at hand.
const AT_HAND: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();
/// For how long.
const AT_HAND_FOR: Duration = Duration::from_mins(1);
/// How old the note of a token's last use may become.
const USE_NOTED_MICROS: i64 = 60 * 1_000_000;

/// A token as it rests. What it is good for the log tells.
#[derive(Clone, Serialize, Deserialize)]
struct Rests {
    id: ApiTokenId,
    tenant: TenantId,
    maker: ActorId,
    used: Option<Timestamp>,
}

/// A token that was good when it was looked at.
#[derive(Clone)]
struct Good {
    looked_at: Instant,
    caller: Caller,
    /// Who made it, as what they are.
    maker: Caller,
    /// Where it may be used from.
    security: SecurityPolicy,
    expires: Timestamp,
}

/// The tokens of integrations.
pub struct ApiTokens {
    secrets: Arc<dyn Secrets>,
    commands: Arc<Commands>,
    at_hand: Mutex<LruCache<SecretId, Good>>,
}

impl ApiTokens {
    /// Those of this vault and this log.
    pub fn new(secrets: Arc<dyn Secrets>, commands: Arc<Commands>) -> Self {
        Self { secrets, commands, at_hand: Mutex::new(LruCache::new(AT_HAND)) }
    }

    /// Makes the text of a token; it is shown once and rests nowhere.
    pub async fn make(
        &self,
        maker: &Caller,
        id: ApiTokenId,
        expires: Timestamp,
        now: Timestamp,
    ) -> Result<String, ChangeError> {
        let text = format!("{API_TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>()));
        let rests = Rests { id, tenant: maker.tenant, maker: maker.actor, used: None };
        let secret = Secret::new(self.secrets.id(SecretKind::ApiToken, text.as_bytes()), &rests)?;
        let secret = secret.of_owner(maker.tenant, SubjectId(id.0)).expiring_at(expires);
        self.secrets.change(Scope::Tenant(maker.tenant), vec![Change::add(secret)], now).await?;
        Ok(text)
    }

    /// Forgets the token: nothing rests that could be compared with it.
    pub async fn forget(&self, tenant: TenantId, id: ApiTokenId, now: Timestamp) -> Result<(), ChangeError> {
        let found = self.secrets.of_owner(SecretKind::ApiToken, tenant, SubjectId(id.0), now).await?;
        let gone = found.iter().map(|secret| Change::Remove { id: secret.id(), version: None }).collect();
        self.secrets.change(Scope::Tenant(tenant), gone, now).await?;
        let mut at_hand = self.at_hand();
        for secret in &found {
            at_hand.pop(&secret.id());
        }
        Ok(())
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

    /// The caller whose token this is, when it comes from there. `unchanged` tells whether nothing has happened in a company since that
    /// its tokens depend on. Whatever is wrong with it is answered alike.
    pub(super) async fn authenticate(
        &self,
        text: &str,
        from: IpAddr,
        now: Timestamp,
        unchanged: impl Fn(TenantId, Instant) -> bool,
    ) -> Result<Authenticated, AuthError> {
        let id = self.secrets.id(SecretKind::ApiToken, text.as_bytes());
        let kept = self.at_hand().get(&id).cloned();
        let kept =
            kept.filter(|good| good.looked_at.elapsed() < AT_HAND_FOR && unchanged(good.caller.tenant, good.looked_at));
        let good = match kept {
            Some(good) => good,
            None => self.look_at(id, now).await?.ok_or(AuthError::Refused(BadToken::UnknownKey))?,
        };
        if now >= good.expires || !good.security.lets_in(from) {
            return Err(AuthError::Ended);
        }
        let Good { caller, maker, expires, .. } = good;
        let session = Some(SessionId(caller.actor.0));
        Ok(Authenticated { caller, backed_by: maker, session, expires_at: expires, at_terminal: false })
    }

    /// The token, if it is good. Its use is noted now and then.
    async fn look_at(&self, id: SecretId, now: Timestamp) -> Result<Option<Good>, AuthError> {
        // What happens while it is looked at counts as later.
        let looked_at = Instant::now();
        let Some(found) = self.secrets.find(Scope::System, id, now).await? else { return Ok(None) };
        let rests: Rests = found.value()?;
        let tenant = rests.tenant;
        let ApiTokenState::Good(grant) = &*self.commands.api_token(tenant, rests.id).await? else { return Ok(None) };
        let Some(maker) = self.commands.roster(tenant).await?.active(rests.maker) else { return Ok(None) };
        let maker = Caller::new(tenant, rests.maker, maker.role);
        let caller = grant.caller(tenant, rests.id, maker.role);
        let security = self.commands.company(tenant).await?.security().clone();
        let good = Good { looked_at, caller, maker, security, expires: grant.expires };
        self.note_use(&found, rests, now).await;
        self.at_hand().put(id, good.clone());
        Ok(Some(good))
    }

    async fn note_use(&self, found: &Secret, rests: Rests, now: Timestamp) {
        let noted = rests.used.map_or(i64::MIN, Timestamp::as_micros);
        if now.as_micros().saturating_sub(noted) < USE_NOTED_MICROS {
            return;
        }
        let tenant = rests.tenant;
        let noted = match found.with_value(&Rests { used: Some(now), ..rests }) {
            Ok(next) => self.secrets.change(Scope::Tenant(tenant), vec![Change::replace(found, next)], now).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = noted {
            // Somebody else noted it, or it was revoked meanwhile.
            tracing::debug!(%error, "api_token.use_not_noted");
        }
    }

    fn at_hand(&self) -> std::sync::MutexGuard<'_, LruCache<SecretId, Good>> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
