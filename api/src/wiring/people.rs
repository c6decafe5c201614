//! Where people come in, put together: sign-in, sessions, revocations, mail; with what runs beside the requests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use infra::config::Config;
use infra::identity::passwords::Passwords;
use infra::identity::providers::Providers;
use infra::mail::{Outbox, PublicUrl, Sender, SmtpMailer};
use infra::vault::secrets::Secrets;
use infra::vault::windows::SharedWindows;
use sha2::Sha256;
use tokio_util::sync::CancellationToken;

use super::{OpenError, WriteSide};
use crate::auth::revocations::{self, Revocations};
use crate::auth::{ApiTokens, Sessions, TerminalSessions};
use crate::identity::{DeviceKey, Errands, Guest, Identity};

/// How often what has expired is deleted.
const HOUSEKEEPING: Duration = Duration::from_mins(1);

/// Where people come in.
pub(super) struct People {
    pub(super) identity: Arc<Identity>,
    pub(super) sessions: Sessions,
}

impl People {
    /// Over this write side; links in mails lead to `address` unless the settings say otherwise. What runs beside the requests goes
    /// on until `stop`.
    pub(super) async fn open(
        side: &WriteSide,
        config: &Config,
        address: SocketAddr,
        stop: CancellationToken,
    ) -> Result<Self, OpenError> {
        let head = side.store.head().await.map_err(|error| OpenError::Unavailable(error.to_string()))?;
        let revocations = Arc::new(Revocations::new(side.clock.now()));
        let (store, codec) = (Arc::clone(&side.store), Arc::clone(&side.codec));
        tokio::spawn(revocations::feed(store, codec, Arc::downgrade(&revocations), head));
        let outbox = Outbox::new(Arc::clone(&side.secrets));
        if let Some((server, from)) = config.mail.server().map_err(|error| OpenError::Places(error.to_string()))? {
            let mailer = SmtpMailer::new(server, from).map_err(OpenError::Unavailable)?;
            tokio::spawn(Sender::new(outbox.clone(), mailer, Arc::clone(&side.clock)).run(stop.clone()));
        }
        let kept = (Arc::clone(&side.secrets), side.windows.clone());
        tokio::spawn(keep_house(kept, Arc::clone(&side.clock), stop.clone()));
        let unavailable = |error: std::io::Error| OpenError::Unavailable(error.to_string());
        let (errands, errands_to_run) = Errands::new();
        let public_url = config.mail.public_url.clone().unwrap_or_else(|| PublicUrl::of(address));
        let providers = Providers::new(&config.providers, &public_url);
        let api_tokens = Arc::new(ApiTokens::new(Arc::clone(&side.secrets), Arc::clone(&side.commands)));
        let at_terminals = Arc::new(TerminalSessions::new(Arc::clone(&side.secrets), Arc::clone(&side.commands)));
        let identity = Arc::new(Identity {
            commands: Arc::clone(&side.commands),
            secrets: Arc::clone(&side.secrets),
            passwords: Passwords::new(config.bcrypt_cost).map_err(unavailable)?,
            providers: providers.map_err(|error| OpenError::Unavailable(error.to_string()))?,
            registry: Arc::clone(&side.registry),
            tokens: Arc::new(side.tokens()?),
            api_tokens: Arc::clone(&api_tokens),
            at_terminals: Arc::clone(&at_terminals),
            device_key: device_key(side.folder.token_key()),
            free_failures: config.free_failures,
            errands,
            guest: Guest::default(),
            outbox,
            shows_outbox: config.outbox_page && config.mail.smtp.is_none() && address.ip().is_loopback(),
            public_url,
            clock: Arc::clone(&side.clock),
            ids: Arc::clone(&side.ids),
        });
        tokio::spawn({
            let identity = Arc::clone(&identity);
            async move { identity.run_errands(errands_to_run, stop).await }
        });
        let sessions = Sessions { revocations, commands: Arc::clone(&side.commands), api_tokens, at_terminals };
        Ok(Self { identity, sessions })
    }
}

/// A key of its own for the cookies of devices, that only who has the key of tokens can make.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn device_key(token_key: &[u8]) -> DeviceKey {
    let mut mac = Hmac::<Sha256>::new_from_slice(token_key).expect("a key of any length");
    mac.update(b"kilter.v1 device cookies");
    DeviceKey::new(mac.finalize().into_bytes().into())
}

/// Deletes what has expired, until it is told to stop.
async fn keep_house(
    (secrets, windows): (Arc<dyn Secrets>, Option<Arc<dyn SharedWindows>>),
    clock: Arc<dyn domain::ports::Clock>,
    stop: CancellationToken,
) {
    while stop.run_until_cancelled(tokio::time::sleep(HOUSEKEEPING)).await.is_some() {
        if let Err(error) = secrets.forget_expired(clock.now()).await {
            tracing::warn!(%error, "vault.expired_not_deleted");
        }
        if let Some(windows) = &windows
            && let Err(error) = windows.forget_ended().await
        {
            tracing::warn!(%error, "limits.ended_not_deleted");
        }
    }
}
