//! What the edge itself refuses, before or beside the engine. One list, shaped as GraphQL errors on every transport.

use std::borrow::Cow;

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use axum::http::{HeaderMap, StatusCode};

use super::limits::Left;
use crate::auth::AuthError;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:ident;)*) => {
        /// Why a request is refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All of them, for the golden list.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable name, as `extensions.code` carries it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status that it is answered with.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }
        }
    };
}

codes! {
    /// The request is not what the protocol asks for.
    BadRequest = "BAD_REQUEST", BAD_REQUEST;
    /// The document does not parse.
    ParseFailed = "GRAPHQL_PARSE_FAILED", BAD_REQUEST;
    /// The document does not fit the schema, or the variables do not fit the document.
    ValidationFailed = "GRAPHQL_VALIDATION_FAILED", BAD_REQUEST;
    /// A value in the request can't be read as the type that the schema asks for.
    BadUserInput = "BAD_USER_INPUT", BAD_REQUEST;
    /// The document is larger, deeper or costlier than is allowed.
    LimitExceeded = "LIMIT_EXCEEDED", BAD_REQUEST;
    /// Several requests in one.
    BatchRefused = "BATCH_REFUSED", BAD_REQUEST;
    /// A subscription was asked for over a transport that answers once.
    NeedsStream = "SUBSCRIPTION_NEEDS_STREAM", BAD_REQUEST;
    /// No token, or not a good one.
    Unauthenticated = "UNAUTHENTICATED", UNAUTHORIZED;
    /// The browser page that asks is not of an allowed origin.
    ForbiddenOrigin = "FORBIDDEN_ORIGIN", FORBIDDEN;
    /// There is nothing at this path.
    NotFound = "NOT_FOUND", NOT_FOUND;
    /// The method does not fit, such as a mutation by GET.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED;
    /// None of the accepted media types can be served.
    NotAcceptable = "NOT_ACCEPTABLE", NOT_ACCEPTABLE;
    /// The body did not come within the time limit.
    RequestTimeout = "REQUEST_TIMEOUT", REQUEST_TIMEOUT;
    /// The body is too large.
    PayloadTooLarge = "PAYLOAD_TOO_LARGE", PAYLOAD_TOO_LARGE;
    /// The body is not plain JSON.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", UNSUPPORTED_MEDIA_TYPE;
    /// Too many subscriptions on one socket.
    TooManySubscriptions = "TOO_MANY_SUBSCRIPTIONS", TOO_MANY_REQUESTS;
    /// The subscriber did not keep up; `resumeCursor` continues where it stopped.
    SlowSubscriber = "SLOW_SUBSCRIBER", TOO_MANY_REQUESTS;
    /// More than is allowed in a minute; `resetSeconds` says when to come back.
    RateLimited = "RATE_LIMITED", TOO_MANY_REQUESTS;
    /// A fault of ours; its id is in the log.
    Internal = "INTERNAL", INTERNAL_SERVER_ERROR;
    /// Not now; asking again later may work.
    Unavailable = "UNAVAILABLE", SERVICE_UNAVAILABLE;
    /// It took too long.
    Timeout = "TIMEOUT", GATEWAY_TIMEOUT;
}

/// A refusal with what to tell the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which refusal.
    pub code: Code,
    /// For people. Never holds what the client sent, nor anything of the inside.
    pub message: Cow<'static, str>,
    /// What else stands in `extensions`.
    pub details: Vec<(&'static str, String)>,
    /// What is left of what the caller may ask, where that was counted.
    pub left: Option<Left>,
}

impl Problem {
    /// A refusal.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), details: Vec::new(), left: None }
    }

    /// With one more entry in `extensions`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// With what is left of what the caller may ask.
    #[must_use]
    pub fn with_left(self, left: Option<Left>) -> Self {
        Self { left, ..self }
    }

    /// Says in the header of an answer what is left, and when to come back.
    pub(super) fn tell_left(&self, headers: &mut HeaderMap) {
        match &self.left {
            Some(left) if self.code == Code::RateLimited => left.tell_when_to_come_back(headers),
            Some(left) => left.tell(headers),
            None => {}
        }
    }

    /// As an error of a GraphQL response.
    pub fn to_error(&self) -> ServerError {
        let mut error = ServerError::new(self.message.clone(), None);
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code.as_str());
        for (name, value) in &self.details {
            extensions.set(name, Value::from(value.clone()));
        }
        error.extensions = Some(extensions);
        error
    }

    /// As a whole GraphQL response.
    pub fn to_response(&self) -> Response {
        Response::from_errors(vec![self.to_error()])
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        let code = match &error {
            AuthError::Unavailable(_) => Code::Unavailable,
            AuthError::Missing
            | AuthError::Refused(_)
            | AuthError::Expired
            | AuthError::Ended
            | AuthError::UnknownTenant => Code::Unauthenticated,
        };
        Self::new(code, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_name() {
        let names: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
    }

    #[test]
    fn a_problem_is_an_error_with_a_code_and_no_data() {
        let response = Problem::new(Code::SlowSubscriber, "too slow").with("resumeCursor", "7").to_response();
        let json = serde_json::to_value(&response.errors).unwrap();
        assert_eq!(json[0]["extensions"]["code"], "SLOW_SUBSCRIBER");
        assert_eq!(json[0]["extensions"]["resumeCursor"], "7");
    }
}
