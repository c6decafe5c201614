//! Every route of `/auth/…` that the document names, with whatever anybody may send to it.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use tests::openapi::{Route, routes};
use tests::people::{Answer, Browser, outbox};
use tests::process::Server;

use super::identity::{PASSWORD, serve};

/// A value that fits this field, as far as one can fit that proves nothing.
fn fitting(field: &str, schema: &Json) -> Json {
    match (field, schema["type"].as_str()) {
        ("email", _) => json!("nobody@example.com"),
        ("password", _) => json!(PASSWORD),
        ("timeZone", _) => json!("Europe/Tallinn"),
        (_, Some("boolean")) => json!(true),
        (_, Some("object")) => json!({}),
        _ => json!("x"),
    }
}

fn fields(route: &Route) -> Map<String, Json> {
    route.takes["properties"].as_object().cloned().unwrap_or_default()
}

fn required(route: &Route) -> Vec<String> {
    serde_json::from_value(route.takes["required"].clone()).unwrap_or_default()
}

/// A body that has what it must have.
fn whole(route: &Route) -> Map<String, Json> {
    let fields = fields(route);
    required(route).into_iter().map(|name| (name.clone(), fitting(&name, &fields[&name]))).collect()
}

/// Somebody new each time, from a network that nobody came from before.
struct Strangers<'a> {
    server: &'a Server,
    came: u16,
}

impl Strangers<'_> {
    async fn send(&mut self, route: &Route, body: &Json) -> Answer {
        self.came += 1;
        let [high, low] = self.came.to_be_bytes();
        let path = route.path.replace(['{', '}'], "");
        Browser::at(self.server, &format!("100.{high}.{low}.1")).post(&path, body).await
    }
}

fn of_another_type(schema: &Json) -> Vec<Json> {
    let is_text =
        schema["type"] == "string" || schema["type"].as_array().is_some_and(|types| types.contains(&json!("string")));
    let mut others = vec![json!(7), json!([]), json!(["x"])];
    if is_text {
        others.extend([json!(true), json!({ "x": "y" })]);
    }
    others
}

#[tokio::test]
async fn every_route_says_what_is_wrong_with_a_body_and_does_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut strangers = Strangers { server: &server, came: 0 };
    for route in routes() {
        let mut bad = vec![json!([]), json!("x"), json!(null)];
        let with = |name: &str, value: Json| {
            let mut body = whole(&route);
            body.insert(name.to_owned(), value);
            Json::Object(body)
        };
        bad.push(with("isAdmin", json!(true)));
        for name in required(&route) {
            let mut body = whole(&route);
            body.remove(&name);
            bad.push(Json::Object(body));
            bad.push(with(&name, Json::Null));
        }
        for (name, schema) in fields(&route) {
            bad.extend(of_another_type(&schema).into_iter().map(|value| with(&name, value)));
        }
        for body in bad {
            let answer = strangers.send(&route, &body).await;
            assert_eq!((answer.status, answer.code()), (400, "BAD_REQUEST"), "{} {body}: {answer:?}", route.path);
        }
    }
    assert!(outbox(&server).await.is_empty());
}

#[tokio::test]
async fn every_route_outlives_hostile_texts() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut strangers = Strangers { server: &server, came: 0 };
    let hostile = [
        String::new(),
        " ".repeat(300),
        "\u{0}\u{1}\u{7f}".to_owned(),
        "x".repeat(60_000),
        "\u{202e}\u{200b}\u{feff}".to_owned(),
        "a@example.com\r\nBcc: thief@example.com".to_owned(),
        "'; DROP TABLE secrets; --".to_owned(),
        "<script>alert(1)</script>".to_owned(),
        "../../../etc/passwd".to_owned(),
        "\u{1f4a3}".repeat(100),
    ];
    let mut seen: BTreeMap<u16, usize> = BTreeMap::new();
    for route in routes() {
        for name in fields(&route).keys().filter(|name| !matches!(name.as_str(), "remember")) {
            for text in &hostile {
                let mut body = whole(&route);
                body.insert(name.clone(), json!(text));
                let answer = strangers.send(&route, &Json::Object(body)).await;
                assert!(answer.status < 500, "{} {name} {text:.40}: {answer:?}", route.path);
                let told = answer.body.to_string();
                assert!(told.len() < 1_000, "{} repeats a lot: {told}", route.path);
                let is_secret = ["password", "token", "code", "recoveryCode"].contains(&name.as_str());
                assert!(
                    !is_secret || text.len() < 20 || !told.contains(text.as_str()),
                    "{} tells it: {told}",
                    route.path
                );
                *seen.entry(answer.status).or_default() += 1;
            }
        }
    }
    assert!(seen.values().sum::<usize>() > 100, "{seen:?}");
    let stolen = outbox(&server).await.into_iter().filter(|mail| mail.to_string().contains("thief")).count();
    assert_eq!(stolen, 0);
}

#[tokio::test]
async fn every_route_is_for_our_own_pages_and_by_post_only() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let client = reqwest::Client::new();
    for (number, route) in routes().into_iter().enumerate() {
        let url = format!("{}{}", server.url, route.path);
        let body = Json::Object(whole(&route)).to_string();
        for (header, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
            let request = client.post(&url).header("content-type", "application/json").header(header, value);
            let request = request.header("x-forwarded-for", format!("100.0.{number}.1")).body(body.clone());
            assert_eq!(request.send().await.expect("an answer").status().as_u16(), 403, "{} {header}", route.path);
        }
        for form in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let request = client.post(&url).header("content-type", form).body(body.clone());
            let request = request.header("x-forwarded-for", format!("100.1.{number}.1"));
            assert_eq!(request.send().await.expect("an answer").status().as_u16(), 415, "{} {form}", route.path);
        }
        assert_eq!(client.get(&url).send().await.expect("an answer").status().as_u16(), 405, "{}", route.path);
    }
    assert!(outbox(&server).await.is_empty());
}

#[tokio::test]
async fn the_document_is_served() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let answer = reqwest::get(format!("{}/openapi.json", server.url)).await.expect("an answer");
    let served: Json = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
    assert_eq!(served, json!(api::http::openapi()));
    assert!(served["paths"]["/auth/sign-in"]["post"].is_object() && served["openapi"] == "3.1.0");
}
