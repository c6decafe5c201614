//! F10: an event that can't be folded stops its own stream for the projection concerned, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use domain::kernel::{Context, StreamId, TenantId};
use domain::machines::machine::{MachineEvent, MachineStatus};
use domain::ports::{Codec, CodecError, EventStore, Future, NewEvent, Position, Recorded, StoredEvent};
use infra::event_store::MemoryEventStore;
use infra::runner::{ProjectionSet, Runner};
use infra::views::{Shape, ViewStore};
use projections::views::decode;
use tests::projecting::{Projecting, codec, digest, in_memory, on_postgres};
use tests::shelf::{CURSED, ENDLESS, Shelf, ShelfRow, changed, key, machine, recorded, registered, renamed};
use tests::shop_store::append;
use uuid::Uuid;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const SHELF: &str = "shelf";
const POISONED: u32 = 1;
const HEALTHY: u32 = 2;

type Broken = Shelf<true>;
type Fixed = Shelf<false>;

fn faulty() -> ProjectionSet {
    ProjectionSet::new().with::<Broken>().with::<projections::machine_board::MachineBoard>()
}

fn fixed() -> ProjectionSet {
    ProjectionSet::new().with::<Fixed>().with::<projections::machine_board::MachineBoard>()
}

async fn tell(store: &dyn EventStore, n: u32, event: MachineEvent) {
    append(store, &[recorded(TENANT, machine(n), event)]).await;
}

async fn row(views: &Arc<dyn ViewStore>, n: u32) -> Option<ShelfRow> {
    let rows = views.get(SHELF, TENANT, vec![key(n)]).await.unwrap();
    rows.rows.first().map(|stored| decode::<Fixed>(stored).unwrap())
}

/// Streams that each projection has put aside.
fn parked(runner: &Runner) -> Vec<(&'static str, StreamId, u64)> {
    let parked = runner.status().into_iter().flat_map(|status| status.parked);
    parked.map(|parked| (parked.projection, parked.stream, parked.revision)).collect()
}

/// Two machines, one of which then does `poison` and goes on; the other one goes on as well.
async fn with_poison(poison: MachineEvent, views: Arc<dyn ViewStore>) -> Projecting {
    let store = Arc::new(MemoryEventStore::new());
    let projecting = Projecting::start(store, views, &faulty()).await;
    let store = &*projecting.store;
    tell(store, POISONED, registered(POISONED, "mill", None)).await;
    tell(store, HEALTHY, registered(HEALTHY, "lathe", None)).await;
    tell(store, POISONED, poison).await;
    // By itself: what comes with it may make the row whole again.
    projecting.settle().await;
    tell(store, POISONED, renamed("mill again")).await;
    tell(store, HEALTHY, renamed("lathe again")).await;
    projecting.settle().await;
    projecting
}

/// After the fix everything comes to what a fold of the whole log comes to.
async fn heals(projecting: Projecting) {
    let (store, views) = projecting.stop().await;
    let healed = Projecting::start(store, views, &fixed()).await;
    assert_eq!(parked(&healed.runner), [(SHELF, machine(POISONED), 1)], "it is still aside until somebody asks");
    healed.runner.retry_parked().await.unwrap();
    assert_eq!(parked(&healed.runner), []);
    assert_eq!(row(&healed.views, POISONED).await.unwrap().name, "mill again");

    let (store, views) = healed.stop().await;
    let anew = Projecting::start(store, in_memory(), &fixed()).await;
    anew.settle().await;
    let shape = Shape::of::<Fixed>();
    assert_eq!(digest(&views, shape).await, digest(&anew.views, shape).await);
    anew.stop().await;
}

#[tokio::test]
async fn a_fold_that_panics_stops_one_stream_for_one_projection() {
    a_panic_stops_one_stream(in_memory()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fold_that_panics_stops_one_stream_for_one_projection_on_postgres() {
    let (views, _schema) = on_postgres(&faulty()).await;
    a_panic_stops_one_stream(views).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_too_long_for_an_index_stops_one_stream_for_one_projection() {
    let (views, _schema) = on_postgres(&faulty()).await;
    for views in [views, in_memory()] {
        let projecting = with_poison(renamed(ENDLESS), views).await;
        assert_eq!(parked(&projecting.runner), [(SHELF, machine(POISONED), 1)]);
        assert_eq!(row(&projecting.views, HEALTHY).await.unwrap().name, "lathe again");
        heals(projecting).await;
    }
}

async fn a_panic_stops_one_stream(views: Arc<dyn ViewStore>) {
    let projecting = with_poison(renamed(CURSED), views).await;
    assert_eq!(parked(&projecting.runner), [(SHELF, machine(POISONED), 1)]);
    let held = row(&projecting.views, POISONED).await.unwrap();
    assert_eq!((held.name.as_str(), held.events), ("mill", 1), "the row is as it was before the poison");
    assert_eq!(row(&projecting.views, HEALTHY).await.unwrap().name, "lathe again");
    let boards = projecting.views.get("machine_board", TENANT, vec![key(POISONED)]).await.unwrap();
    assert_eq!(boards.rows[0].position, Position(4), "the other projection has gone on with that stream");
    heals(projecting).await;
}

#[tokio::test]
async fn an_impossible_event_stops_one_stream_for_one_projection() {
    let projecting = with_poison(changed(MachineStatus::Down, MachineStatus::Available), in_memory()).await;
    assert_eq!(parked(&projecting.runner), [(SHELF, machine(POISONED), 1)]);
    assert_eq!(row(&projecting.views, POISONED).await.unwrap().name, "mill");
    heals(projecting).await;
}

#[tokio::test]
async fn the_others_are_never_a_second_behind() {
    let projecting = with_poison(renamed(CURSED), in_memory()).await;
    let live = projecting.runner.live();
    for n in 10..40 {
        tell(&*projecting.store, POISONED, renamed(CURSED)).await;
        tell(&*projecting.store, n, registered(n, "press", None)).await;
        let head = projecting.store.head().await.unwrap();
        live.wait_for(head, Duration::from_secs(1)).await.unwrap();
    }
    assert!(projecting.runner.status().iter().all(|status| status.behind < Duration::from_secs(1)));
    assert_eq!(projecting.views.count(SHELF, TENANT, Vec::new()).await.unwrap(), 32);
    projecting.stop().await;
}

#[tokio::test]
async fn many_poisoned_streams_in_one_batch_leave_the_rest_alone() {
    let store = MemoryEventStore::new();
    let mut events = Vec::new();
    for n in 0..400 {
        events.push(recorded(TENANT, machine(n), registered(n, "press", None)));
        events.push(recorded(TENANT, machine(n), renamed(if n % 2 == 0 { CURSED } else { "sound" })));
        events.push(recorded(TENANT, machine(n), renamed("later")));
    }
    append(&store, &events).await;
    let projecting = Projecting::start(Arc::new(store), in_memory(), &faulty()).await;
    projecting.settle().await;
    assert_eq!(parked(&projecting.runner).len(), 200);
    for n in 0..400 {
        let expected = if n % 2 == 0 { ("press", 1) } else { ("later", 3) };
        let row = row(&projecting.views, n).await.unwrap();
        assert_eq!((row.name.as_str(), row.events), expected);
    }
    projecting.stop().await;
}

#[tokio::test]
async fn an_event_that_nobody_can_read_stops_its_stream_until_somebody_can() {
    let store: Arc<dyn EventStore> = Arc::new(MemoryEventStore::new());
    tell(&*store, POISONED, registered(POISONED, "mill", None)).await;
    tell(&*store, POISONED, renamed("unreadable")).await;
    tell(&*store, POISONED, renamed("mill again")).await;
    tell(&*store, HEALTHY, registered(HEALTHY, "lathe", None)).await;
    let views = in_memory();
    let blind = Projecting::with_codec(store, views, &fixed(), Arc::new(Blind(codec()))).await;
    blind.settle().await;
    let aside = [(SHELF, machine(POISONED), 1), ("machine_board", machine(POISONED), 1)];
    assert_eq!(parked(&blind.runner), aside);
    assert!(row(&blind.views, HEALTHY).await.is_some());
    assert_eq!(row(&blind.views, POISONED).await.unwrap().name, "mill");

    let (store, views) = blind.stop().await;
    let seeing = Projecting::start(store, views, &fixed()).await;
    let retried = seeing.runner.retry_parked().await.unwrap();
    assert_eq!(retried.iter().map(|one| one.parked).sum::<usize>(), 0);
    assert_eq!(row(&seeing.views, POISONED).await.unwrap().name, "mill again");
    seeing.stop().await;
}

/// Can't read events whose body says so.
struct Blind(Arc<dyn Codec>);

impl Codec for Blind {
    fn encode<'a>(
        &'a self,
        stream: StreamId,
        events: Vec<domain::catalog::Event>,
        context: &'a Context,
    ) -> Future<'a, Result<Vec<NewEvent>, CodecError>> {
        self.0.encode(stream, events, context)
    }

    fn decode(&self, stored: &StoredEvent) -> Result<Recorded, CodecError> {
        if String::from_utf8_lossy(&stored.event.data).contains("unreadable") {
            let (event, name) = (stored.event.event_id, stored.event.event_type.to_string());
            return Err(CodecError::Unknown { event, name, version: stored.event.schema_version });
        }
        self.0.decode(stored)
    }

    fn decode_open<'a>(&'a self, stored: &'a [StoredEvent]) -> Future<'a, Result<Vec<Recorded>, CodecError>> {
        self.0.decode_open(stored)
    }
}
