//! Starts of nodes that are refused, or cut short.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tests::postgres_server::Stop;
use tests::process::kilter;

use crate::nodes::{Plant, told};

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];
const TOKEN: [&str; 7] = ["token", "--tenant", "muster", "--user", "tester", "--role", "admin"];

/// Starts this, tells it to stop once it has said something on standard error that holds `word`; gives exit code, all of standard
/// error and how long the end took.
fn stopped_when(mut command: Command, word: &str) -> (Option<i32>, String, Duration) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("kilter starts");
    let mut errors = BufReader::new(child.stderr.take().expect("its standard error"));
    let mut text = String::new();
    while !text.contains(word) {
        assert!(errors.read_line(&mut text).expect("text") > 0, "it ended by itself: {text}");
    }
    let begun = Instant::now();
    assert!(Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().expect("kill runs").success());
    errors.read_to_string(&mut text).expect("text");
    let code = child.wait().expect("it ends").code();
    let mut output = String::new();
    child.stdout.take().expect("its output").read_to_string(&mut output).expect("text");
    assert_eq!(output, "", "nothing is said to be ready");
    (code, text, begun.elapsed())
}

#[test]
fn a_start_that_is_told_to_stop_ends_in_order_with_a_line() {
    let plant = Plant::start();
    drop(plant.node("first"));
    for how in [Stop::Fast, Stop::Immediate] {
        plant.server.stop(how);
        let serve = plant.command(&plant.server.url(), &SERVE, &plant.data("first"));
        let (code, text, took) = stopped_when(serve, "tried again");
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("told to stop before it was ready"), "{text}");
        assert!(!text.contains("deadpool"), "{text}");
        assert!(took < Duration::from_secs(4), "{took:?}");
        plant.server.resume();
    }
    let node = plant.node("first");
    assert_eq!(node.stop(), Some(0), "and the next one serves");
}

#[test]
fn a_first_start_that_is_refused_leaves_nothing_behind() {
    let plant = Plant::start();
    let url = plant.server.url();
    let stranger = url.replace("kilter@", "nobody:sesame@");
    let elsewhere = url.replace("/kilter", "/nowhere");
    let no_address = "postgres://kilter@localhost:nowhere/kilter".to_owned();
    for (events, views, exit) in [
        (&stranger, &url, 14),
        (&url, &stranger, 14),
        (&elsewhere, &url, 14),
        (&url, &elsewhere, 14),
        (&no_address, &url, 2),
        (&url, &"embedded".to_owned(), 2),
    ] {
        let mut command = plant.command(events, &SERVE, &plant.data("new"));
        let (status, line) = told(&command.env("KILTER_VIEWS", views).output().expect("kilter starts"));
        assert_eq!(status, Some(exit), "{line}");
        assert!(!plant.data("new").exists(), "{line}");
        plant.server.sql("DO $$ BEGIN ASSERT to_regnamespace('kilter_events') IS NULL; END $$");
    }
    drop(plant.node("first"));
    let output = plant.command(&url, &SERVE, &plant.data("new")).output().expect("kilter starts");
    let (status, line) = told(&output);
    assert!(status == Some(9) && line.starts_with("error KEYS_DIFFER: "), "{line}");
    assert!(!plant.data("new").exists(), "no keys that the vault was never under");
}

#[test]
fn a_token_changes_no_tables() {
    let plant = Plant::start();
    drop(plant.node("first"));
    let (url, first) = (plant.server.url(), plant.data("first"));
    plant.server.sql("UPDATE kilter_vault.kilter_format SET version = 0");
    let (status, line) = told(&plant.command(&url, &TOKEN, &first).output().expect("kilter starts"));
    assert!(status == Some(14) && line.contains("start a node of this one once"), "{line}");
    plant.server.sql("DROP SCHEMA kilter_vault CASCADE");
    let (status, line) = told(&plant.command(&url, &TOKEN, &first).output().expect("kilter starts"));
    assert!(status == Some(14) && line.contains("there is no schema kilter_vault"), "{line}");
    plant.server.sql("DO $$ BEGIN ASSERT to_regnamespace('kilter_vault') IS NULL; END $$");
}

#[test]
fn a_database_that_takes_no_changes_is_told_as_what_it_is() {
    let plant = Plant::start();
    plant.server.sql("ALTER DATABASE kilter SET default_transaction_read_only = on");
    let output = plant.command(&plant.server.url(), &SERVE, &plant.data("first")).output().expect("kilter starts");
    let (status, line) = told(&output);
    assert!(status == Some(14) && line.contains("default_transaction_read_only is on"), "{line}");
    assert!(!plant.data("first").exists());
}

#[test]
fn postgres_addresses_that_lead_to_another_kind_of_server_are_told_as_that() {
    let web = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = web.local_addr().expect("an address");
    // What is no request is refused; the connection stays open for another one.
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for mut stream in web.incoming().flatten() {
            let mut bytes = [0; 64];
            let refused = stream.read(&mut bytes).and_then(|_| stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
            open.push((stream, refused));
        }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(kilter());
    let url = format!("postgres://kilter@{place}/kilter");
    command.args(SERVE).arg("--data").arg(folder.path().join("new")).env("KILTER_EVENTS", &url);
    let begun = Instant::now();
    let output = command.env("KILTER_VIEWS", &url).env_remove("KILTER_VAULT").output().expect("kilter starts");
    let (status, line) = told(&output);
    assert!(status == Some(14) && line.contains("an HTTP server answers there"), "{line}");
    assert!(begun.elapsed() < Duration::from_secs(15), "at once");
    assert!(!folder.path().join("new").exists());
}
