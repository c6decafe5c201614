//! What the store in a file promises besides: it survives, it refuses what it does not know, it guards its tables.

use std::fs;
use std::path::Path;

use domain::ports::{Expected, Scope};
use infra::event_store::{OpenError, SqliteEventStore, SqliteOptions};
use tests::events::{TENANT, append, command, stream};
use tests::stores::{TestStore, everything};

fn open(path: &Path) -> Result<SqliteEventStore, OpenError> {
    SqliteEventStore::open(path, SqliteOptions::default())
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_closing_and_opening() {
    let mut store = TestStore::sqlite();
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 3)).await.unwrap();
    let before = everything(&*store, Scope::System, 10).await;
    store.reopen().await;
    assert_eq!(everything(&*store, Scope::System, 10).await, before);
    let answer = store.append(TENANT, append(stream(1), Expected::Exact(2), command(2), 1)).await.unwrap();
    assert_eq!(answer.revision, 3);
}

#[tokio::test]
async fn positions_count_the_events_of_the_file() {
    let store = TestStore::sqlite();
    for n in 0..10 {
        store.append(TENANT, append(stream(n % 3), Expected::Any, command(n), 3)).await.unwrap();
    }
    let positions: Vec<_> = everything(&*store, Scope::System, 7).await.iter().map(|event| event.position.0).collect();
    assert_eq!(positions, (1..=30).collect::<Vec<_>>());
}

#[tokio::test]
async fn closing_answers_what_waits_and_leaves_one_file() {
    let store = TestStore::sqlite();
    let file = store.file().unwrap();
    let shared = store.shared();
    let appends = tokio::spawn(async move {
        for n in 0..20 {
            shared.append(TENANT, append(stream(n), Expected::NoStream, command(n), 1)).await.unwrap();
        }
    });
    appends.await.unwrap();
    let folder = store.close();
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [file.file_name().unwrap()]);
    assert_eq!(everything(&open(&file).unwrap(), Scope::System, 100).await.len(), 20);
}

#[test]
fn a_file_of_a_newer_kilter_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    drop(open(&file).unwrap());
    rusqlite::Connection::open(&file).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let refusal = open(&file).err().unwrap();
    assert_eq!(refusal, OpenError::Newer { path: file.clone(), found: 99, known: 1 });
    assert!(refusal.to_string().contains(file.to_str().unwrap()));
}

#[test]
fn what_is_not_an_event_store_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.db");
    fs::write(&empty, b"").unwrap();
    let text = folder.path().join("text.db");
    fs::write(&text, "This is not a database. ".repeat(1000)).unwrap();
    let foreign = folder.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE events (a)").unwrap();
    for file in [empty, text, foreign] {
        let refusal = open(&file).err().unwrap();
        assert!(matches!(&refusal, OpenError::Damaged { path, .. } if *path == file), "{refusal:?}");
        assert!(refusal.to_string().contains(file.to_str().unwrap()));
    }
    let missing = folder.path().join("no such folder").join("events.db");
    assert!(matches!(open(&missing), Err(OpenError::Unavailable { .. })));
}

#[test]
fn a_creation_that_was_cut_short_is_begun_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    fs::write(file.with_extension("unfinished"), b"half a file").unwrap();
    drop(open(&file).unwrap());
    assert!(!file.with_extension("unfinished").exists());
}

#[tokio::test]
async fn the_tables_refuse_to_forget_and_to_change() {
    let store = TestStore::sqlite();
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await.unwrap();
    let intruder = rusqlite::Connection::open(store.file().unwrap()).unwrap();
    for attempt in [
        "DELETE FROM events",
        "DELETE FROM events WHERE position = 2",
        "UPDATE events SET revision = 7 WHERE position = 2",
        "UPDATE events SET body = x'00' WHERE position = 1",
        "UPDATE events SET body = NULL WHERE position = 1",
        "INSERT INTO events SELECT 3, tenant, stream, kind, revision, x'00', previous_hash, hash, details, NULL, NULL, \
         body FROM events WHERE position = 1",
        "INSERT INTO events SELECT 3, tenant, stream, kind, 2, event_id, previous_hash, hash, details, NULL, NULL, \
         body FROM events WHERE position = 1",
        "INSERT INTO events SELECT 3, 'text', stream, kind, 2, x'00', previous_hash, hash, details, NULL, NULL, body \
         FROM events WHERE position = 1",
    ] {
        assert!(intruder.execute_batch(attempt).is_err(), "{attempt}");
    }
    assert_eq!(everything(&*store, Scope::System, 10).await.len(), 2);
}

#[tokio::test]
async fn removed_bodies_are_gone_from_the_files() {
    let store = TestStore::sqlite();
    let mut secret = append(stream(1), Expected::NoStream, command(1), 1);
    secret.events[0].data = b"{\"canary\":\"8d1f0c\"}".repeat(50);
    store.append(TENANT, secret).await.unwrap();
    store.append(TENANT, append(stream(2), Expected::NoStream, command(2), 50)).await.unwrap();
    store.delete_stream(TENANT, stream(1)).await.unwrap();
    let folder = store.close();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"8d1f0c"));
    }
}
