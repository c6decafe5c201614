//! The program as people run it: served, imported into, killed, started again, replayed, rebuilt.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use domain::kernel::TenantId;
use serde_json::{Value as Json, json};
use tests::golden::workspace_root;
use tests::process::{Server, done, refused, token};

const HEADER: &str = "case_id,activity,resource,start,complete,qty_completed,qty_rejected,qty_mrb,report_type,rework\n";
const ROWS: &str = "\
J1,Turning,A,2012-01-02T07:00:00,2012-01-02T08:00:00,0,0,0,S,
J1,Turning,A,2012-01-02T08:00:00,2012-01-02T12:00:00,40,2,0,D,
J1,Turning,B,2012-01-02T09:00:00,2012-01-02T10:30:00,7,0,1,D,
J2,Turning,B,2012-01-02T11:00:00,2012-01-02T12:00:00,5,0,0,D,
J1,Packing,A,2012-01-03T07:00:00,2012-01-03T07:30:00,47,0,0,D,
J2,Grinding Rework,B,2012-01-03T08:00:00,2012-01-03T09:00:00,5,0,0,D,Y
";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, text).expect("a file");
        path.to_string_lossy().into_owned()
    }

    fn log(&self, rows: &str) -> String {
        self.file("log.csv", format!("{HEADER}{rows}"))
    }

    fn report(&self) -> (String, impl Fn() -> Json + use<>) {
        let path = self.0.path().join("report.json");
        let read = path.clone();
        (path.to_string_lossy().into_owned(), move || {
            serde_json::from_slice(&fs::read(&read).expect("a report")).expect("JSON")
        })
    }
}

fn import<'a>(file: &'a str, to: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["import", "eventlog", file, "--tenant", "shop", "--zone", "Asia/Jerusalem"];
    arguments.extend(to);
    arguments
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[test]
fn importing_twice_appends_nothing_the_second_time() {
    let folder = Folder::new();
    let (log, data, (report, read)) = (folder.log(ROWS), text(&folder.data()), folder.report());
    let arguments = import(&log, &["--data", &data, "--report", &report]);
    done(&arguments);
    let first = read();
    assert_eq!((&first["rows"], &first["refused"], &first["problems"]), (&json!(6), &json!([]), &json!([])));
    // 1 company, 3 work centers, 2 operators, 2 jobs, 6 reports, 4 finished operations, 2 completed jobs
    assert_eq!(first["events_appended"], 20);
    done(&arguments);
    assert_eq!(read()["events_appended"], 0);
}

#[test]
fn a_log_cut_in_the_middle_of_a_row_is_imported_but_for_that_row() {
    let folder = Folder::new();
    let (data, (report, read)) = (text(&folder.data()), folder.report());
    let cut = folder.log(ROWS.split_at(ROWS.len() - 40).0);
    done(&import(&cut, &["--data", &data, "--report", &report]));
    let refused = read()["refused"].clone();
    assert_eq!((&refused[0]["row"], refused.as_array().map(Vec::len)), (&json!(7), Some(1)));
    assert!(refused[0]["reason"].as_str().is_some_and(|reason| reason.contains("columns")), "{refused}");
}

#[test]
fn a_changed_report_is_refused_and_listed() {
    let folder = Folder::new();
    let (data, (report, read)) = (text(&folder.data()), folder.report());
    done(&import(&folder.log(ROWS), &["--data", &data]));
    let changed = folder.log(&ROWS.replace(",40,2,0,", ",41,2,0,"));
    done(&import(&changed, &["--data", &data, "--report", &report]));
    let outcome = read();
    assert_eq!((&outcome["events_appended"], &outcome["refused"][0]["row"]), (&json!(0), &json!(3)));
}

#[tokio::test]
async fn a_server_is_imported_into_replayed_rebuilt_and_outlives_a_kill() {
    let folder = Folder::new();
    let (data, (report, read)) = (folder.data(), folder.report());
    let server = Server::start(&data);
    let token = token(&data, "shop");
    let log = folder.log(ROWS);
    done(&import(&log, &["--server", &server.url, "--token", &token, "--report", &report]));
    assert_eq!(read()["events_appended"], 20);
    server.kill();

    let server = Server::start(&data);
    let at = ["--server", server.url.as_str(), "--token", token.as_str()];
    done(&import(&log, &[&at[..], &["--report", &report]].concat()));
    assert_eq!(read()["events_appended"], 0, "what was acknowledged before the kill is there");
    let lines = done(&[&["replay", "--format", "ndjson"], &at[..]].concat());
    assert_eq!(lines.lines().count(), 20);
    assert!(lines.lines().all(|line| serde_json::from_str::<Json>(line).is_ok()));
    assert_eq!(refused(&[&["rebuild"], &at[..]].concat()).0, 11, "the read models are not one company's");
    let of_all = tests::process::token(&data, TenantId::INSTALLATION);
    let rebuilt = done(&["rebuild", "--server", &server.url, "--token", &of_all]);
    assert!(!rebuilt.contains("DIFFERENT") && rebuilt.contains("job_board: rebuilt, equal"), "{rebuilt}");
    let totals = "{ shopTotals(by: JOB) { label good scrap rework held jobsFinished } }";
    let totals = server.ask(&token, totals, json!({})).await;
    let first = json!({"label": "J1", "good": "94", "scrap": "2", "rework": "0", "held": "1", "jobsFinished": 1});
    assert_eq!(totals["data"]["shopTotals"][0], first, "{totals}");

    let begun = Instant::now();
    assert_eq!(server.stop(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5), "it stops within five seconds");
    let offline = done(&["replay", "--data", &text(&data), "--tenant", "shop", "--format", "ndjson"]);
    assert_eq!(offline, lines, "a folder tells the same history as its server");
}

#[test]
fn the_machine_shops_log_is_imported_but_for_the_rows_that_are_listed() {
    let file = workspace_root().join("../shared/data/machine-shop-log.csv");
    if !file.exists() {
        eprintln!("skipped: there is no ../shared/data/machine-shop-log.csv");
        return;
    }
    let folder = Folder::new();
    let (file, data, (report, read)) = (text(&file), text(&folder.data()), folder.report());
    done(&import(&file, &["--data", &data, "--report", &report]));
    let outcome = read();
    assert_eq!((&outcome["rows"], &outcome["problems"]), (&json!(3642), &json!([])));
    let refused = outcome["refused"].as_array().expect("a list");
    assert!(refused.len() * 100 <= 3 * 3642, "{} rows are refused", refused.len());
    assert!(refused.iter().all(|refused| refused["reason"].is_string()));
    done(&import(&file, &["--data", &data, "--report", &report]));
    assert_eq!(read()["events_appended"], 0);
}

/// This code and this exit code.
#[track_caller]
fn expect((exit, stderr): (i32, String), code: &str, wanted: i32) {
    assert!(stderr.contains(&format!("error {code}: ")) && exit == wanted, "{code} {wanted}: {exit} {stderr}");
}

#[test]
fn everything_that_can_go_wrong_has_its_code_and_its_exit_code() {
    let folder = Folder::new();
    let (data, log) = (text(&folder.data()), folder.log(ROWS));
    let server = Server::start(&folder.data());
    let into = |file: &str| refused(&import(file, &["--data", &text(&folder.0.path().join("other"))]));
    expect(refused(&["serve", "--data", &data]), "DATA_FOLDER_LOCKED", 4);
    expect(refused(&import(&log, &["--data", &data])), "DATA_FOLDER_LOCKED", 4);
    expect(refused(&import(&log, &["--server", &server.url, "--token", "nonsense"])), "UNAUTHENTICATED", 7);
    let token_of_shop = token(&folder.data(), "shop");
    expect(refused(&["rebuild", "--server", &server.url, "--token", &token_of_shop]), "DENIED", 11);
    expect(refused(&["replay", "--server", "http://127.0.0.1:9", "--token", "t"]), "SERVER_UNREACHABLE", 6);
    expect(refused(&["serve", "--data", &data, "--listen", "0.0.0.0:0"]), "PLAIN_HTTP_REFUSED", 2);
    expect(
        refused(&import(&log, &["--server", &server.url, "--token", &token(&folder.data(), "b")])),
        "TOKEN_OF_OTHER_TENANT",
        2,
    );
    assert_eq!(server.stop(), Some(0));
    expect(refused(&["replay", "--data", &data, "--tenant", "nobody"]), "UNKNOWN_TENANT", 8);
    expect(refused(&["replay", "--data", "/nowhere/at/all", "--tenant", "t"]), "DATA_FOLDER_MISSING", 9);
    expect(into("/nowhere.csv"), "FILE_UNREADABLE", 3);
    expect(into(&text(folder.0.path())), "FILE_UNREADABLE", 3);
    expect(into(&folder.file("empty.csv", "")), "FILE_EMPTY", 3);
    expect(into(&folder.file("binary.csv", b"\x7fELF\0\0\0")), "FILE_NOT_TEXT", 3);
    expect(into(&folder.file("wide.csv", "a,".repeat(1_000_000))), "ROW_TOO_LONG", 3);
    expect(into(&folder.file("other.csv", "who,what\n1,2\n")), "NO_SUCH_COLUMN", 3);
    expect(into(&folder.file("broken.xes", "<log><trace>")), "XML_INVALID", 3);
    expect(into(&folder.file("page.xes", "<html><body>no log</body></html>")), "NO_EVENT_LOG", 3);
    expect(into(&folder.file("columns.csv", format!("{}\n", "a,".repeat(2_000)))), "TOO_MANY_COLUMNS", 3);
    let other = text(&folder.0.path().join("other"));
    let mapping = folder.file("mapping.json", "{");
    expect(refused(&import(&log, &["--data", &other, "--map", &mapping])), "MAPPING_INVALID", 3);
    let nowhere = ["import", "eventlog", &log, "--tenant", "shop", "--zone", "Mars/Olympus", "--data", &other];
    expect(refused(&nowhere), "ZONE_UNKNOWN", 3);
    fs::write(folder.data().join("format"), "99\n").expect("a format of the future");
    expect(refused(&["serve", "--data", &data]), "DATA_FOLDER_NEWER", 5);
}

#[test]
fn a_folder_an_address_or_a_setting_that_can_not_be_used_has_its_exit_code() {
    let folder = Folder::new();
    let (data, log) = (text(&folder.data()), folder.log(ROWS));
    done(&import(&log, &["--data", &data]));
    let serve = |data: &str| refused(&["serve", "--data", data, "--listen", "127.0.0.1:0"]);
    let replay = || refused(&["replay", "--data", &data, "--tenant", "shop"]);

    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    expect(refused(&["serve", "--data", &data, "--listen", &address]), "LISTEN_FAILED", 1);
    expect(refused(&import(&log, &["--data", &data, "--report", "/nowhere/report.json"])), "OUTPUT_FAILED", 1);
    expect(refused(&["replay", "--data", &data, "--tenant", "shop", "--speed", "0"]), "USAGE", 2);
    let settings = folder.file("kilter.toml", "lisen = \"127.0.0.1:0\"\n");
    expect(refused(&["serve", "--data", &data, "--config", &settings]), "SETTINGS_INVALID", 2);
    expect(serve(&log), "DATA_FOLDER_INVALID", 9);
    expect(serve(&text(&Path::new(&log).join("below"))), "DATA_FOLDER_UNUSABLE", 10);

    let with = |name: &str, change: &dyn Fn(&Path)| {
        let file = folder.data().join(name);
        let whole = fs::read(&file).expect("a file");
        change(&file);
        let told = [serve(&data), replay()];
        fs::write(&file, whole).expect("as it was");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("its owner's");
        told
    };
    let open_to_others = |file: &Path| fs::set_permissions(file, fs::Permissions::from_mode(0o644)).expect("a mode");
    for told in with("root.key", &open_to_others) {
        expect(told, "DATA_FOLDER_EXPOSED", 9);
    }
    let another = |file: &Path| fs::write(file, "x".repeat(8192)).expect("another file in its place");
    let gone = |file: &Path| fs::remove_file(file).expect("a file");
    for (name, change) in [("vault.db", &another as &dyn Fn(&Path)), ("events.db", &another), ("vault.db", &gone)] {
        for told in with(name, change) {
            expect(told, "DATA_FOLDER_DAMAGED", 9);
        }
    }
    for store in ["vault.db", "events.db"] {
        fs::remove_file(folder.data().join(store)).expect("a store");
    }
    for told in [serve(&data), replay(), refused(&import(&log, &["--data", &data]))] {
        expect(told, "DATA_FOLDER_DAMAGED", 9);
    }
}

/// A limit on the size of files stands in for a full disk: both refuse to grow a file.
#[tokio::test]
async fn a_full_disk_is_told_and_nothing_acknowledged_is_lost() {
    let folder = Folder::new();
    let log: String =
        (0..3_000).map(|case| ROWS.replace("J1", &format!("K{case}")).replace("J2", &format!("L{case}"))).collect();
    let log = folder.log(&log);
    let mut command = std::process::Command::new("bash");
    command.arg("-c").arg("trap '' XFSZ; ulimit -f 4096; exec \"$0\" serve --data \"$1\" --listen 127.0.0.1:0");
    command.arg(tests::process::kilter()).arg(folder.data());
    let server = Server::spawn(command);
    let token = token(&folder.data(), "shop");
    let (exit, stderr) = refused(&import(&log, &["--server", &server.url, "--token", &token]));
    let told = ["error UNAVAILABLE", "error OUTCOME_UNKNOWN"].iter().any(|code| stderr.contains(code));
    assert!(exit == 10 && told, "{exit} {stderr}");
    let query = "{ jobs(first: 1) { position totalCount } }";
    let before = server.ask(&token, query, json!({})).await;
    assert!(before["data"]["jobs"]["totalCount"].as_i64() > Some(0), "reads go on: {before}");
    server.kill();
    let server = Server::start(&folder.data());
    let after = server.ask(&token, query, json!({})).await;
    assert!(after["data"]["jobs"]["totalCount"].as_i64() >= before["data"]["jobs"]["totalCount"].as_i64(), "{after}");
}
