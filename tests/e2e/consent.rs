//! What people let us keep in their browser: asked, told, taken back.

use api::cookies::{FLOOR, PROVIDER, TERMINAL};
use serde_json::{Value as Json, json};
use tests::people::Browser;

use super::identity::{PASSWORD, serve, sign_in, signed_up};

const SET: &str = "mutation { setConsent(input: { version: VERSION, functional: true, analytics: ANALYTICS }) \
                   { appended position consent { version current functional analytics given } userErrors { code field } } }";

async fn set(browser: &mut Browser, version: u64, analytics: bool) -> Json {
    let query = SET.replace("VERSION", &version.to_string()).replace("ANALYTICS", &analytics.to_string());
    browser.ask(&query).await.body["data"]["setConsent"].take()
}

#[tokio::test]
async fn consent_is_asked_for_a_version_of_the_table_and_taken_back_at_any_time() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let table = reqwest::get(format!("{}/cookies.json", server.url)).await.expect("an answer");
    let table: Json = serde_json::from_slice(&table.bytes().await.expect("a body")).expect("JSON");
    let version = table["version"].as_u64().expect("a version");
    let cookies = table["cookies"].as_array().expect("cookies");
    assert!(cookies.iter().all(|cookie| cookie["category"] == "necessary"), "nothing else is set by default: {table}");

    signed_up(&server, "anna@example.com").await;
    let mut anna = Browser::at(&server, "203.0.113.7");
    assert_eq!(sign_in(&mut anna, "anna@example.com", PASSWORD).await.status, 200);
    let told = cookies.iter().filter_map(|cookie| cookie["name"].as_str());
    // Only who goes to a provider gets that one, and only tablets on the shop floor get theirs.
    let mut told: Vec<&str> = told.filter(|name| ![PROVIDER, TERMINAL, FLOOR].contains(name)).collect();
    told.sort_unstable();
    assert!(anna.cookies.keys().eq(told), "what she got is what she was told: {:?}", anna.cookies.keys());
    assert_eq!(anna.ask("{ consent { version } }").await.body["data"], json!({ "consent": null }));
    let other = set(&mut anna, version + 1, true).await;
    assert_eq!(other["userErrors"][0], json!({ "code": "BAD_RANGE", "field": "version" }));
    let given = set(&mut anna, version, true).await;
    assert_eq!((&given["appended"], &given["consent"]["analytics"]), (&json!(1), &json!(true)), "{given}");
    assert_eq!(set(&mut anna, version, true).await["appended"], json!(0));
    let taken_back = set(&mut anna, version, false).await;
    assert_eq!(taken_back["appended"], json!(1));
    let consent = anna.ask("{ consent { version current functional analytics } }").await.body["data"]["consent"].take();
    let stands = json!({ "version": version, "current": true, "functional": true, "analytics": false });
    assert_eq!(consent, stands);
    let log = format!(
        "{{ activityLog(first: 3, minPosition: {}) {{ edges {{ node {{ sentence }} }} }} }}",
        taken_back["position"]
    );
    let kept = anna.ask(&log).await;
    let told = kept.body["data"]["activityLog"].to_string();
    assert!(told.contains("lets us keep functional cookies (table 1)"), "{kept:?}");
    assert!(told.contains("lets us keep functional and analytics cookies (table 1)"), "{kept:?}");
}
