//! The page at `/outbox`: mails that wait while no mail server is configured, for who develops or tries Kilter on this machine.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use infra::mail::KeptMail;
use serde_json::{Value, json};

use super::HttpState;
use super::address::Peer;
use super::problem::{Code, Problem};
use super::respond::{self, Media};

/// Mails shown at once.
const SHOWN: usize = 100;

/// The page; as JSON for who accepts only that.
pub(super) async fn page(State(state): State<HttpState>, request: Request) -> Response {
    let headers = request.headers();
    let is_here = request.extensions().get::<Peer>().is_some_and(|peer| peer.0.to_canonical().is_loopback());
    let identity = state.identity.as_ref().filter(|identity| identity.shows_outbox);
    // What a proxy brings comes from elsewhere, and a foreign name for this machine is that of a page that wants to read along.
    let is_ours = !headers.contains_key("x-forwarded-for") && headers.get(header::HOST).is_some_and(is_this_machine);
    let Some(identity) = identity.filter(|_| is_here && is_ours) else {
        return super::edge::not_found();
    };
    match identity.outbox.list(state.authenticator.now(), SHOWN).await {
        Ok(mails) if wants_json(headers) => answer("application/json; charset=utf-8", as_json(&mails).to_string()),
        Ok(mails) => answer("text/html; charset=utf-8", as_html(&mails)),
        Err(error) => {
            tracing::error!(event = "outbox.not_read", %error);
            respond::refusal(&Problem::new(Code::Unavailable, "the outbox can't be read right now"), Media::Json)
        }
    }
}

fn is_this_machine(host: &HeaderValue) -> bool {
    let host = host.to_str().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

fn wants_json(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).is_some_and(|accept| accept == "application/json")
}

fn answer(content_type: &'static str, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
    );
    response
}

fn as_json(mails: &[KeptMail]) -> Value {
    let of = |mail: &KeptMail| {
        json!({
            "to": mail.to.as_str(), "letter": mail.letter, "subject": mail.subject.as_str(), "text": mail.text,
            "queuedAt": mail.queued_at.to_string(),
        })
    };
    mails.iter().map(of).collect()
}

fn as_html(mails: &[KeptMail]) -> String {
    let of = |mail: &KeptMail| {
        format!(
            "<article><h2>{}</h2><p>to {} · {}</p><pre>{}</pre></article>",
            escaped(mail.subject.as_str()),
            escaped(mail.to.as_str()),
            mail.queued_at,
            linked(&mail.text),
        )
    };
    let listed: String = mails.iter().map(of).collect();
    let nothing = if mails.is_empty() { "<p>No mail waits.</p>" } else { "" };
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Outbox · Kilter</title><style>\
         body{{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1d2733}}\
         article{{border:1px solid #c9d3de;border-radius:8px;padding:0 1rem;margin:1rem 0}}h2{{font-size:1rem}}\
         pre{{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}}p{{color:#4a5a6a}}</style></head><body>\
         <h1>Outbox</h1><p>No mail server is configured (<code>mail_smtp</code>), so mails wait here. Only this machine sees \
         the page.</p>{nothing}{listed}</body></html>"
    )
}

/// The text with its links to follow: each stands on a line by itself.
fn linked(text: &str) -> String {
    let line = |line: &str| {
        let shown = escaped(line);
        let is_link = line.starts_with("http://") || line.starts_with("https://");
        if is_link { format!("<a href=\"{shown}\">{shown}</a>") } else { shown }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_typed_is_text_and_links_can_be_followed() {
        assert_eq!(
            linked("<b>\nhttps://a.example/#\"t"),
            "&lt;b&gt;\n<a href=\"https://a.example/#&quot;t\">https://a.example/#&quot;t</a>"
        );
    }
}
