//! People come in: sign-up, sign-in, refresh, sign-out, another password, over real HTTP.

use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};
use tests::edge::Socket;
use tests::people::{Answer, Browser, mailed, mailed_after, outbox};
use tests::process::{Server, kilter, refused, token};

pub(super) const PASSWORD: &str = "gears turn at dawn";
pub(super) const ACCESS: &str = "__Host-kilter";
const REFRESH: &str = "__Host-kilter-refresh";

/// A server that believes what tests say of where they come from.
pub(super) fn serve(data: &Path) -> Server {
    let mut command = Command::new(kilter());
    command.arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
    command.env("KILTER_TRUSTED_PROXIES", "127.0.0.0/8").env("KILTER_OUTBOX_PAGE", "true");
    Server::spawn(command)
}

fn company(email: &str) -> Json {
    json!({
        "company": "Kask & Söhne", "country": "EE", "timeZone": "Europe/Tallinn", "language": "et",
        "name": "Anna Kask", "email": email, "jobTitle": "Planner", "password": PASSWORD,
    })
}

pub(super) async fn sign_in(browser: &mut Browser, email: &str, password: &str) -> Answer {
    browser.post("/auth/sign-in", &json!({ "email": email, "password": password })).await
}

/// A company whose first admin has proved their address.
pub(super) async fn signed_up(server: &Server, email: &str) {
    let mut browser = Browser::at(server, "198.51.100.1");
    let answer = browser.post("/auth/sign-up", &company(email)).await;
    assert_eq!((answer.status, answer.code()), (202, ""), "{answer:?}");
    let token = mailed(server, email, "verify_address").await;
    let verified = browser.post("/auth/verify", &json!({ "token": token, "password": PASSWORD })).await;
    assert_eq!(verified.status, 200, "{verified:?}");
}

#[tokio::test]
async fn a_company_signs_up_and_its_admin_gets_in_only_once_the_address_is_proved() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = Browser::at(&server, "203.0.113.7");
    assert_eq!(anna.post("/auth/sign-up", &company("anna@example.com")).await.status, 202);
    let early = sign_in(&mut anna, "anna@example.com", PASSWORD).await;
    assert_eq!((early.status, early.code()), (401, "CREDENTIALS_REFUSED"));
    let token = mailed(&server, "anna@example.com", "verify_address").await;
    let stranger = anna.post("/auth/verify", &json!({ "token": token, "password": "not her password" })).await;
    assert_eq!((stranger.status, stranger.code()), (401, "CREDENTIALS_REFUSED"), "a link alone makes nobody an owner");
    let verify = json!({ "token": token, "password": PASSWORD });
    assert_eq!(anna.post("/auth/verify", &verify).await.status, 200);
    let again = anna.post("/auth/verify", &verify).await;
    assert_eq!((again.status, again.code()), (410, "LINK_REFUSED"), "a link is used once");
    let signed_in = sign_in(&mut anna, "Anna@Example.com", PASSWORD).await;
    assert_eq!((signed_in.status, &signed_in.body["role"]), (200, &json!("admin")), "{signed_in:?}");
    assert!(!signed_in.body.to_string().contains(&anna.cookies[ACCESS]), "no script gets a token");
    let asked = anna.ask("{ viewer { role tenantName name } company { name zone } }").await;
    let (viewer, company) = (&asked.body["data"]["viewer"], &asked.body["data"]["company"]);
    assert_eq!((&viewer["role"], &viewer["name"]), (&json!("ADMIN"), &json!("Anna Kask")), "{asked:?}");
    assert_eq!((&company["name"], &company["zone"]), (&json!("Kask & Söhne"), &json!("Europe/Tallinn")));
}

#[tokio::test]
async fn a_token_from_the_command_line_is_for_the_company_that_signed_up_as_it() {
    const COMPANY: &str = "Kask & Söhne";
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    signed_up(&server, "anna@example.com").await;
    let asked = server.ask(&token(data.path(), COMPANY), "{ company { name zone } }", json!({})).await;
    assert_eq!(asked["data"]["company"], json!({ "name": COMPANY, "zone": "Europe/Tallinn" }), "{asked}");
    // Anybody may sign up under any name.
    signed_up(&server, "other@example.com").await;
    let folder = data.path().to_string_lossy();
    let arguments = ["token", "--data", &folder, "--tenant", COMPANY, "--user", "tester", "--role", "admin"];
    let (code, said) = refused(&arguments);
    assert_eq!(code, 8, "{said}");
    assert!(said.contains("AMBIGUOUS_TENANT") && said.contains("2 companies are called"), "{said}");
    let id = said.rsplit([' ', ',', '\n']).find(|word| word.len() == 36).expect("an identity");
    let asked = server.ask(&token(data.path(), id), "{ company { name } }", json!({})).await;
    assert_eq!(asked["data"]["company"]["name"], COMPANY);
}

#[tokio::test]
async fn a_session_is_refreshed_and_a_used_refresh_token_ends_it() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    signed_up(&server, "anna@example.com").await;
    let mut anna = Browser::at(&server, "203.0.113.7");
    assert_eq!(sign_in(&mut anna, "anna@example.com", PASSWORD).await.status, 200);
    let mut thief = Browser::at(&server, "203.0.114.9");
    thief.cookies.clone_from(&anna.cookies);
    assert_eq!(anna.post("/auth/refresh", &json!({})).await.status, 200);
    assert_ne!(anna.cookies[REFRESH], thief.cookies[REFRESH]);
    assert_eq!(anna.post("/auth/refresh", &json!({})).await.status, 200);
    let stolen = thief.post("/auth/refresh", &json!({})).await;
    assert_eq!((stolen.status, stolen.code()), (401, "UNAUTHENTICATED"));
    let over = anna.post("/auth/refresh", &json!({})).await;
    assert_eq!((over.status, over.code()), (401, "UNAUTHENTICATED"), "two had the chain");
}

#[tokio::test]
async fn who_signs_out_is_out_at_once_and_so_is_their_open_socket() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    signed_up(&server, "anna@example.com").await;
    let mut anna = Browser::at(&server, "203.0.113.7");
    assert_eq!(sign_in(&mut anna, "anna@example.com", PASSWORD).await.status, 200);
    let access = anna.cookies[ACCESS].clone();
    let address = server.url.strip_prefix("http://").and_then(|address| address.parse().ok()).expect("an address");
    let cookie = ("cookie", format!("{ACCESS}={access}"));
    let mut socket = Socket::connect(address, Some("graphql-transport-ws"), &[cookie]).await.expect("a socket");
    socket.send(&json!({ "type": "connection_init" })).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    assert_eq!(anna.post("/auth/sign-out", &json!({})).await.status, 200);
    assert!(!anna.cookies.contains_key(ACCESS) && !anna.cookies.contains_key(REFRESH));
    let told = std::time::Instant::now();
    assert_eq!(socket.close_code().await, 4401);
    assert!(told.elapsed() < std::time::Duration::from_secs(1), "{:?}", told.elapsed());
    anna.cookies.insert(ACCESS.to_owned(), access);
    let asked = anna.ask("{ viewer { role } }").await;
    assert_eq!(
        (asked.status, asked.code()),
        (401, "UNAUTHENTICATED"),
        "the token is of no use though its time is not over"
    );
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_a_link_and_ends_all_sessions() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    signed_up(&server, "anna@example.com").await;
    let mut anna = Browser::at(&server, "203.0.113.7");
    assert_eq!(sign_in(&mut anna, "anna@example.com", PASSWORD).await.status, 200);
    let mut elsewhere = Browser::at(&server, "203.0.115.7");
    for email in ["anna@example.com", "nobody@example.com"] {
        assert_eq!(elsewhere.post("/auth/forgot", &json!({ "email": email })).await.status, 202, "{email}");
    }
    let former = mailed(&server, "anna@example.com", "reset_password").await;
    assert_eq!(elsewhere.post("/auth/forgot", &json!({ "email": "anna@example.com" })).await.status, 202);
    let token = mailed_after(&server, "anna@example.com", "reset_password", &former).await;
    assert!(outbox(&server).await.iter().all(|mail| mail["to"] != "nobody@example.com"));
    let weak = elsewhere.post("/auth/reset", &json!({ "token": token, "password": "password12" })).await;
    assert_eq!((weak.status, weak.code()), (422, "BAD_USER_INPUT"), "and the link is still good");
    let reset = json!({ "token": token, "password": "another one, longer" });
    assert_eq!(elsewhere.post("/auth/reset", &reset).await.status, 200);
    for used in [&token, &former] {
        let again = json!({ "token": used, "password": "yet another one" });
        assert_eq!(elsewhere.post("/auth/reset", &again).await.code(), "LINK_REFUSED", "no other link is left");
    }
    assert_eq!(anna.post("/auth/refresh", &json!({})).await.status, 401, "her session is over");
    assert_eq!(sign_in(&mut anna, "anna@example.com", PASSWORD).await.status, 401);
    assert_eq!(sign_in(&mut anna, "anna@example.com", "another one, longer").await.status, 200);
}

#[tokio::test]
async fn who_guesses_waits_and_the_owner_on_a_known_device_does_not() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    signed_up(&server, "anna@example.com").await;
    let mut anna = Browser::at(&server, "203.0.113.7");
    assert_eq!(sign_in(&mut anna, "anna@example.com", PASSWORD).await.status, 200);
    let mut answers = Vec::new();
    for email in ["anna@example.com", "nobody@example.com"] {
        let mut guesser = Browser::at(&server, if email.starts_with('a') { "203.0.113.9" } else { "203.0.120.9" });
        for _ in 0..5 {
            assert_eq!(sign_in(&mut guesser, email, "wrong password").await.code(), "CREDENTIALS_REFUSED");
        }
        let waits = sign_in(&mut guesser, email, PASSWORD).await;
        assert_eq!((waits.status, waits.code()), (429, "SIGN_IN_WAITS"));
        assert!(waits.retry_after.is_some_and(|seconds| (20..=30).contains(&seconds)), "{waits:?}");
        answers.push(waits.body["errors"][0]["extensions"].clone());
    }
    assert_eq!(answers[0], answers[1], "nothing tells whether somebody has the name");
    // From the same network as the guesser, but on the device that she has signed in on.
    anna.cookies.retain(|name, _| name == "__Host-kilter-device");
    assert_eq!(sign_in(&mut anna, "anna@example.com", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_network_comes_in_eight_times_a_minute() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut many = Browser::at(&server, "203.0.113.7");
    for _ in 0..8 {
        assert_ne!(many.post("/auth/resend", &json!({ "email": "anna@example.com" })).await.status, 429);
    }
    let ninth = many.post("/auth/resend", &json!({ "email": "anna@example.com" })).await;
    assert_eq!((ninth.status, ninth.code()), (429, "RATE_LIMITED"), "{ninth:?}");
    assert!(ninth.left.is_some_and(|[limit, left, reset]| (limit, left) == (8, 0) && (1..=60).contains(&reset)));
    assert_eq!(ninth.retry_after, ninth.left.map(|[.., reset]| reset));
    let mut other = Browser::at(&server, "203.0.114.7");
    assert_eq!(other.post("/auth/resend", &json!({ "email": "anna@example.com" })).await.status, 202);
}

#[tokio::test]
async fn many_behind_one_address_keep_their_sessions() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    signed_up(&server, "anna@example.com").await;
    let mut behind = Vec::new();
    for network in 0..12 {
        let mut anna = Browser::at(&server, &format!("203.0.{network}.7"));
        assert_eq!(sign_in(&mut anna, "anna@example.com", PASSWORD).await.status, 200);
        let mut moved = Browser::at(&server, "198.51.99.77");
        moved.cookies = anna.cookies;
        behind.push(moved);
    }
    for anna in &mut behind {
        assert_eq!(anna.post("/auth/refresh", &json!({})).await.status, 200);
    }
    let mut eager = behind.pop().expect("one of them");
    let statuses: Vec<u16> = {
        let mut statuses = Vec::new();
        for _ in 0..9 {
            statuses.push(eager.post("/auth/refresh", &json!({})).await.status);
        }
        statuses
    };
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 429, 429], "a session has its own eight a minute");
    let mut guesser = Browser::at(&server, "198.51.99.77");
    for asked in 0..10 {
        guesser.cookies.insert(REFRESH.to_owned(), "A".repeat(70));
        let status = guesser.post("/auth/refresh", &json!({})).await.status;
        assert_eq!(status, if asked < 8 { 401 } else { 429 }, "{asked}: what proves nothing is counted by network");
    }
    assert_eq!(behind[0].post("/auth/sign-out", &json!({})).await.status, 200);
}

#[tokio::test]
async fn pages_of_others_and_bad_bodies_get_nowhere() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let url = format!("{}/auth/sign-in", server.url);
    let client = reqwest::Client::new();
    let body = json!({ "email": "anna@example.com", "password": PASSWORD }).to_string();
    let cases = [
        (vec![("origin", "https://evil.example"), ("content-type", "application/json")], body.as_str(), 403),
        (vec![("sec-fetch-site", "cross-site"), ("content-type", "application/json")], body.as_str(), 403),
        (vec![("sec-fetch-site", "same-site"), ("content-type", "application/json")], body.as_str(), 403),
        (vec![("content-type", "text/plain")], body.as_str(), 415),
        (vec![("content-type", "application/json")], "[]", 400),
        (vec![("content-type", "application/json")], "{", 400),
        (vec![("content-type", "application/json")], r#"{"email":"anna@example.com"}"#, 400),
        (vec![("content-type", "application/json")], r#"{"email":"a@b.co","password":"x","admin":true}"#, 400),
        (vec![("content-type", "application/json")], r#"{"email":"no address","password":"x"}"#, 422),
    ];
    for (number, (headers, body, status)) in cases.into_iter().enumerate() {
        let address = format!("203.0.{number}.1");
        let mut request = client.post(&url).header("x-forwarded-for", address).body(body.to_owned());
        for (name, value) in &headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{headers:?} {body}");
        assert!(!answer.text().await.expect("text").contains(PASSWORD));
    }
}

#[tokio::test]
async fn a_link_that_is_only_opened_changes_nothing_and_its_page_runs_no_script_but_ours() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = Browser::at(&server, "203.0.113.7");
    assert_eq!(anna.post("/auth/sign-up", &company("anna@example.com")).await.status, 202);
    let token = mailed(&server, "anna@example.com", "verify_address").await;
    for path in ["sign-in", "sign-up", "verify", "forgot-password", "reset-password", "invitation"] {
        let opened = reqwest::get(format!("{}/{path}#{token}", server.url)).await.expect("an answer");
        assert_eq!(opened.status().as_u16(), 200, "{path}");
        let policy = opened.headers()["content-security-policy"].to_str().expect("text").to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        let page = opened.text().await.expect("text");
        assert!(
            page.contains(&format!("id=\"{path}\"")) && !page.contains("onclick") && !page.contains("<script>"),
            "{path}"
        );
    }
    let verify = json!({ "token": token, "password": PASSWORD });
    assert_eq!(anna.post("/auth/verify", &verify).await.status, 200);
}

#[tokio::test]
async fn the_outbox_is_for_this_machine_only() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let asked = reqwest::Client::new().get(format!("{}/outbox", server.url)).header("x-forwarded-for", "203.0.113.7");
    assert_eq!(asked.send().await.expect("an answer").status().as_u16(), 404);
    let rebound = reqwest::Client::new().get(format!("{}/outbox", server.url)).header("host", "evil.example");
    assert_eq!(rebound.send().await.expect("an answer").status().as_u16(), 404);
    assert!(outbox(&server).await.is_empty());
}
