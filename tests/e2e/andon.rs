//! Calls for help: they stop work on an operation, are told live, and escalate once where nobody answers.

use domain::kernel::{Caller, Role};
use domain::ports::Clock;
use futures_util::StreamExt;
use serde_json::{Value as Json, json};
use tests::app::{PATIENCE, TestApp};
use uuid::Uuid;

use crate::shop;

const START: &str = r#"mutation { it: startOperation(input: { jobNumber: "J-1", operation: 10, operatorCode: "17", machineCode: "M-1" }) {
    userErrors { code message } } }"#;
const CALL: &str = r#"mutation($input: CallAndonInput!) { it: callAndon(input: $input) {
    appended job { operations { number status andon { reason answered escalated blockedBy { quality machine { code } } } } }
    userErrors { code field message } } }"#;
const ANSWER: &str = r#"mutation { it: answerAndon(input: { jobNumber: "J-1", operation: 10 }) { appended userErrors { code field } } }"#;
const END: &str = r#"mutation { it: endAndon(input: { jobNumber: "J-1", operation: 10, remedy: "new insert" }) { appended userErrors { code field } } }"#;
const RESUME: &str = r#"mutation { it: resumeOperation(input: { jobNumber: "J-1", operation: 10, operatorCode: "17" }) { appended userErrors { code } } }"#;
const CALLS: &str =
    "query($filter: AndonCallFilter!) { it: andonCalls(first: 10, filter: $filter) { totalCount edges { node {
    job { code } operation workCenter { code } machine { code } reason calledBy { name } escalatesAt escalatedAt
    answeredBy { name } endedAt endedBy { name } remedy } } } }";
const FOLLOW: &str =
    "subscription { it: andonChanged { kind eventType call { reason escalatedAt endedAt } calls { reason } } }";

async fn shop() -> (TestApp, Caller, Caller) {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    shop::create_job(&app, admin, "J-1").await;
    let operator = app.caller("muster", Role::Operator).await;
    app.change(operator, START, json!({})).await;
    (app, admin, operator)
}

fn why(reason: &str) -> Json {
    json!({ "input": { "jobNumber": "J-1", "operation": 10, "reason": reason, "cause": "QUALITY" } })
}

async fn calls(app: &TestApp, caller: Caller, filter: Json) -> Vec<Json> {
    app.settle().await;
    let found = app.data(caller, CALLS, json!({ "filter": filter })).await;
    found["it"]["edges"].as_array().expect("a list").iter().map(|edge| edge["node"].clone()).collect()
}

async fn codes(app: &TestApp, caller: Caller, document: &str, variables: Json) -> Json {
    app.data(caller, document, variables).await["it"]["userErrors"].take()
}

#[tokio::test]
async fn a_call_blocks_its_operation_until_it_ends_and_is_listed_with_who_did_what() {
    let (app, admin, operator) = shop().await;
    let called = app.change(operator, CALL, why("tool broke")).await;
    let operations = &called["it"]["job"]["operations"];
    assert_eq!(operations[0]["status"], "BLOCKED");
    assert_eq!(
        operations[0]["andon"],
        json!({ "reason": "tool broke", "answered": false, "escalated": false, "blockedBy": { "quality": true, "machine": null } })
    );
    assert_eq!(operations[1]["andon"], Json::Null);
    for refused in [START, RESUME] {
        assert_eq!(codes(&app, operator, refused, json!({})).await[0]["code"], "OPERATION_BLOCKED");
    }
    let ready = r#"query($of: ID!) { it: readyToRun(workCenterId: $of) { operation waitsFor { kind } } }"#;
    let mill = app.data(admin, "{ workCenters(first: 9) { edges { node { id code } } } }", json!({})).await;
    let id = &mill["workCenters"]["edges"][0]["node"]["id"];
    let waits = app.data(admin, ready, json!({ "of": id })).await;
    assert_eq!(waits["it"][0], json!({ "operation": 10, "waitsFor": [{ "kind": "ANDON_CALL" }] }));
    app.change(admin, ANSWER, json!({})).await;
    let [open] = &calls(&app, admin, json!({ "open": true })).await[..] else { panic!("one call") };
    assert_eq!((&open["machine"]["code"], &open["calledBy"]["name"]), (&json!("M-1"), &json!("operator")));
    assert_eq!((&open["answeredBy"]["name"], &open["escalatesAt"]), (&json!("admin"), &json!("2012-03-05T08:10:00Z")));
    app.clock.advance_seconds(300);
    app.change(operator, END, json!({})).await;
    assert_eq!(calls(&app, admin, json!({ "open": true })).await, [] as [Json; 0]);
    let [over] = &calls(&app, admin, json!({ "open": false })).await[..] else { panic!("one call") };
    assert_eq!((&over["remedy"], &over["endedAt"]), (&json!("new insert"), &json!("2012-03-05T08:05:00Z")));
    app.change(operator, RESUME, json!({})).await;
    app.assert_rebuilt_is_live().await;
}

#[tokio::test]
async fn a_call_that_can_not_be_says_what_and_where() {
    let (app, admin, operator) = shop().await;
    let input = |change: Json| {
        let mut input = why("tool broke");
        input["input"].as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        input
    };
    for (change, code, field) in [
        (json!({ "jobNumber": "J-9" }), "JOB_NOT_FOUND", Json::Null),
        (json!({ "operation": 99 }), "OPERATION_NOT_FOUND", json!("operation")),
        (json!({ "machineCode": "M-9" }), "MACHINE_NOT_FOUND", json!("machineId")),
        (json!({ "cause": "PERSON", "operatorCode": "99" }), "OPERATOR_NOT_FOUND", json!("operatorId")),
        (json!({ "cause": "MACHINE" }), "BAD_REFERENCE", json!("machineId")),
        (json!({ "reason": "  " }), "BAD_TEXT", json!("reason")),
        (json!({ "reason": "x".repeat(10_001) }), "BAD_TEXT", json!("reason")),
    ] {
        let errors = codes(&app, operator, CALL, input(change.clone())).await;
        assert_eq!((&errors[0]["code"], &errors[0]["field"]), (&json!(code), &field), "{change}: {errors}");
    }
    for document in [ANSWER, END] {
        assert_eq!(codes(&app, operator, document, json!({})).await[0]["code"], "ANDON_CALL_NOT_FOUND");
    }
    let auditor = app.caller("muster", Role::Auditor).await;
    assert_eq!(codes(&app, auditor, CALL, why("x")).await[0]["code"], "NOT_FOUND", "who only reads does not call");
    let stranger = app.caller("others", Role::Admin).await;
    assert_eq!(codes(&app, stranger, CALL, why("x")).await[0]["code"], "JOB_NOT_FOUND");
    app.change(operator, CALL, why("tool broke")).await;
    assert_eq!(calls(&app, stranger, json!({})).await, [] as [Json; 0]);
    let again = app.change(operator, CALL, why("tool broke")).await;
    assert_eq!(again["it"]["appended"], 0);
    let policy = "mutation($minutes: Int) { it: setAndonEscalation(input: { minutes: $minutes }) { userErrors { code field } } }";
    for minutes in [0, 1_441] {
        let errors = codes(&app, admin, policy, json!({ "minutes": minutes })).await;
        assert_eq!(errors, json!([{ "code": "OUT_OF_RANGE", "field": "minutes" }]));
    }
}

/// The next message of this type of event, or the snapshot where it is none.
async fn heard(stream: &mut futures_util::stream::BoxStream<'static, async_graphql::Response>, until: &str) -> Json {
    let next = async {
        loop {
            let message = stream.next().await.expect("a message").data.into_json().expect("JSON")["it"].take();
            if message["eventType"].as_str().unwrap_or_default() == until {
                return message;
            }
        }
    };
    tokio::time::timeout(PATIENCE, next).await.expect("it is told")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_longer_than_the_company_lets_them_escalates_once_and_everybody_hears_of_it() {
    let (app, admin, operator) = shop().await;
    let policy = "mutation { it: setAndonEscalation(input: { minutes: 3 }) { company { andonEscalatesAfterMinutes } userErrors { code } } }";
    assert_eq!(app.change(admin, policy, json!({})).await["it"]["company"]["andonEscalatesAfterMinutes"], 3);
    let _escalating = app.escalate();
    let mut told = app.subscribe(admin, FOLLOW, json!({}));
    let first = heard(&mut told, "").await;
    assert_eq!((&first["kind"], &first["calls"]), (&json!("SNAPSHOT"), &json!([])));
    app.change(operator, CALL, why("tool broke")).await;
    heard(&mut told, "job.andon_called").await;
    app.clock.advance_seconds(180);
    let message = heard(&mut told, "job.andon_escalated").await;
    assert_eq!(message["call"]["escalatedAt"], app.clock.now().to_string());
    app.clock.advance_seconds(600);
    app.change(admin, END, json!({})).await;
    heard(&mut told, "job.andon_ended").await;
    let log = "{ it: activityLog(first: 9, filter: { eventTypes: [\"job.andon_escalated\"] }) { edges { node { sentence actor { name } } } } }";
    let log = app.data(admin, log, json!({})).await;
    assert_eq!(log["it"]["edges"].as_array().map(Vec::len), Some(1));
    let entry = &log["it"]["edges"][0]["node"];
    assert_eq!(entry["actor"]["name"], "Kilter");
    let sentence = entry["sentence"].as_str().expect("a sentence");
    assert!(sentence.starts_with("Nobody answered the call for help on operation 10 of job J-1"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_does_not_escalate_and_what_was_called_before_a_restart_does() {
    let (app, admin, operator) = shop().await;
    app.change(operator, CALL, why("tool broke")).await;
    app.change(admin, ANSWER, json!({})).await;
    shop::create_job(&app, admin, "J-2").await;
    app.clock.advance_seconds(60);
    let other = json!({ "input": { "jobNumber": "J-2", "operation": 10, "reason": "no bars", "cause": "MATERIAL", "material": "bar 20" } });
    app.change(operator, CALL, other).await;
    app.clock.advance_seconds(3_600);
    let mut told = app.subscribe(admin, FOLLOW, json!({}));
    assert_eq!(heard(&mut told, "").await["calls"].as_array().map(Vec::len), Some(2));
    let _escalating = app.escalate();
    let message = heard(&mut told, "job.andon_escalated").await;
    assert_eq!(message["call"]["reason"], "no bars");
    let open = calls(&app, admin, json!({ "open": true })).await;
    let escalated: Vec<bool> = open.iter().map(|call| call["escalatedAt"].is_string()).collect();
    assert_eq!(escalated, [true, false], "the newest first: {open:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_told_late_escalates_at_once() {
    let (app, admin, operator) = shop().await;
    app.clock.advance_seconds(7_200);
    let _escalating = app.escalate();
    let mut told = app.subscribe(admin, FOLLOW, json!({}));
    heard(&mut told, "").await;
    let mut late = why("tool broke");
    late["input"]["happenedAt"] = json!("2012-03-05T09:00:00Z");
    app.change(operator, CALL, late).await;
    heard(&mut told, "job.andon_escalated").await;
}

#[tokio::test]
async fn a_call_is_named_by_the_command_that_made_it_and_no_other_one_is_answered_or_ended() {
    let (app, admin, operator) = shop().await;
    let named = |call: Uuid| json!({ "call": call, "input": { "jobNumber": "J-1", "operation": 10, "callId": call } });
    let call = async |reason: &str| {
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, reason.as_bytes());
        let mut input = why(reason);
        input["input"]["commandId"] = json!(id);
        let called = app.change(operator, CALL, input).await;
        assert_eq!(called["it"]["job"]["operations"][0]["status"], "BLOCKED");
        id
    };
    let end = "mutation($input: EndAndonInput!) { it: endAndon(input: $input) { appended userErrors { code field } } }";
    let answer =
        "mutation($input: AnswerAndonInput!) { it: answerAndon(input: $input) { appended userErrors { code field } } }";
    let first = call("tool broke").await;
    assert_eq!(app.change(operator, end, named(first)).await["it"]["appended"], 1);
    let second = call("no bars").await;
    for document in [end, answer] {
        let again = app.change(operator, document, named(first)).await;
        assert_eq!(again["it"]["appended"], 0, "what is over stays so, and the other call open: {document}");
        let unknown = codes(&app, operator, document, named(Uuid::from_u128(0x999))).await;
        assert_eq!(unknown, json!([{ "code": "ANDON_CALL_NOT_FOUND", "field": "operation" }]));
        let odd = json!({ "input": { "jobNumber": "J-1", "operation": 10, "callId": "that one" } });
        assert_eq!(codes(&app, operator, document, odd).await, json!([{ "code": "BAD_ID", "field": "callId" }]));
    }
    assert_eq!(calls(&app, admin, json!({ "open": true })).await.len(), 1);
    app.change(operator, answer, named(second)).await;
    app.change(operator, end, named(second)).await;
    assert_eq!(calls(&app, admin, json!({ "open": true })).await, [] as [Json; 0]);
    app.assert_rebuilt_is_live().await;
}

/// Forty call for help at once, and as many answer and end: one call at a time is open, each is ended once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_call_answer_and_end_at_once_make_a_history_without_contradiction() {
    let (app, admin, operator) = shop().await;
    let tries = (0..120).map(|at| {
        let app = &app;
        async move {
            let (document, variables) = match at % 3 {
                0 => (CALL, why(&format!("reason {}", at % 2))),
                1 => (ANSWER, json!({})),
                _ => (END, json!({})),
            };
            let answer = app.data(operator, document, variables).await;
            let code = answer["it"]["userErrors"][0]["code"].as_str().unwrap_or_default().to_owned();
            assert!(["", "OPERATION_BLOCKED", "ANDON_CALL_NOT_FOUND", "CONFLICT"].contains(&&*code), "{answer}");
        }
    });
    futures_util::future::join_all(tries).await;
    let told = calls(&app, admin, json!({})).await;
    let open = told.iter().filter(|call| call["endedAt"].is_null()).count();
    assert!(!told.is_empty() && open <= 1, "{told:?}");
    let log = "{ it: activityLog(first: 100, filter: { eventTypes: [\"job.andon_called\", \"job.andon_ended\"] }) { edges { node { eventType } } } }";
    let log = app.data(admin, log, json!({})).await;
    let kinds: Vec<_> =
        log["it"]["edges"].as_array().expect("a list").iter().map(|edge| edge["node"]["eventType"].clone()).collect();
    assert!(kinds.windows(2).all(|pair| pair[0] != pair[1]), "calls and their ends take turns: {kinds:?}");
    app.assert_rebuilt_is_live().await;
}
