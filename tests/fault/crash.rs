//! F1: killed under load, again and again, over the same log and rows.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tests::acknowledged::assert_nothing_is_lost;
use tests::place::Place;
use tests::rounds::{Random, rounds};

/// A shop that works until it is killed.
pub(crate) fn start(folder: &Path, place: &Place) -> Child {
    Command::new(env!("CARGO_BIN_EXE_fault-shop"))
        .arg(folder)
        .args([place.to_string(), usize::MAX.to_string()])
        .stdin(Stdio::null())
        .spawn()
        .expect("the shop starts")
}

async fn killing_loses_nothing_acknowledged(place: &Place, rounds: usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(1);
    for _ in 0..rounds {
        let mut shop = start(folder.path(), place);
        // The kill falls where it falls: that is the test.
        tokio::time::sleep(Duration::from_millis(random.between(50, 2000))).await;
        shop.kill().unwrap();
        assert!(!shop.wait().unwrap().success(), "it was killed, it did not stop");
        assert_nothing_is_lost(folder.path(), place).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_the_process_under_load_loses_nothing_acknowledged() {
    killing_loses_nothing_acknowledged(&Place::Files, rounds(20, 200)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_a_node_on_postgres_under_load_loses_nothing_acknowledged() {
    let (place, _schemas) = Place::scratch();
    killing_loses_nothing_acknowledged(&place, rounds(8, 200)).await;
}
