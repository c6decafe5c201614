//! What holds when many write and read at once.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use domain::kernel::TenantId;
use domain::ports::{AppendError, EventStore, Expected, Filter, Position, Scope, StoredEvent};
use infra::event_store::chain;
use tests::events::TENANT;
use tests::events::{append, command, stream};
use tests::stores::{TestStore, everything};
use tokio::task::JoinSet;
use uuid::Uuid;

const WRITERS: u128 = 16;
const APPENDS: u128 = 25;

/// Each writer appends three events at a time to its own stream and to one that all share.
async fn sixteen_writers(store: &TestStore) {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let store = store.shared();
        writers.spawn(async move {
            for n in 0..APPENDS {
                let target = if n % 5 == 0 { stream(0) } else { stream(1 + writer) };
                let command = command(writer * APPENDS + n);
                store.append(TENANT, append(target, Expected::Any, command, 3)).await.unwrap();
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
}

/// That every stream is whole and every command's events stand side by side.
fn check_order(events: &[StoredEvent]) {
    let mut streams: BTreeMap<_, Vec<StoredEvent>> = BTreeMap::new();
    for stored in events {
        streams.entry((stored.tenant, stored.stream)).or_default().push(stored.clone());
    }
    for events in streams.values() {
        assert_eq!(chain::verify(events), Ok(()));
    }
    for append in events.chunks(3) {
        assert!(append.iter().all(|stored| stored.event.command_id == append[0].event.command_id));
        assert!(append.windows(2).all(|pair| pair[0].revision + 1 == pair[1].revision));
    }
}

pub(super) async fn positions_of_sixteen_writers_do_not_interleave(store: TestStore) {
    sixteen_writers(&store).await;
    let events = everything(&*store, Scope::System, 100).await;
    assert_eq!(events.len() as u128, WRITERS * APPENDS * 3);
    check_order(&events);
}

pub(super) async fn readers_that_follow_never_skip_a_slower_append(store: TestStore) {
    let total = (WRITERS * APPENDS * 3) as usize;
    let mut readers = JoinSet::new();
    for page in [3, 64] {
        let store = store.shared();
        readers.spawn(async move { follow(&*store, page, total).await });
    }
    sixteen_writers(&store).await;
    let events = everything(&*store, Scope::System, 1000).await;
    while let Some(seen) = readers.join_next().await {
        assert_eq!(seen.unwrap(), events);
    }
}

async fn follow(store: &dyn EventStore, page: usize, total: usize) -> Vec<StoredEvent> {
    let (mut seen, mut after) = (Vec::new(), Position::default());
    while seen.len() < total {
        let found = store.read_all(Scope::System, after, page, Filter::default()).await.unwrap();
        after = found.scanned_to;
        seen.extend(found.events);
        tokio::task::yield_now().await;
    }
    seen
}

pub(super) async fn a_conflict_does_not_fail_its_neighbours(store: TestStore) {
    store.append(TENANT, append(stream(0), Expected::NoStream, command(0), 1)).await.unwrap();
    let mut appends = JoinSet::new();
    for n in 1..=200 {
        let store = store.shared();
        appends.spawn(async move {
            // Every third one is refused: by its expectation, or by an identity taken in the middle of its events.
            let mut asked = match n % 3 {
                0 => append(stream(0), Expected::NoStream, command(n), 2),
                _ => append(stream(n), Expected::NoStream, command(n), 2),
            };
            if n % 3 == 1 {
                asked.events[1].event_id = command(0).event_id(0);
            }
            (n, store.append(TENANT, asked).await)
        });
    }
    let mut accepted = 0;
    while let Some(answer) = appends.join_next().await {
        match answer.unwrap() {
            (n, Err(AppendError::Conflict { actual: Some(0) })) if n % 3 == 0 => {}
            (n, Err(AppendError::IdTaken(id))) if n % 3 == 1 && id == command(0).event_id(0) => {}
            (n, Ok(appended)) if n % 3 == 2 && appended.revision == 1 => accepted += 1,
            (n, answer) => panic!("append {n} was answered {answer:?}"),
        }
    }
    let events = everything(&*store, Scope::System, 1000).await;
    assert_eq!(events.len(), 1 + 2 * accepted);
    for append in events[1..].chunks(2) {
        assert_eq!(append[0].event.command_id, append[1].event.command_id);
        assert_eq!(chain::verify(append), Ok(()));
    }
}

pub(super) async fn of_many_appends_that_expect_the_same_one_wins(store: TestStore) {
    let mut appends = JoinSet::new();
    for n in 0..32 {
        let store = store.shared();
        appends.spawn(async move { store.append(TENANT, append(stream(1), Expected::NoStream, command(n), 1)).await });
    }
    let mut won = 0;
    while let Some(answer) = appends.join_next().await {
        match answer.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error, AppendError::Conflict { actual: Some(0) }),
        }
    }
    assert_eq!(won, 1);
}

pub(super) async fn an_append_sent_many_times_at_once_stands_once(store: TestStore) {
    let mut appends = JoinSet::new();
    for _ in 0..32 {
        let store = store.shared();
        appends.spawn(async move { store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await });
    }
    let mut answers = HashSet::new();
    while let Some(answer) = appends.join_next().await {
        let appended = answer.unwrap().unwrap();
        answers.insert((appended.revision, appended.position));
    }
    assert_eq!(answers.len(), 1);
    assert_eq!(everything(&*store, Scope::System, 10).await.len(), 2);
}

pub(super) async fn tenants_never_see_each_other(store: TestStore) {
    let tenants: Vec<TenantId> = (1..=5).map(|n| TenantId(Uuid::from_u128(n))).collect();
    let mut writers = JoinSet::new();
    for (seed, tenant) in tenants.iter().copied().enumerate() {
        let store = store.shared();
        // The same streams and the same commands in every tenant, in an order of its own.
        writers.spawn(async move {
            for n in 0..60_u128 {
                let mixed = (n * 37 + seed as u128 * 11) % 60;
                let events = 1 + (mixed % 3) as usize;
                store.append(tenant, append(stream(mixed % 4), Expected::Any, command(mixed), events)).await.unwrap();
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    let all = everything(&*store, Scope::System, 64).await;
    for tenant in tenants {
        let own: Vec<StoredEvent> = all.iter().filter(|stored| stored.tenant == tenant).cloned().collect();
        assert_eq!(own.len(), 120);
        assert_eq!(everything(&*store, Scope::Tenant(tenant), 7).await, own);
        for n in 0..4 {
            let in_stream: Vec<_> = own.iter().filter(|stored| stored.stream == stream(n)).cloned().collect();
            assert_eq!(tests::stores::whole_stream(&*store, tenant, stream(n)).await, in_stream);
        }
        let stranger = TenantId(Uuid::from_u128(99));
        for stored in &own {
            assert_eq!(store.find(tenant, stored.event.event_id).await.unwrap().as_ref(), Some(stored));
            assert_eq!(store.find(stranger, stored.event.event_id).await.unwrap(), None);
        }
    }
}

pub(super) async fn an_append_that_nobody_waits_for_any_more_is_whole_or_absent(store: TestStore) {
    let mut senders = JoinSet::new();
    for n in 0..64 {
        let store: Arc<dyn EventStore> = store.shared();
        senders.spawn(async move {
            let append = store.append(TENANT, append(stream(n), Expected::NoStream, command(n), 3));
            // Polled once, then dropped.
            let _ = futures_util::FutureExt::now_or_never(append);
        });
    }
    while let Some(done) = senders.join_next().await {
        done.unwrap();
    }
    store.append(TENANT, append(stream(99), Expected::NoStream, command(99), 3)).await.unwrap();
    check_order(&everything(&*store, Scope::System, 100).await);
}
