//! Histories of made-up shops, of two companies in one log.

use std::sync::Arc;

use domain::kernel::{Caller, Role, Timestamp};
use domain::ports::{EventStore, Recorded, Scope};
use serde_json::{Value as Json, json};
use tests::app::TestApp;
use tests::projecting::assert_rebuilt_is_live;
use tests::rounds::{Random, rounds};
use tests::shop_history::ShopHistory;
use tests::shop_store::append;
use tests::stores::{TestStore, everything};

use super::{as_of, at_instant, at_position, head, said};

const PLAN: &str = r#"query {
    board(from: "2012-01-01T00:00:00Z", until: "2012-02-01T00:00:00Z") {
        position lanes { machine { code } } bars { ...It } elsewhere { ...It } }
    unplanned(first: 50) { totalCount edges { cursor node { job { code } due operations { number } } } }
}
fragment It on BoardBar { job { code } operation machine { code } start end status late over good pin { reason } planVersion }"#;
const JOBS: &str = r#"query {
    a: jobs(first: 7) { ...Page }
    b: jobs(last: 5, sort: { by: DUE, descending: true }) { ...Page }
    c: jobs(first: 5, sort: { by: LAST_ACTIVITY_AT, descending: true }) { ...Page }
    d: jobs(first: 50, filter: { status: [RUNNING, SCHEDULED], numberContains: "j00" }) { ...Page }
    e: jobs(first: 50, filter: { late: true }) { ...Page }
    f: jobs(first: 50, filter: { dueBefore: "2012-01-04T00:00:00Z", activeFrom: "2012-01-02T06:00:00Z" }) { ...Page }
}
fragment Page on JobConnection { position totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node {
    number status late good scrap rework held setupSeconds runSeconds revision position lastActivityAt
    operations { number status good plan { window { start end } } } atWork { operator { code } phase }
} } }"#;
const SHOP: &str = r#"query {
    company { name zone revision }
    machines(first: 100) { totalCount position edges { cursor node { code status since atWork { job { code } } revision position } } }
    workCenters(first: 100, filter: { codeContains: "wc0" }) { edges { cursor node { code openOperations waitingOperations runningOperations } } }
    operators(last: 100) { totalCount edges { cursor node { code atWork { operation } position } } }
    operatorDay(code: "ID0003", date: "2012-01-02") { totals { good scrap } gaps { start end } entries { within { start end } } }
}"#;
const SUMS: &str = r#"query {
    day: shopTotals(by: DAY) { ...It } center: shopTotals(by: WORK_CENTER) { ...It }
    operator: shopTotals(by: OPERATOR, from: "2012-01-02T06:00:00Z", to: "2012-01-02T08:00:00Z") { ...It } job: shopTotals(by: JOB) { ...It }
}
fragment It on ShopTotal { key label good scrap rework held setupSeconds runSeconds jobsFinished wip running late }"#;
const ACTIVITY: &str = r#"query {
    newest: activityLog(first: 10) { ...Page }
    oldest: activityLog(last: 10, oldestFirst: true) { ...Page }
    reports: activityLog(first: 5, filter: { eventTypes: ["job.work_reported"], happenedFrom: "2012-01-02T06:00:00Z" }) { ...Page }
}
fragment Page on ActivityEntryConnection { position totalCount pageInfo { hasNextPage endCursor }
    edges { cursor node { position eventId sentence happenedAt recordedAt thing { code } changes { field before after } } } }"#;
const QUESTIONS: [&str; 5] = [PLAN, JOBS, SHOP, SUMS, ACTIVITY];

/// A moment, and what was answered then.
struct Mark {
    position: String,
    instant: String,
    answers: Vec<(Json, String)>,
}

async fn answers(app: &TestApp, caller: Caller) -> Vec<(Json, String)> {
    let mut answers = Vec::new();
    for question in QUESTIONS {
        let answer = app.execute(caller, question, json!({})).await;
        assert!(answer.errors.is_empty(), "{question}: {:?}", answer.errors);
        answers.push(said(answer));
    }
    answers
}

async fn answers_at(app: &TestApp, caller: Caller, variables: &Json) -> Vec<(Json, String)> {
    let mut answers = Vec::new();
    for question in QUESTIONS {
        answers.push(said(app.execute(caller, &as_of(question), variables.clone()).await));
    }
    answers
}

/// Lets so many steps of the history happen, of both companies, and asks after each.
async fn live_through(app: &TestApp, callers: [Caller; 2], seed: u64, steps: usize) -> Vec<Mark> {
    let mut random = Random::new(seed);
    let mut histories = callers.map(|caller| ShopHistory::new(seed, caller.tenant));
    let mut marks = Vec::new();
    for step in 0..steps {
        let events = random.between(1, if step == 0 { 120 } else { 25 });
        let mut last: Option<Recorded> = None;
        for _ in 0..events {
            let whose = usize::from(random.between(0, 3) == 0);
            let event: Recorded = histories[whose].next().expect("endless");
            append(&*app.deps.store, std::slice::from_ref(&event)).await;
            if whose == 0 {
                last = Some(event);
            }
        }
        let Some(last) = last else { continue };
        app.clock.set(last.envelope.recorded_at);
        app.settle().await;
        let (position, instant) = (head(app).await, last.envelope.recorded_at.to_string());
        marks.push(Mark { position, instant, answers: answers(app, callers[0]).await });
    }
    marks
}

/// Asks again of every moment, in no order; of instants as well, where nothing else happened at the same one.
async fn assert_unchanged(app: &TestApp, caller: Caller, marks: &[Mark], random: &mut Random) {
    app.clock.advance_seconds(40 * 86_400);
    let events = everything(&*app.deps.store, Scope::Tenant(caller.tenant), 500).await;
    let mut order: Vec<usize> = (0..marks.len()).collect();
    for at in (1..order.len()).rev() {
        order.swap(at, usize::try_from(random.between(0, at as u64)).expect("small"));
    }
    for at in order {
        let mark = &marks[at];
        let again = answers_at(app, caller, &at_position(&json!({}), &mark.position)).await;
        for (again, then) in again.iter().zip(&mark.answers) {
            assert_eq!(again, then, "at {}", mark.position);
        }
        let variables = at_instant(&json!({}), &mark.instant);
        let answer = app.execute(caller, &as_of(SUMS), variables).await;
        let told = answer.extensions["asOf"].clone().into_json().expect("JSON");
        let found: u64 = told["position"].as_str().and_then(|text| text.parse().ok()).expect("a position");
        let next = events.partition_point(|event| event.position.0 <= found);
        let recorded = |at: usize| events.get(at).map(|event| event.event.recorded_at.to_string());
        assert!(recorded(next - 1).is_some_and(|recorded| recorded <= mark.instant), "{} has happened", mark.instant);
        assert!(recorded(next).is_none_or(|recorded| recorded > mark.instant), "{} has not", mark.instant);
    }
}

async fn callers(app: &TestApp) -> [Caller; 2] {
    [app.caller("ours", Role::Admin).await, app.caller("theirs", Role::Admin).await]
}

async fn a_history_is_answered_again(store: Arc<dyn EventStore>, seed: u64, steps: usize) {
    let app = TestApp::over(Arc::clone(&store)).await;
    let callers = callers(&app).await;
    let marks = live_through(&app, callers, seed, steps).await;
    let mut random = Random::new(!seed);
    let rebuild = assert_rebuilt_is_live(&app.runner);
    let asking = assert_unchanged(&app, callers[0], &marks, &mut random);
    futures_util::future::join(rebuild, asking).await;
    // A new process has nothing at hand.
    let app = TestApp::over(store).await;
    app.caller("ours", Role::Admin).await;
    app.settle().await;
    let last = marks.last().expect("a mark");
    app.clock.set(Timestamp::parse(&last.instant).expect("an instant"));
    assert_unchanged(&app, callers[0], &marks[marks.len() / 2..], &mut random).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_at_any_position_of_a_random_history_is_answered_again() {
    for seed in 1..=rounds(2, 20) as u64 {
        a_history_is_answered_again(TestStore::memory().shared(), seed, 8).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_in_a_file_is_answered_again() {
    let store = TestStore::sqlite();
    a_history_is_answered_again(store.shared(), 77, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_on_postgresql_is_answered_again() {
    if !tests::stores::has_postgres() {
        return;
    }
    let store = TestStore::postgres().await;
    a_history_is_answered_again(store.shared(), 78, 5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_has_no_part_in_the_past_of_another() {
    let app = TestApp::start().await;
    let callers = callers(&app).await;
    let marks = live_through(&app, callers, 5, 3).await;
    let stranger = app.caller("newcomer", Role::Admin).await;
    app.settle().await;
    for mark in &marks {
        let variables = at_position(&json!({}), &mark.position);
        let jobs = "query($asOf: Position) @asOf(position: $asOf) { jobs(first: 5) { totalCount } machines(first: 5) { totalCount }
            activityLog(first: 5) { totalCount } company { opened } }";
        let nothing = json!({ "jobs": { "totalCount": 0 }, "machines": { "totalCount": 0 }, "activityLog": { "totalCount": 0 },
            "company": { "opened": false } });
        assert_eq!(app.data(stranger, jobs, variables.clone()).await, nothing);
    }
    let last = marks.last().expect("a mark");
    let theirs = answers_at(&app, callers[1], &at_position(&json!({}), &last.position)).await;
    assert_ne!(theirs, last.answers);
}
