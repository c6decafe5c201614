//! GraphQL over WebSocket: queries, mutations and subscriptions by graphql-transport-ws.

mod operations;
mod protocol;
mod session;

use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;

use super::connections::Writes;
use super::problem::{Code, Problem};
use super::request::RequestContext;
use super::respond::{self, Media};
use super::{HttpState, auth};
use protocol::{Close, SUBPROTOCOL};

/// Small buffers: most sockets are idle most of the time, and there are many.
const READ_BUFFER_BYTES: usize = 4 << 10;
/// What is written at once: a batch of small messages is one call to the system. It is taken only once there are any.
const WRITE_BUFFER_BYTES: usize = 16 << 10;

/// Answers the handshake. A token may come in its header; else it comes in `connection_init`.
pub(super) async fn upgrade(
    state: HttpState,
    context: RequestContext,
    request: &Parts,
    upgrade: WebSocketUpgrade,
) -> Response {
    if state.sockets.len() >= state.settings.sockets.sockets {
        let problem = Problem::new(Code::Unavailable, "too many sockets are open; try again later");
        return respond::refusal(&problem, Media::Json);
    }
    let authenticated = match auth::authenticate(&state, &request.headers, context.address).await {
        Ok(authenticated) => Some(authenticated),
        // Browsers show a refused handshake to nobody: who has only a cookie learns by the close code.
        Err(_) if !request.headers.contains_key(header::AUTHORIZATION) => None,
        Err(problem) => return respond::refusal(&problem, Media::Json),
    };
    let limit = state.settings.sockets.message_bytes;
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(limit)
        .max_frame_size(limit)
        .protocols([SUBPROTOCOL]);
    let writes = request.extensions.get::<Writes>().cloned().unwrap_or_default();
    let tracker = state.sockets.clone();
    upgrade.on_upgrade(move |socket| {
        writes.hand_over();
        tracker.track_future(serve(state, context, socket, authenticated))
    })
}

async fn serve(
    state: HttpState,
    context: RequestContext,
    mut socket: WebSocket,
    authenticated: Option<crate::auth::Authenticated>,
) {
    let _counted_until_dropped = state.metrics.open_socket();
    if socket.protocol().is_none() {
        // The handshake can't tell it: browsers show a refused handshake to nobody.
        let _ = socket.send(Close::SUBPROTOCOL.to_message()).await;
        return;
    }
    session::Session::new(state, context, socket, authenticated).run().await;
}
