//! What can't be asked of the past, and what is answered before there was anything.

use domain::kernel::Role;
use serde_json::json;
use tests::app::TestApp;

use super::{code, head};
use crate::shop;

const JOBS: &str =
    "query($at: DateTime, $p: Position) @asOf(instant: $at, position: $p) { jobs(first: 5) { totalCount } }";

#[tokio::test]
async fn a_moment_is_given_once_is_readable_and_is_over() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    for (variables, expected) in [
        (json!({ "at": "2012-03-05T08:00:01Z" }), "AS_OF_IN_FUTURE"),
        (json!({ "p": "99999" }), "AS_OF_IN_FUTURE"),
        (json!({ "at": "2012-03-05T08:00:00Z", "p": "1" }), "BAD_REFERENCE"),
        (json!({ "at": "yesterday" }), "BAD_USER_INPUT"),
        (json!({ "at": 7 }), "BAD_USER_INPUT"),
        (json!({ "p": "-1" }), "BAD_USER_INPUT"),
        (json!({ "p": "one" }), "BAD_USER_INPUT"),
    ] {
        assert_eq!(code(&app, admin, JOBS, variables.clone()).await, expected, "{variables}");
    }
    for bare in ["query @asOf { viewer { role } }", "query @asOf(position: null) { viewer { role } }"] {
        assert_eq!(code(&app, admin, bare, json!({})).await, "BAD_REFERENCE", "{bare}");
    }
    let far = "query($m: Position!) @asOf(position: \"1\") { jobs(first: 5, minPosition: $m) { totalCount } }";
    assert_eq!(code(&app, admin, far, json!({ "m": head(&app).await })).await, "BAD_RANGE");
}

#[tokio::test]
async fn only_a_query_is_asked_of_the_past() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    let before = head(&app).await;
    for document in [
        "mutation @asOf(position: \"1\") { createWorkCenter(input: { code: \"X\", name: \"X\" }) { position } }",
        "{ jobs(first: 5) @asOf(position: \"1\") { totalCount } }",
        "query @asOf(position: \"1\") @asOf(position: \"2\") { jobs(first: 5) { totalCount } }",
        "query @asOf(when: \"1\") { jobs(first: 5) { totalCount } }",
    ] {
        let answer = app.execute(admin, document, json!({})).await;
        assert!(!answer.errors.is_empty() && answer.data == async_graphql::Value::Null, "{document}: {answer:?}");
    }
    assert_eq!(head(&app).await, before, "nothing was done");
    let follow = "subscription @asOf(position: \"1\") { activityAppended { kind } }";
    let mut told = app.subscribe(admin, follow, json!({}));
    let first = futures_util::StreamExt::next(&mut told).await.expect("an answer");
    assert!(!first.errors.is_empty());
}

#[tokio::test]
async fn nothing_at_all_was_there_before_the_first_event() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    let empty = "query($at: DateTime, $p: Position) @asOf(instant: $at, position: $p) {
        company { opened name } jobs(first: 5) { totalCount } machines(first: 5) { totalCount } activityLog(first: 5) { totalCount }
        board(from: \"2012-03-05T00:00:00Z\", until: \"2012-03-06T00:00:00Z\") { bars { operation } } shopTotals(by: DAY) { key } }";
    for variables in [json!({ "p": "0" }), json!({ "at": "1999-12-31T23:59:59Z" })] {
        let answer = app.execute(admin, empty, variables.clone()).await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        let told = answer.extensions["asOf"].clone().into_json().expect("JSON");
        assert_eq!((&told["position"], &told["instant"]), (&json!("0"), &variables["at"]));
        let data = answer.data.into_json().expect("JSON");
        assert_eq!(data["company"], json!({ "opened": false, "name": "muster" }));
        assert_eq!((&data["machines"]["totalCount"], &data["activityLog"]["totalCount"]), (&json!(0), &json!(0)));
    }
}

#[tokio::test]
async fn one_document_serves_now_and_then() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    shop::create_job(&app, admin, "J-1").await;
    let before = head(&app).await;
    shop::create_job(&app, admin, "J-2").await;
    let count = async |variables| app.data(admin, JOBS, variables).await["jobs"]["totalCount"].clone();
    assert_eq!(count(json!({})).await, 2, "of now, where the variables are not given");
    assert_eq!(count(json!({ "at": null })).await, 2);
    assert_eq!(count(json!({ "p": before })).await, 1);
    let now = app.execute(admin, JOBS, json!({})).await;
    assert!(!now.extensions.contains_key("asOf"));
}

#[tokio::test]
async fn the_role_that_asks_now_is_what_counts() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    let operator = app.caller("muster", Role::Operator).await;
    let log = "query @asOf(position: \"3\") { activityLog(first: 5) { totalCount } }";
    assert_eq!(code(&app, operator, log, json!({})).await, "NOT_FOUND");
    assert_eq!(app.data(admin, log, json!({})).await["activityLog"]["totalCount"], 3);
}
