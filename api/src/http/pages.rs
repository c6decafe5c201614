//! The pages where people come in, until the web app has its own: forms that post JSON to `/auth/…`. A link in a mail changes nothing by
//! being opened: programs that look at mails open them all.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::get;

use super::HttpState;

const PATHS: [&str; 6] = ["/sign-in", "/sign-up", "/verify", "/forgot-password", "/reset-password", "/invitation"];

/// The pages with their script and styles.
pub(super) fn router() -> Router<HttpState> {
    let files = Router::new()
        .route("/people.js", get(|| async { file("text/javascript", include_str!("pages/people.js")) }))
        .route("/people.css", get(|| async { file("text/css", include_str!("pages/people.css")) }));
    let files = files
        .route("/cookies", get(|| async { file("text/html", include_str!("pages/cookies.html")) }))
        .route("/cookies.js", get(|| async { file("text/javascript", include_str!("pages/cookies.js")) }));
    let providers = || get(|| async { file("text/html", include_str!("pages/providers.html")) });
    let files = files
        .route("/providers", providers())
        .route("/auth/oidc/{provider}/return", providers())
        .route("/providers.js", get(|| async { file("text/javascript", include_str!("pages/providers.js")) }));
    PATHS.into_iter().fold(files, |router, path| {
        router.route(path, get(|| async { file("text/html", include_str!("pages/people.html")) }))
    })
}

fn file(media: &str, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    if let Ok(media) = HeaderValue::from_str(&format!("{media}; charset=utf-8")) {
        headers.insert(header::CONTENT_TYPE, media);
    }
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; \
             frame-ancestors 'none'; base-uri 'none'",
        ),
    );
    response
}
