//! A client of a running server: GraphQL over HTTP, as any other client speaks it.

use std::time::Duration;

use domain::kernel::TenantId;
use futures_util::Stream;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::import::executor::DoorError;

const CONNECT_TIME: Duration = Duration::from_secs(5);
const ANSWER_TIME: Duration = Duration::from_mins(1);

/// A server and a token for it.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Client {
    /// For the server at this address, such as `http://127.0.0.1:8080`.
    pub fn new(url: &str, token: &str) -> Result<Self, DoorError> {
        let url = format!("{}/graphql", url.trim_end_matches('/').trim_end_matches("/graphql"));
        let http = reqwest::Client::builder().connect_timeout(CONNECT_TIME).build();
        let http = http.map_err(|error| DoorError::Unreachable { url: url.clone(), reason: error.to_string() })?;
        Ok(Self { http, url, token: token.to_owned() })
    }

    /// Executes a query or mutation and gives back its data.
    pub async fn execute(&self, query: &str, variables: Value) -> Result<Value, DoorError> {
        let request = self
            .http
            .post(&self.url)
            .bearer_auth(&self.token)
            .header("accept", "application/graphql-response+json")
            .timeout(ANSWER_TIME)
            .json(&json!({ "query": query, "variables": variables }));
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
        data(status, &body)
    }

    /// Fails when the token is for another workspace than this.
    pub async fn check_tenant(&self, tenant: TenantId) -> Result<(), DoorError> {
        let answer = self.execute("{ viewer { tenantId } }", json!({})).await?;
        if answer.pointer("/viewer/tenantId") == Some(&json!(tenant)) { Ok(()) } else { Err(DoorError::OtherTenant) }
    }

    /// Executes a subscription and gives back the data of each message, until it completes.
    pub async fn subscribe(
        &self,
        query: &str,
        variables: Value,
    ) -> Result<impl Stream<Item = Result<Value, DoorError>> + Send + use<>, DoorError> {
        let request = self
            .http
            .post(&self.url)
            .bearer_auth(&self.token)
            .header("accept", "text/event-stream")
            .json(&json!({ "query": query, "variables": variables }));
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        if !status.is_success() {
            let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
            data(status, &body)?;
            return Err(failed("INTERNAL", &format!("status {status}")));
        }
        let events = Events { client: self.clone(), response, unread: Vec::new(), completed: false };
        Ok(futures_util::stream::unfold(events, |mut events| async move {
            let next = events.next().await?;
            Some((next, events))
        }))
    }

    /// What a broken connection means.
    pub fn unreachable(&self, error: &reqwest::Error) -> DoorError {
        let mut reason = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(deeper) = cause {
            reason = deeper.to_string();
            cause = deeper.source();
        }
        DoorError::Unreachable { url: self.url.clone(), reason }
    }
}

/// The data of an answer, or what its first error means.
pub fn data(status: StatusCode, body: &[u8]) -> Result<Value, DoorError> {
    if status == StatusCode::UNAUTHORIZED {
        return Err(DoorError::Unauthenticated);
    }
    let Ok(mut answer) = serde_json::from_slice::<Value>(body) else {
        return Err(failed("INTERNAL", &format!("status {status}, and no JSON: is that a Kilter server?")));
    };
    match answer.pointer("/errors/0") {
        Some(error) => Err(meaning(error)),
        None => Ok(answer["data"].take()),
    }
}

/// What a GraphQL error means.
pub fn meaning(error: &Value) -> DoorError {
    let code = error.pointer("/extensions/code").and_then(Value::as_str).unwrap_or("INTERNAL");
    let message = error["message"].as_str().unwrap_or("no reason given");
    match code {
        "UNAUTHENTICATED" => DoorError::Unauthenticated,
        _ => failed(code, message),
    }
}

fn failed(code: &str, message: &str) -> DoorError {
    DoorError::Failed { code: code.to_owned(), message: message.to_owned() }
}

/// Server-sent events as they come in.
struct Events {
    client: Client,
    response: reqwest::Response,
    unread: Vec<u8>,
    completed: bool,
}

impl Events {
    /// The data of the next message; `None` after the last one.
    async fn next(&mut self) -> Option<Result<Value, DoorError>> {
        while !self.completed {
            while let Some(event) = self.take_event() {
                match event.name.as_str() {
                    "complete" => {
                        self.completed = true;
                        return None;
                    }
                    "next" => return Some(data(StatusCode::OK, event.data.as_bytes())),
                    _ => {}
                }
            }
            match self.response.chunk().await {
                Ok(Some(bytes)) => self.unread.extend_from_slice(&bytes),
                outcome => {
                    self.completed = true;
                    return Some(Err(match outcome {
                        Err(error) => self.client.unreachable(&error),
                        Ok(_) => failed("UNAVAILABLE", "the server ended the stream before it was complete"),
                    }));
                }
            }
        }
        None
    }

    /// The first whole event among what was read.
    fn take_event(&mut self) -> Option<ServerSent> {
        let end = self.unread.windows(2).position(|pair| pair == b"\n\n")?;
        let block: Vec<u8> = self.unread.drain(..end + 2).collect();
        let mut event = ServerSent { name: "message".to_owned(), data: String::new() };
        for line in String::from_utf8_lossy(&block).lines() {
            if let Some(name) = line.strip_prefix("event:") {
                name.trim().clone_into(&mut event.name);
            } else if let Some(data) = line.strip_prefix("data:") {
                event.data.push_str(data.trim_start());
            }
        }
        Some(event)
    }
}

struct ServerSent {
    name: String,
    data: String,
}
