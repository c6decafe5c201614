//! `postgres-es-peer URL STORE WRITERS JOBS REPORTS`: each writer reports work on so many jobs of its own, so often on each, through
//! cqrs-es on the server at URL. STORE is `events` (states folded from events) or `aggregates` (states stored with them).
//! Prints one line of JSON.

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use postgres_es::{PostgresCqrs, postgres_aggregate_cqrs, postgres_cqrs};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

/// The same allocator as in `kilter`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// More than the ten of `default_postgress_pool`, for which 64 writers would wait longer.
const CONNECTIONS: u32 = 16;

/// The tables of postgres-es, as its db/init.sql makes them.
const TABLES: &str = "
    DROP SCHEMA IF EXISTS peer CASCADE;
    CREATE SCHEMA peer;
    CREATE TABLE events (
        aggregate_type text NOT NULL,
        aggregate_id text NOT NULL,
        sequence bigint CHECK (sequence >= 0) NOT NULL,
        event_type text NOT NULL,
        event_version text NOT NULL,
        payload json NOT NULL,
        metadata json NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, sequence)
    );
    CREATE TABLE snapshots (
        aggregate_type text NOT NULL,
        aggregate_id text NOT NULL,
        last_sequence bigint CHECK (last_sequence >= 0) NOT NULL,
        current_snapshot bigint CHECK (current_snapshot >= 0) NOT NULL,
        payload json NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, last_sequence)
    )";

#[derive(Default, Serialize, Deserialize)]
struct Job {
    reports: BTreeSet<String>,
    minutes: u32,
}

/// A minute of work; with metadata as long as one that Kilter stores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct WorkReported {
    report: String,
    operation: u32,
    operator: String,
    phase: String,
    start: String,
    end: String,
    good: u32,
    scrap: u32,
    rework: u32,
}

impl DomainEvent for WorkReported {
    fn event_type(&self) -> String {
        "job.work_reported".to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

#[derive(Debug)]
struct ReportedBefore;

impl std::fmt::Display for ReportedBefore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "this report is there already")
    }
}

impl Error for ReportedBefore {}

impl Aggregate for Job {
    const TYPE: &'static str = "job";
    type Command = WorkReported;
    type Event = WorkReported;
    type Error = ReportedBefore;
    type Services = ();

    async fn handle(&mut self, report: WorkReported, (): &(), sink: &EventSink<Self>) -> Result<(), ReportedBefore> {
        if self.reports.contains(&report.report) {
            return Err(ReportedBefore);
        }
        sink.write(report, self).await;
        Ok(())
    }

    fn apply(&mut self, event: WorkReported) {
        self.minutes += 1;
        self.reports.insert(event.report);
    }
}

fn report(number: u32) -> WorkReported {
    WorkReported {
        report: format!("00000000-0000-4000-8000-{number:012}"),
        operation: 10,
        operator: "6f7c2c1e-5f0e-5b0a-9a51-3f3a8f0c7d11".to_owned(),
        phase: "run".to_owned(),
        start: "2012-01-02T05:00:00.000000Z".to_owned(),
        end: "2012-01-02T05:01:00.000000Z".to_owned(),
        good: number,
        scrap: 0,
        rework: 0,
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, store, numbers @ ..] = arguments.as_slice() else { return Err("URL STORE WRITERS JOBS REPORTS".into()) };
    let numbers: Vec<u32> = numbers.iter().map(|number| number.parse()).collect::<Result<_, _>>()?;
    let [writers, jobs, reports] = numbers[..] else { return Err("three numbers are needed".into()) };
    let address = url.parse::<PgConnectOptions>()?.options([("search_path", "peer")]);
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).connect_with(address).await?;
    sqlx::raw_sql(TABLES).execute(&pool).await?;
    let cqrs = Arc::new(match store.as_str() {
        "events" => postgres_cqrs(pool, vec![], ()),
        _ => postgres_aggregate_cqrs(pool, vec![], ()),
    });
    let began = Instant::now();
    let mut running = JoinSet::new();
    for writer in 0..writers {
        running.spawn(write(Arc::clone(&cqrs), writer, jobs, reports));
    }
    let mut took = running.join_all().await.concat();
    let seconds = began.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |hundredth: usize| took[took.len() * hundredth / 100].as_secs_f64() * 1000.0;
    let figures = serde_json::json!({
        "per_second": f64::from(writers * jobs * reports) / seconds, "p50_ms": at(50), "p99_ms": at(99),
    });
    println!("{figures}");
    Ok(())
}

/// How long each command took.
async fn write(cqrs: Arc<PostgresCqrs<Job>>, writer: u32, jobs: u32, reports: u32) -> Vec<Duration> {
    let mut took = Vec::new();
    for job in 0..jobs {
        let id = format!("00000000-0000-5000-{writer:04}-{job:012}");
        for number in 0..reports {
            let began = Instant::now();
            cqrs.execute(&id, report(number)).await.expect("a report");
            took.push(began.elapsed());
        }
    }
    took
}
