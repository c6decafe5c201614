//! Changes of the plan by hand over GraphQL: moves with what they get into the way of, pins, undo.

use domain::kernel::time::later;
use domain::kernel::{Caller, Role};
use serde_json::{Value as Json, json};
use tests::app::TestApp;

use crate::planning::{app_with_jobs, place, plan_all};

const MOVE: &str = "mutation($input: MoveOperationsInput!) { it: moveOperations(input: $input) {
    appended planVersion userErrors { code field message } conflicts { kind operation { number job { code } } with { number job { code } } }
    operations { number } } }";
pub(crate) const POLICIES: &str =
    "mutation($overlap: OverlapPolicy!) { it: setPlanPolicies(input: { preset: ON_TIME_FIRST, overlap: $overlap }) {
    userErrors { code } } }";

pub(crate) async fn moved(app: &TestApp, planner: Caller, input: Json) -> Json {
    app.data(planner, MOVE, json!({ "input": input })).await["it"].take()
}

pub(crate) fn to(job: &str, operation: u16, start: domain::kernel::Timestamp) -> Json {
    json!([{ "jobNumber": job, "operation": operation, "start": start.to_string() }])
}

/// Two jobs in the plan, and the first operation of whichever comes first and of the other.
pub(crate) async fn two_planned() -> (TestApp, Caller, [&'static str; 2]) {
    let (app, planner) = app_with_jobs(2).await;
    plan_all(&app, planner).await;
    let [one, other] = [place(&app, planner, "J-1", 10).await, place(&app, planner, "J-2", 10).await];
    let jobs = if one.map(|it| it.start) < other.map(|it| it.start) { ["J-1", "J-2"] } else { ["J-2", "J-1"] };
    (app, planner, jobs)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moved_operation_ends_when_its_work_is_done_and_others_stay() {
    let (app, planner, [_, second]) = two_planned().await;
    let was = place(&app, planner, second, 10).await.expect("a place");
    let start = later(was.start, 7 * 86_400);
    let answer = moved(&app, planner, json!({ "moves": to(second, 10, start) })).await;
    assert_eq!((&answer["userErrors"], &answer["appended"]), (&json!([]), &json!(1)));
    let is = place(&app, planner, second, 10).await.expect("a place");
    assert_eq!((is.start, is.end.seconds_since(is.start)), (start, was.end.seconds_since(was.start)));
    // What waits for it stays where it is, which does not go together.
    let kinds: Vec<&Json> = answer["conflicts"].as_array().expect("conflicts").iter().map(|it| &it["kind"]).collect();
    assert!(kinds.contains(&&json!("SEQUENCE")), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_into_the_way_of_another_is_refused_asked_a_reason_for_or_taken_as_the_policy_says() {
    let (app, planner, [first, second]) = two_planned().await;
    let (busy, was) = (place(&app, planner, first, 10).await, place(&app, planner, second, 10).await);
    let moves = to(second, 10, busy.expect("a place").start);
    for (policy, code) in [("REFUSE", "PLAN_CONFLICTS"), ("ALLOW_WITH_REASON", "PLAN_REASON_NEEDED")] {
        app.change(planner, POLICIES, json!({ "overlap": policy })).await;
        let answer = moved(&app, planner, json!({ "moves": moves })).await;
        assert_eq!(answer["userErrors"][0]["code"], code);
        assert!(
            answer["conflicts"].as_array().is_some_and(|all| all.iter().any(|it| it["kind"] == "OVERLOAD")),
            "{answer}"
        );
        assert_eq!(place(&app, planner, second, 10).await, was, "nothing is done");
    }
    let answer = moved(&app, planner, json!({ "moves": moves, "reason": "the customer is here" })).await;
    assert_eq!((&answer["userErrors"], &answer["appended"]), (&json!([]), &json!(1)));
    app.change(planner, POLICIES, json!({ "overlap": "ALLOW" })).await;
    let back = to(second, 10, was.expect("a place").start);
    assert_eq!(moved(&app, planner, json!({ "moves": back })).await["userErrors"], json!([]));
    assert_eq!(moved(&app, planner, json!({ "moves": moves })).await["userErrors"], json!([]));
    app.assert_rebuilt_is_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followers_are_pushed_out_of_the_way_and_one_undo_takes_it_all_back() {
    let (app, planner, [first, second]) = two_planned().await;
    let before = [(first, 10), (first, 20), (second, 10), (second, 20)];
    let mut places = Vec::new();
    for (job, operation) in before {
        places.push(place(&app, planner, job, operation).await.expect("a place"));
    }
    let pin = json!({ "reason": "promised" });
    let start = later(places[2].start, -60);
    let input = json!({ "moves": to(first, 10, start), "followers": "PUSH", "pin": pin });
    let answer = moved(&app, planner, input).await;
    assert_eq!(answer["userErrors"], json!([]));
    let [pinned, pushed] = [place(&app, planner, first, 10).await, place(&app, planner, second, 10).await];
    let (pinned, pushed) = (pinned.expect("a place"), pushed.expect("a place"));
    assert_eq!(pinned.start, start);
    assert!(pushed.start >= pinned.end || pushed.end <= pinned.start, "one thing at a time: {pinned:?} {pushed:?}");
    let state = app.deps.commands.plan(planner.tenant).await.expect("the plan");
    assert_eq!(
        state.pins().map(|(operation, _)| operation).collect::<Vec<_>>(),
        [pinned.of()],
        "who is pushed is not pinned"
    );
    let undo = "mutation($version: Int!) { it: undoPlanChange(input: { version: $version }) { planVersion userErrors { code } } }";
    let undone = app.change(planner, undo, json!({ "version": answer["planVersion"] })).await;
    assert_eq!(undone["it"]["planVersion"], state.version + 1);
    for ((job, operation), was) in before.into_iter().zip(places) {
        assert_eq!(place(&app, planner, job, operation).await, Some(was), "{job} {operation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_are_pinned_let_go_and_taken_out() {
    let (app, planner, [first, _]) = two_planned().await;
    let operations = format!(r#"operations: [{{ jobNumber: "{first}", operation: 10 }}]"#);
    let ask = async |field: &str, more: &str| {
        let document = format!(
            "mutation {{ it: {field}(input: {{ {operations} {more} }}) {{ appended userErrors {{ code }} operations {{ number }} }} }}"
        );
        app.data(planner, &document, json!({})).await["it"].take()
    };
    assert_eq!(ask("pinOperations", r#"reason: "promised""#).await["appended"], 1);
    assert_eq!(app.deps.commands.plan(planner.tenant).await.expect("the plan").pins().count(), 1);
    assert_eq!(ask("unpinOperations", "").await["appended"], 1);
    assert_eq!(ask("takeOutOfPlan", "").await["appended"], 1);
    assert_eq!(place(&app, planner, first, 10).await, None);
    let refused = ask("pinOperations", r#"reason: "promised""#).await;
    assert_eq!(
        (&refused["userErrors"][0]["code"], &refused["operations"]),
        (&json!("PLAN_NOT_PLANNED"), &json!([{ "number": 10 }]))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_moved_is_told() {
    let (app, planner, [first, _]) = two_planned().await;
    let now = domain::ports::Clock::now(&*app.clock);
    let refusal = async |input: Json| moved(&app, planner, input).await["userErrors"][0].take();
    let code = async |input: Json| refusal(input).await["code"].take();
    let past = refusal(json!({ "moves": to(first, 20, later(now, -3_600)) })).await;
    let message = past["message"].as_str().expect("a message");
    assert!(message.contains(&format!("20 of job {first}")), "by the number that people know: {message}");
    assert_eq!(refusal(json!({ "moves": to(first, 15, now) })).await["field"], "moves");
    assert_eq!(code(json!({ "moves": to("J-9", 10, now) })).await, "PLAN_OPERATION_NOT_FOUND");
    assert_eq!(code(json!({ "moves": to(first, 15, now) })).await, "PLAN_OPERATION_NOT_FOUND");
    assert_eq!(code(json!({ "moves": [] })).await, "BAD_RANGE");
    assert_eq!(code(json!({ "moves": to(first, 10, later(now, -3_600)) })).await, "PLAN_IN_PAST");
    let mut moves = to(first, 10, now);
    moves[0]["machineCode"] = "NO-SUCH".into();
    assert_eq!(code(json!({ "moves": moves })).await, "MACHINE_NOT_FOUND");
    let twice = json!([to(first, 10, now)[0], to(first, 10, later(now, 60))[0]]);
    assert_eq!(code(json!({ "moves": twice })).await, "BAD_RANGE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_saw_an_older_plan_is_told_what_moved_since_and_nothing_is_lost() {
    let (app, planner, [first, second]) = two_planned().await;
    let version = app.deps.commands.plan(planner.tenant).await.expect("the plan").version;
    let start = later(place(&app, planner, second, 20).await.expect("a place").end, 86_400);
    let input = |job: &str, hours: i64| json!({ "moves": to(job, 10, later(start, hours * 3_600)), "expectedVersion": version });
    assert_eq!(moved(&app, planner, input(first, 0)).await["userErrors"], json!([]));
    let refused = moved(&app, planner, input(first, 5)).await;
    assert_eq!(
        (&refused["userErrors"][0]["code"], &refused["operations"]),
        (&json!("PLAN_CHANGED"), &json!([{ "number": 10 }]))
    );
    assert_eq!(place(&app, planner, first, 10).await.map(|it| it.start), Some(start), "the first of two wins");
    // What somebody else moved does not concern who moves something else.
    assert_eq!(moved(&app, planner, input(second, 9)).await["userErrors"], json!([]));
    for field in ["takeOutOfPlan", "pinOperations"] {
        let reason = r#"reason: "promised""#;
        let document = format!(
            r#"mutation($version: Int!) {{ it: {field}(input: {{ operations: [{{ jobNumber: "{first}", operation: 10 }}] {reason} expectedVersion: $version }}) {{
                userErrors {{ code }} operations {{ number }} }} }}"#
        );
        let refused = app.data(planner, &document, json!({ "version": version })).await["it"].take();
        assert_eq!(
            refused,
            json!({ "userErrors": [{ "code": "PLAN_CHANGED" }], "operations": [{ "number": 10 }] }),
            "{field}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_is_sent_again_gets_the_first_answer_whatever_the_shop_is_by_then() {
    let (app, planner, [first, second]) = two_planned().await;
    let start = place(&app, planner, second, 10).await.expect("a place").start;
    let pin = json!({ "reason": "promised" });
    let command = "0b0e3d6c-6f7a-4b52-9a2e-2a51d7a6c00a";
    let input = json!({ "moves": to(first, 10, start), "followers": "PUSH", "pin": pin, "commandId": command });
    let answer = moved(&app, planner, input.clone()).await;
    assert_eq!((&answer["userErrors"], &answer["appended"]), (&json!([]), &json!(2)), "moved and pinned in one append");
    let head = app.deps.store.head().await.expect("a head");
    // Elsewhere by now, and on a machine that stands still: worked out anew it would come to something else.
    let stop = r#"mutation { it: changeMachineStatus(input: { machineCode: "M-1", status: DOWN, reason: "spindle" }) { userErrors { code } } }"#;
    app.change(planner, stop, json!({})).await;
    let again = moved(&app, planner, input.clone()).await;
    assert_eq!((&again["userErrors"], &again["appended"]), (&json!([]), &json!(0)));
    assert!(app.deps.store.head().await.expect("a head") > head, "but for the machine nothing was done");
    assert_eq!(place(&app, planner, first, 10).await.map(|it| it.start), Some(start));
    let mut other = input;
    other["moves"][0]["start"] = later(start, 60).to_string().into();
    assert_eq!(moved(&app, planner, other).await["userErrors"][0]["code"], "COMMAND_ID_REUSED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_change_says_which_version_it_made_also_when_it_is_asked_again() {
    let (app, planner, [first, second]) = two_planned().await;
    let version = async || app.deps.commands.plan(planner.tenant).await.expect("the plan").version;
    let start = later(place(&app, planner, second, 20).await.expect("a place").end, 86_400);
    let command = "0b0e3d6c-6f7a-4b52-9a2e-2a51d7a6c00b";
    let input = json!({ "moves": to(first, 10, start), "commandId": command });
    let made = moved(&app, planner, input.clone()).await["planVersion"].take();
    assert_eq!(made, version().await);
    assert_eq!(
        moved(&app, planner, json!({ "moves": to(second, 10, later(start, 86_400)) })).await["planVersion"],
        version().await
    );
    assert_eq!(moved(&app, planner, input).await["planVersion"], made, "the first answer");
    let pin = format!(
        r#"mutation {{ it: pinOperations(input: {{ operations: [{{ jobNumber: "{first}", operation: 10 }}] reason: "promised" }}) {{
            planVersion userErrors {{ code }} }} }}"#
    );
    assert_eq!(app.change(planner, &pin, json!({})).await["it"]["planVersion"], version().await, "nothing moved");
    let refused = moved(&app, planner, json!({ "moves": to("J-9", 10, start) })).await;
    assert_eq!(refused["planVersion"], Json::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pin_that_has_run_out_is_shown_no_more() {
    let (app, planner, [first, _]) = two_planned().await;
    let place = place(&app, planner, first, 10).await.expect("a place");
    let now = domain::ports::Clock::now(&*app.clock);
    let pin = r#"mutation($job: String!, $until: DateTime!) { it: pinOperations(input: {
        operations: [{ jobNumber: $job, operation: 10 }] reason: "promised" until: $until }) { userErrors { code } } }"#;
    app.change(planner, pin, json!({ "job": first, "until": later(now, 60).to_string() })).await;
    let board = "query($from: DateTime!, $until: DateTime!) { board(from: $from, until: $until) {
        bars { job { code } operation pin { reason } } } }";
    let window = json!({ "from": later(place.start, -60).to_string(), "until": later(place.end, 60).to_string() });
    let pins = async || {
        let bars = app.data(planner, board, window.clone()).await["board"]["bars"].take();
        let bar =
            bars.as_array().and_then(|bars| bars.iter().find(|it| it["job"]["code"] == first && it["operation"] == 10));
        bar.expect("a bar")["pin"].clone()
    };
    assert_eq!(pins().await, json!({ "reason": "promised" }));
    app.clock.advance_seconds(120);
    assert_eq!(pins().await, Json::Null);
}

const BEGIN: &str = r#"mutation($job: String!) {
    begin: startOperation(input: { jobNumber: $job, operation: 10, operatorCode: "17", machineCode: "M-1" }) { userErrors { code message } }
    leave: pauseOperation(input: { jobNumber: $job, operation: 10, operatorCode: "17", reason: "break" }) { userErrors { code message } } }"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_people_at_once_one_gets_the_place_where_conflicts_are_refused() {
    let (app, planner) = app_with_jobs(4).await;
    plan_all(&app, planner).await;
    app.change(planner, POLICIES, json!({ "overlap": "REFUSE" })).await;
    let free = later(place(&app, planner, "J-1", 10).await.expect("a place").start, 40 * 86_400);
    let input = |job: &str| json!({ "moves": to(job, 20, free) });
    let (one, two, three, four) = tokio::join!(
        moved(&app, planner, input("J-1")),
        moved(&app, planner, input("J-2")),
        moved(&app, planner, input("J-3")),
        moved(&app, planner, input("J-4"))
    );
    let code = |it: &Json| it["userErrors"][0]["code"].as_str().unwrap_or("done").to_owned();
    let mut told = [code(&one), code(&two), code(&three), code(&four)];
    told.sort_unstable();
    assert_eq!(told, ["PLAN_CONFLICTS", "PLAN_CONFLICTS", "PLAN_CONFLICTS", "done"]);
    app.assert_rebuilt_is_live().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_somebody_began_and_left_does_not_keep_others_from_being_pushed() {
    let (app, planner, [first, second]) = two_planned().await;
    app.change(planner, BEGIN, json!({ "job": first })).await;
    let start = place(&app, planner, first, 10).await.expect("a place").start;
    let answer = moved(&app, planner, json!({ "moves": to(second, 10, later(start, 60)), "followers": "PUSH" })).await;
    assert_eq!(answer["userErrors"], json!([]));
    assert_eq!(place(&app, planner, second, 10).await.map(|it| it.start), Some(later(start, 60)));
    let named = moved(&app, planner, json!({ "moves": to(first, 10, later(start, 600)), "followers": "PUSH" })).await;
    assert_eq!(named["userErrors"][0]["code"], "PLAN_OPERATION_BEGUN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_outside_the_house_is_moved_without_a_machine() {
    let (app, planner) = app_with_jobs(1).await;
    let add = r#"mutation { it: addOperation(input: { jobNumber: "J-1", operation: { number: 30, name: "Harden", workCenterCode: "MILL", outsideLeadSeconds: 86400 } }) {
        userErrors { code message } } }"#;
    app.change(planner, add, json!({})).await;
    let start = later(domain::ports::Clock::now(&*app.clock), 20 * 86_400);
    let mut moves = to("J-1", 30, start);
    assert_eq!(moved(&app, planner, json!({ "moves": moves })).await["userErrors"], json!([]));
    let is = place(&app, planner, "J-1", 30).await.expect("a place");
    assert_eq!((is.machine, is.end.seconds_since(is.start)), (None, 86_400));
    moves[0]["machineCode"] = "M-1".into();
    let refused = moved(&app, planner, json!({ "moves": moves })).await;
    assert_eq!(
        (&refused["userErrors"][0]["code"], &refused["userErrors"][0]["field"]),
        (&json!("PLAN_OUTSIDE"), &json!("machineId"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_exactly_where_work_is_done_is_held_to_the_policy_too() {
    const SCHEDULE: &str =
        "mutation($input: ScheduleJobInput!) { it: scheduleJob(input: $input) { appended userErrors { code } } }";
    let (app, planner, [first, second]) = two_planned().await;
    let taken = place(&app, planner, first, 10).await.expect("a place");
    let window = json!([{ "operation": 10, "machineCode": "M-1", "start": taken.start.to_string(), "end": taken.end.to_string() }]);
    let input = json!({ "jobNumber": second, "windows": window, "commandId": "0b0e3d6c-6f7a-4b52-9a2e-2a51d7a6c0aa" });
    let was = place(&app, planner, second, 10).await;
    for (policy, code) in [("REFUSE", "PLAN_CONFLICTS"), ("ALLOW_WITH_REASON", "PLAN_REASON_NEEDED")] {
        app.change(planner, POLICIES, json!({ "overlap": policy })).await;
        let answer = app.data(planner, SCHEDULE, json!({ "input": input })).await["it"].take();
        assert_eq!(answer["userErrors"][0]["code"], code);
        assert_eq!(place(&app, planner, second, 10).await, was, "nothing is moved");
    }
    app.change(planner, POLICIES, json!({ "overlap": "REFUSE" })).await;
    let own = place(&app, planner, second, 20).await.expect("a place");
    let (start, end) = (later(own.start, 40 * 86_400), later(own.end, 40 * 86_400));
    let free = json!([{ "operation": 20, "machineCode": "L-1", "start": start.to_string(), "end": end.to_string() }]);
    let free = json!({ "jobNumber": second, "windows": free });
    assert_eq!(app.data(planner, SCHEDULE, json!({ "input": free })).await["it"]["userErrors"], json!([]));
    app.change(planner, POLICIES, json!({ "overlap": "ALLOW" })).await;
    let allowed = app.data(planner, SCHEDULE, json!({ "input": input })).await["it"].take();
    assert_eq!(
        (&allowed["userErrors"], place(&app, planner, second, 10).await.map(|it| it.start)),
        (&json!([]), Some(taken.start))
    );
    let operator = app.caller("muster", Role::Operator).await;
    app.change(planner, POLICIES, json!({ "overlap": "REFUSE" })).await;
    let denied = app.data(operator, SCHEDULE, json!({ "input": input })).await["it"].take();
    assert_eq!(denied["userErrors"][0]["code"], "NOT_FOUND", "who may not plan is told nothing of conflicts");
}
