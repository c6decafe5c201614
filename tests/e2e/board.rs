//! The board over GraphQL: what is planned in a window, on which lanes, what became of it, and what is told as it changes.

use std::sync::Arc;

use async_graphql::Response;
use domain::jobs::operation::OperationNumber;
use domain::kernel::{CalendarId, Caller, JobId, Role, Timestamp};
use domain::ports::EventStore;
use domain::run::{Command, Request};
use domain::scheduling::placement::Placement;
use domain::scheduling::site_plan::{Changes, Origin, PlanCommand};
use domain::scheduling::solver::Preset;
use domain::tenancy::company::CompanyCommand;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use infra::event_store::MemoryEventStore;
use serde_json::{Value as Json, json};
use tests::app::{PATIENCE, TestApp};
use uuid::Uuid;

use crate::shop;

const BOARD: &str = "query($from: DateTime!, $until: DateTime!, $by: BoardBy, $lanes: BoardLanes! = {}) {
    board(from: $from, until: $until, by: $by, lanes: $lanes) {
        position lanes { machine { code } operator { code } } pageInfo { hasNextPage }
        bars { ...It } elsewhere { ...It }
    }
}
fragment It on BoardBar {
    job { code } operation machine { code } operator { code } start end status jobStatus late over good pin { reason }
}";
const FOLLOW: &str = "subscription($from: DateTime!, $until: DateTime!, $after: Position) {
    boardChanged(from: $from, until: $until, after: $after) {
        kind cursor eventType bars { job { code } operation start status machine { code } } gone { operation }
        machines { code status } lanesChanged
    }
}";
const SCHEDULE: &str = "mutation($input: ScheduleJobInput!) {
    scheduleJob(input: $input) { position userErrors { code field message } } }";

/// A shop with one job.
async fn shop_with_job(app: &TestApp) -> Caller {
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(app, admin).await;
    shop::create_job(app, admin, "J-1").await;
    admin
}

async fn schedule(app: &TestApp, caller: Caller, windows: Json) {
    app.change(caller, SCHEDULE, json!({ "input": { "jobNumber": "J-1", "windows": windows } })).await;
}

/// Milling on the mill by operator 17, from one hour of 5 March to another.
fn milling(from: u8, to: u8) -> Json {
    json!({ "operation": 10, "machineCode": "M-1", "operatorCode": "17", "start": hour(from), "end": hour(to) })
}

/// Turning, outside the house.
fn turning(from: u8, to: u8) -> Json {
    json!({ "operation": 20, "start": hour(from), "end": hour(to) })
}

fn hour(hour: u8) -> String {
    format!("2012-03-05T{hour:02}:00:00Z")
}

async fn board(app: &TestApp, caller: Caller, variables: Json) -> Json {
    app.data(caller, BOARD, variables).await["board"].take()
}

/// The operations of bars, by start.
fn operations(bars: &Json) -> Vec<u64> {
    bars.as_array().expect("bars").iter().filter_map(|bar| bar["operation"].as_u64()).collect()
}

fn numbers(operations: &Json) -> Vec<u64> {
    operations.as_array().expect("operations").iter().filter_map(|it| it["number"].as_u64()).collect()
}

async fn refused(app: &TestApp, caller: Caller, variables: Json) -> String {
    let answer = app.execute(caller, BOARD, variables).await;
    let error = answer.errors.first().expect("refused").extensions.as_ref().and_then(|coded| coded.get("code"));
    error.expect("a code").to_string()
}

async fn next(stream: &mut BoxStream<'static, Response>) -> Json {
    let response = tokio::time::timeout(PATIENCE, stream.next()).await.expect("a message in time").expect("a message");
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    response.data.into_json().expect("JSON")["boardChanged"].take()
}

#[tokio::test]
async fn a_board_has_bars_on_lanes_and_apart_from_them_what_no_lane_has() {
    let app = TestApp::start().await;
    let admin = shop_with_job(&app).await;
    let day = json!({ "from": hour(0), "until": "2012-03-06T00:00:00Z" });
    let empty = board(&app, admin, day.clone()).await;
    assert_eq!((&empty["bars"], &empty["lanes"][0]["machine"]["code"]), (&json!([]), &json!("M-1")));
    schedule(&app, admin, json!([milling(9, 11), turning(12, 14)])).await;
    let shown = board(&app, admin, day.clone()).await;
    let expected = json!({
        "job": { "code": "J-1" }, "operation": 10, "machine": { "code": "M-1" }, "operator": { "code": "17" },
        "start": hour(9), "end": hour(11), "status": "WAITING", "jobStatus": "SCHEDULED", "late": false, "over": false,
        "good": "0", "pin": null,
    });
    assert_eq!(shown["bars"], json!([expected]));
    assert_eq!(operations(&shown["elsewhere"]), [20], "turning is done outside the house");
    let mut by_people = day;
    by_people["by"] = "OPERATOR".into();
    let by_people = board(&app, admin, by_people).await;
    let codes: Vec<_> =
        by_people["lanes"].as_array().expect("lanes").iter().map(|lane| &lane["operator"]["code"]).collect();
    assert_eq!(codes, ["17", "18"]);
    assert_eq!((operations(&by_people["bars"]), operations(&by_people["elsewhere"])), (vec![10], vec![20]));
    app.assert_rebuilt_is_live().await;
}

#[tokio::test]
async fn lanes_are_named_or_found_by_work_center_and_those_of_others_are_not_there() {
    let app = TestApp::start().await;
    let (admin, stranger) = (shop_with_job(&app).await, app.caller("theirs", Role::Admin).await);
    shop::set_up(&app, stranger).await;
    schedule(&app, admin, json!([milling(9, 11), turning(12, 14)])).await;
    let ids = "{ operator(code: \"18\") { id } machines(first: 1) { edges { node { id workCenter { id } } } } }";
    let ours = app.data(admin, ids, json!({})).await;
    let theirs = app.data(stranger, ids, json!({})).await;
    let unit = |shop: &Json| shop["machines"]["edges"][0]["node"].clone();
    let ask = async |caller, by: &str, lanes: Json| {
        let shown = board(&app, caller, json!({ "from": hour(0), "until": hour(23), "by": by, "lanes": lanes })).await;
        let lanes = shown["lanes"].as_array().map(Vec::len).expect("lanes");
        (lanes, operations(&shown["bars"]), operations(&shown["elsewhere"]))
    };
    let (machine, place) = (unit(&ours)["id"].clone(), unit(&ours)["workCenter"]["id"].clone());
    assert_eq!(ask(admin, "MACHINE", json!({ "machineIds": [machine] })).await, (1, vec![10], vec![]));
    assert_eq!(ask(admin, "MACHINE", json!({ "workCenterIds": [place] })).await, (1, vec![10], vec![]));
    assert_eq!(ask(admin, "OPERATOR", json!({ "operatorIds": [ours["operator"]["id"]] })).await, (1, vec![], vec![]));
    assert_eq!(ask(admin, "MACHINE", json!({ "machineIds": [unit(&theirs)["id"]] })).await, (0, vec![], vec![]));
    assert_eq!(ask(stranger, "MACHINE", json!({ "machineIds": [machine] })).await, (0, vec![], vec![]));
    assert_eq!(ask(stranger, "MACHINE", json!({})).await, (1, vec![], vec![]), "nothing is planned there");
    let wrong = json!({ "from": hour(0), "until": hour(1), "by": "OPERATOR", "lanes": { "machineIds": [machine] } });
    assert_eq!(refused(&app, admin, wrong).await, "\"BAD_REFERENCE\"");
}

#[tokio::test]
async fn a_window_is_half_open_at_midnight_and_on_days_when_the_clocks_change() {
    let app = TestApp::start().await;
    let admin = shop_with_job(&app).await;
    let night = |start: &str, end: &str| json!([{ "operation": 10, "machineCode": "M-1", "start": start, "end": end }]);
    let shows = async |from: &str, until: &str| {
        !operations(&board(&app, admin, json!({ "from": from, "until": until })).await["bars"]).is_empty()
    };
    schedule(&app, admin, night("2012-03-05T22:00:00Z", "2012-03-06T00:00:00Z")).await;
    assert!(shows("2012-03-05T00:00:00Z", "2012-03-06T00:00:00Z").await);
    assert!(!shows("2012-03-06T00:00:00Z", "2012-03-07T00:00:00Z").await, "it ends at midnight");
    assert!(!shows("2012-03-05T00:00:00Z", "2012-03-05T22:00:00Z").await);
    assert!(!shows("2012-03-05T23:00:00Z", "2012-03-05T23:00:00Z").await, "no time at all shows nothing");
    // Sunday in Berlin, 23 hours long; the night shift from 00:30 to 04:30 by the clock takes three hours.
    schedule(&app, admin, night("2012-03-24T23:30:00Z", "2012-03-25T02:30:00Z")).await;
    assert!(shows("2012-03-25T00:00:00+01:00", "2012-03-26T00:00:00+02:00").await);
    assert!(!shows("2012-03-26T00:00:00+02:00", "2012-03-27T00:00:00+02:00").await);
    assert!(!shows("2012-03-25T04:30:00+02:00", "2012-03-26T00:00:00+02:00").await);
    for (from, until) in
        [("2012-03-06T00:00:00Z", "2012-03-05T00:00:00Z"), ("2012-01-01T00:00:00Z", "2013-03-01T00:00:00Z")]
    {
        assert_eq!(refused(&app, admin, json!({ "from": from, "until": until })).await, "\"BAD_RANGE\"");
    }
}

#[tokio::test]
async fn more_bars_than_a_board_takes_are_refused() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    let start = Timestamp::parse("2012-03-05T09:00:00Z").expect("an instant");
    let end = Timestamp::parse("2012-03-05T10:00:00Z").expect("an instant");
    let placement = |at: u16| Placement {
        job: JobId(Uuid::from_u128(u128::from(at / 10))),
        operation: OperationNumber(at % 10 + 1),
        machine: None,
        operator: None,
        start,
        run_start: start,
        end,
    };
    for (based_on, part) in (0..).zip((0..20_001).collect::<Vec<u16>>().chunks(5_000)) {
        let changes = Changes { placed: part.iter().copied().map(placement).collect(), ..Changes::default() };
        let origin = Origin::Optimiser { preset: Preset::default(), seed: 0 };
        let publish = Command::Plan(Box::new(PlanCommand::Publish { changes, origin, based_on }));
        app.deps.commands.run(&admin, Request::from(publish)).await.expect("published");
    }
    app.settle().await;
    assert_eq!(refused(&app, admin, json!({ "from": hour(0), "until": hour(23) })).await, "\"BAD_RANGE\"");
    let later = board(&app, admin, json!({ "from": hour(10), "until": hour(23) })).await;
    assert_eq!(later["bars"], json!([]));
}

#[tokio::test]
async fn a_board_tells_of_moves_and_of_the_floor_and_is_silent_about_other_times() {
    let app = TestApp::start().await;
    let admin = shop_with_job(&app).await;
    schedule(&app, admin, json!([milling(9, 11)])).await;
    let window = json!({ "from": hour(9), "until": hour(12) });
    let mut stream = app.subscribe(admin, FOLLOW, window.clone());
    let snapshot = next(&mut stream).await;
    assert_eq!((&snapshot["kind"], operations(&snapshot["bars"])), (&json!("SNAPSHOT"), vec![10]));
    schedule(&app, admin, json!([milling(10, 11)])).await;
    let moved = next(&mut stream).await;
    assert_eq!((&moved["eventType"], &moved["bars"][0]["start"]), (&json!("plan.moved"), &json!(hour(10))));
    schedule(&app, admin, json!([turning(14, 15)])).await;
    assert_eq!(operations(&next(&mut stream).await["gone"]), [20], "it is not in the window");
    shop::create_job(&app, admin, "J-2").await;
    let start = r#"mutation { startOperation(input: {
        jobNumber: "J-1", operation: 10, operatorCode: "17", machineCode: "M-1" }) { userErrors { code } } }"#;
    app.change(admin, start, json!({})).await;
    let started = next(&mut stream).await;
    assert_eq!(started["eventType"], "job.operation_started", "of the other job there is nothing to tell");
    assert_eq!(started["bars"][0]["status"], "RUNNING");
    assert_eq!(started["machines"], json!([{ "code": "M-1", "status": "RUNNING" }]));
    let down = r#"mutation { changeMachineStatus(input: { machineCode: "M-1", status: DOWN, reason: "belt" }) { userErrors { code } } }"#;
    app.change(admin, down, json!({})).await;
    let stopped = next(&mut stream).await;
    assert_eq!((&stopped["machines"][0]["status"], &stopped["lanesChanged"]), (&json!("DOWN"), &json!(true)));

    let mut resumed = window;
    resumed["after"] = snapshot["cursor"].clone();
    let again = app.backlog(admin, FOLLOW, resumed).await;
    let told: Vec<Json> =
        again.into_iter().map(|it| it.data.into_json().expect("JSON")["boardChanged"].take()).collect();
    let kinds: Vec<_> = told.iter().map(|it| &it["eventType"]).collect();
    assert_eq!(kinds, ["plan.moved", "plan.moved", "job.operation_started", "machine.status_changed"]);
}

#[tokio::test]
async fn what_leaves_the_window_or_the_plan_is_gone_and_other_companies_hear_nothing() {
    let app = TestApp::start().await;
    let (admin, stranger) = (shop_with_job(&app).await, app.caller("theirs", Role::Admin).await);
    shop::set_up(&app, stranger).await;
    schedule(&app, admin, json!([milling(9, 11)])).await;
    let window = json!({ "from": hour(9), "until": hour(12) });
    let (mut ours, mut theirs) =
        (app.subscribe(admin, FOLLOW, window.clone()), app.subscribe(stranger, FOLLOW, window));
    assert_eq!(operations(&next(&mut ours).await["bars"]), [10]);
    assert_eq!(next(&mut theirs).await["bars"], json!([]));
    schedule(&app, admin, json!([milling(12, 13)])).await;
    assert_eq!(operations(&next(&mut ours).await["gone"]), [10]);
    schedule(&app, admin, json!([milling(9, 10)])).await;
    assert_eq!(operations(&next(&mut ours).await["bars"]), [10]);
    let out = r#"mutation { unscheduleJob(input: { jobNumber: "J-1" }) { job { status } userErrors { code } } }"#;
    assert_eq!(app.change(admin, out, json!({})).await["unscheduleJob"]["job"]["status"], "PENDING");
    let gone = next(&mut ours).await;
    assert_eq!((&gone["eventType"], operations(&gone["gone"])), (&json!("plan.taken_out"), vec![10]));
    let machine = r#"mutation { changeMachineStatus(input: { machineCode: "M-1", status: DOWN, reason: "x" }) { userErrors { code } } }"#;
    app.change(stranger, machine, json!({})).await;
    assert_eq!(next(&mut theirs).await["eventType"], "machine.status_changed", "nothing of ours was told before");
}

#[tokio::test]
async fn what_the_plan_has_no_place_for_is_listed_until_it_has_one_or_is_over() {
    let app = TestApp::start().await;
    let admin = shop_with_job(&app).await;
    shop::create_job(&app, admin, "J-2").await;
    let unplanned = async || {
        let list = "{ unplanned(first: 10) { totalCount edges { node { job { code } status operations { number status } } } } }";
        let found = app.data(admin, list, json!({})).await["unplanned"].take();
        let edges = found["edges"].as_array().expect("edges").clone();
        assert_eq!(found["totalCount"], edges.len());
        let told = |edge: &Json| (edge["node"]["job"]["code"].clone(), numbers(&edge["node"]["operations"]));
        edges.iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(unplanned().await, [(json!("J-1"), vec![10, 20]), (json!("J-2"), vec![10, 20])]);
    schedule(&app, admin, json!([milling(9, 11)])).await;
    let finish = r#"mutation { finishOperation(input: { jobNumber: "J-2", operation: 10 }) { userErrors { code } } }"#;
    app.change(admin, finish, json!({})).await;
    assert_eq!(unplanned().await, [(json!("J-1"), vec![20]), (json!("J-2"), vec![20])]);
    let cancel = r#"mutation { cancelJob(input: { jobNumber: "J-2", reason: "not wanted" }) { userErrors { code } } }"#;
    app.change(admin, cancel, json!({})).await;
    schedule(&app, admin, json!([turning(12, 13)])).await;
    assert_eq!(unplanned().await, []);
    app.assert_rebuilt_is_live().await;
}

#[tokio::test]
async fn lanes_tell_when_they_are_open() {
    let app = TestApp::start().await;
    let admin = shop_with_job(&app).await;
    let calendar = r#"mutation { it: createCalendar(input: { code: "DAY", name: "Day", shifts: [
        { days: [MONDAY], from: "08:00", to: "16:00" }
    ] }) { calendar { id } userErrors { code } } }"#;
    let made = app.change(admin, calendar, json!({})).await;
    let id = made["it"]["calendar"]["id"].as_str().and_then(|id| Uuid::parse_str(id).ok()).expect("an identity");
    let keep_to_it = Command::Company(CompanyCommand::SetCalendar(Some(CalendarId(id))));
    app.deps.commands.run(&admin, Request::from(keep_to_it)).await.expect("set");
    app.settle().await;
    let open =
        "query($until: DateTime!, $by: BoardBy) { board(from: \"2012-03-05T00:00:00Z\", until: $until, by: $by) {
        lanes { open { start end } } } }";
    for by in ["MACHINE", "OPERATOR"] {
        let shown = app.data(admin, open, json!({ "until": "2012-03-12T00:00:00Z", "by": by })).await;
        let hours = json!([{ "start": hour(7), "end": hour(15) }]);
        assert_eq!(shown["board"]["lanes"][0]["open"], hours, "Monday in Berlin");
    }
    let long = app.execute(admin, open, json!({ "until": "2012-09-05T00:00:00Z", "by": "MACHINE" })).await;
    let code = long.errors[0].extensions.as_ref().and_then(|coded| coded.get("code"));
    assert_eq!(code, Some(&"BAD_RANGE".into()));
}

#[tokio::test]
async fn a_kilter_that_starts_anew_over_the_same_log_has_the_same_board() {
    let store = Arc::new(MemoryEventStore::new());
    let app = TestApp::over(Arc::clone(&store) as Arc<dyn EventStore>).await;
    let admin = shop_with_job(&app).await;
    schedule(&app, admin, json!([milling(9, 11), turning(12, 14)])).await;
    let day = json!({ "from": hour(0), "until": hour(23) });
    let before = board(&app, admin, day.clone()).await;
    drop(app);
    let again = TestApp::over(store).await;
    let admin = again.caller("muster", Role::Admin).await;
    again.settle().await;
    assert_eq!(board(&again, admin, day).await, before);
}

#[tokio::test]
async fn the_floor_is_told_what_is_ready_and_planners_why_it_ends_when_it_does() {
    let app = TestApp::start().await;
    let (admin, stranger) = (shop_with_job(&app).await, app.caller("theirs", Role::Admin).await);
    schedule(&app, admin, json!([milling(9, 11), turning(12, 14)])).await;
    let ids = "{ job(number: \"J-1\") { id } operator(code: \"17\") { id }
        machines(first: 1) { edges { node { id workCenter { id } } } } workCenters(first: 5) { edges { node { id code } } } }";
    let found = app.data(admin, ids, json!({})).await;
    let unit = &found["machines"]["edges"][0]["node"];
    let asked = json!({
        "job": found["job"]["id"], "operator": found["operator"]["id"], "machine": unit["id"], "mill": unit["workCenter"]["id"],
        "turn": found["workCenters"]["edges"][1]["node"]["id"], "from": hour(9), "until": hour(10),
    });
    let questions =
        "query($job: ID!, $operator: ID!, $machine: ID!, $mill: ID!, $turn: ID!, $from: DateTime!, $until: DateTime!) {
        mill: readyToRun(workCenterId: $mill) { operation start waitsFor { kind } }
        turn: readyToRun(workCenterId: $turn) { operation waitsFor { kind operation } }
        own: readyToRun(operatorId: $operator) { operation machine { code } }
        touched: touchedBy(machineId: $machine, from: $from, until: $until) { operation }
        why: whyLate(jobId: $job) { end lateSeconds stretches { from until cause }
            slack { operation seconds limit otherJob { code } otherOperation } }
    }";
    let told = app.data(admin, questions, asked.clone()).await;
    assert_eq!(told["mill"], json!([{ "operation": 10, "start": hour(9), "waitsFor": [] }]));
    assert_eq!(told["turn"], json!([{ "operation": 20, "waitsFor": [{ "kind": "PREDECESSOR", "operation": 10 }] }]));
    assert_eq!(told["own"], json!([{ "operation": 10, "machine": { "code": "M-1" } }]));
    assert_eq!(told["touched"][0]["operation"], 10);
    assert_eq!((&told["why"]["end"], &told["why"]["lateSeconds"]), (&json!(hour(14)), &json!(0)));
    let stretches = told["why"]["stretches"].as_array().expect("stretches");
    assert!(stretches.windows(2).all(|pair| pair[0]["until"] == pair[1]["from"]), "without a gap: {stretches:?}");
    let an_hour = json!({ "operation": 10, "seconds": 3_600, "limit": "FOLLOWER", "otherJob": { "code": "J-1" }, "otherOperation": 20 });
    assert_eq!(told["why"]["slack"][0], an_hour);
    assert_eq!((&told["why"]["slack"][1]["operation"], &told["why"]["slack"][1]["limit"]), (&json!(20), &json!("DUE")));
    let nothing = app.data(stranger, questions, asked).await;
    assert_eq!(nothing, json!({ "mill": [], "turn": [], "own": [], "touched": [], "why": null }));
}

#[tokio::test]
async fn a_question_of_the_whole_shop_knows_all_that_was_done_before_it() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    for count in 1..=20 {
        // Nobody waits for the read models in between.
        app.data(admin, shop::CREATE_JOB, json!({ "number": format!("J-{count}") })).await;
        let found = app.data(admin, "{ unplanned(first: 1) { totalCount } }", json!({})).await;
        assert_eq!(found["unplanned"]["totalCount"], count);
    }
}
