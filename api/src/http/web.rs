//! The web app, from the binary: files with hashed names are kept by browsers for good, the page itself never, for each answer with it has
//! a number of its own that lets its styles in. Addresses of the app's screens are all the same page.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::{HttpState, edge, landing};

include!(concat!(env!("OUT_DIR"), "/web_files.rs"));

const PAGE: &str = "/index.html";
/// What the build writes where the number of the answer belongs.
const NONCE: &str = "KILTER-NONCE";
const NONCE_BYTES: usize = 16;
/// Files below here are called after what is in them.
const HASHED: &str = "/assets/";
/// What lets the terminal be loaded without network. What it may fetch is told with itself, not with the page.
const WORKER: &str = "/terminal-worker.js";
const WORKER_POLICY: &str = "default-src 'none'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The screen that reads codes by camera: what reads them is WebAssembly, which no other screen may run. No script becomes more by it.
const TERMINAL: &str = "/terminal";
/// What programs ask for: no screen of the app is there.
const NOT_OURS: [&str; 6] = ["/graphql", "/auth", "/assets", "/metrics", "/outbox", "/calendar"];

/// Below this a dot is part of a job's number, and no file's name.
const JOBS: &str = "/jobs/";

/// One file in the codings that it was built in, best first.
#[derive(Debug, Default)]
struct File {
    plain: &'static [u8],
    packed: Vec<(&'static str, &'static [u8])>,
    etag: String,
}

/// The built app; nothing where it was not built.
#[derive(Debug, Clone, Default)]
pub struct WebApp(Arc<HashMap<&'static str, File>>);

impl WebApp {
    /// What this binary was built with.
    pub fn built_in() -> Self {
        Self::of(BUILT)
    }

    /// These files, by the paths that they are served at; `.br` and `.gz` are the same in another coding.
    pub fn of(files: &[(&'static str, &'static [u8])]) -> Self {
        let mut served: HashMap<&'static str, File> = HashMap::new();
        for (path, bytes) in files {
            let packed = [("br", path.strip_suffix(".br")), ("gzip", path.strip_suffix(".gz"))];
            if let Some((coding, plain)) = packed.into_iter().find_map(|(coding, plain)| Some((coding, plain?))) {
                served.entry(plain).or_default().packed.push((coding, bytes));
            } else {
                let file = served.entry(path).or_default();
                file.plain = bytes;
                file.etag = format!("\"{}\"", STANDARD.encode(Sha256::digest(bytes)));
            }
        }
        for file in served.values_mut() {
            file.packed.sort_unstable_by_key(|(coding, _)| *coding);
        }
        Self(Arc::new(served))
    }

    fn file(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let file = self.0.get(path).filter(|file| path != PAGE && !file.etag.is_empty())?;
        let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let mut response = if known.is_some_and(|known| known.split(',').any(|tag| tag.trim() == file.etag)) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            packed(file, headers)
        };
        let kept = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
        let answer = response.headers_mut();
        answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(media(path)));
        answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
        answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if path == WORKER {
            answer.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(WORKER_POLICY));
        }
        if let Ok(etag) = HeaderValue::from_str(&file.etag) {
            answer.insert(header::ETAG, etag);
        }
        Some(response)
    }

    /// The page of every screen, with a number of its own; what it may do depends on the screen that is asked for.
    fn page(&self, path: &str) -> Option<Response> {
        let text = std::str::from_utf8(self.0.get(PAGE)?.plain).ok()?;
        let mut random = [0; NONCE_BYTES];
        getrandom::fill(&mut random).ok()?;
        let nonce = STANDARD.encode(random);
        let also = if path == TERMINAL { " 'wasm-unsafe-eval'" } else { "" };
        let policy = format!(
            "default-src 'none'; script-src 'self'{also}; style-src 'self' 'nonce-{nonce}'; font-src 'self'; \
             img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'"
        );
        let mut response = Response::new(Body::from(text.replace(NONCE, &nonce)));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).ok()?);
        headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
        Some(response)
    }
}

/// `/`: the app, or what to do about it where it is not built in.
pub(super) async fn home(State(state): State<HttpState>) -> Response {
    state.web.page("/").unwrap_or_else(landing::page)
}

/// For every path that has no route: a file of the app, its page for who looks at a screen, else nothing.
pub(super) async fn elsewhere(State(state): State<HttpState>, request: Request) -> Response {
    let path = request.uri().path();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return edge::not_found();
    }
    let found = state.web.file(path, request.headers());
    let found = found.or_else(|| is_screen(path, request.headers()).then(|| state.web.page(path)).flatten());
    found.unwrap_or_else(edge::not_found)
}

/// Whether somebody looks at this path in a browser, and it may be a screen: not the API's, and no file.
fn is_screen(path: &str, headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_below = |rest: &str| rest.is_empty() || rest.starts_with('/');
    let is_ours = !NOT_OURS.iter().any(|one| path.strip_prefix(*one).is_some_and(is_below));
    is_ours && accepts.contains("text/html") && (path.starts_with(JOBS) || !path.contains('.'))
}

fn packed(file: &File, headers: &HeaderMap) -> Response {
    for (coding, bytes) in &file.packed {
        if takes(headers, coding) {
            let mut response = Response::new(Body::from(*bytes));
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
            return response;
        }
    }
    Response::new(Body::from(file.plain))
}

/// Whether this coding may be sent: named, or meant by `*`, and not with a quality of nothing.
fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let ranges = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let qualities = ranges.flat_map(|value| value.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next()?;
        let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        Some((name.eq_ignore_ascii_case(coding), name == "*", quality))
    });
    let mut any = 0.0_f32;
    for (named, star, quality) in qualities {
        if named {
            return quality > 0.0;
        }
        if star {
            any = quality;
        }
    }
    any > 0.0
}

fn media(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}
