//! F6: a disk that can't be written any more refuses by type, loses nothing acknowledged, goes on serving reads, and takes commands
//! again within ten seconds once it can be written, without a restart.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tests::process::{Server, kilter, refused, token};

use crate::full_disk::{SmallDisk, mount};

const CREATE: &str = "mutation($code: String!) {
    createWorkCenter(input: { code: $code, name: \"Milling\" }) { appended userErrors { code } }
}";
const CODES: &str = "{ workCenters(first: 100) { edges { node { code } } } }";
const RECOVERY: Duration = Duration::from_secs(10);

async fn create(server: &Server, token: &str, code: &str) -> Json {
    server.ask(token, CREATE, json!({ "code": code })).await
}

fn is_done(answer: &Json) -> bool {
    answer["data"]["createWorkCenter"]["userErrors"] == json!([])
}

async fn codes(server: &Server, token: &str) -> Vec<String> {
    let answer = server.ask(token, CODES, json!({})).await;
    let edges = answer["data"]["workCenters"]["edges"].as_array().cloned();
    let edges = edges.unwrap_or_else(|| panic!("reads go on: {answer}"));
    edges.iter().filter_map(|edge| edge["node"]["code"].as_str().map(str::to_owned)).collect()
}

/// Whether the program may grow or write any file from now on. The system has no way to take a file system from those who write to it.
fn let_write(server: &Server, allowed: bool) -> bool {
    let limit = if allowed { "--fsize=unlimited:unlimited" } else { "--fsize=0:unlimited" };
    let process = format!("--pid={}", server.id());
    Command::new("prlimit").args([&process, limit]).status().is_ok_and(|status| status.success())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_nothing_can_be_written_reads_go_on_and_nothing_acknowledged_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut command = Command::new("bash");
    // The signal would end the program: a read-only disk sends none.
    command
        .arg("-c")
        .arg("trap '' XFSZ; exec \"$0\" serve --data \"$1\" --listen 127.0.0.1:0")
        .arg(kilter())
        .arg(&data);
    let server = Server::spawn(command);
    let token = token(&data, "kestrel");
    for n in 0..20 {
        assert!(is_done(&create(&server, &token, &format!("A{n}")).await));
    }
    if !let_write(&server, false) {
        println!("skipped: no prlimit here");
        return;
    }
    for n in 0..5 {
        let answer = create(&server, &token, &format!("B{n}")).await;
        let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned();
        assert!(code == "UNAVAILABLE" || code == "OUTCOME_UNKNOWN", "{answer}");
        assert_eq!(codes(&server, &token).await.len(), 20);
    }
    assert!(let_write(&server, true));
    let begun = Instant::now();
    while !is_done(&create(&server, &token, "C").await) {
        assert!(begun.elapsed() < RECOVERY, "it heals");
    }
    println!("recovery: {:?}", begun.elapsed());
    server.kill();
    let server = Server::start(&data);
    let kept = codes(&server, &token).await;
    let expected = (0..20).map(|n| format!("A{n}")).chain(["C".to_owned()]);
    assert!(expected.into_iter().all(|code| kept.contains(&code)), "{kept:?}");
    assert_eq!(server.stop(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_on_a_read_only_disk_is_refused_with_a_line_and_changes_nothing() {
    let Some(disk) = SmallDisk::mount("size=64m") else {
        println!("skipped: file systems can't be mounted here");
        return;
    };
    let data = disk.path().join("data");
    let server = Server::start(&data);
    let token = token(&data, "kestrel");
    assert!(is_done(&create(&server, &token, "A").await));
    assert_eq!(server.stop(), Some(0));
    let serve = |data: &Path| refused(&["serve", "--data", &data.to_string_lossy(), "--listen", "127.0.0.1:0"]);
    assert!(mount(disk.path(), "remount,ro"));
    let (exit, told) = serve(&data);
    assert!(exit == 10 && told.contains("error DATA_FOLDER_UNUSABLE: "), "{exit} {told}");
    assert!(told.contains("Read-only file system"), "{told}");
    assert!(mount(disk.path(), "remount,rw"));
    let server = Server::start(&data);
    assert_eq!(codes(&server, &token).await, ["A"]);
    assert_eq!(server.stop(), Some(0));
}
