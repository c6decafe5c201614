//! S6: how long `kilter serve` takes to be ready over a long log, with views that are current and with none.

use std::path::Path;
use std::time::{Duration, Instant};

use domain::kernel::TenantId;
use infra::data_folder::DataFolder;
use infra::event_store::{SqliteEventStore, SqliteOptions};
use tests::process::Server;
use tests::shop_history::ShopHistory;
use tests::shop_store::fill;

use crate::figures::{ROUNDS, median};

const EVENTS: usize = 1_000_000;
const READY_SECONDS: f64 = 1.0;
const REBUILT_SECONDS: f64 = 15.0;

pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let seeded = Instant::now();
    seed(folder.path());
    println!("{EVENTS} events appended in {:.1} s", seeded.elapsed().as_secs_f64());
    let (rebuilt, _) = serve(folder.path());
    tell("without views", rebuilt, REBUILT_SECONDS);
    let starts: Vec<(Duration, f64)> = (0..ROUNDS).map(|_| serve(folder.path())).collect();
    let ready = median(starts.iter().map(|(took, _)| took.as_secs_f64()).collect());
    tell("with current views", Duration::from_secs_f64(ready), READY_SECONDS);
    println!("memory of the process when ready: {:.0} MiB", starts[0].1);
}

fn tell(what: &str, took: Duration, target: f64) {
    let seconds = took.as_secs_f64();
    println!("ready {what}: {seconds:.2} s  target ≤ {target} s: {}", if seconds <= target { "met" } else { "MISSED" });
}

fn seed(folder: &Path) {
    // Its first start makes everything that belongs to a folder: events without a vault are refused as damage.
    Server::start(folder).stop();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let file = DataFolder::peek(folder).expect("a data folder").events();
    let store = SqliteEventStore::open(&file, SqliteOptions::default()).expect("a store");
    runtime.block_on(fill(&store, &mut ShopHistory::new(6, TenantId::from_name("bench")), EVENTS));
}

/// Time to the line `ready`, and the memory then, in MiB.
fn serve(folder: &Path) -> (Duration, f64) {
    let began = Instant::now();
    let server = Server::start(folder);
    let took = began.elapsed();
    let memory = server.peak_memory_mib().unwrap_or_default();
    server.stop();
    (took, memory)
}
