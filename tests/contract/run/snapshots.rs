//! Snapshots save reading and never decide anything: with one that fits or with any other, what is answered is the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::jobs::job::{Job, JobState};
use domain::kernel::{Decider, StreamId, TenantId};
use domain::machines::machine::{Machine, MachineCommand, MachineState, MachineStatus};
use domain::machines::work_center::Reason;
use domain::ports::{Position, Snapshot, Snapshots};
use domain::run::{Command, RunError};
use domain::scheduling::site_plan::{PlanState, SitePlan};
use infra::event_store::chain::body_hash;
use infra::postgres::Postgres;
use infra::snapshots::{PostgresSnapshots, SqliteSnapshots};
use tests::events::stream;
use tests::floor::{Floor, TENANT, create_work_center, lathe, register_machine};
use tests::golden::assert_golden;
use tests::shop_history::ShopHistory;
use tests::stores::{Schema, TestStore, intruder, postgres_url};
use uuid::Uuid;

use super::misbehaving::{Misbehaving, Misbehaviour};

/// Events of a stream that is worth a snapshot.
const LONG: usize = 700;

fn change(number: usize) -> Command {
    let status = [MachineStatus::Running, MachineStatus::Setup][number % 2];
    let reason = Some(Reason::try_new(&format!("order {number}")).unwrap());
    Command::Machine(lathe(), MachineCommand::ChangeStatus { status, reason })
}

fn lathe_stream() -> StreamId {
    StreamId::new(Machine::STREAM, lathe().0)
}

/// A machine with a long history.
async fn long_history() -> Arc<Misbehaving> {
    let store = Arc::new(Misbehaving::new(TestStore::memory().shared(), Misbehaviour::Conflicts));
    let floor = Floor::over(store.clone());
    floor.run(create_work_center()).await.unwrap();
    floor.run(register_machine()).await.unwrap();
    for number in 0..LONG {
        floor.run(change(number)).await.unwrap();
    }
    store
}

/// A node that was just started does the next thing; how many events it read for that.
async fn goes_on(store: &Arc<Misbehaving>, snapshots: &SqliteSnapshots, number: usize) -> usize {
    let before = store.read();
    let started = Floor::with_snapshots(store.clone(), Arc::new(snapshots.clone()));
    let again = started.run(change(number - 1)).await.unwrap();
    assert_eq!((again.appended, again.revision), (0, number as u64), "it knows what the machine does");
    assert_eq!(started.run(change(number)).await.unwrap().revision, number as u64 + 1);
    store.read() - before
}

#[tokio::test]
async fn a_node_that_starts_reads_a_long_stream_from_its_snapshot_on() {
    let (store, folder) = (long_history().await, tempfile::tempdir().unwrap());
    let snapshots = SqliteSnapshots::open(&folder.path().join("snapshots.db")).unwrap();
    assert!(goes_on(&store, &snapshots, LONG).await > LONG, "there was none yet");
    let read = goes_on(&store, &snapshots, LONG + 1).await;
    assert!(read < 80, "{read} events");
}

#[tokio::test]
async fn snapshots_that_do_not_fit_are_as_good_as_none() {
    let (store, folder) = (long_history().await, tempfile::tempdir().unwrap());
    let snapshots = SqliteSnapshots::open(&folder.path().join("snapshots.db")).unwrap();
    goes_on(&store, &snapshots, LONG).await;
    let fits = snapshots.latest(TENANT, lathe_stream()).await.unwrap();
    let wrong = br#"{"Known":"?"}"#.to_vec();
    for (number, misfit) in [
        Snapshot { form: fits.form + 1, ..fits.clone() },
        Snapshot { event: Uuid::from_u128(7), ..fits.clone() },
        Snapshot { state: wrong, ..fits.clone() },
        Snapshot { state: Vec::new(), ..fits.clone() },
        Snapshot { revision: 90_000, ..fits.clone() },
        Snapshot { revision: 0, ..fits.clone() },
    ]
    .into_iter()
    .enumerate()
    {
        snapshots.keep(TENANT, lathe_stream(), misfit).await;
        assert!(goes_on(&store, &snapshots, LONG + 1 + number).await > LONG, "misfit {number}");
    }
}

#[tokio::test]
async fn a_snapshot_that_is_not_what_was_kept_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snapshots.db");
    let snapshots = SqliteSnapshots::open(&file).unwrap();
    let vandal = rusqlite::Connection::open(&file).unwrap();
    for change in ["state = zeroblob(100)", "revision = 9", "form = 2", "stream = zeroblob(16)"] {
        snapshots.keep(TENANT, stream(1), snapshot(1)).await;
        vandal.execute(&format!("UPDATE snapshots SET {change}"), []).unwrap();
        assert_eq!(snapshots.latest(TENANT, stream(1)).await, None, "{change}");
        assert_eq!(snapshots.latest(TENANT, StreamId::new(stream(1).kind, Uuid::nil())).await, None, "{change}");
        vandal.execute("DELETE FROM snapshots", []).unwrap();
    }
}

#[tokio::test]
async fn a_stream_that_was_truncated_or_deleted_is_not_known_by_its_snapshot() {
    let (store, folder) = (long_history().await, tempfile::tempdir().unwrap());
    let snapshots = SqliteSnapshots::open(&folder.path().join("snapshots.db")).unwrap();
    goes_on(&store, &snapshots, LONG).await;
    domain::ports::EventStore::delete_stream(&*store, TENANT, lathe_stream()).await.unwrap();
    let started = Floor::with_snapshots(store, Arc::new(snapshots));
    let refused = started.run(change(LONG)).await;
    assert!(!matches!(refused, Ok(_) | Err(RunError::Conflict { .. })), "{refused:?}");
}

fn snapshot(number: u64) -> Snapshot {
    let event = Uuid::from_u128(number.into());
    Snapshot { form: 1, event, revision: number, position: Position(number + 1), state: vec![7; 100] }
}

#[tokio::test]
async fn the_latest_is_kept_for_each_stream_of_each_tenant_until_the_file_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snapshots.db");
    the_latest_is_kept(&SqliteSnapshots::open(&file).unwrap()).await;
    let again = SqliteSnapshots::open(&file).unwrap();
    assert_eq!(again.latest(TENANT, stream(1)).await, Some(snapshot(2)));
    drop(again);
    std::fs::write(&file, vec![0x5a; 4096]).unwrap();
    let anew = SqliteSnapshots::open(&file).unwrap();
    assert_eq!(anew.latest(TENANT, stream(1)).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_latest_is_kept_for_each_stream_of_each_tenant_on_postgres() {
    let schema = Schema::scratch();
    let open = async || {
        let server = Postgres::new(&postgres_url(), schema.name()).unwrap();
        PostgresSnapshots::open(server).await.unwrap()
    };
    the_latest_is_kept(&open().await).await;
    let other_node = open().await;
    assert_eq!(other_node.latest(TENANT, stream(1)).await, Some(snapshot(2)));
    intruder(schema.name()).await.batch_execute("DROP TABLE snapshots").await.unwrap();
    assert_eq!(other_node.latest(TENANT, stream(1)).await, None, "what can't be had is as good as none");
    other_node.keep(TENANT, stream(1), snapshot(3)).await;
}

async fn the_latest_is_kept(snapshots: &dyn Snapshots) {
    let other = TenantId(Uuid::from_u128(0xbeef));
    snapshots.keep(TENANT, stream(1), snapshot(1)).await;
    snapshots.keep(TENANT, stream(1), snapshot(2)).await;
    snapshots.keep(other, stream(1), snapshot(3)).await;
    assert_eq!(snapshots.latest(TENANT, stream(1)).await, Some(snapshot(2)));
    assert_eq!(snapshots.latest(other, stream(1)).await, Some(snapshot(3)));
    assert_eq!(snapshots.latest(TENANT, stream(2)).await, None);
}

/// All states that a long history comes to. When this differs, older snapshots no longer say what the fold says: raise `STATE_FORM`
/// of that kind of stream, then run `./bless`.
#[test]
fn states_that_snapshots_hold_are_golden() {
    let mut jobs = BTreeMap::<StreamId, JobState>::new();
    let mut machines = BTreeMap::<StreamId, MachineState>::new();
    let mut plan = PlanState::default();
    for recorded in ShopHistory::new(5, TENANT).take(20_000) {
        let (stream, at) = (recorded.envelope.stream, recorded.envelope.happened_at);
        match recorded.event {
            domain::catalog::Event::Job(event) => {
                let state = jobs.remove(&stream).unwrap_or_default();
                jobs.insert(stream, Job::evolve(state, &event, at));
            }
            domain::catalog::Event::Machine(event) => {
                let state = machines.remove(&stream).unwrap_or_default();
                machines.insert(stream, Machine::evolve(state, &event, at));
            }
            domain::catalog::Event::Plan(event) => plan = SitePlan::evolve(plan, &event, at),
            _ => {}
        }
    }
    let plans = BTreeMap::from([(stream(0), plan)]);
    let lines = [
        format!("job form {}: {}", Job::STATE_FORM, digest(&jobs)),
        format!("machine form {}: {}", Machine::STATE_FORM, digest(&machines)),
        format!("plan form {}: {}", SitePlan::STATE_FORM, digest(&plans)),
    ];
    assert_golden("snapshots.txt", &(lines.join("\n") + "\n"));
}

fn digest<S: serde::Serialize>(states: &BTreeMap<StreamId, S>) -> String {
    // As values, whose maps are in order.
    let text: String = states.values().map(|state| serde_json::to_value(state).unwrap().to_string()).collect();
    body_hash(&[0; 16], text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
