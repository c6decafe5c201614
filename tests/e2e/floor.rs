//! A job's way through the shop by GraphQL alone, and what the questions answer afterwards.

use domain::kernel::Role;
use serde_json::json;
use tests::app::TestApp;

use crate::shop;

const WORK: &str = r#"
mutation {
    assign: assignOperator(input: { jobNumber: "J-1", operation: 10, operatorCode: "17" }) { userErrors { code message } }
    setup: startOperation(input: {
        jobNumber: "J-1", operation: 10, operatorCode: "17", machineCode: "M-1", phase: SETUP, happenedAt: "2012-03-05T06:00:00Z"
    }) { userErrors { code message } }
    run: startOperation(input: {
        jobNumber: "J-1", operation: 10, operatorCode: "17", machineCode: "M-1", phase: RUN, happenedAt: "2012-03-05T06:15:00Z"
    }) { userErrors { code message } }
    report: reportQuantity(input: {
        jobNumber: "J-1", operation: 10, operatorCode: "17", good: 10, scrap: "0.5", scrapReason: "cracked"
        happenedAt: "2012-03-05T07:00:00Z"
    }) { userErrors { code message } }
}"#;

const FINISH: &str = r#"
mutation {
    mill: finishOperation(input: {
        jobNumber: "J-1", operation: 10, operatorCode: "17", good: 2, happenedAt: "2012-03-05T07:10:00Z"
    }) { userErrors { code message } }
    turn: reportWork(input: {
        jobNumber: "J-1", operation: 20, operatorCode: "18", reportId: "11111111-1111-4111-8111-111111111111"
        start: "2012-03-05T07:20:00Z", end: "2012-03-05T07:50:00Z", good: 12
    }) { userErrors { code message } }
    done: finishOperation(input: { jobNumber: "J-1", operation: 20, happenedAt: "2012-03-05T07:50:00Z" }) {
        job { status good scrap }
        userErrors { code message }
    }
}"#;

#[tokio::test]
async fn a_job_goes_through_the_shop_and_every_question_tells_of_it() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    let manager = app.caller("muster", Role::Manager).await;
    shop::set_up(&app, admin).await;
    let created = shop::create_job(&app, manager, "J-1").await;
    assert_eq!(created["job"]["number"], "J-1");

    app.change(manager, WORK, json!({})).await;
    let board = app
        .data(
            manager,
            r#"{
                job(number: "J-1") { status good scrap operations { good } setupSeconds runSeconds atWork { operator { code name } machine { code } phase } }
                machines(first: 10) { edges { node { code status atWork { job { code } } } } }
                operators(first: 10) { totalCount edges { node { code name atWork { operation } } } }
            }"#,
            json!({}),
        )
        .await;
    assert_eq!(board["job"]["status"], "RUNNING");
    assert_eq!(board["job"]["operations"][0]["good"], "10");
    assert_eq!(board["job"]["good"], "0", "nothing came out of the last operation yet");
    assert_eq!(board["job"]["scrap"], "0.5");
    assert_eq!(board["job"]["setupSeconds"], 900);
    assert_eq!(board["job"]["runSeconds"], 2700);
    assert_eq!(board["job"]["atWork"][0]["operator"], json!({ "code": "17", "name": "Anna Muster" }));
    assert_eq!(board["machines"]["edges"][0]["node"]["status"], "RUNNING");
    assert_eq!(board["machines"]["edges"][0]["node"]["atWork"][0]["job"]["code"], "J-1");
    assert_eq!(board["operators"]["totalCount"], 2);

    let finished = app.change(manager, FINISH, json!({})).await;
    assert_eq!(finished["done"]["job"], json!({ "status": "COMPLETED", "good": "12", "scrap": "0.5" }));
    app.assert_rebuilt_is_live().await;
}

#[tokio::test]
async fn totals_and_days_count_what_was_reported() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    shop::create_job(&app, admin, "J-1").await;
    app.change(admin, WORK, json!({})).await;
    app.change(admin, FINISH, json!({})).await;
    let answer = app
        .data(
            admin,
            r#"{
                places: shopTotals(by: WORK_CENTER) { label good scrap setupSeconds runSeconds jobsFinished }
                days: shopTotals(by: DAY, from: "2012-03-01T00:00:00Z", to: "2012-03-06T00:00:00Z") { label good jobsFinished running }
                operatorDay(code: "17", date: "2012-03-05") {
                    zone operator { name } totals { good runSeconds } entries { report { good job { code } } within { start end } }
                }
            }"#,
            json!({}),
        )
        .await;
    let places = answer["places"].as_array().expect("a list");
    let mill = places.iter().find(|total| total["label"] == "MILL").expect("milling");
    let turn = places.iter().find(|total| total["label"] == "TURN").expect("turning");
    assert_eq!((&mill["good"], &mill["setupSeconds"], &mill["runSeconds"]), (&json!("12"), &json!(900), &json!(3300)));
    assert_eq!((&turn["good"], &turn["runSeconds"], &turn["jobsFinished"]), (&json!("12"), &json!(1800), &json!(1)));
    assert_eq!(answer["days"][0]["label"], "2012-03-05");
    assert_eq!(answer["days"][0]["jobsFinished"], 1);
    assert_eq!(answer["operatorDay"]["zone"], "Europe/Berlin");
    assert_eq!(answer["operatorDay"]["operator"]["name"], "Anna Muster");
    assert_eq!(answer["operatorDay"]["totals"]["good"], "12");
}

#[tokio::test]
async fn the_activity_log_tells_before_and_after() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    app.change(
        admin,
        r#"mutation {
            a: renameWorkCenter(input: { workCenterCode: "MILL", name: "Mills" }) { userErrors { code } }
            b: renameOperator(input: { operatorCode: "17", name: "Anna Beispiel" }) { userErrors { code } }
        }"#,
        json!({}),
    )
    .await;
    let log = app
        .data(
            admin,
            r#"{ activityLog(first: 2) { edges { node {
                eventType sentence actor { name } role thing { code name } changes { field before after }
            } } } }"#,
            json!({}),
        )
        .await;
    let renamed_operator = &log["activityLog"]["edges"][0]["node"];
    assert_eq!(renamed_operator["eventType"], "operator.renamed");
    assert_eq!(renamed_operator["actor"]["name"], "admin");
    assert_eq!(renamed_operator["changes"][0], json!({ "field": "name", "before": null, "after": "Anna Beispiel" }));
    let renamed_place = &log["activityLog"]["edges"][1]["node"];
    assert_eq!(renamed_place["thing"], json!({ "code": "MILL", "name": "Mills" }));
    assert_eq!(renamed_place["changes"][0], json!({ "field": "name", "before": "Milling", "after": "Mills" }));
}

#[tokio::test]
async fn the_same_command_again_gives_the_first_answer_and_a_stale_edit_is_refused() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    let rename = r#"mutation($name: String!, $id: UUID, $revision: Revision) {
        renameWorkCenter(input: { workCenterCode: "MILL", name: $name, commandId: $id, expectedRevision: $revision }) {
            revision position appended userErrors { code field revision }
            changedSince { eventType actor { name } changes { field before after } }
        }
    }"#;
    let id = "22222222-2222-4222-8222-222222222222";
    let first = app.data(admin, rename, json!({ "name": "A", "id": id })).await;
    let again = app.data(admin, rename, json!({ "name": "A", "id": id })).await;
    assert_eq!(first["renameWorkCenter"]["revision"], again["renameWorkCenter"]["revision"]);
    assert_eq!(first["renameWorkCenter"]["position"], again["renameWorkCenter"]["position"]);
    assert_eq!(again["renameWorkCenter"]["appended"], 0);

    let other = app.data(admin, rename, json!({ "name": "B", "id": id })).await;
    let error = &other["renameWorkCenter"]["userErrors"][0];
    assert_eq!(*error, json!({ "code": "COMMAND_ID_REUSED", "field": "commandId", "revision": null }));
    assert!(other["renameWorkCenter"]["position"].is_null());

    let stale = app.data(admin, rename, json!({ "name": "B", "revision": "0" })).await;
    let error = &stale["renameWorkCenter"]["userErrors"][0];
    assert_eq!(*error, json!({ "code": "CONFLICT", "field": "expectedRevision", "revision": "1" }));
    let renamed = json!({
        "eventType": "work_center.renamed",
        "actor": { "name": "admin" },
        "changes": [{ "field": "name", "before": "Milling", "after": "A" }],
    });
    assert_eq!(stale["renameWorkCenter"]["changedSince"], json!([renamed]), "and is told what changed");
    assert_eq!(again["renameWorkCenter"]["changedSince"], json!([]));
}

#[tokio::test]
async fn lists_are_paged_filtered_and_sorted() {
    let app = TestApp::start().await;
    let admin = app.caller("muster", Role::Admin).await;
    shop::set_up(&app, admin).await;
    for number in ["J-1", "J-2", "J-3"] {
        shop::create_job(&app, admin, number).await;
    }
    let page = r#"query($after: String) {
        jobs(first: 2, after: $after, sort: { by: NUMBER, descending: true }) {
            totalCount pageInfo { hasNextPage endCursor } edges { node { number } }
        }
    }"#;
    let first = app.data(admin, page, json!({})).await;
    assert_eq!(first["jobs"]["totalCount"], 3);
    assert_eq!(first["jobs"]["edges"][0]["node"]["number"], "J-3");
    assert_eq!(first["jobs"]["pageInfo"]["hasNextPage"], true);
    let second = app.data(admin, page, json!({ "after": first["jobs"]["pageInfo"]["endCursor"] })).await;
    assert_eq!(second["jobs"]["edges"].as_array().map(Vec::len), Some(1));
    assert_eq!(second["jobs"]["edges"][0]["node"]["number"], "J-1");

    let found = app
        .data(
            admin,
            r#"{
                text: jobs(first: 5, filter: { text: "acme" }) { totalCount }
                none: jobs(first: 5, filter: { status: [RUNNING] }) { totalCount }
                late: jobs(first: 5, filter: { late: true }) { totalCount }
            }"#,
            json!({}),
        )
        .await;
    assert_eq!(found["text"]["totalCount"], 3);
    assert_eq!(found["none"]["totalCount"], 0);
    assert_eq!(found["late"]["totalCount"], 0);
    app.clock.advance_seconds(30 * 24 * 3600);
    let late =
        app.data(admin, "{ jobs(first: 5, filter: { late: true }) { edges { node { late } } } }", json!({})).await;
    assert_eq!(late["jobs"]["edges"].as_array().map(Vec::len), Some(3));
}
