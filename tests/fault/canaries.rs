//! F27: seeded personal data and secrets are nowhere but where they belong: not in logs, not in any file.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

const NAME: &str = "Canarina Yellowfeather";
const USER: &str = "canary.user@example.com";
/// What stands in a document that is refused: logs must not repeat what clients say.
const REFUSED: &str = "Canarybird-in-a-refused-field";

fn kilter() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kilter-under-test"));
    command.env("KILTER_LOG_FILTER", "trace").env("KILTER_LOG_FORMAT", "json");
    command
}

/// A server in a process of its own; killed when the test is over.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(data: &Path, log: &Path) -> Self {
        let log = fs::File::create(log).expect("a log file");
        let mut process = kilter()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("kilter starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let ready = lines.next().expect("it says that it is ready").expect("in UTF-8");
        let url = ready.strip_prefix("ready ").expect("ready and its address").to_owned();
        Self { process, url }
    }

    async fn ask(&self, token: &str, document: &str, variables: Value) -> Value {
        let answer = reqwest::Client::new()
            .post(format!("{}/graphql", self.url))
            .bearer_auth(token)
            .header("content-type", "application/json")
            .body(json!({"query": document, "variables": variables}).to_string())
            .send()
            .await
            .expect("an answer");
        serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The files under a folder that hold these bytes.
fn holding(folder: &Path, needle: &str) -> Vec<String> {
    let holds = |path: &Path| {
        let bytes = fs::read(path).expect("a file is read");
        bytes.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
    };
    let files = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    files.filter(|path| path.is_file() && holds(path)).map(|path| path.display().to_string()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn personal_data_and_secrets_are_in_no_log_and_no_file() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (data, log) = (folder.path().join("data"), folder.path().join("log.json"));
    drop(Server::start(&data, &log));
    for (file, content) in [("views.db", "no database"), ("views.db-wal", "")] {
        fs::write(data.join(file), content.repeat(800)).expect("something to log");
    }
    let server = Server::start(&data, &log);
    let minted = kilter()
        .args(["token", "--tenant", "canaries", "--user", USER, "--role", "admin", "--data"])
        .arg(&data)
        .output()
        .expect("a token");
    let token = String::from_utf8(minted.stdout).expect("UTF-8").trim().to_owned();
    assert!(token.matches('.').count() == 2, "{}", String::from_utf8_lossy(&minted.stderr));

    let register = "mutation($name: String!) { registerOperator(input: { code: \"17\", name: $name }) { position userErrors { code } } }";
    let registered = server.ask(&token, register, json!({"name": NAME})).await;
    let position = registered["data"]["registerOperator"]["position"].clone();
    assert!(position.is_string(), "{registered}");
    let people =
        "query($after: Position!) { operators(first: 1, minPosition: $after) { edges { node { code name } } } }";
    let people = server.ask(&token, people, json!({"after": position})).await;
    assert_eq!(
        people["data"]["operators"]["edges"][0]["node"]["name"], NAME,
        "it is readable where it belongs: {people}"
    );

    for (document, variables) in [
        (register, json!({"name": {"is": REFUSED}})),
        (register, json!({"name": format!("{REFUSED}\u{0}")})),
        (
            "mutation { registerOperator(input: { code: 17, name: Canarybird-in-a-refused-field }) { position } }",
            json!({}),
        ),
        ("{ noSuchField(name: \"Canarybird-in-a-refused-field\") }", json!({})),
    ] {
        server.ask(&token, document, variables).await;
    }
    let forged = format!("{token}x");
    server.ask(&forged, "{ __typename }", json!({})).await;
    let metrics = reqwest::get(format!("{}/metrics", server.url)).await.expect("an answer").text().await.expect("text");
    drop(server);

    assert!(fs::read_to_string(&log).expect("the log").contains("views.damaged"), "what there is to say is in the log");
    assert!(!holding(&data, "operator.registered").is_empty(), "what is clear is found");
    let signature = token.rsplit('.').next().expect("a signature");
    for canary in [NAME, "Yellowfeather", USER, REFUSED, signature] {
        assert_eq!(holding(folder.path(), canary), Vec::<String>::new(), "{canary} in the log");
        assert_eq!(holding(&data, canary), Vec::<String>::new(), "{canary} in the data folder");
        assert!(!metrics.contains(canary), "{canary} in the metrics");
    }
}
