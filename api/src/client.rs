//! A client of a running server: GraphQL over HTTP, as any other client speaks it.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::import::executor::DoorError;

const CONNECT_TIME: Duration = Duration::from_secs(5);
const ANSWER_TIME: Duration = Duration::from_secs(60);

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

    /// Executes a subscription; what comes back is read as server-sent events.
    pub async fn subscribe(&self, query: &str, variables: Value) -> Result<reqwest::Response, DoorError> {
        let request = self
            .http
            .post(&self.url)
            .bearer_auth(&self.token)
            .header("accept", "text/event-stream")
            .json(&json!({ "query": query, "variables": variables }));
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = response.bytes().await.map_err(|error| self.unreachable(&error))?;
        data(status, &body).and_then(|_| Err(failed("INTERNAL", &format!("status {status}"))))
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
