//! The routes themselves. Each takes a small JSON object by POST from a page of ours or from a program, never from a foreign page.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use domain::kernel::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{answer, cookies, second_factor};
use crate::http::address::client_address;
use crate::http::problem::{Code, Problem};
use crate::http::request::RequestContext;
use crate::http::{HttpState, body, origin};
use crate::identity::{
    AcceptInvitation, Came, ClientDescription, Entrance, Identity, Refused, Renewed, SignIn, SignUp, SignedIn,
};

/// The paths below `/auth`.
pub(in crate::http) fn router() -> Router<HttpState> {
    Router::new()
        .route("/sign-up", post(sign_up))
        .route("/verify", post(verify))
        .route("/resend", post(resend))
        .route("/sign-in", post(sign_in))
        .nest("/second-factor", second_factor::router())
        .route("/refresh", post(refresh))
        .route("/sign-out", post(sign_out))
        .route("/forgot", post(forgot))
        .route("/reset", post(reset))
        .route("/invitations/see", post(see_invitation))
        .route("/invitations/accept", post(accept_invitation))
}

/// A token that came in a link.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithToken {
    token: String,
}

/// An address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithEmail {
    email: String,
}

/// A token that came in a link, and a password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenAndPassword {
    token: String,
    password: String,
}

/// Nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// A request that was let through to what it asks.
pub(super) struct Asked<T> {
    pub(super) identity: Arc<Identity>,
    pub(super) came: Came,
    pub(super) headers: HeaderMap,
    pub(super) said: T,
}

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

async fn resend(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<WithEmail>| {
        asked.identity.resend_verification(&asked.said.email).await?;
        Ok(answer::done(StatusCode::ACCEPTED))
    })
    .await
}

async fn sign_in(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    let now = state.authenticator.now();
    answered(&state, &context, request, async |asked: Asked<SignIn>| {
        Ok(match asked.identity.sign_in(asked.said, &asked.came).await? {
            Entrance::In(signed_in) => let_in(&signed_in, now),
            Entrance::SecondFactor(step) => {
                let (mut value, methods) = (answer::step(&step), ["totp", "recoveryCode"]);
                value["methods"] = json!(methods);
                answer::object(StatusCode::OK, &json!({ "secondFactor": value }))
            }
            Entrance::Enrolment(step) => answer::object(StatusCode::OK, &json!({ "enrolment": answer::step(&step) })),
        })
    })
    .await
}

async fn refresh(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    let now = state.authenticator.now();
    answered(&state, &context, request, async |asked: Asked<Nothing>| {
        let token = cookies::refresh_token(&asked.headers).ok_or(Refused::Session)?;
        let tokens = asked.identity.refresh(token, &asked.came).await?;
        let mut response = answer::object(StatusCode::OK, &told(&tokens));
        cookies::give(response.headers_mut(), &tokens, now);
        Ok(response)
    })
    .await
}

async fn sign_out(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<Nothing>| {
        if let Some(token) = cookies::refresh_token(&asked.headers) {
            asked.identity.sign_out(token).await?;
        }
        let mut response = answer::done(StatusCode::OK);
        cookies::take(response.headers_mut());
        Ok(response)
    })
    .await
}

async fn forgot(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<WithEmail>| {
        asked.identity.forgot(&asked.said.email).await?;
        Ok(answer::done(StatusCode::ACCEPTED))
    })
    .await
}

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

async fn see_invitation(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<WithToken>| {
        let seen = asked.identity.see_invitation(&asked.said.token).await?;
        let value = json!({
            "company": seen.company, "role": seen.role.as_str(), "email": seen.email, "expires": seen.expires.to_string(),
        });
        Ok(answer::object(StatusCode::OK, &value))
    })
    .await
}

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

/// What a page may know of the session that it has.
pub(super) fn told(tokens: &Renewed) -> Value {
    json!({
        "tenantId": tokens.caller.tenant.to_string(),
        "actorId": tokens.caller.actor.to_string(),
        "role": tokens.caller.role.as_str(),
        "expires": tokens.access_ends.to_string(),
    })
}

/// Hands a session out that begins.
pub(super) fn let_in(signed_in: &SignedIn, now: Timestamp) -> Response {
    let mut response = answer::object(StatusCode::OK, &told(&signed_in.tokens));
    cookies::begin(response.headers_mut(), signed_in, now);
    response
}

/// Lets a request through to what it asks, and answers it.
pub(super) async fn answered<T: DeserializeOwned>(
    state: &HttpState,
    context: &RequestContext,
    request: Request,
    ask: impl AsyncFnOnce(Asked<T>) -> Result<Response, Refused>,
) -> Response {
    match let_through(state, request).await {
        Err(problem) => answer::problem(&problem),
        Ok(asked) => match ask(asked).await {
            Ok(response) => response,
            Err(refused) => answer::refused(&refused, context),
        },
    }
}

async fn let_through<T: DeserializeOwned>(state: &HttpState, request: Request) -> Result<Asked<T>, Problem> {
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
    state.limits.charge_entry(came.network(), state.authenticator.now())?;
    let content = body::read(content, &state.settings.requests).await?;
    // serde would take a list for an object.
    let is_object = content.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let said =
        if is_object { serde_json::from_slice(&content).map_err(|error| explain(&error)) } else { Err(no_object()) };
    Ok(Asked { identity, came, headers: parts.headers, said: said? })
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
