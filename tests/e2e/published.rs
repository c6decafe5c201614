//! What the API promises to clients, as golden files.

use std::collections::BTreeMap;

use api::graphql::errors;
use api::http::problem::Code;
use domain::calendars::calendar::CalendarError;
use domain::identity::account::AccountError;
use domain::identity::api_token::ApiTokenError;
use domain::identity::session::SessionError;
use domain::jobs::job::JobError;
use domain::machines::machine::MachineError;
use domain::machines::tool::ToolError;
use domain::machines::work_center::WorkCenterError;
use domain::run::RequestError;
use domain::scheduling::scenario::ScenarioError;
use domain::scheduling::site_plan::PlanError;
use domain::tenancy::company::CompanyError;
use domain::tenancy::roster::RosterError;
use domain::workforce::operator::OperatorError;
use serde_json::json;
use tests::golden::assert_golden;
use tests::sdl::Sdl;

#[test]
fn the_schema_is_golden() {
    assert_golden("../../schema.graphql", &api::graphql::sdl());
}

#[test]
fn the_document_of_the_routes_is_golden() {
    assert_golden("../../openapi.json", &format!("{:#}\n", json!(api::http::openapi())));
}

#[test]
fn the_error_codes_are_golden() {
    let edge: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let codes: BTreeMap<&str, Vec<&str>> = [
        ("company", CompanyError::CODES.to_vec()),
        ("workCenter", WorkCenterError::CODES.to_vec()),
        ("machine", MachineError::CODES.to_vec()),
        ("tool", ToolError::CODES.to_vec()),
        ("calendar", CalendarError::CODES.to_vec()),
        ("plan", PlanError::CODES.to_vec()),
        ("scenario", ScenarioError::CODES.to_vec()),
        ("operator", OperatorError::CODES.to_vec()),
        ("job", JobError::CODES.to_vec()),
        ("roster", RosterError::CODES.to_vec()),
        ("account", AccountError::CODES.to_vec()),
        ("session", SessionError::CODES.to_vec()),
        ("apiToken", ApiTokenError::CODES.to_vec()),
        ("command", RequestError::CODES.to_vec()),
        ("graphql", errors::CODES.to_vec()),
        ("http", edge),
    ]
    .into();
    assert_golden("error-codes.json", &format!("{:#}\n", json!(codes)));
}

#[tokio::test]
async fn everything_in_the_schema_is_explained() {
    let bare = Sdl::load().await.undocumented();
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}
