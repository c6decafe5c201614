//! F8: the server is stopped, crashed and frozen under load. Nothing acknowledged is lost, and all goes on by itself.

use std::path::Path;
use std::time::{Duration, Instant};

use tests::acknowledged::{WRITERS, acknowledged, assert_nothing_is_lost};
use tests::place::Place;
use tests::postgres_server::{PostgresServer, Stop};
use tests::rounds::{Random, rounds};

use crate::crash;

/// From when the server is there again to the next acknowledgement.
const RECOVERY: Duration = Duration::from_secs(5);

fn all_acknowledged(folder: &Path) -> usize {
    (0..WRITERS).map(|writer| acknowledged(folder, writer)).sum()
}

/// Waits until more is acknowledged than was; tells how long that took.
async fn goes_on(folder: &Path) -> Duration {
    let (before, since) = (all_acknowledged(folder), Instant::now());
    while all_acknowledged(folder) == before {
        assert!(since.elapsed() < Duration::from_secs(60), "nothing is acknowledged any more");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    since.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outages_of_the_server_lose_nothing_acknowledged_and_heal_within_five_seconds() {
    let server = PostgresServer::start();
    let (place, folder) = (Place::on(&server.url(), "shop"), tempfile::tempdir().unwrap());
    let mut random = Random::new(8);
    let mut shop = crash::start(folder.path(), &place);
    let mut slowest = Duration::ZERO;
    goes_on(folder.path()).await;
    for round in 0..rounds(6, 60) {
        // The outage falls where it falls.
        tokio::time::sleep(Duration::from_millis(random.between(50, 500))).await;
        let pause = Duration::from_millis(random.between(0, 1500));
        match round % 3 {
            0 => server.stop(Stop::Fast),
            1 => server.stop(Stop::Immediate),
            _ => server.freeze(),
        }
        tokio::time::sleep(pause).await;
        if round % 3 == 2 {
            server.thaw();
        } else {
            server.resume();
        }
        let took = goes_on(folder.path()).await;
        assert!(took <= RECOVERY, "round {round}: {took:?} after an outage of {pause:?}");
        slowest = slowest.max(took);
    }
    println!("slowest recovery: {slowest:?}");
    shop.kill().unwrap();
    shop.wait().unwrap();
    assert_nothing_is_lost(folder.path(), &place).await;
}
