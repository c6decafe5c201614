//! `/auth/…`: signing up, in and out. JSON in, JSON out; what a session holds travels in cookies that no script can read.

mod answer;
mod cookies;
mod passkeys;
mod providers;
mod qr_code;
mod routes;
mod second_factor;
mod terminal;

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use axum::{Json, Router};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use super::{HttpState, origin};
use crate::auth::{AuthError, Authenticated};
use crate::cookies::{CookieTable, TABLE};

/// What the document says of all of it.
#[derive(OpenApi)]
#[openapi(info(
    title = "Kilter: signing in and out",
    description = "Small JSON objects by POST. A session travels in cookies; everything else is GraphQL.",
))]
struct Document;

/// The routes, and the document of them.
pub(super) fn router() -> (Router<HttpState>, utoipa::openapi::OpenApi) {
    let whole = OpenApiRouter::with_openapi(Document::openapi());
    whole.nest("/auth", routes::router()).routes(routes!(cookie_table)).split_for_parts()
}

/// Tells what Kilter keeps in a browser, for how long and what for.
#[utoipa::path(get, path = "/cookies.json", responses((status = 200, body = CookieTable)))]
async fn cookie_table() -> Json<CookieTable> {
    Json(TABLE)
}

/// Who asks from there, by the `Authorization` header; by the cookie of a session where there is none.
pub(super) async fn authenticate(
    state: &HttpState,
    headers: &HeaderMap,
    from: IpAddr,
) -> Result<Authenticated, Problem> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let value = value.to_str().unwrap_or_default();
        return Ok(state.authenticator.authenticate_header(value, from).await?);
    }
    let token = cookies::access_token(headers).ok_or(AuthError::Missing)?;
    // A cookie comes by itself, whatever page made the browser ask.
    origin::check_own(headers)?;
    Ok(state.authenticator.authenticate_cookie(token, cookies::terminal(headers), from).await?)
}
