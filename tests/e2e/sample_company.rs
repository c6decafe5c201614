//! The sample company of `kilter demo`: loaded once, and entered by a link.

use std::path::Path;

use api::demo::{COMPANY, QUESTION, TENANT};
use serde_json::{Value as Json, json};
use tests::people::Browser;
use tests::process::{Server, kilter, token};

fn demo(data: &Path) -> Server {
    let mut command = std::process::Command::new(kilter());
    command.arg("demo").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
    Server::spawn(command)
}

#[tokio::test]
async fn the_sample_company_is_loaded_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let query =
        "{ company { name calendar { name } } machines(first: 100) { totalCount } operators(first: 100) { totalCount }
        jobs(first: 1) { totalCount position } }";
    let ask = async |server: &Server| server.ask(&token(folder.path(), TENANT), query, json!({})).await;
    let server = demo(folder.path());
    let first = ask(&server).await;
    assert_eq!(first["data"]["company"], json!({ "name": COMPANY, "calendar": { "name": "Two shifts" } }), "{first}");
    assert_eq!(first["data"]["machines"]["totalCount"], 12, "{first}");
    let invited = server.ask(&token(folder.path(), TENANT), QUESTION, json!({})).await;
    assert!(invited["data"]["jobs"]["totalCount"].as_i64() > Some(0), "something is late: {invited}");
    let shop = "{ jobs(first: 100, filter: { status: [RUNNING, PAUSED, BLOCKED, SCHEDULED, PENDING, CANCELLED] }) { edges { node { status } } }
        done: jobs(first: 1, filter: { status: [COMPLETED] }) { edges { node { status } } }
        machines(first: 100) { edges { node { status reason } } } operators(first: 100) { edges { node { absences { kind } } } }
        shopTotals(from: \"2020-01-01T00:00:00Z\", to: \"2100-01-01T00:00:00Z\", by: WORK_CENTER) { scrap rework held } }";
    let shop = server.ask(&token(folder.path(), TENANT), shop, json!({})).await.to_string();
    for seen in [
        "RUNNING",
        "PAUSED",
        "BLOCKED",
        "SCHEDULED",
        "PENDING",
        "COMPLETED",
        "CANCELLED",
        "DOWN",
        "spindle",
        "AWAY",
        "HOLIDAY",
    ] {
        assert!(shop.contains(seen), "{seen}: {shop}");
    }
    assert_eq!(server.stop(), Some(0));
    assert_eq!(ask(&demo(folder.path())).await, first, "the second start adds nothing");
}

/// The token of the link that was printed.
fn link(server: &mut Server) -> Json {
    let port = server.url.rsplit_once(':').expect("a port").1.to_owned();
    let link = server.told(&format!("http://localhost:{port}/guest#"));
    json!({ "token": link.split_once('#').expect("a token").1 })
}

#[tokio::test]
async fn a_link_lets_one_browser_into_the_sample_company_once_and_each_start_prints_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = demo(folder.path());
    let first = link(&mut server);
    let page = reqwest::get(format!("{}/guest", server.url)).await.expect("a page");
    assert_eq!(page.status(), 200);
    let mut stranger = Browser::at(&server, "127.0.0.1");
    for bad in ["", "x", &"x".repeat(500)] {
        let refused = stranger.post("/auth/guest", &json!({ "token": bad })).await;
        assert!((400..500).contains(&refused.status), "{refused:?}");
    }
    let mut guest = Browser::at(&server, "127.0.0.1");
    let entered = guest.post("/auth/guest", &first).await;
    assert_eq!(entered.status, 200, "{entered:?}");
    let told = guest.ask("{ company { name } jobs(first: 1) { totalCount } }").await;
    assert_eq!(told.body["data"]["company"]["name"], COMPANY, "{told:?}");
    let refused = stranger.post("/auth/guest", &first).await;
    assert!((400..500).contains(&refused.status) && stranger.cookies.is_empty(), "once: {refused:?}");
    assert_eq!(server.stop(), Some(0));

    let mut again = demo(folder.path());
    let mut guest = Browser::at(&again, "127.0.0.1");
    let refused = guest.post("/auth/guest", &first).await;
    assert!((400..500).contains(&refused.status), "the former start's: {refused:?}");
    let second = link(&mut again);
    assert_eq!(guest.post("/auth/guest", &second).await.status, 200);
    let logins = guest.ask("{ logins(last: 1) { edges { node { way memberName } } } }").await;
    let login = json!({ "way": "LINK", "memberName": "Guest of Kestrel" });
    assert_eq!(logins.body["data"]["logins"]["edges"][0]["node"], login, "{logins:?}");
    assert_eq!(again.stop(), Some(0));

    let serves = Server::start(folder.path());
    let mut guest = Browser::at(&serves, "127.0.0.1");
    for token in [first, second] {
        let refused = guest.post("/auth/guest", &token).await;
        assert!((400..500).contains(&refused.status) && guest.cookies.is_empty(), "without a sample: {refused:?}");
    }
    assert_eq!(serves.stop(), Some(0));
}
