//! Calendar feeds over real HTTP: made, read as calendar apps do, changed with the plan, and ended in every way that ends them.

use std::time::Duration;

use std::path::{Path, PathBuf};
use std::process::Command as Process;

use domain::kernel::Timestamp;
use domain::kernel::time::later;
use domain::ports::Clock;
use infra::clock::SystemClock;
use reqwest::header::HeaderValue;
use reqwest::{Method, Response};
use serde_json::{Value as Json, json};
use tests::people::{Browser, mailed};
use tests::process::{Server, kilter};

use super::identity::{PASSWORD, serve, sign_in};
use super::members::{admin, change, manager};

const HOUR: i64 = 3600;
const CALENDAR: HeaderValue = HeaderValue::from_static("text/calendar; charset=utf-8");
const MACHINE: &str = r#"machine: { machineCode: "LATHE-1" }"#;

/// When this hour began: what is planned stands still while a test runs.
fn this_hour() -> Timestamp {
    let now = SystemClock.now().as_seconds();
    Timestamp::from_micros((now - now.rem_euclid(HOUR)) * 1_000_000).expect("an instant")
}

/// Once the read models hold what was changed.
async fn settled(browser: &mut Browser, changed: &Json) {
    let position = changed["position"].as_str().expect("a position");
    let settled = browser.ask(&format!(r#"{{ jobs(first: 1, minPosition: "{position}") {{ totalCount }} }}"#)).await;
    assert_eq!(settled.code(), "", "{settled:?}");
}

/// One job of a customer with two operations, both planned on the lathe, the first one by Ann.
async fn shop(browser: &mut Browser) -> Timestamp {
    let errors = "{ userErrors { code field message } }";
    for made in [
        format!(r#"createWorkCenter(input: {{ code: "CNC", name: "Turning" }}) {errors}"#),
        format!(r#"registerMachine(input: {{ code: "LATHE-1", name: "Lathe", workCenterCode: "CNC" }}) {errors}"#),
        format!(r#"registerOperator(input: {{ code: "ANN", name: "Ann Kask" }}) {errors}"#),
        format!(
            r#"createJob(input: {{ number: "4101", product: "Shaft; 20 mm, hard", customer: "Müller & Söhne", quantity: "12",
                operations: [{{ number: 10, name: "BEGIN:VEVENT", workCenterCode: "CNC" }},
                             {{ number: 20, name: "Deburr, wash", workCenterCode: "CNC" }}] }}) {errors}"#
        ),
    ] {
        change(browser, &made).await;
    }
    let hour = this_hour();
    plan(browser, later(hour, 2 * HOUR)).await;
    hour
}

/// Plans both operations from then on.
async fn plan(browser: &mut Browser, start: Timestamp) {
    let at = |hours: i64| later(start, hours * HOUR).to_string();
    let windows = format!(
        r#"{{ operation: 10, machineCode: "LATHE-1", operatorCode: "ANN", start: "{}", end: "{}" }}
           {{ operation: 20, machineCode: "LATHE-1", start: "{}", end: "{}" }}"#,
        at(0),
        at(1),
        at(3),
        at(4),
    );
    let plan = format!(
        r#"scheduleJob(input: {{ jobNumber: "4101", windows: [{windows}] }}) {{ position userErrors {{ code message }} }}"#
    );
    let planned = change(browser, &plan).await;
    settled(browser, &planned).await;
}

fn make(of: &str) -> String {
    format!(
        "makeCalendarFeed(input: {{ {of} }}) {{ address appended
            feed {{ id machine {{ code }} operator {{ code }} withCustomers madeBy }} userErrors {{ code field }} }}"
    )
}

/// A new feed: its address on this server, and its identity.
async fn feed(server: &Server, browser: &mut Browser, of: &str) -> (String, String) {
    let made = change(browser, &make(of)).await;
    let address = made["address"].as_str().expect("an address");
    let (_, path) = address.split_once("/calendar/").expect("a path");
    (format!("{}/calendar/{path}", server.url), made["feed"]["id"].as_str().expect("an identity").to_owned())
}

async fn get(address: &str, headers: &[(&str, &str)]) -> Response {
    ask(Method::GET, address, headers).await
}

async fn ask(method: Method, address: &str, headers: &[(&str, &str)]) -> Response {
    let request = reqwest::Client::new().request(method, address).header("x-forwarded-for", "198.51.100.77");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("an answer")
}

/// The calendar once the plan has followed what was done.
async fn still(address: &str) -> Response {
    let mut before = get(address, &[]).await;
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let now = get(address, &[]).await;
        if now.headers()["etag"] == before.headers()["etag"] {
            return now;
        }
        before = now;
    }
    panic!("the calendar is another one each time")
}

/// What apps read.
async fn told(address: &str) -> String {
    let answer = get(address, &[]).await;
    assert_eq!((answer.status().as_u16(), &answer.headers()["content-type"]), (200, &CALENDAR));
    answer.text().await.expect("a text")
}

/// The lines of a calendar as their writer had them.
fn lines(text: &str) -> Vec<String> {
    assert!(text.ends_with("\r\n") && text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
}

/// The values of a property, in their order.
fn values(text: &str, name: &str) -> Vec<String> {
    let value = |line: &String| line.strip_prefix(&format!("{name}:")).map(str::to_owned);
    lines(text).iter().filter_map(value).collect()
}

/// The answer to what is not there, and what it says without its own request's identity.
async fn nothing(address: &str) -> (u16, String) {
    let answer = get(address, &[]).await;
    (answer.status().as_u16(), answer.text().await.expect("a text"))
}

#[tokio::test]
async fn an_app_reads_what_is_planned_and_follows_it() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let hour = shop(&mut anna).await;
    let in_hours = |hours: i64| later(hour, hours * HOUR);
    let (address, id) = feed(&server, &mut anna, &format!("of: {{ {MACHINE} }}")).await;
    let text = told(&address).await;
    assert_eq!(values(&text, "SUMMARY"), ["4101/10 BEGIN:VEVENT", "4101/20 Deburr\\, wash"]);
    assert_eq!(values(&text, "DESCRIPTION"), ["12 pcs\\nShaft\\; 20 mm\\, hard"; 2]);
    assert_eq!(values(&text, "LOCATION"), ["LATHE-1"; 2]);
    assert_eq!(values(&text, "X-WR-CALNAME"), ["Kilter LATHE-1"]);
    assert_eq!(values(&text, "TRANSP"), ["TRANSPARENT"; 2]);
    let utc = |at: Timestamp| at.to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string();
    assert_eq!(values(&text, "DTSTART"), [utc(in_hours(2)), utc(in_hours(5))]);
    assert!(!text.contains("ller") && !text.contains("Ann"), "neither customers nor people: {text}");
    assert_eq!(lines(&text).iter().filter(|line| *line == "BEGIN:VEVENT").count(), 2, "nothing typed is a line");

    let first = still(&address).await;
    let tag = first.headers()["etag"].to_str().expect("text").to_owned();
    let again = get(&address, &[("if-none-match", &tag)]).await;
    assert_eq!((again.status().as_u16(), again.text().await.expect("a text")), (304, String::new()));
    let head = ask(Method::HEAD, &address, &[]).await;
    assert_eq!((head.status().as_u16(), &head.headers()["etag"]), (200, &first.headers()["etag"]));
    assert_eq!(head.text().await.expect("a text"), "");

    plan(&mut anna, in_hours(26)).await;
    let moved = told(&address).await;
    assert_eq!(values(&moved, "DTSTART"), [utc(in_hours(26)), utc(in_hours(29))]);
    assert_eq!(values(&moved, "UID"), values(&text, "UID"));
    let number = |text: &str| values(text, "SEQUENCE")[0].parse::<u32>().expect("a number");
    assert!(number(&moved) > number(&text), "{moved}");
    assert_eq!(get(&address, &[("if-none-match", &tag)]).await.status(), 200);

    let (with_customers, _) = feed(&server, &mut anna, &format!("of: {{ {MACHINE} }}, withCustomers: true")).await;
    let text = told(&with_customers).await;
    assert!(values(&text, "DESCRIPTION")[0].ends_with("\\nfor Müller & Söhne"), "{text}");

    let revoke = format!(r#"revokeCalendarFeed(input: {{ feedId: "{id}" }}) {{ appended userErrors {{ code }} }}"#);
    assert_eq!(change(&mut anna, &revoke).await["appended"], 1);
    assert_eq!(change(&mut anna, &revoke).await["appended"], 0);
    let revoked = nothing(&address).await;
    assert_eq!(revoked.0, 404);
    let (secret, other) = (address.rsplit('/').next().expect("a name"), "a".repeat(43));
    for never in [other.clone() + ".ics", other, "x.ics".to_owned(), secret.replace(".ics", "")] {
        assert_eq!(nothing(&format!("{}/calendar/{never}", server.url)).await, revoked, "{never}");
    }
    let listed = anna.ask("{ calendarFeeds { withCustomers machine { code } } activityLog(first: 50) { edges { node { sentence } } } }").await;
    assert_eq!(
        listed.body["data"]["calendarFeeds"],
        json!([{ "withCustomers": true, "machine": { "code": "LATHE-1" } }])
    );
    assert!(listed.body.to_string().contains("A calendar feed of machine LATHE-1 was revoked"), "{listed:?}");
}

/// A member who is an operator, signed in, and their identity.
async fn operator(server: &Server, admin: &mut Browser) -> (Browser, String) {
    change(admin, r#"inviteMember(input: { email: "ola@example.com", role: OPERATOR }) { userErrors { code } }"#).await;
    let mut ola = Browser::at(server, "203.0.117.7");
    let token = mailed(server, "ola@example.com", "invitation").await;
    let accept = json!({ "token": token, "name": "Ola Oja", "password": PASSWORD });
    assert_eq!(ola.post("/auth/invitations/accept", &accept).await.status, 200);
    let signed_in = sign_in(&mut ola, "ola@example.com", PASSWORD).await;
    (ola, signed_in.body["actorId"].as_str().expect("an identity").to_owned())
}

async fn refusal(browser: &mut Browser, mutation: &str) -> Json {
    browser.ask(&format!("mutation {{ change: {mutation} }}")).await.body["data"]["change"]["userErrors"][0]["code"]
        .clone()
}

#[tokio::test]
async fn operators_have_feeds_of_their_own_work_until_they_leave() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    shop(&mut anna).await;
    let (mut ola, id) = operator(&server, &mut anna).await;
    let register = format!(
        r#"registerOperator(input: {{ code: "OLA", name: "Ola Oja", userId: "{id}" }}) {{ position userErrors {{ code }} }}"#
    );
    let registered = change(&mut anna, &register).await;
    settled(&mut anna, &registered).await;
    for (of, code) in [
        (r#"of: { operator: { operatorCode: "ANN" } }"#, "OPERATOR_NOT_FOUND"),
        (r#"of: { operator: { operatorCode: "NOBODY" } }"#, "OPERATOR_NOT_FOUND"),
        (r#"of: { machine: { machineCode: "LATHE-1" } }"#, "MACHINE_NOT_FOUND"),
        (r#"of: { operator: { operatorCode: "OLA" } }, withCustomers: true"#, "NOT_FOUND"),
    ] {
        assert_eq!(refusal(&mut ola, &make(of)).await, code, "{of}");
    }
    let (address, own) = feed(&server, &mut ola, r#"of: { operator: { operatorCode: "OLA" } }"#).await;
    let (of_machine, foreign) = feed(&server, &mut anna, &format!("of: {{ {MACHINE} }}")).await;
    let listed = ola.ask("{ calendarFeeds { id operator { code } } }").await;
    assert_eq!(listed.body["data"]["calendarFeeds"], json!([{ "id": own, "operator": { "code": "OLA" } }]));
    let of = |id: &str| format!(r#"revokeCalendarFeed(input: {{ feedId: "{id}" }}) {{ userErrors {{ code }} }}"#);
    assert_eq!(refusal(&mut ola, &of(&foreign)).await, "CALENDAR_FEED_NOT_FOUND");
    assert_eq!(get(&address, &[]).await.status(), 200);
    let leaves =
        r#"deactivateOperator(input: { operatorCode: "OLA", reason: "left" }) { userErrors { code message } }"#;
    change(&mut anna, leaves).await;
    assert_eq!(nothing(&address).await.0, 404);
    let retires = r#"changeMachineStatus(input: { machineCode: "LATHE-1", status: RETIRED, reason: "sold" }) { position userErrors { code message } }"#;
    assert_eq!(get(&of_machine, &[]).await.status(), 200);
    let retired = change(&mut anna, retires).await;
    settled(&mut anna, &retired).await;
    assert_eq!(nothing(&of_machine).await.0, 404);
}

#[tokio::test]
async fn a_feed_ends_with_who_made_it_and_is_read_only_from_where_people_are_let_in() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    shop(&mut anna).await;
    let (mut mia, id) = manager(&server, &mut anna).await;
    let (address, _) = feed(&server, &mut mia, &format!("of: {{ {MACHINE} }}")).await;
    let role =
        |role: &str| format!(r#"changeRole(input: {{ memberId: "{id}", role: {role} }}) {{ userErrors {{ code }} }}"#);
    let status = async || nothing(&address).await.0;
    assert_eq!(status().await, 200);
    change(&mut anna, &role("OPERATOR")).await;
    assert_eq!(status().await, 404, "who made it plans no more");
    change(&mut anna, &role("MANAGER")).await;
    assert_eq!(status().await, 200);
    change(&mut anna, &format!(r#"deactivateMember(input: {{ memberId: "{id}" }}) {{ userErrors {{ code }} }}"#)).await;
    assert_eq!(status().await, 404, "who made it is not let in");
    change(&mut anna, &format!(r#"reactivateMember(input: {{ memberId: "{id}" }}) {{ userErrors {{ code }} }}"#)).await;
    assert_eq!(status().await, 200);
}

#[tokio::test]
async fn who_asks_for_too_many_is_told_to_wait_and_may_sign_in_all_the_same() {
    let data = tempfile::tempdir().expect("a folder");
    let log = data.path().join("log");
    let server = logging(&data.path().join("kilter"), &log);
    let mut anna = admin(&server).await;
    shop(&mut anna).await;
    let (address, _) = feed(&server, &mut anna, &format!("of: {{ {MACHINE} }}")).await;
    let mut statuses = Vec::new();
    for _ in 0..16 {
        statuses.push(get(&address, &[]).await.status().as_u16());
    }
    assert_eq!((&statuses[..15], statuses[15]), (&[200; 15][..], 429));
    let guess = format!("{}/calendar/{}.ics", server.url, "a".repeat(43));
    let mut refused = 0;
    for _ in 0..150 {
        refused += u32::from(get(&guess, &[]).await.status() == 429);
    }
    assert!(refused >= 10, "{refused}");
    let mut same_network = Browser::at(&server, "198.51.100.77");
    assert_eq!(sign_in(&mut same_network, "anna@example.com", PASSWORD).await.status, 200);
    let secret = address.rsplit('/').next().and_then(|name| name.strip_suffix(".ics")).expect("a secret");
    assert_eq!(server.stop(), Some(0));
    assert_eq!(
        naming(data.path(), secret.as_bytes()),
        Vec::<PathBuf>::new(),
        "the address is in no log and in no store"
    );
}

/// The files below this folder with these bytes in them.
fn naming(folder: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
    let has = |file: &PathBuf| std::fs::read(file).expect("a file").windows(bytes.len()).any(|part| part == bytes);
    let below = folders.iter().flat_map(|folder| naming(folder, bytes));
    files.into_iter().filter(has).chain(below).collect()
}

/// A server that writes what it has to say into a file, all of it.
fn logging(data: &Path, log: &Path) -> Server {
    let mut command = Process::new(kilter());
    command.arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
    command.env("KILTER_TRUSTED_PROXIES", "127.0.0.0/8").env("KILTER_OUTBOX_PAGE", "true");
    Server::spawn_logging(command, log)
}
