//! F9: what is delivered twice, late, or from two sides at once changes nothing.

use domain::ports::{Append, EventStore, Expected, Recorded, Scope};
use infra::runner::ProjectionSet;
use tests::events::TENANT;
use tests::projecting::{Projecting, assert_rebuilt_is_live, digest, in_memory};
use tests::rounds::Random;
use tests::shop_history::{ShopHistory, to_new};
use tests::stores::{TestStore, everything};
use tokio::task::JoinSet;

const EVENTS: usize = 600;

fn appends() -> Vec<Append> {
    let history: Vec<Recorded> = ShopHistory::new(9, TENANT).take(EVENTS).collect();
    let same_stream = |one: &Recorded, other: &Recorded| one.envelope.stream == other.envelope.stream;
    let together = history.chunk_by(same_stream);
    let append = |events: &[Recorded]| Append {
        stream: events[0].envelope.stream,
        expected: events[0].envelope.revision.checked_sub(1).map_or(Expected::NoStream, Expected::Exact),
        events: events.iter().map(to_new).collect(),
    };
    together.map(append).collect()
}

async fn delivered_once(store: &dyn EventStore) {
    for append in appends() {
        store.append(TENANT, append).await.unwrap();
    }
}

async fn delivered_again_and_late(store: &dyn EventStore) {
    let appends = appends();
    let mut random = Random::new(9);
    for (index, append) in appends.iter().enumerate() {
        let first = store.append(TENANT, append.clone()).await.unwrap();
        assert_eq!(store.append(TENANT, append.clone()).await, Ok(first));
        let late = &appends[random.between(0, index as u64 + 1) as usize];
        store.append(TENANT, late.clone()).await.unwrap();
    }
}

async fn delivered_from_four_sides(store: &TestStore) {
    let mut sides = JoinSet::new();
    for _ in 0..4 {
        let store = store.shared();
        sides.spawn(async move { delivered_in_turn(&*store).await });
    }
    while let Some(done) = sides.join_next().await {
        done.unwrap();
    }
}

/// Whoever comes first appends; the others get the same answer.
async fn delivered_in_turn(store: &dyn EventStore) {
    for append in appends() {
        store.append(TENANT, append).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_that_come_again_late_or_from_several_sides_stand_once() {
    for open in [TestStore::memory, TestStore::sqlite] {
        let (once, again, sides) = (open(), open(), open());
        delivered_once(&*once).await;
        delivered_again_and_late(&*again).await;
        delivered_from_four_sides(&sides).await;
        let events = everything(&*once, Scope::System, 100).await;
        assert_eq!(events.len(), EVENTS);
        assert!(everything(&*again, Scope::System, 100).await == events);
        assert!(everything(&*sides, Scope::System, 100).await == events);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_are_the_same_whether_events_came_once_or_again_and_late() {
    let (once, again) = (TestStore::sqlite(), TestStore::sqlite());
    let all = ProjectionSet::all();
    let quiet = Projecting::start(once.shared(), in_memory(), &all).await;
    let noisy = Projecting::start(again.shared(), in_memory(), &all).await;
    delivered_once(&*once).await;
    delivered_again_and_late(&*again).await;
    quiet.settle().await;
    noisy.settle().await;
    for shape in all.shapes() {
        assert_eq!(digest(&quiet.views, shape).await, digest(&noisy.views, shape).await, "{}", shape.name);
    }
    assert_rebuilt_is_live(&noisy.runner).await;
    quiet.stop().await;
    noisy.stop().await;
}
