//! `/auth/passkeys/…`: adding passkeys, taking them away, and signing in with them. What `options` holds goes to the browser's own call
//! (`PublicKeyCredential.parseCreationOptionsFromJSON`, `parseRequestOptionsFromJSON`), what that gives comes back as `credential`.

use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::kernel::PasskeyId;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use webauthn_rs::prelude::RegisterPublicKeyCredential;

use super::answer::{self, Begun, Done, RecoveryCodes, Refusal, Session};
use super::routes::{Asked, answered, answered_to_checked, answered_to_member, let_in};
use super::second_factor::{counts, enroller, member};
use crate::http::HttpState;
use crate::http::request::RequestContext;
use crate::identity::{Again, NewPasskey, RemovePasskey, ShowPasskey};

/// The paths below `/auth/passkeys`.
pub(super) fn router() -> OpenApiRouter<HttpState> {
    OpenApiRouter::new()
        .routes(routes!(begin_adding))
        .routes(routes!(confirm))
        .routes(routes!(remove))
        .routes(routes!(begin_showing))
        .routes(routes!(finish))
}

/// The token of who is not in yet; who is in shows once more who they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BeginAdding {
    token: Option<String>,
    password: Option<String>,
    code: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Confirm {
    token: Option<String>,
    ceremony: String,
    label: String,
    #[schema(value_type = Object)]
    credential: RegisterPublicKeyCredential,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Remove {
    #[schema(value_type = String)]
    passkey: Uuid,
    password: Option<String>,
    code: Option<String>,
}

/// The token that a password gave, where there was one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BeginShowing {
    token: Option<String>,
}

/// Begins to add a passkey, from a session with the password or a code of the app, or from an enrolment.
#[utoipa::path(
    post, path = "/add/begin", request_body = BeginAdding,
    responses((status = 200, body = Begun), (status = "default", body = Refusal)),
)]
async fn begin_adding(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_to_checked(&state, &context, request, async |asked: Asked<BeginAdding>| {
        let BeginAdding { token, password, code } = asked.said;
        let who = match enroller(&state, (&asked.headers, asked.came.address), token).await {
            Ok(who) => who,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        let ceremony = asked.identity.begin_passkey(&who, Again { password, code }, &asked.came).await?;
        Ok(answer::object(StatusCode::OK, &Begun::from(ceremony)))
    })
    .await
}

/// Makes the passkey count. Who has no recovery codes gets some; an enrolment gets its session as cookies.
#[utoipa::path(
    post, path = "/add/confirm", request_body = Confirm,
    responses((status = 200, body = RecoveryCodes), (status = "default", body = Refusal)),
)]
async fn confirm(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_to_member(&state, &context, request, async |asked: Asked<Confirm>| {
        let Confirm { token, ceremony, label, credential } = asked.said;
        let who = match enroller(&state, (&asked.headers, asked.came.address), token).await {
            Ok(who) => who,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        let new = NewPasskey { ceremony, label, credential };
        Ok(counts(asked.identity.confirm_passkey(&who, new, &asked.came).await?, state.authenticator.now()))
    })
    .await
}

/// Takes a passkey away.
#[utoipa::path(
    post, path = "/remove", request_body = Remove,
    responses((status = 200, body = Done), (status = "default", body = Refusal)),
)]
async fn remove(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered_to_checked(&state, &context, request, async |asked: Asked<Remove>| {
        let (caller, session) = match member(&state, (&asked.headers, asked.came.address)).await {
            Ok(member) => member,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        let Remove { passkey, password, code } = asked.said;
        let remove = RemovePasskey { passkey: PasskeyId(passkey), again: Again { password, code } };
        asked.identity.remove_passkey(&caller, session, remove, &asked.came).await?;
        Ok(answer::done(StatusCode::OK))
    })
    .await
}

/// Begins to sign in with a passkey, alone or after a password.
#[utoipa::path(
    post, path = "/sign-in/begin", request_body = BeginShowing,
    responses((status = 200, body = Begun), (status = "default", body = Refusal)),
)]
async fn begin_showing(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<BeginShowing>| {
        let ceremony = asked.identity.begin_showing_passkey(asked.said.token.as_deref(), &asked.came).await?;
        Ok(answer::object(StatusCode::OK, &Begun::from(ceremony)))
    })
    .await
}

/// Signs in with a passkey. A session comes as cookies.
#[utoipa::path(
    post, path = "/sign-in/finish", request_body = ShowPasskey,
    responses((status = 200, body = Session), (status = "default", body = Refusal)),
)]
async fn finish(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<ShowPasskey>| {
        Ok(let_in(&asked.identity.show_passkey(asked.said, &asked.came).await?, state.authenticator.now()))
    })
    .await
}
