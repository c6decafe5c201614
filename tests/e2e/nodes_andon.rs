//! Calls for help where two nodes share one PostgreSQL server.

use std::time::{Duration, Instant};

use domain::kernel::time::later;
use domain::ports::Clock;
use infra::clock::SystemClock;
use serde_json::json;
use tests::process::Server;

use crate::nodes::Plant;
use crate::shop::{CREATE_JOB, SET_UP};

const CALL: &str = r#"mutation($at: DateTime!, $operation: Int!) { it: callAndon(input: {
    jobNumber: "J-1", operation: $operation, reason: "tool broke", happenedAt: $at
}) { userErrors { code message } } }"#;
const ESCALATED: &str =
    r#"{ it: activityLog(first: 9, filter: { eventTypes: ["job.andon_escalated"] }) { totalCount } }"#;
/// How long a node may take, also one that has to notice first that another one is gone.
const SOON: Duration = Duration::from_secs(60);

async fn until_escalated(node: &Server, token: &str, times: u64) {
    let begun = Instant::now();
    while node.ask(token, ESCALATED, json!({})).await["data"]["it"]["totalCount"] != times {
        assert!(begun.elapsed() < SOON, "it escalates");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_escalates_once_whichever_node_hears_of_it_and_though_one_is_killed() {
    let plant = Plant::start();
    let (one, other) = (plant.node("first"), plant.node("second"));
    let token = plant.token();
    for document in [SET_UP, CREATE_JOB] {
        one.ask(&token, document, json!({ "number": "J-1" })).await;
    }
    // Ten minutes are over but for some seconds, in which one node may be killed.
    let at = |seconds: i64| later(SystemClock.now(), seconds - 600).to_string();
    let called = other.ask(&token, CALL, json!({ "at": at(0), "operation": 10 })).await;
    assert_eq!(called["data"]["it"]["userErrors"], json!([]), "{called}");
    until_escalated(&one, &token, 1).await;
    let called = one.ask(&token, CALL, json!({ "at": at(2), "operation": 20 })).await;
    assert_eq!(called["data"]["it"]["userErrors"], json!([]), "{called}");
    one.kill();
    until_escalated(&other, &token, 2).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    until_escalated(&other, &token, 2).await;
}
