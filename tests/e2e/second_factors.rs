//! Second factors over real HTTP: an authenticator app is set up, asked for, lost and taken away.

use domain::ports::Clock;
use infra::clock::SystemClock;
use serde_json::{Value as Json, json};
use tests::people::{Answer, Browser};
use totp_rs::{Builder, Secret};

use super::identity::{PASSWORD, serve, sign_in, signed_up};

const EMAIL: &str = "anna@example.com";

/// The code so many steps from now.
pub(super) fn code(key: &str, steps: u64) -> String {
    let now = u64::try_from(SystemClock.now().as_seconds()).expect("after 1970");
    let secret = Secret::try_from_base32(key).expect("a key");
    Builder::new().with_secret(secret).build().expect("an app").generate(now + 30 * steps).to_string()
}

/// Signs in and sets an app up: its key, and the recovery codes. The code of now is used.
async fn set_up(browser: &mut Browser) -> (String, Vec<String>) {
    assert_eq!(sign_in(browser, EMAIL, PASSWORD).await.status, 200);
    let begun = browser.post("/auth/second-factor/totp/begin", &json!({ "password": PASSWORD })).await;
    let key = begun.body["key"].as_str().expect("a key").to_owned();
    assert!(begun.body["address"].as_str().is_some_and(|address| address.contains(&key)), "{begun:?}");
    let wrong = browser.post("/auth/second-factor/totp/confirm", &json!({ "code": "0" })).await;
    assert_eq!((wrong.status, wrong.code()), (401, "CODE_REFUSED"));
    let confirmed = browser.post("/auth/second-factor/totp/confirm", &json!({ "code": code(&key, 0) })).await;
    let codes: Vec<String> = serde_json::from_value(confirmed.body["recoveryCodes"].clone()).expect("codes");
    assert_eq!((confirmed.status, codes.len()), (200, 10), "{confirmed:?}");
    let again = browser.post("/auth/second-factor/totp/begin", &json!({ "password": PASSWORD })).await;
    assert_eq!((again.status, again.code()), (409, "SECOND_FACTOR_EXISTS"));
    (key, codes)
}

/// The first step: the token of the second.
async fn first_step(browser: &mut Browser) -> Json {
    let first = sign_in(browser, EMAIL, PASSWORD).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert!(!browser.cookies.contains_key("__Host-kilter"), "a password alone opens no session");
    assert_eq!(first.body["secondFactor"]["methods"], json!(["totp", "recoveryCode"]), "{first:?}");
    first.body["secondFactor"]["token"].clone()
}

async fn show(browser: &mut Browser, token: &Json, factor: &str, code: &str) -> Answer {
    browser.post("/auth/second-factor", &json!({ "token": token, factor: code })).await
}

#[tokio::test]
async fn an_app_is_set_up_and_asked_for_and_recovery_codes_stand_in_for_it() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    signed_up(&server, EMAIL).await;
    let (key, codes) = set_up(&mut Browser::at(&server, "203.0.113.7")).await;
    let mut phone = Browser::at(&server, "203.0.114.7");
    let token = first_step(&mut phone).await;
    let both = json!({ "token": token, "code": "1", "recoveryCode": "2" });
    assert_eq!(phone.post("/auth/second-factor", &both).await.code(), "BAD_USER_INPUT");
    let ahead = code(&key, 1);
    assert_eq!(show(&mut phone, &token, "code", &ahead).await.status, 200, "a step early");
    assert_eq!(show(&mut phone, &token, "code", &ahead).await.code(), "STEP_REFUSED", "the token is used up");
    assert_eq!(phone.ask("{ viewer { role } }").await.status, 200);
    let mut thief = Browser::at(&server, "203.0.115.7");
    let token = first_step(&mut thief).await;
    assert_eq!(show(&mut thief, &token, "code", &ahead).await.code(), "CODE_REFUSED", "the code was used");
    let lost = show(&mut thief, &token, "recoveryCode", &codes[0].to_lowercase()).await;
    assert_eq!(lost.status, 200, "{lost:?}");
    let mut again = Browser::at(&server, "203.0.116.7");
    let token = first_step(&mut again).await;
    assert_eq!(show(&mut again, &token, "recoveryCode", &codes[0]).await.code(), "CODE_REFUSED");
    let refused = phone.post("/auth/second-factor/totp/remove", &json!({ "password": "not hers" })).await;
    assert_eq!((refused.status, refused.code()), (401, "CREDENTIALS_REFUSED"));
    let removed = phone.post("/auth/second-factor/totp/remove", &json!({ "password": PASSWORD })).await;
    assert_eq!(removed.status, 200, "{removed:?}");
    let mut plain = Browser::at(&server, "203.0.117.7");
    assert_eq!(sign_in(&mut plain, EMAIL, PASSWORD).await.body["role"], "admin");
}

#[tokio::test]
async fn who_guesses_codes_has_five_and_then_waits_as_for_passwords() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    signed_up(&server, EMAIL).await;
    set_up(&mut Browser::at(&server, "203.0.113.7")).await;
    let mut thief = Browser::at(&server, "203.0.114.7");
    let token = first_step(&mut thief).await;
    for _ in 0..5 {
        assert_eq!(show(&mut thief, &token, "code", "no").await.code(), "CODE_REFUSED");
    }
    let sixth = show(&mut thief, &token, "code", "no").await;
    assert_eq!((sixth.status, sixth.code()), (429, "SIGN_IN_WAITS"));
    let mut elsewhere = Browser::at(&server, "203.0.115.7");
    assert_eq!(show(&mut elsewhere, &token, "code", "no").await.code(), "STEP_REFUSED");
}

#[tokio::test]
async fn sixteen_who_use_one_code_open_one_session() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    signed_up(&server, EMAIL).await;
    let (key, _) = set_up(&mut Browser::at(&server, "203.0.113.7")).await;
    let mut waiting = Vec::new();
    for number in 0..16 {
        let mut browser = Browser::at(&server, &format!("203.1.{number}.7"));
        let token = first_step(&mut browser).await;
        waiting.push((browser, token));
    }
    let code = code(&key, 1);
    let racing = waiting.iter_mut().map(|(browser, token)| show(browser, token, "code", &code));
    let answers = futures_util::future::join_all(racing).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
}
