//! What machines ask about the server: whether it lives, whether it is ready, and its figures.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use domain::ports::Future;

use super::HttpState;

/// Whether requests can be served well: the store answers, the views have caught up with where the log was at start.
pub trait Readiness: Send + Sync {
    /// `Err` says what is still missing.
    fn check(&self) -> Future<'_, Result<(), String>>;
}

/// The process is there. Says nothing more, so that a slow store does not get it restarted.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// Whether to send requests here.
pub(super) async fn ready(State(state): State<HttpState>) -> (StatusCode, String) {
    if state.stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n".to_owned());
    }
    match state.readiness.check().await {
        Ok(()) => (StatusCode::OK, "ready\n".to_owned()),
        Err(missing) => (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {missing}\n")),
    }
}

/// The figures, as Prometheus reads them.
pub(super) async fn metrics(State(state): State<HttpState>) -> Response {
    let mut response = Response::new(Body::from(state.metrics.encode()));
    let open_metrics = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, open_metrics);
    response
}
