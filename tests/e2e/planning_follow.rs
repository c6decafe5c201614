//! The plan follows the floor.

use domain::kernel::time::later;
use domain::kernel::{Caller, Role, Timestamp};
use domain::ports::Clock;
use domain::scheduling::placement::Placement;
use serde_json::{Value as Json, json};
use tests::app::{PATIENCE, TestApp};

use crate::planning::{app_with_jobs, place, plan_all};

/// Waits until the plan has this operation where `holds` says.
async fn until(
    app: &TestApp,
    caller: Caller,
    (job, operation): (&str, u16),
    holds: impl Fn(Option<Placement>) -> bool,
) {
    let waiting = async {
        while !holds(place(app, caller, job, operation).await) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the plan follows");
}

async fn start(app: &TestApp, job: &str, at: Timestamp) {
    let operator = app.caller("muster", Role::Operator).await;
    let document = r#"mutation($job: String!, $at: DateTime!) { it: startOperation(input: {
        jobNumber: $job, operation: 10, operatorCode: "17", machineCode: "M-1", happenedAt: $at
    }) { userErrors { code message } } }"#;
    app.change(operator, document, json!({ "job": job, "at": at.to_string() })).await;
}

/// Two jobs planned one after the other on the mill: the first and the second of them.
async fn planned() -> (TestApp, Caller, [&'static str; 2]) {
    let (app, planner) = app_with_jobs(2).await;
    plan_all(&app, planner).await;
    let [one, other] = [place(&app, planner, "J-1", 10).await, place(&app, planner, "J-2", 10).await];
    let jobs = if one.map(|it| it.start) < other.map(|it| it.start) { ["J-1", "J-2"] } else { ["J-2", "J-1"] };
    (app, planner, jobs)
}

async fn followed(app: &TestApp, caller: Caller) -> Json {
    app.settle().await;
    let document = "{ it: activityLog(first: 50, filter: { eventTypes: [\"plan.followed\"] }) { edges { node { actor { name } } } } }";
    let admin = Caller::new(caller.tenant, caller.actor, Role::Admin);
    app.data(admin, document, json!({})).await["it"]["edges"].take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_start_moves_what_comes_after_it() {
    let (app, planner, [first, second]) = planned().await;
    let was = place(&app, planner, second, 10).await.expect("a place");
    let _following = app.follow();
    app.clock.advance_seconds(3_600);
    let now = app.clock.now();
    start(&app, first, now).await;
    until(&app, planner, (first, 10), |it| it.is_some_and(|it| it.start == now)).await;
    let running = place(&app, planner, first, 10).await.expect("a place");
    until(&app, planner, (second, 10), |it| it.is_some_and(|it| it.start >= running.end)).await;
    assert!(place(&app, planner, second, 10).await.expect("a place").start > was.start);
    app.assert_rebuilt_is_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_pinned_stays_and_what_is_over_leaves() {
    let (app, planner, [first, second]) = planned().await;
    let pinned = place(&app, planner, second, 10).await.expect("a place");
    let pin = r#"mutation($job: String!) { it: pinOperations(input: {
        operations: [{ jobNumber: $job, operation: 10 }], reason: "promised" }) { userErrors { code } } }"#;
    app.change(planner, pin, json!({ "job": second })).await;
    let _following = app.follow();
    app.clock.advance_seconds(3_600);
    start(&app, first, app.clock.now()).await;
    let now = app.clock.now();
    until(&app, planner, (first, 10), |it| it.is_some_and(|it| it.start == now)).await;
    app.clock.advance_seconds(600);
    let operator = app.caller("muster", Role::Operator).await;
    let finish = r#"mutation($job: String!) { it: finishOperation(input: { jobNumber: $job, operation: 10, operatorCode: "17", good: "12.5" }) {
        userErrors { code message } } }"#;
    app.change(operator, finish, json!({ "job": first })).await;
    until(&app, planner, (first, 10), |it| it.is_none()).await;
    assert_eq!(place(&app, planner, second, 10).await, Some(pinned));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_machine_moves_what_is_planned_on_it_whenever_following_begins() {
    let (app, planner, [first, _]) = planned().await;
    let stop = r#"mutation { it: changeMachineStatus(input: { machineCode: "M-1", status: DOWN, reason: "spindle" }) { userErrors { code } } }"#;
    app.change(planner, stop, json!({})).await;
    let back = later(app.clock.now(), 4 * 3_600);
    // Nobody followed when it happened: whoever begins to follow sees it all the same.
    let _following = app.follow();
    until(&app, planner, (first, 10), |it| it.is_some_and(|it| it.start >= back)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_acts_under_a_name_of_its_own_and_does_not_follow_itself() {
    let (app, planner, [first, _]) = planned().await;
    let _following = app.follow();
    app.clock.advance_seconds(3_600);
    let now = app.clock.now();
    start(&app, first, now).await;
    until(&app, planner, (first, 10), |it| it.is_some_and(|it| it.start == now)).await;
    // Something else that it looks at: it comes after whatever it would have done by itself.
    let rename = r#"mutation { it: createJob(input: { number: "J-3" }) { userErrors { code } } }"#;
    app.change(app.caller("muster", Role::Admin).await, rename, json!({})).await;
    let told = followed(&app, planner).await;
    let actors: Vec<&Json> = told.as_array().expect("entries").iter().map(|it| &it["node"]["actor"]["name"]).collect();
    assert_eq!(actors, [&json!("Kilter")]);
}
