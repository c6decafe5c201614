//! Who belongs to a company: invited, given other roles, signed out by force and barred, over real HTTP.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tests::edge::Socket;
use tests::people::{Browser, mailed, outbox};
use tests::process::Server;

use super::identity::{ACCESS, PASSWORD, serve, sign_in, signed_up};

/// How soon what an admin does must bite.
pub(super) const AT_ONCE: Duration = Duration::from_secs(1);

/// An admin who is signed in.
pub(super) async fn admin(server: &Server) -> Browser {
    signed_up(server, "anna@example.com").await;
    let mut anna = Browser::at(server, "203.0.113.7");
    assert_eq!(sign_in(&mut anna, "anna@example.com", PASSWORD).await.status, 200);
    anna
}

/// What a mutation without refusal answers.
pub(super) async fn change(browser: &mut Browser, mutation: &str) -> Json {
    let answer = browser.ask(&format!("mutation {{ change: {mutation} }}")).await;
    let change = &answer.body["data"]["change"];
    assert_eq!(change["userErrors"], json!([]), "{mutation}: {answer:?}");
    change.clone()
}

/// A manager whom the admin invited, signed in, and their identity.
pub(super) async fn manager(server: &Server, admin: &mut Browser) -> (Browser, String) {
    let invite = r#"inviteMember(input: { email: "mia@example.com", role: MANAGER })
        { invitation { email status role } position userErrors { code } }"#;
    let invited = change(admin, invite).await;
    let seen = json!({ "email": "mia@example.com", "status": "OPEN", "role": "MANAGER" });
    assert_eq!(invited["invitation"], seen);
    let mut mia = Browser::at(server, "203.0.116.7");
    let accept = json!({
        "token": mailed(server, "mia@example.com", "invitation").await, "name": "Mia Mets", "password": PASSWORD,
    });
    assert_eq!(mia.post("/auth/invitations/accept", &accept).await.status, 200);
    let signed_in = sign_in(&mut mia, "mia@example.com", PASSWORD).await;
    assert_eq!((signed_in.status, &signed_in.body["role"]), (200, &json!("manager")), "{signed_in:?}");
    let id = signed_in.body["actorId"].as_str().expect("an identity").to_owned();
    (mia, id)
}

/// An open dashboard of theirs.
pub(super) async fn dashboard(server: &Server, browser: &Browser) -> Socket {
    let address = server.url.strip_prefix("http://").and_then(|address| address.parse().ok()).expect("an address");
    let cookie = ("cookie", format!("{ACCESS}={}", browser.cookies[ACCESS]));
    let mut socket = Socket::connect(address, Some("graphql-transport-ws"), &[cookie]).await.expect("a socket");
    socket.send(&json!({ "type": "connection_init" })).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    socket
}

#[tokio::test]
async fn another_role_holds_at_once_and_closes_open_dashboards() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (mut mia, id) = manager(&server, &mut anna).await;
    let open = r#"createWorkCenter(input: { code: "CNC", name: "Mills" }) { userErrors { code } }"#;
    change(&mut mia, open).await;
    let mut socket = dashboard(&server, &mia).await;
    let role = format!(
        r#"changeRole(input: {{ memberId: "{id}", role: OPERATOR }}) {{ member {{ role name email }} userErrors {{ code }} }}"#
    );
    let changed = change(&mut anna, &role).await;
    let told = Instant::now();
    let seen = json!({ "role": "OPERATOR", "name": "Mia Mets", "email": "mia@example.com" });
    assert_eq!(changed["member"], seen);
    assert_eq!(socket.close_code().await, 4401);
    assert!(told.elapsed() < AT_ONCE, "{:?}", told.elapsed());
    let before = mia.ask("{ viewer { role } }").await;
    assert_eq!((before.status, before.code()), (401, "UNAUTHENTICATED"), "the former token says manager");
    assert_eq!(mia.post("/auth/refresh", &json!({})).await.status, 200);
    assert_eq!(mia.ask("{ viewer { role } }").await.body["data"]["viewer"]["role"], "OPERATOR");
    assert_eq!(mia.ask("{ members(first: 5) { totalCount } }").await.code(), "NOT_FOUND");
}

#[tokio::test]
async fn who_is_signed_out_by_force_is_out_within_a_second_and_told() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (mut mia, id) = manager(&server, &mut anna).await;
    let mut socket = dashboard(&server, &mia).await;
    let force = format!(r#"forceSignOut(input: {{ memberId: "{id}" }}) {{ appended userErrors {{ code }} }}"#);
    assert_eq!(change(&mut anna, &force).await["appended"], 1);
    let told = Instant::now();
    assert_eq!(socket.close_code().await, 4401);
    assert!(told.elapsed() < AT_ONCE, "{:?}", told.elapsed());
    assert_eq!(mia.ask("{ viewer { role } }").await.status, 401);
    assert_eq!(mia.post("/auth/refresh", &json!({})).await.status, 401);
    let mails = outbox(&server).await;
    assert!(mails.iter().any(|mail| mail["to"] == "mia@example.com" && mail["letter"] == "sessions_ended"));
    assert_eq!(sign_in(&mut mia, "mia@example.com", PASSWORD).await.status, 200, "she may come in again");
}

#[tokio::test]
async fn who_was_signed_out_by_force_stays_out_when_the_server_starts_anew() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (mia, id) = manager(&server, &mut anna).await;
    change(&mut anna, &format!(r#"forceSignOut(input: {{ memberId: "{id}" }}) {{ userErrors {{ code }} }}"#)).await;
    assert_eq!(server.stop(), Some(0));
    let server = serve(data.path());
    let (mut annas, mut mias) = (Browser::at(&server, "203.0.113.7"), Browser::at(&server, "203.0.116.7"));
    (annas.cookies, mias.cookies) = (anna.cookies, mia.cookies);
    assert_eq!(mias.ask("{ viewer { role } }").await.status, 401, "her token would be good for minutes yet");
    assert_eq!(annas.ask("{ viewer { role } }").await.status, 200);
}

#[tokio::test]
async fn who_is_barred_is_out_at_once_until_let_back_in() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (mut mia, id) = manager(&server, &mut anna).await;
    let of_mia = format!(r#"memberId: "{id}""#);
    let bar = format!(
        r#"deactivateMember(input: {{ {of_mia}, reason: "left" }}) {{ member {{ active reason }} userErrors {{ code }} }}"#
    );
    assert_eq!(change(&mut anna, &bar).await["member"], json!({ "active": false, "reason": "left" }));
    assert_eq!(mia.ask("{ viewer { role } }").await.status, 401);
    assert_eq!(sign_in(&mut mia, "mia@example.com", PASSWORD).await.code(), "CREDENTIALS_REFUSED");
    change(&mut anna, &format!("reactivateMember(input: {{ {of_mia} }}) {{ userErrors {{ code }} }}")).await;
    assert_eq!(sign_in(&mut mia, "mia@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_manager_sees_colleagues_but_neither_their_addresses_nor_their_ways_in() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (mut mia, _) = manager(&server, &mut anna).await;
    let list = "{ members(first: 9) { edges { node { name email waysIn } } } }";
    let seen = mia.ask(list).await;
    let emails: Vec<Json> = seen.body["data"]["members"]["edges"]
        .as_array()
        .expect("members")
        .iter()
        .map(|edge| json!([edge["node"]["name"], edge["node"]["email"]]))
        .collect();
    assert!(emails.contains(&json!(["Anna Kask", null])), "{seen:?}");
    assert!(emails.contains(&json!(["Mia Mets", "mia@example.com"])), "{seen:?}");
    let log = "{ activityLog(first: 99) { edges { node { kind } } } }";
    let kinds = |answer: tests::people::Answer| answer.body["data"]["activityLog"].to_string();
    let (hers, all) = (kinds(mia.ask(log).await), kinds(anna.ask(log).await));
    for kind in ["ACCOUNT", "SESSION"] {
        assert!(all.contains(&format!("\"{kind}\"")) && !hers.contains(&format!("\"{kind}\"")), "{kind}: {hers}");
    }
    let own = mia.ask("{ viewer { actorId } me { member { email } passwordSet } }").await;
    let (data, id) = (&own.body["data"], &own.body["data"]["viewer"]["actorId"]);
    assert_eq!(data["me"]["member"]["email"], "mia@example.com", "{own:?}");
    let about = format!("{{ activityLog(first: 99, filter: {{ actorId: {id} }}) {{ edges {{ node {{ kind }} }} }} }}");
    assert!(kinds(mia.ask(&about).await).contains("\"SESSION\""), "what she did herself she sees");
    assert_eq!(mia.ask("{ invitations(first: 5) { totalCount } }").await.code(), "NOT_FOUND");
}
