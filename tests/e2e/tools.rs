//! Tools and fixtures over GraphQL: how many there are, and that the plan takes no more of them at once.

use domain::kernel::{Caller, JobId, MachineId, Role, Timestamp};
use domain::scheduling::placement::Placement;
use serde_json::{Value as Json, json};
use tests::app::{PATIENCE, TestApp};
use uuid::Uuid;

use crate::planning::{accept, place, plan_all, start, told};
use crate::scenarios::open;
use crate::shop;

const REGISTER: &str = "mutation($input: RegisterToolInput!) { it: registerTool(input: $input) {
    tool { id code name count retired } revision userErrors { code field message } } }";
const COUNT: &str = "mutation($count: Int!) { it: countTool(input: { toolCode: \"FIX-1\", count: $count }) {
    tool { count } userErrors { code field } } }";
const RETIRE: &str = "mutation { it: retireTool(input: { toolCode: \"FIX-1\", reason: \"worn\" }) { tool { count retired } userErrors { code } } }";
const BRING_BACK: &str =
    "mutation { it: bringToolBack(input: { toolCode: \"FIX-1\" }) { tool { count retired } userErrors { code } } }";
const JOB: &str = r#"mutation($number: String!) { it: createJob(input: { number: $number, quantity: "10", operations: [
    { number: 10, name: "Mill", workCenterCode: "MILL", setupSeconds: 600, run: { perUnitSeconds: "60" }, tools: ["FIX-1"] }
] }) { userErrors { code message } } }"#;
const RUN: &str =
    "query($run: ID!) { it: planningRun(id: $run) { planned unplanned { operation { number } reason } } }";
const MOVE: &str = "mutation($input: MoveOperationsInput!) { it: moveOperations(input: $input) {
    conflicts { kind tool operation { job { code } } with { job { code } } } userErrors { code } } }";
const ASSUME: &str = "mutation($input: AssumeInput!) { it: assume(input: $input) {
    scenario { assumptions { kind tool { code } count job { code } from } } userErrors { code field } } }";
const CONFLICTS: &str = "query($id: ID!) { scenario(id: $id) { comparison { conflicts { tool } } } }";
const PUBLISH: &str = "mutation($id: ID!) { it: publishScenario(input: { scenarioId: $id }) {
    conflicts { tool } userErrors { code } } }";
const WHY: &str = "query($job: ID!) { whyLate(jobId: $job) { stretches { cause tool } } }";

/// Two mills, and two jobs that take the same fixture.
async fn two_mills() -> (TestApp, Caller) {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    let mill = r#"mutation { registerMachine(input: { code: "M-2", name: "Mill 2", workCenterCode: "MILL" }) { userErrors { code } } }"#;
    app.change(admin, mill, json!({})).await;
    for number in ["J-1", "J-2"] {
        app.change(admin, JOB, json!({ "number": number })).await;
    }
    let planner = app.caller("muster", Role::Manager).await;
    (app, planner)
}

async fn register(app: &TestApp, caller: Caller, count: u16) -> Json {
    let input = json!({ "code": "FIX-1", "name": "Fixture", "count": count });
    app.data(caller, REGISTER, json!({ "input": input })).await["it"].take()
}

async fn count(app: &TestApp, caller: Caller, count: u16) {
    app.change(caller, COUNT, json!({ "count": count })).await;
}

/// Whether both jobs are milled at one time.
async fn at_once(app: &TestApp, caller: Caller) -> bool {
    let [one, other] = [place(app, caller, "J-1", 10).await, place(app, caller, "J-2", 10).await];
    let (one, other) = (one.expect("a place"), other.expect("a place"));
    one.start < other.end && other.start < one.end
}

/// Both jobs by the start of their milling.
async fn in_order(app: &TestApp, caller: Caller) -> [(&'static str, Placement); 2] {
    let [one, other] = [place(app, caller, "J-1", 10).await, place(app, caller, "J-2", 10).await];
    let mut both = [("J-1", one.expect("a place")), ("J-2", other.expect("a place"))];
    both.sort_by_key(|(_, it)| it.start);
    both
}

/// What puts the later of both on the mill that the earlier is not on.
async fn moves_to_the_free_mill(app: &TestApp, caller: Caller, start: Timestamp) -> Json {
    let [(_, first), (second, _)] = in_order(app, caller).await;
    let taken = |code: &&str| first.machine == Some(MachineId::from_key(caller.tenant, code));
    let free = ["M-1", "M-2"].into_iter().find(|code| !taken(code));
    json!({ "moves": [{ "jobNumber": second, "operation": 10, "machineCode": free, "start": start.to_string() }] })
}

async fn to_the_free_mill(app: &TestApp, caller: Caller, start: Timestamp) -> Json {
    let moves = moves_to_the_free_mill(app, caller, start).await;
    app.data(caller, MOVE, json!({ "input": moves })).await["it"].take()
}

async fn assume(app: &TestApp, caller: Caller, scenario: &str, count: Json) -> Json {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, count.to_string().as_bytes());
    let assumption = json!({ "toolCount": count });
    let input = json!({ "scenarioId": scenario, "assumptionId": id, "assumption": assumption });
    app.data(caller, ASSUME, json!({ "input": input })).await["it"].take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plan_takes_as_many_of_a_tool_at_once_as_there_are() {
    let (app, planner) = two_mills().await;
    plan_all(&app, planner).await;
    assert!(!at_once(&app, planner).await, "of a tool that nobody set up there is one");
    let [(_, first), (second, last)] = in_order(&app, planner).await;
    let moved = to_the_free_mill(&app, planner, last.start).await;
    assert_eq!(moved["userErrors"], json!([]), "{moved}");
    let job = JobId::from_key(planner.tenant, second).to_string();
    let why = app.data(planner, WHY, json!({ "job": job })).await;
    let waits = json!({ "cause": "TOOL_TAKEN", "tool": "FIX-1" });
    assert!(why["whyLate"]["stretches"].as_array().expect("stretches").contains(&waits), "{why}");

    let at_the_start = to_the_free_mill(&app, planner, first.start).await;
    let tools = at_the_start["conflicts"].as_array().expect("conflicts").iter().map(|it| it["tool"].clone());
    assert!(tools.clone().count() > 0 && tools.clone().all(|tool| tool == "FIX-1"), "{at_the_start}");
    assert_eq!(register(&app, planner, 2).await["userErrors"], json!([]));
    let at_the_start = to_the_free_mill(&app, planner, first.start).await;
    assert_eq!((&at_the_start["userErrors"], &at_the_start["conflicts"]), (&json!([]), &json!([])));
    assert!(at_once(&app, planner).await, "there are two, and two mills");
    app.assert_rebuilt_is_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_what_if_takes_as_many_of_a_tool_as_it_assumes_and_the_plan_as_many_as_there_are() {
    let (app, planner) = two_mills().await;
    register(&app, planner, 1).await;
    plan_all(&app, planner).await;
    let scenario = open(&app, planner).await;
    let [(_, first), _] = in_order(&app, planner).await;
    let side_by_side = async || {
        let mut moves = moves_to_the_free_mill(&app, planner, first.start).await;
        moves["scenarioId"] = json!(scenario);
        app.data(planner, MOVE, json!({ "input": moves })).await["it"].take()
    };
    let one = side_by_side().await;
    assert!(one["conflicts"].as_array().expect("conflicts").iter().any(|it| it["tool"] == "FIX-1"), "{one}");

    let assumed = assume(&app, planner, &scenario, json!({ "toolCode": "FIX-1", "count": 2 })).await;
    let said = json!([{ "kind": "TOOL_COUNT", "tool": { "code": "FIX-1" }, "count": 2, "job": null, "from": null }]);
    assert_eq!((&assumed["userErrors"], &assumed["scenario"]["assumptions"]), (&json!([]), &said));
    let two = app.data(planner, CONFLICTS, json!({ "id": scenario })).await;
    assert_eq!(two["scenario"]["comparison"]["conflicts"], json!([]), "there are two, and two mills");
    for (wrong, refused, field) in [
        (json!({ "toolCode": "FIX-1", "count": 1_001 }), "TOOL_COUNT", "count"),
        (json!({ "toolCode": "FIX-2", "count": 1 }), "TOOL_NOT_FOUND", "toolId"),
    ] {
        let answer = assume(&app, planner, &scenario, wrong).await;
        assert_eq!(answer["userErrors"], json!([{ "code": refused, "field": field }]));
    }

    let published = app.data(planner, PUBLISH, json!({ "id": scenario })).await;
    assert_eq!(published["it"]["userErrors"], json!([]), "the policy warns");
    let conflicts = published["it"]["conflicts"].as_array().expect("conflicts").clone();
    assert!(conflicts.iter().any(|it| it["tool"] == "FIX-1"), "there is one in the shop: {published}");
    let sentences = "{ activityLog(first: 9, filter: { kinds: [SCENARIO] }) { edges { node { sentence } } } }";
    let told = app.data(planner, sentences, json!({})).await.to_string();
    assert!(told.contains("there are 2 of tool FIX-1"), "{told}");
    app.assert_rebuilt_is_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plan_follows_when_there_are_fewer_of_a_tool() {
    let (app, planner) = two_mills().await;
    register(&app, planner, 2).await;
    plan_all(&app, planner).await;
    let [(_, first), _] = in_order(&app, planner).await;
    to_the_free_mill(&app, planner, first.start).await;
    assert!(at_once(&app, planner).await);
    let _following = app.follow();
    count(&app, planner, 1).await;
    let apart = async {
        while at_once(&app, planner).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, apart).await.expect("the plan follows");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_a_tool_that_is_out_of_use_is_a_conflict_and_has_no_place_until_it_is_brought_back() {
    let (app, planner) = two_mills().await;
    register(&app, planner, 1).await;
    plan_all(&app, planner).await;
    let retired = app.change(planner, RETIRE, json!({})).await;
    assert_eq!(retired["it"]["tool"], json!({ "count": 1, "retired": "worn" }));
    let at = place(&app, planner, "J-1", 10).await.expect("a place").start.to_string();
    let moves = json!({ "moves": [{ "jobNumber": "J-1", "operation": 10, "start": at }] });
    let answer = app.data(planner, MOVE, json!({ "input": moves })).await["it"].take();
    let told_of = |it: &Json| (it["kind"].clone(), it["tool"].clone(), it["with"].clone());
    let conflicts: Vec<_> = answer["conflicts"].as_array().expect("conflicts").iter().map(told_of).collect();
    assert!(conflicts.contains(&(json!("TOOL"), json!("FIX-1"), Json::Null)), "{answer}");
    let run = start(&app, planner, json!({ "seconds": 1 })).await;
    told(&app, planner, &run).await;
    let shown = app.data(planner, RUN, json!({ "run": run })).await["it"].take();
    let missing = json!({ "operation": { "number": 10 }, "reason": "TOOL_MISSING" });
    assert_eq!(shown["unplanned"], json!([missing, missing]), "{shown}");
    assert_eq!(shown["planned"], 0);

    app.change(planner, BRING_BACK, json!({})).await;
    let run = start(&app, planner, json!({ "seconds": 1 })).await;
    told(&app, planner, &run).await;
    assert_eq!(app.data(planner, RUN, json!({ "run": run })).await["it"]["unplanned"], json!([]));
    assert_eq!(accept(&app, planner, json!({ "runId": run })).await["userErrors"], json!([]));
}

const CHANGEOVERS: &str = "mutation($input: SetChangeoversInput!) { it: setChangeovers(input: $input) {
    workCenter { changeovers { defaultSeconds table { from to seconds } } } revision userErrors { code field message } } }";
const OF_FAMILY: &str = r#"mutation($number: String!, $family: String!) { it: createJob(input: { number: $number, quantity: "10", operations: [
    { number: 10, name: "Paint", workCenterCode: "MILL", setupSeconds: 60, run: { perUnitSeconds: "60" }, setupFamily: $family }
] }) { job { operations { plan { setupFamily } } } userErrors { code field } } }"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changeovers_of_a_work_center_make_setups_as_long_as_the_sequence_needs() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    let planner = app.caller("muster", Role::Manager).await;
    let one = |from: &str, to: &str, seconds: u32| json!({ "from": from, "to": to, "seconds": seconds });
    let both = json!([one("WHITE", "BLACK", 600), one("BLACK", "WHITE", 1_200)]);
    let input = json!({ "workCenterCode": "MILL", "changeovers": both, "defaultSeconds": 300 });
    let set = app.change(planner, CHANGEOVERS, json!({ "input": input })).await["it"].take();
    let sorted = json!([one("BLACK", "WHITE", 1_200), one("WHITE", "BLACK", 600)]);
    assert_eq!(set["workCenter"]["changeovers"], json!({ "defaultSeconds": 300, "table": sorted }));
    let again = app.change(planner, CHANGEOVERS, json!({ "input": input })).await["it"].take();
    assert_eq!(again["revision"], set["revision"]);
    for (table, code) in [
        (json!([one("A", "B", 1), one("A", "B", 2)]), "CHANGEOVER_TWICE"),
        (json!([one("A", "B", 604_801)]), "CHANGEOVER_TOO_LONG"),
        (json!([one("A", " ", 1)]), "BAD_TEXT"),
        (json!((0..101).map(|it| one("A", &format!("F{it}"), 1)).collect::<Vec<_>>()), "CHANGEOVERS_TOO_MANY"),
    ] {
        let input = json!({ "workCenterCode": "MILL", "changeovers": table });
        let refused = app.data(planner, CHANGEOVERS, json!({ "input": input })).await["it"]["userErrors"][0].take();
        assert_eq!((&refused["code"], &refused["field"]), (&json!(code), &json!("changeovers")));
    }
    for (number, family) in [("J-1", "BLACK"), ("J-2", "WHITE"), ("J-3", "PLAIN")] {
        let made = app.change(planner, OF_FAMILY, json!({ "number": number, "family": family })).await;
        assert_eq!(made["it"]["job"]["operations"][0]["plan"]["setupFamily"], family);
    }
    plan_all(&app, planner).await;
    let mut bars = Vec::new();
    for number in ["J-1", "J-2", "J-3"] {
        bars.push((number, place(&app, planner, number, 10).await.expect("a place")));
    }
    bars.sort_by_key(|(_, it)| it.start);
    // Nobody says anything of PLAIN: the other two follow one another whether it is between them or not.
    let coloured: Vec<_> = bars.iter().filter(|(number, _)| *number != "J-3").collect();
    let setup = |at: usize| coloured[at].1.run_start.seconds_since(coloured[at].1.start);
    let needed = if coloured[0].0 == "J-1" { 1_200 } else { 600 };
    assert_eq!((setup(0), setup(1)), (60, 60 + needed));
    app.assert_rebuilt_is_live().await;
}

#[tokio::test]
async fn a_tool_is_set_up_once_counted_found_and_changed_only_by_who_may() {
    let (app, planner) = two_mills().await;
    for (input, code, field) in [
        (json!({ "code": "FIX-1", "name": "Fixture", "count": 0 }), "TOOL_COUNT", "count"),
        (json!({ "code": "FIX-1", "name": "Fixture", "count": 1_001 }), "TOOL_COUNT", "count"),
        (json!({ "code": " ", "name": "Fixture" }), "BAD_TEXT", "code"),
    ] {
        let refused = app.data(planner, REGISTER, json!({ "input": input })).await["it"].take();
        assert_eq!(
            (&refused["userErrors"][0]["code"], &refused["userErrors"][0]["field"]),
            (&json!(code), &json!(field))
        );
        assert!(refused["tool"].is_null());
    }
    let nobody = app.data(planner, COUNT, json!({ "count": 2 })).await["it"].take();
    assert_eq!(nobody["userErrors"], json!([{ "code": "TOOL_NOT_FOUND", "field": null }]));
    let made = register(&app, planner, 3).await;
    assert_eq!(register(&app, planner, 3).await["revision"], made["revision"], "again is the same");
    assert_eq!(register(&app, planner, 4).await["userErrors"][0]["code"], "TOOL_EXISTS");

    let stale = "mutation { it: renameTool(input: { toolCode: \"FIX-1\", name: \"Jig\", expectedRevision: \"7\" }) { userErrors { code } } }";
    assert_eq!(app.data(planner, stale, json!({})).await["it"]["userErrors"][0]["code"], "CONFLICT");
    let rename = "mutation { it: renameTool(input: { toolCode: \"FIX-1\", name: \"Jig\" }) { tool { name } userErrors { code } } }";
    assert_eq!(app.change(planner, rename, json!({})).await["it"]["tool"]["name"], "Jig");
    app.change(planner, RETIRE, json!({})).await;
    let while_retired = app.data(planner, COUNT, json!({ "count": 2 })).await["it"].take();
    assert_eq!(while_retired["userErrors"][0]["code"], "TOOL_RETIRED");
    let found = async |filter: &str| {
        let document = format!("{{ tools(first: 5{filter}) {{ edges {{ node {{ code count retired }} }} }} }}");
        app.data(planner, &document, json!({})).await["tools"]["edges"].take()
    };
    assert_eq!(found("").await, json!([]));
    let with_retired = found(", filter: { includeRetired: true, codeContains: \"IX\" }").await;
    assert_eq!(with_retired, json!([{ "node": { "code": "FIX-1", "count": 3, "retired": "worn" } }]));
    let sentences = "{ activityLog(first: 5, filter: { kinds: [TOOL] }) { edges { node { sentence } } } }";
    let admin = app.caller("muster", Role::Admin).await;
    let log = app.data(admin, sentences, json!({})).await.to_string();
    for sentence in ["Tool FIX-1 (Fixture) was set up: there are 3", "Tool FIX-1 is now called Jig", "out of use: worn"]
    {
        assert!(log.contains(sentence), "{log}");
    }

    let operator = app.caller("muster", Role::Operator).await;
    let denied = app.data(operator, BRING_BACK, json!({})).await["it"].take();
    assert_eq!(denied["userErrors"][0]["code"], "NOT_FOUND");
    let id = made["tool"]["id"].clone();
    let one = "query($id: ID!) { tool(id: $id) { code } }";
    let stranger = app.caller("theirs", Role::Admin).await;
    assert_eq!(app.data(operator, one, json!({ "id": id })).await["tool"]["code"], "FIX-1");
    assert!(app.data(stranger, one, json!({ "id": id })).await["tool"].is_null());
    app.assert_rebuilt_is_live().await;
}
