//! What somebody dropped under running nodes, and what they do to each other's locks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::kernel::TenantId;
use domain::ports::Position;
use infra::runner::{Progress, ProjectionSet, RunnerError};
use infra::views::{RowStoreError, Shape};
use projections::views::Views;
use tests::cluster::{Cluster, Node};
use tests::projecting::assert_rebuilt_is_live;
use tests::shelf::{Shelf, machine, recorded, registered, renamed};
use tests::shop_history::ShopHistory;
use tests::shop_store::{append, fill};
use tests::view_stores::{SHELF, TestViews, table};
use uuid::Uuid;

const OURS: TenantId = TenantId(Uuid::from_u128(1));

/// Waits until so many jobs are there again.
async fn whole_again(node: &Node, jobs: u64) {
    let begun = Instant::now();
    while node.views.count("job_board", OURS, Vec::new()).await != Ok(jobs) {
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", node.runner.status());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_that_was_dropped_is_made_and_filled_anew_by_the_nodes_that_run() {
    let cluster = Cluster::default();
    let all = ProjectionSet::all();
    let (one, other) = (cluster.node(&all).await, cluster.node(&all).await);
    let mut history = ShopHistory::new(31, OURS);
    let told = [one.listen(OURS, 600), other.listen(OURS, 600)];
    fill(&*one.store, &mut history, 500).await;
    one.settle().await;
    other.settle().await;
    let jobs = one.views.count("job_board", OURS, Vec::new()).await.unwrap();
    cluster.meddle(&format!("DROP SCHEMA {} CASCADE", cluster.rows())).await;
    let begun = Instant::now();
    whole_again(&one, jobs).await;
    whole_again(&other, jobs).await;
    println!("made and filled anew after {:?}", begun.elapsed());
    fill(&*other.store, &mut history, 100).await;
    for told in told {
        let told: Vec<u64> = told.await.unwrap().into_iter().map(|position| position.0).collect();
        assert_eq!(told, (1..=600).collect::<Vec<u64>>(), "each once");
    }
    let leader = if one.leads().is_empty() { &other } else { &one };
    assert_rebuilt_is_live(&leader.runner).await;
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_rows_that_was_dropped_is_filled_anew() {
    let cluster = Cluster::default();
    let node = cluster.node(&ProjectionSet::new().with::<Shelf<false>>()).await;
    let told = node.listen(OURS, 2);
    append(&*node.store, &[recorded(OURS, machine(1), registered(1, "mill", None))]).await;
    node.settle().await;
    cluster.meddle("DROP TABLE shelf_v1_1").await;
    append(&*node.store, &[recorded(OURS, machine(1), renamed("mill again"))]).await;
    let begun = Instant::now();
    while node.views.count("shelf", OURS, Vec::new()).await != Ok(1) {
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", node.runner.status());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(told.await.unwrap(), [Position(1), Position(2)]);
    assert_rebuilt_is_live(&node.runner).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_a_follower_asks_for_the_lead_a_few_times_a_second() {
    let cluster = Cluster::default();
    let all = ProjectionSet::all();
    let (one, other) = (cluster.node(&all).await, cluster.node(&all).await);
    let mut history = ShopHistory::new(32, OURS);
    let (before, begun) = (other.gate.beats(), Instant::now());
    while begun.elapsed() < Duration::from_secs(3) {
        fill(&*one.store, &mut history, 10).await;
    }
    let beats = other.gate.beats() - before;
    assert!(beats as f64 <= begun.elapsed().as_secs_f64() * 2.0 + 1.0, "{beats} in {:?}", begun.elapsed());
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_that_was_given_up_compares_no_further() {
    let cluster = Cluster::default();
    let node = cluster.node(&ProjectionSet::all()).await;
    fill(&*node.store, &mut ShopHistory::new(33, OURS), 100).await;
    node.settle().await;
    let gate = Arc::clone(&node.gate);
    let hold = move |progress: Progress| {
        if progress.position == progress.head {
            gate.close();
        }
    };
    let intrude = async {
        node.until("it compares", || node.gate.holds()).await;
        cluster.interlude("job_board", "timesheet_v1_2").await;
        node.until("it leads no more", || node.gate.lost() > 0).await;
        node.until("it gives up", || node.gate.waiting() > 1).await;
        node.gate.open();
    };
    let (rebuilt, ()) = tokio::join!(node.runner.rebuild(&[], hold), intrude);
    assert!(matches!(rebuilt, Err(RunnerError::Views(RowStoreError::LeadLost))), "{rebuilt:?}");
    node.until("it compares no more", || node.gate.comparing() == 0).await;
    assert_eq!(node.gate.compared(), 1, "of a dozen");
    node.stop().await;
}

#[test]
fn nodes_that_lead_ask_and_resign_at_once_never_wait_for_each_other_in_a_circle() {
    let store = TestViews::postgres();
    let nodes = [store.other_node(), store.other_node(), store.other_node()];
    let forth: Vec<Shape> = ProjectionSet::all().shapes();
    let back: Vec<Shape> = forth.iter().rev().copied().collect();
    std::thread::scope(|scope| {
        for (number, node) in nodes.iter().enumerate() {
            let shapes = if number % 2 == 0 { &forth } else { &back };
            scope.spawn(move || {
                for round in 0..150 {
                    match node.rows.lead(shapes) {
                        Ok(_) | Err(RowStoreError::LeadLost) => {}
                        Err(error) => panic!("{error}"),
                    }
                    node.rows.ask_for_lead(shapes).unwrap();
                    if round % 3 == number {
                        node.rows.resign();
                    }
                }
            });
        }
    });
}

#[test]
fn tables_of_others_with_odd_names_are_swept_by_their_names() {
    let store = TestViews::postgres();
    store.fill(1, &[]);
    store.intrude(r#"CREATE TABLE "Odd ""name; DROP TABLE shelf_v1_1; --_v1_1" ()"#);
    store.transact(|transaction| transaction.sweep());
    assert!(store.rows.digests(&[table(1)]).is_ok());
    assert!(store.rows.checkpoints(&[SHELF]).unwrap()[0].is_some());
}

#[test]
fn rows_that_nobody_has_made_yet_are_told_as_that() {
    let store = TestViews::postgres();
    let asked = store.wait(store.views.count("shelf", OURS, Vec::new()));
    assert!(asked.unwrap_err().to_string().contains("the rows of shelf are not made yet"));
}
