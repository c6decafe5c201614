//! Questions of planning over GraphQL: what does not go together, and what has no place and why.

use domain::kernel::{Caller, Role};
use serde_json::{Value as Json, json};
use tests::app::TestApp;

use crate::planning::{app_with_jobs, place, plan_all};
use crate::shop;

const CONFLICTS: &str = "query($filter: PlanConflictsFilter! = {}, $first: Int, $after: String, $last: Int, $before: String) {
    it: conflicts(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        totalCount counts { kind count } planVersion pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
        edges { cursor node { kind operation { number job { code } } with { number job { code } } machine { code } operator { code } from to } }
    } }";
const MARKS: &str = "query($from: DateTime!, $until: DateTime!) {
    board(from: $from, until: $until) { bars { job { code } operation conflicts } elsewhere { operation conflicts } } }";

async fn conflicts(app: &TestApp, caller: Caller, variables: Json) -> Json {
    app.settle().await;
    app.data(caller, CONFLICTS, variables).await["it"].take()
}

/// The code of the error that a field failed with.
pub(crate) async fn refused(app: &TestApp, caller: Caller, document: &str, variables: Json) -> String {
    let answer = app.execute(caller, document, variables).await;
    let error = answer.errors.first().expect("refused").extensions.as_ref().and_then(|coded| coded.get("code"));
    error.expect("a code").to_string()
}

/// Kinds with the job of each, in the order of the list.
fn kinds(found: &Json) -> Vec<(String, String)> {
    let text = |it: &Json| it.as_str().expect("text").to_owned();
    let told = |edge: &Json| (text(&edge["node"]["kind"]), text(&edge["node"]["operation"]["job"]["code"]));
    found["edges"].as_array().expect("edges").iter().map(told).collect()
}

/// Two jobs whose first operations are both put on the mill at the same time.
async fn overlapping() -> (TestApp, Caller) {
    let (app, planner) = app_with_jobs(2).await;
    plan_all(&app, planner).await;
    let there = place(&app, planner, "J-1", 10).await.expect("a place").start;
    let moving = r#"mutation($start: DateTime!) { it: moveOperations(input: {
        moves: [{ jobNumber: "J-2", operation: 10, start: $start }], reason: "both at once" }) { userErrors { code } } }"#;
    app.change(planner, moving, json!({ "start": there.to_string() })).await;
    (app, planner)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conflicts_of_the_plan_are_listed_with_what_they_are_about_and_marked_on_bars() {
    let (app, planner) = overlapping().await;
    let overload = json!({ "filter": { "kinds": ["OVERLOAD"] }, "first": 10 });
    let found = conflicts(&app, planner, overload.clone()).await;
    assert_eq!(kinds(&found).len(), 2, "one of each: {found}");
    let node = &found["edges"][0]["node"];
    assert_eq!((&node["machine"]["code"], &node["operation"]["number"]), (&json!("M-1"), &json!(10)));
    assert_ne!(node["with"]["job"]["code"], node["operation"]["job"]["code"]);
    assert_eq!(found["counts"], json!([{ "kind": "OVERLOAD", "count": 2 }]));
    let (from, to) = (node["from"].clone(), node["to"].clone());

    let named = "{ one: job(number: \"J-1\") { id } m: machines(first: 5) { edges { node { id code } } } o: operator(code: \"17\") { id } }";
    let ids = app.data(planner, named, json!({})).await;
    let machine = |code: &str| {
        let all = ids["m"]["edges"].as_array().expect("machines").iter();
        all.map(|edge| &edge["node"]).find(|node| node["code"] == code).expect("it is there")["id"].clone()
    };
    let count = async |more: Json| {
        let mut filter = json!({ "kinds": ["OVERLOAD"] });
        filter.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        conflicts(&app, planner, json!({ "filter": filter, "first": 10 })).await["totalCount"].clone()
    };
    assert_eq!(count(json!({ "jobId": ids["one"]["id"] })).await, 2, "of it, and with it");
    assert_eq!(count(json!({ "machineId": machine("M-1") })).await, 2);
    assert_eq!(count(json!({ "machineId": machine("L-1") })).await, 0);
    assert_eq!(count(json!({ "operatorId": ids["o"]["id"] })).await, 0, "nobody is named");
    assert_eq!(count(json!({ "machineId": "nonsense" })).await, 0);
    assert_eq!(count(json!({ "from": to })).await, 0, "it is over by then");
    assert_eq!(count(json!({ "until": from })).await, 0, "it has not begun by then");
    assert_eq!(count(json!({ "from": from, "until": to })).await, 2);

    let window = json!({ "from": from, "until": to });
    let marks = app.data(planner, MARKS, window.clone()).await["board"]["bars"].take();
    let first = |bar: &&Json| bar["operation"] == 10;
    let marks: Vec<&Json> = marks.as_array().expect("bars").iter().filter(first).collect();
    assert_eq!(marks.len(), 2);
    for bar in marks {
        assert!(bar["conflicts"].as_array().is_some_and(|kinds| kinds.contains(&json!("OVERLOAD"))), "{bar}");
    }
    // Operators see them as well, other companies don't.
    let operator = app.caller("muster", Role::Operator).await;
    assert_eq!(conflicts(&app, operator, overload.clone()).await["totalCount"], 2);
    let stranger = app.caller("theirs", Role::Admin).await;
    assert_eq!(conflicts(&app, stranger, overload.clone()).await["edges"], json!([]));

    let version = found["planVersion"].clone();
    let undo = "mutation($version: Int!) { it: undoPlanChange(input: { version: $version }) { userErrors { code } } }";
    app.change(planner, undo, json!({ "version": version })).await;
    assert_eq!(conflicts(&app, planner, overload).await["totalCount"], 0);
    let marks = app.data(planner, MARKS, window).await["board"]["bars"].take();
    for bar in marks.as_array().expect("bars") {
        assert!(!bar["conflicts"].as_array().expect("told").contains(&json!("OVERLOAD")), "{bar}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conflicts_come_in_pages_that_meet_from_either_end() {
    let (app, planner) = overlapping().await;
    let whole = conflicts(&app, planner, json!({ "first": 100 })).await;
    let all = kinds(&whole);
    assert!(all.len() >= 3, "{all:?}");
    let (mut forwards, mut after) = (Vec::new(), Json::Null);
    loop {
        let page = conflicts(&app, planner, json!({ "first": 2, "after": after })).await;
        forwards.extend(kinds(&page));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(forwards, all);
    let last = conflicts(&app, planner, json!({ "last": 1 })).await;
    assert_eq!((kinds(&last), &last["totalCount"]), (vec![all[all.len() - 1].clone()], &json!(all.len())));
    let before = conflicts(&app, planner, json!({ "last": 100, "before": last["pageInfo"]["startCursor"] })).await;
    assert_eq!(kinds(&before), all[..all.len() - 1]);
    for (bad, code) in [
        (json!({}), "\"BAD_PAGE\""),
        (json!({ "first": 101 }), "\"BAD_PAGE\""),
        (json!({ "first": 1, "after": "nonsense" }), "\"BAD_CURSOR\""),
        (
            json!({ "first": 1, "filter": { "from": "2012-03-05T05:00:00Z", "until": "2012-03-05T04:00:00Z" } }),
            "\"BAD_RANGE\"",
        ),
    ] {
        assert_eq!(refused(&app, planner, CONFLICTS, bad).await, code);
    }
}

#[tokio::test]
async fn what_has_no_place_says_why_in_a_code_and_in_words() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    let create = r#"mutation { createJob(input: { number: "J-1", operations: [
        { number: 10, name: "Mill", workCenterCode: "MILL" }
        { number: 20, name: "Weld", workCenterCode: "MILL", skill: { skill: "welding", level: 2 } }
        { number: 30, name: "Mill", workCenterCode: "MILL" }
        { number: 40, name: "Turn", workCenterCode: "TURN" }
    ] }) { userErrors { code message } } }"#;
    app.change(admin, create, json!({})).await;
    app.settle().await;
    let list = "{ unplanned(first: 10) { edges { node { operations { number reason because } } } } }";
    let found = app.data(admin, list, json!({})).await["unplanned"].take();
    let told =
        |number: u16, reason: &str, because: &str| json!({ "number": number, "reason": reason, "because": because });
    let expected = json!([
        told(10, "NOT_YET", "nobody has planned it yet"),
        told(20, "SKILL_MISSING", "nobody who works here has skill welding at level 2"),
        told(30, "PREDECESSOR_UNPLANNED", "operation 20 before it has no place"),
        told(40, "NO_MACHINE", "no machine of TURN is in use"),
    ]);
    assert_eq!(found["edges"][0]["node"]["operations"], expected);
    let grant =
        r#"mutation { grantSkill(input: { operatorCode: "17", skill: "welding", level: 2 }) { userErrors { code } } }"#;
    app.change(admin, grant, json!({})).await;
    app.settle().await;
    let found = app.data(admin, list, json!({})).await["unplanned"].take();
    assert_eq!(found["edges"][0]["node"]["operations"][1]["reason"], "NOT_YET", "as soon as somebody can do it");
}
