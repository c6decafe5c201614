//! Changes of the plan that are taken back: with their pins, in part, and as the policy of the plan says.

use domain::kernel::time::later;
use domain::kernel::{Caller, JobId, StreamId, StreamType};
use domain::run::Command;
use domain::scheduling::site_plan::{Changes, PlanCommand};
use serde_json::{Value as Json, json};
use tests::app::TestApp;

use crate::planning::place;
use crate::planning_by_hand::{POLICIES, moved, to, two_planned};
use crate::scenarios::ask;

const UNDO: &str = "mutation($input: UndoPlanChangeInput!) { it: undoPlanChange(input: $input) {
    appended userErrors { code } operations { number job { code } } conflicts { kind } } }";
const PREVIEW: &str = "query($version: Int!, $partly: Boolean!) { it: undoPreview(version: $version, partly: $partly) {
    moves { operation { number job { code } } } stays { number job { code } } operations { number job { code } } userErrors { code } } }";
const TAKE_OUT: &str =
    "mutation($input: PlanOperationsInput!) { it: takeOutOfPlan(input: $input) { userErrors { code } } }";
const PIN: &str = "mutation($input: PinOperationsInput!) { it: pinOperations(input: $input) { userErrors { code } } }";

fn code(answer: &Json) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("done")
}

async fn preview(app: &TestApp, planner: Caller, version: u64, partly: bool) -> Json {
    app.data(planner, PREVIEW, json!({ "version": version, "partly": partly })).await["it"].take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_out_while_it_was_pinned_is_back_where_it_was_and_pinned() {
    let (app, planner, [first, _]) = two_planned().await;
    let was = place(&app, planner, first, 10).await;
    let operations = json!([{ "jobNumber": first, "operation": 10 }]);
    let pin = json!({ "operations": operations, "reason": "promised" });
    assert_eq!(code(&ask(&app, planner, PIN, pin).await), "done");
    assert_eq!(code(&ask(&app, planner, TAKE_OUT, json!({ "operations": operations })).await), "done");
    assert_eq!(code(&ask(&app, planner, UNDO, json!({ "version": 2 })).await), "done");
    assert_eq!(place(&app, planner, first, 10).await, was);
    let state = app.deps.commands.plan(planner.tenant).await.expect("the plan");
    let pins: Vec<String> = state.pins().map(|(_, pin)| pin.reason.to_string()).collect();
    assert_eq!(pins, ["promised"]);
    app.assert_rebuilt_is_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undo_leaves_what_followed_the_floor_and_says_so_before() {
    let (app, planner, [first, second]) = two_planned().await;
    let [one, two] = [place(&app, planner, first, 10).await, place(&app, planner, second, 10).await];
    let (one, two) = (one.expect("a place"), two.expect("a place"));
    let moves = json!([to(first, 10, later(one.start, 86_400))[0], to(second, 10, later(two.start, 2 * 86_400))[0]]);
    assert_eq!(code(&moved(&app, planner, json!({ "moves": moves })).await), "done");
    let is = place(&app, planner, first, 10).await.expect("a place");
    let [start, run_start, end] = [is.start, is.run_start, is.end].map(|at| later(at, 600));
    let placed = vec![domain::scheduling::placement::Placement { start, run_start, end, ..is }];
    let cause = vec![StreamId::new(StreamType::Job, JobId::from_key(planner.tenant, first).0)];
    let changes = Changes { placed, ..Changes::default() };
    let follow = PlanCommand::Follow { changes, cause, based_on: 2 };
    app.deps.commands.run(&planner, Command::Plan(Box::new(follow)).into()).await.expect("it follows");

    let (left, back) =
        (json!([{ "number": 10, "job": { "code": first } }]), json!({ "number": 10, "job": { "code": second } }));
    let whole = preview(&app, planner, 2, false).await;
    assert_eq!((code(&whole), &whole["operations"]), ("PLAN_CHANGED", &left));
    let refused = ask(&app, planner, UNDO, json!({ "version": 2 })).await;
    assert_eq!((code(&refused), &refused["operations"]), ("PLAN_CHANGED", &left));
    let partly = preview(&app, planner, 2, true).await;
    assert_eq!((code(&partly), &partly["stays"], &partly["moves"]), ("done", &left, &json!([{ "operation": back }])));
    let undone = ask(&app, planner, UNDO, json!({ "version": 2, "partly": true })).await;
    assert_eq!((code(&undone), &undone["operations"]), ("done", &left));
    assert_eq!(place(&app, planner, second, 10).await, Some(two));
    assert_eq!(place(&app, planner, first, 10).await.map(|it| it.start), Some(start));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undo_into_the_way_of_others_is_refused_asked_a_reason_for_or_taken_as_the_policy_says() {
    let (app, planner, [first, second]) = two_planned().await;
    let was = place(&app, planner, first, 10).await.expect("a place").start;
    let away = later(was, 40 * 86_400);
    assert_eq!(code(&moved(&app, planner, json!({ "moves": to(first, 10, away) })).await), "done");
    assert_eq!(code(&moved(&app, planner, json!({ "moves": to(second, 10, was) })).await), "done");
    for (policy, refused) in [("REFUSE", "PLAN_CONFLICTS"), ("ALLOW_WITH_REASON", "PLAN_REASON_NEEDED")] {
        app.change(planner, POLICIES, json!({ "overlap": policy })).await;
        assert_eq!(code(&preview(&app, planner, 2, false).await), refused);
        let answer = ask(&app, planner, UNDO, json!({ "version": 2 })).await;
        assert_eq!(code(&answer), refused);
        assert!(answer["conflicts"].as_array().is_some_and(|all| all.iter().any(|it| it["kind"] == "OVERLOAD")));
        assert_eq!(place(&app, planner, first, 10).await.map(|it| it.start), Some(away), "nothing is done");
    }
    let undone = ask(&app, planner, UNDO, json!({ "version": 2, "reason": "the customer is here" })).await;
    assert_eq!(code(&undone), "done");
    assert_eq!(place(&app, planner, first, 10).await.map(|it| it.start), Some(was));
    app.settle().await;
    let why = app.data(planner, "{ it: planChanges(first: 1) { reason undoes } }", json!({})).await;
    assert_eq!(why["it"], json!([{ "reason": "the customer is here", "undoes": 2 }]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undo_puts_nothing_into_the_past_or_onto_a_machine_that_is_out_of_use() {
    let (app, planner, [first, second]) = two_planned().await;
    let was = place(&app, planner, first, 10).await.expect("a place").start;
    let away = later(was, 40 * 86_400);
    assert_eq!(code(&moved(&app, planner, json!({ "moves": to(first, 10, away) })).await), "done");
    app.clock.advance_seconds(later(was, 120).seconds_since(domain::ports::Clock::now(&*app.clock)));
    let left = json!([{ "number": 10, "job": { "code": first } }]);
    let refused = ask(&app, planner, UNDO, json!({ "version": 2 })).await;
    assert_eq!((code(&refused), &refused["operations"]), ("PLAN_IN_PAST", &left));
    let partly = ask(&app, planner, UNDO, json!({ "version": 2, "partly": true })).await;
    assert_eq!((code(&partly), &partly["appended"], &partly["operations"]), ("done", &json!(0), &left));
    let start = later(away, 86_400);
    assert_eq!(code(&moved(&app, planner, json!({ "moves": to(second, 10, start) })).await), "done");
    let retire = r#"mutation { it: changeMachineStatus(input: { machineCode: "M-1", status: RETIRED, reason: "scrapped" }) { userErrors { code message } } }"#;
    app.change(planner, retire, json!({})).await;
    assert_eq!(code(&ask(&app, planner, UNDO, json!({ "version": 3 })).await), "MACHINE_NOT_FOUND");
}
