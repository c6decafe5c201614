//! What `/auth/…` answers: an object, or why not. The shape of a refusal is that of GraphQL errors, on one error.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::http::problem::Problem;
use crate::http::request::RequestContext;
use crate::identity::{Refused, Step};

/// An object.
pub(super) fn object(status: StatusCode, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// It was done, and there is nothing more to say.
pub(super) fn done(status: StatusCode) -> Response {
    object(status, &json!({}))
}

/// What the edge refuses.
pub(super) fn problem(problem: &Problem) -> Response {
    let mut extensions = json!({"code": problem.code.as_str()});
    for (name, value) in &problem.details {
        extensions[*name] = Value::from(value.clone());
    }
    object(problem.code.status(), &json!({"errors": [{"message": problem.message, "extensions": extensions}]}))
}

/// A step that is to be taken next.
pub(super) fn step(step: &Step) -> Value {
    json!({"token": step.token, "expires": step.expires.to_string()})
}

/// What is refused where people come in.
pub(super) fn refused(refused: &Refused, context: &RequestContext) -> Response {
    let (status, code, field) = match refused {
        Refused::Input { field, .. } => (StatusCode::UNPROCESSABLE_ENTITY, "BAD_USER_INPUT", Some(*field)),
        Refused::Credentials => (StatusCode::UNAUTHORIZED, "CREDENTIALS_REFUSED", None),
        Refused::Wait { .. } => (StatusCode::TOO_MANY_REQUESTS, "SIGN_IN_WAITS", None),
        Refused::Link => (StatusCode::GONE, "LINK_REFUSED", None),
        Refused::Step => (StatusCode::GONE, "STEP_REFUSED", None),
        Refused::Code => (StatusCode::UNAUTHORIZED, "CODE_REFUSED", None),
        Refused::SecondFactorExists => (StatusCode::CONFLICT, "SECOND_FACTOR_EXISTS", None),
        Refused::SecondFactorNeeded(_) => (StatusCode::FORBIDDEN, "SECOND_FACTOR_NEEDED", None),
        Refused::Network => (StatusCode::FORBIDDEN, "NETWORK_REFUSED", None),
        Refused::Session => (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", None),
        Refused::Denied => (StatusCode::NOT_FOUND, "NOT_FOUND", None),
        Refused::Rejected(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, refusal.code(), refusal.field()),
        Refused::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", None),
        Refused::Fault(_) => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", None),
    };
    if let Refused::Fault(reason) | Refused::Unavailable(reason) = refused {
        tracing::error!(event = "auth.failed", request_id = %context.request_id, %reason);
    }
    let mut extensions = json!({"code": code});
    if let Some(field) = field {
        extensions["field"] = Value::from(field);
    }
    if let Refused::SecondFactorNeeded(Some(enrolment)) = refused {
        extensions["enrolment"] = step(enrolment);
    }
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        extensions["requestId"] = Value::from(context.request_id.to_string());
    }
    let mut response = object(status, &json!({"errors": [{"message": refused.to_string(), "extensions": extensions}]}));
    if let Refused::Wait { seconds } = refused {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}
