//! A small shop set up through GraphQL, for suites that need one.

use domain::kernel::Caller;
use serde_json::{Value as Json, json};
use tests::app::TestApp;

pub(crate) const SET_UP: &str = r#"
mutation {
    open: openCompany(input: { name: "Muster GmbH", zone: "Europe/Berlin" }) { userErrors { code message } }
    mill: createWorkCenter(input: { code: "MILL", name: "Milling", area: "Hall 1" }) { userErrors { code message } }
    turn: createWorkCenter(input: { code: "TURN", name: "Turning" }) { userErrors { code message } }
    machine: registerMachine(input: { code: "M-1", name: "Mill 1", workCenterCode: "MILL" }) { userErrors { code message } }
    anna: registerOperator(input: { code: "17", name: "Anna Muster" }) { userErrors { code message } }
    ben: registerOperator(input: { code: "18", name: "Ben Beispiel" }) { userErrors { code message } }
}"#;

pub(crate) const CREATE_JOB: &str = r#"
mutation($number: String!) {
    createJob(input: {
        number: $number, product: "Flange", customer: "Acme", quantity: "12.5", due: "2012-03-09T15:00:00Z"
        operations: [
            { number: 10, name: "Mill", workCenterCode: "MILL", setupSeconds: 600, run: { perUnitSeconds: "30" } }
            { number: 20, name: "Turn", workCenterCode: "TURN" }
        ]
    }) { revision position job { id number } userErrors { code field message } }
}"#;

/// Sets up two work centers, a machine and two operators.
pub(crate) async fn set_up(app: &TestApp, admin: Caller) {
    app.change(admin, SET_UP, json!({})).await;
}

/// Creates a job with two operations; gives its payload.
pub(crate) async fn create_job(app: &TestApp, caller: Caller, number: &str) -> Json {
    app.change(caller, CREATE_JOB, json!({ "number": number })).await["createJob"].take()
}
