//! `/auth/…`: signing up, in and out. JSON in, JSON out; what a session holds travels in cookies that no script can read.

mod answer;
mod cookies;
mod routes;
mod second_factor;

use axum::http::{HeaderMap, header};

pub(super) use self::routes::router;
use super::problem::Problem;
use super::{HttpState, origin};
use crate::auth::{AuthError, Authenticated};

/// Who asks, by the `Authorization` header; by the cookie of a session where there is none.
pub(super) async fn authenticate(state: &HttpState, headers: &HeaderMap) -> Result<Authenticated, Problem> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let value = value.to_str().unwrap_or_default();
        return Ok(state.authenticator.authenticate_header(Some(value)).await?);
    }
    let token = cookies::access_token(headers).ok_or(AuthError::Missing)?;
    // A cookie comes by itself, whatever page made the browser ask.
    origin::check_own(headers)?;
    Ok(state.authenticator.authenticate(token).await?)
}
