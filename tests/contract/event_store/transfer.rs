//! A log that is carried over is the same log: between any two stores, in one go or in several.

use domain::kernel::{StreamType, TenantId};
use domain::ports::{AppendError, Expected, Position, Scope, StoredEvent};
use infra::event_store::transfer::{Progress, TransferError, copy_log, digest};
use tests::events::{TENANT, append, command, stream};
use tests::newer::append_newer;
use tests::stores::{TestStore, everything, intruder};
use uuid::Uuid;

const OTHER: TenantId = TenantId(Uuid::from_u128(0xbeef));

/// Streams of two tenants side by side; one truncated, one deleted, one deleted that never was.
async fn fill(store: &TestStore, commands: std::ops::Range<u128>) {
    for n in commands {
        let tenant = if n % 3 == 0 { OTHER } else { TENANT };
        store.append(tenant, append(stream(n % 7), Expected::Any, command(n), 1 + (n % 4) as usize)).await.unwrap();
    }
}

async fn remove(store: &TestStore) {
    store.truncate_before(TENANT, stream(1), 5).await.unwrap();
    store.delete_stream(TENANT, stream(2)).await.unwrap();
    store.delete_stream(OTHER, stream(99)).await.unwrap();
}

async fn copy(from: &TestStore, to: &TestStore) -> Result<u64, TransferError> {
    copy_log(&*from.log().await, &*to.log().await, |_| {}).await.map(|copied| copied.events)
}

/// Where positions have gaps they are given anew, on the other side too.
async fn assert_same(from: &TestStore, to: &TestStore) -> Vec<StoredEvent> {
    let read = async |store: &TestStore| {
        let mut events = everything(&**store, Scope::System, 700).await;
        if from.is_far() || to.is_far() {
            assert!(events.is_sorted_by_key(|stored| stored.position));
            events.iter_mut().for_each(|stored| stored.position = Position(0));
        }
        events
    };
    let events = read(to).await;
    assert_eq!(events, read(from).await);
    let (from, to) = (from.log().await, to.log().await);
    let (end, other) = (from.head().await.unwrap(), to.head().await.unwrap());
    assert_eq!(digest(&*from, end).await, digest(&*to, other).await);
    events
}

/// Commands of a test: each takes long where a store is far.
fn commands(from: &TestStore, to: &TestStore) -> u128 {
    if from.is_far() || to.is_far() { 60 } else { 1_000 }
}

pub(super) async fn a_log_arrives_as_it_is(from: TestStore, to: TestStore) {
    let commands = commands(&from, &to);
    fill(&from, 0..commands / 2).await;
    append_newer(&from, 7_000, 3).await;
    fill(&from, commands / 2..commands).await;
    remove(&from).await;
    let (source, target) = (from.log().await, to.log().await);
    let mut seen = Vec::new();
    let copied = copy_log(&*source, &*target, |progress: Progress| seen.push(progress.position)).await.unwrap();
    let count = u64::try_from(commands).unwrap() * 5 / 2 + 3;
    assert_eq!((copied.events, copied.goal), (count, from.head().await.unwrap()));
    assert!(seen.is_sorted() && seen.last() == Some(&copied.goal), "{seen:?}");
    let events = assert_same(&from, &to).await;
    assert_eq!(events.len() as u64 + 3, count, "those of a newer kind are there, and not told");
    let removed = events.iter().filter(|stored| stored.is_truncated()).count() as u64;
    let all = digest(&*target, copied.end).await.unwrap();
    assert_eq!((all.events, all.deleted, all.removed, &all), (count, 2, removed, &copied.digest));
    assert_eq!(copied.is_renumbered(), from.is_far() || to.is_far());

    for (tenant, gone) in [(TENANT, stream(2)), (OTHER, stream(99))] {
        let refused = target.append(tenant, append(gone, Expected::Any, command(5_000), 1)).await;
        assert_eq!(refused, Err(AppendError::Deleted));
    }
    let again = append(stream(4), Expected::Any, command(4), 1);
    let earlier = source.append(TENANT, again.clone()).await.unwrap();
    let repeated = target.append(TENANT, again).await.unwrap();
    assert_eq!(repeated.revision, earlier.revision, "a command that was done is known");
    assert!(copied.is_renumbered() || repeated.position == earlier.position);
    let next = target.append(TENANT, append(stream(4), Expected::Any, command(5_001), 1)).await.unwrap();
    assert!(next.position > copied.end && (to.is_far() || next.position == Position(count + 1)));
}

pub(super) async fn a_copy_goes_on_where_it_stopped(from: TestStore, to: TestStore) {
    assert_eq!(copy(&from, &to).await, Ok(0), "nothing is a log as well");
    let (mut there, few) = (0, commands(&from, &to) < 1_000);
    for end in if few { [1, 3, 20, 21, 40, 42] } else { [1, 3, 400, 401, 800, 1_300] } {
        fill(&from, there..end).await;
        let events = (there..end).map(|n| 1 + u64::try_from(n % 4).unwrap()).sum();
        assert_eq!(copy(&from, &to).await, Ok(events), "up to command {end}");
        there = end;
    }
    assert_eq!(copy(&from, &to).await, Ok(0), "all of it is there");
}

pub(super) async fn what_is_removed_between_two_runs_goes_from_the_copy_too(from: TestStore, to: TestStore) {
    fill(&from, 0..40).await;
    copy(&from, &to).await.unwrap();
    from.truncate_before(TENANT, stream(1), 5).await.unwrap();
    from.truncate_before(OTHER, stream(3), 2).await.unwrap();
    fill(&from, 40..60).await;
    assert_eq!(copy(&from, &to).await, Ok(50), "it goes on where it stopped");
    let removed = |events: &[StoredEvent]| events.iter().filter(|stored| stored.is_truncated()).count();
    assert_eq!(removed(&assert_same(&from, &to).await), 7);
    remove(&from).await;
    assert_eq!(copy(&from, &to).await, Ok(0), "nothing but removals is left");
    assert!(removed(&assert_same(&from, &to).await) > 7);
    from.truncate_before(TENANT, stream(4), 3).await.unwrap();
    append_newer(&from, 7_001, 1).await;
    copy(&from, &to).await.unwrap();
    assert_same(&from, &to).await;
}

pub(super) async fn a_target_that_holds_something_else_is_refused_and_stays(from: TestStore, to: TestStore) {
    fill(&from, 0..10).await;
    to.append(TENANT, append(stream(1), Expected::Any, command(77), 2)).await.unwrap();
    let before = everything(&*to, Scope::System, 10).await;
    assert_eq!(copy(&from, &to).await, Err(TransferError::Foreign(command(77).event_id(1))));
    // The same command said something else there.
    let other = TestStore::memory();
    let mut said = append(stream(1), Expected::Any, command(77), 2);
    said.events[1].data = b"{\"said\":\"something else\"}".to_vec();
    other.append(TENANT, said).await.unwrap();
    assert_eq!(copy(&other, &to).await, Err(TransferError::Foreign(command(77).event_id(1))));
    assert_eq!(everything(&*to, Scope::System, 10).await, before);
}

pub(super) async fn whoever_writes_to_the_target_meanwhile_stops_the_copy(from: TestStore, to: TestStore) {
    for n in 0..1_000 {
        from.append(TENANT, append(stream(n / 400), Expected::Any, command(n), 3)).await.unwrap();
    }
    let (source, target) = (from.log().await, to.log().await);
    let stranger = to.log().await;
    let runtime = tokio::runtime::Handle::current();
    let mut wrote = false;
    let meddle = |progress: Progress| {
        if progress.position.0 >= 2_000 && !std::mem::replace(&mut wrote, true) {
            let append = stranger.append(TENANT, append(stream(200), Expected::Any, command(9_999), 1));
            tokio::task::block_in_place(|| runtime.block_on(append)).unwrap();
        }
    };
    assert_eq!(copy_log(&*source, &*target, meddle).await, Err(TransferError::Busy));
}

/// What an intruder does to an event of the source, and what is told of it.
async fn assert_told(store: &TestStore, damaged: Position, to: &TestStore) {
    let told = copy(store, to).await.unwrap_err().to_string();
    assert!(told.contains(&format!("position {damaged}")), "{told}");
    assert!(to.head().await.unwrap() < damaged, "nothing of the damaged page and after it is copied");
    assert!(to.head().await.unwrap() >= Position(1_000), "what is before it is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bit_that_was_flipped_in_a_file_is_found_and_named() {
    let store = TestStore::sqlite();
    fill(&store, 0..600).await;
    let meddling = rusqlite::Connection::open(store.file().unwrap()).unwrap();
    let flip = "DROP TRIGGER events_are_never_changed; DROP TRIGGER bodies_are_only_removed;
        UPDATE events SET body = CAST(replace(CAST(body AS TEXT), '0', '1') AS BLOB) WHERE position = 1234";
    meddling.execute_batch(flip).unwrap();
    assert_told(&store, Position(1_234), &TestStore::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bit_that_was_flipped_in_a_postgres_schema_is_found_and_named() {
    let store = TestStore::postgres().await;
    fill(&store, 0..600).await;
    let flip = "SET kilter.scope = 'system'; ALTER TABLE events DISABLE TRIGGER USER;
        UPDATE events SET details = set_bit(details, 100, 1 - get_bit(details, 100)) WHERE position = 1234";
    intruder(store.schema().unwrap()).await.batch_execute(flip).await.unwrap();
    assert_told(&store, Position(1_234), &TestStore::memory()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn digests_tell_logs_apart_and_not_where_they_lie() {
    let (one, two) = (TestStore::memory(), TestStore::sqlite());
    fill(&one, 0..50).await;
    fill(&two, 0..50).await;
    let at = async |store: &TestStore, upto| digest(&*store.log().await, Position(upto)).await.unwrap();
    let whole = at(&one, 123).await;
    assert_eq!(at(&two, 123).await, whole, "the same appends are the same log");
    assert_eq!(whole.events, 123);
    assert_ne!(at(&one, 122).await, whole, "an event less is another log");
    let kinds = [StreamType::Machine, StreamType::Job];
    for (n, kind) in kinds.into_iter().enumerate() {
        let mut beside = append(stream(1), Expected::Any, command(600 + n as u128), 1);
        beside.stream.kind = kind;
        two.append(TENANT, beside).await.unwrap();
    }
    assert_ne!(at(&two, 125).await.chains, whole.chains);
    two.delete_stream(TENANT, stream(3)).await.unwrap();
    assert_eq!(at(&two, 123).await.of_events(), whole.of_events());
    assert_ne!(at(&two, 123).await, whole);
}
