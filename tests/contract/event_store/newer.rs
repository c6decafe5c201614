//! A newer Kilter beside this one writes streams of a kind that this one does not know: it goes on with all it knows.

use domain::ports::{AppendError, Expected, Filter, Position, ReadError, Scope, StoredEvent};
use infra::event_store::transfer::Wanted;
use tests::events::{TENANT, append, command, event, stream};
use tests::newer::{KIND, append_newer};
use tests::stores::{TestStore, everything, whole_stream};

async fn tell(store: &TestStore, number: u128, count: usize) {
    store.append(TENANT, append(stream(1), Expected::Any, command(number), count)).await.unwrap();
}

pub(super) async fn events_of_a_kind_that_only_a_newer_build_knows_are_passed_over(mut store: TestStore) {
    tell(&store, 1, 2).await;
    let newer = append_newer(&store, 70, 3).await;
    tell(&store, 2, 2).await;
    append_newer(&store, 71, 1).await;
    store.reopen().await;
    let own = whole_stream(&*store, TENANT, stream(1)).await;
    assert_eq!(own.len(), 4);
    for page in [1, 2, 3, 700] {
        for scope in [Scope::System, Scope::Tenant(TENANT)] {
            assert_eq!(everything(&*store, scope, page).await, own, "in pages of {page}");
        }
    }
    let head = store.head().await.unwrap();
    let page = store.read_all(Scope::System, own[3].position, 10, Filter::default()).await.unwrap();
    assert_eq!((page.events, page.scanned_to), (Vec::new(), head), "who follows gets past them");

    let log = store.log().await;
    let record = log.record(Wanted::Identity(TENANT, newer[1])).await.unwrap().unwrap();
    assert_eq!((&*record.stream.kind, record.revision), (KIND, 1));
    assert_eq!(store.read_at(TENANT, vec![record.position, own[2].position]).await.unwrap(), own[2..3]);
    assert_eq!(store.find(TENANT, newer[1]).await, Ok(None));
    assert_eq!(store.identity_at(record.position).await, Ok(Some(newer[1])));
    assert_eq!(store.identity_at(own[2].position).await, Ok(Some(own[2].event.event_id)));
    for nobody in [0, own[2].position.0 + 100_000_000] {
        assert_eq!(store.identity_at(Position(nobody)).await, Ok(None));
    }
    let mut taken = append(stream(2), Expected::NoStream, command(5), 1);
    taken.events = vec![event(command(70), 1, "{}")];
    assert_eq!(store.append(TENANT, taken).await, Err(AppendError::IdTaken(newer[1])), "its identity is taken");
    tell(&store, 3, 1).await;
    assert!(everything(&*store, Scope::System, 5).await.iter().all(|stored: &StoredEvent| stored.stream == stream(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kind_that_was_changed_in_a_file_is_damage_and_not_passed_over() {
    let store = TestStore::sqlite();
    tell(&store, 1, 3).await;
    let meddling = rusqlite::Connection::open(store.file().unwrap()).unwrap();
    let change = "DROP TRIGGER events_are_never_changed; DROP TRIGGER bodies_are_only_removed; UPDATE events SET kind = 'jpb' WHERE position = 2";
    meddling.execute_batch(change).unwrap();
    let read = store.read_all(Scope::System, Position(0), 10, Filter::default()).await;
    assert!(matches!(&read, Err(ReadError::Corrupt(flaw)) if flaw.contains("position 2")), "{read:?}");
}
