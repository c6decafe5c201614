//! What-ifs over GraphQL: opened, changed and planned on the side, compared, published onto the plan as it is by then.

use domain::kernel::{Caller, Role};
use domain::scheduling::placement::Placement;
use serde_json::{Value as Json, json};
use tests::app::TestApp;

use crate::planning::{accept, app_with_jobs, place, plan_all, start, told};

pub(crate) const OPEN: &str = "mutation($input: OpenScenarioInput!) { it: openScenario(input: $input) {
    appended scenario { id } userErrors { code field } } }";
const ASSUME: &str = "mutation($input: AssumeInput!) { it: assume(input: $input) {
    appended scenario { assumptions { id kind machine { code } job { code } from until due } } userErrors { code field } } }";
const COMPARE: &str =
    "query($id: ID!, $position: Position) { it: scenario(id: $id, minPosition: $position) { status version comparison {
    plan { score lateJobs unplaced } scenario { score lateJobs unplaced } changedJobs movedOperations
    operations { job { code } number } outdated { job { code } number } conflicts { kind } } } }";
pub(crate) const PUBLISH: &str = "mutation($input: PublishScenarioInput!) { it: publishScenario(input: $input) {
    appended position operations { job { code } number } userErrors { code field } } }";
pub(crate) const DISCARD: &str =
    "mutation($id: ID!) { it: discardScenario(input: { scenarioId: $id }) { appended userErrors { code } } }";
pub(crate) const MOVE: &str =
    "mutation($input: MoveOperationsInput!) { it: moveOperations(input: $input) { userErrors { code } } }";

pub(crate) async fn ask(app: &TestApp, caller: Caller, document: &str, input: Json) -> Json {
    app.data(caller, document, json!({ "input": input })).await["it"].take()
}

pub(crate) async fn open(app: &TestApp, caller: Caller) -> String {
    let opened = ask(app, caller, OPEN, json!({ "name": "The mill is out" })).await;
    opened["scenario"]["id"].as_str().expect("a what-if").to_owned()
}

pub(crate) async fn compared(app: &TestApp, caller: Caller, scenario: &str) -> Json {
    app.data(caller, COMPARE, json!({ "id": scenario })).await["it"].take()
}

/// Assumes that the lathe stands still for two days from now on.
async fn assume_lathe_out(app: &TestApp, caller: Caller, scenario: &str) -> Json {
    let now = app.deps.clock.now();
    let until = domain::kernel::time::later(now, 2 * 86_400);
    let out = json!({ "machineCode": "L-1", "from": now.to_string(), "until": until.to_string() });
    let id = "01890000-0000-7000-8000-000000000001";
    let input = json!({ "scenarioId": scenario, "assumptionId": id, "assumption": { "machineOut": out } });
    ask(app, caller, ASSUME, input).await
}

/// Plans a what-if by the optimiser.
async fn plan_scenario(app: &TestApp, caller: Caller, scenario: &str) {
    let run = start(app, caller, json!({ "seconds": 1, "scenarioId": scenario })).await;
    told(app, caller, &run).await;
    assert_eq!(accept(app, caller, json!({ "runId": run })).await["userErrors"], json!([]));
}

async fn placements(app: &TestApp, caller: Caller) -> Vec<Placement> {
    app.deps.commands.plan(caller.tenant).await.expect("the plan").placements().copied().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_change_is_no_difference_and_an_assumption_is_told() {
    let (app, planner) = app_with_jobs(3).await;
    plan_all(&app, planner).await;
    let scenario = open(&app, planner).await;
    let same = compared(&app, planner, &scenario).await;
    let (beside, nothing) = (&same["comparison"], json!(0));
    assert_eq!((&beside["changedJobs"], &beside["movedOperations"]), (&nothing, &nothing), "an empty change");
    assert_eq!(beside["plan"], beside["scenario"], "an empty change is no difference");

    let assumed = assume_lathe_out(&app, planner, &scenario).await;
    assert_eq!(assumed["scenario"]["assumptions"][0]["kind"], "MACHINE_OUT");
    assert_eq!(assumed["scenario"]["assumptions"][0]["machine"]["code"], "L-1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_on_the_side_changes_nothing_until_it_is_published() {
    let (app, planner) = app_with_jobs(3).await;
    plan_all(&app, planner).await;
    let before = placements(&app, planner).await;
    let scenario = open(&app, planner).await;
    assume_lathe_out(&app, planner, &scenario).await;
    plan_scenario(&app, planner, &scenario).await;
    assert_eq!(placements(&app, planner).await, before, "nobody notices");
    let beside = compared(&app, planner, &scenario).await;
    assert!(beside["comparison"]["movedOperations"].as_u64() > Some(0), "{beside}");
    assert_eq!(beside["comparison"]["outdated"], json!([]));

    let published = ask(&app, planner, PUBLISH, json!({ "scenarioId": scenario })).await;
    assert_eq!((&published["userErrors"], &published["operations"]), (&json!([]), &json!([])));
    assert_ne!(placements(&app, planner).await, before);
    let variables = json!({ "id": scenario, "position": published["position"] });
    let after = app.data(planner, COMPARE, variables).await["it"].take();
    assert_eq!((&after["status"], &after["comparison"]), (&json!("PUBLISHED"), &Json::Null));
    let again = ask(&app, planner, PUBLISH, json!({ "scenarioId": scenario })).await;
    assert_eq!(again["userErrors"][0]["code"], "SCENARIO_PUBLISHED");
    app.assert_rebuilt_is_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishing_after_an_intervening_change_lists_exactly_the_operations_that_changed() {
    let (app, planner) = app_with_jobs(3).await;
    plan_all(&app, planner).await;
    let scenario = open(&app, planner).await;
    assume_lathe_out(&app, planner, &scenario).await;
    plan_scenario(&app, planner, &scenario).await;
    let beside = compared(&app, planner, &scenario).await;
    let changed = beside["comparison"]["operations"][0].clone();
    let (job, number) = (changed["job"]["code"].as_str().unwrap(), changed["number"].as_u64().unwrap());
    let was = place(&app, planner, job, u16::try_from(number).unwrap()).await.expect("a place");
    let later = domain::kernel::time::later(was.start, 40 * 86_400);
    let moves = json!([{ "jobNumber": job, "operation": number, "start": later.to_string() }]);
    let moved = ask(&app, planner, MOVE, json!({ "moves": moves })).await;
    assert_eq!(moved["userErrors"], json!([]));

    let before = placements(&app, planner).await;
    let refused = ask(&app, planner, PUBLISH, json!({ "scenarioId": scenario })).await;
    assert_eq!(refused["userErrors"][0]["code"], "SCENARIO_OUTDATED");
    assert_eq!(refused["operations"], json!([changed]));
    assert_eq!(placements(&app, planner).await, before, "nothing is half published");
    let partly = ask(&app, planner, PUBLISH, json!({ "scenarioId": scenario, "partly": true })).await;
    assert_eq!((&partly["userErrors"], &partly["operations"]), (&json!([]), &json!([changed])));
    let stays = place(&app, planner, job, u16::try_from(number).unwrap()).await.expect("a place");
    assert_eq!(stays.start, later, "what somebody moved since stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_is_refused_and_says_why() {
    let (app, planner) = app_with_jobs(1).await;
    let scenario = open(&app, planner).await;
    let code = |answer: &Json| answer["userErrors"][0]["code"].as_str().unwrap_or("done").to_owned();
    let reversed = json!({ "machineCode": "L-1", "from": "2030-01-02T00:00:00Z", "until": "2030-01-01T00:00:00Z" });
    let id = "01890000-0000-7000-8000-000000000001";
    let assume = |of: &str| json!({ "scenarioId": of, "assumptionId": id, "assumption": { "machineOut": reversed } });
    assert_eq!(code(&ask(&app, planner, ASSUME, assume(&scenario)).await), "INTERVAL_REVERSED");
    let unknown = "01890000-0000-7000-8000-00000000000f";
    assert_eq!(code(&ask(&app, planner, ASSUME, assume(unknown)).await), "SCENARIO_NOT_FOUND");
    assert_eq!(code(&ask(&app, planner, PUBLISH, json!({ "scenarioId": unknown })).await), "SCENARIO_NOT_FOUND");
    let stranger = app.caller("fremd", Role::Admin).await;
    assert_eq!(code(&ask(&app, stranger, PUBLISH, json!({ "scenarioId": scenario })).await), "SCENARIO_NOT_FOUND");
    assert_eq!(compared(&app, stranger, &scenario).await, Json::Null);
    for appended in [1, 0] {
        let discarded = app.data(planner, DISCARD, json!({ "id": scenario })).await["it"].take();
        assert_eq!(discarded, json!({ "appended": appended, "userErrors": [] }));
    }
    let run = json!({ "seconds": 1, "scenarioId": scenario });
    let document =
        "mutation($input: StartPlanningInput!) { it: startPlanning(input: $input) { run { id } userErrors { code } } }";
    assert_eq!(code(&ask(&app, planner, document, run).await), "SCENARIO_DISCARDED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_what_if_operations_are_moved_and_taken_out_by_hand_as_in_the_plan() {
    let (app, planner) = app_with_jobs(2).await;
    plan_all(&app, planner).await;
    let before = placements(&app, planner).await;
    let scenario = open(&app, planner).await;
    let start = domain::kernel::time::later(before[0].start, 40 * 86_400).to_string();
    let moves = |operation: u16| json!([{ "jobNumber": "J-1", "operation": operation, "start": start }]);
    let code = |answer: &Json| answer["userErrors"][0]["code"].as_str().unwrap_or("done").to_owned();
    let input = json!({ "scenarioId": scenario, "moves": moves(10), "followers": "PUSH", "expectedVersion": 0 });
    assert_eq!(code(&ask(&app, planner, MOVE, input.clone()).await), "done");
    assert_eq!(code(&ask(&app, planner, MOVE, input).await), "SCENARIO_CHANGED");
    let out =
        "mutation($input: PlanOperationsInput!) { it: takeOutOfPlan(input: $input) { appended userErrors { code } } }";
    let operations = json!([{ "jobNumber": "J-2", "operation": 20 }]);
    let taken = ask(&app, planner, out, json!({ "scenarioId": scenario, "operations": operations })).await;
    assert_eq!(taken, json!({ "appended": 1, "userErrors": [] }));
    assert_eq!(placements(&app, planner).await, before, "nobody notices");
    let beside = compared(&app, planner, &scenario).await;
    assert!(beside["comparison"]["movedOperations"].as_u64() > Some(1), "{beside}");
    for (more, refused) in [
        (json!({ "scenarioId": scenario, "moves": moves(15) }), "PLAN_OPERATION_NOT_FOUND"),
        (json!({ "scenarioId": scenario, "moves": moves(10), "pin": { "reason": "promised" } }), "SCENARIO_NO_PINS"),
        (json!({ "scenarioId": "01890000-0000-7000-8000-00000000000f", "moves": moves(10) }), "SCENARIO_NOT_FOUND"),
    ] {
        assert_eq!(code(&ask(&app, planner, MOVE, more).await), refused);
    }
    let published = ask(&app, planner, PUBLISH, json!({ "scenarioId": scenario })).await;
    assert_eq!(published["userErrors"], json!([]));
    assert_eq!(place(&app, planner, "J-1", 10).await.map(|it| it.start.to_string()), Some(start));
    assert_eq!(place(&app, planner, "J-2", 20).await, None);
    app.assert_rebuilt_is_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_assumed_of_what_is_not_there_or_is_of_others() {
    let (app, planner) = app_with_jobs(1).await;
    let stranger = app.caller("theirs", Role::Admin).await;
    crate::shop::set_up(&app, stranger).await;
    let theirs = domain::kernel::MachineId::from_key(stranger.tenant, "M-1").to_string();
    let scenario = open(&app, planner).await;
    let (from, until) = ("2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z");
    for (assumed, refused) in [
        (json!({ "machineOut": { "machineId": theirs, "from": from, "until": until } }), "MACHINE_NOT_FOUND"),
        (json!({ "machineOpen": { "machineCode": "X", "from": from, "until": until } }), "MACHINE_NOT_FOUND"),
        (json!({ "operatorOut": { "operatorCode": "X", "from": from, "until": until } }), "OPERATOR_NOT_FOUND"),
        (json!({ "operatorAtWork": { "operatorCode": "X", "from": from, "until": until } }), "OPERATOR_NOT_FOUND"),
        (json!({ "jobDue": { "jobNumber": "X", "due": until } }), "JOB_NOT_FOUND"),
        (json!({ "jobLeftOut": { "jobNumber": "X" } }), "JOB_NOT_FOUND"),
    ] {
        let id = "01890000-0000-7000-8000-000000000001";
        let input = json!({ "scenarioId": scenario, "assumptionId": id, "assumption": assumed });
        assert_eq!(ask(&app, planner, ASSUME, input).await["userErrors"][0]["code"], refused, "{assumed}");
    }
}
