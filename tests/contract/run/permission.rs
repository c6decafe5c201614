//! Who may do what is asked before anything else.

use domain::jobs::job::JobCommand;
use domain::kernel::{Caller, Role};
use domain::machines::machine::{MachineCommand, MachineStatus};
use domain::machines::work_center::Reason;
use domain::run::{Command, RunError, action};
use tests::stores::{TestStore, whole_stream};

use tests::floor::{
    Floor, TENANT, caller, create_job_numbered, create_work_center, job_stream, lathe, on_job, register_machine,
    register_operator, start,
};

fn retire() -> Command {
    let reason = Some(Reason::try_new("sold").unwrap());
    Command::Machine(lathe(), MachineCommand::ChangeStatus { status: MachineStatus::Retired, reason })
}

#[tokio::test]
async fn a_role_that_may_not_learns_nothing_and_changes_nothing() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    let denied = [
        (Role::Auditor, start()),
        (Role::Auditor, on_job(JobCommand::Resume)),
        (Role::Operator, on_job(JobCommand::Cancel(Reason::try_new("no").unwrap()))),
        (Role::Operator, create_job_numbered("J9")),
        (Role::Operator, create_work_center()),
        (Role::Operator, register_machine()),
        (Role::Operator, register_operator()),
        (Role::Operator, retire()),
    ];
    for (role, command) in denied {
        let outcome = floor.commands.run(&caller(role), command.clone().into()).await;
        assert!(matches!(outcome, Err(RunError::Denied)), "{role:?} {command:?}: {outcome:?}");
    }
    assert_eq!(whole_stream(&*store, TENANT, job_stream()).await.len(), 1);
}

#[tokio::test]
async fn every_role_may_exactly_what_the_matrix_says() {
    for role in Role::ALL {
        for command in [start(), create_job_numbered("J9"), create_work_center(), register_operator(), retire()] {
            let store = TestStore::memory();
            let floor = Floor::set_up(store.shared()).await;
            let caller: Caller = caller(role);
            let allowed = role.may(action(&command));
            let outcome = floor.commands.run(&caller, command.clone().into()).await;
            assert_eq!(!matches!(outcome, Err(RunError::Denied)), allowed, "{role:?} {command:?}: {outcome:?}");
        }
    }
}
