//! One's own account over real HTTP: sessions seen and ended, another password, what was tried at one's name.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use tests::people::{Answer, Browser};
use tests::process::Server;

use super::identity::{PASSWORD, serve, sign_in};
use super::members::{AT_ONCE, admin, change, dashboard, manager};

const OTHER: &str = "a longer one, at dusk";
const SESSIONS: &str = "{ sessions { id present remembered address browser device system opened used ends } }";

/// The caller's sessions, once the login record knows of all of them.
async fn sessions(browser: &mut Browser) -> Vec<Json> {
    loop {
        let asked = browser.ask(SESSIONS).await;
        let sessions = asked.body["data"]["sessions"].as_array().unwrap_or_else(|| panic!("{asked:?}")).clone();
        if sessions.iter().all(|session| session["address"].is_string()) {
            return sessions;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The answer, once a question says `enough`: read models come after the log.
async fn until(browser: &mut Browser, question: &str, enough: impl Fn(&Json) -> bool) -> Json {
    loop {
        let asked = browser.ask(question).await;
        assert_eq!(asked.code(), "", "{asked:?}");
        if enough(&asked.body["data"]) {
            return asked.body["data"].clone();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Anna on another device.
async fn phone(server: &Server) -> Browser {
    let mut phone = Browser::at(server, "203.0.114.9");
    let typed = json!({ "email": "anna@example.com", "password": PASSWORD, "remember": true });
    assert_eq!(phone.post("/auth/sign-in", &typed).await.status, 200);
    phone
}

fn refusal(answer: &Answer) -> Json {
    answer.body["data"]["change"]["userErrors"][0].clone()
}

#[tokio::test]
async fn one_sees_ones_sessions_and_ends_one_or_all_others_within_a_second() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let mut phone = phone(&server).await;
    let open = sessions(&mut anna).await;
    let place = |session: &Json| json!([session["address"], session["present"], session["remembered"]]);
    let places: Vec<Json> = open.iter().map(place).collect();
    assert_eq!(places, [json!(["203.0.114.9", false, true]), json!(["203.0.113.7", true, false])], "{open:?}");
    let client = json!([open[0]["browser"], open[0]["device"], open[0]["system"]]);
    assert_eq!(client, json!(["Firefox 140", "desktop", "Linux"]));
    let mut socket = dashboard(&server, &phone).await;
    let end = format!(
        "endSession(input: {{ sessionId: {} }}) {{ sessions {{ present }} userErrors {{ code }} }}",
        open[0]["id"]
    );
    assert_eq!(change(&mut anna, &end).await["sessions"], json!([{ "present": true }]));
    let told = Instant::now();
    assert_eq!(socket.close_code().await, 4401);
    assert!(told.elapsed() < AT_ONCE, "{:?}", told.elapsed());
    assert_eq!(phone.ask("{ viewer { role } }").await.status, 401);
    assert_eq!(phone.post("/auth/refresh", &json!({})).await.status, 401);
    let mut others = Vec::new();
    for last in 1..=2 {
        let mut other = Browser::at(&server, &format!("203.0.115.{last}"));
        assert_eq!(sign_in(&mut other, "anna@example.com", PASSWORD).await.status, 200);
        others.push(other);
    }
    let end = "endOtherSessions { sessions { present } userErrors { code } }";
    assert_eq!(change(&mut anna, end).await["sessions"], json!([{ "present": true }]));
    for other in &mut others {
        assert_eq!(other.ask("{ viewer { role } }").await.status, 401);
        assert_eq!(other.post("/auth/refresh", &json!({})).await.status, 401);
    }
    assert_eq!(anna.post("/auth/refresh", &json!({})).await.status, 200, "her own goes on");
}

#[tokio::test]
async fn nobody_ends_a_session_that_is_not_theirs() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (mut mia, _) = manager(&server, &mut anna).await;
    let hers = sessions(&mut mia).await[0]["id"].clone();
    let end = |id: &Json| {
        format!("mutation {{ change: endSession(input: {{ sessionId: {id} }}) {{ userErrors {{ code message }} }} }}")
    };
    let of_mia = anna.ask(&end(&hers)).await;
    let of_nobody = anna.ask(&end(&json!("9d8a0f0e-5a51-4c5d-9a4e-0c6f2f9d7b11"))).await;
    assert_eq!(refusal(&of_mia)["code"], "SESSION_NOT_FOUND");
    assert_eq!(of_mia.body["data"], of_nobody.body["data"], "what is there is not told");
    assert_eq!(mia.post("/auth/refresh", &json!({})).await.status, 200, "and it goes on");
}

#[tokio::test]
async fn another_password_ends_the_other_sessions_and_guessing_the_present_one_waits() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let mut phone = phone(&server).await;
    let set = |present: &str, password: &str| {
        format!(
            "mutation {{ change: changePassword(input: {{ present: {present:?}, password: {password:?} }}) {{
                sessions {{ present }} userErrors {{ code field }} }} }}"
        )
    };
    let weak = anna.ask(&set(PASSWORD, "short")).await;
    assert_eq!(refusal(&weak), json!({ "code": "BAD_TEXT", "field": "password" }), "{weak:?}");
    let done = anna.ask(&set(PASSWORD, OTHER)).await;
    assert_eq!(done.body["data"]["change"], json!({ "sessions": [{ "present": true }], "userErrors": [] }), "{done:?}");
    assert_eq!(phone.ask("{ viewer { role } }").await.status, 401);
    assert_eq!(phone.post("/auth/refresh", &json!({})).await.status, 401);
    assert_eq!(anna.post("/auth/refresh", &json!({})).await.status, 200);
    for _ in 0..5 {
        let wrong = anna.ask(&set(PASSWORD, OTHER)).await;
        assert_eq!(refusal(&wrong), json!({ "code": "CREDENTIALS_REFUSED", "field": "present" }), "{wrong:?}");
    }
    assert_eq!(refusal(&anna.ask(&set(OTHER, PASSWORD)).await)["code"], "SIGN_IN_WAITS", "though it is right");
}

#[tokio::test]
async fn a_member_has_their_password_checked_eight_times_a_minute() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let weak =
        format!(r#"changePassword(input: {{ present: "{PASSWORD}", password: "short" }}) {{ userErrors {{ code }} }}"#);
    let twice = format!("mutation {{ change: {weak} ...again }} fragment again on Mutation {{ second: {weak} }}");
    for _ in 0..2 {
        let answer = anna.ask(&twice).await;
        assert_eq!(answer.body["data"]["second"]["userErrors"][0]["code"], "BAD_TEXT", "{answer:?}");
    }
    let shown = json!({ "password": PASSWORD });
    for _ in 0..4 {
        assert_ne!(anna.post("/auth/second-factor/totp/remove", &shown).await.status, 429);
    }
    let checked =
        ["second-factor/totp/begin", "second-factor/totp/remove", "second-factor/recovery-codes", "passkeys/add/begin"];
    for route in checked {
        let ninth = anna.post(&format!("/auth/{route}"), &shown).await;
        assert_eq!((ninth.status, ninth.code()), (429, "RATE_LIMITED"), "{route}: {ninth:?}");
    }
    let ninth = anna.ask(&format!("mutation {{ change: {weak} }}")).await;
    assert_eq!((ninth.status, ninth.code()), (429, "RATE_LIMITED"), "{ninth:?}");
    assert_eq!(anna.ask("{ viewer { role } }").await.status, 200, "all else goes on");
}

#[tokio::test]
async fn admins_see_who_came_in_and_others_only_themselves() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (mut mia, id) = manager(&server, &mut anna).await;
    let log = "{ logins(first: 9) { totalCount edges { node {
        memberId memberName way secondFactor address browser device system ended endReason } } } }";
    let all = until(&mut anna, log, |data| data["logins"]["totalCount"] == 2).await;
    let newest = json!({
        "memberId": id, "memberName": "Mia Mets", "way": "PASSWORD", "secondFactor": null, "address": "203.0.116.7",
        "browser": "Firefox 140", "device": "desktop", "system": "Linux", "ended": null, "endReason": null,
    });
    assert_eq!(all["logins"]["edges"][0]["node"], newest);
    let own = mia.ask(log).await;
    assert_eq!(own.body["data"]["logins"], json!({ "totalCount": 1, "edges": [{ "node": newest }] }), "{own:?}");
    let annas = all["logins"]["edges"][1]["node"]["memberId"].clone();
    let of = |id: &Json| format!("{{ logins(first: 9, filter: {{ memberId: {id} }}) {{ totalCount }} }}");
    assert_eq!(anna.ask(&of(&json!(id))).await.body["data"]["logins"]["totalCount"], 1);
    let (there, nowhere) =
        (mia.ask(&of(&annas)).await, mia.ask(&of(&json!("9d8a0f0e-5a51-4c5d-9a4e-0c6f2f9d7b11"))).await);
    assert_eq!(there.code(), "NOT_FOUND");
    assert_eq!(there.body["errors"], nowhere.body["errors"]);
    let force = format!(r#"forceSignOut(input: {{ memberId: "{id}" }}) {{ userErrors {{ code }} }}"#);
    change(&mut anna, &force).await;
    let ended = until(&mut anna, log, |data| !data["logins"]["edges"][0]["node"]["ended"].is_null()).await;
    assert_eq!(ended["logins"]["edges"][0]["node"]["endReason"], "FORCED");
}

#[tokio::test]
async fn what_failed_at_a_name_is_shown_masked_to_who_may_see_it() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (mut mia, id) = manager(&server, &mut anna).await;
    let mut thief = Browser::at(&server, "203.0.117.66");
    for _ in 0..3 {
        assert_eq!(sign_in(&mut thief, "Mia@Example.com", "not her password").await.status, 401);
    }
    let failed = |id: &str| format!(r#"{{ failedSignIns(memberId: "{id}") {{ name address failures last }} }}"#);
    for browser in [&mut anna, &mut mia] {
        let told = browser.ask(&failed(&id)).await;
        let seen = &told.body["data"]["failedSignIns"];
        let first = json!([seen[0]["name"], seen[0]["address"], seen[0]["failures"]]);
        assert_eq!(first, json!(["M***@Example.com", "203.0.117.66", 3]), "{told:?}");
        assert_eq!(seen.as_array().map(Vec::len), Some(1));
    }
    let annas = anna.ask("{ viewer { actorId } }").await.body["data"]["viewer"]["actorId"].clone();
    assert_eq!(mia.ask(&failed(annas.as_str().expect("an id"))).await.code(), "NOT_FOUND");
    let lift =
        format!(r#"liftWait(input: {{ memberId: "{id}", identityCheck: "she called" }}) {{ userErrors {{ code }} }}"#);
    change(&mut anna, &lift).await;
    assert_eq!(anna.ask(&failed(&id)).await.body["data"]["failedSignIns"], json!([]), "gone on request");
}

#[tokio::test]
async fn one_describes_oneself_and_colleagues_see_it() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let describe = r#"describeMyself(input: { name: "Anna Tamm", phone: "+372 5555 1234", jobTitle: "Owner" })
        { member { name phone jobTitle } userErrors { code } }"#;
    let seen = json!({ "name": "Anna Tamm", "phone": "+372 5555 1234", "jobTitle": "Owner" });
    assert_eq!(change(&mut anna, describe).await["member"], seen);
    assert_eq!(anna.ask("{ viewer { name } }").await.body["data"]["viewer"]["name"], "Anna Tamm");
    let nameless =
        anna.ask(r#"mutation { change: describeMyself(input: { name: " " }) { userErrors { code field } } }"#).await;
    assert_eq!(refusal(&nameless), json!({ "code": "BAD_TEXT", "field": "name" }), "{nameless:?}");
}
