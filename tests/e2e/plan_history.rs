//! The plan over GraphQL: what counts in it, how it came to be as it is, and what taking a change back would do.

use domain::kernel::time::later;
use domain::kernel::{Caller, Role, Timestamp};
use domain::ports::Clock;
use domain::scheduling::placement::Placement;
use serde_json::{Value as Json, json};
use tests::app::{PATIENCE, TestApp};

use crate::answers::refused;
use crate::planning::{app_with_jobs, place, plan_all};

const PLAN: &str =
    "{ it: plan { version preset ownWeights weights { tardiness nearSeconds } freezeSeconds overlap planned pinned } }";
const CHANGES: &str =
    "query($first: Int! = 20, $undoable: Boolean! = false) { it: planChanges(first: $first, undoable: $undoable) {
    version reason undoes movedCount canUndo causes { kind thing { code } }
    activity { eventType sentence actor { name } happenedAt }
    moved { operation { number job { code } } was { start machine { code } } is { start end } } } }";
const PREVIEW: &str = "query($version: Int!) { it: undoPreview(version: $version) { planVersion
    moves { operation { number job { code } } was { start } is { start } } stays { number job { code } }
    conflicts { kind } operations { number } userErrors { code message } } }";
const UNDO: &str =
    "mutation($version: Int!) { it: undoPlanChange(input: { version: $version }) { appended userErrors { code } } }";

async fn ask(app: &TestApp, caller: Caller, document: &str, variables: Json) -> Json {
    app.settle().await;
    app.data(caller, document, variables).await["it"].take()
}

async fn move_to(app: &TestApp, planner: Caller, job: &str, start: Timestamp) {
    let moving = r#"mutation($job: String!, $start: DateTime!) { it: moveOperations(input: {
        moves: [{ jobNumber: $job, operation: 10, start: $start }], reason: "the customer called" }) { userErrors { code message } } }"#;
    app.change(planner, moving, json!({ "job": job, "start": start.to_string() })).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plan_tells_what_counts_and_how_it_came_to_be_as_it_is() {
    let (app, planner) = app_with_jobs(1).await;
    assert_eq!(ask(&app, planner, CHANGES, json!({})).await, json!([]));
    plan_all(&app, planner).await;
    let was = place(&app, planner, "J-1", 10).await.expect("a place").start;
    let is = later(was, 86_400);
    move_to(&app, planner, "J-1", is).await;
    let policies = "mutation { it: setPlanPolicies(input: { preset: MAKESPAN, weights: { makespan: 7 }, freezeSeconds: 60, overlap: REFUSE }) {
        userErrors { code } } }";
    app.change(planner, policies, json!({})).await;
    let pin = r#"mutation { it: pinOperations(input: {
        operations: [{ jobNumber: "J-1", operation: 10 }], reason: "promised", until: "2012-03-05T09:00:00Z" }) { userErrors { code } } }"#;
    app.change(planner, pin, json!({})).await;
    let plan = ask(&app, planner, PLAN, json!({})).await;
    assert_eq!(
        (&plan["version"], &plan["preset"], &plan["overlap"], &plan["freezeSeconds"], &plan["ownWeights"]),
        (&json!(2), &json!("MAKESPAN"), &json!("REFUSE"), &json!(60), &json!(true))
    );
    assert_eq!((&plan["planned"], &plan["pinned"]), (&json!(2), &json!(1)));
    app.clock.advance_seconds(2 * 3_600);
    assert_eq!(ask(&app, planner, PLAN, json!({})).await["pinned"], 0, "the pin has run out");

    let changes = ask(&app, planner, CHANGES, json!({})).await;
    let [moved, published] = [&changes[0], &changes[1]];
    assert_eq!(
        (&moved["version"], &published["version"], changes.as_array().map(Vec::len)),
        (&json!(2), &json!(1), Some(2))
    );
    assert_eq!(
        (&moved["activity"]["eventType"], &moved["reason"]),
        (&json!("plan.moved"), &json!("the customer called"))
    );
    assert_eq!((&moved["canUndo"], &moved["movedCount"]), (&json!(true), &json!(1)));
    let expected = json!({ "operation": { "number": 10, "job": { "code": "J-1" } },
        "was": { "start": was.to_string(), "machine": { "code": "M-1" } }, "is": { "start": is.to_string() } });
    let mut shown = moved["moved"][0].clone();
    shown["is"].as_object_mut().expect("a place").remove("end");
    assert_eq!(shown, expected);
    assert_eq!(published["moved"][0]["was"], Json::Null);
    assert_eq!(ask(&app, planner, CHANGES, json!({ "first": 1 })).await.as_array().map(Vec::len), Some(1));
    for first in [0, 51] {
        assert_eq!(refused(&app, planner, CHANGES, json!({ "first": first })).await, "\"BAD_PAGE\"");
    }
    let (operator, stranger) = (app.caller("muster", Role::Operator).await, app.caller("theirs", Role::Admin).await);
    assert_eq!(refused(&app, operator, CHANGES, json!({})).await, "\"NOT_FOUND\"");
    assert_eq!(ask(&app, operator, PLAN, json!({})).await["version"], 2);
    assert_eq!(ask(&app, stranger, CHANGES, json!({})).await, json!([]));
    assert_eq!(ask(&app, stranger, PLAN, json!({})).await["version"], 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undo_is_shown_before_it_is_done_and_does_what_was_shown() {
    let (app, planner) = app_with_jobs(2).await;
    plan_all(&app, planner).await;
    let was = place(&app, planner, "J-1", 10).await.expect("a place").start;
    let is = later(was, 86_400);
    move_to(&app, planner, "J-1", is).await;
    // Where it was is somebody else by now.
    move_to(&app, planner, "J-2", was).await;
    let preview = ask(&app, planner, PREVIEW, json!({ "version": 2 })).await;
    assert_eq!(
        (&preview["userErrors"], &preview["stays"], &preview["planVersion"]),
        (&json!([]), &json!([]), &json!(3))
    );
    let back = json!([{ "operation": { "number": 10, "job": { "code": "J-1" } },
        "was": { "start": is.to_string() }, "is": { "start": was.to_string() } }]);
    assert_eq!(preview["moves"], back);
    let kinds = preview["conflicts"].as_array().expect("conflicts");
    assert!(kinds.iter().any(|it| it["kind"] == "OVERLOAD"), "{preview}");
    assert_eq!(place(&app, planner, "J-1", 10).await.expect("a place").start, is, "nothing is done");
    assert_eq!(ask(&app, planner, UNDO, json!({ "version": 2 })).await["appended"], 1);
    assert_eq!(place(&app, planner, "J-1", 10).await.expect("a place").start, was);
    let again = ask(&app, planner, PREVIEW, json!({ "version": 2 })).await;
    assert_eq!(again["userErrors"][0]["code"], "PLAN_CHANGE_NOT_FOUND", "it was taken back");
    let changes = ask(&app, planner, CHANGES, json!({ "first": 1 })).await;
    assert_eq!((&changes[0]["undoes"], &changes[0]["canUndo"]), (&json!(2), &json!(false)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undo_that_is_refused_names_what_has_moved_and_begun_work_stays() {
    let (app, planner) = app_with_jobs(2).await;
    plan_all(&app, planner).await;
    let was = place(&app, planner, "J-1", 10).await.expect("a place").start;
    move_to(&app, planner, "J-1", later(was, 86_400)).await;
    move_to(&app, planner, "J-1", later(was, 2 * 86_400)).await;
    let refused = ask(&app, planner, PREVIEW, json!({ "version": 2 })).await;
    assert_eq!(
        (&refused["userErrors"][0]["code"], &refused["operations"]),
        (&json!("PLAN_CHANGED"), &json!([{ "number": 10 }]))
    );
    assert_eq!((&refused["moves"], &refused["stays"]), (&json!([]), &json!([])));
    assert_eq!(
        ask(&app, planner, PREVIEW, json!({ "version": 99 })).await["userErrors"][0]["code"],
        "PLAN_CHANGE_NOT_FOUND"
    );
    let start = r#"mutation { it: startOperation(input: { jobNumber: "J-1", operation: 10, operatorCode: "17", machineCode: "M-1" }) { userErrors { code } } }"#;
    app.change(planner, start, json!({})).await;
    let begun = ask(&app, planner, PREVIEW, json!({ "version": 3 })).await;
    assert_eq!(begun["stays"], json!([{ "number": 10, "job": { "code": "J-1" } }]));
    assert_eq!(begun["moves"], json!([]));
    let operator = app.caller("muster", Role::Operator).await;
    assert_eq!(crate::answers::refused(&app, operator, PREVIEW, json!({ "version": 1 })).await, "\"NOT_FOUND\"");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_followed_the_floor_names_its_cause_and_is_not_taken_back() {
    let (app, planner) = app_with_jobs(1).await;
    plan_all(&app, planner).await;
    let _following = app.follow();
    // It has begun where it has moved what time alone makes late.
    app.clock.advance_seconds(3_600);
    let follows = async |is_there: &dyn Fn(&Placement) -> bool| {
        let waiting = async {
            while place(&app, planner, "J-1", 10).await.is_none_or(|it| !is_there(&it)) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the plan follows");
    };
    let now = app.clock.now();
    follows(&|it| it.start >= now).await;
    // Less than what time alone moves: so that it is the report that is followed.
    app.clock.advance_seconds(180);
    let start = r#"mutation { it: startOperation(input: { jobNumber: "J-1", operation: 10, operatorCode: "17", machineCode: "M-1" }) { userErrors { code } } }"#;
    app.change(planner, start, json!({})).await;
    let now = app.clock.now();
    follows(&|it| it.start == now && it.operator.is_some()).await;
    let changes = ask(&app, planner, CHANGES, json!({})).await;
    let change = &changes[0];
    assert_eq!(
        (&change["activity"]["eventType"], &change["activity"]["actor"]["name"]),
        (&json!("plan.followed"), &json!("Kilter"))
    );
    assert_eq!((&change["canUndo"], change["causes"].as_array().map(Vec::is_empty)), (&json!(false), Some(false)));
    assert_eq!(change["causes"][0], json!({ "kind": "JOB", "thing": { "code": "J-1" } }));
    let of_people = ask(&app, planner, CHANGES, json!({ "first": 1, "undoable": true })).await;
    assert_eq!(
        (&of_people[0]["activity"]["eventType"], &of_people[0]["canUndo"]),
        (&json!("plan.published"), &json!(true))
    );
}
