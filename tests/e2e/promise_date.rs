//! Promise dates over GraphQL: when an order that does not exist yet could be done.

use domain::kernel::{Caller, Role};
use serde_json::{Value as Json, json};
use tests::app::TestApp;

use crate::planning::{app_with_jobs, place, plan_all};

const PROMISE: &str = "query($input: PromiseDateInput!) { it: promiseDate(input: $input) {
    endsAt lateSeconds notPlannedYet planVersion
    operations { number name machine { code } operator { code } start runStart end assumed }
    impossible { number name reason because } userErrors { code field message } } }";

async fn promise(app: &TestApp, caller: Caller, input: Json) -> Json {
    app.settle().await;
    app.data(caller, PROMISE, json!({ "input": input })).await["it"].take()
}

fn milling(more: Json) -> Json {
    let mut operation = json!({ "number": 10, "name": "Mill", "workCenterCode": "MILL", "setupSeconds": 600,
        "run": { "perUnitSeconds": "30" } });
    operation.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    operation
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_promised_in_what_the_plan_leaves_free_and_nothing_is_made_of_it() {
    let (app, planner) = app_with_jobs(2).await;
    plan_all(&app, planner).await;
    let before = app.deps.commands.plan(planner.tenant).await.expect("the plan");
    let order = json!({ "quantity": "10", "operations": [milling(json!({}))] });
    let told = promise(&app, planner, order.clone()).await;
    assert_eq!((&told["userErrors"], &told["impossible"], &told["notPlannedYet"]), (&json!([]), &json!([]), &json!(0)));
    let operation = &told["operations"][0];
    assert_eq!(
        (&operation["number"], &operation["machine"]["code"], &operation["assumed"]),
        (&json!(10), &json!("M-1"), &json!(false))
    );
    assert_eq!(told["endsAt"], operation["end"]);
    let instant =
        |text: &Json| domain::kernel::Timestamp::parse(text.as_str().expect("an instant")).expect("an instant");
    let (start, end) = (instant(&operation["start"]), instant(&operation["end"]));
    assert_eq!(end.seconds_since(start), 600 + 300);
    for job in ["J-1", "J-2"] {
        let other = place(&app, planner, job, 10).await.expect("a place");
        assert!(other.end <= start || end <= other.start, "nothing moves for it: {other:?}");
    }
    assert_eq!(*app.deps.commands.plan(planner.tenant).await.expect("the plan"), *before);
    let jobs = app.data(planner, "{ jobs(first: 10) { totalCount } }", json!({})).await;
    assert_eq!(jobs["jobs"]["totalCount"], 2);
    assert_eq!(promise(&app, planner, order).await, told, "asked again it is the same");

    // Wanted in an hour and not to be started before tomorrow.
    let mut later = json!({ "quantity": "10", "operations": [milling(json!({}))] });
    (later["release"], later["due"]) = ("2012-03-06T08:00:00Z".into(), "2012-03-05T09:00:00Z".into());
    let told = promise(&app, planner, later).await;
    assert_eq!(told["operations"][0]["start"], "2012-03-06T08:00:00Z");
    assert_eq!(told["lateSeconds"], 23 * 3_600 + 900);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_like_a_job_has_its_operations_and_its_quantity_unless_another_is_said() {
    let (app, planner) = app_with_jobs(1).await;
    let told = promise(&app, planner, json!({ "like": { "jobNumber": "J-1" } })).await;
    assert_eq!(told["userErrors"], json!([]));
    let numbers: Vec<&Json> =
        told["operations"].as_array().expect("operations").iter().map(|it| &it["number"]).collect();
    assert_eq!(numbers, [&json!(10), &json!(20)]);
    assert_eq!(told["operations"][1]["assumed"], true, "nobody said how long turning takes");
    assert_eq!(told["notPlannedYet"], 2, "whoever plans the job may be in the way");
    let length = |told: &Json| {
        let instant = |field: &str| told["operations"][0][field].as_str().map(str::to_owned).expect("an instant");
        let parse = |text: String| domain::kernel::Timestamp::parse(&text).expect("an instant");
        parse(instant("end")).seconds_since(parse(instant("start")))
    };
    assert_eq!(length(&told), 600 + 375);
    let more = promise(&app, planner, json!({ "like": { "jobNumber": "J-1" }, "quantity": "100" })).await;
    assert_eq!(length(&more), 600 + 3_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_promised_says_why() {
    let (app, planner) = app_with_jobs(1).await;
    let skilled = milling(json!({ "skill": { "skill": "welding", "level": 3 } }));
    let told = promise(&app, planner, json!({ "quantity": "1", "operations": [skilled] })).await;
    let expected = json!([{ "number": 10, "name": "Mill", "reason": "SKILL_MISSING",
        "because": "nobody who works here has skill welding at level 3" }]);
    assert_eq!((&told["impossible"], &told["endsAt"], &told["userErrors"]), (&expected, &Json::Null, &json!([])));
    let refused = async |input: Json| {
        let told = promise(&app, planner, input).await;
        assert_eq!(told["endsAt"], Json::Null);
        told["userErrors"][0]["code"].as_str().expect("a code").to_owned()
    };
    assert_eq!(refused(json!({})).await, "BAD_REFERENCE");
    assert_eq!(refused(json!({ "operations": [] })).await, "BAD_RANGE");
    assert_eq!(
        refused(json!({ "operations": [milling(json!({}))], "like": { "jobNumber": "J-1" } })).await,
        "BAD_REFERENCE"
    );
    assert_eq!(refused(json!({ "like": { "jobNumber": "J-9" } })).await, "JOB_NOT_FOUND");
    let elsewhere = milling(json!({ "workCenterCode": "NO-SUCH" }));
    assert_eq!(refused(json!({ "operations": [elsewhere] })).await, "WORK_CENTER_NOT_FOUND");
    let twice = json!({ "operations": [milling(json!({})), milling(json!({}))] });
    assert_eq!(refused(twice).await, "OPERATION_EXISTS");
    let impossible = milling(json!({ "skill": { "skill": "welding", "level": 9 } }));
    assert_eq!(refused(json!({ "operations": [impossible] })).await, "OUT_OF_RANGE");
    // Who may not plan is told as if there were no such question, and other companies know nothing of our jobs.
    let operator = app.caller("muster", Role::Operator).await;
    let input = json!({ "input": { "like": { "jobNumber": "J-1" } } });
    assert_eq!(crate::answers::refused(&app, operator, PROMISE, input).await, "\"NOT_FOUND\"");
    let stranger = app.caller("theirs", Role::Admin).await;
    let told = promise(&app, stranger, json!({ "like": { "jobNumber": "J-1" } })).await;
    assert_eq!(told["userErrors"][0]["code"], "JOB_NOT_FOUND");
}
