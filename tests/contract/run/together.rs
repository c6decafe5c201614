//! Many at once: nothing is lost, nothing is done twice, nobody conflicts without need.

use std::collections::HashSet;
use std::sync::Arc;

use domain::ports::EventStore;
use domain::run::{Command, Done, RunError};
use tests::stores::{TestStore, whole_stream};

use super::misbehaving::{Misbehaving, Misbehaviour};
use tokio::task::JoinSet;

use tests::floor::{Floor, TENANT, create_job_numbered, job_stream, report, start};

const TASKS: u32 = 16;
const EACH: u32 = 8;

/// Every task runs its own commands, one after another; task `n` on node `n` modulo their number.
async fn hammer(nodes: &[Floor], command: fn(u32) -> Command) -> Vec<Result<Done, RunError>> {
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let node = nodes[task as usize % nodes.len()].clone();
        tasks.spawn(async move {
            let mut outcomes = Vec::new();
            for number in 0..EACH {
                outcomes.push(node.run(command(task * EACH + number)).await);
            }
            outcomes
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

/// Every command that was done stands once; every other one was refused as a conflict and stands nowhere.
async fn check(store: &TestStore, outcomes: &[Result<Done, RunError>]) {
    let revisions: HashSet<u64> = outcomes.iter().flatten().map(|done| done.revision).collect();
    let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(_) | Err(RunError::Conflict { .. }))), "{outcomes:?}");
    assert_eq!(revisions.len(), done, "no two commands got the same revision");
    assert_eq!(whole_stream(&**store, TENANT, job_stream()).await.len(), done + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_writers_of_one_job_take_turns() {
    for store in [TestStore::memory(), TestStore::sqlite()] {
        let watched = Arc::new(Misbehaving::new(store.shared(), Misbehaviour::Conflicts));
        let floor = Floor::set_up(Arc::clone(&watched) as Arc<dyn EventStore>).await;
        let outcomes = hammer(&[floor], report).await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        assert_eq!(watched.conflicts(), 0, "whoever waits for their turn does not conflict at the store");
        check(&store, &outcomes).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_on_two_nodes_lose_nothing_and_double_nothing() {
    for store in [TestStore::memory(), TestStore::sqlite()] {
        let nodes = [Floor::set_up(store.shared()).await, Floor::over(store.shared())];
        let outcomes = hammer(&nodes, report).await;
        check(&store, &outcomes).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_sent_many_times_at_once_is_done_once() {
    for nodes in [1, 2] {
        let store = TestStore::sqlite();
        let floors = [Floor::set_up(store.shared()).await, Floor::over(store.shared())];
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            let floor = floors[task as usize % nodes].clone();
            tasks.spawn(async move { floor.run_as(1, start()).await });
        }
        let outcomes = tasks.join_all().await;
        let answers: HashSet<_> =
            outcomes.into_iter().map(|outcome| outcome.unwrap()).map(|done| (done.revision, done.position)).collect();
        assert_eq!(answers.len(), 1, "everybody gets the same answer");
        assert_eq!(whole_stream(&*store, TENANT, job_stream()).await.len(), 2);
    }
}

/// All these commands at once under one id, by turns on the nodes: how many were done, and how many were told of the others.
async fn under_one_id(nodes: &[Floor], command: fn(u32) -> Command) -> (usize, usize) {
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let floor = nodes[task as usize % nodes.len()].clone();
        tasks.spawn(async move { floor.run_as(1, command(task)).await });
    }
    let outcomes = tasks.join_all().await;
    let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let told = outcomes.iter().filter(|outcome| matches!(outcome, Err(RunError::CommandIdReused(_)))).count();
    (done, told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_different_commands_under_one_id_at_once_one_is_done_and_the_others_are_told() {
    let on_one_job: fn(u32) -> Command = report;
    let on_many: fn(u32) -> Command = |task| create_job_numbered(&format!("N{task}"));
    for command in [on_one_job, on_many] {
        for count in [1, 2] {
            for store in [TestStore::memory(), TestStore::sqlite()] {
                let nodes = [Floor::set_up(store.shared()).await, Floor::over(store.shared())];
                let before = store.head().await.unwrap().0;
                assert_eq!(under_one_id(&nodes[..count], command).await, (1, TASKS as usize - 1), "{count} nodes");
                assert_eq!(store.head().await.unwrap().0, before + 1);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_changes_nothing_takes_its_id_like_any_other() {
    let store = TestStore::sqlite();
    let floor = Floor::set_up(store.shared()).await;
    let either: fn(u32) -> Command = |task| if task % 2 == 0 { report(0) } else { start() };
    floor.run(report(0)).await.unwrap();
    let (done, told) = under_one_id(&[floor], either).await;
    assert_eq!((done, told), (TASKS as usize / 2, TASKS as usize / 2), "all of one kind, none of the other");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_gives_up_waiting_holds_nobody_up() {
    let store = TestStore::memory();
    let floor = Floor::set_up(store.shared()).await;
    let mut tasks = JoinSet::new();
    for number in 0..200 {
        let floor = floor.clone();
        tasks.spawn(async move { floor.run(report(number)).await });
        if number % 3 == 0 {
            tasks.abort_all();
        }
    }
    while tasks.join_next().await.is_some() {}
    floor.run(report(1_000)).await.unwrap();
}
