//! `/auth/providers` and `/auth/oidc/…`: to a provider and back, and linking an account there.

use axum::Json;
use axum::extract::{Extension, Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Done, Entered, Refusal};
use super::routes::{Asked, answered};
use super::second_factor::member;
use super::{answer, cookies};
use crate::http::HttpState;
use crate::http::request::RequestContext;
use crate::identity::{Arrival, Arrived, BackFromProvider, Departure, Entrance, Refused};

/// The paths below `/auth`.
pub(super) fn router() -> OpenApiRouter<HttpState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(begin))
        .routes(routes!(finish))
        .routes(routes!(link))
        .routes(routes!(unlink))
}

/// A provider that people may sign in with.
#[derive(Serialize, ToSchema)]
struct ProviderSeen {
    /// What it is called in addresses.
    id: String,
    /// What stands on its button.
    name: String,
}

/// Whether the device is to be remembered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Begin {
    #[serde(default)]
    remember: bool,
}

/// Once more the password of who is in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WithPassword {
    password: String,
}

/// Where the browser is to go.
#[derive(Serialize, ToSchema)]
struct Onward {
    /// The provider's page.
    url: String,
    /// Until when it may come back.
    #[schema(format = DateTime)]
    expires: String,
}

/// What became of coming back.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Back {
    /// A sign-in, as far as it led.
    Entered(Entered),
    /// The account is linked.
    Linked {
        /// The provider.
        linked: String,
    },
}

/// The providers that people may sign in with.
#[utoipa::path(get, path = "/providers", responses((status = 200, body = [ProviderSeen])))]
async fn list(State(state): State<HttpState>) -> Json<Vec<ProviderSeen>> {
    let all = state.identity.iter().flat_map(|identity| identity.providers.all());
    Json(all.map(|provider| ProviderSeen { id: provider.id().to_owned(), name: provider.name().to_owned() }).collect())
}

/// Sends the browser to a provider, to sign in. Only this browser can come back.
#[utoipa::path(
    post, path = "/oidc/{provider}/begin", request_body = Begin, params(("provider" = String, Path)),
    responses((status = 200, body = Onward), (status = "default", body = Refusal)),
)]
async fn begin(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    Path(provider): Path<String>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<Begin>| {
        Ok(onward(&state, &asked.identity.go_to_provider(&provider, asked.said.remember).await?))
    })
    .await
}

/// Takes up what the browser brought back to `/auth/oidc/{provider}/return`. A session comes as cookies.
#[utoipa::path(
    post, path = "/oidc/{provider}/finish", request_body = BackFromProvider, params(("provider" = String, Path)),
    responses((status = 200, body = Back), (status = "default", body = Refusal)),
)]
async fn finish(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    Path(provider): Path<String>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<BackFromProvider>| {
        let member = member(&state, (&asked.headers, asked.came.address)).await.ok();
        let remembered = cookies::provider(&asked.headers);
        let arrival = Arrival { provider: &provider, said: asked.said, remembered, member };
        let arrived = asked.identity.come_back(arrival, &asked.came).await?;
        let back = match &arrived {
            Arrived::Entrance(entrance) => Back::Entered(Entered::from(entrance)),
            Arrived::Linked => Back::Linked { linked: provider.clone() },
        };
        let mut response = answer::object(StatusCode::OK, &back);
        cookies::arrive(response.headers_mut());
        if let Arrived::Entrance(Entrance::In(signed_in)) = &arrived {
            cookies::begin(response.headers_mut(), signed_in, state.authenticator.now());
        }
        Ok::<_, Refused>(response)
    })
    .await
}

/// Sends the browser to a provider, to link an account there to the one that is in.
#[utoipa::path(
    post, path = "/oidc/{provider}/link", request_body = WithPassword, params(("provider" = String, Path)),
    responses((status = 200, body = Onward), (status = "default", body = Refusal)),
)]
async fn link(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    Path(provider): Path<String>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<WithPassword>| {
        let (caller, session) = match member(&state, (&asked.headers, asked.came.address)).await {
            Ok(member) => member,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        let (identity, password) = (&asked.identity, asked.said.password);
        let departure = identity.go_to_link((&caller, session), &provider, password, &asked.came).await?;
        Ok(onward(&state, &departure))
    })
    .await
}

/// Takes the link to a provider away.
#[utoipa::path(
    post, path = "/oidc/{provider}/unlink", request_body = WithPassword, params(("provider" = String, Path)),
    responses((status = 200, body = Done), (status = "default", body = Refusal)),
)]
async fn unlink(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    Path(provider): Path<String>,
    request: Request,
) -> Response {
    answered(&state, &context, request, async |asked: Asked<WithPassword>| {
        let (caller, session) = match member(&state, (&asked.headers, asked.came.address)).await {
            Ok(member) => member,
            Err(problem) => return Ok(answer::problem(&problem)),
        };
        let (identity, password) = (&asked.identity, asked.said.password);
        identity.unlink_provider((&caller, session), &provider, password, &asked.came).await?;
        Ok(answer::done(StatusCode::OK))
    })
    .await
}

fn onward(state: &HttpState, departure: &Departure) -> Response {
    let onward = Onward { url: departure.url.clone(), expires: departure.expires.to_string() };
    let mut response = answer::object(StatusCode::OK, &onward);
    cookies::depart(response.headers_mut(), departure, state.authenticator.now());
    response
}
