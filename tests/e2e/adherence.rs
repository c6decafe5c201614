//! Plan and actual over GraphQL: adherence, and an operator's day with what was planned beside what was done.

use domain::kernel::{Caller, Role, Timestamp};
use domain::ports::Clock;
use serde_json::{Value as Json, json};
use tests::app::{PATIENCE, TestApp};

use crate::answers::refused;
use crate::planning::{app_with_jobs, place, plan_all};

const ADHERENCE: &str = "query($from: DateTime!, $until: DateTime!, $machine: ID, $operator: ID, $tolerance: Int! = 900, $first: Int, $after: String) {
    it: adherence(from: $from, until: $until, machineId: $machine, operatorId: $operator, toleranceSeconds: $tolerance, first: $first, after: $after) {
        agreed kept missed open keptPercent meanStartLateSeconds meanEndLateSeconds pageInfo { hasNextPage endCursor }
        edges { node { kept bar { job { code } operation start end startedAt finishedAt startLateSeconds endLateSeconds
            agreed { start end machine { code } } } } }
    } }";
const DAY: &str = r#"query { it: operatorDay(code: "17", date: "2012-03-05") {
    planned { operation start startedAt startLateSeconds agreed { start } } entries { report { good } } } }"#;

/// All of the year: nothing of it is missed.
fn year(more: Json) -> Json {
    let mut all = json!({ "from": "2012-01-01T00:00:00Z", "until": "2012-12-31T00:00:00Z", "first": 100 });
    all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    all
}

async fn adherence(app: &TestApp, caller: Caller, variables: Json) -> Json {
    app.settle().await;
    app.data(caller, ADHERENCE, variables).await["it"].take()
}

async fn until_planned_at(app: &TestApp, caller: Caller, start: Timestamp) {
    let waiting = async {
        while place(app, caller, "J-1", 10).await.is_none_or(|it| it.start != start || it.operator.is_none()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the plan follows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_start_is_measured_by_what_was_agreed_though_the_plan_follows_it() {
    let (app, planner) = app_with_jobs(1).await;
    plan_all(&app, planner).await;
    let agreed = place(&app, planner, "J-1", 10).await.expect("a place");
    let before = adherence(&app, planner, year(json!({}))).await;
    assert_eq!((&before["agreed"], &before["open"], &before["keptPercent"]), (&json!(2), &json!(2), &Json::Null));
    let _following = app.follow();
    app.clock.advance_seconds(3_600);
    let operator = app.caller("muster", Role::Operator).await;
    let start = r#"mutation { it: startOperation(input: { jobNumber: "J-1", operation: 10, operatorCode: "17", machineCode: "M-1" }) { userErrors { code } } }"#;
    app.change(operator, start, json!({})).await;
    let began = app.clock.now();
    until_planned_at(&app, planner, began).await;
    let late = began.seconds_since(agreed.start);
    assert!(late >= 3_000, "{late}");
    let found = adherence(&app, planner, year(json!({}))).await;
    // What waits for it should have begun by now, too.
    let mean = found["meanStartLateSeconds"].to_string();
    assert_eq!((&found["missed"], mean), (&json!(2), format!("{late}.0")));
    let node = &found["edges"][0]["node"];
    let bar = &node["bar"];
    assert_eq!((&node["kept"], &bar["operation"], &bar["startLateSeconds"]), (&json!(false), &json!(10), &json!(late)));
    assert_eq!((&bar["start"], &bar["agreed"]["start"]), (&json!(began.to_string()), &json!(agreed.start.to_string())));

    let day = app.data(operator, DAY, json!({})).await["it"].take();
    let planned = &day["planned"][0];
    assert_eq!((&planned["operation"], &planned["startLateSeconds"]), (&json!(10), &json!(late)));
    assert_eq!(planned["startedAt"], began.to_string());

    app.clock.advance_seconds(900);
    let finish = r#"mutation { it: finishOperation(input: { jobNumber: "J-1", operation: 10, operatorCode: "17", good: "12.5" }) { userErrors { code message } } }"#;
    app.change(operator, finish, json!({})).await;
    let ended = app.clock.now();
    let found = adherence(&app, planner, year(json!({ "tolerance": 100_000 }))).await;
    let bar = &found["edges"][0]["node"]["bar"];
    assert_eq!(bar["endLateSeconds"], ended.seconds_since(agreed.end));
    assert_eq!((&found["kept"], &found["open"], &found["keptPercent"]), (&json!(1), &json!(1), &json!(100.0)));
    app.assert_rebuilt_is_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_should_have_begun_is_missed_though_the_plan_has_moved_it_and_is_agreed_anew_by_hand() {
    let (app, planner) = app_with_jobs(1).await;
    plan_all(&app, planner).await;
    let agreed = place(&app, planner, "J-1", 10).await.expect("a place");
    let down = r#"mutation { it: changeMachineStatus(input: { machineCode: "M-1", status: DOWN, reason: "belt" }) { userErrors { code } } }"#;
    app.change(planner, down, json!({})).await;
    let _following = app.follow();
    let waiting = async {
        while place(&app, planner, "J-1", 10).await.is_none_or(|it| it.start == agreed.start) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the plan follows");
    app.clock.advance_seconds(2 * 3_600);
    let found = adherence(&app, planner, year(json!({}))).await;
    let node = &found["edges"][0]["node"];
    assert_eq!((&node["kept"], &node["bar"]["agreed"]["start"]), (&json!(false), &json!(agreed.start.to_string())));
    let moving = r#"mutation($start: DateTime!) { it: moveOperations(input: {
        moves: [{ jobNumber: "J-1", operation: 10, start: $start }], reason: "agreed with the customer" }) { userErrors { code message } } }"#;
    let start = domain::kernel::time::later(app.clock.now(), 86_400);
    app.change(planner, moving, json!({ "start": start.to_string() })).await;
    let found = adherence(&app, planner, year(json!({}))).await;
    let nodes = found["edges"].as_array().expect("edges").iter().map(|edge| &edge["node"]);
    let first = nodes.filter(|node| node["bar"]["operation"] == 10).collect::<Vec<_>>();
    assert_eq!((&first[0]["kept"], &first[0]["bar"]["agreed"]["start"]), (&Json::Null, &json!(start.to_string())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn adherence_is_asked_of_a_time_a_machine_and_a_person_in_pages() {
    let (app, planner) = app_with_jobs(2).await;
    plan_all(&app, planner).await;
    app.settle().await;
    let agreed = place(&app, planner, "J-1", 10).await.expect("a place");
    let named = "{ m: machines(first: 5) { edges { node { id code } } } o: operator(code: \"17\") { id } }";
    let ids = app.data(planner, named, json!({})).await;
    let mill = &ids["m"]["edges"]
        .as_array()
        .expect("machines")
        .iter()
        .find(|it| it["node"]["code"] == "M-1")
        .expect("it is there")["node"]["id"];
    let count = async |more: Json| adherence(&app, planner, year(more)).await["agreed"].clone();
    assert_eq!(count(json!({})).await, 4);
    assert_eq!(count(json!({ "machine": mill })).await, 2);
    assert_eq!(count(json!({ "operator": ids["o"]["id"] })).await, 0);
    assert_eq!(count(json!({ "machine": "nonsense" })).await, 0);
    let other = place(&app, planner, "J-2", 10).await.expect("a place");
    let from = json!({ "machine": mill, "from": agreed.end.to_string() });
    assert_eq!(count(from).await, 1 + u64::from(other.end >= agreed.end), "what ends as the time begins is in it");
    let until = json!({ "machine": mill, "until": agreed.end.to_string() });
    assert_eq!(count(until).await, u64::from(other.end < agreed.end), "what ends as the time ends is not");
    let first = adherence(&app, planner, year(json!({ "first": 3 }))).await;
    assert_eq!((first["edges"].as_array().map(Vec::len), &first["agreed"]), (Some(3), &json!(4)));
    let rest = year(json!({ "first": 3, "after": first["pageInfo"]["endCursor"] }));
    assert_eq!(adherence(&app, planner, rest).await["edges"].as_array().map(Vec::len), Some(1));
    let stranger = app.caller("theirs", Role::Admin).await;
    assert_eq!(adherence(&app, stranger, year(json!({}))).await["agreed"], 0);
    let backwards = year(json!({ "from": "2012-12-31T00:00:00Z", "until": "2012-01-01T00:00:00Z" }));
    assert_eq!(refused(&app, planner, ADHERENCE, backwards).await, "\"BAD_RANGE\"");
    assert_eq!(refused(&app, planner, ADHERENCE, year(json!({ "first": 0 }))).await, "\"BAD_PAGE\"");
}
