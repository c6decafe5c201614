//! Several nodes over one PostgreSQL server, each a process of its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tests::edge::{PATIENCE, Socket};
use tests::eventstoredb::StandIn;
use tests::postgres_server::{PostgresServer, Stop};
use tests::process::{Server, kilter};
use tokio::task::JoinSet;
use uuid::Uuid;

const CREATE: &str = r#"mutation($code: String!, $id: UUID!) {
    createWorkCenter(input: { code: $code, name: "Milling", commandId: $id }) {
        revision position appended userErrors { code field message }
    }
}"#;
const FOLLOW: &str = "subscription($after: Position) {
    activityAppended(after: $after) { kind cursor entry { position } }
}";

/// A server, and folders of the nodes that share it.
pub(crate) struct Plant {
    pub(crate) server: PostgresServer,
    folder: TempDir,
}

impl Plant {
    pub(crate) fn start() -> Self {
        Self { server: PostgresServer::start(), folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn data(&self, node: &str) -> PathBuf {
        self.folder.path().join(node)
    }

    /// What runs the program with the stores on this server.
    pub(crate) fn command(&self, url: &str, arguments: &[&str], data: &Path) -> Command {
        let mut command = Command::new(kilter());
        command.args(arguments).arg("--data").arg(data).env("KILTER_EVENTS", url).env("KILTER_VIEWS", url);
        command.env_remove("KILTER_VAULT");
        command
    }

    /// A node with the keys of the first one.
    pub(crate) fn node(&self, name: &str) -> Server {
        let (first, data) = (self.data("first"), self.data(name));
        if name != "first" && !data.exists() {
            std::fs::create_dir(&data).expect("a folder");
            for key in ["root.key", "token.key"] {
                std::fs::copy(first.join(key), data.join(key)).expect("the keys of the first node");
            }
        }
        Server::spawn(self.command(&self.server.url(), &["serve", "--listen", "127.0.0.1:0"], &data))
    }

    pub(crate) fn token(&self) -> String {
        let arguments = ["token", "--tenant", "muster", "--user", "tester", "--role", "admin"];
        let output = self.command(&self.server.url(), &arguments, &self.data("first")).output().expect("kilter starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    }
}

fn number(value: &Json) -> u64 {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("a position: {value}"))
}

/// Asks; `None` when there is no answer, or one that says to ask again.
async fn try_to_create(url: &str, token: &str, variables: &Json) -> Option<Json> {
    let body = json!({ "query": CREATE, "variables": variables });
    let request = reqwest::Client::new().post(format!("{url}/graphql")).bearer_auth(token).json(&body);
    let answer = request.send().await.ok()?.json::<Json>().await.ok()?;
    answer.pointer("/data/createWorkCenter").filter(|payload| payload.is_object()).cloned()
}

async fn create(node: &Server, token: &str, code: &str, id: Uuid) -> Json {
    let answer = node.ask(token, CREATE, json!({ "code": code, "id": id })).await;
    answer["data"]["createWorkCenter"].clone()
}

async fn follow(node: &Server, token: &str, after: Option<u64>) -> Socket {
    let address = node.url.trim_start_matches("http://").parse().expect("an address");
    let mut socket = Socket::connect(address, Some("graphql-transport-ws"), &[]).await.expect("a socket");
    socket.init(token).await;
    socket.subscribe("1", FOLLOW, json!({ "after": after.map(|position| position.to_string()) })).await;
    socket
}

/// Position of the next change, or of the snapshot.
fn position(message: &Json) -> u64 {
    let payload = &message["payload"]["data"]["activityAppended"];
    assert!(payload.is_object(), "{message}");
    number(&payload["cursor"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_on_one_node_is_heard_and_known_on_the_other_at_once() {
    let plant = Plant::start();
    let (one, other) = (plant.node("first"), plant.node("second"));
    let token = plant.token();
    let mut socket = follow(&other, &token, None).await;
    let mut heard = position(&socket.next().await);
    let mut delays = Vec::new();
    for round in 0..5_u128 {
        let done = create(&one, &token, &format!("W{round}"), Uuid::from_u128(round + 1)).await;
        let begun = Instant::now();
        assert_eq!(done["userErrors"], json!([]), "{done}");
        let next = position(&socket.next().await);
        delays.push(begun.elapsed());
        assert_eq!((next, number(&done["position"])), (heard + 1, next));
        heard = next;
    }
    delays.sort();
    assert!(delays[2] < Duration::from_secs(1), "{delays:?}");

    let first = create(&one, &token, "M", Uuid::from_u128(100)).await;
    let again = create(&other, &token, "M", Uuid::from_u128(100)).await;
    assert_eq!((&again["revision"], &again["position"]), (&first["revision"], &first["position"]));
    assert_eq!((&first["appended"], &again["appended"]), (&json!(1), &json!(0)));
    let reused = create(&other, &token, "N", Uuid::from_u128(100)).await;
    assert_eq!(reused["userErrors"][0]["code"], "COMMAND_ID_REUSED");

    let unchanged = create(&one, &token, "M", Uuid::from_u128(200)).await;
    assert_eq!(unchanged["appended"], 0, "{unchanged}");
    let reused = create(&other, &token, "N", Uuid::from_u128(200)).await;
    assert_eq!(reused["userErrors"][0]["code"], "COMMAND_ID_REUSED", "though no event tells of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_a_node_is_killed_under_load_its_subscribers_go_on_at_the_other_without_gap_or_duplicate() {
    const WRITERS: usize = 4;
    const EACH: usize = 12;
    let plant = Plant::start();
    let (one, other) = (plant.node("first"), plant.node("second"));
    let token = plant.token();
    let mut socket = follow(&one, &token, None).await;
    let start = position(&socket.next().await);
    let urls = Arc::new([one.url.clone(), other.url.clone()]);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (urls, token) = (Arc::clone(&urls), token.clone());
        writers.spawn(async move {
            for round in 0..EACH {
                let variables = json!({ "code": format!("W{writer}-{round}"), "id": Uuid::from_u128((writer * 100 + round) as u128 + 1) });
                let begun = Instant::now();
                // As a client does behind a load balancer: the same command again, wherever somebody answers.
                let mut attempt = 0;
                while try_to_create(&urls[attempt % 2], &token, &variables).await.is_none() {
                    attempt += 1;
                    assert!(begun.elapsed() < PATIENCE, "nobody does it");
                }
            }
        });
    }
    let mut heard = Vec::new();
    while heard.len() < 10 {
        heard.push(position(&socket.next().await));
    }
    one.kill();
    while let Ok(message) = socket.receive().await {
        if message["type"] == "next" {
            heard.push(position(&message));
        }
    }
    let mut socket = follow(&other, &token, heard.last().copied()).await;
    while heard.len() < WRITERS * EACH {
        let message = socket.next().await;
        heard.push(position(&message));
    }
    while let Some(done) = writers.join_next().await {
        done.expect("every command is done");
    }
    let all: Vec<u64> = (start + 1..=start + (WRITERS * EACH) as u64).collect();
    assert_eq!(heard, all, "no gap, no duplicate, in order");
    let codes = other.ask(&token, "{ workCenters(first: 100) { edges { node { code } } } }", json!({})).await;
    let codes: BTreeSet<&str> = codes["data"]["workCenters"]["edges"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|edge| edge["node"]["code"].as_str())
        .collect();
    assert_eq!(codes.len(), WRITERS * EACH);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_events_on_eventstoredb_what_is_done_on_one_node_is_heard_on_the_other() {
    let (plant, events) = (Plant::start(), StandIn::start().await);
    let node = |name: &str| {
        let data = plant.data(name);
        let mut command = plant.command(&plant.server.url(), &["serve", "--listen", "127.0.0.1:0"], &data);
        command.env("KILTER_EVENTS", events.url());
        Server::spawn(command)
    };
    let (one, other) = (node("first"), node("first"));
    let token = plant.token();
    let mut socket = follow(&other, &token, None).await;
    let before = position(&socket.next().await);
    let done = create(&one, &token, "M", Uuid::from_u128(1)).await;
    let heard = position(&socket.next().await);
    assert!(heard > before && number(&done["position"]) == heard, "{done}");
    assert_eq!(create(&other, &token, "M", Uuid::from_u128(1)).await["position"], done["position"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_the_server_is_told_and_heals_by_itself() {
    let plant = Plant::start();
    let node = plant.node("first");
    let token = plant.token();
    let ready = || async {
        let answer = reqwest::get(format!("{}/readyz", node.url)).await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("its body"))
    };
    assert_eq!(ready().await.0, 200);
    plant.server.stop(Stop::Fast);
    let (status, reason) = ready().await;
    assert_eq!(status, 503);
    assert!(reason.contains("postgres://") && !reason.contains("kilter@"), "{reason}");
    let variables = json!({ "code": "W", "id": Uuid::from_u128(1) });
    let refused = node.ask(&token, CREATE, variables.clone()).await;
    let code = refused["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned();
    assert!(code == "UNAVAILABLE" || code == "OUTCOME_UNKNOWN", "{refused}");
    plant.server.resume();
    let begun = Instant::now();
    while ready().await.0 != 200 || try_to_create(&node.url, &token, &variables).await.is_none() {
        assert!(begun.elapsed() < PATIENCE, "it heals");
    }
    assert_eq!(node.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_read_models_were_dropped_is_not_ready_until_they_are_back() {
    let plant = Plant::start();
    let node = plant.node("first");
    let token = plant.token();
    for n in 0..20_u128 {
        let done = create(&node, &token, &format!("W{n}"), Uuid::from_u128(n + 1)).await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
    }
    let count = async || {
        let answer = node.ask(&token, "{ workCenters(first: 100) { edges { node { code } } } }", json!({})).await;
        answer["data"]["workCenters"]["edges"].as_array().map(Vec::len)
    };
    assert_eq!(count().await, Some(20));
    plant.server.sql("DROP SCHEMA kilter_views CASCADE");
    let begun = Instant::now();
    while reqwest::get(format!("{}/readyz", node.url)).await.expect("an answer").status() != 200 {
        assert!(begun.elapsed() < PATIENCE, "it heals");
    }
    assert_eq!(count().await, Some(20));
    assert_eq!(node.stop(), Some(0));
}

/// Exit code and the first line of what a command that must not work told.
pub(crate) fn told(output: &Output) -> (Option<i32>, String) {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| line.starts_with("error ")).unwrap_or_else(|| panic!("{text}"));
    (output.status.code(), line.to_owned())
}

#[test]
fn what_a_node_can_not_start_with_has_its_code_and_its_exit_code() {
    let plant = Plant::start();
    drop(plant.node("first"));
    let (url, first) = (plant.server.url(), plant.data("first"));
    let with_stores = plant.data("stores");
    std::fs::create_dir(&with_stores).expect("a folder");
    std::fs::write(with_stores.join("events.db"), "events").expect("a file");
    let stranger = url.replace("kilter@", "nobody:sesame@");
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let mixed = ["serve", "--listen", "127.0.0.1:0", "--views", "embedded"];
    let embedded = ["serve", "--listen", "127.0.0.1:0", "--views", "embedded", "--events", "embedded"];
    let no_address = ["serve", "--listen", "127.0.0.1:0", "--events", "mysql://ann:sesame@db/k"];
    for (url, arguments, data, exit, code) in [
        (&url, &serve[..], &plant.data("other"), 9, "KEYS_DIFFER"),
        (&url, &serve[..], &with_stores, 9, "DATA_FOLDER_HOLDS_STORES"),
        (&url, &embedded[..], &first, 9, "DATA_FOLDER_HOLDS_KEYS_ONLY"),
        (&url, &mixed[..], &first, 2, "SETTINGS_INVALID"),
        (&url, &no_address[..], &first, 2, "SETTINGS_INVALID"),
        (&stranger, &serve[..], &first, 14, "STORE_REFUSED"),
    ] {
        let output = plant.command(url, arguments, data).output().expect("kilter starts");
        let (status, line) = told(&output);
        assert_eq!(status, Some(exit), "{line}");
        assert!(line.starts_with(&format!("error {code}: ")) && !line.contains("sesame"), "{line}");
    }
    plant.server.sql("UPDATE kilter_vault.kilter_format SET version = 99");
    let (status, line) = told(&plant.command(&url, &serve, &first).output().expect("kilter starts"));
    assert!(status == Some(5) && line.starts_with("error STORE_NEWER: "), "{line}");
    plant.server.stop(Stop::Fast);
    let token = ["token", "--tenant", "muster", "--user", "tester", "--role", "admin"];
    let (status, line) = told(&plant.command(&url, &token, &first).output().expect("kilter starts"));
    assert!(status == Some(10) && line.starts_with("error UNAVAILABLE: "), "{line}");
    plant.server.resume();
}
