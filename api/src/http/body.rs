//! Bodies: plain JSON only, bounded in bytes and in time.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;

use super::problem::{Code, Problem};
use super::settings::RequestLimits;

/// How much of a body that is too large is read and thrown away, so that the client gets to read the answer.
const DISCARDED_BYTES: usize = 32 << 20;

/// Refuses a body that is not plain JSON in UTF-8. Exactly this type can't be sent across origins without asking.
pub(super) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let encoded = headers.get(header::CONTENT_ENCODING).is_some_and(|value| value != "identity");
    if encoded {
        return Err(Problem::new(Code::UnsupportedMediaType, "send the body without Content-Encoding"));
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = content_type.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    let in_utf8 = parts.all(|part| match part.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    if is_json && in_utf8 {
        Ok(())
    } else {
        Err(Problem::new(Code::UnsupportedMediaType, "send the body as application/json in UTF-8"))
    }
}

/// The whole body, if it is small and comes soon.
pub(super) async fn read(body: Body, limits: &RequestLimits) -> Result<Vec<u8>, Problem> {
    tokio::time::timeout(limits.body_time, collect(body, limits.body_bytes))
        .await
        .unwrap_or_else(|_| Err(Problem::new(Code::RequestTimeout, "the body did not come in time")))
}

async fn collect(body: Body, most: usize) -> Result<Vec<u8>, Problem> {
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk: Bytes = chunk.map_err(|_| Problem::new(Code::BadRequest, "the body is cut off"))?;
        if whole.len() + chunk.len() > most {
            drop(whole);
            let mut discarded = 0;
            while let Some(Ok(chunk)) = chunks.next().await {
                discarded += chunk.len();
                if discarded > DISCARDED_BYTES {
                    break;
                }
            }
            return Err(Problem::new(Code::PayloadTooLarge, format!("a body has at most {most} bytes")));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(content_type: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        require_json(&headers).is_ok()
    }

    #[test]
    fn only_json_in_utf8_is_taken() {
        for good in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            assert!(accepted(good), "{good}");
        }
        for bad in ["text/plain", "application/json; charset=latin1", "multipart/form-data", "application/jsonp", ""] {
            assert!(!accepted(bad), "{bad}");
        }
        assert!(require_json(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_compressed_body_is_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        headers.insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
        assert_eq!(require_json(&headers).unwrap_err().code, Code::UnsupportedMediaType);
    }
}
