//! Whatever is done to a store, it answers as the reference model in memory does.

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Append, AppendError, Appended, Direction, Expected, Filter, Page, ReadError, Scope, StoredEvent};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tests::events::{append, command, stream};
use tests::stores::TestStore;
use uuid::Uuid;

/// Something to do to a store. Numbers are few, so that they meet.
#[derive(Debug, Clone)]
enum Step {
    Append { tenant: u128, stream: u128, expected: Expected, command: u128, events: usize },
    ReadStream { tenant: u128, stream: u128, from: u64, direction: Direction, limit: usize },
    ReadAll { tenant: Option<u128>, after: u64, limit: usize },
    Find { tenant: u128, command: u128, index: usize },
    Truncate { tenant: u128, stream: u128, revision: u64 },
    Delete { tenant: u128, stream: u128 },
    Reopen,
}

/// What a store answers.
#[derive(Debug, PartialEq)]
enum Answer {
    Appended(Result<Appended, AppendError>),
    Events(Result<Vec<StoredEvent>, ReadError>),
    Page(Vec<StoredEvent>, u64),
    Found(Result<Option<Box<StoredEvent>>, ReadError>),
    Removed(Result<(), AppendError>),
    Nothing,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (tenant, stream) = (0..2_u128, 0..4_u128);
    let expected = prop_oneof![
        4 => Just(Expected::Any),
        2 => Just(Expected::NoStream),
        4 => (0..8_u64).prop_map(Expected::Exact),
    ];
    let direction = prop_oneof![Just(Direction::Forward), Just(Direction::Backward)];
    let key = (tenant.clone(), stream);
    let step = prop_oneof![
        12 => (key.clone(), expected, 0..40_u128, 1..4_usize)
            .prop_map(|((tenant, stream), expected, command, events)| Step::Append { tenant, stream, expected, command, events }),
        3 => (key.clone(), 0..8_u64, direction, 0..6_usize)
            .prop_map(|((tenant, stream), from, direction, limit)| Step::ReadStream { tenant, stream, from, direction, limit }),
        3 => (proptest::option::of(tenant.clone()), 0..60_u64, 0..100_usize)
            .prop_map(|(tenant, after, limit)| Step::ReadAll { tenant, after, limit }),
        1 => (tenant, 0..40_u128, 0..3_usize).prop_map(|(tenant, command, index)| Step::Find { tenant, command, index }),
        1 => (key.clone(), 0..6_u64).prop_map(|((tenant, stream), revision)| Step::Truncate { tenant, stream, revision }),
        1 => key.prop_map(|(tenant, stream)| Step::Delete { tenant, stream }),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..60)
}

fn tenant(n: u128) -> TenantId {
    TenantId(Uuid::from_u128(0x7e00 + n))
}

fn key(tenant_number: u128, stream_number: u128) -> (TenantId, StreamId) {
    (tenant(tenant_number), stream(stream_number))
}

async fn answer(store: &mut TestStore, step: &Step) -> Answer {
    match *step {
        Step::Append { tenant, stream, expected, command: number, events } => {
            let (tenant, stream) = key(tenant, stream);
            let append: Append = append(stream, expected, command(number), events);
            Answer::Appended(store.append(tenant, append).await)
        }
        Step::ReadStream { tenant, stream, from, direction, limit } => {
            let (tenant, stream) = key(tenant, stream);
            Answer::Events(store.read_stream(tenant, stream, from, direction, limit).await)
        }
        Step::ReadAll { tenant: number, after, limit } => {
            let scope = number.map_or(Scope::System, |number| Scope::Tenant(tenant(number)));
            let after = domain::ports::Position(after);
            let Page { events, scanned_to } = store.read_all(scope, after, limit, Filter::default()).await.unwrap();
            Answer::Page(events, scanned_to.0)
        }
        Step::Find { tenant: number, command: asked, index } => Answer::Found(
            store.find(tenant(number), command(asked).event_id(index)).await.map(|found| found.map(Box::new)),
        ),
        Step::Truncate { tenant, stream, revision } => {
            let (tenant, stream) = key(tenant, stream);
            Answer::Removed(store.truncate_before(tenant, stream, revision).await)
        }
        Step::Delete { tenant, stream } => {
            let (tenant, stream) = key(tenant, stream);
            Answer::Removed(store.delete_stream(tenant, stream).await)
        }
        Step::Reopen => {
            store.reopen().await;
            Answer::Nothing
        }
    }
}

/// Runs random histories against the model and the store.
pub(super) fn holds_for(open: impl AsyncFn() -> TestStore, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut runner = TestRunner::new(ProptestConfig { cases, ..ProptestConfig::default() });
    let result = runner.run(&steps(), |steps| {
        runtime.block_on(async {
            let (mut model, mut store) = (TestStore::memory(), open().await);
            for step in &steps {
                prop_assert_eq!(answer(&mut store, step).await, answer(&mut model, step).await, "{:?}", step);
            }
            Ok(())
        })
    });
    if let Err(difference) = result {
        panic!("{difference}");
    }
}
