//! What an append promises.

use domain::kernel::TenantId;
use domain::ports::{Append, AppendError, Appended, Direction, Expected, Position, Scope};
use tests::events::{TENANT, append, command, event, stream};
use tests::stores::{TestStore, everything, whole_stream};
use uuid::Uuid;

pub(super) async fn an_append_answers_revision_and_position_of_its_last_event(store: TestStore) {
    let answer = store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 3)).await.unwrap();
    let events = whole_stream(&*store, TENANT, stream(1)).await;
    assert_eq!(events.iter().map(|event| event.revision).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(answer, Appended { revision: 2, position: events[2].position });
    assert_eq!(store.head().await.unwrap(), answer.position);
}

pub(super) async fn a_stream_that_is_not_as_expected_is_a_conflict_and_stays(store: TestStore) {
    let none = store.append(TENANT, append(stream(1), Expected::Exact(0), command(1), 1)).await;
    assert_eq!(none, Err(AppendError::Conflict { actual: None }));
    store.append(TENANT, append(stream(1), Expected::NoStream, command(2), 2)).await.unwrap();
    for (n, expected) in [(3, Expected::NoStream), (4, Expected::Exact(0)), (5, Expected::Exact(2))] {
        let refused = store.append(TENANT, append(stream(1), expected, command(n), 1)).await;
        assert_eq!(refused, Err(AppendError::Conflict { actual: Some(1) }), "{expected:?}");
    }
    let events = whole_stream(&*store, TENANT, stream(1)).await;
    assert_eq!(events.len(), 2);
    assert_eq!(store.head().await.unwrap(), events[1].position);
}

pub(super) async fn exact_and_any_go_on_where_the_stream_ends(store: TestStore) {
    store.append(TENANT, append(stream(1), Expected::Any, command(1), 1)).await.unwrap();
    store.append(TENANT, append(stream(1), Expected::Exact(0), command(2), 2)).await.unwrap();
    let answer = store.append(TENANT, append(stream(1), Expected::Any, command(3), 1)).await.unwrap();
    assert_eq!(answer.revision, 3);
}

pub(super) async fn repeating_an_append_gives_the_first_answer(store: TestStore) {
    let first = append(stream(1), Expected::NoStream, command(1), 3);
    let answer = store.append(TENANT, first.clone()).await.unwrap();
    store.append(TENANT, append(stream(1), Expected::Any, command(2), 1)).await.unwrap();
    let head = store.head().await.unwrap();
    for expected in [Expected::NoStream, Expected::Any, Expected::Exact(3), Expected::Exact(17)] {
        assert_eq!(store.append(TENANT, Append { expected, ..first.clone() }).await, Ok(answer), "{expected:?}");
    }
    assert_eq!(store.head().await.unwrap(), head);
}

pub(super) async fn an_event_identity_stands_once_in_a_tenant(store: TestStore) {
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await.unwrap();
    let elsewhere = store.append(TENANT, append(stream(2), Expected::NoStream, command(1), 2)).await;
    assert_eq!(elsewhere, Err(AppendError::IdTaken(command(1).event_id(0))));
    let fresh = event(command(2), 0, "{}");
    let taken = event(command(1), 1, "{}");
    let mixed = Append { stream: stream(1), expected: Expected::Exact(1), events: vec![fresh.clone(), taken.clone()] };
    assert_eq!(store.append(TENANT, mixed).await, Err(AppendError::IdTaken(taken.event_id)));
    let twice = Append { stream: stream(3), expected: Expected::Any, events: vec![fresh.clone(), fresh.clone()] };
    assert_eq!(store.append(TENANT, twice).await, Err(AppendError::IdTaken(fresh.event_id)));
    let longer = append(stream(1), Expected::Any, command(1), 3);
    assert!(matches!(store.append(TENANT, longer).await, Err(AppendError::IdTaken(_))));
    assert_eq!(everything(&*store, Scope::System, 10).await.len(), 2);
}

pub(super) async fn another_tenant_may_use_the_same_identities(store: TestStore) {
    let other = TenantId(Uuid::from_u128(0xbeef));
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await.unwrap();
    store.append(other, append(stream(1), Expected::NoStream, command(1), 1)).await.unwrap();
    assert_eq!(whole_stream(&*store, TENANT, stream(1)).await.len(), 2);
    assert_eq!(whole_stream(&*store, other, stream(1)).await.len(), 1);
}

pub(super) async fn an_append_without_events_or_bodies_is_refused(store: TestStore) {
    let nothing = Append { stream: stream(1), expected: Expected::Any, events: Vec::new() };
    assert_eq!(store.append(TENANT, nothing).await, Err(AppendError::Empty));
    let bodiless = Append {
        stream: stream(1),
        expected: Expected::Any,
        events: vec![event(command(1), 0, "{}"), event(command(1), 1, "")],
    };
    assert_eq!(store.append(TENANT, bodiless).await, Err(AppendError::Empty));
    assert_eq!(store.head().await.unwrap(), Position(0));
}

pub(super) async fn more_than_a_store_takes_at_once_is_refused_and_just_below_is_not(store: TestStore) {
    let most = store.most_bytes();
    let of_size = |n, bytes| Append {
        stream: stream(1),
        expected: Expected::Any,
        events: vec![event(command(n), 0, &"x".repeat(bytes))],
    };
    let refused = store.append(TENANT, of_size(1, most)).await;
    assert!(matches!(refused, Err(AppendError::TooLarge { limit, bytes }) if limit == most && bytes > most));
    let spread = append(stream(1), Expected::Any, command(2), most / 50);
    assert!(matches!(store.append(TENANT, spread).await, Err(AppendError::TooLarge { .. })));
    store.append(TENANT, of_size(3, most - 1024)).await.unwrap();
    let events = store.read_stream(TENANT, stream(1), 0, Direction::Forward, 10).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].event.data.len(), most - 1024);
}
