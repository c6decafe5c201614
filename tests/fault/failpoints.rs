//! F2: every step between an append and its rows in the views × {panic, error, delay, abort}. Needs the feature `failpoints`.

use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use tests::acknowledged::{WRITERS, acknowledged, assert_nothing_is_lost};
use tests::place::Place;

/// Events that each writer gets acknowledged in the end.
const EVENTS: usize = 24;

const STEPS: [&str; 7] = [
    "event_store::before_begin",
    "event_store::before_commit",
    "event_store::after_commit",
    "event_store::read",
    "runner::project",
    "runner::checkpoint",
    "runner::publish",
];

/// What happens there, as crate `fail` spells it: some times yes, some times no.
const ACTIONS: [&str; 4] =
    ["5*off->1*panic->9*off->2*panic->off", "5*off->2*return->3*off->5*return->off", "30*sleep(5)->off", "abort"];

fn run(folder: &Path, place: &Place, failpoint: Option<String>) -> ExitStatus {
    let mut shop = Command::new(env!("CARGO_BIN_EXE_fault-shop"));
    shop.arg(folder).args([place.to_string(), EVENTS.to_string()]).args(failpoint);
    // Panics on purpose are not worth reading.
    shop.stdin(Stdio::null()).stderr(Stdio::null()).status().unwrap()
}

async fn survives(place: &Place, step: &str, action: &str) {
    let folder = tempfile::tempdir().unwrap();
    let first = run(folder.path(), place, Some(format!("{step}={action}")));
    assert!(first.success() || action == "abort", "{step}={action}: {first}");
    assert_nothing_is_lost(folder.path(), place).await;
    assert!(run(folder.path(), place, None).success(), "after {step}={action}");
    assert_nothing_is_lost(folder.path(), place).await;
    for writer in 0..WRITERS {
        assert!(acknowledged(folder.path(), writer) >= EVENTS, "writer {writer} after {step}={action}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_at_any_step_loses_nothing_acknowledged() {
    for (step, action) in sweep() {
        survives(&Place::Files, step, action).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_at_any_step_on_postgres_loses_nothing_acknowledged() {
    for (step, action) in sweep() {
        let (place, _schemas) = Place::scratch();
        survives(&place, step, action).await;
    }
}

fn sweep() -> impl Iterator<Item = (&'static str, &'static str)> {
    STEPS.into_iter().flat_map(|step| ACTIONS.map(|action| (step, action)))
}
