//! `/auth/second-factor…`: the second step of a sign-in, and setting up what it asks for.

use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use domain::kernel::{Caller, SessionId};
use serde::Deserialize;
use serde_json::json;

use super::routes::{Asked, answered, let_in, told};
use super::{answer, authenticate, cookies};
use crate::auth::AuthError;
use crate::http::HttpState;
use crate::http::problem::Problem;
use crate::http::request::RequestContext;
use crate::identity::{Enroller, ShowSecondFactor};

/// The paths below `/auth/second-factor`.
pub(super) fn router() -> Router<HttpState> {
    Router::new()
        .route("/", post(show))
        .route("/totp/begin", post(begin))
        .route("/totp/confirm", post(confirm))
        .route("/totp/remove", post(remove))
        .route("/recovery-codes", post(renew_recovery_codes))
}

/// The token of who is not in yet; who is in needs none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begin {
    token: Option<String>,
}

/// The same, with a code of the app.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirm {
    token: Option<String>,
    code: String,
}

/// Once more the password of who is in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WithPassword {
    password: String,
}

async fn show(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    let now = state.authenticator.now();
    answered(&state, &context, request, async |asked: Asked<ShowSecondFactor>| {
        Ok(let_in(&asked.identity.second_factor(asked.said, &asked.came).await?, now))
    })
    .await
}

async fn begin(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<Begin>| {
        let who = match enroller(&state, &asked.headers, asked.said.token).await {
            Ok(who) => who,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        let app = asked.identity.begin_totp(&who, &asked.came).await?;
        let value = json!({ "address": app.address, "key": app.key, "expires": app.expires.to_string() });
        Ok(answer::object(StatusCode::OK, &value))
    })
    .await
}

async fn confirm(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    let now = state.authenticator.now();
    answered(&state, &context, request, async |asked: Asked<Confirm>| {
        let who = match enroller(&state, &asked.headers, asked.said.token).await {
            Ok(who) => who,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        let enrolled = asked.identity.confirm_totp(&who, &asked.said.code, &asked.came).await?;
        let mut value = json!({ "recoveryCodes": enrolled.recovery_codes });
        let Some(signed_in) = enrolled.signed_in else { return Ok(answer::object(StatusCode::OK, &value)) };
        value["session"] = told(&signed_in.tokens);
        let mut response = answer::object(StatusCode::OK, &value);
        cookies::begin(response.headers_mut(), &signed_in, now);
        Ok(response)
    })
    .await
}

async fn remove(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<WithPassword>| {
        let (caller, session) = match member(&state, &asked.headers).await {
            Ok(member) => member,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        asked.identity.remove_totp(&caller, session, asked.said.password, &asked.came).await?;
        Ok(answer::done(StatusCode::OK))
    })
    .await
}

async fn renew_recovery_codes(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<WithPassword>| {
        let (caller, session) = match member(&state, &asked.headers).await {
            Ok(member) => member,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        let password = asked.said.password;
        let codes = asked.identity.renew_recovery_codes(&caller, session, password, &asked.came).await?;
        Ok(answer::object(StatusCode::OK, &json!({ "recoveryCodes": codes })))
    })
    .await
}

/// Who sets a factor up: whose token it is, or who is in.
async fn enroller(state: &HttpState, headers: &HeaderMap, token: Option<String>) -> Result<Enroller, Problem> {
    match token {
        Some(token) => Ok(Enroller::Newcomer(token)),
        None => member(state, headers).await.map(|(caller, session)| Enroller::Member(caller, session)),
    }
}

/// Who is in, by a session.
async fn member(state: &HttpState, headers: &HeaderMap) -> Result<(Caller, SessionId), Problem> {
    let authenticated = authenticate(state, headers).await?;
    let session = authenticated.session.ok_or(AuthError::Ended)?;
    Ok((authenticated.caller, session))
}
