//! Event stores that belong to one test each.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Direction, EventStore, Filter, Position, Scope, StoredEvent};
use infra::event_store::{MemoryEventStore, SqliteEventStore, SqliteOptions};
use tempfile::TempDir;

/// A store with the folder that it lies in.
pub struct TestStore {
    store: Arc<dyn EventStore>,
    folder: Option<TempDir>,
}

impl TestStore {
    /// An empty one in memory.
    pub fn memory() -> Self {
        Self { store: Arc::new(MemoryEventStore::new()), folder: None }
    }

    /// An empty one in a file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let store =
            SqliteEventStore::open(&folder.path().join("events.db"), SqliteOptions::default()).expect("a store");
        Self { store: Arc::new(store), folder: Some(folder) }
    }

    /// Closes it and opens it again, where it lies in a file.
    pub fn reopen(&mut self) {
        if let Some(file) = self.file() {
            self.store = Arc::new(MemoryEventStore::new());
            self.store = Arc::new(SqliteEventStore::open(&file, SqliteOptions::default()).expect("the same store"));
        }
    }

    /// Closes it and gives its folder.
    pub fn close(self) -> TempDir {
        drop(self.store);
        self.folder.expect("a store in a file")
    }

    /// Shared with tasks.
    pub fn shared(&self) -> Arc<dyn EventStore> {
        Arc::clone(&self.store)
    }

    /// The file, for stores that have one.
    pub fn file(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.path().join("events.db"))
    }
}

impl Deref for TestStore {
    type Target = dyn EventStore;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

/// All events of a store in order, read in pages of `page`.
pub async fn everything(store: &dyn EventStore, scope: Scope, page: usize) -> Vec<StoredEvent> {
    let mut events = Vec::new();
    let mut after = Position::default();
    loop {
        let found = store.read_all(scope, after, page, Filter::default()).await.expect("a page");
        if found.scanned_to == after {
            return events;
        }
        after = found.scanned_to;
        events.extend(found.events);
    }
}

/// All events of one stream, oldest first.
pub async fn whole_stream(store: &dyn EventStore, tenant: TenantId, stream: StreamId) -> Vec<StoredEvent> {
    store.read_stream(tenant, stream, 0, Direction::Forward, usize::MAX).await.expect("a stream")
}
