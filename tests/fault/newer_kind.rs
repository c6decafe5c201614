//! A newer node appends to streams of a kind that this one does not know: this one goes on with all the others, and what it leads
//! is no less than it was when a newer one leads it next.

use std::sync::Arc;

use domain::kernel::TenantId;
use domain::machines::machine::MachineEvent;
use domain::ports::EventStore;
use infra::runner::ProjectionSet;
use infra::views::{Checkpoint, Shape, ViewStore};
use projections::machine_board::MachineBoard;
use projections::views::decode;
use tests::newer::append_newer;
use tests::projecting::{Projecting, assert_rebuilt_is_live, in_memory, on_postgres};
use tests::shelf::{key, machine, recorded, registered, renamed};
use tests::shop_store::append;
use tests::stores::TestStore;
use uuid::Uuid;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));

fn set() -> ProjectionSet {
    ProjectionSet::new().with::<MachineBoard>()
}

async fn tell(store: &dyn EventStore, event: MachineEvent) {
    append(store, &[recorded(TENANT, machine(1), event)]).await;
}

async fn name(views: &Arc<dyn ViewStore>) -> String {
    let rows = views.get("machine_board", TENANT, vec![key(1)]).await.expect("rows").rows;
    decode::<MachineBoard>(&rows[0]).expect("a row").name.to_string()
}

async fn checkpoint(views: &Arc<dyn ViewStore>) -> Checkpoint {
    let views = Arc::clone(views);
    let read = move || views.checkpoints(&[Shape::of::<MachineBoard>()]);
    let found = tokio::task::spawn_blocking(read).await.expect("no panic").expect("checkpoints");
    found.into_iter().flatten().next().expect("a checkpoint")
}

async fn an_older_node_goes_on(store: TestStore, views: Arc<dyn ViewStore>) {
    append_newer(&store, 1, 2).await;
    let node = Projecting::start(store.shared(), views, &set()).await;
    tell(&*node.store, registered(1, "mill", None)).await;
    for n in 2..20 {
        append_newer(&store, n, 3).await;
        tell(&*node.store, renamed(&format!("mill {n}"))).await;
        if n % 4 == 0 {
            node.settle().await;
            assert_eq!(name(&node.views).await, format!("mill {n}"));
        }
    }
    append_newer(&store, 20, 1).await;
    // The next append wakes it, where nothing else does.
    tell(&*node.store, renamed("the last one")).await;
    append_newer(&store, 21, 1).await;
    tell(&*node.store, renamed("the very last one")).await;
    node.settle().await;
    assert_rebuilt_is_live(&node.runner).await;
    assert!(node.runner.status().iter().all(|status| status.parked.is_empty()), "nothing is put aside");
    let (_, views) = node.stop().await;

    append_newer(&store, 22, 1).await;
    let again = Projecting::start(store.shared(), views, &set()).await;
    again.settle().await;
    let at = checkpoint(&again.views).await;
    assert_eq!(at.position, store.head().await.expect("a head"));
    assert_eq!(at.event, None, "a newer node, which knows the event there, takes it for no other log");
    let (_, views) = again.stop().await;
    let third = Projecting::start(store.shared(), views, &set()).await;
    third.settle().await;
    assert_eq!(checkpoint(&third.views).await.table, at.table, "nothing is built anew");
    assert_eq!(name(&third.views).await, "the very last one");
    third.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_node_on_a_file_goes_on_while_a_newer_kind_is_written() {
    an_older_node_goes_on(TestStore::sqlite(), in_memory()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_node_on_postgres_goes_on_while_a_newer_kind_is_written() {
    let (views, _schema) = on_postgres(&set()).await;
    an_older_node_goes_on(TestStore::postgres().await, views).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_node_on_eventstoredb_goes_on_while_a_newer_kind_is_written() {
    an_older_node_goes_on(TestStore::eventstoredb().await, in_memory()).await;
}
