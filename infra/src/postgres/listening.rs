//! A connection of its own that hears what other nodes tell.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, Client};

use super::{Postgres, PostgresRefusal};

/// Listens from when it is there until it is dropped or lost. A notification is a hint: truth is asked over [`Self::client`].
pub(crate) struct Listening {
    pub(crate) client: Client,
    heard: UnboundedReceiver<String>,
    driven: JoinHandle<()>,
}

impl Postgres {
    /// Begins to listen to what is told under the name of the schema.
    pub(crate) async fn listen(&self) -> Result<Listening, PostgresRefusal> {
        let (client, mut connection) = self.dedicated().await?;
        let (hear, heard) = unbounded_channel();
        let driven = tokio::spawn(async move {
            let mut messages = stream::poll_fn(move |context| connection.poll_message(context));
            while let Some(Ok(message)) = messages.next().await {
                if let AsyncMessage::Notification(notification) = message
                    && hear.send(notification.payload().to_owned()).is_err()
                {
                    return;
                }
            }
        });
        let listening = Listening { client, heard, driven };
        let listen = format!("LISTEN {}", self.schema());
        listening.client.batch_execute(&listen).await.map_err(|error| PostgresRefusal::of(self.name(), &error))?;
        Ok(listening)
    }
}

impl Listening {
    /// All that was told and not yet heard; waits for something, but not longer than this. The end of the connection shows when
    /// the client is asked something.
    pub(crate) async fn hear(&mut self, patience: Duration) -> Vec<String> {
        let first = tokio::time::timeout(patience, self.heard.recv()).await;
        let mut told: Vec<String> = first.ok().flatten().into_iter().collect();
        while let Ok(more) = self.heard.try_recv() {
            told.push(more);
        }
        told
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.driven.abort();
    }
}
