//! F9 and F11 for projections: batches that come twice, runners that race, rebuilds while everybody reads.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::kernel::TenantId;
use domain::ports::{EventStore, Position};
use infra::event_store::MemoryEventStore;
use infra::runner::{ProjectionSet, RunnerError};
use infra::views::{OpenError, SqliteViews, ViewStore};
use projections::activity_log::key_at;
use projections::job_board::JobBoard;
use projections::projection::Projection;
use tests::projecting::{Projecting, assert_rebuilt_is_live, in_memory, on_postgres};
use tests::shop_history::ShopHistory;
use tests::shop_store::fill;

const EVENTS: usize = 3_000;

fn tenant() -> TenantId {
    TenantId::from_name("shop")
}

async fn shop() -> (Arc<dyn EventStore>, ShopHistory) {
    let store = MemoryEventStore::new();
    let mut history = ShopHistory::new(11, tenant());
    fill(&store, &mut history, EVENTS).await;
    (Arc::new(store), history)
}

fn in_file(file: &Path) -> Arc<dyn ViewStore> {
    Arc::new(SqliteViews::open(file).unwrap())
}

async fn projected(views: Arc<dyn ViewStore>) -> (Projecting, ShopHistory) {
    let (store, history) = shop().await;
    let projecting = Projecting::start(store, views, &ProjectionSet::all()).await;
    projecting.settle().await;
    (projecting, history)
}

#[tokio::test]
async fn rebuilt_is_live() {
    every_row_is_what_its_rebuild_comes_to(in_memory()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rebuilt_is_live_on_postgres() {
    let (views, _schema) = on_postgres(&ProjectionSet::all()).await;
    every_row_is_what_its_rebuild_comes_to(views).await;
}

async fn every_row_is_what_its_rebuild_comes_to(views: Arc<dyn ViewStore>) {
    let (projecting, mut history) = projected(views).await;
    fill(&*projecting.store, &mut history, 500).await;
    projecting.settle().await;
    let rebuilt = assert_rebuilt_is_live(&projecting.runner).await;
    assert_eq!(rebuilt.len(), ProjectionSet::all().names().len());
    assert!(rebuilt.iter().any(|one| one.live.rows > 1_000));
    projecting.stop().await;
}

#[tokio::test]
async fn a_rebuild_finds_rows_that_are_not_what_the_log_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("views.db");
    let (projecting, _) = projected(in_file(&file)).await;
    let (store, _) = projecting.stop().await;
    let vandal = rusqlite::Connection::open(&file).unwrap();
    let table = format!("job_board_v{}_1", JobBoard::VERSION);
    vandal.execute(&format!("DELETE FROM {table} WHERE rowid IN (SELECT min(rowid) FROM {table})"), []).unwrap();
    drop(vandal);

    let projecting = Projecting::start(store, in_file(&file), &ProjectionSet::all()).await;
    let found = projecting.runner.rebuild(&[], |_| {}).await.unwrap();
    let different: Vec<_> = found.iter().filter(|one| !one.is_equal()).map(|one| one.projection).collect();
    assert_eq!(different, ["job_board"]);
    assert_rebuilt_is_live(&projecting.runner).await;
    projecting.stop().await;
}

#[tokio::test]
async fn readers_never_see_half_a_rebuild() {
    let folder = tempfile::tempdir().unwrap();
    readers_see_all_or_nothing(in_file(&folder.path().join("views.db"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_never_see_half_a_rebuild_on_postgres() {
    let (views, _schema) = on_postgres(&ProjectionSet::all()).await;
    readers_see_all_or_nothing(views).await;
}

async fn readers_see_all_or_nothing(views: Arc<dyn ViewStore>) {
    let (projecting, _) = projected(Arc::clone(&views)).await;
    let expected = projecting.views.count("activity_log", tenant(), Vec::new()).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            let mut counts = 0_u32;
            while !done.load(Ordering::Relaxed) {
                assert_eq!(views.count("activity_log", tenant(), Vec::new()).await.unwrap(), expected);
                counts += 1;
            }
            counts
        }
    });
    for _ in 0..3 {
        assert_rebuilt_is_live(&projecting.runner).await;
    }
    done.store(true, Ordering::Relaxed);
    assert!(reader.await.unwrap() > 10);
    projecting.stop().await;
}

#[tokio::test]
async fn a_rebuild_and_new_events_go_on_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    a_rebuild_goes_on_beside(in_file(&folder.path().join("views.db"))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_and_new_events_go_on_side_by_side_on_postgres() {
    let (views, _schema) = on_postgres(&ProjectionSet::all()).await;
    a_rebuild_goes_on_beside(views).await;
}

async fn a_rebuild_goes_on_beside(views: Arc<dyn ViewStore>) {
    let (projecting, mut history) = projected(views).await;
    let rebuild = projecting.runner.rebuild(&[], |_| {});
    let append = async {
        for _ in 0..20 {
            fill(&*projecting.store, &mut history, 25).await;
            let head = projecting.store.head().await.unwrap();
            projecting.runner.live().wait_for(head, Duration::from_secs(10)).await.unwrap();
        }
    };
    let (rebuilt, ()) = tokio::join!(rebuild, append);
    assert!(rebuilt.unwrap().iter().all(infra::runner::Rebuilt::is_equal));
    projecting.settle().await;
    assert_rebuilt_is_live(&projecting.runner).await;
    projecting.stop().await;
}

#[tokio::test]
async fn a_rebuild_does_not_run_ahead_of_projections_that_are_behind() {
    let (store, _) = shop().await;
    let projecting = Projecting::start(store, in_memory(), &ProjectionSet::all()).await;
    let rebuilt = projecting.runner.rebuild(&["job_detail".to_owned()], |_| {}).await.unwrap();
    assert!(rebuilt.iter().all(infra::runner::Rebuilt::is_equal), "{rebuilt:?}");
    projecting.settle().await;
    assert_rebuilt_is_live(&projecting.runner).await;
    projecting.stop().await;
}

#[tokio::test]
async fn batches_that_come_twice_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("views.db");
    let (projecting, _) = projected(in_file(&file)).await;
    let (store, _) = projecting.stop().await;
    let forgetful = rusqlite::Connection::open(&file).unwrap();
    forgetful.execute("UPDATE checkpoint SET position = 700, event = NULL", []).unwrap();
    drop(forgetful);

    let projecting = Projecting::start(store, in_file(&file), &ProjectionSet::all()).await;
    assert!(projecting.runner.live().position() < projecting.store.head().await.unwrap());
    projecting.settle().await;
    assert_rebuilt_is_live(&projecting.runner).await;
    projecting.stop().await;
}

#[tokio::test]
async fn a_projection_left_behind_catches_up_and_joins_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("views.db");
    let (projecting, mut history) = projected(in_file(&file)).await;
    let (store, _) = projecting.stop().await;
    let forgetful = rusqlite::Connection::open(&file).unwrap();
    forgetful.execute("DELETE FROM checkpoint WHERE projection IN ('job_board', 'timesheet')", []).unwrap();
    drop(forgetful);
    fill(&*store, &mut history, 200).await;

    let projecting = Projecting::start(store, in_file(&file), &ProjectionSet::all()).await;
    projecting.settle().await;
    let head = projecting.store.head().await.unwrap();
    assert!(projecting.runner.status().iter().all(|status| status.position == head));
    assert_rebuilt_is_live(&projecting.runner).await;
    projecting.stop().await;
}

#[tokio::test]
async fn two_runners_on_the_same_rows_fold_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let views = in_file(&folder.path().join("views.db"));
    let (store, mut history) = shop().await;
    let one = Projecting::start(Arc::clone(&store), views.clone(), &ProjectionSet::all()).await;
    let other = Projecting::start(Arc::clone(&store), views, &ProjectionSet::all()).await;
    for _ in 0..10 {
        fill(&*store, &mut history, 100).await;
    }
    one.settle().await;
    other.settle().await;
    other.stop().await;
    assert_rebuilt_is_live(&one.runner).await;
    one.stop().await;
}

#[tokio::test]
async fn rows_of_another_log_are_built_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("views.db");
    let (projecting, _) = projected(in_file(&file)).await;
    projecting.stop().await;
    let restored = MemoryEventStore::new();
    fill(&restored, &mut ShopHistory::new(99, tenant()), 400).await;

    let views = in_file(&file);
    let projecting = Projecting::start(Arc::new(restored), views, &ProjectionSet::all()).await;
    projecting.settle().await;
    assert_eq!(projecting.views.count("activity_log", tenant(), Vec::new()).await.unwrap(), 400);
    assert_rebuilt_is_live(&projecting.runner).await;
    projecting.stop().await;
}

#[tokio::test]
async fn a_damaged_file_is_moved_aside_and_built_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("views.db");
    std::fs::write(&file, vec![0x5a; 8192]).unwrap();
    let (projecting, _) = projected(in_file(&file)).await;
    assert!(folder.path().join("views.db.damaged").exists());
    assert_eq!(projecting.views.count("activity_log", tenant(), Vec::new()).await.unwrap(), EVENTS as u64);
    projecting.stop().await;
}

#[tokio::test]
async fn a_file_of_a_newer_build_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("views.db");
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(SqliteViews::open(&file), Err(OpenError::Newer { found: 99, .. })));
}

#[tokio::test]
async fn notices_come_in_order_without_a_gap_from_the_position_that_was_asked() {
    notices_have_no_gap(in_memory()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notices_come_in_order_without_a_gap_from_the_position_that_was_asked_on_postgres() {
    let (views, _schema) = on_postgres(&ProjectionSet::all()).await;
    notices_have_no_gap(views).await;
}

async fn notices_have_no_gap(views: Arc<dyn ViewStore>) {
    let (projecting, mut history) = projected(views).await;
    // Once one more batch is committed, the notices of those before are out: there may be more of them than are kept.
    fill(&*projecting.store, &mut history, 1).await;
    projecting.settle().await;
    let live = projecting.runner.live();
    let mut notices = live.subscribe(tenant());
    let mut others = live.subscribe(TenantId::from_name("somebody else"));
    let from = live.position();
    fill(&*projecting.store, &mut history, 300).await;
    projecting.settle().await;
    let mut notice = notices.recv().await.unwrap();
    while notice.position <= from {
        notice = notices.recv().await.unwrap();
    }
    for at in from.0 + 1..=from.0 + 300 {
        assert_eq!(notice.position, Position(at));
        assert_eq!(notice.event.envelope.position, Position(at));
        // Whoever is told finds the rows.
        let row = projecting.views.get("activity_log", tenant(), vec![key_at(notice.position)]).await.unwrap();
        assert_eq!(row.rows.len(), 1);
        if at < from.0 + 300 {
            notice = notices.recv().await.unwrap();
        }
    }
    assert!(others.try_recv().is_err());
    projecting.stop().await;
}

#[tokio::test]
async fn what_can_t_be_rebuilt_is_told() {
    let (projecting, _) = projected(in_memory()).await;
    let unknown = projecting.runner.rebuild(&["no_such".to_owned()], |_| {}).await;
    assert!(matches!(unknown, Err(RunnerError::UnknownProjection(name)) if name == "no_such"));
    let (one, other) = tokio::join!(projecting.runner.rebuild(&[], |_| {}), projecting.runner.rebuild(&[], |_| {}));
    assert!(one.is_ok());
    assert!(matches!(other, Err(RunnerError::Busy)));
    projecting.stop().await;
}
