//! A command is done once, whatever happens to the questions and the answers.

use std::sync::Arc;

use domain::jobs::job::JobCommand;
use domain::kernel::Timestamp;
use domain::ports::EventStore;
use domain::run::{Done, Request, RunError};
use tests::stores::{TestStore, whole_stream};

use super::misbehaving::{Misbehaving, Misbehaviour};

use tests::floor::{
    Floor, MILLING, TENANT, TURNING, command_id, create_job_numbered, finish, job_stream, minute, on_job, report, start,
};

async fn length(store: &TestStore) -> usize {
    whole_stream(&**store, TENANT, job_stream()).await.len()
}

#[tokio::test]
async fn the_same_command_id_gives_the_first_answer() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    floor.run(start()).await.unwrap();
    floor.clock.advance_seconds(60);
    let first = floor.run_as(1, finish(TURNING)).await.unwrap();
    assert_eq!(first.appended, 2, "the report and the end");
    floor.run(finish(MILLING)).await.unwrap();
    for node in [floor, Floor::over(store.shared())] {
        assert_eq!(node.run_as(1, finish(TURNING)).await.unwrap(), Done { appended: 0, ..first });
    }
    assert_eq!(length(&store).await, 6);
}

#[tokio::test]
async fn a_command_id_of_another_stream_is_refused() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    floor.run_as(1, report(1)).await.unwrap();
    let other = floor.run_as(1, create_job_numbered("J2")).await;
    assert!(matches!(other, Err(RunError::CommandIdReused(id)) if id == command_id(1)), "{other:?}");
}

#[tokio::test]
async fn what_is_true_already_appends_nothing() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    let first = floor.run(report(1)).await.unwrap();
    assert_eq!(floor.run(report(1)).await.unwrap(), Done { appended: 0, ..first });
}

#[tokio::test]
async fn a_stale_edit_is_refused_with_the_revision_of_now_and_not_tried_again() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    let promise = |due: Timestamp, expected_revision| Request {
        expected_revision: Some(expected_revision),
        ..on_job(JobCommand::Promise(due)).into()
    };
    let stale = floor.ask(promise(minute(1), 7)).await;
    assert!(matches!(stale, Err(RunError::Conflict { actual: Some(0) })), "{stale:?}");
    assert_eq!(floor.ask(promise(minute(1), 0)).await.unwrap().revision, 1);
    let late = floor.ask(promise(minute(2), 0)).await;
    assert!(matches!(late, Err(RunError::Conflict { actual: Some(1) })), "{late:?}");
}

#[tokio::test]
async fn a_repeated_command_gets_its_first_answer_though_its_expected_revision_is_past() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    let request = || Request { command_id: Some(command_id(1)), expected_revision: Some(0), ..report(1).into() };
    let first = floor.ask(request()).await.unwrap();
    assert_eq!(floor.ask(request()).await.unwrap(), Done { appended: 0, ..first });
}

async fn misbehaving(kind: Misbehaviour) -> (TestStore, Arc<Misbehaving>, Floor) {
    let store = TestStore::memory();
    let wrong = Arc::new(Misbehaving::new(store.shared(), kind));
    let floor = Floor::set_up(Arc::clone(&wrong) as Arc<dyn EventStore>).await;
    (store, wrong, floor)
}

#[tokio::test]
async fn an_unknown_outcome_is_asked_again_and_nothing_is_done_twice() {
    for kind in [Misbehaviour::CommitsInSilence, Misbehaviour::LosesInSilence] {
        let (store, wrong, floor) = misbehaving(kind).await;
        wrong.misbehave(3);
        let done = floor.run(start()).await.unwrap();
        assert_eq!((done.revision, length(&store).await), (1, 2), "{kind:?}");
        assert_eq!(floor.run(finish(TURNING)).await.unwrap().revision, 2, "{kind:?}");
    }
}

#[tokio::test]
async fn an_outcome_that_stays_unknown_is_said_so_and_the_same_id_tells_later() {
    for kind in [Misbehaviour::CommitsInSilence, Misbehaviour::LosesInSilence] {
        let (store, wrong, floor) = misbehaving(kind).await;
        wrong.misbehave(1_000);
        let unknown = floor.run_as(1, start()).await;
        assert!(matches!(unknown, Err(RunError::OutcomeUnknown(_))), "{unknown:?}");
        wrong.misbehave(0);
        assert_eq!(floor.run_as(1, start()).await.unwrap().revision, 1, "{kind:?}");
        assert_eq!(length(&store).await, 2, "{kind:?}");
    }
}

#[tokio::test]
async fn a_conflict_is_decided_anew_five_times_at_most() {
    let (store, wrong, floor) = misbehaving(Misbehaviour::Conflicts).await;
    wrong.misbehave(4);
    assert_eq!(floor.run(report(1)).await.unwrap().revision, 1);
    wrong.misbehave(100);
    let conflict = floor.run(report(2)).await;
    assert!(matches!(conflict, Err(RunError::Conflict { actual: Some(99) })), "{conflict:?}");
    assert_eq!(wrong.left(), 95);
    let expecting = Request { expected_revision: Some(1), ..report(2).into() };
    let conflict = floor.ask(expecting).await;
    assert!(matches!(conflict, Err(RunError::Conflict { .. })), "{conflict:?}");
    assert_eq!((wrong.left(), length(&store).await), (94, 2), "with an expected revision it is asked once");
}
