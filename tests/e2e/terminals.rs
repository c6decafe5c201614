//! Terminals over real HTTP: paired once, let operators in by PIN and badge, for their own work and nothing else.

use serde_json::{Value as Json, json};
use tests::people::{Answer, Browser};
use tests::process::Server;

use super::identity::serve;
use super::members::{admin, change, manager};

const TABLET: &str = "203.0.117.7";
pub(super) const FLOOR: &str = "__Host-kilter-floor";
pub(super) const TERMINAL: &str = "__Host-kilter-terminal";

pub(super) async fn operator(admin: &mut Browser, code: &str, pin: &str) -> String {
    let register =
        format!(r#"registerOperator(input: {{ code: "{code}" }}) {{ operator {{ id }} userErrors {{ code }} }}"#);
    let id = change(admin, &register).await["operator"]["id"].as_str().expect("an identity").to_owned();
    set_pin(admin, &id, pin).await;
    id
}

async fn set_pin(admin: &mut Browser, id: &str, pin: &str) {
    let set = format!(
        r#"setOperatorPin(input: {{ operatorId: "{id}", pin: "{pin}" }}) {{ appended userErrors {{ code }} }}"#
    );
    assert_eq!(change(admin, &set).await["appended"], 1);
}

pub(super) async fn code(admin: &mut Browser) -> String {
    let make = r#"makePairingCode(input: { name: "Mill 3" }) { code expires userErrors { code } }"#;
    change(admin, make).await["code"].as_str().expect("a code").to_owned()
}

pub(super) async fn paired(server: &Server, admin: &mut Browser) -> Browser {
    let (mut tablet, code) = (Browser::at(server, TABLET), code(admin).await);
    let paired = tablet.post("/auth/terminal/pair", &json!({ "code": code.to_lowercase() })).await;
    assert_eq!((paired.status, &paired.body["name"]), (200, &json!("Mill 3")), "{paired:?}");
    tablet
}

pub(super) async fn enter(tablet: &mut Browser, operator: &str, pin: &str) -> Answer {
    tablet.post("/auth/terminal/enter", &json!({ "operatorId": operator, "pin": pin })).await
}

pub(super) async fn see(tablet: &mut Browser) -> Answer {
    tablet.post("/auth/terminal/see", &json!({})).await
}

pub(super) async fn queue(tablet: &mut Browser, operator: &str) -> Answer {
    tablet.ask(&format!(r#"{{ readyToRun(operatorId: "{operator}") {{ operation }} }}"#)).await
}

#[tokio::test]
async fn a_tablet_is_paired_once_and_shows_who_works_there_and_nothing_else() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    operator(&mut anna, "OP-1", "1379").await;
    let mut stranger = Browser::at(&server, "203.0.118.7");
    assert_eq!(see(&mut stranger).await.code(), "TERMINAL_REFUSED");
    let wrong = stranger.post("/auth/terminal/pair", &json!({ "code": "AAAA-AAAA" })).await;
    assert_eq!((wrong.status, wrong.code()), (401, "CODE_REFUSED"));
    let code = code(&mut anna).await;
    let mut tablet = Browser::at(&server, TABLET);
    assert_eq!(tablet.post("/auth/terminal/pair", &json!({ "code": code })).await.status, 200);
    let again = stranger.post("/auth/terminal/pair", &json!({ "code": code })).await;
    assert_eq!((again.status, again.code()), (401, "CODE_REFUSED"), "a used code is as one that never was");
    let seen = see(&mut tablet).await;
    assert_eq!(seen.body["operators"][0]["code"], "OP-1", "{seen:?}");
    assert_eq!(tablet.ask("{ jobs(first: 1) { totalCount } }").await.status, 401, "by itself it is nobody");
    let listed = anna.ask("{ terminals { id name lastUsed } }").await;
    assert_eq!(listed.body["data"]["terminals"][0]["name"], "Mill 3", "{listed:?}");
    let told = anna.ask("{ activityLog(first: 20) { edges { node { sentence } } } }").await.body.to_string();
    assert!(told.contains("The terminal Mill 3 was paired") && told.contains("has a new PIN"), "{told}");
}

#[tokio::test]
async fn who_guesses_at_codes_waits() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let _anna = admin(&server).await;
    let mut thief = Browser::at(&server, "203.0.118.7");
    let mut last = String::new();
    for guess in 0..12 {
        let answer = thief.post("/auth/terminal/pair", &json!({ "code": format!("AAAA-AAA{guess}") })).await;
        last = answer.code().to_owned();
    }
    assert!(matches!(last.as_str(), "SIGN_IN_WAITS" | "RATE_LIMITED"), "{last}");
}

#[tokio::test]
async fn an_operator_works_at_a_terminal_in_their_own_name_and_does_nothing_else_there() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (otto, ben) = (operator(&mut anna, "OP-1", "1379").await, operator(&mut anna, "OP-2", "2468").await);
    let mut tablet = paired(&server, &mut anna).await;
    let wrong = enter(&mut tablet, &otto, "2468").await;
    let unknown = enter(&mut tablet, "11111111-1111-4111-8111-111111111111", "2468").await;
    assert_eq!((wrong.status, wrong.code()), (401, "PIN_REFUSED"));
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body), "who exists is not told");
    let entered = enter(&mut tablet, &otto, "1379").await;
    assert_eq!((entered.status, &entered.body["operatorId"]), (200, &json!(otto)), "{entered:?}");
    let own = queue(&mut tablet, &otto).await;
    assert_eq!(own.body["data"]["readyToRun"], json!([]), "{own:?}");
    let beyond = [
        "{ jobs(first: 1) { totalCount } }",
        "{ members(first: 1) { totalCount } }",
        "{ operators(first: 1) { totalCount } }",
        "{ ...f } fragment f on Query { company { name } terminals { id } }",
        "mutation { makePairingCode(input: { name: \"x\" }) { code } }",
        "mutation { blockJob(input: {}) { appended } }",
        "{ company @asOf(position: \"1\") { name } }",
    ];
    for query in beyond {
        let answer = tablet.ask(query).await;
        assert!(answer.body["data"].is_null() && !answer.code().is_empty(), "{query}: {answer:?}");
    }
    assert_eq!(queue(&mut tablet, &ben).await.code(), "NOT_FOUND", "somebody else's queue");
    let foreign = format!(
        r#"mutation {{ startOperation(input: {{ jobNumber: "J-1", operation: 10, operatorId: "{ben}" }}) {{ appended }} }}"#
    );
    assert_eq!(tablet.ask(&foreign).await.code(), "NOT_FOUND", "in somebody else's name");
    let own = foreign.replace(&ben, &otto).replace("appended", "userErrors { code }");
    assert_eq!(tablet.ask(&own).await.body["data"]["startOperation"]["userErrors"][0]["code"], "JOB_NOT_FOUND");
    let record = anna.ask("{ logins(first: 5) { edges { node { memberName way } } } }").await;
    assert!(record.body.to_string().contains("PIN"), "{record:?}");
    assert_eq!(tablet.post("/auth/terminal/leave", &json!({})).await.status, 200);
    assert!(!tablet.cookies.contains_key(FLOOR) && tablet.cookies.contains_key(TERMINAL));
    assert_eq!(queue(&mut tablet, &otto).await.status, 401);
}

#[tokio::test]
async fn who_guesses_at_a_pin_waits_and_a_new_pin_lifts_it() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let otto = operator(&mut anna, "OP-1", "1379").await;
    let mut tablet = paired(&server, &mut anna).await;
    for _ in 0..5 {
        assert_eq!(enter(&mut tablet, &otto, "1111").await.code(), "PIN_REFUSED");
    }
    let waits = enter(&mut tablet, &otto, "1379").await;
    assert_eq!((waits.status, waits.code()), (429, "SIGN_IN_WAITS"), "the right one does not help: {waits:?}");
    let mut other = paired(&server, &mut anna).await;
    assert_eq!(
        enter(&mut other, &otto, "1379").await.status,
        200,
        "who guesses at one tablet keeps nobody out of another"
    );
    assert_eq!(enter(&mut tablet, &otto, "1379").await.code(), "SIGN_IN_WAITS");
    set_pin(&mut anna, &otto, "8642").await;
    assert_eq!(enter(&mut tablet, &otto, "8642").await.status, 200);
}

#[tokio::test]
async fn a_badge_lets_in_until_it_is_taken_away_or_its_owner_leaves() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (otto, ben) = (operator(&mut anna, "OP-1", "1379").await, operator(&mut anna, "OP-2", "2468").await);
    let badge = |id: &str| {
        format!(
            r#"registerBadge(input: {{ operatorId: "{id}", badge: "B-4711" }}) {{ appended userErrors {{ code field }} }}"#
        )
    };
    change(&mut anna, &badge(&otto)).await;
    let taken = anna.ask(&format!("mutation {{ change: {} }}", badge(&ben))).await;
    assert_eq!(taken.body["data"]["change"]["userErrors"][0]["field"], "badge", "{taken:?}");
    let mut tablet = paired(&server, &mut anna).await;
    let shown = json!({ "badge": " B-4711 " });
    let entered = tablet.post("/auth/terminal/enter", &shown).await;
    assert_eq!((entered.status, &entered.body["operatorId"]), (200, &json!(otto)), "{entered:?}");
    let leave = format!(
        r#"deactivateOperator(input: {{ operatorId: "{otto}", reason: "left" }}) {{ appended userErrors {{ code }} }}"#
    );
    change(&mut anna, &leave).await;
    assert_eq!(queue(&mut tablet, &otto).await.status, 401, "who left is not in");
    assert_eq!(tablet.post("/auth/terminal/enter", &shown).await.code(), "PIN_REFUSED");
    assert_eq!(enter(&mut tablet, &otto, "1379").await.code(), "PIN_REFUSED");
    change(
        &mut anna,
        &format!(r#"removeBadge(input: {{ operatorId: "{otto}" }}) {{ appended userErrors {{ code }} }}"#),
    )
    .await;
    change(&mut anna, &badge(&ben)).await;
    assert_eq!(tablet.post("/auth/terminal/enter", &shown).await.body["operatorId"], json!(ben));
}

#[tokio::test]
async fn a_revoked_terminal_is_none_at_once_and_after_a_restart() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let otto = operator(&mut anna, "OP-1", "1379").await;
    let (mut tablet, mut kept) = (paired(&server, &mut anna).await, paired(&server, &mut anna).await);
    assert_eq!(enter(&mut tablet, &otto, "1379").await.status, 200);
    let id = see(&mut tablet).await.body["id"].clone();
    let revoke = format!(r#"revokeTerminal(input: {{ terminalId: {id} }}) {{ appended userErrors {{ code }} }}"#);
    let (mut mia, _) = manager(&server, &mut anna).await;
    change(&mut mia, &revoke).await;
    assert_eq!(queue(&mut tablet, &otto).await.status, 401);
    assert_eq!(see(&mut tablet).await.code(), "TERMINAL_REFUSED");
    assert_eq!(enter(&mut tablet, &otto, "1379").await.code(), "TERMINAL_REFUSED");
    let again: Json = mia.ask(&format!("mutation {{ change: {revoke} }}")).await.body;
    assert_eq!(again["data"]["change"]["userErrors"][0]["code"], "TERMINAL_NOT_FOUND");
    assert_eq!(enter(&mut kept, &otto, "1379").await.status, 200);
    drop(server);
    let server = serve(data.path());
    let mut returned = kept.moved_to(&server);
    assert_eq!(queue(&mut returned, &otto).await.status, 200, "who was at work goes on");
    assert_eq!(see(&mut tablet.moved_to(&server)).await.code(), "TERMINAL_REFUSED");
}
