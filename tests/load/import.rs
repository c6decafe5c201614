//! The machine shop's log through real commands, into a folder and through a server: the program in processes of its own.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::golden::workspace_root;
use tests::process::{Server, kilter, token};

const LOG: &str = "../shared/data/machine-shop-log.csv";

pub(crate) fn run() {
    let log = workspace_root().join(LOG);
    if !log.exists() {
        println!("skipped: no {LOG}");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let data = data.to_string_lossy();
    for turn in ["first", "second"] {
        tell(&format!("--data, {turn}"), &log, folder.path(), &["--data", &data]);
    }
    let served = folder.path().join("served");
    let server = Server::start(&served);
    let token = token(&served, "shop");
    for turn in ["first", "second"] {
        tell(&format!("--server, {turn}"), &log, folder.path(), &["--server", &server.url, "--token", &token]);
    }
    println!("server peak      {:>8.1} MiB", server.peak_memory_mib().unwrap_or_default());
}

fn tell(name: &str, log: &Path, folder: &Path, to: &[&str]) {
    let report = folder.join("report.json");
    let mut command = Command::new(kilter());
    command.args(["import", "eventlog", &log.to_string_lossy(), "--tenant", "shop", "--zone", "Asia/Jerusalem"]);
    command.args(to).arg("--report").arg(&report);
    let began = Instant::now();
    let mut child =
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().expect("kilter starts");
    let mut peak: f64 = 0.0;
    while child.try_wait().expect("it can be asked").is_none() {
        peak = peak.max(tests::process::peak_memory_mib(child.id()).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(5));
    }
    let elapsed = began.elapsed().as_secs_f64();
    let report: Value = serde_json::from_slice(&fs::read(&report).expect("a report")).expect("JSON");
    println!(
        "{name:<16} {:>6} rows {:>3} refused {:>5} commands {:>5} events {elapsed:>7.2} s {peak:>6.1} MiB peak",
        report["rows"], report["refused_rows"], report["commands"], report["events_appended"]
    );
}
