//! `GET /calendar/<secret>.ics`: a calendar feed. Whoever has the address reads it; what is unknown, revoked or not for this network is
//! answered like any path at which nothing is.

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::kernel::ActorId;
use sha2::{Digest, Sha256};

use super::problem::{Code, Problem};
use super::request::RequestContext;
use super::respond::{self, Media};
use super::{HttpState, edge};
use crate::identity::{Came, ClientDescription};

/// For how long an app need not ask again, seconds.
const CACHE: &str = "private, max-age=300";
/// What a calendar costs of what one feed may ask in a minute: of 150, so 15 a minute.
const COST: u32 = 10;

/// The calendar.
pub(super) async fn calendar(
    State(state): State<HttpState>,
    Extension(context): Extension<RequestContext>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    match answer(&state, &context, &file, &headers).await {
        Ok(Some(response)) => response,
        Ok(None) => edge::not_found(),
        Err(problem) => respond::refusal(&problem, Media::Json),
    }
}

async fn answer(
    state: &HttpState,
    context: &RequestContext,
    file: &str,
    headers: &HeaderMap,
) -> Result<Option<Response>, Problem> {
    // The address is not in what is logged.
    let broken = |error: String| {
        tracing::error!(event = "feed.not_told", request_id = %context.request_id, error);
        Problem::new(Code::Unavailable, "the calendar can't be told right now")
    };
    let (Some(identity), Some(calendars)) = (&state.identity, &state.calendars) else { return Ok(None) };
    let now = state.authenticator.now();
    let came = Came { address: context.address, client: ClientDescription::default(), device: None };
    // Counted by itself: an app that goes on asking for what was revoked keeps nobody of its network from signing in.
    state.limits.charge_feeds(&came, now).await?;
    let Some(secret) = file.strip_suffix(".ics") else { return Ok(None) };
    let found = identity.find_feed(secret, context.address).await.map_err(|error| broken(error.to_string()))?;
    let Some(found) = found else { return Ok(None) };
    state.limits.charge_fields((found.tenant, ActorId(found.id.0)), COST, now).await?;
    let text = calendars.tell(found.tenant, &found.feed, now).await.map_err(|error| broken(error.to_string()))?;
    Ok(text.map(|text| told(text, headers)))
}

/// The calendar, or that it is as the app has it. The tag is a weak one: the answer may be compressed on its way.
fn told(text: String, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(text.as_bytes())[..16]));
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|known| known.to_str().ok());
    let is_known = known
        .flat_map(|known| known.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag);
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(text) });
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        let media = HeaderValue::from_static("text/calendar; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, media);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE));
    if let Ok(tag) = HeaderValue::from_str(&format!("W/{tag}")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(known: &[&'static str]) -> Response {
        let mut headers = HeaderMap::new();
        for tag in known {
            headers.append(header::IF_NONE_MATCH, HeaderValue::from_static(tag));
        }
        told("BEGIN:VCALENDAR\r\n".to_owned(), &headers)
    }

    #[test]
    fn what_an_app_has_is_not_sent_again() {
        let first = asked(&[]);
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()["cache-control"], "private, max-age=300");
        let tag: &'static str = first.headers()["etag"].to_str().unwrap().to_owned().leak();
        let strong: &'static str = &tag[2..];
        for known in
            [vec![tag], vec![strong], vec!["*"], vec!["\"other\"", tag], vec!["\"other\", ".to_owned().leak(), tag]]
        {
            assert_eq!(asked(&known).status(), StatusCode::NOT_MODIFIED, "{known:?}");
        }
        for known in [vec![], vec!["\"other\""], vec!["W/"], vec![""]] {
            assert_eq!(asked(&known).status(), StatusCode::OK, "{known:?}");
        }
    }
}
