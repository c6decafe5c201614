//! Shift calendars over GraphQL: what people enter, what is refused, and when it is open.

use domain::kernel::{Caller, Role};
use serde_json::{Value as Json, json};
use tests::app::TestApp;

const CREATE: &str = "mutation($input: CreateCalendarInput!) { it: createCalendar(input: $input) {
    calendar { id zone shifts { day from to name breaks { from to } } } userErrors { code field message } } }";

fn shift(days: &[&str], from: &str, to: &str) -> Json {
    json!({ "days": days, "from": from, "to": to })
}

fn two_shifts() -> Json {
    let week = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
    let mut early = shift(&week, "06:00", "14:00");
    early["breaks"] = json!([{ "from": "09:00", "to": "09:15" }]);
    json!([early, shift(&week, "14:00", "22:00")])
}

async fn manager(app: &TestApp) -> Caller {
    let admin = app.caller("ours", Role::Admin).await;
    let company =
        r#"mutation { openCompany(input: { name: "Ours", zone: "Europe/Tallinn" }) { userErrors { code } } }"#;
    app.change(admin, company, json!({})).await;
    app.caller("ours", Role::Manager).await
}

/// The codes of what refuses this calendar.
async fn refused(app: &TestApp, caller: Caller, shifts: Json, zone: Option<&str>) -> Json {
    let input = json!({ "code": "NEW", "name": "New", "zone": zone, "shifts": shifts });
    let data = app.data(caller, CREATE, json!({ "input": input })).await;
    assert!(data["it"]["calendar"].is_null(), "{data}");
    data["it"]["userErrors"][0]["code"].clone()
}

#[tokio::test]
async fn two_shifts_and_holidays_are_entered_and_open_hours_are_read() {
    let app = TestApp::start().await;
    let manager = manager(&app).await;
    let input = json!({ "code": "TWO", "name": "Two shifts", "shifts": two_shifts() });
    let made = app.change(manager, CREATE, json!({ "input": input })).await;
    assert_eq!(made["it"]["calendar"]["shifts"].as_array().map(Vec::len), Some(10));
    assert!(made["it"]["calendar"]["zone"].is_null(), "it follows the company's clocks");
    let days = r#"mutation { it: setCalendarDays(input: { calendarCode: "TWO", days: [
        { date: "2012-03-06", name: "Stocktaking" }, { date: "2012-03-10", open: [{ from: "08:00", to: "12:00" }] }
    ] }) { calendar { days { date name open { from to } } } userErrors { code } } }"#;
    let set = app.change(manager, days, json!({})).await;
    assert_eq!(set["it"]["calendar"]["days"][0], json!({ "date": "2012-03-06", "name": "Stocktaking", "open": [] }));
    let open = r#"query($id: ID!, $from: DateTime!, $until: DateTime!) {
        calendar(id: $id) { openTime(from: $from, until: $until) { start end } days(from: "2012-03-07") { date } } }"#;
    let asked = json!({
        "id": made["it"]["calendar"]["id"], "from": "2012-03-05T05:00:00Z", "until": "2012-03-11T00:00:00Z",
    });
    let told = app.data(manager, open, asked).await;
    let told_of = |number: usize| told["calendar"]["openTime"][number].clone();
    // Tallinn is two hours ahead; the question begins in the middle of the early shift.
    assert_eq!(told_of(0), json!({ "start": "2012-03-05T05:00:00Z", "end": "2012-03-05T07:00:00Z" }));
    assert_eq!(told_of(1), json!({ "start": "2012-03-05T07:15:00Z", "end": "2012-03-05T20:00:00Z" }));
    assert_eq!(told_of(2)["start"], "2012-03-07T04:00:00Z", "nobody works on the day of the stocktaking");
    assert_eq!(told_of(8), json!({ "start": "2012-03-10T06:00:00Z", "end": "2012-03-10T10:00:00Z" }));
    assert!(told_of(9).is_null());
    assert_eq!(told["calendar"]["days"], json!([{ "date": "2012-03-10" }]));
    app.assert_rebuilt_is_live().await;
}

#[tokio::test]
async fn clocks_that_change_make_a_night_shift_shorter_or_longer() {
    let app = TestApp::start().await;
    let manager = manager(&app).await;
    let night = json!([shift(&["SATURDAY"], "22:00", "06:00")]);
    let made = app.change(manager, CREATE, json!({ "input": { "code": "N", "name": "Night", "shifts": night } })).await;
    let hours = async |from: &str, until: &str| {
        let open = "query($id: ID!, $from: DateTime!, $until: DateTime!) {
            calendar(id: $id) { openTime(from: $from, until: $until) { start end } } }";
        let asked = json!({ "id": made["it"]["calendar"]["id"], "from": from, "until": until });
        app.data(manager, open, asked).await["calendar"]["openTime"].clone()
    };
    let spring = hours("2012-03-24T00:00:00Z", "2012-03-26T00:00:00Z").await;
    assert_eq!(spring, json!([{ "start": "2012-03-24T20:00:00Z", "end": "2012-03-25T03:00:00Z" }]));
    let autumn = hours("2012-10-27T00:00:00Z", "2012-10-29T00:00:00Z").await;
    assert_eq!(autumn, json!([{ "start": "2012-10-27T19:00:00Z", "end": "2012-10-28T04:00:00Z" }]));
    let zone = r#"mutation { setCalendarZone(input: { calendarCode: "N", zone: "America/New_York" }) { userErrors { code } } }"#;
    app.change(manager, zone, json!({})).await;
    let moved = hours("2012-03-24T00:00:00Z", "2012-03-26T00:00:00Z").await;
    assert_eq!(moved, json!([{ "start": "2012-03-25T02:00:00Z", "end": "2012-03-25T10:00:00Z" }]));
}

#[tokio::test]
async fn hours_that_can_not_be_and_spans_without_end_are_refused() {
    let app = TestApp::start().await;
    let manager = manager(&app).await;
    let monday = ["MONDAY"];
    let overlapping = json!([shift(&monday, "06:00", "14:30"), shift(&monday, "14:00", "22:00")]);
    let mut all_break = shift(&monday, "06:00", "14:00");
    all_break["breaks"] = json!([{ "from": "06:00", "to": "14:00" }]);
    let many: Vec<Json> = (0..101).map(|_| shift(&monday, "06:00", "06:01")).collect();
    for (shifts, zone, code) in [
        (json!([]), None, "CALENDAR_NEVER_OPEN"),
        (json!([shift(&[], "06:00", "14:00")]), None, "CALENDAR_NEVER_OPEN"),
        (json!([all_break]), None, "CALENDAR_NEVER_OPEN"),
        (overlapping, None, "SHIFTS_OVERLAP"),
        (json!(many), None, "SHIFTS_TOO_MANY"),
        (two_shifts(), Some("Mars/Olympus"), "CALENDAR_ZONE_UNKNOWN"),
    ] {
        assert_eq!(refused(&app, manager, shifts, zone).await, code);
    }
    let made =
        app.change(manager, CREATE, json!({ "input": { "code": "C", "name": "C", "shifts": two_shifts() } })).await;
    for (from, until) in
        [("2012-03-05T00:00:00Z", "2012-03-04T00:00:00Z"), ("2012-03-05T00:00:00Z", "2013-03-05T00:00:00Z")]
    {
        let open = "query($id: ID!, $from: DateTime!, $until: DateTime!) {
            calendar(id: $id) { openTime(from: $from, until: $until) { start end } } }";
        let asked = json!({ "id": made["it"]["calendar"]["id"], "from": from, "until": until });
        let answer = app.execute(manager, open, asked).await;
        let error = answer.errors.first().expect("refused").extensions.as_ref().and_then(|coded| coded.get("code"));
        assert_eq!(error, Some(&"BAD_RANGE".into()), "{from}");
    }
}

#[tokio::test]
async fn a_calendar_out_of_use_is_not_listed_and_does_not_change() {
    let app = TestApp::start().await;
    let manager = manager(&app).await;
    app.change(manager, CREATE, json!({ "input": { "code": "C", "name": "C", "shifts": two_shifts() } })).await;
    let retire = r#"mutation { it: retireCalendar(input: { calendarCode: "C", reason: "one shift only" }) {
        calendar { retired } appended userErrors { code } } }"#;
    let retired = app.change(manager, retire, json!({})).await;
    assert_eq!(retired["it"]["calendar"]["retired"], "one shift only");
    assert_eq!(app.change(manager, retire, json!({})).await["it"]["appended"], 0);
    let rename = r#"mutation { it: renameCalendar(input: { calendarCode: "C", name: "D" }) { userErrors { code } } }"#;
    assert_eq!(app.data(manager, rename, json!({})).await["it"]["userErrors"][0]["code"], "CALENDAR_RETIRED");
    let lists = "{ in_use: calendars(first: 5) { totalCount } all: calendars(first: 5, filter: { includeRetired: true }) { totalCount } }";
    assert_eq!(
        app.data(manager, lists, json!({})).await,
        json!({ "in_use": { "totalCount": 0 }, "all": { "totalCount": 1 } })
    );
    let log = "{ activityLog(first: 1) { edges { node { sentence kind thing { code } } } } }";
    let told = app.data(manager, log, json!({})).await["activityLog"]["edges"][0]["node"].clone();
    let sentence = "Calendar C was taken out of use: one shift only";
    assert_eq!(told, json!({ "sentence": sentence, "kind": "CALENDAR", "thing": { "code": "C" } }));
}

const HOURS: &str = "query($machine: ID!, $operator: ID!, $from: DateTime!, $until: DateTime!) {
    machine(id: $machine) { calendar { code } openTime(from: $from, until: $until) { start end } }
    operator(id: $operator) { calendar { code } openTime(from: $from, until: $until) { start end } }
}";

/// A machine and an operator, two calendars (early and late), and a retired one; gives the identities of machine and operator.
async fn shop(app: &TestApp, caller: Caller) -> (Json, Json) {
    let set_up = r#"mutation {
        place: createWorkCenter(input: { code: "MILL", name: "Milling" }) { userErrors { code } }
        unit: registerMachine(input: { code: "M-1", name: "Mill", workCenterCode: "MILL" }) { machine { id } userErrors { code } }
        anna: registerOperator(input: { code: "17" }) { operator { id } userErrors { code } }
    }"#;
    let made = app.change(caller, set_up, json!({})).await;
    for (code, from, to) in [("EARLY", "06:00", "14:00"), ("LATE", "14:00", "22:00"), ("OLD", "00:00", "00:00")] {
        let input = json!({ "code": code, "name": code, "zone": "UTC", "shifts": [shift(&["MONDAY"], from, to)] });
        app.change(caller, CREATE, json!({ "input": input })).await;
    }
    let retire =
        r#"mutation { it: retireCalendar(input: { calendarCode: "OLD", reason: "gone" }) { userErrors { code } } }"#;
    app.change(caller, retire, json!({})).await;
    (made["unit"]["machine"]["id"].clone(), made["anna"]["operator"]["id"].clone())
}

/// The open hours of machine and operator on Monday, 2012-03-05.
async fn monday(app: &TestApp, caller: Caller, (machine, operator): &(Json, Json)) -> [Vec<String>; 2] {
    let asked = json!({
        "machine": machine, "operator": operator, "from": "2012-03-05T00:00:00Z", "until": "2012-03-06T00:00:00Z",
    });
    let told = app.data(caller, HOURS, asked).await;
    let clock = |instant: &Json| instant.as_str().expect("an instant")[11..16].to_owned();
    ["machine", "operator"].map(|who| {
        let spans = told[who]["openTime"].as_array().expect("spans").iter();
        spans.map(|span| format!("{}-{}", clock(&span["start"]), clock(&span["end"]))).collect()
    })
}

#[tokio::test]
async fn machines_and_people_work_by_what_is_said_of_them_less_maintenance_and_absences() {
    let app = TestApp::start().await;
    let manager = manager(&app).await;
    let things = shop(&app, manager).await;
    assert_eq!(monday(&app, manager, &things).await, [["00:00-00:00"], ["00:00-00:00"]]);
    let company = r#"mutation { it: setCompanyCalendar(input: { calendarCode: "EARLY" }) { company { calendar { code } } userErrors { code } } }"#;
    assert_eq!(app.change(manager, company, json!({})).await["it"]["company"]["calendar"]["code"], "EARLY");
    assert_eq!(monday(&app, manager, &things).await, [["06:00-14:00"], ["06:00-14:00"]]);
    let place = r#"mutation { it: setWorkCenterCalendar(input: { workCenterCode: "MILL", calendarCode: "LATE" }) {
        workCenter { calendar { name } } userErrors { code } } }"#;
    assert_eq!(app.change(manager, place, json!({})).await["it"]["workCenter"]["calendar"]["name"], "LATE");
    assert_eq!(monday(&app, manager, &things).await, [["14:00-22:00"], ["06:00-14:00"]]);
    let own = r#"mutation {
        unit: setMachineCalendar(input: { machineCode: "M-1", calendarCode: "EARLY" }) { userErrors { code } }
        anna: setOperatorCalendar(input: { operatorCode: "17", calendarCode: "LATE" }) { userErrors { code } }
        stop: planMaintenance(input: { machineCode: "M-1", from: "2012-03-05T08:00:00Z", until: "2012-03-05T09:30:00Z", reason: "spindle" }) {
            machine { maintenance { number from until reason } } userErrors { code } }
        away: addAbsence(input: { operatorCode: "17", from: "2012-03-05T20:00:00Z", until: "2012-03-12T00:00:00Z", kind: HOLIDAY }) {
            operator { absences { number kind } } userErrors { code } }
    }"#;
    let done = app.change(manager, own, json!({})).await;
    assert_eq!(done["stop"]["machine"]["maintenance"][0]["number"], 1);
    assert_eq!(done["away"]["operator"]["absences"], json!([{ "number": 1, "kind": "HOLIDAY" }]));
    let told = monday(&app, manager, &things).await;
    assert_eq!(told, [vec!["06:00-08:00", "09:30-14:00"], vec!["14:00-20:00"]]);
    let off = r#"mutation {
        stop: cancelMaintenance(input: { machineCode: "M-1", maintenance: 1, reason: "no spindle" }) { machine { maintenance { number } } userErrors { code } }
        away: removeAbsence(input: { operatorCode: "17", absence: 1 }) { operator { absences { number } } userErrors { code } }
        unit: setMachineCalendar(input: { machineCode: "M-1" }) { userErrors { code } }
    }"#;
    app.change(manager, off, json!({})).await;
    assert_eq!(monday(&app, manager, &things).await, [["14:00-22:00"], ["14:00-22:00"]]);
    app.assert_rebuilt_is_live().await;
}

#[tokio::test]
async fn a_calendar_that_is_not_there_or_out_of_use_is_given_to_nobody_and_kept_by_who_has_it() {
    let app = TestApp::start().await;
    let manager = manager(&app).await;
    let things = shop(&app, manager).await;
    let theirs = app.caller("theirs", Role::Admin).await;
    let input = json!({ "code": "THEIRS", "name": "Theirs", "shifts": two_shifts() });
    let foreign = app.change(theirs, CREATE, json!({ "input": input })).await["it"]["calendar"]["id"].clone();
    let give = "mutation($company: SetCompanyCalendarInput!, $place: SetWorkCenterCalendarInput!, $unit: SetMachineCalendarInput!,
        $anna: SetOperatorCalendarInput!) {
        a: setCompanyCalendar(input: $company) { userErrors { code field } }
        b: setWorkCenterCalendar(input: $place) { userErrors { code field } }
        c: setMachineCalendar(input: $unit) { userErrors { code field } }
        d: setOperatorCalendar(input: $anna) { userErrors { code field } }
    }";
    for named in [json!({ "calendarId": foreign }), json!({ "calendarCode": "OLD" }), json!({ "calendarCode": "NONE" })]
    {
        let of = |key: &str, code: &str| {
            let mut input = named.clone();
            input[key] = code.into();
            input
        };
        let asked = json!({
            "company": named, "place": of("workCenterCode", "MILL"), "unit": of("machineCode", "M-1"), "anna": of("operatorCode", "17"),
        });
        let told = app.data(manager, give, asked).await;
        for payload in ["a", "b", "c", "d"] {
            let refused = json!([{ "code": "CALENDAR_NOT_FOUND", "field": "calendarId" }]);
            assert_eq!(told[payload]["userErrors"], refused, "{payload} {named}");
        }
    }
    let keep = r#"mutation {
        give: setMachineCalendar(input: { machineCode: "M-1", calendarCode: "LATE" }) { userErrors { code } }
        retire: retireCalendar(input: { calendarCode: "LATE", reason: "one shift" }) { userErrors { code } }
        again: setMachineCalendar(input: { machineCode: "M-1", calendarCode: "LATE" }) { appended userErrors { code } }
    }"#;
    assert_eq!(app.change(manager, keep, json!({})).await["again"]["appended"], 0);
    assert_eq!(monday(&app, manager, &things).await[0], ["14:00-22:00"], "it keeps to it");
}

#[tokio::test]
async fn only_planners_and_auditors_see_why_somebody_is_absent_and_only_planners_say_it() {
    let app = TestApp::start().await;
    let manager = manager(&app).await;
    let (_, anna) = shop(&app, manager).await;
    let add = r#"mutation { it: addAbsence(input: {
        operatorCode: "17", from: "2012-03-05T20:00:00Z", until: "2012-03-12T00:00:00Z", kind: TRAINING
    }) { userErrors { code } } }"#;
    app.change(manager, add, json!({})).await;
    for (role, kind) in
        [(Role::Manager, json!("TRAINING")), (Role::Auditor, json!("TRAINING")), (Role::Operator, Json::Null)]
    {
        let caller = app.caller("ours", role).await;
        let told = "query($id: ID!) { operator(id: $id) { absences { number kind until } } }";
        let told = app.data(caller, told, json!({ "id": anna })).await["operator"]["absences"][0].clone();
        assert_eq!(told, json!({ "number": 1, "kind": kind, "until": "2012-03-12T00:00:00Z" }), "{role:?}");
        let refused = app.data(caller, add, json!({})).await["it"]["userErrors"].clone();
        assert_eq!(refused.as_array().is_some_and(|codes| codes.is_empty()), role == Role::Manager, "{role:?}");
    }
    let past = "query($id: ID!) { operator(id: $id) { absences(from: \"2012-03-12T00:00:00Z\") { number } } }";
    assert_eq!(app.data(manager, past, json!({ "id": anna })).await["operator"]["absences"], json!([]));
}

#[tokio::test]
async fn absences_and_maintenance_that_can_not_be_are_refused() {
    let app = TestApp::start().await;
    let manager = manager(&app).await;
    shop(&app, manager).await;
    let bad = r#"mutation {
        reversed: planMaintenance(input: { machineCode: "M-1", from: "2012-03-05T08:00:00Z", until: "2012-03-05T08:00:00Z", reason: "x" }) { userErrors { code field } }
        endless: addAbsence(input: { operatorCode: "17", from: "2012-03-05T20:00:00Z", until: "2032-03-12T00:00:00Z", kind: AWAY }) { userErrors { code field } }
        unknown: changeAbsence(input: { operatorCode: "17", absence: 7, from: "2012-03-05T20:00:00Z", until: "2012-03-06T00:00:00Z", kind: AWAY }) { userErrors { code field } }
        never: cancelMaintenance(input: { machineCode: "M-1", maintenance: 7, reason: "x" }) { userErrors { code field } }
        nobody: addAbsence(input: { operatorCode: "99", from: "2012-03-05T20:00:00Z", until: "2012-03-06T00:00:00Z", kind: AWAY }) { userErrors { code field } }
    }"#;
    let told = app.data(manager, bad, json!({})).await;
    for (name, code) in [
        ("reversed", "INTERVAL_REVERSED"),
        ("endless", "INTERVAL_TOO_LONG"),
        ("unknown", "ABSENCE_NOT_FOUND"),
        ("never", "MAINTENANCE_NOT_FOUND"),
        ("nobody", "OPERATOR_NOT_FOUND"),
    ] {
        assert_eq!(told[name]["userErrors"][0]["code"], code);
    }
}
