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
        calendar(id: $id) { openTime(from: $from, until: $until) { from until } days(from: "2012-03-07") { date } } }"#;
    let asked = json!({
        "id": made["it"]["calendar"]["id"], "from": "2012-03-05T05:00:00Z", "until": "2012-03-11T00:00:00Z",
    });
    let told = app.data(manager, open, asked).await;
    let told_of = |number: usize| told["calendar"]["openTime"][number].clone();
    // Tallinn is two hours ahead; the question begins in the middle of the early shift.
    assert_eq!(told_of(0), json!({ "from": "2012-03-05T05:00:00Z", "until": "2012-03-05T07:00:00Z" }));
    assert_eq!(told_of(1), json!({ "from": "2012-03-05T07:15:00Z", "until": "2012-03-05T20:00:00Z" }));
    assert_eq!(told_of(2)["from"], "2012-03-07T04:00:00Z", "nobody works on the day of the stocktaking");
    assert_eq!(told_of(8), json!({ "from": "2012-03-10T06:00:00Z", "until": "2012-03-10T10:00:00Z" }));
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
            calendar(id: $id) { openTime(from: $from, until: $until) { from until } } }";
        let asked = json!({ "id": made["it"]["calendar"]["id"], "from": from, "until": until });
        app.data(manager, open, asked).await["calendar"]["openTime"].clone()
    };
    let spring = hours("2012-03-24T00:00:00Z", "2012-03-26T00:00:00Z").await;
    assert_eq!(spring, json!([{ "from": "2012-03-24T20:00:00Z", "until": "2012-03-25T03:00:00Z" }]));
    let autumn = hours("2012-10-27T00:00:00Z", "2012-10-29T00:00:00Z").await;
    assert_eq!(autumn, json!([{ "from": "2012-10-27T19:00:00Z", "until": "2012-10-28T04:00:00Z" }]));
    let zone = r#"mutation { setCalendarZone(input: { calendarCode: "N", zone: "America/New_York" }) { userErrors { code } } }"#;
    app.change(manager, zone, json!({})).await;
    let moved = hours("2012-03-24T00:00:00Z", "2012-03-26T00:00:00Z").await;
    assert_eq!(moved, json!([{ "from": "2012-03-25T02:00:00Z", "until": "2012-03-25T10:00:00Z" }]));
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
            calendar(id: $id) { openTime(from: $from, until: $until) { from until } } }";
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
