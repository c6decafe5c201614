//! What somebody at a terminal tries beside their own work, and what a session there is worth elsewhere.

use serde_json::{Value as Json, json};
use tests::edge::Socket;
use tests::people::Browser;
use tests::process::Server;

use super::identity::{ACCESS, serve};
use super::members::{admin, change, manager};
use super::terminals::{FLOOR, TERMINAL, code, enter, operator, paired, queue, see};

fn address(server: &Server) -> std::net::SocketAddr {
    server.url.strip_prefix("http://").and_then(|address| address.parse().ok()).expect("an address")
}

/// A tablet that has the same cookies.
fn twin(tablet: &Browser) -> Browser {
    let mut twin = tablet.another_at("203.0.117.8");
    twin.cookies.clone_from(&tablet.cookies);
    twin
}

/// A job of one operation that Ben is at work on since some minutes.
async fn job_of(admin: &mut Browser, number: &str, worker: &str) {
    if number == "J-1" {
        change(admin, r#"createWorkCenter(input: { code: "MILL", name: "Milling" }) { userErrors { code } }"#).await;
    }
    let job = format!(
        r#"createJob(input: {{ number: "{number}", product: "Flange", quantity: "40", notes: "price 400 EUR",
            operations: [{{ number: 10, name: "Mill", workCenterCode: "MILL" }}] }}) {{ userErrors {{ code message }} }}"#
    );
    change(admin, &job).await;
    let start = format!(
        r#"startOperation(input: {{ jobNumber: "{number}", operation: 10, operatorId: "{worker}" }}) {{ userErrors {{ code }} }}"#
    );
    change(admin, &start).await;
}

/// What a change at a tablet is refused for; nothing where it is done.
async fn refusal(tablet: &mut Browser, field: &str, own: &str, number: &str, more: &str) -> Json {
    let answer = tablet
        .ask(&format!(
            r#"mutation {{ it: {field}(input: {{ jobNumber: "{number}", operation: 10, operatorId: "{own}" {more} }}) {{
                userErrors {{ code }} changedSince {{ sentence }} }} }}"#
        ))
        .await;
    let it = &answer.body["data"]["it"];
    assert_eq!(it["changedSince"], json!([]), "history is not for the floor: {answer:?}");
    it["userErrors"][0]["code"].clone()
}

#[tokio::test]
async fn at_a_terminal_people_end_their_own_work_and_learn_no_history() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (otto, ben) = (operator(&mut anna, "OP-1", "1379").await, operator(&mut anna, "OP-2", "2468").await);
    job_of(&mut anna, "J-1", &ben).await;
    let mut tablet = paired(&server, &mut anna).await;
    assert_eq!(enter(&mut tablet, &otto, "1379").await.status, 200);
    for more in ["", r#"good: "40""#] {
        assert_eq!(refusal(&mut tablet, "finishOperation", &otto, "J-1", more).await, "OPERATOR_NOT_AT_WORK");
    }
    assert_eq!(refusal(&mut tablet, "startOperation", &otto, "J-1", r#"expectedRevision: "0""#).await, "CONFLICT");
    let old = r#"happenedAt: "1970-01-01T00:00:00Z""#;
    assert_eq!(refusal(&mut tablet, "startOperation", &otto, "J-1", old).await, "HAPPENED_TOO_LONG_AGO");
    assert_eq!(refusal(&mut tablet, "startOperation", &otto, "J-1", "").await, Json::Null);
    assert_eq!(refusal(&mut tablet, "finishOperation", &otto, "J-1", "").await, "OTHERS_AT_WORK");
    // Ben is there still, and once he has left it Otto may end it.
    let pause = format!(
        r#"pauseOperation(input: {{ jobNumber: "J-1", operation: 10, operatorId: "{ben}", reason: "break" }}) {{ appended userErrors {{ code }} }}"#
    );
    assert_ne!(change(&mut anna, &pause).await["appended"], 0);
    assert_eq!(refusal(&mut tablet, "finishOperation", &otto, "J-1", "").await, Json::Null);
    let history = r#"startOperation(input: { jobNumber: "J-1", operation: 10, operatorCode: "OP-1", expectedRevision: "0" }) { changedSince { sentence } }"#;
    let told = anna.ask(&format!("mutation {{ it: {history} }}")).await.body;
    assert!(
        told["data"]["it"]["changedSince"].as_array().is_some_and(|it| it.len() > 2),
        "who may see it does: {told}"
    );
}

#[tokio::test]
async fn who_left_is_out_of_an_open_socket_too_and_an_old_cookie_lets_nobody_back_in() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let otto = operator(&mut anna, "OP-1", "1379").await;
    let mut tablet = paired(&server, &mut anna).await;
    assert_eq!(enter(&mut tablet, &otto, "1379").await.status, 200);
    let cookies = format!("{FLOOR}={}; {TERMINAL}={}", tablet.cookies[FLOOR], tablet.cookies[TERMINAL]);
    let protocol = Some("graphql-transport-ws");
    let mut socket = Socket::connect(address(&server), protocol, &[("cookie", cookies)]).await.expect("a socket");
    socket.send(&json!({ "type": "connection_init" })).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    let left = format!(
        r#"deactivateOperator(input: {{ operatorId: "{otto}", reason: "left" }}) {{ appended userErrors {{ code }} }}"#
    );
    change(&mut anna, &left).await;
    let told = std::time::Instant::now();
    assert_eq!(socket.close_code().await, 4401);
    assert!(told.elapsed() < std::time::Duration::from_secs(2), "{:?}", told.elapsed());
    let back = format!(r#"reactivateOperator(input: {{ operatorId: "{otto}" }}) {{ appended userErrors {{ code }} }}"#);
    change(&mut anna, &back).await;
    assert_eq!(queue(&mut tablet, &otto).await.status, 401, "the session is over");
    assert_eq!(enter(&mut tablet, &otto, "1379").await.status, 200);
}

#[tokio::test]
async fn a_session_at_a_terminal_is_good_together_with_its_own_tablet_only() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let otto = operator(&mut anna, "OP-1", "1379").await;
    let (mut tablet, mut other) = (paired(&server, &mut anna).await, paired(&server, &mut anna).await);
    assert_eq!(enter(&mut tablet, &otto, "1379").await.status, 200);
    assert_eq!(queue(&mut twin(&tablet), &otto).await.status, 200);
    other.cookies.insert(FLOOR.to_owned(), tablet.cookies[FLOOR].clone());
    assert_eq!(queue(&mut other, &otto).await.status, 401, "at another tablet");
    let mut thief = twin(&tablet);
    thief.cookies.remove(TERMINAL);
    assert_eq!(queue(&mut thief, &otto).await.status, 401, "without a tablet");
    let bearer = server.ask(&tablet.cookies[FLOOR], "{ viewer { role } }", json!({})).await;
    assert!(bearer["data"].is_null(), "as a token: {bearer}");
    assert_eq!(queue(&mut tablet, &otto).await.status, 200);
}

#[tokio::test]
async fn of_several_who_come_in_at_a_tablet_at_once_one_is_in() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let mut people = Vec::new();
    for (number, pin) in ["1379", "2468", "8642", "9731"].into_iter().enumerate() {
        people.push((operator(&mut anna, &format!("OP-{number}"), pin).await, pin));
    }
    let tablet = paired(&server, &mut anna).await;
    for _ in 0..3 {
        let coming = people.iter().map(|(who, pin)| {
            let mut at = twin(&tablet);
            async move {
                let entered = enter(&mut at, who, pin).await;
                (at, entered.status, who)
            }
        });
        let mut inside = 0;
        for (mut at, status, who) in futures_util::future::join_all(coming).await {
            assert_eq!(status, 200);
            inside += usize::from(queue(&mut at, who).await.status == 200);
        }
        assert_eq!(inside, 1);
    }
}

#[tokio::test]
async fn a_pairing_code_is_of_no_use_once_its_maker_may_make_none() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let (mut mia, id) = manager(&server, &mut anna).await;
    let code = code(&mut mia).await;
    let less =
        format!(r#"changeRole(input: {{ memberId: "{id}", role: OPERATOR }}) {{ appended userErrors {{ code }} }}"#);
    change(&mut anna, &less).await;
    let mut tablet = Browser::at(&server, "203.0.117.7");
    let refused = tablet.post("/auth/terminal/pair", &json!({ "code": code })).await;
    assert_eq!((refused.status, refused.code()), (401, "CODE_REFUSED"));
}

#[tokio::test]
async fn who_comes_in_at_a_tablet_ends_the_session_of_the_member_who_was_in_there() {
    let data = tempfile::tempdir().expect("a folder");
    let server = serve(data.path());
    let mut anna = admin(&server).await;
    let otto = operator(&mut anna, "OP-1", "1379").await;
    let tablet = paired(&server, &mut anna).await;
    let access = anna.cookies[ACCESS].clone();
    anna.cookies.extend(tablet.cookies);
    assert_eq!(enter(&mut anna, &otto, "1379").await.status, 200);
    assert!(!anna.cookies.contains_key(ACCESS));
    let mut replayed = anna.another_at("203.0.113.7");
    replayed.cookies.insert(ACCESS.to_owned(), access);
    assert_eq!(replayed.ask("{ viewer { role } }").await.status, 401);
    assert_eq!(see(&mut anna).await.status, 200, "the tablet is one still");
}
