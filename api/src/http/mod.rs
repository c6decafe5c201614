//! The HTTP edge: everything between the network and the GraphQL engine.
//!
//! `/graphql` takes POST, GET, WebSocket and server-sent events; [`auth`](crate::auth) says who asks, [`guard`] what a
//! document may cost, [`live`] how subscriptions are shared.

mod address;
mod auth;
mod body;
mod connections;
mod edge;
pub mod engine;
mod execute;
mod feed;
mod graphql;
pub mod guard;
pub mod health;
mod landing;
pub mod limits;
pub mod live;
mod origin;
mod outbox;
mod pages;
pub mod problem;
pub mod request;
pub mod respond;
pub mod settings;
mod socket;
mod sse;
pub mod web;

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use axum::{Json, Router};
use domain::kernel::Caller;
use domain::ports::{IdSource, Position};
use infra::telemetry::Metrics;
use infra::vault::windows::SharedWindows;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use tower_http::compression::CompressionLayer;

use crate::auth::Authenticator;
use crate::feeds::Calendars;
use crate::identity::{Identity, Refused};
use engine::Engine;
use health::Readiness;
use limits::Limits;
use live::Groups;
use settings::HttpSettings;
use web::WebApp;

/// What the edge is made of.
pub struct HttpParts {
    /// The schema.
    pub engine: Arc<dyn Engine>,
    /// Who asks.
    pub authenticator: Authenticator,
    /// Where people come in; `None` where nobody can sign in.
    pub identity: Option<Arc<Identity>>,
    /// What calendar feeds are told from; `None` where there are none.
    pub calendars: Option<Calendars>,
    /// Stops what runs beside the requests when it is dropped.
    pub beside: Option<DropGuard>,
    /// Where nodes share how much callers have asked; `None` where there is one node.
    pub windows: Option<Arc<dyn SharedWindows>>,
    /// Request ids.
    pub ids: Arc<dyn IdSource>,
    /// Whether we are ready.
    pub readiness: Arc<dyn Readiness>,
    /// The figures.
    pub metrics: Metrics,
    /// Where the live views are.
    pub position: Box<dyn Fn() -> Position + Send + Sync>,
    /// The web app.
    pub web: WebApp,
    /// Limits.
    pub settings: HttpSettings,
}

/// The parts with what runs on them; clones share it.
#[derive(Clone)]
pub struct HttpState(Arc<Shared>);

/// What the handlers share.
pub struct Shared {
    parts: HttpParts,
    groups: Groups,
    limits: Limits,
    stopping: CancellationToken,
    sockets: TaskTracker,
}

impl HttpState {
    /// Over these parts.
    pub fn new(parts: HttpParts) -> Self {
        let groups = Groups::new(parts.settings.live.clone());
        let limits = Limits::new(parts.settings.rates, parts.windows.clone());
        let (stopping, sockets) = (CancellationToken::new(), TaskTracker::new());
        Self(Arc::new(Shared { parts, groups, limits, stopping, sockets }))
    }

    /// The address of a page that lets one browser in as the caller, once.
    pub async fn guest_link(&self, caller: &Caller, called: (&str, &str)) -> Result<String, Refused> {
        let nobody = || Refused::Unavailable("nobody signs in here".to_owned());
        self.identity.as_ref().ok_or_else(nobody)?.guest_link(caller, called).await
    }

    /// The shared executions that run.
    pub fn groups(&self) -> &Groups {
        &self.0.groups
    }
}

impl Deref for HttpState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Deref for Shared {
    type Target = HttpParts;

    fn deref(&self) -> &HttpParts {
        &self.parts
    }
}

/// What `/openapi.json` says: the routes where people come in, with what they take and answer.
pub fn openapi() -> utoipa::openapi::OpenApi {
    auth::router().1
}

/// Everything that is served.
pub fn router(state: HttpState) -> Router {
    let (auth, document) = auth::router();
    Router::new()
        .route("/graphql", any(graphql::handle))
        .merge(auth)
        .route("/openapi.json", get(async move || Json(document)))
        .merge(pages::router())
        .route("/calendar/{file}", get(feed::calendar))
        .route("/outbox", get(outbox::page))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .layer(CompressionLayer::new())
        // Compressed when it was built.
        .route("/", get(web::home))
        .fallback(web::elsewhere)
        .layer(from_fn_with_state(state.clone(), edge::around))
        .with_state(state)
}

/// Serves until `shutdown` comes true, then lets what is open end: sockets are told where to resume and closed with
/// 1001, requests are answered. What has not ended within the drain time is cut off.
pub async fn serve(listener: TcpListener, state: HttpState, shutdown: impl Future<Output = ()>) {
    let stopping = state.stopping.clone();
    let sockets = state.sockets.clone();
    let drain_time = state.settings.requests.drain_time;
    let limits = state.settings.connections.clone();
    let ended = async {
        connections::serve(listener, router(state), &limits, stopping.clone()).await;
        sockets.close();
        sockets.wait().await;
    };
    let cut_off = async {
        shutdown.await;
        stopping.cancel();
        tokio::time::sleep(drain_time).await;
    };
    tokio::select! {
        () = ended => {}
        () = cut_off => {}
    }
}

/// Whether plain HTTP may be served at this address: on loopback always, elsewhere only when that was configured,
/// because tokens would travel in the clear.
pub fn may_serve_plain(address: IpAddr, allowed: bool) -> bool {
    allowed || address.is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_loopback_unless_configured() {
        let [loopback, v6, lan]: [IpAddr; 3] = ["127.0.0.1", "::1", "192.168.1.5"].map(|text| text.parse().unwrap());
        assert!(may_serve_plain(loopback, false) && may_serve_plain(v6, false));
        assert!(!may_serve_plain(lan, false) && !may_serve_plain("0.0.0.0".parse().unwrap(), false));
        assert!(may_serve_plain(lan, true));
    }
}
