//! Subscriptions in process: a consistent beginning, then every event once, whatever happens to the connection.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_graphql::Response;
use domain::kernel::{Caller, Role};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use serde_json::{Value as Json, json};
use tests::app::{PATIENCE, TestApp};

use crate::shop;

const FOLLOW_JOBS: &str = "subscription($after: Position) {
    jobChanged(after: $after) { kind cursor position eventType lagMs job { number priority revision } jobs { number revision } }
}";
const FOLLOW_BOARD: &str = "subscription($after: Position) {
    machineBoardChanged(after: $after) { kind cursor workCenters { code openOperations } machines { code status } }
}";
const FOLLOW_LOG: &str = "subscription($after: Position) {
    activityAppended(after: $after) { kind cursor eventType entry { position thing { code } } }
}";

async fn next(stream: &mut BoxStream<'static, Response>) -> Json {
    let response = tokio::time::timeout(PATIENCE, stream.next()).await.expect("a message in time").expect("a message");
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    let data = response.data.into_json().expect("JSON");
    data.as_object().and_then(|fields| fields.values().next().cloned()).unwrap_or_default()
}

fn cursor(message: &Json) -> u64 {
    message["cursor"].as_str().and_then(|text| text.parse().ok()).expect("a cursor")
}

#[tokio::test]
async fn the_first_message_is_a_snapshot_and_changes_follow_it() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    shop::create_job(&app, admin, "J-1").await;
    let mut jobs = app.subscribe(admin, FOLLOW_JOBS, json!({}));
    let mut board = app.subscribe(admin, FOLLOW_BOARD, json!({}));
    let mut log = app.subscribe(admin, FOLLOW_LOG, json!({}));
    let snapshot = next(&mut jobs).await;
    assert_eq!((&snapshot["kind"], &snapshot["jobs"][0]["number"]), (&json!("SNAPSHOT"), &json!("J-1")));
    let shown = next(&mut board).await;
    assert_eq!(
        shown["workCenters"],
        json!([{ "code": "MILL", "openOperations": 1 }, { "code": "TURN", "openOperations": 1 }])
    );
    assert_eq!(shown["machines"], json!([{ "code": "M-1", "status": "AVAILABLE" }]));
    assert_eq!(next(&mut log).await["kind"], "SNAPSHOT");

    shop::create_job(&app, admin, "J-2").await;
    let change = next(&mut jobs).await;
    assert_eq!((&change["kind"], &change["job"]["number"]), (&json!("CHANGE"), &json!("J-2")));
    assert_eq!((&change["eventType"], &change["lagMs"]), (&json!("job.created"), &json!(0)));
    assert!(cursor(&change) > cursor(&snapshot));
    let touched = next(&mut board).await;
    assert_eq!(touched["workCenters"][0], json!({ "code": "MILL", "openOperations": 2 }));
    assert_eq!(next(&mut log).await["entry"]["thing"]["code"], "J-2");
}

#[tokio::test]
async fn a_tenant_hears_nothing_of_another() {
    let app = TestApp::start().await;
    let (ours, theirs) = (app.caller("ours", Role::Admin).await, app.caller("theirs", Role::Admin).await);
    shop::set_up(&app, ours).await;
    shop::set_up(&app, theirs).await;
    let mut jobs = app.subscribe(ours, FOLLOW_JOBS, json!({}));
    assert_eq!(next(&mut jobs).await["jobs"], json!([]));
    shop::create_job(&app, theirs, "SECRET").await;
    shop::create_job(&app, ours, "J-1").await;
    assert_eq!(next(&mut jobs).await["job"]["number"], "J-1");
    let backlog = app.backlog(ours, FOLLOW_LOG, json!({ "after": "0" })).await;
    let text = serde_json::to_string(&backlog).expect("JSON");
    assert!(!text.contains("SECRET"), "{text}");
    assert!(text.contains("J-1"));
}

#[tokio::test]
async fn a_subscriber_with_a_role_that_may_not_is_told_not_found() {
    let app = TestApp::start().await;
    let operator = app.caller("muster", Role::Operator).await;
    let responses = app.backlog(operator, FOLLOW_LOG, json!({})).await;
    assert_eq!(responses.len(), 1);
    let error = serde_json::to_value(&responses[0].errors).expect("JSON");
    assert_eq!(error[0]["extensions"]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn a_thousand_jobs_can_be_named_and_no_more() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    let document = "subscription($ids: [ID!]) { jobChanged(filter: { ids: $ids }) { kind } }";
    let ids: Vec<uuid::Uuid> = (0..1001).map(uuid::Uuid::from_u128).collect();
    let refused = app.backlog(admin, document, json!({ "ids": ids })).await;
    assert_eq!(serde_json::to_value(&refused[0].errors).expect("JSON")[0]["extensions"]["code"], "BAD_RANGE");
    let followed = app.backlog(admin, document, json!({ "ids": &ids[1..] })).await;
    assert!(followed.iter().all(|message| message.errors.is_empty()), "{followed:?}");
}

#[tokio::test]
async fn a_cursor_ahead_of_everything_that_happened_is_refused() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    app.settle().await;
    let head = app.deps.live.position().0;
    for document in [FOLLOW_JOBS, FOLLOW_BOARD, FOLLOW_LOG] {
        assert!(app.backlog(admin, document, json!({ "after": head.to_string() })).await.is_empty());
        let refused = app.backlog(admin, document, json!({ "after": (head + 1).to_string() })).await;
        let errors = serde_json::to_value(&refused[0].errors).expect("JSON");
        assert_eq!((refused.len(), &errors[0]["extensions"]["code"]), (1, &json!("BAD_CURSOR")));
    }
}

/// Promises dates for jobs from several tasks at once until told to stop; gives how many events they made.
fn writers(app: &Arc<TestApp>, admin: Caller, stop: &Arc<AtomicBool>) -> Vec<tokio::task::JoinHandle<u64>> {
    let write = |task: u64| {
        let (app, stop) = (Arc::clone(app), Arc::clone(stop));
        async move {
            let document = "mutation($number: String!, $due: DateTime!) {
                promiseJob(input: { jobNumber: $number, due: $due }) { appended userErrors { message } }
            }";
            let mut appended = 0;
            while !stop.load(Ordering::Relaxed) || appended < 40 {
                let due = format!("2013-01-{:02}T{:02}:00:00Z", appended % 28 + 1, appended % 24);
                let variables = json!({ "number": format!("J-{task}"), "due": due });
                let answer = app.data(admin, document, variables).await;
                appended += answer["promiseJob"]["appended"].as_u64().unwrap_or_default();
                tokio::task::yield_now().await;
            }
            appended
        }
    };
    (1..=3).map(|task| tokio::spawn(write(task))).collect()
}

/// Follows with a new connection after every few messages, as many as a small generator says; gives each cursor it saw.
async fn follow_with_breaks(app: &TestApp, admin: Caller, document: &str, from: u64, rounds: u64) -> Vec<u64> {
    let (mut seen, mut last) = (Vec::new(), from);
    for round in 0..rounds {
        let mut stream = app.subscribe(admin, document, json!({ "after": last.to_string() }));
        for _ in 0..(round * 7 + 3) % 11 + 1 {
            let message = next(&mut stream).await;
            assert_ne!(message["kind"], "SNAPSHOT", "who comes back with a cursor gets no snapshot");
            last = cursor(&message);
            if message["kind"] == "CHANGE" {
                seen.push(last);
            }
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_back_with_the_cursor_misses_nothing_and_hears_nothing_twice() {
    let app = Arc::new(TestApp::start().await);
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    for number in ["J-1", "J-2", "J-3"] {
        shop::create_job(&app, admin, number).await;
    }
    let from = app.deps.live.position().0;
    let stop = Arc::new(AtomicBool::new(false));
    let writing = writers(&app, admin, &stop);
    let (mut jobs, mut log) = tokio::join!(
        follow_with_breaks(&app, admin, FOLLOW_JOBS, from, 12),
        follow_with_breaks(&app, admin, FOLLOW_LOG, from, 12)
    );
    stop.store(true, Ordering::Relaxed);
    let mut made = 0;
    for task in writing {
        made += task.await.expect("a writer");
    }
    app.settle().await;
    for (seen, document) in [(&mut jobs, FOLLOW_JOBS), (&mut log, FOLLOW_LOG)] {
        let last = seen.last().copied().expect("messages");
        for response in app.backlog(admin, document, json!({ "after": last.to_string() })).await {
            let data = response.data.into_json().expect("JSON");
            let message = data.as_object().and_then(|fields| fields.values().next().cloned()).expect("a message");
            seen.push(cursor(&message));
        }
        assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "in order, none twice: {seen:?}");
        assert_eq!(u64::try_from(seen.len()).expect("a count"), made);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_and_the_changes_after_it_add_up_to_the_present() {
    let app = Arc::new(TestApp::start().await);
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    for number in ["J-1", "J-2", "J-3"] {
        shop::create_job(&app, admin, number).await;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let writing = writers(&app, admin, &stop);
    let mut stream = app.subscribe(admin, FOLLOW_JOBS, json!({}));
    let mut revisions = BTreeMap::new();
    let snapshot = next(&mut stream).await;
    for job in snapshot["jobs"].as_array().expect("jobs") {
        revisions.insert(job["number"].to_string(), job["revision"].to_string());
    }
    stop.store(true, Ordering::Relaxed);
    for task in writing {
        task.await.expect("a writer");
    }
    app.settle().await;
    let head = app.deps.live.position().0;
    let mut at = cursor(&snapshot);
    while at < head {
        let message = next(&mut stream).await;
        at = cursor(&message);
        revisions.insert(message["job"]["number"].to_string(), message["job"]["revision"].to_string());
    }
    let present = app.data(admin, "{ jobs(first: 10) { edges { node { number revision } } } }", json!({})).await;
    for edge in present["jobs"]["edges"].as_array().expect("jobs") {
        let number = edge["node"]["number"].to_string();
        assert_eq!(revisions.get(&number), Some(&edge["node"]["revision"].to_string()), "{number}");
    }
}

#[tokio::test]
async fn a_subscriber_that_falls_far_behind_goes_on_from_the_log() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    shop::create_job(&app, admin, "J-1").await;
    let mut stream = app.subscribe(admin, FOLLOW_JOBS, json!({}));
    let mut at = cursor(&next(&mut stream).await);
    // More than the notices that are kept for one subscriber.
    for batch in 0..15 {
        let changes: String = (0..100)
            .map(|index| {
                let minute = (batch * 100 + index) % 60;
                let (day, hour) = (batch % 28 + 1, index % 24);
                format!("m{index}: promiseJob(input: {{ jobNumber: \"J-1\", due: \"2013-02-{day:02}T{hour:02}:{minute:02}:00Z\" }}) {{ appended }} ")
            })
            .collect();
        app.data(admin, &format!("mutation {{ {changes} }}"), json!({})).await;
    }
    app.settle().await;
    let head = app.deps.live.position().0;
    let mut told = 0;
    while at < head {
        let message = next(&mut stream).await;
        assert!(cursor(&message) > at);
        at = cursor(&message);
        told += 1;
    }
    assert!(told > 1024, "{told} messages");
}

#[tokio::test]
async fn history_is_told_again_in_order_and_ends() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    app.clock.advance_seconds(3600);
    shop::create_job(&app, admin, "J-1").await;
    let replay = "subscription($speed: Float, $after: String) {
        activityReplay(speed: $speed, after: $after) { cursor nextInMs entry { eventType happenedAt } }
    }";
    let fast: Vec<Response> = app.subscribe(admin, replay, json!({})).collect().await;
    let told: Vec<Json> =
        fast.into_iter().map(|one| one.data.into_json().expect("JSON")["activityReplay"].take()).collect();
    assert_eq!(told.first().map(|one| &one["entry"]["eventType"]), Some(&json!("company.opened")));
    assert_eq!(
        told.last().map(|one| (&one["entry"]["eventType"], &one["nextInMs"])),
        Some((&json!("job.created"), &Json::Null))
    );
    let cursor = told[1]["cursor"].clone();
    let rest: Vec<Response> = app.subscribe(admin, replay, json!({ "after": cursor })).collect().await;
    assert_eq!(rest.len(), told.len() - 2);

    // An hour told 36,000 times faster takes a tenth of a second.
    let paced: Vec<Response> = app.subscribe(admin, replay, json!({ "speed": 36_000.0 })).collect().await;
    let gaps: Vec<Json> =
        paced.into_iter().map(|one| one.data.into_json().expect("JSON")["activityReplay"]["nextInMs"].take()).collect();
    assert!(gaps.contains(&json!(100)), "{gaps:?}");
    let refused = app.backlog(admin, replay, json!({ "speed": -1.0 })).await;
    assert_eq!(serde_json::to_value(&refused[0].errors).expect("JSON")[0]["extensions"]["code"], "BAD_RANGE");
}
