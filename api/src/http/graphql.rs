//! GraphQL over HTTP: one request, one answer, or a stream of server-sent events where the client accepts that.
//!
//! Written after the GraphQL-over-HTTP specification and its audit suite. The stock handlers execute mutations sent as
//! text/plain, multipart or by GET, which browsers send across origins without asking.

use async_graphql::parser::types::OperationType;
use axum::body::Body;
use axum::extract::{Extension, FromRequestParts, Request, State, WebSocketUpgrade};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use super::live::Asked;
use super::problem::{Code, Problem};
use super::request::{Parameters, RequestContext};
use super::respond::{self, Media};
use super::{HttpState, auth, body, origin, socket, sse};
use crate::auth::Authenticated;

/// Everything at `/graphql`.
pub(super) async fn handle(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    if *request.method() == Method::OPTIONS {
        return origin::preflight(&state.settings, request.headers());
    }
    if let Err(problem) = origin::check(&state.settings, request.headers()) {
        return respond::refusal(&problem, Media::Json);
    }
    let allowed_origin = origin::allowed(&state.settings, request.headers());
    let mut response = if is_upgrade(request.headers()) {
        let (mut parts, _) = request.into_parts();
        match WebSocketUpgrade::from_request_parts(&mut parts, &state).await {
            Ok(upgrade) => socket::upgrade(state, context, &parts, upgrade).await,
            Err(_) => respond::refusal(&Problem::new(Code::BadRequest, "not a good WebSocket handshake"), Media::Json),
        }
    } else {
        let media = Media::negotiate(request.headers());
        let answered = match media {
            None => Err(Problem::new(
                Code::NotAcceptable,
                "we serve application/graphql-response+json, application/json and text/event-stream",
            )),
            Some(media) => answer(&state, context, request, media).await,
        };
        answered.unwrap_or_else(|problem| respond::refusal(&problem, media.unwrap_or(Media::Json)))
    };
    if let Some(origin) = allowed_origin {
        origin::allow(response.headers_mut(), origin);
    }
    response
}

fn is_upgrade(headers: &HeaderMap) -> bool {
    headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

async fn answer(
    state: &HttpState,
    context: RequestContext,
    request: Request,
    media: Media,
) -> Result<Response, Problem> {
    let by_get = match *request.method() {
        Method::GET => true,
        Method::POST => false,
        _ => return Ok(method_not_allowed("GET, POST, OPTIONS", media)),
    };
    let authenticated = auth::authenticate(state, request.headers(), context.address).await?;
    let parameters = if by_get {
        Parameters::from_query_string(request.uri().query().unwrap_or_default())?
    } else {
        body::require_json(request.headers())?;
        Parameters::from_json(&body::read(request.into_body(), &state.settings.requests).await?)?
    };
    let asked = state.prepare(parameters, &authenticated, context).await?;
    let left = asked.left;
    let answered = run(state, asked, &authenticated, (by_get, media)).await;
    let mut response = answered.map_err(|problem| problem.with_left(left))?;
    if let Some(left) = left {
        left.tell(response.headers_mut());
    }
    Ok(response)
}

async fn run(
    state: &HttpState,
    asked: Asked,
    authenticated: &Authenticated,
    (by_get, media): (bool, Media),
) -> Result<Response, Problem> {
    if by_get && asked.checked.kind == OperationType::Mutation {
        return Ok(method_not_allowed("POST", media));
    }
    if media == Media::EventStream {
        return Ok(sse::stream(state, asked, authenticated));
    }
    if asked.checked.kind == OperationType::Subscription {
        return Err(Problem::new(
            Code::NeedsStream,
            "subscribe over WebSocket (graphql-transport-ws), or accept text/event-stream",
        ));
    }
    Ok(respond::answer(&state.execute(&asked).await, media))
}

fn method_not_allowed(allow: &'static str, media: Media) -> Response<Body> {
    let mut response =
        respond::refusal(&Problem::new(Code::MethodNotAllowed, "this is not served by this method"), media);
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}
