//! Hears that another node has committed. A notification is a hint that may be lost; after each connection everybody looks.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use uuid::Uuid;

use crate::postgres::{Listening, Postgres};

/// How long to wait before another attempt to connect.
const PAUSE: Duration = Duration::from_millis(500);

/// After how long without a word the connection is tried.
const SILENCE: Duration = Duration::from_secs(5);

type Bell = Arc<dyn Fn() + Send + Sync>;

/// Who wants to know.
#[derive(Default)]
pub(super) struct Bells(Mutex<Vec<Bell>>);

impl Bells {
    pub(super) fn add(&self, bell: Bell) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(bell);
    }

    fn ring(&self) {
        let bells = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for bell in bells {
            bell();
        }
    }
}

/// Listens over one connection after the other to what other nodes than `node` tell, until the task is ended.
pub(super) async fn listen(server: Arc<Postgres>, bells: Arc<Bells>, node: Uuid) {
    loop {
        match server.listen().await {
            Ok(listening) => follow(listening, &bells, &node.to_string()).await,
            Err(refusal) => tracing::debug!(reason = %refusal, "views.listener_lost"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn follow(mut listening: Listening, bells: &Bells, own: &str) {
    bells.ring();
    while listening.client.check_connection().await.is_ok() {
        if listening.hear(SILENCE).await.iter().any(|node| node != own) {
            bells.ring();
        }
    }
}
