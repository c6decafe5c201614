//! Hears what other nodes appended. A notification is a hint that may be lost, so every `look` the position is looked at,
//! whatever was heard.

use std::sync::Weak;
use std::time::Duration;

use domain::ports::Position;
use futures_util::StreamExt;
use futures_util::stream;
use tokio_postgres::AsyncMessage;

use crate::event_store::listeners::Listeners;
use crate::postgres::Postgres;

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
    let (client, mut connection) = server.dedicated().await.map_err(|refusal| refusal.to_string())?;
    let (heard, mut notified) = tokio::sync::mpsc::channel(1);
    let driven = tokio::spawn(async move {
        let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            if matches!(message, AsyncMessage::Notification(_)) {
                // One that waits is enough: it stands for all that came before it is taken.
                let _ = heard.try_send(());
            }
        }
    });
    let listening = client.batch_execute(&format!("LISTEN {}", server.schema())).await;
    let outcome = match listening {
        Ok(()) => follow(&client, &mut notified, listeners, look).await,
        Err(error) => Err(error),
    };
    driven.abort();
    outcome.map_err(|error| crate::postgres::whole(&error))
}

async fn follow(
    client: &tokio_postgres::Client,
    notified: &mut tokio::sync::mpsc::Receiver<()>,
    listeners: &Weak<Listeners>,
    look: Duration,
) -> Result<(), tokio_postgres::Error> {
    let mut known = None;
    loop {
        let position: i64 = client.query_one_scalar(PLACE, &[]).await?;
        let position = Position(position.unsigned_abs());
        let Some(listeners) = listeners.upgrade() else { return Ok(()) };
        if known.replace(position) != Some(position) {
            listeners.wake(position);
        }
        drop(listeners);
        let _ = tokio::time::timeout(look, notified.recv()).await;
    }
}
