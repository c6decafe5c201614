//! The guard before the engine: what a document may cost is known in linear time, before anything walks it recursively.
//!
//! First the bytes are scanned (tokens, nesting), then the parser runs, then the tree is measured with every fragment
//! looked at once. The stock engine's own checks expand fragments where they are spread: 737 bytes cost it nine seconds.

pub mod floor;
mod measure;
mod scan;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};

use super::problem::{Code, Problem};
use super::request::Parameters;
use super::settings::DocumentLimits;
use crate::graphql::as_of;

/// A document that is worth executing.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The document, parsed.
    pub document: ExecutableDocument,
    /// What kind of operation will run.
    pub kind: OperationType,
    /// The first field of its root.
    pub root: String,
    /// How many fields its root has, fragments counted where they are spread.
    pub root_fields: u32,
    /// Whether it may ask for another moment than now.
    pub past: bool,
    /// How many of them check a password.
    pub password_checks: u32,
    /// The variable that only says where a subscription resumes, if there is one.
    pub resume_variable: Option<String>,
}

/// Checks the parameters against the limits.
pub fn check(parameters: &Parameters, limits: &DocumentLimits) -> Result<Checked, Problem> {
    scan::check(&parameters.query, limits)?;
    let document = parse_query(&parameters.query).map_err(|error| {
        let message: String = error.to_string().chars().take(300).collect();
        Problem::new(Code::ParseFailed, format!("the document does not parse: {message}"))
    })?;
    let operation = choose(&document, parameters.operation_name.as_deref())?;
    let measure::Roots { fields: root_fields, password_checks } =
        measure::check(&document, operation, &parameters.variables, limits)?;
    let kind = operation.ty;
    let root = if kind == OperationType::Subscription {
        subscription_root(operation)?
    } else {
        first_root(operation).unwrap_or_default()
    };
    let resume_variable = resume_variable(operation, &parameters.query);
    let past = as_of::asks_past(operation);
    Ok(Checked { document, kind, root, root_fields, past, password_checks, resume_variable })
}

/// A limit that the document exceeds.
fn exceeded(limit: &'static str, most: impl std::fmt::Display) -> Problem {
    Problem::new(Code::LimitExceeded, format!("the document exceeds the limit of {limit}: at most {most} are allowed"))
        .with("limit", limit)
}

fn choose<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, Problem> {
    let chosen = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => operations.values().next(),
        _ => None,
    };
    chosen.map(|operation| &operation.node).ok_or_else(|| {
        Problem::new(Code::ValidationFailed, "say which operation of the document to run, in `operationName`")
    })
}

fn first_root(operation: &OperationDefinition) -> Option<String> {
    operation.selection_set.node.items.iter().find_map(|selection| match &selection.node {
        Selection::Field(field) => Some(field.node.name.node.to_string()),
        Selection::FragmentSpread(_) | Selection::InlineFragment(_) => None,
    })
}

/// The engine looks for the field of a subscription in the root only, and runs several of them as one stream.
fn subscription_root(operation: &OperationDefinition) -> Result<String, Problem> {
    match operation.selection_set.node.items.as_slice() {
        [selection] => first_root(operation).filter(|_| selection.node.directives().is_empty()),
        _ => None,
    }
    .ok_or_else(|| {
        Problem::new(Code::ValidationFailed, "a subscription has exactly one field at its root, written out")
    })
}

/// The variable given to the root's argument `after`, where the document uses it for nothing else.
fn resume_variable(operation: &OperationDefinition, query: &str) -> Option<String> {
    let [selection] = operation.selection_set.node.items.as_slice() else { return None };
    let Selection::Field(field) = &selection.node else { return None };
    let value = field.node.get_argument("after")?.node.to_string();
    let name = value.strip_prefix('$')?;
    // Once where it is declared and once here.
    (scan::count_variable(query, name) == 2).then(|| name.to_owned())
}
