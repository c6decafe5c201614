//! A command is done once, whatever happens to the questions and the answers.

use std::sync::Arc;

use domain::jobs::job::JobCommand;
use domain::kernel::person::FullName;
use domain::kernel::{CommandId, DataClass, Fingerprint, Personal, SubjectId, TenantId, Timestamp};
use domain::machines::machine::{MachineCommand, MachineStatus};
use domain::machines::work_center::Reason;
use domain::ports::{Answer, Answers, EventStore, Future, VaultError};
use domain::run::{Command, Done, Request, RunError};
use domain::workforce::operator::OperatorCommand;
use infra::vault::SqliteAnswers;
use tests::stores::{TestStore, whole_stream};
use tests::vaults::AnswersPlace;

use super::misbehaving::{Misbehaving, Misbehaviour};
use super::refusal;

use tests::floor::{
    Floor, MILLING, TENANT, TURNING, anna, command_id, create_job, create_job_numbered, create_work_center, finish,
    job_stream, lathe, minute, on_job, register_machine, register_operator, report, start,
};

#[track_caller]
fn assert_reused(outcome: Result<Done, RunError>) {
    assert!(matches!(outcome, Err(RunError::CommandIdReused(id)) if id == command_id(1)), "{outcome:?}");
}

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
    assert_reused(floor.run_as(1, create_job_numbered("J2")).await);
}

#[tokio::test]
async fn a_command_id_comes_again_with_another_command_and_is_refused() {
    for store in [TestStore::memory(), TestStore::sqlite()] {
        let floor = Floor::set_up(store.shared()).await;
        floor.run_as(1, report(1)).await.unwrap();
        let later = Request { command_id: Some(command_id(1)), happened_at: Some(minute(-9)), ..report(1).into() };
        for node in [floor, Floor::over(store.shared())] {
            assert_reused(node.run_as(1, report(2)).await);
            assert_reused(node.run_as(1, finish(TURNING)).await);
            assert_reused(node.ask(later.clone()).await);
            assert_eq!(node.run_as(1, report(1)).await.unwrap().appended, 0, "the same one is still answered");
        }
        assert_eq!(length(&store).await, 2);
    }
}

#[tokio::test]
async fn a_command_that_changed_nothing_is_remembered_under_its_id() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    floor.run(report(1)).await.unwrap();
    let nothing = floor.run_as(1, report(1)).await.unwrap();
    assert_eq!((nothing.revision, nothing.appended), (1, 0));
    floor.run(report(2)).await.unwrap();
    assert_eq!(floor.run_as(1, report(1)).await.unwrap(), nothing, "as it was answered then");
    assert_reused(floor.run_as(1, report(2)).await);
    assert_reused(floor.run_as(1, create_job_numbered("J2")).await);
}

fn lathe_is(status: MachineStatus) -> Command {
    let reason = (status != MachineStatus::Available).then(|| Reason::try_new("spindle").unwrap());
    Command::Machine(lathe(), MachineCommand::ChangeStatus { status, reason })
}

#[tokio::test]
async fn a_refusal_is_repeated_after_a_restart_though_its_cause_is_gone_until_it_expires() {
    a_refusal_is_repeated(TestStore::sqlite(), AnswersPlace::sqlite()).await;
}

mod postgres {
    use super::*;

    #[tokio::test]
    async fn a_refusal_is_repeated_after_a_restart_though_its_cause_is_gone_until_it_expires() {
        a_refusal_is_repeated(TestStore::postgres().await, AnswersPlace::postgres()).await;
    }
}

async fn a_refusal_is_repeated(mut store: TestStore, place: AnswersPlace) {
    let node = async |store: &TestStore, hours: i64| {
        let floor = Floor::remembering(store.shared(), place.open(minute(hours * 60)).await);
        floor.clock.set(minute(hours * 60));
        floor
    };
    let floor = Floor::set_up(store.shared()).await;
    floor.run(lathe_is(MachineStatus::Down)).await.unwrap();
    let floor = node(&store, 0).await;
    assert_eq!(refusal(floor.run_as(1, start()).await), ("MACHINE_UNAVAILABLE", Some("machineId")));
    floor.run(lathe_is(MachineStatus::Available)).await.unwrap();
    drop(floor);
    store.reopen().await;
    let floor = node(&store, 1).await;
    assert_eq!(refusal(floor.run_as(1, start()).await), ("MACHINE_UNAVAILABLE", Some("machineId")));
    assert_reused(floor.run_as(1, report(1)).await);
    drop(floor);
    assert_eq!(node(&store, 24).await.run_as(1, start()).await.unwrap().appended, 1);
}

#[tokio::test]
async fn a_conflict_is_no_answer_and_the_same_id_may_ask_again() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    let expecting =
        |revision| Request { command_id: Some(command_id(1)), expected_revision: Some(revision), ..report(1).into() };
    let conflict = floor.ask(expecting(7)).await;
    assert!(matches!(conflict, Err(RunError::Conflict { actual: Some(0) })), "{conflict:?}");
    assert_eq!(floor.ask(expecting(0)).await.unwrap().appended, 1);
}

#[tokio::test]
async fn a_name_is_part_of_what_a_command_said_but_no_part_of_its_fingerprint() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    let rename = |name: &str| {
        let (subject, class) = (SubjectId(anna().0), DataClass::Identity);
        let value = FullName::try_new(name).unwrap();
        Command::Operator(anna(), OperatorCommand::Rename(Personal::Clear { subject, class, value }))
    };
    let first = floor.run_as(1, rename("Anna")).await.unwrap();
    assert_reused(floor.run_as(1, rename("Berta")).await);
    assert_eq!(floor.run_as(1, rename("Anna")).await.unwrap(), Done { appended: 0, ..first });
    let spelled = |name| serde_json::to_string(&rename(name)).unwrap();
    assert_eq!(spelled("Anna"), spelled("Berta"));
}

#[test]
fn a_fingerprint_stays_the_same_for_ever() {
    let of = |command: Command| {
        let said = (command.stream(TENANT), &command, Some(minute(0)));
        Fingerprint::of(command_id(1), &said).unwrap().0.to_string()
    };
    let known = [create_work_center(), register_machine(), register_operator(), create_job(), start(), report(1)];
    assert_eq!(
        known.map(of),
        [
            "efb319e9-9f85-534d-a703-c17414d2d79e",
            "50a6383f-2f02-5f47-9f6d-b82171a9fb08",
            "d7e6c0ca-493a-522a-82ca-5873519b3942",
            "9f43877c-611d-5769-a7ea-212ccc68f7b4",
            "3bf9c716-4a32-5f18-afeb-72a13d025964",
            "f237c152-1ec4-5f17-86ce-bf7d973dd88d"
        ]
    );
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
async fn a_command_that_another_node_runs_between_the_looks_at_it_gets_that_answer() {
    for expected_revision in [None, Some(0)] {
        let (_, wrong, floor) = misbehaving(Misbehaviour::FindsTooEarly).await;
        let request = || Request { command_id: Some(command_id(1)), expected_revision, ..report(1).into() };
        let first = floor.ask(request()).await.unwrap();
        wrong.misbehave(1);
        assert_eq!(floor.ask(request()).await.unwrap(), Done { appended: 0, ..first });
        assert_eq!(wrong.left(), 0);
    }
}

/// Answers of a node: when it is about to remember one, another node does that very command.
struct Overtaken {
    inner: Arc<dyn Answers>,
    other: Floor,
}

impl Answers for Overtaken {
    fn recall(&self, tenant: TenantId, command: CommandId) -> Future<'_, Result<Option<Answer>, VaultError>> {
        self.inner.recall(tenant, command)
    }

    fn remember(
        &self,
        tenant: TenantId,
        command: CommandId,
        answer: Answer,
        now: Timestamp,
    ) -> Future<'_, Result<Answer, VaultError>> {
        Box::pin(async move {
            self.other.run(register_operator()).await.unwrap();
            self.other.run_as(1, start()).await.unwrap();
            self.inner.remember(tenant, command, answer, now).await
        })
    }
}

#[tokio::test]
async fn a_command_that_another_node_does_while_it_is_refused_here_is_answered_as_done() {
    let store = TestStore::memory();
    let other = Floor::over(store.shared());
    for command in [create_work_center(), register_machine(), create_job()] {
        other.run(command).await.unwrap();
    }
    let inner: Arc<dyn Answers> = Arc::new(SqliteAnswers::in_memory().unwrap());
    let here = Floor::remembering(store.shared(), Arc::new(Overtaken { inner, other }));
    let done = here.run_as(1, start()).await.unwrap();
    assert_eq!((done.appended, length(&store).await), (0, 2));
    assert_eq!(here.run_as(1, start()).await.unwrap(), done, "and so for ever");
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
