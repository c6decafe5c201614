//! People on several nodes over one PostgreSQL server: what ends on one ends on all, and what they may ask is counted together.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::people::Browser;
use tests::postgres_server::Stop;
use tests::process::Server;

use super::identity::ACCESS;
use super::members::{admin, change, dashboard, manager};
use super::nodes::Plant;

/// How soon what an admin does must bite (QUALITY F31).
const AT_ONCE: Duration = Duration::from_secs(1);

/// A node that believes what tests say of where they come from.
fn node(plant: &Plant, name: &str) -> Server {
    let (first, data) = (plant.data("first"), plant.data(name));
    if name != "first" {
        std::fs::create_dir(&data).expect("a folder");
        for key in ["root.key", "token.key"] {
            std::fs::copy(first.join(key), data.join(key)).expect("the keys of the first node");
        }
    }
    let mut command = plant.command(&plant.server.url(), &["serve", "--listen", "127.0.0.1:0"], &data);
    command.env("KILTER_TRUSTED_PROXIES", "127.0.0.0/8").env("KILTER_OUTBOX_PAGE", "true");
    Server::spawn(command)
}

/// The same browser at another node, as behind a load balancer.
fn at(server: &Server, browser: &Browser, address: &str) -> Browser {
    let mut there = Browser::at(server, address);
    there.cookies.clone_from(&browser.cookies);
    there
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_signed_out_by_force_is_out_within_a_second_on_every_node() {
    let plant = Plant::start();
    let (one, other) = (node(&plant, "first"), node(&plant, "second"));
    let mut anna = admin(&one).await;
    let (mut here, id) = manager(&one, &mut anna).await;
    let mut there = at(&other, &here, "203.0.116.7");
    assert_eq!(there.ask("{ viewer { role } }").await.status, 200);
    let mut sockets = [dashboard(&one, &here).await, dashboard(&other, &there).await];
    let access = here.cookies[ACCESS].clone();
    let force = format!(r#"forceSignOut(input: {{ memberId: "{id}" }}) {{ appended userErrors {{ code }} }}"#);
    assert_eq!(change(&mut anna, &force).await["appended"], 1);
    let told = Instant::now();
    for socket in &mut sockets {
        assert_eq!(socket.close_code().await, 4401);
    }
    let closed = told.elapsed();
    for browser in [&mut here, &mut there] {
        browser.cookies.insert(ACCESS.to_owned(), access.clone());
        let asked = browser.ask("{ viewer { role } }").await;
        assert_eq!((asked.status, asked.code()), (401, "UNAUTHENTICATED"));
        assert_eq!(browser.post("/auth/refresh", &json!({})).await.status, 401);
    }
    assert!(told.elapsed() < AT_ONCE, "sockets closed after {closed:?}, all refused after {:?}", told.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_caller_may_ask_is_counted_over_all_nodes() {
    let plant = Plant::start();
    let (one, other) = (node(&plant, "first"), node(&plant, "second"));
    let anna = admin(&one).await;
    let resend = json!({ "email": "nobody@example.com" });
    let mut browsers = [&one, &other].map(|server| Browser::at(server, "203.0.130.7"));
    let mut let_in = 0;
    for round in 0..12 {
        let answer = browsers[round % 2].post("/auth/resend", &resend).await;
        let_in += usize::from(answer.status == 202);
        assert_eq!(answer.left.map(|[limit, ..]| limit), Some(8), "{answer:?}");
        assert_eq!(answer.status == 429, answer.retry_after.is_some(), "{answer:?}");
    }
    assert_eq!(let_in, 8);

    let mut browsers = [at(&one, &anna, "203.0.113.7"), at(&other, &anna, "203.0.113.7")];
    let fields: Vec<String> = (0..6).map(|number| format!("f{number}: viewer {{ role }}")).collect();
    let query = format!("{{ {} }}", fields.join(" "));
    let mut executed = 0;
    for round in 0..40 {
        let answer = browsers[round % 2].ask(&query).await;
        let [limit, remaining, _] = answer.left.expect("it says what is left");
        assert_eq!(limit, 150);
        if answer.status == 200 {
            executed += 6;
            assert_eq!(answer.body["extensions"]["rateLimit"]["remaining"], remaining, "{answer:?}");
        } else {
            assert_eq!((answer.status, answer.code()), (429, "RATE_LIMITED"));
        }
    }
    // What one node has taken and not spent is lost to the other.
    assert!((130..=150).contains(&executed), "{executed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_is_away_each_node_counts_for_itself() {
    let plant = Plant::start();
    let nodes = [node(&plant, "first"), node(&plant, "second")];
    plant.server.stop(Stop::Fast);
    for server in &nodes {
        let mut stranger = Browser::at(server, "203.0.130.7");
        for asked in 0..10 {
            let answer = stranger.post("/auth/resend", &json!({ "email": "nobody@example.com" })).await;
            assert_eq!(answer.status, if asked < 8 { 202 } else { 429 }, "{asked}: {answer:?}");
        }
    }
    plant.server.resume();
}
