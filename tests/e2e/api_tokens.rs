//! API tokens over real HTTP: made, used as curl does and on a socket, never more than who made them, revoked within a second.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::auth::revocations::Revocations;
use api::auth::{Authenticator, Sessions, TokenKeys};
use api::identity::{Identity, NewApiToken};
use domain::identity::api_token::{ApiTokenCommand, TokenGrant, TokenName};
use domain::kernel::time::later;
use domain::kernel::{Action, Caller, Role, Timestamp};
use domain::ports::Clock;
use domain::run::{Command, Request};
use domain::tenancy::roster::RosterCommand;
use infra::clock::SystemClock;
use serde_json::{Value as Json, json};
use tests::app::TestApp;
use tests::edge::Socket;
use tests::people::{Answer, Browser, Program};
use tests::process::Server;

use super::identity::{PASSWORD, serve, sign_in, signed_up};
use super::members::{AT_ONCE, admin, change, manager};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const HOUR: i64 = 3600;

fn in_seconds(seconds: i64) -> Timestamp {
    later(SystemClock.now(), seconds)
}

fn make(role: &str, scope: &str, expires: Timestamp) -> String {
    format!(
        r#"makeApiToken(input: {{ name: "ERP", role: {role}, scope: [{scope}], expires: "{expires}" }}) {{
            token apiToken {{ id name role scope madeBy revoked lastUsed }} userErrors {{ code field }} }}"#
    )
}

/// A new token of this maker, used from this address; and its identity.
pub(super) async fn token(server: &Server, maker: &mut Browser, (role, scope): (&str, &str)) -> (Program, String) {
    let made = change(maker, &make(role, scope, in_seconds(HOUR))).await;
    let id = made["apiToken"]["id"].as_str().expect("an identity").to_owned();
    (Program::at(server, "203.0.113.50", made["token"].as_str().expect("a token")), id)
}

async fn revoke(browser: &mut Browser, id: &str) -> Json {
    let revoke = format!(
        r#"revokeApiToken(input: {{ apiTokenId: "{id}" }}) {{ appended apiToken {{ revoked }} userErrors {{ code }} }}"#
    );
    change(browser, &revoke).await
}

/// An open dashboard of a program.
pub(super) async fn socket(server: &Server, program: &Program) -> Socket {
    let address = server.url.strip_prefix("http://").and_then(|address| address.parse().ok()).expect("an address");
    let from = ("x-forwarded-for", program.address.clone());
    let mut socket = Socket::connect(address, Some("graphql-transport-ws"), &[from]).await.expect("a socket");
    socket.init(&program.token).await;
    socket.subscribe("1", "subscription { jobChanged { __typename } }", json!({})).await;
    socket
}

/// Waits for the close of a socket: how it was closed.
pub(super) async fn closed(socket: &mut Socket) -> u16 {
    loop {
        if let Err((code, _)) = socket.receive().await {
            return code;
        }
    }
}

fn refusal(answer: &Answer) -> Json {
    answer.body["data"]["change"]["userErrors"][0]["code"].clone()
}

#[tokio::test]
async fn a_token_is_made_and_used_over_http_and_on_a_socket_until_it_is_revoked() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let made = change(&mut anna, &make("MANAGER", "VIEW_SHOP, MANAGE_MACHINES", in_seconds(HOUR))).await;
    let me = anna.ask("{ viewer { actorId } }").await.body["data"]["viewer"]["actorId"].clone();
    let id = made["apiToken"]["id"].clone();
    let seen = json!({
        "id": id, "name": "ERP", "role": "MANAGER", "scope": ["MANAGE_MACHINES", "VIEW_SHOP"], "madeBy": me, "revoked": null,
        "lastUsed": null,
    });
    assert_eq!(made["apiToken"], seen);
    let erp = Program::at(&server, "203.0.113.50", made["token"].as_str().expect("a token"));
    assert!(erp.token.starts_with("kilter_") && erp.token.len() == 50, "{}", erp.token);
    let viewer = erp.ask("{ viewer { role actorId name } company { name } }").await;
    assert_eq!(viewer.body["data"]["viewer"], json!({ "role": "MANAGER", "actorId": id, "name": "ERP" }), "{viewer:?}");
    let work_center =
        r#"mutation { change: createWorkCenter(input: { code: "CNC", name: "Mills" }) { userErrors { code } } }"#;
    assert_eq!(erp.ask(work_center).await.body["data"]["change"]["userErrors"], json!([]));
    let list = "{ apiTokens(first: 5, includeRevoked: true) { totalCount edges { node { lastUsed revoked } } } }";
    let listed = anna.ask(list).await.body["data"]["apiTokens"].clone();
    assert!(listed["edges"][0]["node"]["lastUsed"].is_string(), "{listed}");
    assert!(
        !anna
            .ask("{ activityLog(first: 99) { edges { node { sentence } } } }")
            .await
            .body
            .to_string()
            .contains(&erp.token)
    );
    let mut open = socket(&server, &erp).await;
    let told = Instant::now();
    let id = id.as_str().expect("an identity");
    let revoked = revoke(&mut anna, id).await;
    assert!(revoked["apiToken"]["revoked"].is_string(), "{revoked}");
    assert_eq!(closed(&mut open).await, 4401);
    assert!(told.elapsed() < AT_ONCE, "{:?}", told.elapsed());
    assert_eq!(erp.ask("{ viewer { role } }").await.status, 401);
    assert_eq!(revoke(&mut anna, id).await["appended"], 0, "what is so already");
    let standing = anna.ask("{ apiTokens(first: 5) { totalCount } }").await;
    assert_eq!(standing.body["data"]["apiTokens"]["totalCount"], 0);
}

#[tokio::test]
async fn a_token_may_what_it_was_made_for_and_nothing_that_is_for_people() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (erp, own) = token(&server, &mut anna, ("ADMIN", "VIEW_SHOP, CONFIGURE_COMPANY")).await;
    let questions = [
        "me { passwordSet }",
        "sessions { id }",
        "members(first: 1) { totalCount }",
        "apiTokens(first: 1) { totalCount }",
        "logins(first: 1) { totalCount }",
        "activityLog(first: 1) { totalCount }",
        "invitations(first: 1) { totalCount }",
    ];
    for question in questions {
        assert_eq!(erp.ask(&format!("{{ {question} }}")).await.code(), "NOT_FOUND", "{question}");
    }
    let revoke = format!(r#"revokeApiToken(input: {{ apiTokenId: "{own}" }})"#);
    let changes = [
        revoke.as_str(),
        r#"makeApiToken(input: { name: "x", role: ADMIN, scope: [VIEW_SHOP], expires: "2030-01-01T00:00:00Z" })"#,
        r#"createWorkCenter(input: { code: "CNC", name: "Mills" })"#,
        r#"inviteMember(input: { email: "x@example.com", role: ADMIN })"#,
        r#"describeMyself(input: { name: "ERP" })"#,
        r#"changePassword(input: { present: "x", password: "y" })"#,
        "endOtherSessions",
        r#"setCompanySecurity(input: { twoFactorRoles: [], networks: [] })"#,
        r#"endSession(input: { sessionId: "9d8a0f0e-5a51-4c5d-9a4e-0c6f2f9d7b11" })"#,
    ];
    for change in changes {
        let answer = erp.ask(&format!("mutation {{ change: {change} {{ userErrors {{ code }} }} }}")).await;
        assert_eq!(refusal(&answer), "NOT_FOUND", "{change}: {answer:?}");
    }
    for route in ["second-factor/totp/begin", "second-factor/totp/remove", "second-factor/recovery-codes"] {
        let body = if route.ends_with("begin") { json!({}) } else { json!({ "password": "x" }) };
        assert_eq!(erp.post(&format!("/auth/{route}"), &body).await.status, 401, "{route}");
    }
    assert_eq!(erp.ask("{ company { name } }").await.body["data"]["company"]["name"], "Kask & Söhne");
}

#[tokio::test]
async fn whatever_is_wrong_with_a_token_is_answered_alike() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (revoked, id) = token(&server, &mut anna, ("AUDITOR", "VIEW_SHOP")).await;
    revoke(&mut anna, &id).await;
    let short = change(&mut anna, &make("AUDITOR", "VIEW_SHOP", in_seconds(1))).await;
    let ended = Program::at(&server, "203.0.113.50", short["token"].as_str().expect("a token"));
    while ended.ask("{ viewer { role } }").await.status != 401 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let never = Program::at(&server, "203.0.113.50", "kilter_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let cut = Program::at(&server, "203.0.113.50", &revoked.token[..20]);
    let expected = never.ask("{ viewer { role } }").await;
    assert_eq!((expected.status, expected.code()), (401, "UNAUTHENTICATED"));
    for program in [revoked, ended, cut] {
        let answer = program.ask("{ viewer { role } }").await;
        assert_eq!((answer.status, &answer.body), (401, &expected.body), "{}", program.token);
    }
}

#[tokio::test]
async fn a_token_may_no_more_than_who_made_it_may_by_now() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (mut mia, mia_id) = manager(&server, &mut anna).await;
    let refused = mia.ask(&format!("mutation {{ change: {} }}", make("OPERATOR", "VIEW_SHOP", in_seconds(HOUR)))).await;
    assert_eq!(refusal(&refused), "NOT_FOUND", "{refused:?}");
    let of_mia = format!(r#"memberId: "{mia_id}""#);
    let become_ = |role: &str| format!("changeRole(input: {{ {of_mia}, role: {role} }}) {{ userErrors {{ code }} }}");
    change(&mut anna, &become_("ADMIN")).await;
    assert_eq!(mia.post("/auth/refresh", &json!({})).await.status, 200);
    let (erp, _) = token(&server, &mut mia, ("ADMIN", "VIEW_SHOP, MANAGE_MACHINES, WORK_ON_FLOOR")).await;
    let work_center = |code: &str| {
        format!(
            r#"mutation {{ change: createWorkCenter(input: {{ code: "{code}", name: "Mills" }}) {{ userErrors {{ code }} }} }}"#
        )
    };
    assert_eq!(erp.ask(&work_center("A")).await.body["data"]["change"]["userErrors"], json!([]));
    let mut open = socket(&server, &erp).await;
    let told = Instant::now();
    change(&mut anna, &become_("OPERATOR")).await;
    assert_eq!(closed(&mut open).await, 4401);
    assert!(told.elapsed() < AT_ONCE, "{:?}", told.elapsed());
    assert_eq!(refusal(&erp.ask(&work_center("B")).await), "NOT_FOUND");
    assert_eq!(erp.ask("{ viewer { role } company { name } }").await.body["data"]["viewer"]["role"], "OPERATOR");
    let mut open = socket(&server, &erp).await;
    let told = Instant::now();
    change(&mut anna, &format!("deactivateMember(input: {{ {of_mia} }}) {{ userErrors {{ code }} }}")).await;
    assert_eq!(closed(&mut open).await, 4401);
    assert!(told.elapsed() < AT_ONCE, "{:?}", told.elapsed());
    assert_eq!(erp.ask("{ viewer { role } }").await.status, 401, "it ends with who made it");
}

#[tokio::test]
async fn a_token_that_can_not_be_is_refused_by_field() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let cases = [
        (make("OPERATOR", "", in_seconds(HOUR)), ["API_TOKEN_SCOPE_EMPTY", "scope"]),
        (make("OPERATOR", "MANAGE_JOBS", in_seconds(HOUR)), ["API_TOKEN_SCOPE_BEYOND_ROLE", "scope"]),
        (make("ADMIN", "MANAGE_MEMBERS", in_seconds(HOUR)), ["API_TOKEN_SCOPE_FOR_PEOPLE", "scope"]),
        (make("ADMIN", "OWN_ACCOUNT", in_seconds(HOUR)), ["API_TOKEN_SCOPE_FOR_PEOPLE", "scope"]),
        (make("ADMIN", "VIEW_SHOP", in_seconds(-1)), ["API_TOKEN_LIFE_OUT_OF_RANGE", "expires"]),
        (make("ADMIN", "VIEW_SHOP", in_seconds(367 * 24 * HOUR)), ["API_TOKEN_LIFE_OUT_OF_RANGE", "expires"]),
        (make("ADMIN", "VIEW_SHOP", in_seconds(HOUR)).replace("\"ERP\"", "\"\""), ["BAD_TEXT", "name"]),
    ];
    for (make, [code, field]) in cases {
        let answer = anna.ask(&format!("mutation {{ change: {make} }}")).await;
        let change = &answer.body["data"]["change"];
        assert_eq!(change["userErrors"], json!([{ "code": code, "field": field }]), "{make}");
        assert_eq!((&change["token"], &change["apiToken"]), (&Json::Null, &Json::Null));
    }
}

/// A company with a token, in this process; and what tokens are checked by.
async fn company_with_token() -> (TestApp, Arc<Identity>, Caller, NewApiToken, Authenticator) {
    let app = TestApp::start().await;
    let anna = app.caller("ours", Role::Admin).await;
    let begin = Request::from(Command::Roster(RosterCommand::Begin));
    app.deps.commands.run(&anna, begin).await.expect("a roster");
    let people = Arc::clone(app.deps.people.as_ref().expect("people"));
    let grant = TokenGrant {
        name: TokenName::try_new("ERP").expect("a name"),
        role: Role::Auditor,
        scope: BTreeSet::from([Action::ViewShop]),
        expires: later(app.clock.now(), HOUR),
    };
    let made = people.make_api_token(&anna, grant).await.expect("a token");
    let clock = Arc::clone(&app.clock) as Arc<dyn Clock>;
    let keys = TokenKeys::new("1", &[1; 32]).expect("keys");
    let revocations = Arc::new(Revocations::new(app.clock.now()));
    let (commands, api_tokens) = (Arc::clone(&app.deps.commands), Arc::clone(&people.api_tokens));
    let at_terminals = Arc::clone(&people.at_terminals);
    let sessions = Sessions { revocations, commands, api_tokens, at_terminals };
    let checked = Authenticator::new(keys, clock, Arc::clone(&app.deps.registry)).with_sessions(sessions);
    checked.authenticate(&made.text, HERE).await.expect("it is good");
    (app, people, anna, made, checked)
}

#[tokio::test]
async fn a_revocation_that_was_cut_short_leaves_no_token_that_is_good_and_is_finished_when_asked_again() {
    let (app, people, anna, made, checked) = company_with_token().await;
    people.api_tokens.forget(anna.tenant, made.id, app.clock.now()).await.expect("the first half");
    assert!(checked.authenticate(&made.text, HERE).await.is_err(), "the vault does not hold it");
    assert_eq!(people.revoke_api_token(&anna, made.id).await.expect("the second").appended, 1);
    assert_eq!(people.revoke_api_token(&anna, made.id).await.expect("once more").appended, 0);

    let (app, people, anna, made, checked) = company_with_token().await;
    let revoke = Request::from(Command::ApiToken(made.id, ApiTokenCommand::Revoke));
    app.deps.commands.run(&anna, revoke).await.expect("the second half alone");
    assert!(
        checked.authenticate(&made.text, HERE).await.is_err(),
        "the log calls it revoked, though the vault holds it"
    );
    people.revoke_api_token(&anna, made.id).await.expect("the rest");
    let used = people.api_tokens.last_used(anna.tenant, made.id, app.clock.now()).await;
    assert_eq!(used, Ok(None), "nothing rests of it");
}

#[tokio::test]
async fn who_revokes_what_is_no_token_of_theirs_takes_nothing_from_anybody() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (erp, id) = token(&server, &mut anna, ("AUDITOR", "VIEW_SHOP")).await;
    signed_up(&server, "ben@example.org").await;
    let mut ben = Browser::at(&server, "203.0.118.7");
    assert_eq!(sign_in(&mut ben, "ben@example.org", PASSWORD).await.status, 200);
    let me = anna.ask("{ viewer { actorId } }").await.body["data"]["viewer"]["actorId"].clone();
    let revoke = |id: &Json| {
        format!("mutation {{ change: revokeApiToken(input: {{ apiTokenId: {id} }}) {{ userErrors {{ code }} }} }}")
    };
    assert_eq!(refusal(&anna.ask(&revoke(&me)).await), "API_TOKEN_NOT_FOUND");
    assert_eq!(anna.post("/auth/refresh", &json!({})).await.status, 200, "her own secrets are no tokens");
    assert_eq!(sign_in(&mut anna, "anna@example.com", PASSWORD).await.status, 200);
    assert_eq!(refusal(&ben.ask(&revoke(&json!(id))).await), "API_TOKEN_NOT_FOUND", "it is another company's");
    assert_eq!(erp.ask("{ viewer { role } }").await.status, 200);
}
