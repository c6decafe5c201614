//! The routes themselves. Each takes a small JSON object by POST from a page of ours or from a program, never from a foreign page.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use domain::kernel::{ActorId, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Done, Entered, Invitation, Refusal, Session};
use super::{answer, authenticate, cookies, passkeys, providers, second_factor, terminal};
use crate::http::address::client_address;
use crate::http::limits::Left;
use crate::http::problem::{Code, Problem};
use crate::http::request::RequestContext;
use crate::http::{HttpState, body, origin};
use crate::identity::{
    AcceptInvitation, Came, ClientDescription, Entrance, Identity, Refused, SignIn, SignUp, SignedIn,
};

/// The paths below `/auth`.
pub(super) fn router() -> OpenApiRouter<HttpState> {
    OpenApiRouter::new()
        .routes(routes!(sign_up))
        .routes(routes!(verify))
        .routes(routes!(resend))
        .routes(routes!(sign_in))
        .routes(routes!(enter_sample))
        .nest("/second-factor", second_factor::router())
        .merge(providers::router())
        .nest("/passkeys", passkeys::router())
        .nest("/terminal", terminal::router())
        .routes(routes!(refresh))
        .routes(routes!(sign_out))
        .routes(routes!(forgot))
        .routes(routes!(reset))
        .routes(routes!(see_invitation))
        .routes(routes!(accept_invitation))
}

/// A token that came in a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithToken {
    token: String,
}

/// An address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithEmail {
    email: String,
}

/// A token that came in a link, and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TokenAndPassword {
    token: String,
    password: String,
}

/// Nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// A request that was let through to what it asks.
pub(super) struct Asked<T> {
    pub(super) identity: Arc<Identity>,
    pub(super) came: Came,
    pub(super) headers: HeaderMap,
    pub(super) said: T,
}

/// Signs a company and its first admin up. Answers alike whether or not the address has an account: the mail tells.
#[utoipa::path(
    post, path = "/sign-up", request_body = SignUp,
    responses((status = 202, body = Done), (status = "default", body = Refusal)),
)]
async fn sign_up(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<SignUp>| {
        asked.identity.sign_up(asked.said).await?;
        Ok(answer::done(StatusCode::ACCEPTED))
    })
    .await
}

/// Proves the address of a sign-up by the token of the link: the company is there.
#[utoipa::path(
    post, path = "/verify", request_body = TokenAndPassword,
    responses((status = 200, body = Done), (status = "default", body = Refusal)),
)]
async fn verify(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<TokenAndPassword>| {
        asked.identity.verify(&asked.said.token, asked.said.password).await?;
        Ok(answer::done(StatusCode::OK))
    })
    .await
}

/// Sends the link of a sign-up once more, if one waits.
#[utoipa::path(
    post, path = "/resend", request_body = WithEmail,
    responses((status = 202, body = Done), (status = "default", body = Refusal)),
)]
async fn resend(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<WithEmail>| {
        asked.identity.resend_verification(&asked.said.email)?;
        Ok(answer::done(StatusCode::ACCEPTED))
    })
    .await
}

/// Signs in with a password. A session comes as cookies.
#[utoipa::path(
    post, path = "/sign-in", request_body = SignIn,
    responses((status = 200, body = Entered), (status = "default", body = Refusal)),
)]
async fn sign_in(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<SignIn>| {
        let entrance = asked.identity.sign_in(asked.said, &asked.came).await?;
        let mut response = answer::object(StatusCode::OK, &Entered::from(&entrance));
        if let Entrance::In(signed_in) = &entrance {
            cookies::begin(response.headers_mut(), signed_in, state.authenticator.now());
        }
        Ok(response)
    })
    .await
}

/// Lets the guest of the sample company in by the token of the link that `kilter demo` printed. A session comes as cookies.
#[utoipa::path(
    post, path = "/guest", request_body = WithToken,
    responses((status = 200, body = Entered), (status = "default", body = Refusal)),
)]
async fn enter_sample(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<WithToken>| {
        let entrance = asked.identity.let_guest_in(&asked.said.token, &asked.came).await?;
        let mut response = answer::object(StatusCode::OK, &Entered::from(&entrance));
        if let Entrance::In(signed_in) = &entrance {
            cookies::begin(response.headers_mut(), signed_in, state.authenticator.now());
        }
        Ok(response)
    })
    .await
}

/// Gives the next tokens of the session of the cookie.
#[utoipa::path(
    post, path = "/refresh", request_body = Nothing,
    responses((status = 200, body = Session), (status = "default", body = Refusal)),
)]
async fn refresh(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_in_session(&state, &context, request, async |asked: Asked<Nothing>| {
        let token = cookies::refresh_token(&asked.headers).ok_or(Refused::Session)?;
        let tokens = asked.identity.refresh(token, &asked.came).await?;
        let mut response = answer::object(StatusCode::OK, &Session::from(&tokens));
        cookies::give(response.headers_mut(), &tokens, state.authenticator.now());
        Ok(response)
    })
    .await
}

/// Ends the session of the cookie, if there is one.
#[utoipa::path(
    post, path = "/sign-out", request_body = Nothing,
    responses((status = 200, body = Done), (status = "default", body = Refusal)),
)]
async fn sign_out(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_in_session(&state, &context, request, async |asked: Asked<Nothing>| {
        if let Some(token) = cookies::refresh_token(&asked.headers) {
            asked.identity.sign_out(token).await?;
        }
        let mut response = answer::done(StatusCode::OK);
        cookies::take(response.headers_mut());
        Ok(response)
    })
    .await
}

/// Mails a link to set a new password, if somebody has the address.
#[utoipa::path(
    post, path = "/forgot", request_body = WithEmail,
    responses((status = 202, body = Done), (status = "default", body = Refusal)),
)]
async fn forgot(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<WithEmail>| {
        asked.identity.forgot(&asked.said.email)?;
        Ok(answer::done(StatusCode::ACCEPTED))
    })
    .await
}

/// Sets a new password by the token of the link; all sessions end.
#[utoipa::path(
    post, path = "/reset", request_body = TokenAndPassword,
    responses((status = 200, body = Done), (status = "default", body = Refusal)),
)]
async fn reset(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<TokenAndPassword>| {
        asked.identity.reset(&asked.said.token, asked.said.password).await?;
        Ok(answer::done(StatusCode::OK))
    })
    .await
}

/// Shows an invitation to who opens its link.
#[utoipa::path(
    post, path = "/invitations/see", request_body = WithToken,
    responses((status = 200, body = Invitation), (status = "default", body = Refusal)),
)]
async fn see_invitation(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<WithToken>| {
        let seen = asked.identity.see_invitation(&asked.said.token).await?;
        Ok(answer::object(StatusCode::OK, &Invitation::from(seen)))
    })
    .await
}

/// Accepts an invitation: they are a member.
#[utoipa::path(
    post, path = "/invitations/accept", request_body = AcceptInvitation,
    responses((status = 200, body = Done), (status = "default", body = Refusal)),
)]
async fn accept_invitation(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<AcceptInvitation>| {
        asked.identity.accept_invitation(asked.said).await?;
        Ok(answer::done(StatusCode::OK))
    })
    .await
}

/// Hands a session out that begins.
pub(super) fn let_in(signed_in: &SignedIn, now: Timestamp) -> Response {
    let mut response = answer::object(StatusCode::OK, &Session::from(&signed_in.tokens));
    cookies::begin(response.headers_mut(), signed_in, now);
    response
}

/// Lets a request through to what it asks, and answers it. Counted by the network that it comes from.
pub(super) async fn answered<T: DeserializeOwned>(
    state: &HttpState,
    context: &RequestContext,
    request: Request,
    ask: impl AsyncFnOnce(Asked<T>) -> Result<Response, Refused>,
) -> Response {
    match admit(state, request) {
        Ok(admitted) => {
            let left = state.limits.charge_entry(&admitted.came, state.authenticator.now()).await;
            answer_admitted(state, context, (admitted, left), ask).await
        }
        Err(problem) => answer::problem(&problem),
    }
}

/// The same for who has a refresh token. Counted by its session, if it is one: many who share a network do not take it from each other.
async fn answered_in_session<T: DeserializeOwned>(
    state: &HttpState,
    context: &RequestContext,
    request: Request,
    ask: impl AsyncFnOnce(Asked<T>) -> Result<Response, Refused>,
) -> Response {
    let admitted = match admit(state, request) {
        Ok(admitted) => admitted,
        Err(problem) => return answer::problem(&problem),
    };
    let session = match cookies::refresh_token(&admitted.parts.headers) {
        Some(token) => admitted.identity.proven(token).await,
        None => Ok(None),
    };
    let now = state.authenticator.now();
    let left = match session {
        Ok(Some(session)) => state.limits.charge_session(session, now).await,
        Ok(None) => state.limits.charge_entry(&admitted.came, now).await,
        Err(refused) => return answer::refused(&refused, context),
    };
    answer_admitted(state, context, (admitted, left), ask).await
}

/// The same for who is in. Counted as what they ask GraphQL is: whoever manages their factors asks more often than whoever signs in.
pub(super) async fn answered_to_member<T: DeserializeOwned>(
    state: &HttpState,
    context: &RequestContext,
    request: Request,
    ask: impl AsyncFnOnce(Asked<T>) -> Result<Response, Refused>,
) -> Response {
    answered_within(state, (context, false), request, ask).await
}

/// The same for who is in and shows a password or a code once more: the check is work as at a sign-in, and counted as seldom.
pub(super) async fn answered_to_checked<T: DeserializeOwned>(
    state: &HttpState,
    context: &RequestContext,
    request: Request,
    ask: impl AsyncFnOnce(Asked<T>) -> Result<Response, Refused>,
) -> Response {
    answered_within(state, (context, true), request, ask).await
}

async fn answered_within<T: DeserializeOwned>(
    state: &HttpState,
    (context, is_checked): (&RequestContext, bool),
    request: Request,
    ask: impl AsyncFnOnce(Asked<T>) -> Result<Response, Refused>,
) -> Response {
    let admitted = match admit(state, request) {
        Ok(admitted) => admitted,
        Err(problem) => return answer::problem(&problem),
    };
    let now = state.authenticator.now();
    let left = match authenticate(state, &admitted.parts.headers, admitted.came.address).await {
        Ok(member) => {
            let of = (member.caller.tenant, member.caller.actor);
            if is_checked {
                state.limits.charge_checks(of, 1, now).await
            } else {
                state.limits.charge_fields(of, 1, now).await
            }
        }
        Err(_) => state.limits.charge_entry(&admitted.came, now).await,
    };
    answer_admitted(state, context, (admitted, left), ask).await
}

/// The same for a terminal. Counted by itself: the tablets of a shop share a network, and must not take it from each other.
pub(super) async fn answered_at_terminal<T: DeserializeOwned>(
    state: &HttpState,
    context: &RequestContext,
    request: Request,
    ask: impl AsyncFnOnce(Asked<T>) -> Result<Response, Refused>,
) -> Response {
    let admitted = match admit(state, request) {
        Ok(admitted) => admitted,
        Err(problem) => return answer::problem(&problem),
    };
    let now = state.authenticator.now();
    let left = match admitted.identity.terminal(cookies::terminal(&admitted.parts.headers), &admitted.came).await {
        Ok(at) => state.limits.charge_fields((at.tenant, ActorId(at.id.0)), 1, now).await,
        Err(_) => state.limits.charge_entry(&admitted.came, now).await,
    };
    answer_admitted(state, context, (admitted, left), ask).await
}

async fn answer_admitted<T: DeserializeOwned>(
    state: &HttpState,
    context: &RequestContext,
    (admitted, left): (Admitted, Result<Left, Problem>),
    ask: impl AsyncFnOnce(Asked<T>) -> Result<Response, Refused>,
) -> Response {
    let left = match left {
        Ok(left) => left,
        Err(problem) => return answer::problem(&problem),
    };
    let mut response = match admitted.read(state).await {
        Err(problem) => answer::problem(&problem),
        Ok(asked) => match ask(asked).await {
            Ok(response) => response,
            Err(refused) => answer::refused(&refused, context),
        },
    };
    left.tell(response.headers_mut());
    response
}

/// A request from a page of ours or a program, not yet counted or read.
struct Admitted {
    identity: Arc<Identity>,
    came: Came,
    parts: Parts,
    content: Body,
}

fn admit(state: &HttpState, request: Request) -> Result<Admitted, Problem> {
    let nothing = || Problem::new(Code::NotFound, "nobody can sign in here");
    let identity = state.identity.clone().ok_or_else(nothing)?;
    origin::check_own(request.headers())?;
    body::require_json(request.headers())?;
    let (parts, content) = request.into_parts();
    let address = client_address(&parts.extensions, &parts.headers, &state.settings.trusted_proxies);
    let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let came = Came {
        address,
        client: ClientDescription::of(agent),
        device: cookies::device(&parts.headers).map(str::to_owned),
    };
    Ok(Admitted { identity, came, parts, content })
}

impl Admitted {
    async fn read<T: DeserializeOwned>(self, state: &HttpState) -> Result<Asked<T>, Problem> {
        let Self { identity, came, parts, content } = self;
        let content = body::read(content, &state.settings.requests).await?;
        // serde would take a list for an object.
        let is_object = content.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        let said = if is_object {
            serde_json::from_slice(&content).map_err(|error| explain(&error))
        } else {
            Err(no_object())
        };
        Ok(Asked { identity, came, headers: parts.headers, said: said? })
    }
}

fn no_object() -> Problem {
    Problem::new(Code::BadRequest, "the body is not a JSON object")
}

/// Where it is wrong, without what was sent: it may be a password.
fn explain(error: &serde_json::Error) -> Problem {
    let what = match error.classify() {
        serde_json::error::Category::Data => "the body has not the fields that it must have, or others",
        _ => "the body is not JSON",
    };
    Problem::new(Code::BadRequest, what)
        .with("line", error.line().to_string())
        .with("column", error.column().to_string())
}
