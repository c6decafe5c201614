//! What is sent again gets its first answer, and what was broken off in between is finished.

use std::sync::Arc;

use domain::kernel::time::later;
use domain::kernel::{Caller, Role, ScenarioId, StreamType};
use domain::ports::EventStore;
use domain::run::Command;
use domain::scheduling::scenario::{Hand, ScenarioCommand};
use domain::scheduling::site_plan::Changes;
use infra::event_store::MemoryEventStore;
use serde_json::{Value as Json, json};
use tests::app::{PATIENCE, TestApp};
use tests::breaking::Breaking;

use crate::planning::{accept, app_with_jobs, place, plan_all, start, told, with_jobs};
use crate::planning_by_hand::{POLICIES, moved, to};
use crate::scenarios::{DISCARD, MOVE, OPEN, PUBLISH, ask, compared, open};

const ID: &str = "0b0e3d6c-6f7a-4b52-9a2e-2a51d7a6c00a";
const OTHER_ID: &str = "0b0e3d6c-6f7a-4b52-9a2e-2a51d7a6c00b";
const RENAME: &str =
    "mutation($input: RenameScenarioInput!) { it: renameScenario(input: $input) { userErrors { code } } }";
const NAME: &str = "query($id: ID!) { it: scenario(id: $id) { name status } }";
const UNDO: &str = "mutation($input: UndoPlanChangeInput!) { it: undoPlanChange(input: $input) {
    appended userErrors { code } operations { number } } }";

fn code(answer: &Json) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("done")
}

/// A planned shop, and a what-if in which the first operation of a job is forty days later.
async fn with_a_what_if(store: Arc<dyn EventStore>) -> (TestApp, Caller, String) {
    let (app, planner) = with_jobs(TestApp::over(store).await, 2).await;
    plan_all(&app, planner).await;
    let scenario = open(&app, planner).await;
    push_back(&app, planner, &scenario, 40).await;
    (app, planner, scenario)
}

/// Moves the first operation of the first job so many days back in a what-if.
async fn push_back(app: &TestApp, planner: Caller, scenario: &str, days: i64) {
    let start = later(place(app, planner, "J-1", 10).await.expect("a place").start, days * 86_400);
    let input = json!({ "scenarioId": scenario, "moves": to("J-1", 10, start) });
    assert_eq!(code(&ask(app, planner, MOVE, input).await), "done");
}

async fn named(app: &TestApp, planner: Caller, scenario: &str) -> Json {
    app.settle().await;
    app.data(planner, NAME, json!({ "id": scenario })).await["it"].take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_is_sent_again_after_a_restart_gets_the_first_answer() {
    let store: Arc<dyn EventStore> = Arc::new(MemoryEventStore::new());
    let (app, planner) = with_jobs(TestApp::over(Arc::clone(&store)).await, 2).await;
    plan_all(&app, planner).await;
    let start = later(place(&app, planner, "J-1", 10).await.expect("a place").start, 86_400);
    let input = json!({ "moves": to("J-1", 10, start), "followers": "PUSH", "commandId": ID });
    assert_eq!(code(&moved(&app, planner, input.clone()).await), "done");
    drop(app);
    let app = TestApp::over(store).await;
    app.caller("muster", Role::Manager).await;
    // It has begun by then: worked out anew it would be refused.
    let begin = r#"mutation { it: startOperation(input: { jobNumber: "J-1", operation: 10, operatorCode: "17", machineCode: "M-1" }) { userErrors { code message } } }"#;
    app.change(planner, begin, json!({})).await;
    let again = moved(&app, planner, input.clone()).await;
    assert_eq!((code(&again), &again["appended"]), ("done", &json!(0)));
    let mut other = input;
    other["followers"] = "STAY".into();
    assert_eq!(code(&moved(&app, planner, other).await), "COMMAND_ID_REUSED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_is_taken_over_again_after_a_restart_gets_the_first_answer() {
    let store: Arc<dyn EventStore> = Arc::new(MemoryEventStore::new());
    let (app, planner) = with_jobs(TestApp::over(Arc::clone(&store)).await, 2).await;
    let run = start(&app, planner, json!({ "seconds": 1 })).await;
    told(&app, planner, &run).await;
    let input = json!({ "runId": run, "commandId": ID });
    let first = accept(&app, planner, input.clone()).await;
    assert_eq!(code(&first), "done", "{first}");
    let scenario = open(&app, planner).await;
    push_back(&app, planner, &scenario, 40).await;
    let beside = start(&app, planner, json!({ "seconds": 1, "scenarioId": scenario })).await;
    told(&app, planner, &beside).await;
    let of_scenario = json!({ "runId": beside, "commandId": OTHER_ID });
    let first_beside = accept(&app, planner, of_scenario.clone()).await;
    assert_eq!((code(&first_beside), first_beside["appended"].as_u64() > Some(0)), ("done", true), "{first_beside}");
    drop(app);
    let app = TestApp::over(store).await;
    app.caller("muster", Role::Manager).await;
    for (input, first) in [(input.clone(), first), (of_scenario, first_beside)] {
        let again = accept(&app, planner, input).await;
        assert_eq!((code(&again), &again["appended"]), ("done", &json!(0)), "{again}");
        assert_eq!(again["position"], first["position"]);
    }
    let adjusted = json!({ "runId": run, "commandId": ID, "adjust": true });
    assert_eq!(code(&accept(&app, planner, adjusted).await), "COMMAND_ID_REUSED");
    assert_eq!(code(&accept(&app, planner, json!({ "runId": run })).await), "NOT_FOUND");
    let stranger = app.caller("others", Role::Manager).await;
    assert_eq!(code(&accept(&app, stranger, input).await), "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_follows_in_the_moment_it_is_taken_over_refuses_nothing_for_good() {
    let inner: Arc<dyn EventStore> = Arc::new(MemoryEventStore::new());
    let store = Breaking::before(Arc::clone(&inner));
    let (app, planner) = with_jobs(TestApp::over(Arc::clone(&store) as Arc<dyn EventStore>).await, 2).await;
    plan_all(&app, planner).await;
    // So that there is something to take over.
    let out = r#"mutation { it: takeOutOfPlan(input: { operations: [{ jobNumber: "J-2", operation: 20 }] }) { userErrors { code } } }"#;
    app.change(planner, out, json!({})).await;
    let run = start(&app, planner, json!({ "seconds": 1 })).await;
    told(&app, planner, &run).await;
    let reached = store.hold(StreamType::Plan);
    let input = json!({ "runId": run, "commandId": ID, "adjust": true });
    let accepting = accept(&app, planner, input.clone());
    let meanwhile = async {
        reached.await.expect("it is about to be written");
        // Another node follows: a machine stands still.
        let other = TestApp::over(inner).await;
        other.caller("muster", Role::Manager).await;
        let _following = other.follow();
        let stop = r#"mutation { it: changeMachineStatus(input: { machineCode: "M-1", status: DOWN, reason: "spindle" }) { userErrors { code } } }"#;
        other.change(planner, stop, json!({})).await;
        let version = async || other.deps.commands.plan(planner.tenant).await.expect("the plan").version;
        while version().await == 2 {
            tokio::task::yield_now().await;
        }
        store.go_on();
    };
    let both = async { tokio::join!(accepting, meanwhile) };
    let (first, ()) = tokio::time::timeout(PATIENCE, both).await.expect("both end");
    assert_eq!(code(&first), "done", "{first}");
    let again = accept(&app, planner, input).await;
    assert_eq!((code(&again), &again["position"]), ("done", &first["position"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opening_that_is_sent_again_changes_nothing_whatever_became_of_the_what_if() {
    let (app, planner) = app_with_jobs(1).await;
    let input = json!({ "name": "A", "commandId": ID });
    let first = ask(&app, planner, OPEN, input.clone()).await;
    let scenario = first["scenario"]["id"].as_str().expect("a what-if").to_owned();
    let renamed = ask(&app, planner, RENAME, json!({ "scenarioId": scenario, "name": "B" })).await;
    assert_eq!(code(&renamed), "done");
    let again = ask(&app, planner, OPEN, input.clone()).await;
    assert_eq!((code(&again), &again["appended"]), ("done", &json!(0)));
    assert_eq!(named(&app, planner, &scenario).await, json!({ "name": "B", "status": "OPEN" }));
    let other = json!({ "name": "C", "commandId": ID });
    assert_eq!(code(&ask(&app, planner, OPEN, other.clone()).await), "COMMAND_ID_REUSED");
    app.change(planner, DISCARD, json!({ "id": scenario })).await;
    assert_eq!(code(&ask(&app, planner, OPEN, input).await), "done");
    assert_eq!(named(&app, planner, &scenario).await, json!({ "name": "B", "status": "DISCARDED" }));
    assert_eq!(code(&ask(&app, planner, OPEN, other).await), "COMMAND_ID_REUSED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_what_if_that_is_published_again_gets_the_first_answer() {
    let (app, planner, scenario) = with_a_what_if(Arc::new(MemoryEventStore::new())).await;
    let input = json!({ "scenarioId": scenario, "commandId": ID });
    let first = ask(&app, planner, PUBLISH, input.clone()).await;
    assert_eq!((code(&first), &first["appended"]), ("done", &json!(1)));
    let again = ask(&app, planner, PUBLISH, input.clone()).await;
    assert_eq!((code(&again), &again["appended"]), ("done", &json!(0)));
    let mut other = input;
    other["partly"] = true.into();
    assert_eq!(code(&ask(&app, planner, PUBLISH, other).await), "COMMAND_ID_REUSED");
    let anew = ask(&app, planner, PUBLISH, json!({ "scenarioId": scenario })).await;
    assert_eq!(code(&anew), "SCENARIO_PUBLISHED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publishing_that_was_cut_off_after_the_plan_is_finished_by_who_sends_it_again() {
    let store = Breaking::before(Arc::new(MemoryEventStore::new()));
    let (app, planner, scenario) = with_a_what_if(Arc::clone(&store) as Arc<dyn EventStore>).await;
    let version = app.deps.commands.plan(planner.tenant).await.expect("the plan").version;
    let input = json!({ "scenarioId": scenario, "commandId": ID });
    store.cut_off(StreamType::Scenario);
    let broken = app.execute(planner, PUBLISH, json!({ "input": input })).await;
    assert!(!broken.errors.is_empty() || broken.data.to_string().contains("UNAVAILABLE"), "{broken:?}");
    store.mend();
    drop(app);
    let app = TestApp::over(store).await;
    app.caller("muster", Role::Manager).await;
    assert_eq!(named(&app, planner, &scenario).await["status"], "OPEN", "nobody came to tell it");
    // Somebody else is faster with the plan: the version that is told is that of what was published.
    let start = later(place(&app, planner, "J-2", 10).await.expect("a place").start, 50 * 86_400);
    assert_eq!(code(&moved(&app, planner, json!({ "moves": to("J-2", 10, start) })).await), "done");
    let again = ask(&app, planner, PUBLISH, input).await;
    assert_eq!((code(&again), &again["appended"]), ("done", &json!(0)));
    assert_eq!(named(&app, planner, &scenario).await["status"], "PUBLISHED");
    let state = app.deps.commands.scenario(planner.tenant, id(&scenario)).await.expect("a what-if");
    assert_eq!(*state, domain::scheduling::scenario::ScenarioState::Published(version + 1));
    app.assert_rebuilt_is_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publishing_that_was_cut_off_after_the_plan_is_finished_by_who_looks_next() {
    let store = Breaking::before(Arc::new(MemoryEventStore::new()));
    let (app, planner, scenario) = with_a_what_if(Arc::clone(&store) as Arc<dyn EventStore>).await;
    store.cut_off(StreamType::Scenario);
    app.execute(planner, PUBLISH, json!({ "input": { "scenarioId": scenario } })).await;
    store.mend();
    assert_eq!(compared(&app, planner, &scenario).await["comparison"], Json::Null, "it is told by who looks");
    assert_eq!(named(&app, planner, &scenario).await["status"], "PUBLISHED");
    let start = later(place(&app, planner, "J-2", 10).await.expect("a place").start, 86_400);
    let input = json!({ "scenarioId": scenario, "moves": to("J-2", 10, start) });
    assert_eq!(code(&ask(&app, planner, MOVE, input).await), "SCENARIO_PUBLISHED");
}

fn id(scenario: &str) -> ScenarioId {
    ScenarioId(uuid::Uuid::parse_str(scenario).expect("an identity"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_in_a_what_if_while_it_is_published_is_not_lost() {
    let store = Breaking::before(Arc::new(MemoryEventStore::new()));
    let (app, planner, scenario) = with_a_what_if(Arc::clone(&store) as Arc<dyn EventStore>).await;
    let come = store.hold(StreamType::Plan);
    let publishing = ask(&app, planner, PUBLISH, json!({ "scenarioId": scenario }));
    let changing = async {
        come.await.expect("the plan is about to be published");
        let was = place(&app, planner, "J-2", 10).await.expect("a place");
        let seconds = 60 * 86_400;
        let [start, run_start, end] = [was.start, was.run_start, was.end].map(|at| later(at, seconds));
        let placed = vec![domain::scheduling::placement::Placement { start, run_start, end, ..was }];
        let changes = Changes { placed, ..Changes::default() };
        let change = ScenarioCommand::Change { changes, by: Hand::Person, based_on: 1 };
        let command = Command::Scenario(id(&scenario), Box::new(change));
        app.deps.commands.run(&planner, command.into()).await.expect("it is open");
        store.go_on();
        start
    };
    let (published, start) = tokio::join!(publishing, changing);
    assert_eq!(code(&published), "done");
    assert_eq!(named(&app, planner, &scenario).await["status"], "OPEN", "there is something left to publish");
    assert_eq!(compared(&app, planner, &scenario).await["comparison"]["outdated"], json!([]));
    assert_ne!(place(&app, planner, "J-2", 10).await.map(|it| it.start), Some(start));
    let rest = ask(&app, planner, PUBLISH, json!({ "scenarioId": scenario })).await;
    assert_eq!((code(&rest), &rest["operations"]), ("done", &json!([])));
    assert_eq!(place(&app, planner, "J-2", 10).await.map(|it| it.start), Some(start));
    assert_eq!(named(&app, planner, &scenario).await["status"], "PUBLISHED");
    app.assert_rebuilt_is_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undo_that_is_sent_again_gets_the_first_answer() {
    let (app, planner) = app_with_jobs(1).await;
    plan_all(&app, planner).await;
    let start = later(place(&app, planner, "J-1", 10).await.expect("a place").start, 86_400);
    assert_eq!(code(&moved(&app, planner, json!({ "moves": to("J-1", 10, start) })).await), "done");
    let input = json!({ "version": 2, "commandId": ID });
    assert_eq!(ask(&app, planner, UNDO, input.clone()).await["appended"], 1);
    let again = ask(&app, planner, UNDO, input.clone()).await;
    assert_eq!((code(&again), &again["appended"]), ("done", &json!(0)));
    let mut other = input;
    other["partly"] = true.into();
    assert_eq!(code(&ask(&app, planner, UNDO, other).await), "COMMAND_ID_REUSED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_finished_since_is_not_published() {
    let (app, planner) = app_with_jobs(2).await;
    let scenario = open(&app, planner).await;
    push_new(&app, planner, &scenario, "J-1").await;
    push_new(&app, planner, &scenario, "J-2").await;
    let work = r#"mutation {
        begin: startOperation(input: { jobNumber: "J-1", operation: 10, operatorCode: "17", machineCode: "M-1" }) { userErrors { code message } }
        end: finishOperation(input: { jobNumber: "J-1", operation: 10, operatorCode: "17" }) { userErrors { code message } } }"#;
    app.change(planner, work, json!({})).await;
    let refused = ask(&app, planner, PUBLISH, json!({ "scenarioId": scenario })).await;
    let left = json!([{ "job": { "code": "J-1" }, "number": 10 }]);
    assert_eq!((code(&refused), &refused["operations"]), ("SCENARIO_OUTDATED", &left));
    let partly = ask(&app, planner, PUBLISH, json!({ "scenarioId": scenario, "partly": true })).await;
    assert_eq!((code(&partly), &partly["operations"]), ("done", &left));
    assert_eq!(place(&app, planner, "J-1", 10).await, None);
    assert!(place(&app, planner, "J-2", 10).await.is_some());
}

/// Plans the first operation of a job in a what-if.
async fn push_new(app: &TestApp, planner: Caller, scenario: &str, job: &str) {
    let start = later(domain::ports::Clock::now(&*app.clock), 10 * 86_400);
    let input = json!({ "scenarioId": scenario, "moves": to(job, 10, start) });
    assert_eq!(code(&ask(app, planner, MOVE, input).await), "done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_what_if_in_the_way_of_others_is_published_as_the_policy_says() {
    let (app, planner) = app_with_jobs(2).await;
    plan_all(&app, planner).await;
    let scenario = open(&app, planner).await;
    let [one, other] = [place(&app, planner, "J-1", 10).await, place(&app, planner, "J-2", 10).await];
    let busy = if one.map(|it| it.start) < other.map(|it| it.start) { ("J-2", one) } else { ("J-1", other) };
    let input = json!({ "scenarioId": scenario, "moves": to(busy.0, 10, busy.1.expect("a place").start) });
    assert_eq!(code(&ask(&app, planner, MOVE, input).await), "done");
    for (policy, refused) in [("REFUSE", "PLAN_CONFLICTS"), ("ALLOW_WITH_REASON", "PLAN_REASON_NEEDED")] {
        app.change(planner, POLICIES, json!({ "overlap": policy })).await;
        assert_eq!(code(&ask(&app, planner, PUBLISH, json!({ "scenarioId": scenario })).await), refused);
    }
    let input = json!({ "scenarioId": scenario, "reason": "the customer is here" });
    assert_eq!(code(&ask(&app, planner, PUBLISH, input).await), "done");
    app.settle().await;
    let why = app.data(planner, "{ it: planChanges(first: 1) { reason } }", json!({})).await;
    assert_eq!(why["it"], json!([{ "reason": "the customer is here" }]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_has_so_many_open_what_ifs_and_no_more() {
    let (app, planner) = app_with_jobs(1).await;
    let mut last = String::new();
    for _ in 0..50 {
        last = open(&app, planner).await;
    }
    let input = json!({ "name": "One more", "commandId": ID });
    assert_eq!(code(&ask(&app, planner, OPEN, input.clone()).await), "SCENARIOS_TOO_MANY");
    let stranger = app.caller("fremd", Role::Admin).await;
    open(&app, stranger).await;
    app.change(planner, DISCARD, json!({ "id": last })).await;
    assert_eq!(code(&ask(&app, planner, OPEN, input).await), "done");
}
