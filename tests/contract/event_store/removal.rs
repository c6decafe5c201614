//! Truncation and deletion take bodies, never envelopes and hashes.

use domain::kernel::TenantId;
use domain::ports::{AppendError, Expected, Scope, StoredEvent};
use infra::event_store::chain;
use tests::events::{TENANT, append, command, stream};
use tests::stores::{TestStore, everything, whole_stream};
use uuid::Uuid;

pub(super) async fn truncation_takes_bodies_and_the_chain_still_verifies(store: TestStore) {
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 5)).await.unwrap();
    let before = whole_stream(&*store, TENANT, stream(1)).await;
    store.truncate_before(TENANT, stream(1), 3).await.unwrap();
    let after = whole_stream(&*store, TENANT, stream(1)).await;
    assert_eq!(after.iter().map(StoredEvent::is_truncated).collect::<Vec<_>>(), [true, true, true, false, false]);
    assert!(after.iter().take(3).all(|stored| stored.event.salt == [0; 16]));
    assert_eq!(
        after.iter().map(|stored| stored.hash).collect::<Vec<_>>(),
        before.iter().map(|stored| stored.hash).collect::<Vec<_>>()
    );
    assert_eq!(chain::verify(&after), Ok(()));
    assert_eq!(after[3..], before[3..]);
}

pub(super) async fn a_truncated_stream_goes_on_and_truncating_again_changes_nothing(store: TestStore) {
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 3)).await.unwrap();
    store.truncate_before(TENANT, stream(1), 3).await.unwrap();
    store.truncate_before(TENANT, stream(1), 2).await.unwrap();
    let answer = store.append(TENANT, append(stream(1), Expected::Exact(2), command(2), 1)).await.unwrap();
    assert_eq!(answer.revision, 3);
    let events = whole_stream(&*store, TENANT, stream(1)).await;
    assert_eq!(events.iter().filter(|stored| stored.is_truncated()).count(), 3);
    assert_eq!(chain::verify(&events), Ok(()));
}

pub(super) async fn a_deleted_stream_keeps_its_envelopes_and_takes_no_more_events(store: TestStore) {
    let first = append(stream(1), Expected::NoStream, command(1), 2);
    let answer = store.append(TENANT, first.clone()).await.unwrap();
    store.delete_stream(TENANT, stream(1)).await.unwrap();
    for (n, expected) in [(2, Expected::Any), (3, Expected::Exact(1)), (4, Expected::NoStream)] {
        let refused = store.append(TENANT, append(stream(1), expected, command(n), 1)).await;
        assert_eq!(refused, Err(AppendError::Deleted), "{expected:?}");
    }
    assert_eq!(store.append(TENANT, first).await, Ok(answer), "what was appended before stays answered");
    let events = whole_stream(&*store, TENANT, stream(1)).await;
    assert!(events.len() == 2 && events.iter().all(StoredEvent::is_truncated));
    assert_eq!(chain::verify(&events), Ok(()));
    assert_eq!(everything(&*store, Scope::System, 10).await, events);
}

pub(super) async fn a_stream_that_never_was_can_be_deleted_for_good(store: TestStore) {
    store.delete_stream(TENANT, stream(1)).await.unwrap();
    store.delete_stream(TENANT, stream(1)).await.unwrap();
    let refused = store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 1)).await;
    assert_eq!(refused, Err(AppendError::Deleted));
}

pub(super) async fn removal_touches_one_stream_of_one_tenant(store: TestStore) {
    let other = TenantId(Uuid::from_u128(0xbeef));
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await.unwrap();
    store.append(TENANT, append(stream(2), Expected::NoStream, command(2), 2)).await.unwrap();
    store.append(other, append(stream(1), Expected::NoStream, command(3), 2)).await.unwrap();
    store.delete_stream(TENANT, stream(1)).await.unwrap();
    store.truncate_before(TENANT, stream(9), 9).await.unwrap();
    let truncated = |events: Vec<StoredEvent>| events.iter().filter(|stored| stored.is_truncated()).count();
    assert_eq!(truncated(whole_stream(&*store, TENANT, stream(2)).await), 0);
    assert_eq!(truncated(whole_stream(&*store, other, stream(1)).await), 0);
    store.append(other, append(stream(1), Expected::Exact(1), command(4), 1)).await.unwrap();
}
