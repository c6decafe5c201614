//! How long a question about the past takes: cold, warm, and while somebody scrubs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::graphql::{KilterSchema, build_with};
use async_graphql::{Request, Variables};
use domain::kernel::{Caller, Role};
use infra::event_store::{SqliteEventStore, SqliteOptions};
use infra::runner::past::PastLimits;
use serde_json::json;
use tests::app::TestApp;
use tests::shop_history::ShopHistory;
use tests::shop_store::fill;
use tokio::runtime::Runtime;

use crate::figures::median;

/// Fewer where nothing is measured but that it runs.
const EVENTS: u64 = if cfg!(debug_assertions) { 3_000 } else { 100_000 };
const ROUNDS: u64 = 5;
/// Events from one moment of a scrubber to the next.
const STEP: u64 = 50;
const COLD_MS: f64 = 1_000.0;
const WARM_MS: f64 = 50.0;

const SCREEN: &str = "query($p: Position) @asOf(position: $p) {
    company { name } machines(first: 30) { totalCount edges { node { code status atWork { job { code } operator { code } } } } }
    jobs(first: 50, sort: { by: LAST_ACTIVITY_AT, descending: true }) { totalCount edges { node { number status late good operations { status } } } }
    activityLog(first: 20) { edges { node { sentence happenedAt } } } }";

/// Measures and prints.
pub(crate) fn run() {
    Runtime::new().expect("a runtime").block_on(measure());
}

async fn measure() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteEventStore::open(&folder.path().join("events.db"), SqliteOptions::default()).expect("a store");
    let app = TestApp::over(Arc::new(store)).await;
    let caller = app.caller("bench", Role::Admin).await;
    fill(&*app.deps.store, &mut ShopHistory::new(1, caller.tenant), usize::try_from(EVENTS).expect("few")).await;
    app.settle().await;
    println!(
        "a screen as of a moment, {EVENTS} events of a made-up machine shop, SQLite event store; median of {ROUNDS}"
    );
    let (mut cold, mut warm, mut forward, mut back, mut bytes) = (vec![], vec![], vec![], vec![], 0);
    for round in 0..ROUNDS {
        let schema = build_with(app.deps.clone(), PastLimits::default());
        let at = EVENTS - 2 * ROUNDS * STEP + round;
        cold.push(ask(&schema, caller, at).await);
        warm.push(ask(&schema, caller, at).await);
        for step in 1..=ROUNDS {
            forward.push(ask(&schema, caller, at + step * STEP).await);
        }
        for step in 1..=ROUNDS {
            back.push(ask(&schema, caller, at - step * STEP).await);
        }
        bytes = schema.pasts().bytes();
    }
    tell("cold", median(cold), Some(COLD_MS));
    tell("warm", median(warm), Some(WARM_MS));
    tell(&format!("scrubbed {STEP} events forward"), median(forward), None);
    tell(&format!("scrubbed {STEP} events back"), median(back), None);
    println!("kept of it: {} KiB", bytes / 1024);
}

async fn ask(schema: &KilterSchema, caller: Caller, position: u64) -> f64 {
    let variables = Variables::from_json(json!({ "p": position.to_string() }));
    let begun = Instant::now();
    let answer = schema.execute(Request::new(SCREEN).variables(variables).data(caller)).await;
    let took: Duration = begun.elapsed();
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    took.as_secs_f64() * 1000.0
}

fn tell(what: &str, took_ms: f64, limit: Option<f64>) {
    let beside = limit.map_or_else(String::new, |limit| {
        format!("  limit ≤ {limit:.0} ms: {}", if took_ms <= limit { "met" } else { "MISSED" })
    });
    println!("{what}: {took_ms:.1} ms{beside}");
}
