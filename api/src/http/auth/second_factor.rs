//! `/auth/second-factor…`: the second step of a sign-in, and setting up what it asks for.

use std::net::IpAddr;

use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::kernel::{Caller, SessionId, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{App, Done, Factors, RecoveryCodes, Refusal, Session};
use super::routes::{Asked, Nothing, answered, answered_to_checked, answered_to_member, let_in};
use super::{answer, authenticate, cookies};
use crate::auth::AuthError;
use crate::http::HttpState;
use crate::http::problem::Problem;
use crate::http::request::RequestContext;
use crate::identity::{Enrolled, Enroller, ShowSecondFactor};

/// The paths below `/auth/second-factor`.
pub(super) fn router() -> OpenApiRouter<HttpState> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(list))
        .routes(routes!(begin))
        .routes(routes!(confirm))
        .routes(routes!(remove))
        .routes(routes!(renew_recovery_codes))
}

/// The token of who is not in yet; who is in shows their password once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Begin {
    token: Option<String>,
    password: Option<String>,
}

/// The token of who is not in yet, and a code of the app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirm {
    token: Option<String>,
    code: String,
}

/// Once more the password of who is in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithPassword {
    password: String,
}

/// Takes the second step of a sign-in. A session comes as cookies.
#[utoipa::path(
    post, path = "/", request_body = ShowSecondFactor,
    responses((status = 200, body = Session), (status = "default", body = Refusal)),
)]
async fn show(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<ShowSecondFactor>| {
        Ok(let_in(&asked.identity.second_factor(asked.said, &asked.came).await?, state.authenticator.now()))
    })
    .await
}

/// What is asked of who is in beyond their password.
#[utoipa::path(
    post, path = "/list", request_body = Nothing,
    responses((status = 200, body = Factors), (status = "default", body = Refusal)),
)]
async fn list(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_to_member(&state, &context, request, async |asked: Asked<Nothing>| {
        let (caller, session) = match member(&state, (&asked.headers, asked.came.address)).await {
            Ok(member) => member,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        let own = asked.identity.own_factors(&caller, session).await?;
        Ok(answer::object(StatusCode::OK, &Factors::from(own)))
    })
    .await
}

/// Begins to set an authenticator app up, from a session or an enrolment.
#[utoipa::path(
    post, path = "/totp/begin", request_body = Begin,
    responses((status = 200, body = App), (status = "default", body = Refusal)),
)]
async fn begin(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_to_checked(&state, &context, request, async |asked: Asked<Begin>| {
        let Begin { token, password } = asked.said;
        let who = match enroller(&state, (&asked.headers, asked.came.address), token).await {
            Ok(who) => who,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        let app = asked.identity.begin_totp(&who, password, &asked.came).await?;
        Ok(answer::object(StatusCode::OK, &App::from(app)))
    })
    .await
}

/// Makes the app count, by a code of it. An enrolment gets its session as cookies.
#[utoipa::path(
    post, path = "/totp/confirm", request_body = Confirm,
    responses((status = 200, body = RecoveryCodes), (status = "default", body = Refusal)),
)]
async fn confirm(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_to_member(&state, &context, request, async |asked: Asked<Confirm>| {
        let who = match enroller(&state, (&asked.headers, asked.came.address), asked.said.token).await {
            Ok(who) => who,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        Ok(counts(asked.identity.confirm_totp(&who, &asked.said.code, &asked.came).await?, state.authenticator.now()))
    })
    .await
}

/// What who has one more factor gets.
pub(super) fn counts(enrolled: Enrolled, now: Timestamp) -> Response {
    let session = enrolled.signed_in.as_ref().map(|signed_in| Session::from(&signed_in.tokens));
    let codes = RecoveryCodes { recovery_codes: enrolled.recovery_codes, session };
    let mut response = answer::object(StatusCode::OK, &codes);
    if let Some(signed_in) = &enrolled.signed_in {
        cookies::begin(response.headers_mut(), signed_in, now);
    }
    response
}

/// Takes the app and the recovery codes away.
#[utoipa::path(
    post, path = "/totp/remove", request_body = WithPassword,
    responses((status = 200, body = Done), (status = "default", body = Refusal)),
)]
async fn remove(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_to_checked(&state, &context, request, async |asked: Asked<WithPassword>| {
        let (caller, session) = match member(&state, (&asked.headers, asked.came.address)).await {
            Ok(member) => member,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        asked.identity.remove_totp(&caller, session, asked.said.password, &asked.came).await?;
        Ok(answer::done(StatusCode::OK))
    })
    .await
}

/// Makes other recovery codes; the former ones are of no use.
#[utoipa::path(
    post, path = "/recovery-codes", request_body = WithPassword,
    responses((status = 200, body = RecoveryCodes), (status = "default", body = Refusal)),
)]
async fn renew_recovery_codes(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_to_checked(&state, &context, request, async |asked: Asked<WithPassword>| {
        let (caller, session) = match member(&state, (&asked.headers, asked.came.address)).await {
            Ok(member) => member,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        let password = asked.said.password;
        let recovery_codes = asked.identity.renew_recovery_codes(&caller, session, password, &asked.came).await?;
        Ok(answer::object(StatusCode::OK, &RecoveryCodes { recovery_codes, session: None }))
    })
    .await
}

/// Who sets a factor up: whose token it is, or who is in.
pub(super) async fn enroller(
    state: &HttpState,
    asks: (&HeaderMap, IpAddr),
    token: Option<String>,
) -> Result<Enroller, Problem> {
    match token {
        Some(token) => Ok(Enroller::Newcomer(token)),
        None => member(state, asks).await.map(|(caller, session)| Enroller::Member(caller, session)),
    }
}

/// Who is in, by a session.
pub(super) async fn member(
    state: &HttpState,
    (headers, from): (&HeaderMap, IpAddr),
) -> Result<(Caller, SessionId), Problem> {
    let authenticated = authenticate(state, headers, from).await?;
    let session = authenticated.session.ok_or(AuthError::Ended)?;
    Ok((authenticated.caller, session))
}
