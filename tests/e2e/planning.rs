//! Runs of the optimiser over GraphQL: followed, cancelled, taken over, or refused with what stands in the way.

use std::sync::Arc;

use async_graphql::Response;
use domain::jobs::operation::OperationNumber;
use domain::kernel::{Caller, JobId, Role};
use domain::ports::EventStore;
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::site_plan::MOST_BYTES_EACH;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use infra::event_store::MemoryEventStore;
use serde_json::{Value as Json, json};
use tests::app::{PATIENCE, TestApp};
use tests::breaking::Breaking;

use crate::shop;

const START: &str = "mutation($input: StartPlanningInput!) { it: startPlanning(input: $input) {
    run { id state seconds preset seed } userErrors { code field message } } }";
const FOLLOW: &str = "subscription($run: ID!) { it: planProgress(run: $run) {
    state proved iterations planned elapsedMs objective { unplaced lateJobs weightedTardiness endsAt score bound gapPercent } } }";
const ACCEPT: &str = "mutation($input: AcceptPlanningInput!) { it: acceptPlanning(input: $input) {
    appended position userErrors { code field message } operations { number job { code } } } }";
const CANCEL: &str = "mutation($run: ID!) { it: cancelPlanning(input: { runId: $run }) {
    run { state cancelledBecause } userErrors { code } } }";
const RUN: &str = "query($run: ID!) { it: planningRun(id: $run) { state planned
    bars { job { code } operation machine { code } start runStart end } unplanned { operation { number } reason }
    lateJobs { job { code } due endsAt lateSeconds } } }";

/// A shop with a lathe beside the mill, and so many jobs.
pub(crate) async fn app_with_jobs(count: u32) -> (TestApp, Caller) {
    with_jobs(TestApp::start().await, count).await
}

/// The same in this app.
pub(crate) async fn with_jobs(app: TestApp, count: u32) -> (TestApp, Caller) {
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    let lathe = r#"mutation { registerMachine(input: { code: "L-1", name: "Lathe", workCenterCode: "TURN" }) { userErrors { code } } }"#;
    app.change(admin, lathe, json!({})).await;
    for number in 1..=count {
        shop::create_job(&app, admin, &format!("J-{number}")).await;
    }
    let planner = app.caller("muster", Role::Manager).await;
    (app, planner)
}

pub(crate) async fn start(app: &TestApp, planner: Caller, input: Json) -> String {
    let data = app.change(planner, START, json!({ "input": input })).await;
    data["it"]["run"]["id"].as_str().expect("a run").to_owned()
}

async fn next(stream: &mut BoxStream<'static, Response>) -> Option<Json> {
    let response = tokio::time::timeout(PATIENCE, stream.next()).await.expect("a message in time")?;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    Some(response.data.into_json().expect("JSON")["it"].take())
}

/// What a run tells until its end.
pub(crate) async fn told(app: &TestApp, planner: Caller, run: &str) -> Vec<Json> {
    let mut stream = app.subscribe(planner, FOLLOW, json!({ "run": run }));
    let mut messages = Vec::new();
    while let Some(message) = next(&mut stream).await {
        messages.push(message);
    }
    messages
}

pub(crate) async fn accept(app: &TestApp, planner: Caller, input: Json) -> Json {
    app.data(planner, ACCEPT, json!({ "input": input })).await["it"].take()
}

async fn run(app: &TestApp, planner: Caller, run: &str) -> Json {
    app.data(planner, RUN, json!({ "run": run })).await["it"].take()
}

/// Plans everything and takes the plan over.
pub(crate) async fn plan_all(app: &TestApp, planner: Caller) {
    let id = start(app, planner, json!({ "seconds": 1 })).await;
    told(app, planner, &id).await;
    assert_eq!(accept(app, planner, json!({ "runId": id })).await["userErrors"], json!([]));
}

/// Where the plan of the site has an operation.
pub(crate) async fn place(app: &TestApp, caller: Caller, job: &str, operation: u16) -> Option<Placement> {
    let of = OperationRef { job: JobId::from_key(caller.tenant, job), operation: OperationNumber(operation) };
    app.deps.commands.plan(caller.tenant).await.expect("the plan").placement(of).copied()
}

/// How many operations the plan of the site has a place for.
async fn planned(app: &TestApp, caller: Caller) -> usize {
    app.deps.commands.plan(caller.tenant).await.expect("the plan").placements().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_followed_to_its_end_and_its_plan_taken_over_once() {
    let (app, planner) = app_with_jobs(3).await;
    let id = start(&app, planner, json!({ "seconds": 1 })).await;
    let messages = told(&app, planner, &id).await;
    let last = messages.last().expect("an end");
    assert_eq!(
        (&last["state"], &last["planned"], &last["objective"]["unplaced"]),
        (&json!("FINISHED"), &json!(6), &json!(0))
    );
    assert_eq!(planned(&app, planner).await, 0, "nothing is changed by a run");
    let shown = run(&app, planner, &id).await;
    let bars = shown["bars"].as_array().expect("bars");
    assert_eq!((bars.len(), &shown["unplanned"]), (6, &json!([])));
    assert!(bars.iter().is_sorted_by_key(|bar| bar["start"].as_str().map(str::to_owned)), "by start");

    let first = accept(&app, planner, json!({ "runId": id })).await;
    assert_eq!((&first["userErrors"], &first["operations"]), (&json!([]), &json!([])));
    assert_eq!(planned(&app, planner).await, 6);
    assert_eq!(accept(&app, planner, json!({ "runId": id })).await, first, "again is the same");
    app.assert_rebuilt_is_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_can_be_taken_over_while_the_run_goes_on_and_ends_it() {
    let (app, planner) = app_with_jobs(30).await;
    let id = start(&app, planner, json!({ "seconds": 600, "preset": "FEW_CHANGEOVERS" })).await;
    let mut stream = app.subscribe(planner, FOLLOW, json!({ "run": id }));
    while next(&mut stream).await.expect("a message")["objective"].is_null() {}
    assert_eq!(accept(&app, planner, json!({ "runId": id })).await["userErrors"], json!([]));
    assert_eq!(planned(&app, planner).await, 60);
    let mut last = Json::Null;
    while let Some(message) = next(&mut stream).await {
        last = message;
    }
    assert_eq!(last["state"], "FINISHED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_cancelled_once_and_what_it_found_can_still_be_taken_over() {
    let (app, planner) = app_with_jobs(30).await;
    let id = start(&app, planner, json!({ "seconds": 600 })).await;
    let mut stream = app.subscribe(planner, FOLLOW, json!({ "run": id }));
    while next(&mut stream).await.expect("a message")["objective"].is_null() {}
    for _ in 0..2 {
        let cancelled = app.data(planner, CANCEL, json!({ "run": id })).await["it"].take();
        assert_eq!(
            cancelled,
            json!({ "run": { "state": "CANCELLED", "cancelledBecause": "ASKED" }, "userErrors": [] })
        );
    }
    assert_eq!(accept(&app, planner, json!({ "runId": id })).await["userErrors"], json!([]));
    assert_eq!(planned(&app, planner).await, 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_planners_one_wins_and_the_other_sees_what_changed() {
    let (app, planner) = app_with_jobs(2).await;
    let [one, other] =
        [start(&app, planner, json!({ "seconds": 1 })).await, start(&app, planner, json!({ "seconds": 1 })).await];
    for id in [&one, &other] {
        told(&app, planner, id).await;
    }
    assert_eq!(accept(&app, planner, json!({ "runId": other })).await["userErrors"], json!([]));
    let position = app.deps.store.head().await.expect("a head");
    let refused = accept(&app, planner, json!({ "runId": one, "adjust": true })).await;
    assert_eq!(refused["userErrors"][0]["code"], "PLAN_CHANGED");
    assert_eq!(refused["operations"].as_array().map(Vec::len), Some(4));
    assert_eq!(app.deps.store.head().await.expect("a head"), position, "nothing is half published");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_fits_no_more_names_what_is_in_the_way_and_can_be_adjusted() {
    let (app, planner) = app_with_jobs(2).await;
    let id = start(&app, planner, json!({ "seconds": 1 })).await;
    told(&app, planner, &id).await;
    let stop = r#"mutation { it: changeMachineStatus(input: { machineCode: "M-1", status: DOWN, reason: "spindle" }) { userErrors { code } } }"#;
    app.change(planner, stop, json!({})).await;
    let refused = accept(&app, planner, json!({ "runId": id })).await;
    assert_eq!(refused["userErrors"][0]["code"], "PLANNING_SHOP_CHANGED");
    let operations = refused["operations"].clone();
    assert!(operations.as_array().is_some_and(|all| all.iter().any(|it| it["number"] == 10)), "{operations}");
    assert_eq!(planned(&app, planner).await, 0);
    let adjusted = accept(&app, planner, json!({ "runId": id, "adjust": true })).await;
    assert_eq!((&adjusted["userErrors"], &adjusted["operations"]), (&json!([]), &operations));
    assert_eq!(planned(&app, planner).await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_is_taken_over_though_the_one_it_began_with_has_followed_the_floor() {
    let (app, planner) = app_with_jobs(2).await;
    plan_all(&app, planner).await;
    let id = start(&app, planner, json!({ "seconds": 1 })).await;
    told(&app, planner, &id).await;
    let following = app.follow();
    let stop = r#"mutation { it: changeMachineStatus(input: { machineCode: "M-1", status: DOWN, reason: "spindle" }) { userErrors { code } } }"#;
    app.change(planner, stop, json!({})).await;
    let version = async || app.deps.commands.plan(planner.tenant).await.expect("the plan").version;
    let followed = async {
        while version().await == 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, followed).await.expect("the plan follows");
    drop(following);
    let refused = accept(&app, planner, json!({ "runId": id })).await;
    assert_eq!(refused["userErrors"][0]["code"], "PLANNING_SHOP_CHANGED", "{refused}");
    let adjusted = accept(&app, planner, json!({ "runId": id, "adjust": true })).await;
    assert_eq!((&adjusted["userErrors"], &adjusted["operations"]), (&json!([]), &refused["operations"]));
    // Somebody who planned meanwhile has won, whatever followed the floor after it.
    let other = start(&app, planner, json!({ "seconds": 1 })).await;
    told(&app, planner, &other).await;
    let out = r#"mutation { it: takeOutOfPlan(input: { operations: [{ jobNumber: "J-1", operation: 20 }] }) { userErrors { code } } }"#;
    app.change(planner, out, json!({})).await;
    let late = accept(&app, planner, json!({ "runId": other, "adjust": true })).await;
    assert_eq!(late["userErrors"][0]["code"], "PLAN_CHANGED", "{late}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plan_of_a_run_that_waits_is_not_waited_for() {
    let (app, planner) = app_with_jobs(30).await;
    let first = start(&app, planner, json!({ "seconds": 600, "preset": "FEW_CHANGEOVERS" })).await;
    let waits = start(&app, planner, json!({ "seconds": 600 })).await;
    let refused = tokio::time::timeout(PATIENCE, accept(&app, planner, json!({ "runId": waits }))).await;
    let refused = refused.expect("an answer at once");
    assert_eq!(refused["userErrors"][0]["code"], "PLANNING_NO_PLAN");
    assert_eq!(run(&app, planner, &waits).await["state"], "WAITING", "it still waits");
    for id in [first, waits] {
        app.data(planner, CANCEL, json!({ "run": id })).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_slips_with_the_time_that_passes_and_is_taken_over_all_the_same() {
    let (app, planner) = app_with_jobs(2).await;
    let id = start(&app, planner, json!({ "seconds": 1 })).await;
    told(&app, planner, &id).await;
    app.clock.advance_seconds(300);
    assert_eq!(accept(&app, planner, json!({ "runId": id })).await["userErrors"], json!([]));
    let now = domain::ports::Clock::now(&*app.clock);
    let state = app.deps.commands.plan(planner.tenant).await.expect("the plan");
    assert!(state.placements().all(|placement| placement.start >= now), "nothing is planned in the past");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_runs_of_others_do_not_exist_and_not_everybody_plans() {
    let (app, planner) = app_with_jobs(1).await;
    let id = start(&app, planner, json!({ "seconds": 1 })).await;
    let stranger = app.caller("theirs", Role::Admin).await;
    assert_eq!(run(&app, stranger, &id).await, Json::Null);
    assert_eq!(app.data(stranger, CANCEL, json!({ "run": id })).await["it"]["userErrors"][0]["code"], "NOT_FOUND");
    assert_eq!(accept(&app, stranger, json!({ "runId": id })).await["userErrors"][0]["code"], "NOT_FOUND");
    let operator = app.caller("muster", Role::Operator).await;
    let code =
        |response: &Response| serde_json::to_value(&response.errors).expect("JSON")[0]["extensions"]["code"].clone();
    for caller in [stranger, operator] {
        let mut stream = app.subscribe(caller, FOLLOW, json!({ "run": id }));
        assert_eq!(code(&stream.next().await.expect("an answer")), "NOT_FOUND");
    }
    for (document, variables) in [
        (START, json!({ "input": {} })),
        (ACCEPT, json!({ "input": { "runId": id } })),
        (CANCEL, json!({ "run": id })),
        (RUN, json!({ "run": id })),
    ] {
        assert_eq!(code(&app.execute(operator, document, variables).await), "NOT_FOUND", "{document}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_command_is_the_same_run_and_what_can_not_be_is_refused() {
    let (app, planner) = app_with_jobs(1).await;
    let command = "0b0e3d6c-6f7a-4b52-9a2e-2a51d7a6c001";
    let one = start(&app, planner, json!({ "seconds": 1, "commandId": command })).await;
    assert_eq!(start(&app, planner, json!({ "seconds": 1, "commandId": command })).await, one);
    let refused = async |input: Json| {
        let data = app.data(planner, START, json!({ "input": input })).await;
        data["it"]["userErrors"][0]["code"].clone()
    };
    assert_eq!(refused(json!({ "seconds": 2, "commandId": command })).await, "COMMAND_ID_REUSED");
    assert_eq!(refused(json!({ "seconds": 601 })).await, "BAD_RANGE");
    assert_eq!(refused(json!({ "seconds": 0 })).await, "BAD_RANGE");
    told(&app, planner, &one).await;
    let first = start(&app, planner, json!({ "seconds": 600 })).await;
    let mut stream = app.subscribe(planner, FOLLOW, json!({ "run": first }));
    while next(&mut stream).await.expect("a message")["state"] != "RUNNING" {}
    for _ in 0..3 {
        start(&app, planner, json!({ "seconds": 600 })).await;
    }
    assert_eq!(refused(json!({ "seconds": 600 })).await, "PLANNING_BUSY");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_whose_plan_can_not_be_taken_over_at_once_is_refused_before_anything_is_worked_out() {
    let store = Breaking::before(Arc::new(MemoryEventStore::new()));
    let (app, planner) = with_jobs(TestApp::over(Arc::clone(&store) as Arc<dyn EventStore>).await, 3).await;
    store.takes_at_once(5 * MOST_BYTES_EACH);
    let refused = app.data(planner, START, json!({ "input": { "seconds": 1 } })).await["it"].take();
    assert_eq!((&refused["run"], &refused["userErrors"][0]["code"]), (&Json::Null, &json!("PLANNING_TOO_LARGE")));
    let message = refused["userErrors"][0]["message"].as_str().expect("a message");
    assert!(message.starts_with("6 operations are to be planned, and a plan of at most 5"), "{message}");
    store.takes_at_once(6 * MOST_BYTES_EACH);
    plan_all(&app, planner).await;
    assert_eq!(planned(&app, planner).await, 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_is_laid_out_from_the_due_dates_over_the_api() {
    let (app, planner) = app_with_jobs(1).await;
    let both = async |input: Json| {
        let id = start(&app, planner, input).await;
        told(&app, planner, &id).await;
        assert_eq!(accept(&app, planner, json!({ "runId": id })).await["userErrors"], json!([]));
        [place(&app, planner, "J-1", 10).await, place(&app, planner, "J-1", 20).await].map(|it| it.expect("a place"))
    };
    let [early, _] = both(json!({ "seconds": 1 })).await;
    let [milled, turned] = both(json!({ "seconds": 1, "direction": "BACKWARD" })).await;
    assert!(early.start < milled.start && milled.end <= turned.start, "{milled:?} {turned:?}");
    assert_eq!(turned.end.to_string(), "2012-03-09T15:00:00Z", "nobody is in the way: it ends when it is due");
}
