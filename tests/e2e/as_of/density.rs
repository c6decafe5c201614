//! The bar under a screen of the past: how much happened when, and what stands out.

use domain::kernel::Role;
use serde_json::{Value as Json, json};
use tests::app::TestApp;

use super::{at_position, code, head};
use crate::shop;

const DENSITY: &str =
    "query($from: DateTime!, $until: DateTime!, $buckets: Int! = 4, $asOf: Position) @asOf(position: $asOf) {
    activityDensity(from: $from, until: $until, buckets: $buckets) {
        buckets { from count } marks { kind happenedAt thing { code } } moreMarks
    }
}";

fn day() -> Json {
    json!({ "from": "2012-03-05T00:00:00Z", "until": "2012-03-06T00:00:00Z" })
}

fn counts(density: &Json) -> Vec<u64> {
    let buckets = density["activityDensity"]["buckets"].as_array().expect("buckets");
    buckets.iter().map(|bucket| bucket["count"].as_u64().expect("a count")).collect()
}

#[tokio::test]
async fn what_happened_is_counted_in_equal_parts_and_what_stands_out_is_named() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    shop::create_job(&app, admin, "J-1").await;
    let before = head(&app).await;
    let events: u64 = before.parse().expect("a position");
    app.clock.advance_seconds(5 * 3_600);
    app.change(
        admin,
        r#"mutation {
            down: changeMachineStatus(input: { machineCode: "M-1", status: DOWN, reason: "belt torn" }) { userErrors { message } }
            up: changeMachineStatus(input: { machineCode: "M-1", status: AVAILABLE }) { userErrors { message } }
            blocked: blockJob(input: { jobNumber: "J-1", reason: "no steel", cause: QUALITY }) { userErrors { message } }
        }"#,
        json!({}),
    )
    .await;
    let density = app.data(admin, DENSITY, day()).await;
    assert_eq!(counts(&density), [0, events, 3, 0]);
    assert_eq!(density["activityDensity"]["buckets"][1]["from"], "2012-03-05T06:00:00Z");
    let at = "2012-03-05T13:00:00Z";
    let expected = json!([
        { "kind": "JOB_BLOCKED", "happenedAt": at, "thing": { "code": "J-1" } },
        { "kind": "MACHINE_DOWN", "happenedAt": at, "thing": { "code": "M-1" } },
    ]);
    assert_eq!(density["activityDensity"]["marks"], expected);
    let then = app.data(admin, DENSITY, at_position(&day(), &before)).await;
    assert_eq!((counts(&then), &then["activityDensity"]["marks"]), (vec![0, events, 0, 0], &json!([])));
    let stranger = app.caller("others", Role::Admin).await;
    assert_eq!(counts(&app.data(stranger, DENSITY, day()).await), [0; 4]);
    let operator = app.caller("muster", Role::Operator).await;
    assert_eq!(code(&app, operator, DENSITY, day()).await, "NOT_FOUND");
}

#[tokio::test]
async fn a_window_has_one_to_five_hundred_parts_and_a_length() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    for (from, until, buckets) in [
        ("2012-03-05T00:00:00Z", "2012-03-06T00:00:00Z", 0),
        ("2012-03-05T00:00:00Z", "2012-03-06T00:00:00Z", 501),
        ("2012-03-05T00:00:00Z", "2012-03-06T00:00:00Z", -1),
        ("2012-03-05T00:00:00Z", "2012-03-05T00:00:00Z", 4),
        ("2012-03-06T00:00:00Z", "2012-03-05T00:00:00Z", 4),
    ] {
        let asked = json!({ "from": from, "until": until, "buckets": buckets });
        assert_eq!(code(&app, admin, DENSITY, asked.clone()).await, "BAD_RANGE", "{asked}");
    }
    let longest = json!({ "from": "0001-01-01T00:00:00Z", "until": "9999-12-30T00:00:00Z", "buckets": 500 });
    let all: u64 = counts(&app.data(admin, DENSITY, longest).await).iter().sum();
    assert_eq!(all.to_string(), head(&app).await);
}
