//! S1: how much of the bare group-commit loop is left when the store chains, checks and answers.

mod bare;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use domain::ports::{Append, EventStore, Expected};
use infra::event_store::{SqliteEventStore, SqliteOptions};
use tests::events::{TENANT, command, event, stream};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::figures::{by_turns, per_second};

const WRITERS: usize = 64;
const APPENDS: usize = 1_000;
const TARGET: f64 = 0.8;

/// A JSON body of 300 bytes.
fn body() -> String {
    format!(r#"{{"filler":"{}"}}"#, "x".repeat(287))
}

pub(crate) fn run() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let (store, bare) = by_turns(|| in_new_file(&runtime, &through_store), || in_new_file(&runtime, &bare::run));
    let ratio = store / bare;
    println!("store {store:>9.0} events/s");
    println!("bare  {bare:>9.0} events/s (same table, same queue, nothing checked)");
    println!("ratio {ratio:>9.2} (target ≥ {TARGET:.2}) {}", if ratio >= TARGET { "met" } else { "MISSED" });
}

fn in_new_file(runtime: &Runtime, run: &impl AsyncFn(&Path) -> f64) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    runtime.block_on(run(&folder.path().join("events.db")))
}

async fn through_store(file: &Path) -> f64 {
    let store = Arc::new(SqliteEventStore::open(file, SqliteOptions::default()).expect("a store"));
    let began = Instant::now();
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let mut expected = Expected::NoStream;
            for n in 0..APPENDS {
                let command = command((writer * APPENDS + n) as u128);
                let append =
                    Append { stream: stream(writer as u128), expected, events: vec![event(command, 0, &body())] };
                let appended = store.append(TENANT, append).await.expect("an append");
                expected = Expected::Exact(appended.revision);
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.expect("a writer");
    }
    per_second(WRITERS * APPENDS, began.elapsed())
}
