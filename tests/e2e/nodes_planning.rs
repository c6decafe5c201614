//! Planning and following where two nodes share one PostgreSQL server.

use std::time::{Duration, Instant};

use domain::kernel::time::later;
use domain::ports::Clock;
use infra::clock::SystemClock;
use serde_json::{Value as Json, json};
use tests::process::Server;

use crate::nodes::Plant;
use crate::shop::{CREATE_JOB, SET_UP};

const LATHE: &str = r#"mutation { registerMachine(input: { code: "L-1", name: "Lathe", workCenterCode: "TURN" }) { userErrors { code } } }"#;
const START: &str =
    "mutation($input: StartPlanningInput!) { it: startPlanning(input: $input) { run { id } userErrors { code } } }";
const RUN: &str = "query($run: ID!) { it: planningRun(id: $run) { state planned } }";
const ACCEPT: &str =
    "mutation($input: AcceptPlanningInput!) { it: acceptPlanning(input: $input) { position userErrors { code } } }";
const MAINTENANCE: &str = r#"mutation($from: DateTime!, $until: DateTime!) { it: planMaintenance(input: {
    machineCode: "M-1", from: $from, until: $until, reason: "new spindle"
}) { position userErrors { code message } } }"#;
/// What Kilter and people did to the plan.
const PLAN: &str = r#"query($position: Position) {
    published: activityLog(first: 50, filter: { eventTypes: ["plan.published"] }, minPosition: $position) { totalCount }
    followed: activityLog(first: 50, filter: { eventTypes: ["plan.followed"] }) { totalCount }
    changes: planChanges(first: 50) { version movedCount }
}"#;
/// How long a node may take to move a plan, also one that has to notice first that another one is gone.
const SOON: Duration = Duration::from_secs(60);

async fn done(node: &Server, token: &str, document: &str, variables: Json) -> Json {
    let answer = node.ask(token, document, variables).await;
    let payloads = answer["data"].as_object().unwrap_or_else(|| panic!("{answer}"));
    assert!(payloads.values().all(|it| it["userErrors"] == json!([])), "{answer}");
    answer["data"]["it"].clone()
}

async fn plan(node: &Server, token: &str, position: &Json) -> Json {
    let answer = node.ask(token, PLAN, json!({ "position": position })).await;
    assert!(answer["errors"].is_null(), "{answer}");
    answer["data"].clone()
}

/// Two jobs, planned by a run of this node.
async fn planned(node: &Server, token: &str) -> Json {
    done(node, token, SET_UP, json!({})).await;
    done(node, token, LATHE, json!({})).await;
    for number in ["J-1", "J-2"] {
        done(node, token, CREATE_JOB, json!({ "number": number })).await;
    }
    let run = done(node, token, START, json!({ "input": { "seconds": 1 } })).await["run"]["id"].clone();
    let begun = Instant::now();
    while node.ask(token, RUN, json!({ "run": run })).await["data"]["it"]["state"] != "FINISHED" {
        assert!(begun.elapsed() < SOON, "the run ends");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    done(node, token, ACCEPT, json!({ "input": { "runId": run } })).await["position"].clone()
}

/// Closes the mill for an hour, so many minutes from now.
async fn close_mill(node: &Server, token: &str, minutes: i64) {
    let from = later(SystemClock.now(), minutes * 60);
    let until = later(from, 3_600);
    done(node, token, MAINTENANCE, json!({ "from": from.to_string(), "until": until.to_string() })).await;
}

async fn until_followed(node: &Server, token: &str, times: u64) -> Json {
    let begun = Instant::now();
    loop {
        let seen = plan(node, token, &Json::Null).await;
        if seen["followed"]["totalCount"].as_u64() >= Some(times) {
            return seen;
        }
        assert!(begun.elapsed() < SOON, "the plan follows: {seen}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_hears_of_the_floor_moves_the_plan_once_and_both_show_it() {
    let plant = Plant::start();
    let (one, other) = (plant.node("first"), plant.node("second"));
    let token = plant.token();
    let position = planned(&one, &token).await;
    let before = plan(&other, &token, &position).await;
    assert_eq!((&before["published"]["totalCount"], &before["followed"]["totalCount"]), (&json!(1), &json!(0)));
    // Whichever of them follows: each hears of it once.
    for (times, node, minutes) in [(1, &other, 1), (2, &one, 62)] {
        close_mill(node, &token, minutes).await;
        until_followed(&one, &token, times).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let seen = [plan(&one, &token, &position).await, plan(&other, &token, &position).await];
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[0]["followed"]["totalCount"], times, "moved once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_while_it_plans_publishes_nothing_and_the_other_goes_on_following() {
    let plant = Plant::start();
    let one = plant.node("first");
    let token = plant.token();
    let position = planned(&one, &token).await;
    let other = plant.node("second");
    let before = plan(&one, &token, &position).await;
    let run = done(&one, &token, START, json!({ "input": { "seconds": 60 } })).await["run"]["id"].clone();
    one.kill();
    assert_eq!(plan(&other, &token, &position).await, before, "nothing is published");
    let gone = other.ask(&token, ACCEPT, json!({ "input": { "runId": run } })).await;
    assert_eq!(gone["data"]["it"]["userErrors"][0]["code"], "NOT_FOUND");
    close_mill(&other, &token, 1).await;
    let after = until_followed(&other, &token, 1).await;
    assert_eq!(after["published"]["totalCount"], 1);
}
