//! Which pages in a browser may use the API. Programs that are no browsers send no `Origin` and are not concerned.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::problem::{Code, Problem};
use super::settings::HttpSettings;

/// Refuses what a page of a foreign origin asks.
pub(super) fn check(settings: &HttpSettings, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    if is_own(origin, headers) || is_listed(settings, origin) {
        Ok(())
    } else {
        Err(Problem::new(Code::ForbiddenOrigin, "pages of this origin may not use the API"))
    }
}

/// Refuses what a page asks that is not our own, whatever list it is on: with cookies only our own pages are let in.
pub(super) fn check_own(headers: &HeaderMap) -> Result<(), Problem> {
    let foreign = || Problem::new(Code::ForbiddenOrigin, "only our own pages may do this");
    if headers.get(header::ORIGIN).is_some_and(|origin| !is_own(origin, headers)) {
        return Err(foreign());
    }
    // Browsers say by themselves where a request comes from; programs don't.
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => Err(foreign()),
    }
}

/// The origin to allow in an answer: one of the list. Our own pages need no allowance.
pub(super) fn allowed(settings: &HttpSettings, headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(header::ORIGIN).filter(|origin| is_listed(settings, origin)).cloned()
}

/// Lets the page read the answer.
pub(super) fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-request-id"));
    headers.append(header::VARY, HeaderValue::from_static("origin"));
}

/// The answer to a browser that asks before it sends.
pub(super) fn preflight(settings: &HttpSettings, headers: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    let Some(origin) = allowed(settings, headers) else {
        *response.status_mut() = StatusCode::FORBIDDEN;
        return response;
    };
    *response.status_mut() = StatusCode::NO_CONTENT;
    let answer = response.headers_mut();
    allow(answer, origin);
    answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    answer.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type, accept, traceparent"),
    );
    answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

/// Whether the page was served by us: its host and port are those that the request is for.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    origin
        .to_str()
        .ok()
        .and_then(|origin| origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")))
        .is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

fn is_listed(settings: &HttpSettings, origin: &HeaderValue) -> bool {
    settings.allowed_origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(origin: &str) -> bool {
        let settings =
            HttpSettings { allowed_origins: vec!["https://board.example.com".to_owned()], ..HttpSettings::default() };
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "kilter.local:8080".parse().unwrap());
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        check(&settings, &headers).is_ok()
    }

    #[test]
    fn our_own_pages_and_listed_ones_are_let_in() {
        assert!(checked("http://kilter.local:8080"));
        assert!(checked("https://board.example.com"));
    }

    #[test]
    fn all_other_pages_are_not() {
        for origin in [
            "null",
            "https://evil.example",
            "http://kilter.local",
            "http://kilter.local:8080.evil.example",
            "https://board.example.com.evil.example",
            "http://board.example.com",
            "file://",
        ] {
            assert!(!checked(origin), "{origin}");
        }
    }

    #[test]
    fn a_program_without_origin_is_let_in() {
        assert!(check(&HttpSettings::default(), &HeaderMap::new()).is_ok());
    }
}
