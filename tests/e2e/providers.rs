//! Sign-in with a provider over real HTTP: with one that does as it should, and with one that is evil in every way.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};
use tests::people::{Answer, Browser};
use tests::process::{Server, kilter};
use tests::provider::{self, Evil, Provider};

use super::identity::{ACCESS, PASSWORD, sign_in, signed_up};

const EMAIL: &str = "anna@example.com";
const ANNA: &str = "anna at the provider";

fn serve(data: &Path, files: &[PathBuf]) -> Server {
    let mut command = Command::new(kilter());
    command.arg("serve").arg("--data").arg(data.join("kilter")).args(["--listen", "127.0.0.1:0"]);
    command.env("KILTER_TRUSTED_PROXIES", "127.0.0.0/8").env("KILTER_OUTBOX_PAGE", "true");
    let files: Vec<&str> = files.iter().map(|file| file.to_str().expect("text")).collect();
    command.env("KILTER_PROVIDERS", files.join(","));
    Server::spawn(command)
}

/// Each from a network of its own.
struct Browsers<'a>(&'a Server, u8);

impl Browsers<'_> {
    fn next(&mut self) -> Browser {
        self.1 += 1;
        Browser::at(self.0, &format!("203.0.{}.7", self.1))
    }
}

async fn begin(browser: &mut Browser, id: &str) -> Answer {
    browser.post(&format!("/auth/oidc/{id}/begin"), &json!({})).await
}

/// To the provider: the page there.
async fn depart(browser: &mut Browser, id: &str) -> String {
    let begun = begin(browser, id).await;
    assert_eq!(begun.status, 200, "{begun:?}");
    begun.body["url"].as_str().expect("a page").to_owned()
}

async fn finish(browser: &mut Browser, id: &str, brought: &Json) -> Answer {
    browser.post(&format!("/auth/oidc/{id}/finish"), brought).await
}

/// There and back.
async fn sign_in_at(browser: &mut Browser, provider: &Provider, id: &str) -> Answer {
    let page = depart(browser, id).await;
    finish(browser, id, &provider.signs_in(&page, ANNA)).await
}

/// Anna signs in with her password and begins to link: her browser, and the page.
async fn begin_linking(browser: &mut Browser, id: &str) -> String {
    assert_eq!(sign_in(browser, EMAIL, PASSWORD).await.status, 200);
    let begun = browser.post(&format!("/auth/oidc/{id}/link"), &json!({ "password": PASSWORD })).await;
    assert_eq!(begun.status, 200, "{begun:?}");
    begun.body["url"].as_str().expect("a page").to_owned()
}

async fn link(browser: &mut Browser, provider: &Provider, id: &str) {
    let page = begin_linking(browser, id).await;
    let linked = finish(browser, id, &provider.signs_in(&page, ANNA)).await;
    assert_eq!((linked.status, &linked.body["linked"]), (200, &json!(id)), "{linked:?}");
}

#[tokio::test]
async fn who_has_linked_an_account_gets_in_with_it_and_nobody_by_an_address_alone() {
    let data = tempfile::tempdir().expect("a folder");
    let good = Provider::start(Evil::No).await;
    let server = serve(data.path(), &[good.file(data.path(), "good")]);
    let mut browsers = Browsers(&server, 0);
    signed_up(&server, EMAIL).await;
    let listed = reqwest::get(format!("{}/auth/providers", server.url)).await.expect("an answer");
    let listed: Json = serde_json::from_slice(&listed.bytes().await.expect("a body")).expect("JSON");
    assert_eq!(listed, json!([{ "id": "good", "name": "good" }]));
    let page = reqwest::get(format!("{}/auth/oidc/good/return?code=x&state=y", server.url)).await.expect("an answer");
    let page = page.bytes().await.expect("a body");
    assert!(String::from_utf8_lossy(&page).contains("/providers.js"), "people come back to a page of ours");
    let mut stranger = browsers.next();
    let unlinked = sign_in_at(&mut stranger, &good, "good").await;
    assert_eq!((unlinked.status, unlinked.code()), (401, "PROVIDER_NOT_LINKED"), "the same address is not enough");
    assert!(!stranger.cookies.contains_key(ACCESS));
    let mut anna = browsers.next();
    link(&mut anna, &good, "good").await;
    let mut again = browsers.next();
    let entered = sign_in_at(&mut again, &good, "good").await;
    assert_eq!((entered.status, &entered.body["role"]), (200, &json!("admin")), "{entered:?}");
    assert_eq!(again.ask("{ viewer { role } }").await.body["data"]["viewer"]["role"], "ADMIN");
    let wrong = anna.post("/auth/oidc/good/unlink", &json!({ "password": "not hers" })).await;
    assert_eq!((wrong.status, wrong.code()), (401, "CREDENTIALS_REFUSED"));
    assert_eq!(anna.post("/auth/oidc/good/unlink", &json!({ "password": PASSWORD })).await.status, 200);
    let after = sign_in_at(&mut browsers.next(), &good, "good").await;
    assert_eq!((after.status, after.code()), (401, "PROVIDER_NOT_LINKED"));
    assert_eq!(begin(&mut browsers.next(), "other").await.code(), "NOT_FOUND");
}

#[tokio::test]
async fn a_link_takes_a_session_the_password_and_a_verified_address() {
    let data = tempfile::tempdir().expect("a folder");
    let good = Provider::start(Evil::No).await;
    let server = serve(data.path(), &[good.file(data.path(), "good")]);
    let mut browsers = Browsers(&server, 0);
    signed_up(&server, EMAIL).await;
    signed_up(&server, "mart@example.com").await;
    let mut anna = browsers.next();
    let nobody = anna.post("/auth/oidc/good/link", &json!({ "password": PASSWORD })).await;
    assert_eq!((nobody.status, nobody.code()), (401, "UNAUTHENTICATED"));
    assert_eq!(sign_in(&mut anna, EMAIL, PASSWORD).await.status, 200);
    let wrong = anna.post("/auth/oidc/good/link", &json!({ "password": "not hers" })).await;
    assert_eq!((wrong.status, wrong.code()), (401, "CREDENTIALS_REFUSED"));
    let page = begin_linking(&mut anna, "good").await;
    let mut mart = browsers.next();
    assert_eq!(sign_in(&mut mart, "mart@example.com", PASSWORD).await.status, 200);
    mart.cookies.insert("__Host-kilter-provider".to_owned(), anna.cookies["__Host-kilter-provider"].clone());
    let brought = good.signs_in(&page, ANNA);
    let other = finish(&mut mart, "good", &brought).await;
    assert_eq!((other.status, other.code()), (410, "STEP_REFUSED"), "another session");
    good.is_now(Evil::Unverified);
    let unverified = finish(&mut anna, "good", &brought).await;
    assert_eq!((unverified.status, unverified.code()), (403, "PROVIDER_EMAIL_UNVERIFIED"));
    good.is_now(Evil::No);
    let unlinked = sign_in_at(&mut browsers.next(), &good, "good").await;
    assert_eq!(unlinked.code(), "PROVIDER_NOT_LINKED", "nothing is linked by half");
    link(&mut browsers.next(), &good, "good").await;
    let begun = mart.post("/auth/oidc/good/link", &json!({ "password": PASSWORD })).await;
    let brought = good.signs_in(begun.body["url"].as_str().expect("a page"), ANNA);
    let taken = finish(&mut mart, "good", &brought).await;
    assert_eq!((taken.status, taken.code()), (409, "PROVIDER_LINKED_ALREADY"));
    assert_eq!(sign_in_at(&mut browsers.next(), &good, "good").await.status, 200, "it is still Anna's");
}

#[tokio::test]
async fn an_answer_that_proves_nothing_opens_no_session() {
    let data = tempfile::tempdir().expect("a folder");
    let provider = Provider::start(Evil::No).await;
    let server = serve(data.path(), &[provider.file(data.path(), "evil")]);
    let mut browsers = Browsers(&server, 0);
    signed_up(&server, EMAIL).await;
    link(&mut browsers.next(), &provider, "evil").await;
    for (evil, status, code) in [
        (Evil::Nonce, 401, "PROVIDER_REFUSED"),
        (Evil::NoNonce, 401, "PROVIDER_REFUSED"),
        (Evil::Audience, 401, "PROVIDER_REFUSED"),
        (Evil::TwoAudiences, 401, "PROVIDER_REFUSED"),
        (Evil::AuthorizedParty, 401, "PROVIDER_REFUSED"),
        (Evil::Issuer, 401, "PROVIDER_REFUSED"),
        (Evil::Expired, 401, "PROVIDER_REFUSED"),
        (Evil::Unsigned, 401, "PROVIDER_REFUSED"),
        (Evil::SignedWithSecret, 401, "PROVIDER_REFUSED"),
        (Evil::SignedWithPublicKey, 401, "PROVIDER_REFUSED"),
        (Evil::SignedWithForeignKey, 401, "PROVIDER_REFUSED"),
        (Evil::NoSubject, 401, "PROVIDER_REFUSED"),
        (Evil::EmptySubject, 401, "PROVIDER_REFUSED"),
        (Evil::NoToken, 401, "PROVIDER_REFUSED"),
        (Evil::MovedToken, 401, "PROVIDER_REFUSED"),
        (Evil::HugeToken, 503, "PROVIDER_UNAVAILABLE"),
        (Evil::SlowToken, 503, "PROVIDER_UNAVAILABLE"),
    ] {
        provider.is_now(evil);
        let mut browser = browsers.next();
        let answer = sign_in_at(&mut browser, &provider, "evil").await;
        assert_eq!((answer.status, answer.code()), (status, code), "{evil:?}: {answer:?}");
        assert!(!browser.cookies.contains_key(ACCESS), "{evil:?}");
        provider.is_now(Evil::No);
        assert_eq!(sign_in_at(&mut browsers.next(), &provider, "evil").await.status, 200, "after {evil:?}");
    }
    assert_eq!(provider.was_asked("/elsewhere/token"), 0, "nobody is led elsewhere");
}

#[tokio::test]
async fn a_provider_that_can_not_be_used_is_said_to_be_so_and_passwords_go_on() {
    let data = tempfile::tempdir().expect("a folder");
    let mut evils = Vec::new();
    for (id, evil) in [
        ("other", Evil::OtherProvider),
        ("huge", Evil::HugeDiscovery),
        ("moved", Evil::MovedDiscovery),
        ("slow", Evil::SlowDiscovery),
        ("huge-keys", Evil::HugeKeys),
        ("moved-keys", Evil::MovedKeys),
        ("script", Evil::ScriptForPage),
    ] {
        evils.push((id, Provider::start(evil).await));
    }
    let mut files: Vec<PathBuf> = evils.iter().map(|(id, evil)| evil.file(data.path(), id)).collect();
    files.push(provider::file(data.path(), "down", "http://127.0.0.1:9"));
    let server = serve(data.path(), &files);
    let mut browsers = Browsers(&server, 0);
    signed_up(&server, EMAIL).await;
    for id in evils.iter().map(|(id, _)| *id).chain(["down"]) {
        let mut browser = browsers.next();
        let answer = begin(&mut browser, id).await;
        assert_eq!((answer.status, answer.code()), (503, "PROVIDER_UNAVAILABLE"), "{id}: {answer:?}");
        assert!(browser.cookies.is_empty(), "{id}");
        let again = begin(&mut browser, id).await;
        assert_eq!((again.status, again.code()), (503, "PROVIDER_UNAVAILABLE"), "{id}: {again:?}");
    }
    for (id, evil) in &evils {
        let asked = evil.was_asked("/.well-known/openid-configuration");
        assert_eq!(asked, 1, "{id} is left alone for some seconds, or believed");
        assert_eq!(
            evil.was_asked("/elsewhere/.well-known/openid-configuration") + evil.was_asked("/elsewhere/keys"),
            0
        );
    }
    assert_eq!(sign_in(&mut browsers.next(), EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn what_comes_back_must_come_to_the_same_place_in_the_same_browser_and_once() {
    let data = tempfile::tempdir().expect("a folder");
    let (one, two) = (Provider::start(Evil::No).await, Provider::start(Evil::No).await);
    two.names_itself();
    let server = serve(data.path(), &[one.file(data.path(), "one"), two.file(data.path(), "two")]);
    let mut browsers = Browsers(&server, 0);
    signed_up(&server, EMAIL).await;
    link(&mut browsers.next(), &one, "one").await;
    let refused = |answer: Answer, code: &str, what: &str| assert_eq!(answer.code(), code, "{what}: {answer:?}");
    let mut anna = browsers.next();
    let page = depart(&mut anna, "one").await;
    let brought = one.signs_in(&page, ANNA);
    refused(finish(&mut browsers.next(), "one", &brought).await, "STEP_REFUSED", "a browser that never began");
    let mut victim = browsers.next();
    depart(&mut victim, "one").await;
    refused(finish(&mut victim, "one", &brought).await, "STEP_REFUSED", "somebody else's answer");
    let state = anna.cookies.clone();
    assert_eq!(finish(&mut anna, "one", &brought).await.status, 200);
    anna.cookies = state;
    refused(finish(&mut anna, "one", &brought).await, "STEP_REFUSED", "a state used twice");
    let page = depart(&mut victim, "one").await;
    let mut replayed = one.signs_in(&page, ANNA);
    replayed["code"] = brought["code"].clone();
    refused(finish(&mut victim, "one", &replayed).await, "PROVIDER_REFUSED", "a code used twice");
    let page = depart(&mut victim, "one").await;
    refused(finish(&mut victim, "two", &one.signs_in(&page, ANNA)).await, "STEP_REFUSED", "a mix-up");
    let mut mixed = browsers.next();
    let page = depart(&mut mixed, "one").await;
    let mut brought = one.signs_in(&page, ANNA);
    brought["iss"] = json!(two.url);
    refused(finish(&mut mixed, "one", &brought).await, "PROVIDER_REFUSED", "the name of another one");
    let page = depart(&mut mixed, "two").await;
    refused(
        finish(&mut mixed, "two", &two.signs_in(&page, ANNA)).await,
        "PROVIDER_REFUSED",
        "no name from who has one",
    );
    let page = depart(&mut mixed, "two").await;
    let mut brought = two.signs_in(&page, ANNA);
    brought["iss"] = json!(two.url);
    refused(finish(&mut mixed, "two", &brought).await, "PROVIDER_NOT_LINKED", "who is called the same at another one");
}

#[tokio::test]
async fn other_keys_are_asked_for_but_not_at_every_made_up_one() {
    let data = tempfile::tempdir().expect("a folder");
    let good = Provider::start(Evil::No).await;
    let server = serve(data.path(), &[good.file(data.path(), "good")]);
    let mut browsers = Browsers(&server, 0);
    signed_up(&server, EMAIL).await;
    link(&mut browsers.next(), &good, "good").await;
    assert_eq!(good.was_asked("/keys"), 1);
    good.changes_its_key();
    assert_eq!(sign_in_at(&mut browsers.next(), &good, "good").await.status, 200);
    assert_eq!(good.was_asked("/keys"), 2);
    good.changes_its_key();
    assert_eq!(sign_in_at(&mut browsers.next(), &good, "good").await.code(), "PROVIDER_REFUSED");
    assert_eq!(good.was_asked("/keys"), 2);
}

#[tokio::test]
async fn going_to_a_provider_and_coming_back_count_as_other_entries_do() {
    let data = tempfile::tempdir().expect("a folder");
    let good = Provider::start(Evil::No).await;
    let server = serve(data.path(), &[good.file(data.path(), "good")]);
    let mut browser = Browser::at(&server, "203.0.113.7");
    for _ in 0..4 {
        assert_eq!(sign_in_at(&mut browser, &good, "good").await.code(), "PROVIDER_NOT_LINKED");
    }
    assert_eq!(begin(&mut browser, "good").await.status, 429);
    let nothing = json!({ "code": "x", "state": "x" });
    assert_eq!(finish(&mut browser, "good", &nothing).await.status, 429);
}
