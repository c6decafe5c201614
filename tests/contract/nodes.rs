//! Several nodes over one log and one set of rows: each projection is led by one of them, all tell everything once and in order,
//! and whatever becomes of a leader another one goes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::kernel::TenantId;
use domain::ports::{EventStore, Position, Recorded};
use infra::runner::{Progress, ProjectionSet, RunnerError};
use infra::views::RowStoreError;
use projections::projection::{IndexColumn, Projection, Value};
use projections::views::Views;
use tests::cluster::{Cluster, Node};
use tests::postgres_server::{PostgresServer, Stop};
use tests::projecting::assert_rebuilt_is_live;
use tests::shelf::{CURSED, Shelf, ShelfRow, key, machine, recorded, registered, renamed};
use tests::shop_history::ShopHistory;
use tests::shop_store::{append, fill};
use tokio::task::JoinHandle;
use uuid::Uuid;

const OURS: TenantId = TenantId(Uuid::from_u128(1));
const THEIRS: TenantId = TenantId(Uuid::from_u128(2));
const EACH: usize = 1_000;

/// Within this, another node leads.
const MOVED: Duration = Duration::from_secs(5);

fn tenants() -> (ShopHistory, ShopHistory) {
    (ShopHistory::new(21, OURS), ShopHistory::new(22, THEIRS))
}

async fn two(cluster: &Cluster) -> (Node, Node) {
    let all = ProjectionSet::all();
    let (one, other) = (cluster.node(&all).await, cluster.node(&all).await);
    assert!(one.leads().len() > 1 && other.leads().is_empty());
    (one, other)
}

/// Everything that a node tells of both tenants.
fn listen(node: &Node, of_each: usize) -> [JoinHandle<Vec<Position>>; 2] {
    [node.listen(OURS, of_each), node.listen(THEIRS, of_each)]
}

/// Every position after `from` once, and in order within each tenant.
async fn each_once(told: [JoinHandle<Vec<Position>>; 2], from: u64) {
    let mut all = Vec::new();
    for told in told {
        let told = told.await.unwrap();
        assert!(told.is_sorted());
        all.extend(told.into_iter().map(|position| position.0));
    }
    all.sort_unstable();
    assert_eq!(all, (from + 1..=from + all.len() as u64).collect::<Vec<_>>());
}

/// In pieces, as a shop works.
async fn work(store: &dyn EventStore, history: &mut ShopHistory, count: usize) {
    for _ in 0..count / 50 {
        fill(store, history, 50).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_node_tells_every_event_once_and_in_order() {
    let cluster = Cluster::default();
    let (one, other) = two(&cluster).await;
    let (mut ours, mut theirs) = tenants();
    let told = [listen(&one, EACH), listen(&other, EACH)];
    tokio::join!(work(&*one.store, &mut ours, EACH), work(&*other.store, &mut theirs, EACH));
    for told in told {
        each_once(told, 0).await;
    }
    other.settle().await;
    let head = other.store.head().await.unwrap();
    assert!(other.runner.status().iter().all(|status| status.position == head && !status.leads));
    assert_rebuilt_is_live(&one.runner).await;
    assert_eq!(other.views.count("activity_log", OURS, Vec::new()).await.unwrap(), EACH as u64);
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_that_stops_hands_over_at_once() {
    let cluster = Cluster::default();
    let (one, other) = two(&cluster).await;
    let (mut ours, mut theirs) = tenants();
    let told = listen(&other, EACH);
    work(&*one.store, &mut ours, EACH / 2).await;
    work(&*one.store, &mut theirs, EACH).await;
    one.runner.stop().await;
    let took = other.led().await;
    assert!(took < Duration::from_secs(2), "{took:?}");
    work(&*one.store, &mut ours, EACH / 2).await;
    each_once(told, 0).await;
    assert_rebuilt_is_live(&other.runner).await;
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_that_is_cut_off_loses_the_lead_and_follows_when_it_is_back() {
    let cluster = Cluster::default();
    let (one, other) = two(&cluster).await;
    let (mut ours, mut theirs) = tenants();
    let told = [listen(&one, EACH), listen(&other, EACH)];
    work(&*one.store, &mut ours, EACH / 2).await;
    one.wire.cut();
    let took = other.led().await;
    assert!(took < MOVED, "{took:?}");
    work(&*one.store, &mut theirs, EACH).await;
    other.settle().await;
    one.until("it claims nothing that it can't know", || one.leads().is_empty()).await;
    one.wire.mend();
    work(&*one.store, &mut ours, EACH / 2).await;
    for told in told {
        each_once(told, 0).await;
    }
    assert!(one.leads().is_empty());
    assert_rebuilt_is_live(&other.runner).await;
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leader_that_hangs_before_it_writes_writes_nothing_once_it_leads_no_more() {
    let cluster = Cluster::default();
    let (one, other) = two(&cluster).await;
    let (mut ours, mut theirs) = tenants();
    let told = [listen(&one, EACH), listen(&other, EACH)];
    work(&*one.store, &mut ours, EACH / 2).await;
    one.settle().await;
    one.gate.close();
    fill(&*other.store, &mut ours, 50).await;
    one.until("it hangs", || one.gate.holds()).await;
    let took = other.led().await;
    assert!(took < MOVED, "{took:?}");
    work(&*other.store, &mut theirs, EACH).await;
    other.settle().await;
    one.gate.open();
    one.until("it is told", || one.gate.outcome().is_some()).await;
    assert_eq!(one.gate.outcome(), Some(Err(RowStoreError::LeadLost)));
    work(&*other.store, &mut ours, EACH / 2 - 50).await;
    for told in told {
        each_once(told, 0).await;
    }
    assert!(one.leads().is_empty());
    assert_rebuilt_is_live(&other.runner).await;
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_leader_puts_aside_every_node_shows_and_may_try_again() {
    let cluster = Cluster::default();
    let one = cluster.node(&ProjectionSet::new().with::<Shelf<true>>()).await;
    // The build with the fix.
    let other = cluster.node(&ProjectionSet::new().with::<Shelf<false>>()).await;
    let events = [registered(1, "mill", None), renamed(CURSED), renamed("mill again")];
    append(&*one.store, &events.map(|event| recorded(OURS, machine(1), event))).await;
    let parked = |node: &Node| node.runner.status()[0].parked.iter().map(|parked| parked.revision).collect::<Vec<_>>();
    one.until("the leader shows what it put aside", || parked(&one) == [1]).await;
    other.until("the other one shows it", || parked(&other) == [1]).await;
    let retried = other.runner.retry_parked().await.unwrap();
    assert_eq!(retried.len(), 1);
    assert!(parked(&other).is_empty());
    one.until("it shows that nothing is put aside", || parked(&one).is_empty()).await;
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_takes_the_lead_of_what_it_builds_only() {
    let cluster = Cluster::default();
    let (one, other) = two(&cluster).await;
    let (mut ours, mut theirs) = tenants();
    let told = [listen(&one, EACH), listen(&other, EACH)];
    work(&*one.store, &mut ours, EACH).await;
    let named = ["job_board".to_owned()];
    let (rebuilt, ()) = tokio::join!(other.runner.rebuild(&named, |_| {}), work(&*one.store, &mut theirs, EACH / 2));
    assert!(rebuilt.unwrap().iter().all(infra::runner::Rebuilt::is_equal));
    assert_eq!(other.leads(), ["job_board"]);
    one.until("it follows", || !one.leads().contains(&"job_board")).await;
    work(&*other.store, &mut theirs, EACH / 2).await;
    for told in told {
        each_once(told, 0).await;
    }
    assert_rebuilt_is_live(&one.runner).await;
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_does_not_outlive_a_lead_that_was_lost_and_regained() {
    let cluster = Cluster::default();
    let node = cluster.node(&ProjectionSet::new().with::<Shelf<false>>()).await;
    append(&*node.store, &[recorded(OURS, machine(1), registered(1, "mill", None))]).await;
    node.settle().await;
    let gate = Arc::clone(&node.gate);
    let hold = move |progress: Progress| {
        if progress.position == progress.head {
            gate.close();
        }
    };
    let intrude = async {
        node.until("it compares", || node.gate.holds()).await;
        cluster.interlude("shelf", "shelf_v1_2").await;
        node.until("it leads no more", || node.gate.lost() > 0).await;
        node.gate.open();
    };
    let (rebuilt, ()) = tokio::join!(node.runner.rebuild(&[], hold), intrude);
    assert!(matches!(rebuilt, Err(RunnerError::Views(RowStoreError::LeadLost))), "{rebuilt:?}");
    assert_eq!(node.views.count("shelf", OURS, Vec::new()).await.unwrap(), 1);
    assert_rebuilt_is_live(&node.runner).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_leader_makes_anew_what_a_crash_of_the_server_took_back() {
    let cluster = Cluster::default();
    let node = cluster.node(&ProjectionSet::new().with::<Shelf<false>>()).await;
    let told = node.listen(OURS, 2);
    let events = [registered(1, "mill", None), renamed("mill again")];
    append(&*node.store, &events.map(|event| recorded(OURS, machine(1), event))).await;
    node.settle().await;
    cluster.take_back("shelf", "shelf_v1_1").await;
    let begun = Instant::now();
    while node.views.count("shelf", OURS, Vec::new()).await.unwrap() == 0 {
        assert!(begun.elapsed() < MOVED, "{:?}", node.runner.status());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(told.await.unwrap(), [Position(1), Position(2)]);
    assert_rebuilt_is_live(&node.runner).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_does_not_wait_for_ever_for_the_lead() {
    let cluster = Cluster::default();
    let shelf = ProjectionSet::new().with::<Shelf<false>>();
    cluster.node(&shelf).await.runner.stop().await;
    cluster.occupy("shelf").await;
    let node = cluster.node(&shelf).await;
    let refused = node.runner.rebuild(&[], |_| {}).await;
    assert!(matches!(refused, Err(RunnerError::LedElsewhere("shelf"))), "{refused:?}");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_build_goes_on_beside_a_newer_one() {
    let cluster = Cluster::default();
    let older = cluster.node(&ProjectionSet::new().with::<Shelf<false>>()).await;
    append(&*older.store, &[recorded(OURS, machine(1), registered(1, "mill", None))]).await;
    older.settle().await;
    let newer = cluster.node(&ProjectionSet::new().with::<NewShelf>()).await;
    newer.settle().await;
    append(&*newer.store, &[recorded(OURS, machine(2), registered(2, "lathe", None))]).await;
    for node in [&older, &newer] {
        node.settle().await;
        assert_eq!(node.leads(), ["shelf"]);
        let rows = node.views.get("shelf", OURS, vec![key(1), key(2)]).await.unwrap();
        assert_eq!(rows.rows.len(), 2);
    }
    assert_rebuilt_is_live(&newer.runner).await;
    assert_rebuilt_is_live(&older.runner).await;
    older.stop().await;
    newer.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_for_a_while_is_waited_for() {
    let server = PostgresServer::start();
    let cluster = Cluster::on(server.url());
    let (one, other) = two(&cluster).await;
    let (mut ours, mut theirs) = tenants();
    let told = [listen(&one, EACH), listen(&other, EACH)];
    work(&*one.store, &mut ours, EACH).await;
    server.stop(Stop::Fast);
    // Longer than a lease.
    tokio::time::sleep(Duration::from_secs(4)).await;
    server.resume();
    work(&*other.store, &mut theirs, EACH).await;
    for told in told {
        each_once(told, 0).await;
    }
    one.until("one of them leads", || one.leads().len() + other.leads().len() == ProjectionSet::all().names().len())
        .await;
    one.stop().await;
    other.stop().await;
}

/// The shelf of a newer build.
struct NewShelf;

impl Projection for NewShelf {
    const NAME: &'static str = Shelf::<false>::NAME;
    const VERSION: u32 = Shelf::<false>::VERSION + 1;
    const INDEXES: &'static [IndexColumn] = Shelf::<false>::INDEXES;
    type Row = ShelfRow;

    fn keys(event: &Recorded) -> Vec<String> {
        Shelf::<false>::keys(event)
    }

    fn evolve(row: Option<ShelfRow>, key: &str, event: &Recorded) -> Option<ShelfRow> {
        Shelf::<false>::evolve(row, key, event)
    }

    fn index(row: &ShelfRow) -> Vec<Value> {
        Shelf::<false>::index(row)
    }
}
