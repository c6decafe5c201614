//! The load over GraphQL: what is open and what is planned of it, by lanes and local days.

use domain::kernel::time::later;
use domain::kernel::{CalendarId, Caller, Role, Timestamp};
use domain::ports::Clock;
use domain::run::{Command, Request};
use domain::tenancy::company::CompanyCommand;
use serde_json::{Value as Json, json};
use tests::app::{PATIENCE, TestApp};
use uuid::Uuid;

use crate::answers::refused;
use crate::shop;

const LOAD: &str = "query($from: Date!, $until: Date!, $by: LoadBy, $bucket: LoadBucket! = DAY, $lanes: BoardLanes! = {}, $first: Int! = 100, $after: String) {
    it: load(from: $from, until: $until, by: $by, bucket: $bucket, lanes: $lanes, first: $first, after: $after) {
        zone totalCount pageInfo { hasNextPage endCursor }
        lanes { machine { id code } workCenter { code } operator { code } hoursKnown
            spans { date from until openSeconds setupSeconds runSeconds assumedSeconds percent overloaded } }
    } }";

async fn load(app: &TestApp, caller: Caller, variables: Json) -> Json {
    app.settle().await;
    app.data(caller, LOAD, variables).await["it"].take()
}

fn days(from: &str, until: &str) -> Json {
    json!({ "from": from, "until": until })
}

fn with(mut variables: Json, more: Json) -> Json {
    variables.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    variables
}

/// A shop with one mill, open on Mondays from 8 to 9, and two jobs without a place.
async fn shop_of_one_hour(app: &TestApp) -> Caller {
    let admin = shop_around_the_clock(app).await;
    let calendar = r#"mutation { it: createCalendar(input: { code: "DAY", name: "Day", shifts: [
        { days: [MONDAY], from: "10:00", to: "11:00" }
    ] }) { calendar { id } userErrors { code } } }"#;
    let made = app.change(admin, calendar, json!({})).await;
    let id = made["it"]["calendar"]["id"].as_str().and_then(|id| Uuid::parse_str(id).ok()).expect("an identity");
    let keep_to_it = Command::Company(CompanyCommand::SetCalendar(Some(CalendarId(id))));
    app.deps.commands.run(&admin, Request::from(keep_to_it)).await.expect("set");
    admin
}

async fn shop_around_the_clock(app: &TestApp) -> Caller {
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(app, admin).await;
    for number in ["J-1", "J-2"] {
        shop::create_job(app, admin, number).await;
    }
    admin
}

async fn mill(app: &TestApp, admin: Caller, job: &str, (start, end): (&str, &str)) {
    let schedule = "mutation($input: ScheduleJobInput!) { scheduleJob(input: $input) { userErrors { code message } } }";
    let window = json!([{ "operation": 10, "machineCode": "M-1", "operatorCode": "17", "start": start, "end": end }]);
    app.change(admin, schedule, json!({ "input": { "jobNumber": job, "windows": window } })).await;
}

#[tokio::test]
async fn overload_is_told_and_never_clamped_and_days_add_up_to_weeks_and_months() {
    let app = TestApp::start().await;
    let admin = shop_of_one_hour(&app).await;
    // 10 to 11 in Berlin.
    for job in ["J-1", "J-2"] {
        mill(&app, admin, job, ("2012-03-05T09:00:00Z", "2012-03-05T10:00:00Z")).await;
    }
    let of_day = load(&app, admin, days("2012-03-05", "2012-03-07")).await;
    assert_eq!((&of_day["zone"], &of_day["totalCount"]), (&json!("Europe/Berlin"), &json!(1)));
    let lane = &of_day["lanes"][0];
    assert_eq!((&lane["machine"]["code"], &lane["hoursKnown"]), (&json!("M-1"), &json!(true)));
    let monday = json!({
        "date": "2012-03-05", "from": "2012-03-04T23:00:00Z", "until": "2012-03-05T23:00:00Z",
        "openSeconds": 3_600, "setupSeconds": 0, "runSeconds": 7_200, "assumedSeconds": 0, "percent": 200.0, "overloaded": true,
    });
    assert_eq!(lane["spans"][0], monday);
    let tuesday = &lane["spans"][1];
    assert_eq!((&tuesday["openSeconds"], &tuesday["percent"]), (&json!(0), &Json::Null), "closed is not idle");
    for (by, code) in [("WORK_CENTER", "MILL"), ("OPERATOR", "17")] {
        let found = load(&app, admin, with(days("2012-03-05", "2012-03-06"), json!({ "by": by }))).await;
        let lanes = found["lanes"].as_array().expect("lanes");
        let named = |lane: &&Json| lane["workCenter"]["code"] == code || lane["operator"]["code"] == code;
        let lane = lanes.iter().find(named).expect("the lane");
        assert_eq!((&lane["spans"][0]["runSeconds"], &lane["spans"][0]["overloaded"]), (&json!(7_200), &json!(true)));
    }
    for (bucket, dates) in [("WEEK", vec!["2012-03-01", "2012-03-05", "2012-03-12"]), ("MONTH", vec!["2012-03-01"])] {
        let found = load(&app, admin, with(days("2012-03-01", "2012-03-15"), json!({ "bucket": bucket }))).await;
        let spans = found["lanes"][0]["spans"].as_array().expect("spans").clone();
        let of = |field: &str| spans.iter().map(|span| span[field].as_i64().expect("a number")).sum::<i64>();
        assert_eq!(spans.iter().map(|span| span["date"].as_str().expect("a day")).collect::<Vec<_>>(), dates);
        assert_eq!((of("openSeconds"), of("runSeconds")), (2 * 3_600, 7_200));
        assert!(spans.windows(2).all(|pair| pair[0]["until"] == pair[1]["from"]), "without a gap");
    }
}

#[tokio::test]
async fn days_on_which_clocks_change_have_23_or_25_hours_and_unknown_hours_are_said() {
    let app = TestApp::start().await;
    let admin = shop_around_the_clock(&app).await;
    // From 00:30 to 04:30 by the clock on the wall takes three hours.
    mill(&app, admin, "J-1", ("2012-03-24T23:30:00Z", "2012-03-25T02:30:00Z")).await;
    let found = load(&app, admin, days("2012-03-24", "2012-03-27")).await;
    let lane = &found["lanes"][0];
    assert_eq!(lane["hoursKnown"], false);
    let told = |field: &str| {
        let spans = lane["spans"].as_array().expect("spans").iter();
        spans.map(|span| span[field].as_i64().expect("a number")).collect::<Vec<_>>()
    };
    assert_eq!(told("openSeconds"), [86_400, 82_800, 86_400]);
    assert_eq!(told("runSeconds"), [0, 3 * 3_600, 0]);
    let autumn = load(&app, admin, days("2012-10-28", "2012-10-29")).await;
    assert_eq!(autumn["lanes"][0]["spans"][0]["openSeconds"], 90_000);
}

#[tokio::test]
async fn setups_are_told_apart_from_runs_and_what_nobody_measured_is_said() {
    let app = TestApp::start().await;
    let admin = shop_around_the_clock(&app).await;
    let unknown = r#"mutation { createJob(input: { number: "J-3", operations: [
        { number: 10, name: "Mill", workCenterCode: "MILL", setupSeconds: 600 }
    ] }) { userErrors { code } } }"#;
    app.change(admin, unknown, json!({})).await;
    app.settle().await;
    let put = r#"mutation($job: String!, $start: DateTime!) { it: moveOperations(input: {
        moves: [{ jobNumber: $job, operation: 10, machineCode: "M-1", start: $start }], reason: "so" }) { userErrors { code } } }"#;
    for (job, start) in [("J-1", "2012-03-06T08:00:00Z"), ("J-3", "2012-03-06T12:00:00Z")] {
        app.change(admin, put, json!({ "job": job, "start": start })).await;
    }
    let found = load(&app, admin, days("2012-03-06", "2012-03-07")).await;
    let span = &found["lanes"][0]["spans"][0];
    // 12.5 pieces at 30 s, and an hour that nobody said.
    assert_eq!((&span["setupSeconds"], &span["runSeconds"]), (&json!(1_200), &json!(375 + 3_600)));
    assert_eq!((&span["assumedSeconds"], &span["overloaded"]), (&json!(600 + 3_600), &json!(false)));
}

#[tokio::test]
async fn lanes_are_named_and_come_in_pages_and_those_of_others_are_not_there() {
    let app = TestApp::start().await;
    let admin = shop_around_the_clock(&app).await;
    for code in ["M-2", "M-3"] {
        let register = r#"mutation($code: String!) { registerMachine(input: { code: $code, name: "Mill", workCenterCode: "MILL" }) { userErrors { code } } }"#;
        app.change(admin, register, json!({ "code": code })).await;
    }
    let day = || days("2012-03-05", "2012-03-06");
    let codes = |found: &Json| {
        let lanes = found["lanes"].as_array().expect("lanes").iter();
        lanes.map(|lane| lane["machine"]["code"].as_str().expect("a code").to_owned()).collect::<Vec<_>>()
    };
    let first = load(&app, admin, with(day(), json!({ "first": 2 }))).await;
    assert_eq!((codes(&first), &first["totalCount"]), (vec!["M-1".to_owned(), "M-2".to_owned()], &json!(3)));
    let rest = with(day(), json!({ "first": 2, "after": first["pageInfo"]["endCursor"] }));
    assert_eq!(codes(&load(&app, admin, rest).await), ["M-3"]);
    let named = |lanes: Json| with(day(), json!({ "lanes": lanes }));
    let machines = named(json!({ "machineIds": [first["lanes"][1]["machine"]["id"], "nonsense"] }));
    assert_eq!(codes(&load(&app, admin, machines.clone()).await), ["M-2"]);
    let ids = "{ workCenters(first: 5) { edges { node { id code } } } operator(code: \"18\") { id } }";
    let ids = app.data(admin, ids, json!({})).await;
    let centers = ids["workCenters"]["edges"].as_array().expect("work centers").iter().map(|edge| &edge["node"]);
    let mill = centers.into_iter().find(|node| node["code"] == "MILL").expect("it is there")["id"].clone();
    let of_mill = named(json!({ "workCenterIds": [mill] }));
    assert_eq!(load(&app, admin, of_mill.clone()).await["lanes"][0]["workCenter"]["code"], "MILL");
    let its_machines = with(of_mill, json!({ "by": "MACHINE" }));
    assert_eq!(codes(&load(&app, admin, its_machines).await), ["M-1", "M-2", "M-3"]);
    let ben = named(json!({ "operatorIds": [ids["operator"]["id"]] }));
    assert_eq!(load(&app, admin, ben.clone()).await["lanes"][0]["operator"]["code"], "18");
    assert_eq!(refused(&app, admin, LOAD, with(ben, json!({ "by": "MACHINE" }))).await, "\"BAD_REFERENCE\"");
    let stranger = app.caller("theirs", Role::Admin).await;
    assert_eq!(load(&app, stranger, machines).await["lanes"], json!([]));
    for (from, until) in [("2012-03-06", "2012-03-05"), ("2012-01-01", "2013-03-01"), ("1999-01-01", "1999-02-01")] {
        assert_eq!(refused(&app, admin, LOAD, days(from, until)).await, "\"BAD_RANGE\"");
    }
    assert_eq!(load(&app, admin, days("2012-03-05", "2012-03-05")).await["lanes"][0]["spans"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_was_cancelled_takes_nobodys_time_any_more() {
    let app = TestApp::start().await;
    let admin = shop_around_the_clock(&app).await;
    let start = later(app.clock.now(), 2 * 86_400);
    let window = (start.to_string(), later(start, 3_600).to_string());
    mill(&app, admin, "J-1", (&window.0, &window.1)).await;
    let day = |at: Timestamp| at.to_string()[..10].to_owned();
    let days = days(&day(app.clock.now()), &day(later(start, 2 * 86_400)));
    let seconds = async || {
        let found = load(&app, admin, days.clone()).await;
        let lanes = found["lanes"].as_array().expect("lanes").clone();
        let spans = lanes.iter().flat_map(|lane| lane["spans"].as_array().expect("spans").clone());
        spans.map(|span| span["runSeconds"].as_i64().expect("a number")).sum::<i64>()
    };
    assert_eq!(seconds().await, 3_600);
    let _following = app.follow();
    let cancel = r#"mutation { cancelJob(input: { jobNumber: "J-1", reason: "not wanted" }) { userErrors { code } } }"#;
    app.change(admin, cancel, json!({})).await;
    let gone = async {
        while seconds().await > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("it leaves the load");
    app.assert_rebuilt_is_live().await;
}
