//! F3: whatever is slow, a reader that follows sees everything that was committed, once, in order.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use domain::ports::{AppendError, EventStore, Expected, Filter, Position, Scope, StoredEvent};
use tests::events::{TENANT, append, command, stream};
use tests::rounds::{Random, rounds};
use tests::stores::{TestStore, everything, intruder};
use tokio::task::JoinSet;

const WRITERS: usize = 16;
const EVENTS_PER_APPEND: usize = 5;

/// Another process's transactions: they hold the file for a moment again and again, and once for long.
fn hold_the_lock(file: PathBuf, over: Arc<AtomicBool>, seed: u64) -> JoinHandle<()> {
    let long = Duration::from_millis(rounds(400, 30_000) as u64);
    std::thread::spawn(move || {
        let mut random = Random::new(seed);
        let mut connection = rusqlite::Connection::open(file).unwrap();
        connection.busy_timeout(Duration::from_secs(60)).unwrap();
        let mut hold = Some(long);
        while !over.load(Ordering::Relaxed) {
            let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
            std::thread::sleep(hold.take().unwrap_or_else(|| Duration::from_millis(random.between(0, 20))));
            transaction.commit().unwrap();
            std::thread::sleep(Duration::from_millis(random.between(1, 20)));
        }
    })
}

async fn write(store: Arc<dyn EventStore>, writer: usize, appends: usize, seed: u64) {
    let mut random = Random::new(seed.wrapping_mul(31) + writer as u64);
    for n in 0..appends {
        let number = (writer * appends + n) as u128;
        // Streams that meet, so that every append has to find its place.
        let wanted = append(stream(random.between(0, 10).into()), Expected::Any, command(number), EVENTS_PER_APPEND);
        while let Err(error) = store.append(TENANT, wanted.clone()).await {
            assert!(matches!(error, AppendError::Unavailable(_) | AppendError::OutcomeUnknown(_)), "{error}");
        }
    }
}

async fn follow(store: Arc<dyn EventStore>, seed: u64, total: usize) -> Vec<StoredEvent> {
    let mut random = Random::new(seed);
    let (mut seen, mut after) = (Vec::new(), Position::default());
    while seen.len() < total {
        let limit = random.between(1, 200) as usize;
        let page = store.read_all(Scope::System, after, limit, Filter::default()).await.unwrap();
        after = page.scanned_to;
        seen.extend(page.events);
        tokio::task::yield_now().await;
    }
    seen
}

/// The same on a server: another node's transaction that has taken its positions and does not commit.
async fn hold_the_head(schema: String, over: Arc<AtomicBool>, seed: u64) {
    let mut random = Random::new(seed);
    let other_node = intruder(&schema).await;
    let mut hold = Some(Duration::from_millis(rounds(400, 4_000) as u64));
    while !over.load(Ordering::Relaxed) {
        other_node.batch_execute("BEGIN; SELECT position FROM head FOR UPDATE").await.unwrap();
        let long = hold.take().unwrap_or_else(|| Duration::from_millis(random.between(0, 20)));
        tokio::time::sleep(long).await;
        other_node.batch_execute("COMMIT").await.unwrap();
        tokio::time::sleep(Duration::from_millis(random.between(1, 20))).await;
    }
}

async fn nothing_is_skipped(store: TestStore, seed: u64) {
    let total = rounds(10_000, 100_000);
    let appends = total / WRITERS / EVENTS_PER_APPEND;
    let over = Arc::new(AtomicBool::new(false));
    let holder = store.file().map(|file| hold_the_lock(file, Arc::clone(&over), seed));
    let node = store.schema().map(|schema| tokio::spawn(hold_the_head(schema.to_owned(), Arc::clone(&over), seed)));
    let (mut writers, mut readers) = (JoinSet::new(), JoinSet::new());
    for reader in 0..2 {
        readers.spawn(follow(store.shared(), seed + reader, total));
    }
    for writer in 0..WRITERS {
        writers.spawn(write(store.shared(), writer, appends, seed));
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    over.store(true, Ordering::Relaxed);
    if let Some(holder) = holder {
        holder.join().unwrap();
    }
    if let Some(node) = node {
        node.await.unwrap();
    }
    let committed = everything(&*store, Scope::System, 1000).await;
    assert_eq!(committed.len(), total);
    while let Some(seen) = readers.join_next().await {
        assert!(seen.unwrap() == committed, "a reader saw something else with seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_a_file_see_all_that_was_committed_in_order() {
    for seed in 0..10 {
        nothing_is_skipped(TestStore::sqlite(), seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_memory_see_all_that_was_committed_in_order() {
    for seed in 0..10 {
        nothing_is_skipped(TestStore::memory(), seed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_postgres_see_all_that_was_committed_in_order() {
    for seed in 0..rounds(3, 10) {
        nothing_is_skipped(TestStore::postgres().await, seed as u64).await;
    }
}
