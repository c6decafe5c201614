//! How fast a log is carried over: into another file, and onto a PostgreSQL server where one is named.

use std::path::Path;
use std::time::{Duration, Instant};

use domain::kernel::TenantId;
use infra::event_store::transfer::{PortableLog, copy_log};
use infra::event_store::{SqliteEventStore, SqliteOptions};
use tests::shop_history::ShopHistory;
use tests::shop_store::fill;
use tests::stores::TestStore;
use tokio::runtime::Runtime;

use crate::figures::{median, per_second};

const EVENTS: usize = 300_000;
const ROUNDS: usize = 3;
const TO_FILE: f64 = 50_000.0;
const TO_POSTGRES: f64 = 20_000.0;

/// Measures and prints.
pub(crate) fn run() {
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let from = open(&folder.path().join("from.db"));
    runtime.block_on(fill(&from, &mut ShopHistory::new(7, TenantId::from_name("kestrel")), EVENTS));
    println!("{EVENTS} events of a made-up machine shop, verified and compared at the end; median of {ROUNDS}");
    let to_file = || {
        let folder = tempfile::tempdir().expect("a folder");
        runtime.block_on(copy(&from, &open(&folder.path().join("to.db"))))
    };
    tell("file to file", (0..ROUNDS).map(|_| to_file()), TO_FILE);
    #[expect(clippy::disallowed_methods, reason = "a switch of the test runner, not a setting of Kilter")]
    if std::env::var_os("KILTER_TEST_POSTGRES_URL").is_none() {
        println!("file to PostgreSQL: left out, KILTER_TEST_POSTGRES_URL names none");
        return;
    }
    let to_postgres = || {
        runtime.block_on(async {
            let store = TestStore::postgres().await;
            copy(&from, &*store.log().await).await
        })
    };
    tell("file to PostgreSQL", (0..ROUNDS).map(|_| to_postgres()), TO_POSTGRES);
}

fn open(file: &Path) -> SqliteEventStore {
    SqliteEventStore::open(file, SqliteOptions::default()).expect("a store")
}

async fn copy(from: &dyn PortableLog, to: &dyn PortableLog) -> Duration {
    let began = Instant::now();
    let copied = copy_log(from, to, |_| {}).await.expect("a copy");
    assert_eq!(copied.events, EVENTS as u64);
    began.elapsed()
}

fn tell(what: &str, rounds: impl Iterator<Item = Duration>, target: f64) {
    let rate = median(rounds.map(|took| per_second(EVENTS, took)).collect());
    let verdict = if rate >= target { "met" } else { "MISSED" };
    println!("{what}: {rate:.0} events/s  target ≥ {target:.0}/s: {verdict}");
}
