//! Hears the log from where somebody has read to: what reacts to events is woken by them, and reads them in pages.

use std::sync::Arc;

use domain::kernel::StreamType;
use domain::ports::{Codec, EventStore, Filter, Position, Recorded, Scope};
use tokio::sync::Notify;

use crate::graphql::GraphqlDeps;

/// Events that are read at once.
const PAGE: usize = 500;

/// Hears events of some kinds of streams.
pub(crate) struct Ear {
    store: Arc<dyn EventStore>,
    codec: Arc<dyn Codec>,
    kinds: Vec<StreamType>,
    wake: Arc<Notify>,
}

impl Ear {
    /// For streams of these kinds.
    pub(crate) fn new(deps: &GraphqlDeps, kinds: &[StreamType]) -> Self {
        let (store, wake) = (Arc::clone(&deps.store), Arc::new(Notify::new()));
        let notified = Arc::clone(&wake);
        store.on_append(Arc::new(move |_| notified.notify_one()));
        Self { store, codec: Arc::clone(&deps.codec), kinds: kinds.to_vec(), wake }
    }

    /// Comes back once something was appended since it came back last. Other nodes and stores may append without a word: look by
    /// yourself now and then.
    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// What happened after a position, a page of it, and up to where that reaches; `None` where the log can't be read now.
    pub(crate) async fn read(&self, after: Position) -> Option<(Position, Vec<Recorded>)> {
        self.read_of(Scope::System, after).await
    }

    /// The same of one tenant.
    pub(crate) async fn read_of(&self, scope: Scope, after: Position) -> Option<(Position, Vec<Recorded>)> {
        let filter = Filter { kinds: self.kinds.clone() };
        match self.store.read_all(scope, after, PAGE, filter).await {
            Ok(page) => {
                // What this build can't read is nothing that it knows of.
                let events = page.events.iter().filter_map(|stored| self.codec.decode(stored).ok()).collect();
                Some((page.scanned_to.max(after), events))
            }
            Err(error) => {
                tracing::debug!(%error, "ear.log_not_read");
                None
            }
        }
    }
}
