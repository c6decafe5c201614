//! What every answer passes through: a request id, the security headers, and panics turned into an id.

use std::panic::AssertUnwindSafe;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;

use super::HttpState;
use super::address::client_address;
use super::problem::{Code, Problem};
use super::request::RequestContext;
use super::respond::{self, Media};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A trace parent is 55 characters long; what is longer is not one.
const TRACEPARENT_LENGTH: usize = 55;

/// Around every handler.
pub(super) async fn around(State(state): State<HttpState>, mut request: Request, next: Next) -> Response {
    let request_id = state.ids.next();
    let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let traceparent = traceparent.filter(|value| value.len() == TRACEPARENT_LENGTH).map(str::to_owned);
    let address = client_address(request.extensions(), request.headers(), &state.settings.trusted_proxies);
    request.extensions_mut().insert(RequestContext { request_id, traceparent, address, session: None });
    let handled = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = handled.unwrap_or_else(|_| {
        tracing::error!(event = "http.panic", %request_id);
        let problem =
            Problem::new(Code::Internal, "something went wrong on our side").with("requestId", request_id.to_string());
        respond::refusal(&problem, Media::Json)
    });
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if state.settings.tls {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

/// For every path that is not served.
pub(super) fn not_found() -> Response {
    respond::refusal(
        &Problem::new(Code::NotFound, "there is nothing at this path; the API is at /graphql"),
        Media::Json,
    )
}
