//! Commands from the door to the store: once, in order, by those who may.

mod large_plan;
mod misbehaving;
mod once;
mod permission;
mod snapshots;
mod together;

use domain::jobs::job::JobCommand;
use domain::kernel::person::FullName;
use domain::kernel::{JobId, OperatorId, TenantId};
use domain::machines::machine::{MachineCommand, MachineStatus};
use domain::machines::work_center::Reason;
use domain::ports::{Append, Expected};
use domain::run::{Command, Request, RunError};
use domain::workforce::operator::{OperatorCode, OperatorCommand};
use tests::floor::{
    Floor, TENANT, TURNING, anna, caller, create_job, create_job_numbered, create_work_center, job, job_stream, lathe,
    minute, on_job, register_machine, register_operator, report, start,
};
use tests::stores::{TestStore, whole_stream};
use uuid::Uuid;

/// Code and field of a refusal.
#[track_caller]
fn refusal<T: std::fmt::Debug>(outcome: Result<T, RunError>) -> (&'static str, Option<&'static str>) {
    match outcome {
        Err(RunError::Rejected(refusal)) => {
            let refusal = Box::leak(refusal);
            (refusal.code(), refusal.field())
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn what_a_command_names_is_looked_up_in_its_own_stream() {
    let store = TestStore::memory();
    let floor = Floor::over(store.shared());
    assert_eq!(refusal(floor.run(create_job()).await), ("WORK_CENTER_NOT_FOUND", Some("workCenterId")));
    floor.run(create_work_center()).await.unwrap();
    floor.run(create_job()).await.unwrap();
    assert_eq!(refusal(floor.run(start()).await), ("OPERATOR_NOT_FOUND", Some("operatorId")));
    floor.run(register_operator()).await.unwrap();
    assert_eq!(refusal(floor.run(start()).await), ("MACHINE_NOT_FOUND", Some("machineId")));
    floor.run(register_machine()).await.unwrap();
    floor.run(start()).await.unwrap();
}

#[tokio::test]
async fn what_another_node_did_is_known_at_once() {
    let store = TestStore::memory();
    let here = Floor::set_up(store.shared()).await;
    let there = Floor::over(store.shared());
    here.run(report(1)).await.unwrap();
    let reason = Some(Reason::try_new("spindle").unwrap());
    let down = MachineCommand::ChangeStatus { status: MachineStatus::Down, reason };
    there.run(Command::Machine(lathe(), down)).await.unwrap();
    assert_eq!(refusal(here.run(start()).await), ("MACHINE_UNAVAILABLE", Some("machineId")));
    there.run(on_job(JobCommand::Cancel(Reason::try_new("lost").unwrap()))).await.unwrap();
    assert_eq!(refusal(here.run(start()).await), ("JOB_CANCELLED", None));
}

#[tokio::test]
async fn a_stream_that_a_newer_node_wrote_into_is_left_to_newer_nodes() {
    let store = TestStore::memory();
    let older = Floor::set_up(store.shared()).await;
    let mut newer = whole_stream(&*store, TENANT, job_stream()).await.remove(0).event;
    newer.event_id = Uuid::from_u128(0xfeed);
    newer.event_type = "job.blessed".into();
    let append = Append { stream: job_stream(), expected: Expected::Any, events: vec![newer] };
    store.append(TENANT, append).await.unwrap();
    let outcome = older.run(report(1)).await;
    assert!(matches!(&outcome, Err(RunError::Unavailable(why)) if why.contains("job.blessed")), "{outcome:?}");
    older.run(create_job_numbered("J2")).await.expect("other streams are as before");
}

#[tokio::test]
async fn the_paused_machine_is_asked_when_an_operator_resumes() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    let reason = Reason::try_new("lunch").unwrap();
    floor.run(start()).await.unwrap();
    let pause = JobCommand::PauseOperation { operation: TURNING, operator: None, reason: reason.clone() };
    floor.run(on_job(pause)).await.unwrap();
    let down = MachineCommand::ChangeStatus { status: MachineStatus::Down, reason: Some(reason) };
    floor.run(Command::Machine(lathe(), down)).await.unwrap();
    let resume = on_job(JobCommand::ResumeOperation(TURNING, anna()));
    assert_eq!(refusal(floor.run(resume).await), ("MACHINE_UNAVAILABLE", Some("machineId")));
}

#[tokio::test]
async fn nothing_happens_in_the_future_but_clocks_may_differ_by_five_minutes() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    let at = |minutes| Request { happened_at: Some(minute(minutes)), ..start().into() };
    assert_eq!(refusal(floor.ask(at(6)).await), ("HAPPENED_IN_FUTURE", Some("happenedAt")));
    floor.ask(at(5)).await.unwrap();
}

#[tokio::test]
async fn an_identity_that_is_not_of_its_key_is_refused() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    let Command::Job(_, create) = create_job() else { panic!("a job's command") };
    let elsewhere = Command::Job(JobId(Uuid::from_u128(1)), create);
    assert_eq!(refusal(floor.run(elsewhere).await), ("ID_NOT_OF_KEY", Some("id")));
}

#[tokio::test]
async fn another_tenant_has_none_of_it() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    let other = TenantId(Uuid::from_u128(0xbeef));
    let stranger = domain::kernel::Caller { tenant: other, ..caller(domain::kernel::Role::Admin) };
    let asked = |command: Command| floor.commands.run(&stranger, command.into());
    assert_eq!(refusal(asked(on_job(JobCommand::Resume)).await), ("JOB_NOT_FOUND", None));
    let random = Command::Job(JobId(Uuid::from_u128(9)), JobCommand::Resume);
    assert_eq!(refusal(asked(random).await), ("JOB_NOT_FOUND", None));
}

#[tokio::test]
async fn a_long_stream_is_read_in_pages_and_names_are_opened() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    for number in 0..600 {
        floor.run(report(number)).await.unwrap();
    }
    let id = OperatorId::from_key(TENANT, "ID2");
    let name = domain::kernel::Personal::Clear {
        subject: domain::kernel::SubjectId(id.0),
        class: domain::kernel::DataClass::Identity,
        value: FullName::try_new("Ben").unwrap(),
    };
    let code = OperatorCode::try_new("ID2").unwrap();
    let register = || {
        Command::Operator(id, OperatorCommand::Register { code: code.clone(), name: Some(name.clone()), user: None })
    };
    floor.run(register()).await.unwrap();
    assert_eq!(floor.run(register()).await.unwrap().appended, 0, "the name is compared in the clear");
    let again = Floor::over(store.shared()).run(report(1)).await.unwrap();
    assert_eq!((again.appended, again.revision), (0, 600));
    assert_eq!(whole_stream(&*store, TENANT, again.stream).await.len(), 601);
    assert_eq!(again.stream.id, job().0);
}
