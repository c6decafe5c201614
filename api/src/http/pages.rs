//! The pages where people come in and see to their account, beside the web app: forms that post JSON to `/auth/…`. A link in a
//! mail changes nothing by being opened: programs that look at mails open them all.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use axum::routing::get;

use super::HttpState;

const PATHS: [&str; 8] =
    ["/sign-in", "/sign-up", "/verify", "/forgot-password", "/reset-password", "/invitation", "/guest", "/account"];

/// Where people link an account at a provider, and come back to from there.
const PROVIDERS: &str = include_str!("pages/providers.html");

/// Pages of their own, and what the pages load, with their types.
const FILES: [(&str, &str, &str); 14] = [
    ("/people.css", "text/css", include_str!("pages/people.css")),
    ("/people.js", "text/javascript", include_str!("pages/people.js")),
    ("/account.js", "text/javascript", include_str!("pages/account.js")),
    ("/dialogs.js", "text/javascript", include_str!("pages/dialogs.js")),
    ("/passkeys.js", "text/javascript", include_str!("pages/passkeys.js")),
    ("/cookies", "text/html", include_str!("pages/cookies.html")),
    ("/cookies.js", "text/javascript", include_str!("pages/cookies.js")),
    ("/providers", "text/html", PROVIDERS),
    ("/providers.js", "text/javascript", include_str!("pages/providers.js")),
    ("/requests.js", "text/javascript", include_str!("pages/requests.js")),
    ("/texts.js", "text/javascript", include_str!("pages/texts.js")),
    ("/texts/de.json", "application/json", include_str!("pages/texts/de.json")),
    ("/texts/et.json", "application/json", include_str!("pages/texts/et.json")),
    ("/texts/es.json", "application/json", include_str!("pages/texts/es.json")),
];

/// The pages with their scripts and styles.
pub(super) fn router() -> Router<HttpState> {
    let files = FILES
        .into_iter()
        .fold(Router::new(), |router, (path, media, text)| router.route(path, get(async move || file(media, text))));
    let files = files.route("/auth/oidc/{provider}/return", get(|| async { file("text/html", PROVIDERS) }));
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
