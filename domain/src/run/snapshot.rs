//! Long streams are folded on from a snapshot, where there is one that fits.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::Commands;
use super::cache::{Folded, Key};
use super::needs::Runnable;
use crate::ports::Snapshot;

/// Events folded since the last snapshot that make another one worth its while.
const WORTH: usize = 500;

/// How the states of one kind of stream are written.
pub(super) struct Form<S> {
    number: u32,
    write: fn(&S) -> serde_json::Result<Vec<u8>>,
    read: fn(&[u8]) -> serde_json::Result<S>,
}

impl<S: Serialize + DeserializeOwned> Form<S> {
    pub(super) fn json(number: u32) -> Self {
        Self { number, write: |state| serde_json::to_vec(state), read: |bytes| serde_json::from_slice(bytes) }
    }
}

impl Commands {
    /// A stream's state after some event beyond `revision`, and that event, as a snapshot has it.
    pub(super) async fn snapshot<A: Runnable>(&self, key: Key, revision: u64) -> Option<(Folded<A>, Uuid)> {
        let form = A::snapshots()?;
        let found = self.snapshots.latest(key.0, key.1).await?;
        if found.form != form.number || found.revision <= revision {
            return None;
        }
        let state = Arc::new((form.read)(&found.state).ok()?);
        Some((Folded { revision: Some(found.revision), position: found.position, state }, found.event))
    }

    /// Keeps a state that was folded from `read` events, the last of which is `event`, if they were many.
    pub(super) async fn keep_snapshot<A: Runnable>(&self, key: Key, folded: &Folded<A>, (read, event): (usize, Uuid)) {
        let (Some(form), Some(revision), true) = (A::snapshots(), folded.revision, read >= WORTH) else { return };
        // A state that can't be written is folded again the next time.
        let Ok(state) = (form.write)(&folded.state) else { return };
        let snapshot = Snapshot { form: form.number, event, revision, position: folded.position, state };
        self.snapshots.keep(key.0, key.1, snapshot).await;
    }
}
