//! Who is let in, beyond their password, as a company says by GraphQL: second factors of roles, networks. Nobody shuts themselves out.

use std::time::Instant;

use serde_json::{Value as Json, json};
use tests::people::{Browser, Program, mailed, outbox};
use tests::process::Server;

use super::api_tokens::{closed, socket, token};
use super::identity::{PASSWORD, serve, sign_in};
use super::members::{AT_ONCE, admin, change, dashboard, manager};
use super::second_factors::code;

const MIA: &str = "mia@example.com";

fn security(roles: &str, networks: &[&str]) -> String {
    let networks = json!(networks);
    format!(
        "setCompanySecurity(input: {{ twoFactorRoles: [{roles}], networks: {networks} }}) {{
            company {{ twoFactorRoles networks }} userErrors {{ code field message }} }}"
    )
}

/// Why it was refused: code, field, and what it says.
async fn refusal(browser: &mut Browser, mutation: &str) -> [String; 3] {
    let answer = browser.ask(&format!("mutation {{ change: {mutation} }}")).await;
    let error = &answer.body["data"]["change"]["userErrors"][0];
    ["code", "field", "message"].map(|part| error[part].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned())
}

/// Sets an app up, by the token of an enrolment or in a session: its key, and the recovery codes.
async fn set_up(browser: &mut Browser, enrolment: Option<&Json>) -> (String, Vec<String>) {
    let (mut begin, mut confirm) = (json!({ "password": PASSWORD }), json!({}));
    if let Some(token) = enrolment {
        begin = json!({});
        (begin["token"], confirm["token"]) = (token.clone(), token.clone());
    }
    let begun = browser.post("/auth/second-factor/totp/begin", &begin).await;
    let key = begun.body["key"].as_str().unwrap_or_else(|| panic!("{begun:?}")).to_owned();
    confirm["code"] = json!(code(&key, 0));
    let confirmed = browser.post("/auth/second-factor/totp/confirm", &confirm).await;
    assert_eq!(confirmed.body["session"].is_object(), enrolment.is_some(), "{confirmed:?}");
    (key, serde_json::from_value(confirmed.body["recoveryCodes"].clone()).expect("codes"))
}

async fn show(browser: &mut Browser, token: &Json, recovery_code: &str) -> u16 {
    browser.post("/auth/second-factor", &json!({ "token": token, "recoveryCode": recovery_code })).await.status
}

/// Who has to set a second factor up: the token for it.
async fn enrolment(browser: &mut Browser) -> Json {
    let first = sign_in(browser, MIA, PASSWORD).await;
    assert!(!browser.cookies.contains_key("__Host-kilter"), "a password alone opens no session: {first:?}");
    first.body["enrolment"]["token"].clone()
}

/// A company that asks managers for a second factor, from now on.
async fn that_asks_managers(server: &Server) -> (Browser, Browser, String) {
    let mut anna = admin(server).await;
    let (mia, id) = manager(server, &mut anna).await;
    let set = change(&mut anna, &security("MANAGER", &[])).await;
    assert_eq!(set["company"], json!({ "twoFactorRoles": ["MANAGER"], "networks": [] }));
    (anna, mia, id)
}

#[tokio::test]
async fn a_company_says_where_it_is_and_what_its_mails_are_written_in() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let asked = anna.ask("{ company { country language twoFactorRoles networks } }").await;
    let at_first = json!({ "country": "EE", "language": "ESTONIAN", "twoFactorRoles": [], "networks": [] });
    assert_eq!(asked.body["data"]["company"], at_first, "{asked:?}");
    let set = r#"setCompanyProfile(input: { country: "DE", language: GERMAN })
        { company { country language } appended userErrors { code field message } }"#;
    assert_eq!(change(&mut anna, set).await["company"], json!({ "country": "DE", "language": "GERMAN" }));
    assert_eq!(change(&mut anna, set).await["appended"], 0, "it is so already");
    let [code, field, _] = refusal(&mut anna, &set.replace("\"DE\"", "\"Germany\"")).await;
    assert_eq!([code, field], ["BAD_TEXT", "country"]);
    assert_eq!(anna.post("/auth/forgot", &json!({ "email": "anna@example.com" })).await.status, 202);
    mailed(&server, "anna@example.com", "reset_password").await;
    let letters = outbox(&server).await;
    let letter = letters.iter().find(|mail| mail["letter"] == "reset_password").expect("a letter");
    assert_eq!(letter["subject"], "Neues Passwort setzen");
}

#[tokio::test]
async fn whose_role_needs_a_second_factor_sets_it_up_on_the_way_in() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let (mut anna, ..) = that_asks_managers(&server).await;
    let mut phone = Browser::at(&server, "203.0.120.7");
    let token = enrolment(&mut phone).await;
    assert_eq!(phone.ask("{ viewer { role } }").await.status, 401);
    let mut thief = Browser::at(&server, "203.0.121.7");
    thief.cookies.insert("__Host-kilter-device".to_owned(), "x".to_owned());
    let stolen = thief.post("/auth/second-factor/totp/begin", &json!({ "token": token })).await;
    assert_eq!(stolen.code(), "STEP_REFUSED", "the step is taken where it began");
    let (_, codes) = set_up(&mut phone, Some(&token)).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(phone.ask("{ viewer { role } }").await.body["data"]["viewer"]["role"], "MANAGER");
    assert_eq!(phone.post("/auth/refresh", &json!({})).await.status, 200);
    let again = phone.post("/auth/second-factor/totp/begin", &json!({ "token": token })).await;
    assert_eq!(again.code(), "STEP_REFUSED", "an enrolment is good once");
    let [code, field, message] = refusal(&mut anna, &security("ADMIN", &[])).await;
    assert_eq!([code.as_str(), &field], ["SHUTS_YOURSELF_OUT", "twoFactorRoles"]);
    assert!(message.contains("set one up first"), "{message}");
    set_up(&mut anna, None).await;
    change(&mut anna, &security("ADMIN, MANAGER", &[])).await;
    assert_eq!(anna.post("/auth/refresh", &json!({})).await.status, 200, "she has shown it in this session");
}

#[tokio::test]
async fn an_open_session_alone_sets_no_second_factor_up() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let bare = anna.post("/auth/second-factor/totp/begin", &json!({})).await;
    assert_eq!((bare.status, bare.code()), (422, "BAD_USER_INPUT"), "{bare:?}");
    let guessed = anna.post("/auth/second-factor/totp/begin", &json!({ "password": "not hers" })).await;
    assert_eq!((guessed.status, guessed.code()), (401, "CREDENTIALS_REFUSED"), "{guessed:?}");
    let confirmed = anna.post("/auth/second-factor/totp/confirm", &json!({ "code": "123456" })).await;
    assert_eq!(confirmed.code(), "STEP_REFUSED");
}

#[tokio::test]
async fn who_only_knows_the_password_passes_no_second_factor_that_is_set_up_meanwhile() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let (mut anna, ..) = that_asks_managers(&server).await;
    let mut thief = Browser::at(&server, "203.0.121.7");
    let stolen = enrolment(&mut thief).await;
    let begun = thief.post("/auth/second-factor/totp/begin", &json!({ "token": stolen })).await;
    let key = begun.body["key"].as_str().expect("a key").to_owned();
    let mut mia = Browser::at(&server, "203.0.120.7");
    let own = enrolment(&mut mia).await;
    set_up(&mut mia, Some(&own)).await;
    let confirm = json!({ "token": stolen, "code": code(&key, 0) });
    assert_eq!(thief.post("/auth/second-factor/totp/confirm", &confirm).await.code(), "STEP_REFUSED");
    for route in ["second-factor/totp/begin", "passkeys/add/begin"] {
        let again = thief.post(&format!("/auth/{route}"), &json!({ "token": stolen })).await;
        assert_eq!(again.code(), "STEP_REFUSED", "{route}");
    }
    assert!(!thief.cookies.contains_key("__Host-kilter"));
    assert_eq!(mia.ask("{ viewer { role } }").await.status, 200);
    // And none is planted by who was signed out meanwhile.
    let members = anna.ask("{ members(first: 9) { edges { node { id role } } } }").await;
    let edges = members.body["data"]["members"]["edges"].as_array().cloned().unwrap_or_default();
    let id = edges.iter().find(|edge| edge["node"]["role"] == "MANAGER").expect("Mia")["node"]["id"].clone();
    let reset = format!("resetSecondFactors(input: {{ memberId: {id}, identityCheck: \"seen in person\" }})");
    change(&mut anna, &format!("{reset} {{ userErrors {{ code }} }}")).await;
    let mut before = Browser::at(&server, "203.0.122.7");
    let early = enrolment(&mut before).await;
    let out = format!("forceSignOut(input: {{ memberId: {id} }}) {{ userErrors {{ code }} }}");
    change(&mut anna, &out).await;
    let planted = before.post("/auth/second-factor/totp/begin", &json!({ "token": early })).await;
    assert_eq!(planted.code(), "STEP_REFUSED", "{planted:?}");
}

#[tokio::test]
async fn an_open_session_goes_on_only_once_the_second_factor_is_set_up() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let (_, mut mia, _) = that_asks_managers(&server).await;
    let refused = mia.post("/auth/refresh", &json!({})).await;
    assert_eq!((refused.status, refused.code()), (403, "SECOND_FACTOR_NEEDED"), "{refused:?}");
    mia.cookies.remove("__Host-kilter");
    let token = enrolment(&mut mia).await;
    set_up(&mut mia, Some(&token)).await;
    assert_eq!(mia.ask("{ viewer { role } }").await.status, 200);
    assert_eq!(mia.post("/auth/refresh", &json!({})).await.status, 200);
}

#[tokio::test]
async fn other_recovery_codes_take_the_place_of_the_former_for_who_knows_the_password() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (mut mia, _) = manager(&server, &mut anna).await;
    let none = mia.post("/auth/second-factor/recovery-codes", &json!({ "password": PASSWORD })).await;
    assert_eq!(none.code(), "STEP_REFUSED", "there is nothing to recover yet");
    let (_, former) = set_up(&mut mia, None).await;
    let wrong = mia.post("/auth/second-factor/recovery-codes", &json!({ "password": "not hers" })).await;
    assert_eq!((wrong.status, wrong.code()), (401, "CREDENTIALS_REFUSED"));
    let renewed = mia.post("/auth/second-factor/recovery-codes", &json!({ "password": PASSWORD })).await;
    let codes: Vec<String> = serde_json::from_value(renewed.body["recoveryCodes"].clone()).expect("codes");
    assert_eq!((renewed.status, codes.len()), (200, 10), "{renewed:?}");
    let mut phone = Browser::at(&server, "203.0.122.7");
    let token = sign_in(&mut phone, MIA, PASSWORD).await.body["secondFactor"]["token"].clone();
    assert_eq!(show(&mut phone, &token, &former[0]).await, 401);
    assert_eq!(show(&mut phone, &token, &codes[0]).await, 200);
}

#[tokio::test]
async fn an_admin_takes_lost_second_factors_away_and_the_member_sets_up_others() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let (mut anna, _, id) = that_asks_managers(&server).await;
    let mut mia = Browser::at(&server, "203.0.123.7");
    let token = enrolment(&mut mia).await;
    set_up(&mut mia, Some(&token)).await;
    let mut open = dashboard(&server, &mia).await;
    let reset = |check: &str| {
        format!(
            r#"resetSecondFactors(input: {{ memberId: "{id}", identityCheck: "{check}" }}) {{
            member {{ waysIn }} userErrors {{ code field message }} }}"#
        )
    };
    let [code, field, _] = refusal(&mut anna, &reset("")).await;
    assert_eq!([code, field], ["BAD_TEXT", "identityCheck"]);
    let told = Instant::now();
    assert_eq!(change(&mut anna, &reset("met her in person")).await["member"], json!({ "waysIn": ["PASSWORD"] }));
    assert_eq!(open.close_code().await, 4401);
    assert!(told.elapsed() < AT_ONCE, "{:?}", told.elapsed());
    assert_eq!(mia.post("/auth/refresh", &json!({})).await.status, 401);
    let told = |mail: &Json| mail["to"] == MIA && mail["letter"] == "sessions_ended";
    assert!(outbox(&server).await.iter().any(told));
    let log = anna
        .ask("{ activityLog(first: 9) { edges { node { sentence changes { field after } } } } }")
        .await
        .body
        .to_string();
    assert!(log.contains("met her in person"), "{log}");
    let mut phone = Browser::at(&server, "203.0.124.7");
    let token = enrolment(&mut phone).await;
    set_up(&mut phone, Some(&token)).await;
}

#[tokio::test]
async fn people_and_integrations_come_only_from_the_networks_that_the_company_names() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (mut mia, _) = manager(&server, &mut anna).await;
    let (inside, _) = token(&server, &mut anna, ("AUDITOR", "VIEW_SHOP")).await;
    let outside = Program::at(&server, "203.0.116.50", &inside.token);
    let [code, field, message] = refusal(&mut anna, &security("", &["198.51.100.0/24"])).await;
    assert_eq!([code.as_str(), &field], ["SHUTS_YOURSELF_OUT", "networks"]);
    assert!(message.contains("203.0.113.7"), "{message}");
    let [code, field, message] = refusal(&mut anna, &security("", &["203.0.113.0/24", "10.0.0.1/8"])).await;
    assert_eq!([code.as_str(), &field], ["BAD_TEXT", "networks"]);
    assert!(message.contains("10.0.0.1/8") && message.contains("10.0.0.0/8"), "{message}");
    let mut open = socket(&server, &outside).await;
    let told = Instant::now();
    let set = change(&mut anna, &security("", &["203.0.113.0/24"])).await;
    assert_eq!(set["company"]["networks"], json!(["203.0.113.0/24"]));
    assert_eq!(closed(&mut open).await, 4401);
    assert!(told.elapsed() < AT_ONCE, "{:?}", told.elapsed());
    assert_eq!(
        (inside.ask("{ viewer { role } }").await.status, outside.ask("{ viewer { role } }").await.status),
        (200, 401)
    );
    let refreshed = mia.post("/auth/refresh", &json!({})).await;
    assert_eq!((refreshed.status, refreshed.code()), (403, "NETWORK_REFUSED"));
    let signed_in = sign_in(&mut mia, MIA, PASSWORD).await;
    assert_eq!((signed_in.status, signed_in.code()), (403, "NETWORK_REFUSED"));
    let wrong = sign_in(&mut mia, MIA, "not her password").await;
    assert_eq!(wrong.code(), "CREDENTIALS_REFUSED", "only who knows the password learns of the networks");
    let mut office = Browser::at(&server, "203.0.113.99");
    assert_eq!(sign_in(&mut office, MIA, PASSWORD).await.status, 200);
    let seen = office.ask("{ company { twoFactorRoles networks } }").await;
    assert_eq!(seen.body["data"]["company"], json!({ "twoFactorRoles": [], "networks": null }), "{seen:?}");
}
