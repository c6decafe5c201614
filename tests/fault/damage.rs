//! F4: torn and flipped files are refused by name, or serve exactly what was written; never anything else.

use std::fs;
use std::path::Path;

use domain::kernel::StreamId;
use domain::ports::{Direction, EventStore, Expected, Filter, Position, ReadError, Scope, StoredEvent};
use infra::event_store::{SqliteEventStore, SqliteOptions};
use tests::events::{TENANT, append, command, stream};
use tests::rounds::{Random, rounds};
use tests::stores::{TestStore, everything};

const PAGE: usize = 4096;
const STREAMS: u128 = 7;

async fn filled() -> TestStore {
    let store = TestStore::sqlite();
    for n in 0..60 {
        store.append(TENANT, append(stream(n % STREAMS), Expected::Any, command(n), 1 + n as usize % 3)).await.unwrap();
    }
    store
}

/// Everything that a store says, by every way of reading, or the message with which it refuses.
async fn said(file: &Path) -> Result<Vec<Vec<StoredEvent>>, String> {
    let store = match SqliteEventStore::open(file, SqliteOptions::default()) {
        Ok(store) => store,
        Err(refusal) => return Err(refusal.to_string()),
    };
    let read = async || -> Result<Vec<Vec<StoredEvent>>, ReadError> {
        let mut all = Vec::new();
        for scope in [Scope::System, Scope::Tenant(TENANT)] {
            all.push(store.read_all(scope, Position(0), 1000, Filter::default()).await?.events);
        }
        for stream in (0..STREAMS).map(stream) {
            all.push(whole(&store, stream).await?);
        }
        Ok(all)
    };
    read().await.map_err(|error| error.to_string())
}

async fn whole(store: &SqliteEventStore, stream: StreamId) -> Result<Vec<StoredEvent>, ReadError> {
    store.read_stream(TENANT, stream, 0, Direction::Forward, 1000).await
}

/// A closed store as one file, and what it says undamaged.
async fn closed() -> (Vec<u8>, Vec<Vec<StoredEvent>>) {
    let store = filled().await;
    let file = store.file().unwrap();
    let folder = store.close();
    let bytes = fs::read(&file).unwrap();
    let truth = said(&file).await.unwrap();
    drop(folder);
    (bytes, truth)
}

/// Writes a damaged copy and looks what it says; true when it is refused.
async fn refused(damaged: &[u8], truth: &[Vec<StoredEvent>], what: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    fs::write(&file, damaged).unwrap();
    match said(&file).await {
        Ok(events) => {
            assert!(events == truth, "{what}: something else was served");
            false
        }
        Err(message) => {
            assert!(message.contains(file.to_str().unwrap()), "{what}: {message}");
            true
        }
    }
}

#[tokio::test]
async fn a_file_cut_anywhere_is_refused_by_name() {
    let (bytes, truth) = closed().await;
    let mut random = Random::new(4);
    let edges = (0..bytes.len()).step_by(PAGE).flat_map(|edge| [edge.saturating_sub(1), edge, edge + 1]);
    let anywhere = (0..rounds(60, 5_000)).map(|_| random.between(0, bytes.len() as u64) as usize);
    for length in (0..120).chain(edges).chain(anywhere).filter(|length| *length < bytes.len()) {
        assert!(refused(&bytes[..length], &truth, &format!("cut at {length}")).await, "cut at {length}: accepted");
    }
}

#[tokio::test]
async fn flipped_bits_are_refused_or_without_consequence() {
    let (bytes, truth) = closed().await;
    let mut random = Random::new(5);
    let header = (0..100).map(|byte| (byte, byte % 8));
    let anywhere = (0..rounds(400, 20_000))
        .map(|_| (random.between(0, bytes.len() as u64) as usize, random.between(0, 8) as usize));
    let mut refusals = 0;
    for (byte, bit) in header.chain(anywhere.collect::<Vec<_>>()) {
        let mut damaged = bytes.clone();
        damaged[byte] ^= 1 << bit;
        refusals += usize::from(refused(&damaged, &truth, &format!("bit {bit} of byte {byte}")).await);
    }
    assert!(refusals > 100, "only {refusals} flips were noticed");
}

#[tokio::test]
async fn a_flipped_bit_in_a_body_or_an_envelope_is_always_noticed() {
    let (bytes, truth) = closed().await;
    let mut random = Random::new(6);
    for stored in &truth[0] {
        let body = &stored.event.data;
        let at = bytes.windows(body.len()).position(|window| window == body.as_slice()).unwrap();
        let mut damaged = bytes.clone();
        damaged[at + random.between(0, body.len() as u64) as usize] ^= 1 << random.between(0, 8);
        assert!(refused(&damaged, &truth, "a body").await);
        let id = stored.event.event_id.as_bytes();
        let at = bytes.windows(16).position(|window| window == id).unwrap();
        let mut damaged = bytes.clone();
        damaged[at + random.between(0, 16) as usize] ^= 1 << random.between(0, 8);
        assert!(refused(&damaged, &truth, "an identity").await);
    }
}

/// The write-ahead log carries checksums of its own: a torn or flipped one ends where it is torn, as after a power cut.
#[tokio::test]
async fn a_torn_write_ahead_log_serves_whole_appends_up_to_the_tear() {
    let store = filled().await;
    let truth = everything(&*store, Scope::System, 1000).await;
    let file = store.file().unwrap();
    let (main, log) = (fs::read(&file).unwrap(), fs::read(file.with_extension("db-wal")).unwrap());
    let mut random = Random::new(7);
    let mut lengths = Vec::new();
    for round in 0..rounds(120, 5_000) {
        let place = random.between(0, log.len() as u64) as usize;
        let mut torn = log.clone();
        if round % 2 == 0 {
            torn.truncate(place);
        } else {
            torn[place] ^= 1 << random.between(0, 8);
        }
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("events.db");
        fs::write(&copy, &main).unwrap();
        fs::write(copy.with_extension("db-wal"), &torn).unwrap();
        let served = said(&copy).await.unwrap().swap_remove(0);
        assert_eq!(served, truth[..served.len()]);
        let next = truth.get(served.len()).map(|next| next.event.command_id);
        assert_ne!(served.last().map(|last| last.event.command_id), next, "an append was split");
        lengths.push(served.len());
    }
    lengths.sort_unstable();
    assert!(lengths.iter().any(|length| *length < truth.len()));
    drop(store);
}
