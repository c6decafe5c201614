//! F36: a backup that is made under load holds everything that was acknowledged before it began, and becomes a folder that serves.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use domain::kernel::TenantId;
use infra::event_store::{SqliteEventStore, SqliteOptions};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tests::databases::TestDatabase;
use tests::eventstoredb::StandIn;
use tests::process::{Server, done, kilter, refused, token};
use tests::shop_history::ShopHistory;
use tests::shop_store::fill;
use tokio::task::JoinHandle;
use tokio_postgres::NoTls;

const WRITERS: usize = 4;

/// Commands that are acknowledged before a backup begins, and more while it is made.
const BEFORE: usize = 200;

const CREATE: &str = "mutation($code: String!) {
    createWorkCenter(input: { code: $code, name: \"Some work center\" }) { position userErrors { code } }
}";

/// Folders of one drill.
struct Drill(TempDir);

impl Drill {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn at(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }

    /// A data folder with some history, served by nobody.
    async fn with_history(events: usize) -> Self {
        let drill = Self::new();
        let server = Server::start(&drill.path("data"));
        token(&drill.path("data"), "kestrel");
        assert_eq!(server.stop(), Some(0));
        let log = SqliteEventStore::open(&drill.path("data/events.db"), SqliteOptions::default()).expect("the log");
        fill(&log, &mut ShopHistory::new(7, TenantId::from_name("kestrel")), events).await;
        drill
    }

    /// Starts a command, and kills it when `begun` holds.
    fn kill_when(&self, arguments: &[&str], begun: impl Fn() -> bool) {
        let mut child = self.spawn(arguments);
        while !begun() {
            assert!(child.try_wait().expect("it can be asked").is_none(), "it is cut short, not done");
            std::thread::yield_now();
        }
        child.kill().expect("it runs");
        child.wait().expect("it ends");
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(kilter());
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("kilter starts")
    }
}

/// Creates work centers until the server is gone; notes those that are acknowledged.
fn write(server: &Server, token: &str, writer: usize, acknowledged: &Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    let (url, token, acknowledged) = (format!("{}/graphql", server.url), token.to_owned(), Arc::clone(acknowledged));
    tokio::spawn(async move {
        let client = reqwest::Client::new();
        for n in 0.. {
            let code = format!("W{writer}-{n}");
            let body = json!({ "query": CREATE, "variables": { "code": code } });
            let Ok(answer) = client.post(&url).bearer_auth(&token).json(&body).send().await else { return };
            let Ok(bytes) = answer.bytes().await else { return };
            let answer: Json = serde_json::from_slice(&bytes).expect("JSON");
            assert_eq!(answer["data"]["createWorkCenter"]["userErrors"], json!([]), "{answer}");
            acknowledged.lock().expect("nobody panics").push(code);
        }
    })
}

async fn until(acknowledged: &Mutex<Vec<String>>, count: usize) -> Vec<String> {
    loop {
        let known = acknowledged.lock().expect("nobody panics").clone();
        if known.len() >= count {
            return known;
        }
        tokio::task::yield_now().await;
    }
}

fn line<'a>(text: &'a str, begins: &str) -> &'a str {
    text.lines().find_map(|line| line.strip_prefix(begins)).unwrap_or_else(|| panic!("no {begins:?} in {text}"))
}

fn manifest(backup: &Path) -> Json {
    serde_json::from_slice(&std::fs::read(backup.join("backup.json")).expect("a page")).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_before_a_backup_under_load_is_in_it_and_serves_again() {
    let drill = Drill::new();
    let server = Server::start(&drill.path("data"));
    let admin = token(&drill.path("data"), "kestrel");
    let acknowledged = Arc::default();
    let writers: Vec<_> = (0..WRITERS).map(|writer| write(&server, &admin, writer, &acknowledged)).collect();
    let before = until(&acknowledged, BEFORE).await;
    let arguments = ["backup", "--data", &drill.at("data"), "--to", &drill.at("backup"), "--keys", &drill.at("keys")];
    let arguments = arguments.map(str::to_owned);
    let told = tokio::task::spawn_blocking(move || done(&arguments.each_ref().map(String::as_str)));
    let told = told.await.expect("a backup");
    let during = acknowledged.lock().expect("nobody panics").len();
    until(&acknowledged, during + 1).await;
    server.kill();
    for writer in writers {
        writer.await.expect("a writer");
    }

    let saved = manifest(&drill.path("backup"));
    assert_eq!(saved["chain_digest"], line(&told, "chains: "), "{told}");
    for secret in ["root.key", "token.key"] {
        assert!(!drill.path("backup").join(secret).exists() && drill.path("keys").join(secret).exists());
    }
    let restore = ["restore", "--from", &drill.at("backup"), "--keys", &drill.at("keys"), "--data", &drill.at("new")];
    let restored = done(&restore);
    assert_eq!(line(&restored, "chains: "), saved["chain_digest"], "{restored}");
    assert!(restored.contains("folded from both and equal"), "{restored}");

    let told = done(&["replay", "--data", &drill.at("new"), "--tenant", "kestrel", "--format", "ndjson"]);
    assert_eq!(told.lines().count() as u64, saved["events"].as_u64().expect("a number"));
    for code in &before {
        let said = format!("\"{code}\"");
        let events = told.lines().filter(|line| line.contains(&said)).count();
        assert_eq!(events, 1, "{code} was acknowledged before the backup");
    }
    let server = Server::start(&drill.path("new"));
    let answer = server.ask(&admin, "{ workCenters(first: 1) { totalCount } }", json!({})).await;
    assert_eq!(
        answer["data"]["workCenters"]["totalCount"], saved["events"],
        "its tokens are good, and it serves: {answer}"
    );
    let again = server.ask(&admin, CREATE, json!({ "code": "NEXT" })).await;
    assert_eq!(again["data"]["createWorkCenter"]["userErrors"], json!([]), "{again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_and_a_restore_that_are_killed_are_nobodys_and_go_on() {
    let drill = Drill::with_history(20_000).await;
    let (data, to, new) = (drill.at("data"), drill.at("backup"), drill.at("new"));
    let begun = |name: &str| {
        let log = drill.path(name).join("events.db-wal");
        move || std::fs::metadata(&log).is_ok_and(|about| about.len() > 1_000_000)
    };
    let backup = ["backup", "--data", &data, "--to", &to];
    drill.kill_when(&backup, begun("backup"));
    let restore = ["restore", "--from", &to, "--keys", &data, "--data", &new];
    let (exit, told) = refused(&restore);
    assert!(exit == 9 && told.contains("BACKUP_UNFINISHED"), "{exit} {told}");
    let finished = done(&backup);
    assert!(!finished.contains("copied now 20,000;"), "it goes on where it was: {finished}");
    assert_eq!(manifest(&drill.path("backup"))["events"], 20_000);

    drill.kill_when(&restore, begun("new"));
    let (exit, told) = refused(&["serve", "--data", &new, "--listen", "127.0.0.1:0"]);
    assert!(exit == 9 && told.contains("DATA_FOLDER_DAMAGED"), "half a log is not served: {exit} {told}");
    let finished = done(&restore);
    assert!(!finished.contains("copied now 20,000;") && finished.contains("done:"), "{finished}");
    assert!(done(&restore).contains("copied now 0;"), "once more, and nothing is left to do");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_was_changed_or_whose_keys_are_others_is_refused() {
    let drill = Drill::with_history(3_000).await;
    let (data, to) = (drill.at("data"), drill.at("backup"));
    let (exit, told) = refused(&["backup", "--data", &data, "--to", &to, "--keys", &drill.at("backup/keys")]);
    assert!(exit == 2 && told.contains("lies with the backup"), "{told}");
    done(&["backup", "--data", &data, "--to", &to]);
    let (exit, told) = refused(&["backup", "--data", &data, "--to", &to]);
    assert!(exit == 9 && told.contains("FOLDER_NOT_EMPTY"), "a finished one stays: {told}");

    let restore =
        |new: &str, keys: &str| refused(&["restore", "--from", &to, "--keys", keys, "--data", &drill.at(new)]);
    done(&["backup", "--data", &data, "--to", &drill.at("second"), "--keys", &drill.at("keys")]);
    let other = Server::start(&drill.path("other"));
    token(&drill.path("other"), "kestrel");
    assert_eq!(other.stop(), Some(0));
    let (exit, told) = restore("a", &drill.at("other"));
    assert!(exit == 9 && told.contains("another root key"), "{told}");
    let (exit, told) = restore("other", &data);
    assert!(exit == 9 && told.contains("KEYS_DIFFER"), "a folder that is used stays: {told}");

    let page = drill.path("backup/backup.json");
    let saved = std::fs::read_to_string(&page).expect("a page");
    std::fs::write(&page, saved.replace("\"events\": 3000", "\"events\": 2999")).expect("a page");
    let (exit, told) = restore("b", &data);
    assert!(exit == 15 && told.contains("COPY_DIFFERS"), "{told}");
    assert!(!drill.path("b/format").exists(), "it is not to be served");
    std::fs::write(&page, saved).expect("a page");

    let log = rusqlite::Connection::open(drill.path("backup/events.db")).expect("the log");
    log.execute_batch(
        "DROP TRIGGER events_are_never_changed; DROP TRIGGER bodies_are_only_removed;
         UPDATE events SET body = CAST(CAST(body AS TEXT) || ' ' AS BLOB) WHERE position = 1500;",
    )
    .expect("meddling");
    let (exit, told) = restore("c", &data);
    assert!(exit == 9 && told.contains("STORE_DAMAGED") && told.contains("position 1500"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_moves_to_postgres_and_back_and_is_the_same() {
    let drill = Drill::with_history(3_000).await;
    let (log, vault) = (TestDatabase::new().await, TestDatabase::new().await);
    let (data, there, back) =
        (format!("sqlite:{}", drill.at("data")), log.url.clone(), format!("sqlite:{}", drill.at("back")));
    let moved = done(&["migrate", "--from", &data, "--to", &there, "--vault-to", &vault.url]);
    assert!(moved.contains("copied now 3,000;") && moved.contains("folded from both and equal"), "{moved}");
    let (exit, told) = refused(&["migrate", "--from", &there, "--to", &back]);
    assert!(exit == 2 && told.contains("--keys"), "{told}");
    let keys = drill.at("data");
    let returned = ["migrate", "--from", &there, "--vault-from", &vault.url, "--keys", &keys, "--to", &back];
    let returned = done(&returned);
    assert_eq!(line(&returned, "chains: "), line(&moved, "chains: "));
    let replay =
        |folder: &str| done(&["replay", "--data", &drill.at(folder), "--tenant", "kestrel", "--format", "ndjson"]);
    assert_eq!(replay("back"), replay("data"));

    let saved = ["backup", "--data", &keys, "--events", &there, "--views", &vault.url, "--to", &drill.at("backup")];
    assert_eq!(line(&done(&saved), "chains: "), line(&moved, "chains: "));
    let empty = TestDatabase::new().await;
    let (exit, told) =
        refused(&["migrate", "--from", &empty.url, "--keys", &keys, "--to", &format!("sqlite:{}", drill.at("x"))]);
    assert!(exit == 14 && told.contains("there is no schema kilter_events"), "{told}");
    let restored = ["restore", "--from", &drill.at("backup"), "--keys", &keys, "--to", &empty.url];
    assert!(done(&restored).contains("copied now 3,000;"));
    let other = Drill::with_history(10).await;
    let (exit, told) = refused(&["migrate", "--from", &format!("sqlite:{}", other.at("data")), "--to", &there]);
    assert!(exit == 9 || exit == 15, "another installation's database is refused: {exit} {told}");
}

/// How many events are there; none where there is no log yet.
async fn events_in(database: &str) -> i64 {
    let (client, connection) = tokio_postgres::connect(database, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client.query_one("SELECT position FROM kilter_events.head", &[]).await.map_or(0, |row| row.get(0))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_to_postgres_that_is_killed_is_nobodys_and_goes_on() {
    let drill = Drill::with_history(20_000).await;
    let database = TestDatabase::new().await;
    let (data, keys, saved) = (format!("sqlite:{}", drill.at("data")), drill.at("keys"), drill.at("backup"));
    std::fs::create_dir(&keys).expect("a folder");
    for key in ["root.key", "token.key"] {
        std::fs::copy(drill.path("data").join(key), drill.path("keys").join(key)).expect("a key");
    }
    let migrate = ["migrate", "--from", &data, "--to", &database.url, "--skip-projections"];
    let mut copying = drill.spawn(&migrate);
    while events_in(&database.url).await == 0 {
        assert!(copying.try_wait().expect("it can be asked").is_none(), "it is cut short, not done");
    }
    copying.kill().expect("it runs");
    copying.wait().expect("it ends");

    let at = ["--data", &keys, "--events", &database.url, "--views", &database.url];
    let serve = [&["serve", "--listen", "127.0.0.1:0"][..], &at].concat();
    let token = [&["token", "--tenant", "kestrel", "--user", "tester", "--role", "admin"][..], &at].concat();
    let backup = [&["backup", "--to", &saved][..], &at].concat();
    for command in [&serve, &token, &backup] {
        let (exit, told) = refused(command);
        assert!(exit == 9 && told.starts_with("error STORE_UNFINISHED: "), "{command:?}: {exit} {told}");
        assert!(told.contains("run the same kilter migrate") && told.lines().count() == 1, "{told}");
    }
    let looked = tests::process::run(&[&["doctor"][..], &at].concat());
    let told = String::from_utf8_lossy(&looked.stdout).into_owned();
    assert!(looked.status.code() == Some(16) && told.contains("is not all there"), "{told}");

    let finished = done(&migrate);
    assert!(!finished.contains("copied now 20,000;") && finished.contains("done:"), "{finished}");
    assert!(done(&migrate).contains("copied now 0;"), "once more, and nothing is left to do");
    let mut command = Command::new(kilter());
    command.args(&serve);
    let server = Server::spawn(command);
    let answer = server.ask(&done(&token), "{ workCenters(first: 1) { totalCount } }", json!({})).await;
    assert!(answer["data"]["workCenters"]["totalCount"].is_number(), "{answer}");
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_moves_to_eventstoredb_is_examined_and_saved_there_and_moves_back() {
    let drill = Drill::with_history(150).await;
    let (events, vault) = (StandIn::start().await, TestDatabase::new().await);
    let (data, keys, there) = (format!("sqlite:{}", drill.at("data")), drill.at("data"), events.url());
    let (exit, told) = refused(&["migrate", "--from", &data, "--to", &there]);
    assert!(exit == 2 && told.contains("--vault-to"), "{told}");
    let moved = done(&["migrate", "--from", &data, "--to", &there, "--vault-to", &vault.url]);
    assert!(moved.contains("copied now 150;") && moved.contains("done:"), "{moved}");
    let again = done(&["migrate", "--from", &data, "--to", &there, "--vault-to", &vault.url]);
    assert!(again.contains("copied now 0;"), "{again}");

    let at = ["--data", &keys, "--events", &there, "--views", &vault.url];
    let looked = done(&[&["doctor"][..], &at].concat());
    assert!(
        looked.contains("150 events are what their hashes say") && looked.contains("streams are whole"),
        "{looked}"
    );
    done(&[&["doctor", "--quick"][..], &at].concat());
    let saved = done(&[&["backup", "--to", &drill.at("backup")][..], &at].concat());
    assert_eq!(line(&saved, "chains: "), line(&moved, "chains: "));
    done(&["restore", "--from", &drill.at("backup"), "--keys", &keys, "--data", &drill.at("restored")]);

    let back = format!("sqlite:{}", drill.at("back"));
    let returned = ["migrate", "--from", &there, "--vault-from", &vault.url, "--keys", &keys, "--to", &back];
    assert_eq!(line(&done(&returned), "chains: "), line(&moved, "chains: "));
    let replay =
        |folder: &str| done(&["replay", "--data", &drill.at(folder), "--tenant", "kestrel", "--format", "text"]);
    assert_eq!(replay("back"), replay("data"));
    assert_eq!(replay("restored"), replay("data"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_of_what_was_changed_says_what_is_damaged() {
    // Before the read models have seen it, and after.
    for seen in [false, true] {
        let drill = Drill::with_history(800).await;
        let replay = ["replay", "--data", &drill.at("data"), "--tenant", "kestrel", "--format", "ndjson"];
        if seen {
            done(&replay);
        }
        let log = rusqlite::Connection::open(drill.path("data/events.db")).expect("the log");
        log.execute_batch(
            "DROP TRIGGER events_are_never_changed; DROP TRIGGER bodies_are_only_removed;
             UPDATE events SET hash = zeroblob(32) WHERE position = 77;",
        )
        .expect("meddling");
        let (exit, told) = refused(&replay);
        assert!(exit == 9 && told.contains("STORE_DAMAGED") && told.contains("position 77"), "seen {seen}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_doctor_finds_what_is_wrong_and_says_what_to_do() {
    let drill = Drill::with_history(2_500).await;
    let data = drill.at("data");
    let looked = done(&["doctor", "--data", &data]);
    assert!(looked.contains("2500 events are what their hashes say"), "{looked}");
    assert!(looked.contains("2500 events behind; start Kilter"), "nothing has folded them yet: {looked}");
    assert!(looked.lines().all(|line| !line.starts_with("error")), "{looked}");
    let json: Json = serde_json::from_str(&done(&["doctor", "--data", &data, "--quick", "--json"])).expect("JSON");
    assert!(json.as_array().is_some_and(|findings| findings.len() > 5), "{json}");

    let log = rusqlite::Connection::open(drill.path("data/events.db")).expect("the log");
    log.execute_batch(
        "DROP TRIGGER events_are_never_changed; DROP TRIGGER bodies_are_only_removed;
         UPDATE events SET hash = zeroblob(32) WHERE position = 77;",
    )
    .expect("meddling");
    let key = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(drill.path("data/vault.db"), key).expect("a mode");
    let output = tests::process::run(&["doctor", "--data", &data]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(16), "{told}");
    for said in [
        "at position 77: it does not match its hash; stop Kilter and restore",
        "vault.db: others may use it (mode 0640); chmod 600",
    ] {
        assert!(told.contains(said), "{said}: {told}");
    }
}
