//! Which moment a document asks for.

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::{InputType, Name, ServerError, Value, Variables};
use infra::runner::past::When;

use super::directive::{INSTANT, NAME, POSITION};
use super::failed::server_error;
use crate::graphql::errors;
use crate::graphql::scalars::{DateTime, Position};
use crate::http::problem::Code;

/// Whether the operation may ask for another moment than now.
pub fn asks_past(operation: &OperationDefinition) -> bool {
    directive(operation).is_some()
}

/// The moment that the query asks for; none where it asks of now, or is not one that the engine will run.
pub(super) fn when(
    document: &ExecutableDocument,
    operation_name: Option<&str>,
    variables: &Variables,
) -> Result<Option<When>, ServerError> {
    let operation = match (&document.operations, operation_name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) => operations.values().next(),
        (DocumentOperations::Single(_), Some(_)) => None,
    };
    let Some(operation) = operation.map(|operation| &operation.node) else { return Ok(None) };
    let Some(directive) = directive(operation).filter(|_| operation.ty == OperationType::Query) else {
        return Ok(None);
    };
    let given = |name: &str| value_of(name, directive, operation, variables);
    let (instant, position) = (given(INSTANT), given(POSITION));
    let mut arguments = directive.arguments.iter();
    let by_variable = arguments.any(|(_, value)| value.node.clone().into_const().is_none());
    let known = |value: Option<Value>| value.filter(|value| *value != Value::Null);
    match (known(instant), known(position)) {
        (Some(instant), None) => Ok(Some(When::Instant(read::<DateTime>(instant, INSTANT)?.0))),
        (None, Some(position)) => Ok(Some(When::Position(read::<Position>(position, POSITION)?.0))),
        (None, None) if by_variable => Ok(None),
        _ => Err(server_error(errors::failure(errors::BAD_REFERENCE, "give @asOf either instant or position"))),
    }
}

fn directive(operation: &OperationDefinition) -> Option<&Directive> {
    operation.directives.iter().map(|directive| &directive.node).find(|directive| directive.name.node == NAME)
}

/// An argument with its variables put in; null where one is not given.
fn value_of(
    argument: &str,
    directive: &Directive,
    operation: &OperationDefinition,
    variables: &Variables,
) -> Option<Value> {
    let variable = |name: Name| {
        let given = variables.get(&name).cloned();
        let default = || {
            let declared = operation.variable_definitions.iter().find(|declared| declared.node.name.node == name)?;
            declared.node.default_value.as_ref().map(|value| value.node.clone())
        };
        Ok::<_, std::convert::Infallible>(given.or_else(default).unwrap_or_default())
    };
    directive.get_argument(argument).map(|value| value.node.clone().into_const_with(variable).unwrap_or_default())
}

fn read<T: InputType>(value: Value, name: &str) -> Result<T, ServerError> {
    T::parse(Some(value)).map_err(|error| {
        // The engine's text begins with what could not be read.
        let why: String = error.into_server_error(async_graphql::Pos::default()).message.chars().take(200).collect();
        server_error(errors::failure(Code::BadUserInput.as_str(), format!("@asOf({name}): {why}")))
    })
}
