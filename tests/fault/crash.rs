//! F1: killed under load, again and again, over the same files.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tests::acknowledged::assert_nothing_is_lost;
use tests::rounds::{Random, rounds};

fn start(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_fault-shop"))
        .arg(folder)
        .arg(usize::MAX.to_string())
        .stdin(Stdio::null())
        .spawn()
        .expect("the shop starts")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_the_process_under_load_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(1);
    for _ in 0..rounds(20, 200) {
        let mut shop = start(folder.path());
        // The kill falls where it falls: that is the test.
        tokio::time::sleep(Duration::from_millis(random.between(50, 2000))).await;
        shop.kill().unwrap();
        assert!(!shop.wait().unwrap().success(), "it was killed, it did not stop");
        assert_nothing_is_lost(folder.path()).await;
    }
}
