//! F27: seeded personal data and secrets are nowhere but where they belong: not in logs, not in any file, not in the figures.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use tests::people::{Browser, mailed};
use tests::process::{Server, kilter};

const NAME: &str = "Canarina Yellowfeather";
const USER: &str = "canary.user@example.com";
/// What stands in a document that is refused: logs must not repeat what clients say.
const REFUSED: &str = "Canarybird-in-a-refused-field";

fn serve(data: &Path, log: &Path) -> Server {
    let mut command = Command::new(kilter());
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
    command.env("KILTER_OUTBOX_PAGE", "true").env("KILTER_TRUSTED_PROXIES", "127.0.0.0/8");
    Server::spawn_logging(command, log)
}

async fn metrics(server: &Server) -> String {
    reqwest::get(format!("{}/metrics", server.url)).await.expect("an answer").text().await.expect("text")
}

/// Looks for canaries in all that a server has left behind.
fn assert_nowhere<'a>(folder: &Path, data: &Path, metrics: &str, canaries: impl IntoIterator<Item = &'a str>) {
    for canary in canaries {
        assert!(canary.len() > 5, "{canary:?} is no canary");
        assert_eq!(holding(folder, canary), Vec::<String>::new(), "{canary} in the log");
        assert_eq!(holding(data, canary), Vec::<String>::new(), "{canary} in the data folder");
        assert!(!metrics.contains(canary), "{canary} in the metrics");
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
    drop(serve(&data, &log));
    for (file, content) in [("views.db", "no database"), ("views.db-wal", "")] {
        fs::write(data.join(file), content.repeat(800)).expect("something to log");
    }
    let server = serve(&data, &log);
    let minted = Command::new(kilter())
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
    let metrics = metrics(&server).await;
    drop(server);

    assert!(fs::read_to_string(&log).expect("the log").contains("views.damaged"), "what there is to say is in the log");
    assert!(!holding(&data, "operator.registered").is_empty(), "what is clear is found");
    let signature = token.rsplit('.').next().expect("a signature");
    assert_nowhere(folder.path(), &data, &metrics, [NAME, "Yellowfeather", USER, REFUSED, signature]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_people_come_in_with_is_in_no_log_and_no_file() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (data, log) = (folder.path().join("data"), folder.path().join("log.json"));
    let server = serve(&data, &log);
    let (email, password, other) = ("canary.owner@example.com", "canary sings at dawn", "canary rests at night");
    let typed = json!({
        "company": "Canary & Daughters", "timeZone": "Europe/Tallinn", "name": NAME, "email": email, "password": password,
        "phone": "+372 5550 4242", "jobTitle": "Keeper of canaries",
    });
    let mut browser = Browser::at(&server, "203.0.113.42");
    assert_eq!(browser.post("/auth/sign-up", &typed).await.status, 202);
    let verify = mailed(&server, email, "verify_address").await;
    assert_eq!(browser.post("/auth/verify", &json!({ "token": verify, "password": password })).await.status, 200);
    let wrong = json!({ "email": email, "password": "canary guesses wrong" });
    assert_eq!(browser.post("/auth/sign-in", &wrong).await.status, 401);
    let unknown = json!({ "email": "canary.nobody@example.com", "password": "canary guesses wrong" });
    assert_eq!(browser.post("/auth/sign-in", &unknown).await.status, 401);
    browser.post("/auth/sign-in", &json!({ "email": email, "password": { "canary": "in an object" } })).await;
    assert_eq!(browser.post("/auth/sign-in", &json!({ "email": email, "password": password })).await.status, 200);
    let app = browser.post("/auth/second-factor/totp/begin", &json!({ "password": password })).await.body;
    let key = app["key"].as_str().expect("a key").to_owned();
    let mut seen: Vec<String> = browser.cookies.values().cloned().collect();

    let mut elsewhere = Browser::at(&server, "203.0.114.42");
    assert_eq!(elsewhere.post("/auth/forgot", &json!({ "email": email })).await.status, 202);
    let reset = mailed(&server, email, "reset_password").await;
    assert_eq!(elsewhere.post("/auth/reset", &json!({ "token": reset, "password": other })).await.status, 200);
    let again = json!({ "email": email, "password": other });
    assert_eq!(elsewhere.post("/auth/sign-in", &again).await.status, 200);
    let invite = "mutation { inviteMember(input: { email: \"canary.guest@example.com\", role: OPERATOR }) { userErrors { code } } }";
    let invited = elsewhere.ask(invite).await;
    assert_eq!(invited.body["data"]["inviteMember"]["userErrors"], json!([]), "{invited:?}");
    let invitation = mailed(&server, "canary.guest@example.com", "invitation").await;
    seen.extend(elsewhere.cookies.values().cloned());
    seen.extend([verify, reset, invitation, key]);
    let metrics = metrics(&server).await;
    drop(server);

    assert!(!holding(&data, "account.registered").is_empty(), "what is clear is found");
    let typed = [
        NAME,
        "Yellowfeather",
        email,
        "canary.nobody@",
        "canary.guest@",
        password,
        other,
        "canary guesses wrong",
        "in an object",
        "5550 4242",
        "Keeper of canaries",
        "203.0.113.42",
        "203.0.114.42",
    ];
    assert_nowhere(folder.path(), &data, &metrics, typed.into_iter().chain(seen.iter().map(String::as_str)));
}
