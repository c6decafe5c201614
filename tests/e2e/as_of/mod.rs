//! `@asOf`: what was answered then is answered now, to the byte, whatever has happened since.

mod bounds;
mod density;
mod every_question;
mod random;
mod refused;

use async_graphql::Response;
use domain::kernel::Caller;
use serde_json::{Value as Json, json};
use tests::app::TestApp;

/// The document, asking of a moment.
fn as_of(document: &str) -> String {
    let (head, body) = document.split_once('{').expect("a selection");
    let head = head.trim();
    let declared = "$asOf: Position, $asAt: DateTime";
    let head = match head.strip_suffix(')') {
        Some(head) => format!("{head}, {declared})"),
        None if head.is_empty() => format!("query({declared})"),
        None => format!("{head}({declared})"),
    };
    format!("{head} @asOf(position: $asOf, instant: $asAt) {{{body}")
}

/// Its variables, with the position.
fn at_position(variables: &Json, position: &str) -> Json {
    let mut variables = variables.clone();
    variables["asOf"] = json!(position);
    variables
}

/// Its variables, with the instant.
fn at_instant(variables: &Json, instant: &str) -> Json {
    let mut variables = variables.clone();
    variables["asAt"] = json!(instant);
    variables
}

/// Data and errors of an answer. The engine puts fields of a root in the order in which they come to their end.
fn said(response: Response) -> (Json, String) {
    let errors: Vec<_> =
        response.errors.into_iter().map(|error| (error.message, error.path, error.extensions)).collect();
    (response.data.into_json().expect("JSON"), format!("{errors:?}"))
}

async fn head(app: &TestApp) -> String {
    app.deps.store.head().await.expect("a head").to_string()
}

/// The code of the only error.
async fn code(app: &TestApp, caller: Caller, document: &str, variables: Json) -> String {
    let answer = app.execute(caller, document, variables).await;
    let [error] = answer.errors.as_slice() else { panic!("{document}: {:?}", answer.errors) };
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    code.and_then(|code| serde_json::to_value(code).ok()?.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}
