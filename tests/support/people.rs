//! People who sign up, in and out over HTTP, as browsers do: with cookies that they keep.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use api::cookies::TABLE;
use reqwest::{Method, Response};
use serde_json::{Value as Json, json};

use crate::openapi;
use crate::process::Server;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A browser of its own: its cookies, and the network that it comes from.
pub struct Browser {
    url: String,
    address: String,
    /// By their names.
    pub cookies: BTreeMap<String, String>,
    client: reqwest::Client,
}

/// A program that shows a token with each request, as curl does.
pub struct Program {
    url: String,
    /// Where it comes from, as a trusted proxy says.
    pub address: String,
    /// What it shows.
    pub token: String,
    client: reqwest::Client,
}

impl Program {
    /// One that comes from this address, with this token.
    pub fn at(server: &Server, address: &str, token: &str) -> Self {
        let (url, address, token) = (server.url.clone(), address.to_owned(), token.to_owned());
        Self { url, address, token, client: reqwest::Client::new() }
    }

    /// Posts JSON to a path.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn post(&self, path: &str, body: &Json) -> Answer {
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let response = request.header("x-forwarded-for", &self.address).json(body).send().await.expect("an answer");
        let status = response.status().as_u16();
        let body = serde_json::from_slice(&response.bytes().await.expect("its body")).unwrap_or(Json::Null);
        Answer { status, retry_after: None, left: None, body }
    }

    /// Asks GraphQL.
    pub async fn ask(&self, query: &str) -> Answer {
        self.post("/graphql", &json!({ "query": query })).await
    }
}

/// What somebody was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// What the headers say of the caller's allowance: limit, remaining, seconds to the next one.
    pub left: Option<[u32; 3]>,
    /// How long to wait, where that is said.
    pub retry_after: Option<u32>,
    /// The body.
    pub body: Json,
}

impl Answer {
    /// The code of the refusal; empty when it is none.
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }
}

impl Browser {
    /// One that comes from this address, as a trusted proxy says.
    pub fn at(server: &Server, address: &str) -> Self {
        let (url, address) = (server.url.clone(), address.to_owned());
        Self { url, address, cookies: BTreeMap::new(), client: reqwest::Client::new() }
    }

    /// Another one, without cookies, that comes from this address over the same connections.
    #[must_use]
    pub fn another_at(&self, address: &str) -> Self {
        let (url, address, client) = (self.url.clone(), address.to_owned(), self.client.clone());
        Self { url, address, cookies: BTreeMap::new(), client }
    }

    /// The same one, with its cookies, before a server that has taken the place of its own.
    #[must_use]
    pub fn moved_to(self, server: &Server) -> Self {
        Self { url: server.url.clone(), ..self }
    }

    /// Posts JSON to a path.
    ///
    /// # Panics
    /// When there is no answer, or one that the document of the routes does not know.
    pub async fn post(&mut self, path: &str, body: &Json) -> Answer {
        let mut request = self
            .client
            .request(Method::POST, format!("{}{path}", self.url))
            .header("x-forwarded-for", &self.address)
            .header("sec-fetch-site", "same-origin")
            .header("origin", &self.url)
            .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
            .json(body);
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        let response = request.send().await.expect("an answer");
        self.keep(&response);
        let number = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()?.parse().ok());
        let retry_after = number("retry-after");
        let left = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"].map(number);
        let left = left.into_iter().collect::<Option<Vec<u32>>>().and_then(|left| left.try_into().ok());
        let status = response.status().as_u16();
        let answered = serde_json::from_slice(&response.bytes().await.expect("its body")).unwrap_or(Json::Null);
        if path.starts_with("/auth/") {
            openapi::check(path, body, status, &answered);
        }
        Answer { status, left, retry_after, body: answered }
    }

    /// Asks GraphQL with the session's cookie.
    pub async fn ask(&mut self, query: &str) -> Answer {
        self.post("/graphql", &json!({ "query": query })).await
    }

    fn keep(&mut self, response: &Response) {
        for cookie in response.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().expect("text");
            let (pair, attributes) = cookie.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a name");
            let told =
                TABLE.cookies.iter().find(|told| told.name == name).expect("each cookie is in api/src/cookies.rs");
            let lasts = attributes.split(';').find_map(|part| part.trim().strip_prefix("Max-Age=")?.parse().ok());
            assert!(
                lasts.is_some_and(|seconds: i64| seconds <= told.seconds),
                "{cookie} outlives what people are told"
            );
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// The token of the newest mail of this letter to this address, from the outbox, once it is there: mails are written after the answer.
///
/// # Panics
/// When none comes.
pub async fn mailed(server: &Server, to: &str, letter: &str) -> String {
    mailed_after(server, to, letter, "").await
}

/// The same of a mail that comes after one with this token.
///
/// # Panics
/// When none comes.
pub async fn mailed_after(server: &Server, to: &str, letter: &str, former: &str) -> String {
    let begun = Instant::now();
    loop {
        let mails = outbox(server).await;
        let newest = mails.iter().rev().find(|mail| mail["to"] == to && mail["letter"] == letter);
        let link = newest.and_then(|mail| mail["text"].as_str()?.lines().find(|line| line.contains('#')));
        if let Some((_, token)) = link.and_then(|link| link.split_once('#')).filter(|(_, token)| *token != former) {
            return token.to_owned();
        }
        assert!(begun.elapsed() < PATIENCE, "no {letter} to {to} among {mails:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The mails that wait, oldest first.
///
/// # Panics
/// When the outbox is not shown.
pub async fn outbox(server: &Server) -> Vec<Json> {
    let request = reqwest::Client::new().get(format!("{}/outbox", server.url)).header("accept", "application/json");
    let body = request.send().await.expect("an answer").bytes().await.expect("its body");
    serde_json::from_slice(&body).expect("a list of mails")
}
