//! How fast the log becomes read models: a bare fold, one projection straight from disk, all projections into SQLite.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::kernel::TenantId;
use domain::ports::{Codec, EventStore, Filter, Position, Recorded, Scope};
use infra::codec::JsonCodec;
use infra::event_store::{SqliteEventStore, SqliteOptions};
use infra::runner::{ProjectionSet, Runner, Sources};
use infra::vault::SqliteVault;
use infra::views::SqliteViews;
use projections::job_board::JobBoard;
use projections::projection::Projection;
use tests::shop_history::ShopHistory;
use tests::shop_store::fill;
use tokio::runtime::Runtime;

const EVENTS: usize = 300_000;
const ROUNDS: usize = 3;
const PAGE: usize = 5_000;
const ONE_FROM_DISK: f64 = 300_000.0;
const ALL_INTO_SQLITE: f64 = 60_000.0;

/// Events and bytes of a log, in a folder of its own.
struct Log {
    store: Arc<dyn EventStore>,
    codec: Arc<dyn Codec>,
}

/// Measures and prints.
pub(crate) fn run() {
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let log = seed(&runtime, folder.path());
    let events = runtime.block_on(decoded(&log));
    println!("{} events of a made-up machine shop, SQLite event store; median of {ROUNDS}", events.len());
    let bare = median(|| fold(&events));
    tell("typed fold of one projection, events in memory", events.len(), bare, None);
    let one = median(|| runtime.block_on(fold_from_disk(&log)));
    tell("one projection from disk, one thread", events.len(), one, Some(ONE_FROM_DISK));
    drop(events);
    let all = median(|| runtime.block_on(project(&log, folder.path())));
    tell("all projections from nothing into SQLite", EVENTS, all, Some(ALL_INTO_SQLITE));
    let rebuilt = median(|| runtime.block_on(rebuild(&log, folder.path())));
    tell("all projections rebuilt beside the live ones, compared and switched", EVENTS, rebuilt, Some(ALL_INTO_SQLITE));
}

fn tell(what: &str, events: usize, took: Duration, target: Option<f64>) {
    let rate = events as f64 / took.as_secs_f64();
    let beside = target.map_or_else(String::new, |target| {
        let verdict = if rate >= target { "met" } else { "MISSED" };
        format!("  target ≥ {target:.0}/s: {verdict}")
    });
    println!("{what}: {rate:.0} events/s ({:.2} s){beside}", took.as_secs_f64());
}

fn median(mut measure: impl FnMut() -> Duration) -> Duration {
    let mut took: Vec<Duration> = (0..ROUNDS).map(|_| measure()).collect();
    took.sort_unstable();
    took[ROUNDS / 2]
}

fn seed(runtime: &Runtime, folder: &Path) -> Log {
    let store = SqliteEventStore::open(&folder.join("events.db"), SqliteOptions::default()).expect("a store");
    let tenant = TenantId::from_name("bench");
    runtime.block_on(fill(&store, &mut ShopHistory::new(1, tenant), EVENTS));
    let vault = SqliteVault::in_memory().expect("a vault");
    Log { store: Arc::new(store), codec: Arc::new(JsonCodec::new(Arc::new(vault))) }
}

async fn decoded(log: &Log) -> Vec<Recorded> {
    let mut events = Vec::with_capacity(EVENTS);
    each_event(log, |event| events.push(event)).await;
    events
}

async fn each_event(log: &Log, mut visit: impl FnMut(Recorded)) {
    let mut after = Position::default();
    loop {
        let page = log.store.read_all(Scope::System, after, PAGE, Filter::default()).await.expect("a page");
        if page.scanned_to == after {
            return;
        }
        after = page.scanned_to;
        for stored in &page.events {
            visit(log.codec.decode(stored).expect("a known event"));
        }
    }
}

/// Rows of the job board.
#[derive(Default)]
struct Rows(HashMap<(TenantId, String), <JobBoard as Projection>::Row>);

impl Rows {
    fn fold(&mut self, event: &Recorded) {
        for key in JobBoard::keys(event) {
            let row_key = (event.envelope.tenant, key);
            let row = self.0.remove(&row_key);
            if let Some(row) = JobBoard::evolve(row, &row_key.1, event) {
                self.0.insert(row_key, row);
            }
        }
    }
}

fn fold(events: &[Recorded]) -> Duration {
    let start = Instant::now();
    let mut rows = Rows::default();
    events.iter().for_each(|event| rows.fold(event));
    black_box(&rows.0);
    start.elapsed()
}

async fn fold_from_disk(log: &Log) -> Duration {
    let start = Instant::now();
    let mut rows = Rows::default();
    each_event(log, |event| rows.fold(&event)).await;
    black_box(&rows.0);
    start.elapsed()
}

async fn runner(log: &Log, folder: &Path) -> Runner {
    let views = SqliteViews::open(&folder.join("views.db")).expect("views");
    let sources = Sources { store: Arc::clone(&log.store), codec: Arc::clone(&log.codec), rows: Arc::new(views) };
    Runner::start(sources, &ProjectionSet::all()).await.expect("a runner")
}

async fn project(log: &Log, folder: &Path) -> Duration {
    for name in ["views.db", "views.db-wal", "views.db-shm"] {
        // There is nothing to remove the first time.
        let _ = std::fs::remove_file(folder.join(name));
    }
    let start = Instant::now();
    let runner = runner(log, folder).await;
    let head = log.store.head().await.expect("a head");
    runner.live().wait_for(head, Duration::from_secs(600)).await.expect("the projections catch up");
    let took = start.elapsed();
    runner.stop().await;
    took
}

async fn rebuild(log: &Log, folder: &Path) -> Duration {
    let runner = runner(log, folder).await;
    let start = Instant::now();
    let rebuilt = runner.rebuild(&[], |_| {}).await.expect("a rebuild");
    let took = start.elapsed();
    assert!(rebuilt.iter().all(infra::runner::Rebuilt::is_equal), "rebuilt is not live: {rebuilt:?}");
    runner.stop().await;
    took
}
