//! Hears what other nodes appended. A notification is a hint that may be lost, so every `look` the position is looked at,
//! whatever was heard.

use std::sync::Weak;
use std::time::Duration;

use domain::ports::Position;

use crate::event_store::listeners::Listeners;
use crate::postgres::{Postgres, whole};

/// How long to wait before another attempt to connect.
const PAUSE: Duration = Duration::from_millis(500);

const PLACE: &str = "SELECT position FROM head";

/// Listens until the store is dropped, over one connection after the other.
pub(super) async fn listen(server: Weak<Postgres>, listeners: Weak<Listeners>, look: Duration) {
    while let Some(server) = server.upgrade() {
        if let Err(reason) = listen_once(&server, &listeners, look).await {
            tracing::debug!(server = server.name(), %reason, "event_store.listener_lost");
        }
        drop(server);
        if listeners.strong_count() == 0 {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn listen_once(server: &Postgres, listeners: &Weak<Listeners>, look: Duration) -> Result<(), String> {
    let mut listening = server.listen().await.map_err(|refusal| refusal.to_string())?;
    let mut known = None;
    loop {
        let asked = listening.client.query_one_scalar(PLACE, &[]).await;
        let position: i64 = asked.map_err(|error| whole(&error))?;
        let position = Position(position.unsigned_abs());
        let Some(listeners) = listeners.upgrade() else { return Ok(()) };
        if known.replace(position) != Some(position) {
            listeners.wake(position);
        }
        drop(listeners);
        listening.hear(look).await;
    }
}
