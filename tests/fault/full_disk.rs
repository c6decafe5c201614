//! F5: a full disk refuses by type, loses nothing acknowledged, goes on serving reads, and takes appends again once there is room.

use std::path::Path;
use std::process::Command;

use domain::ports::{AppendError, EventStore, Expected, Scope};
use infra::event_store::{SqliteEventStore, SqliteOptions, chain};
use tempfile::TempDir;
use tests::events::{TENANT, append, command, stream};
use tests::stores::{everything, whole_stream};

/// A small file system of its own; unmounted when dropped.
pub(crate) struct SmallDisk(TempDir);

impl SmallDisk {
    /// None where mounting is not allowed.
    pub(crate) fn mount(options: &str) -> Option<Self> {
        let folder = tempfile::tempdir().ok()?;
        mount(folder.path(), options).then(|| Self(folder))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    fn grow(&self) {
        assert!(mount(self.0.path(), "remount,size=64m"), "more room");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // The folder can't be removed if this fails, which is seen.
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

pub(crate) fn mount(folder: &Path, options: &str) -> bool {
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "kilter-test"]).arg(folder).output();
    mounted.is_ok_and(|output| output.status.success())
}

/// Appends until the disk refuses; gives the number of the refused append.
async fn fill(store: &SqliteEventStore) -> u128 {
    let mut number = 0;
    loop {
        match store.append(TENANT, append(stream(1), Expected::Any, command(number), 20)).await {
            Ok(_) => number += 1,
            Err(AppendError::Unavailable(reason)) => {
                assert!(reason.contains("events.db"), "{reason}");
                return number;
            }
            Err(other) => panic!("refused with {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_keeps_serving_and_recovers_by_itself() {
    let Some(disk) = SmallDisk::mount("size=2m") else {
        println!("skipped: file systems can't be mounted here");
        return;
    };
    let store = SqliteEventStore::open(&disk.path().join("events.db"), SqliteOptions::default()).unwrap();
    let refused = fill(&store).await;
    assert!(refused > 10, "only {refused} appends fitted");
    assert_eq!(everything(&store, Scope::System, 100).await.len(), 20 * refused as usize);

    disk.grow();
    assert_eq!(store.health().await, Ok(()));
    store.append(TENANT, append(stream(1), Expected::Any, command(refused), 20)).await.unwrap();
    let events = whole_stream(&store, TENANT, stream(1)).await;
    assert_eq!(events.len(), 20 * (refused as usize + 1));
    assert_eq!(chain::verify(&events), Ok(()));
    drop(store);
}
