//! Whole commands in one process: permission, facts, decision, sealing, append, on SQLite; 64 at once, each on a job of its own.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use domain::kernel::{CommandId, JobId};
use domain::ports::{Append, EventStore, Expected, NewEvent};
use domain::run::Request;
use infra::event_store::{SqliteEventStore, SqliteOptions};
use tests::floor::{Floor, TENANT, create_job_numbered, report_on};
use tests::stores::whole_stream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::figures::{by_turns, per_second};

const WRITERS: u32 = 64;
const COMMANDS: u32 = 300;

pub(crate) fn run() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let (_, histories) = in_new_file(&runtime, commands);
    let (whole, bare) = by_turns(
        || in_new_file(&runtime, commands).0,
        || in_new_file(&runtime, async |store| appends(store, histories.clone()).await),
    );
    println!("commands {whole:>9.0} commands/s (ReportWork with a command id, {WRITERS} at once, one event each)");
    println!("appends  {bare:>9.0} events/s (the very same events, straight to the store)");
    println!("ratio    {:>9.2}", whole / bare);
}

fn in_new_file<T>(runtime: &Runtime, run: impl AsyncFn(Arc<dyn EventStore>) -> T) -> T {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(&folder.path().join("events.db"));
    runtime.block_on(run(store))
}

fn open(file: &Path) -> Arc<dyn EventStore> {
    Arc::new(SqliteEventStore::open(file, SqliteOptions::default()).expect("a store"))
}

fn job(writer: u32) -> JobId {
    JobId::from_key(TENANT, &format!("B{writer}"))
}

/// Commands per second, and what they appended.
async fn commands(store: Arc<dyn EventStore>) -> (f64, Vec<Vec<NewEvent>>) {
    let floor = Floor::set_up(Arc::clone(&store)).await;
    for writer in 0..WRITERS {
        floor.run(create_job_numbered(&format!("B{writer}"))).await.expect("a job");
    }
    let began = Instant::now();
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let floor = floor.clone();
        writers.spawn(async move {
            for number in 0..COMMANDS {
                let command_id = Some(CommandId(Uuid::from_u128(u128::from(writer * COMMANDS + number))));
                let request = Request { command_id, ..report_on(job(writer), number).into() };
                floor.ask(request).await.expect("a report");
            }
        });
    }
    writers.join_all().await;
    let figure = per_second((WRITERS * COMMANDS) as usize, began.elapsed());
    let mut histories = Vec::new();
    for writer in 0..WRITERS {
        let stream = report_on(job(writer), 0).stream(TENANT);
        let events = whole_stream(&*store, TENANT, stream).await;
        histories.push(events.into_iter().map(|stored| stored.event).collect());
    }
    (figure, histories)
}

/// The same events without the commands.
async fn appends(store: Arc<dyn EventStore>, histories: Vec<Vec<NewEvent>>) -> f64 {
    let count = histories.iter().map(Vec::len).sum();
    let began = Instant::now();
    let mut writers = JoinSet::new();
    for (writer, events) in (0..WRITERS).zip(histories) {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let stream = report_on(job(writer), 0).stream(TENANT);
            let mut expected = Expected::NoStream;
            for event in events {
                let append = Append { stream, expected, events: vec![event] };
                expected = Expected::Exact(store.append(TENANT, append).await.expect("an append").revision);
            }
        });
    }
    writers.join_all().await;
    per_second(count, began.elapsed())
}
