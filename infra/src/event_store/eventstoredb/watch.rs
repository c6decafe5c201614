//! Hears what other nodes appended, by looking at the end of the log: subscriptions of the client spin once the server ends them.

use std::sync::Weak;
use std::time::Duration;

use super::reader::Reader;
use crate::event_store::listeners::Listeners;

/// How often is looked.
const LOOK: Duration = Duration::from_millis(200);

/// Looks until the store is dropped.
pub(super) async fn watch(reader: Weak<Reader>, listeners: Weak<Listeners>) {
    let mut known = None;
    while let (Some(reader), Some(listeners)) = (reader.upgrade(), listeners.upgrade()) {
        match reader.head().await {
            Ok(head) if known.replace(head) != Some(head) => listeners.wake(head),
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "event_store.watch_failed"),
        }
        drop((reader, listeners));
        tokio::time::sleep(LOOK).await;
    }
}
