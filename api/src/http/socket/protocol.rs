//! The messages and close codes of graphql-transport-ws.

use axum::extract::ws::{CloseFrame, Message};
use serde::Deserialize;

use crate::http::request::Parameters;

/// The subprotocol, exactly.
pub(super) const SUBPROTOCOL: &str = "graphql-transport-ws";
/// An operation's id is repeated in every message of it.
const MAX_ID_BYTES: usize = 128;

/// Why a socket is closed. The reason is for people; the code is the protocol's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: &'static str,
}

impl Close {
    pub(super) const BAD_REQUEST: Self = Self { code: 4400, reason: "Invalid message received" };
    pub(super) const UNAUTHORIZED: Self = Self { code: 4401, reason: "Unauthorized" };
    /// The session was ended, or what its owner is has changed.
    pub(super) const ENDED: Self = Self { code: 4401, reason: "Session ended" };
    pub(super) const FORBIDDEN: Self = Self { code: 4403, reason: "Forbidden" };
    pub(super) const EXPIRED: Self = Self { code: 4403, reason: "Token expired" };
    pub(super) const SUBPROTOCOL: Self = Self { code: 4406, reason: "Subprotocol not acceptable" };
    pub(super) const INIT_TIMEOUT: Self = Self { code: 4408, reason: "Connection initialisation timeout" };
    pub(super) const DUPLICATE: Self = Self { code: 4409, reason: "Subscriber for this id already exists" };
    pub(super) const TOO_MANY_INITS: Self = Self { code: 4429, reason: "Too many initialisation requests" };
    pub(super) const STOPPING: Self = Self { code: 1001, reason: "The server is stopping" };
    pub(super) const SILENT: Self = Self { code: 1001, reason: "No answer to pings" };
    pub(super) const TOO_MANY_MESSAGES: Self = Self { code: 1008, reason: "Too many messages" };
    pub(super) const SLOW: Self = Self { code: 1013, reason: "Too slow: resume later" };
    pub(super) const UNAVAILABLE: Self = Self { code: 1013, reason: "Not now: try again later" };

    pub(super) fn to_message(&self) -> Message {
        Message::Close(Some(CloseFrame { code: self.code, reason: self.reason.into() }))
    }
}

/// What a client sends.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum FromClient {
    ConnectionInit {
        #[serde(default)]
        payload: Option<serde_json::Map<String, serde_json::Value>>,
    },
    Ping {
        #[serde(default)]
        payload: Option<serde_json::Map<String, serde_json::Value>>,
    },
    Pong {
        #[serde(default, rename = "payload")]
        _payload: Option<serde_json::Map<String, serde_json::Value>>,
    },
    Subscribe {
        id: String,
        payload: Parameters,
    },
    Complete {
        id: String,
    },
}

impl FromClient {
    /// Reads a text frame; anything that is not exactly a message of the protocol is refused.
    pub(super) fn parse(text: &str) -> Result<Self, Close> {
        let message: Self = serde_json::from_str(text).map_err(|_| Close::BAD_REQUEST)?;
        match &message {
            Self::Subscribe { id, .. } | Self::Complete { id } if id.is_empty() || id.len() > MAX_ID_BYTES => {
                Err(Close::BAD_REQUEST)
            }
            _ => Ok(message),
        }
    }
}

pub(super) fn ack() -> Message {
    Message::text(r#"{"type":"connection_ack"}"#)
}

/// With the position up to which everything is sent: a client learns of progress also when nothing concerns it.
pub(super) fn ping(position: u64) -> Message {
    Message::text(format!(r#"{{"type":"ping","payload":{{"position":"{position}"}}}}"#))
}

/// Before the server stops: where each subscription resumes.
pub(super) fn farewell<'a>(cursors: impl Iterator<Item = (&'a str, u64)>) -> Message {
    let cursors: serde_json::Map<_, _> =
        cursors.map(|(id, position)| (id.to_owned(), serde_json::Value::from(position.to_string()))).collect();
    let message = serde_json::json!({"type": "ping", "payload": {"stopping": true, "resumeCursors": cursors}});
    Message::text(message.to_string())
}

pub(super) fn pong(payload: Option<serde_json::Map<String, serde_json::Value>>) -> Message {
    let mut message = serde_json::json!({"type": "pong"});
    if let Some(payload) = payload {
        message["payload"] = serde_json::Value::Object(payload);
    }
    Message::text(message.to_string())
}

/// `payload` is the JSON text of a response.
pub(super) fn next(id: &str, payload: &str) -> Message {
    with_payload(id, "next", payload)
}

/// `errors` is the JSON text of a list of errors.
pub(super) fn error(id: &str, errors: &str) -> Message {
    with_payload(id, "error", errors)
}

pub(super) fn complete(id: &str) -> Message {
    Message::text(format!(r#"{{"id":{},"type":"complete"}}"#, quoted(id)))
}

fn with_payload(id: &str, kind: &str, payload: &str) -> Message {
    let id = quoted(id);
    let mut text = String::with_capacity(id.len() + payload.len() + 40);
    for part in [r#"{"id":"#, &id, r#","type":""#, kind, r#"","payload":"#, payload, "}"] {
        text.push_str(part);
    }
    Message::text(text)
}

fn quoted(id: &str) -> String {
    serde_json::Value::from(id).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_message_of_the_protocol_is_refused() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"type":"start"}"#,
            r#"{"type":"subscribe"}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":7,"payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":7}}"#,
            r#"{"type":"connection_init","payload":"token"}"#,
            r#"{"type":"complete"}"#,
        ] {
            assert_eq!(FromClient::parse(text).unwrap_err(), Close::BAD_REQUEST, "{text}");
        }
        assert!(FromClient::parse(&format!(r#"{{"type":"complete","id":"{}"}}"#, "x".repeat(129))).is_err());
    }

    #[test]
    fn an_id_is_quoted_as_json() {
        let Message::Text(text) = next("a\"\n", "{}") else { panic!("not text") };
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((json["id"].as_str(), json["type"].as_str()), (Some("a\"\n"), Some("next")));
    }
}
