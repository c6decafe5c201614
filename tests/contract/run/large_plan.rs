//! A plan of 50,000 operations: taken over, followed and read again, whole or not at all.

use std::time::{Duration, Instant};

use domain::jobs::operation::OperationNumber;
use domain::kernel::time::later;
use domain::kernel::{JobId, MachineId, OperatorId, Timestamp};
use domain::run::{Command, RunError};
use domain::scheduling::placement::Placement;
use domain::scheduling::site_plan::{Changes, MOST_BYTES_EACH, Origin, PlanCommand};
use domain::scheduling::solver::Preset;
use tests::floor::{Floor, TENANT, minute};
use tests::stores::{TestStore, whole_stream};
use uuid::Uuid;

use super::refusal;

const JOBS: u128 = 10_000;
const OPERATIONS: u16 = 5;

/// Five operations of each job one after the other, on 200 machines by 150 people, over three months.
fn placements(shift: i64) -> Vec<Placement> {
    let place = |(job, number): (u128, u16)| {
        let at = |seconds: i64| later(minute(0), shift + seconds);
        let start = i64::try_from(job).expect("a small number") * 700 + i64::from(number) * 9_000;
        let on =
            |things: u128, kind: &[u8]| Uuid::new_v5(&Uuid::from_u128((job * 7 + u128::from(number)) % things), kind);
        Placement {
            job: JobId(Uuid::new_v5(&Uuid::from_u128(job), b"job")),
            operation: OperationNumber(number * 10),
            machine: (number != 4).then(|| MachineId(on(200, b"machine"))),
            operator: (number != 4).then(|| OperatorId(on(150, b"operator"))),
            start: at(start),
            run_start: at(start + 900),
            end: at(start + 8_100),
        }
    };
    (0..JOBS).flat_map(|job| (1..=OPERATIONS).map(move |number| (job, number))).map(place).collect()
}

fn placed(shift: i64) -> Changes {
    Changes { placed: placements(shift), ..Changes::default() }
}

fn publish(based_on: u64) -> Command {
    let origin = Origin::Optimiser { preset: Preset::default(), seed: 0 };
    Command::Plan(Box::new(PlanCommand::Publish { changes: placed(0), origin, based_on }))
}

fn follow(based_on: u64, shift: i64) -> Command {
    Command::Plan(Box::new(PlanCommand::Follow { changes: placed(shift), cause: Vec::new(), based_on }))
}

/// What another process reads of it.
async fn starts(store: &TestStore) -> Vec<Timestamp> {
    let state = Floor::over(store.shared()).commands.plan(TENANT).await.expect("the plan is read");
    state.placements().map(|placement| placement.start).collect()
}

async fn is_taken_over_and_follows_whole(store: TestStore) {
    let floor = Floor::over(store.shared());
    let done = floor.run(publish(0)).await.expect("it is taken over");
    let mut wanted = placements(0);
    wanted.sort_unstable_by_key(Placement::of);
    let as_planned: Vec<Timestamp> = wanted.iter().map(|placement| placement.start).collect();
    assert_eq!(starts(&store).await, as_planned);
    let stream = domain::kernel::StreamId::new(domain::kernel::StreamType::Plan, TENANT.0);
    let events = whole_stream(&*store, TENANT, stream).await;
    assert_eq!(done.appended, events.len(), "one append");
    let bytes: usize = events.iter().map(|event| event.event.data.len()).sum();
    println!("50,000 operations: {} events, {bytes} bytes", events.len());
    assert!(bytes < wanted.len() * 45, "{bytes}");
    assert!(events.iter().all(|event| event.event.data.len() < 1024 * 1024), "any store takes each of them");
    floor.run(follow(1, 3_600)).await.expect("it follows");
    let later_by_an_hour: Vec<Timestamp> = as_planned.iter().map(|start| later(*start, 3_600)).collect();
    assert_eq!(starts(&store).await, later_by_an_hour);
    assert_eq!(refusal(floor.run(follow(1, 7_200)).await), ("PLAN_CHANGED", None));
}

#[tokio::test]
async fn fifty_thousand_operations_are_taken_over_and_follow_whole_in_memory() {
    is_taken_over_and_follows_whole(TestStore::memory()).await;
}

#[tokio::test]
async fn fifty_thousand_operations_are_taken_over_and_follow_whole_in_sqlite() {
    is_taken_over_and_follows_whole(TestStore::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_server_takes_less_at_once_it_is_refused_and_nothing_of_it_is_there() {
    let store = TestStore::eventstoredb().await;
    assert!(store.most_bytes() / MOST_BYTES_EACH < 50_000, "planning would not begin");
    let floor = Floor::over(store.shared());
    assert_eq!(refusal(floor.run(publish(0)).await), ("COMMAND_TOO_LARGE", None));
    assert_eq!(starts(&store).await, []);
}

#[tokio::test]
async fn whoever_moves_fifty_thousand_by_hand_is_refused_before_anything_is_looked_up() {
    let store = TestStore::memory();
    let floor = Floor::over(store.shared());
    let begun = Instant::now();
    let moving = PlanCommand::Move { placements: placements(0), reason: None, pin: None, pushed: None, seen: None };
    let refused: Result<_, RunError> = floor.run(Command::Plan(Box::new(moving))).await;
    assert_eq!(refusal(refused), ("PLAN_TOO_MANY", Some("operations")));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
