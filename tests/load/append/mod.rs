//! S1: how much of the bare group-commit loop is left when the store chains, checks and answers.

mod bare;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use domain::ports::{Append, EventStore, Expected};
use infra::event_store::{SqliteEventStore, SqliteOptions};
use tests::events::{TENANT, command, event, stream};
use tests::stores::{TestStore, has_postgres};
use tokio::runtime::Runtime;

use crate::figures::{Line, Pace, Wanted, at_once, by_turns, runtime};

const WRITERS: usize = 64;
/// Of all writers together.
const APPENDS: usize = 32_000;

/// A JSON body of 300 bytes.
fn body() -> String {
    format!(r#"{{"filler":"{}"}}"#, "x".repeat(287))
}

pub(crate) fn run() {
    let runtime = runtime();
    let [store, bare] = by_turns([&mut || in_new_file(&runtime, &in_sqlite), &mut || {
        in_new_file(&runtime, &async |file| bare::in_sqlite(file, WRITERS, APPENDS).await)
    }]);
    tell("S1", "append, SQLite, 64 writers", Wanted::TimesAtLeast(0.8), [store, bare]);
    if !has_postgres() {
        println!("skipped: appends on PostgreSQL: there is no server");
        return;
    }
    for (writers, appends) in [(1, 500), (16, 4_000), (64, 16_000)] {
        let [store, bare] = by_turns([&mut || runtime.block_on(in_postgres(writers, appends)), &mut || {
            runtime.block_on(bare::in_postgres(writers, appends))
        }]);
        tell("", &format!("append, PostgreSQL, {writers} at once"), Wanted::Nothing, [store, bare]);
    }
}

/// One writer by itself in the bare loop: what a commit takes.
pub(crate) fn bare_alone(runtime: &Runtime) -> Pace {
    in_new_file(runtime, &async |file| bare::in_sqlite(file, 1, 1_000).await)
}

fn tell(id: &str, what: &str, wanted: Wanted, [store, bare]: [Pace; 2]) {
    let beside = Some(("bare loop", bare.per_second));
    Line { id, what, wanted, measured: store.per_second, unit: "/s", beside }.tell();
}

fn in_new_file(runtime: &Runtime, run: &impl AsyncFn(&Path) -> Pace) -> Pace {
    let folder = tempfile::tempdir().expect("a folder");
    runtime.block_on(run(&folder.path().join("events.db")))
}

async fn in_sqlite(file: &Path) -> Pace {
    through(Arc::new(SqliteEventStore::open(file, SqliteOptions::default()).expect("a store")), WRITERS, APPENDS).await
}

async fn in_postgres(writers: usize, appends: usize) -> Pace {
    let store = TestStore::postgres().await;
    through(store.shared(), writers, appends).await
}

async fn through(store: Arc<dyn EventStore>, writers: usize, appends: usize) -> Pace {
    let each = appends / writers;
    at_once(0..writers, |writer| {
        let store = Arc::clone(&store);
        async move {
            let mut expected = Expected::NoStream;
            let mut took = Vec::with_capacity(each);
            for n in 0..each {
                let command = command((writer * each + n) as u128);
                let events = vec![event(command, 0, &body())];
                let began = Instant::now();
                let append = Append { stream: stream(writer as u128), expected, events };
                let appended = store.append(TENANT, append).await.expect("an append");
                took.push(began.elapsed());
                expected = Expected::Exact(appended.revision);
            }
            took
        }
    })
    .await
}
