//! Whatever is done to a store, it answers as the reference model in memory does.

use domain::kernel::{StreamId, TenantId};
use domain::ports::{
    Append, AppendError, Appended, Direction, Expected, Filter, Page, Position, ReadError, Scope, StoredEvent,
};
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

/// What a store answers, with positions as numbers of events.
#[derive(Debug, PartialEq)]
enum Answer {
    Appended(Result<Appended, AppendError>),
    Events(Result<Vec<StoredEvent>, ReadError>),
    /// With how many events of the scope were scanned until then.
    Page(Vec<StoredEvent>, usize),
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

/// A store, and where the events of everybody stand in it: positions are ordered and otherwise its own matter.
struct Subject {
    store: TestStore,
    places: Vec<(Position, TenantId)>,
}

impl Subject {
    fn new(store: TestStore) -> Self {
        Self { store, places: Vec::new() }
    }

    async fn look(&mut self) {
        let after = self.places.last().map_or(Position(0), |(position, _)| *position);
        let page = self.store.read_all(Scope::System, after, 1000, Filter::default()).await.unwrap();
        self.places.extend(page.events.iter().map(|stored| (stored.position, stored.tenant)));
    }

    /// The position of the event with this number; something beyond the end where there is none.
    fn position(&self, number: u64) -> Position {
        let Some(index) = number.checked_sub(1) else { return Position(0) };
        let last = self.places.last().map_or(0, |(position, _)| position.0);
        let place = usize::try_from(index).ok().and_then(|index| self.places.get(index));
        place.map_or(Position(last + number), |(position, _)| *position)
    }

    fn number(&self, position: Position) -> Position {
        let index = self.places.binary_search_by_key(&position, |(position, _)| *position).expect("a known position");
        Position(index as u64 + 1)
    }

    fn numbered(&self, mut stored: StoredEvent) -> StoredEvent {
        stored.position = self.number(stored.position);
        stored
    }

    fn all_numbered(&self, events: Vec<StoredEvent>) -> Vec<StoredEvent> {
        events.into_iter().map(|stored| self.numbered(stored)).collect()
    }

    fn scanned(&self, scope: Scope, to: Position) -> usize {
        let counts = |(position, tenant): &&(Position, TenantId)| {
            *position <= to && (scope == Scope::System || scope == Scope::Tenant(*tenant))
        };
        self.places.iter().filter(counts).count()
    }
}

async fn answer(subject: &mut Subject, step: &Step) -> Answer {
    let store = &mut subject.store;
    match *step {
        Step::Append { tenant, stream, expected, command: number, events } => {
            let (tenant, stream) = key(tenant, stream);
            let append: Append = append(stream, expected, command(number), events);
            let appended = store.append(tenant, append).await;
            subject.look().await;
            Answer::Appended(
                appended.map(|appended| Appended { position: subject.number(appended.position), ..appended }),
            )
        }
        Step::ReadStream { tenant, stream, from, direction, limit } => {
            let (tenant, stream) = key(tenant, stream);
            let events = store.read_stream(tenant, stream, from, direction, limit).await;
            Answer::Events(events.map(|events| subject.all_numbered(events)))
        }
        Step::ReadAll { tenant: number, after, limit } => {
            let scope = number.map_or(Scope::System, |number| Scope::Tenant(tenant(number)));
            let after = subject.position(after);
            let page = subject.store.read_all(scope, after, limit, Filter::default()).await;
            let Page { events, scanned_to } = page.unwrap();
            Answer::Page(subject.all_numbered(events), subject.scanned(scope, scanned_to))
        }
        Step::Find { tenant: number, command: asked, index } => {
            let found = store.find(tenant(number), command(asked).event_id(index)).await;
            Answer::Found(found.map(|found| found.map(|stored| Box::new(subject.numbered(stored)))))
        }
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
            let (mut model, mut subject) = (Subject::new(TestStore::memory()), Subject::new(open().await));
            for step in &steps {
                prop_assert_eq!(answer(&mut subject, step).await, answer(&mut model, step).await, "{:?}", step);
            }
            Ok(())
        })
    });
    if let Err(difference) = result {
        panic!("{difference}");
    }
}
