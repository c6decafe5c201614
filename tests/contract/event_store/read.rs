//! What reading promises.

use std::sync::Arc;

use domain::kernel::{ActorId, Role, StreamId, StreamType, SubjectId, Timestamp};
use domain::ports::{Append, Direction, Expected, Filter, NewEvent, Position, Scope};
use infra::event_store::chain;
use tests::events::{TENANT, append, command, event, stream};
use tests::stores::{TestStore, everything, whole_stream};
use tokio::sync::mpsc;
use uuid::Uuid;

pub(super) async fn an_empty_store_has_nothing_to_read(store: TestStore) {
    assert_eq!(store.head().await.unwrap(), Position(0));
    assert!(whole_stream(&*store, TENANT, stream(1)).await.is_empty());
    let page = store.read_all(Scope::System, Position(7), 10, Filter::default()).await.unwrap();
    assert!(page.events.is_empty());
    assert_eq!(page.scanned_to, Position(7));
    assert_eq!(store.find(TENANT, Uuid::nil()).await.unwrap(), None);
    assert_eq!(store.health().await, Ok(()));
}

pub(super) async fn a_stream_reads_forward_and_backward_from_a_revision(store: TestStore) {
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 5)).await.unwrap();
    store.append(TENANT, append(stream(2), Expected::NoStream, command(2), 5)).await.unwrap();
    let revisions = async |from, direction, limit| {
        let events = store.read_stream(TENANT, stream(1), from, direction, limit).await.unwrap();
        assert!(events.iter().all(|event| event.stream == stream(1)));
        events.iter().map(|event| event.revision).collect::<Vec<_>>()
    };
    assert_eq!(revisions(0, Direction::Forward, 100).await, [0, 1, 2, 3, 4]);
    assert_eq!(revisions(2, Direction::Forward, 2).await, [2, 3]);
    assert_eq!(revisions(5, Direction::Forward, 2).await, [0; 0]);
    assert_eq!(revisions(u64::MAX, Direction::Backward, 2).await, [4, 3]);
    assert_eq!(revisions(1, Direction::Backward, 100).await, [1, 0]);
    assert_eq!(revisions(0, Direction::Forward, 0).await, [0; 0]);
}

pub(super) async fn pages_of_all_events_join_without_gap_in_the_order_of_positions(store: TestStore) {
    for n in 0..20 {
        store.append(TENANT, append(stream(n % 3), Expected::Any, command(n), 1 + n as usize % 4)).await.unwrap();
    }
    let whole = everything(&*store, Scope::System, 1000).await;
    assert!(whole.windows(2).all(|pair| pair[0].position < pair[1].position));
    for page in [1, 7, 500] {
        assert_eq!(everything(&*store, Scope::System, page).await, whole, "pages of {page}");
        assert_eq!(everything(&*store, Scope::Tenant(TENANT), page).await, whole, "pages of {page}");
    }
}

pub(super) async fn a_filtered_scan_tells_how_far_it_went(store: TestStore) {
    let machine = StreamId::new(StreamType::Machine, Uuid::from_u128(1));
    for n in 0..30 {
        let stream = if n % 10 == 9 { machine } else { stream(1) };
        store.append(TENANT, append(stream, Expected::Any, command(n), 1)).await.unwrap();
    }
    let filter = Filter { kinds: vec![StreamType::Machine] };
    let (mut after, mut found, mut pages) = (Position(0), Vec::new(), 0);
    loop {
        let page = store.read_all(Scope::System, after, 4, filter.clone()).await.unwrap();
        if page.scanned_to == after {
            break;
        }
        assert!(page.scanned_to > after);
        after = page.scanned_to;
        pages += 1;
        found.extend(page.events);
    }
    assert_eq!(after, store.head().await.unwrap());
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|event| event.stream == machine));
    assert!(pages < 30);
}

pub(super) async fn events_are_read_at_the_positions_of_their_own_tenant_only(store: TestStore) {
    let other = domain::kernel::TenantId(Uuid::from_u128(1));
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 3)).await.unwrap();
    store.append(other, append(stream(1), Expected::NoStream, command(2), 1)).await.unwrap();
    store.append(TENANT, append(stream(2), Expected::NoStream, command(3), 1)).await.unwrap();
    let whole = everything(&*store, Scope::Tenant(TENANT), 100).await;
    let foreign = everything(&*store, Scope::Tenant(other), 100).await;
    let at = |n: usize| whole[n].position;
    let asked = vec![at(3), at(1), foreign[0].position, at(0), Position(0), Position(at(3).0 + 1), Position(u64::MAX)];
    let found = store.read_at(TENANT, asked.clone()).await.unwrap();
    assert_eq!(found, [&whole[3], &whole[1], &whole[0]].map(Clone::clone));
    assert_eq!(store.read_at(other, asked).await.unwrap(), foreign);
    assert_eq!(store.read_at(TENANT, Vec::new()).await.unwrap(), []);
}

pub(super) async fn an_event_is_found_by_its_identity_in_its_own_tenant_only(store: TestStore) {
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 3)).await.unwrap();
    let id = command(1).event_id(1);
    let found = store.find(TENANT, id).await.unwrap().unwrap();
    assert_eq!((found.event.event_id, found.revision), (id, 1));
    assert_eq!(store.find(domain::kernel::TenantId(Uuid::from_u128(1)), id).await.unwrap(), None);
}

fn peculiar() -> Vec<NewEvent> {
    let plain = event(command(1), 0, "{}");
    let bytes = (0..=255).collect();
    vec![
        NewEvent {
            event_type: Arc::from("Ünïcödé.事件.🏭"),
            schema_version: u16::MAX,
            happened_at: Timestamp::from_micros(-62_135_596_800_000_000).unwrap(),
            recorded_at: Timestamp::from_micros(253_402_207_200_000_000).unwrap(),
            on_behalf_of: Some(ActorId(Uuid::from_u128(1))),
            grant: Some(Uuid::from_u128(2)),
            role: Role::Auditor,
            correlation: Uuid::max(),
            causation: Some(Uuid::nil()),
            traceparent: Some("\u{0}\u{202e}e\u{301} \u{10ffff}".to_owned()),
            subjects: (0..300).map(|n| SubjectId(Uuid::from_u128(n))).collect(),
            salt: [0xff; 16],
            data: bytes,
            ..plain.clone()
        },
        NewEvent {
            event_id: command(1).event_id(1),
            traceparent: Some(String::new()),
            data: "{\"note\":\"naïve – 機械 – 🔩 – e\u{301} – \\u0000\"}".into(),
            ..plain
        },
    ]
}

pub(super) async fn every_field_and_every_byte_comes_back_as_it_was_appended(store: TestStore) {
    let events = peculiar();
    store
        .append(TENANT, Append { stream: stream(1), expected: Expected::NoStream, events: events.clone() })
        .await
        .unwrap();
    let stored = whole_stream(&*store, TENANT, stream(1)).await;
    assert_eq!(stored.iter().map(|stored| stored.event.clone()).collect::<Vec<_>>(), events);
    assert_eq!(chain::verify(&stored), Ok(()));
}

pub(super) async fn time_running_backwards_changes_nothing_in_the_order(store: TestStore) {
    for n in 0..10_u32 {
        let mut appended = append(stream(1), Expected::Any, command(n.into()), 1);
        let time = Timestamp::from_micros(1_000_000_000 - i64::from(n) * 3_600_000_000).unwrap();
        appended.events[0].recorded_at = time;
        appended.events[0].happened_at = time;
        store.append(TENANT, appended).await.unwrap();
    }
    let events = everything(&*store, Scope::System, 3).await;
    let commands: Vec<_> = events.iter().map(|event| event.event.command_id).collect();
    assert_eq!(commands, (0..10).map(command).collect::<Vec<_>>());
}

pub(super) async fn a_wake_comes_after_its_events_can_be_read(store: TestStore) {
    let (sender, mut wakes) = mpsc::unbounded_channel();
    store.on_append(Arc::new(move |position| _ = sender.send(position)));
    for n in 0..5 {
        let appended = store.append(TENANT, append(stream(1), Expected::Any, command(n), 2)).await.unwrap();
        while wakes.recv().await.unwrap() < appended.position {}
        assert!(store.head().await.unwrap() >= appended.position);
    }
}
