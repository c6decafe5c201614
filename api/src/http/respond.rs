//! Answers: media types, status codes, and errors that tell the client enough and nothing of the inside.

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use uuid::Uuid;

use super::problem::{Code, Problem};

/// More errors than these tell nothing more.
const MAX_ERRORS: usize = 20;
/// The parser repeats the whole line that it stumbles over.
const MAX_MESSAGE_CHARS: usize = 400;

/// What the client accepts, of what we can serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells whether the request was good.
    GraphqlResponse,
    /// `application/json`: the status tells whether the body could be read.
    Json,
    /// `text/event-stream`: the answers of a subscription one by one.
    EventStream,
}

impl Media {
    /// By the `Accept` header; `None` when nothing that we serve is accepted.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut accepts = headers.get_all(header::ACCEPT).iter().peekable();
        if accepts.peek().is_none() {
            return Some(Self::Json);
        }
        let mut best: Option<(f32, Self)> = None;
        for range in accepts.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let media = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "application/graphql-response+json" => Self::GraphqlResponse,
                "application/json" | "application/*" | "*/*" => Self::Json,
                "text/event-stream" => Self::EventStream,
                _ => continue,
            };
            let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
            if quality > 0.0 && best.is_none_or(|(other, _)| quality > other) {
                best = Some((quality, media));
            }
        }
        best.map(|(_, media)| media)
    }

    const fn content_type(self) -> HeaderValue {
        match self {
            Self::GraphqlResponse => HeaderValue::from_static("application/graphql-response+json; charset=utf-8"),
            Self::Json | Self::EventStream => HeaderValue::from_static("application/json; charset=utf-8"),
        }
    }
}

/// How the engine's messages about a value that can't be read begin; the last is for what may also be absent.
const BAD_VALUE: [&str; 3] = ["Failed to parse \"", "Invalid value", "Expected input type \""];

/// A response as it goes over the wire: without `data` when the operation was never begun.
#[derive(Serialize)]
struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    extensions: &'a std::collections::BTreeMap<String, Value>,
}

/// Whether the operation was never begun: a request error in the words of the specification.
pub fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

/// The JSON text of a response.
pub fn to_json(response: &Response) -> String {
    let data = (!is_request_error(response)).then_some(&response.data);
    let wire = Wire { data, errors: &response.errors, extensions: &response.extensions };
    serde_json::to_string(&wire).unwrap_or_else(|error| {
        tracing::error!(event = "http.response_not_json", %error);
        r#"{"errors":[{"message":"something went wrong on our side","extensions":{"code":"INTERNAL"}}]}"#.to_owned()
    })
}

/// The JSON text of a list of errors.
pub fn errors_to_json(errors: &[ServerError]) -> String {
    serde_json::to_string(errors).unwrap_or_else(|_| "[]".to_owned())
}

/// Makes the engine's errors fit to be told: each has a code, none is long, and none that we did not write is shown.
pub fn polish(response: &mut Response, request_id: Uuid) {
    response.errors.truncate(MAX_ERRORS);
    let begun = !is_request_error(response);
    for error in &mut response.errors {
        if error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some()) {
            continue;
        }
        let code = if !begun {
            Code::ValidationFailed
        } else if BAD_VALUE.iter().any(|beginning| error.message.starts_with(beginning)) {
            Code::BadUserInput
        } else {
            tracing::error!(event = "graphql.fault", %request_id, fault = %error.message);
            "something went wrong on our side".clone_into(&mut error.message);
            Code::Internal
        };
        let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
        extensions.set("code", code.as_str());
        if code == Code::Internal {
            extensions.set("requestId", request_id.to_string());
        }
        error.source = None;
    }
    for error in &mut response.errors {
        if let Some((cut, _)) = error.message.char_indices().nth(MAX_MESSAGE_CHARS) {
            error.message.truncate(cut);
            error.message.push('…');
        }
    }
}

/// An executed operation as an HTTP answer.
pub fn answer(response: &Response, media: Media) -> axum::response::Response {
    let refused = media == Media::GraphqlResponse && is_request_error(response);
    let status = if refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    build(status, media, to_json(response))
}

/// A refusal as an HTTP answer. What the document itself is guilty of is 200 under `application/json`, as the
/// GraphQL-over-HTTP specification wants it.
pub fn refusal(problem: &Problem, media: Media) -> axum::response::Response {
    let of_document = matches!(problem.code, Code::ParseFailed | Code::ValidationFailed | Code::LimitExceeded);
    let status = if of_document && media == Media::Json { StatusCode::OK } else { problem.code.status() };
    let mut response = build(status, media, to_json(&problem.to_response()));
    problem.tell_left(response.headers_mut());
    if problem.code == Code::Unauthenticated {
        let challenge = HeaderValue::from_static("Bearer realm=\"kilter\", error=\"invalid_token\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

fn build(status: StatusCode, media: Media, body: String) -> axum::response::Response {
    let mut response = axum::response::Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, media.content_type());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(accept: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Media::negotiate(&headers)
    }

    #[test]
    fn the_preferred_media_type_that_we_serve_is_taken() {
        assert_eq!(Media::negotiate(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(negotiated("*/*"), Some(Media::Json));
        assert_eq!(negotiated("application/graphql-response+json"), Some(Media::GraphqlResponse));
        assert_eq!(
            negotiated("application/graphql-response+json; charset=utf-8, application/json; q=0.9"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(negotiated("application/json;q=0.5, text/event-stream"), Some(Media::EventStream));
        assert_eq!(negotiated("image/png"), None);
        assert_eq!(negotiated("application/json;q=0"), None);
    }

    #[test]
    fn an_error_that_nobody_gave_a_code_is_not_shown() {
        let mut error = ServerError::new("table rows_v3 is locked", None);
        error.path = vec![async_graphql::PathSegment::Field("jobs".to_owned())];
        let mut response = Response::from_errors(vec![error]);
        polish(&mut response, Uuid::nil());
        let json = to_json(&response);
        assert!(!json.contains("rows_v3") && json.contains("INTERNAL") && json.contains(&Uuid::nil().to_string()));
    }

    #[test]
    fn a_request_error_has_no_data_entry() {
        let response = Problem::new(Code::ParseFailed, "no").to_response();
        assert!(!to_json(&response).contains("data"));
        assert!(to_json(&Response::new(Value::Null)).contains(r#""data":null"#));
    }
}
