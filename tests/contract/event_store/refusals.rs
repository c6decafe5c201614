//! EventStoreDB servers that can't be used, and TLS: of the connection, and of the process that it is set up for once.

use std::process::Command;

use domain::ports::{EventStore, Expected};
use infra::event_store::{EventStoreDb, EventStoreDbRefusal};
use infra::postgres::Postgres;
use tests::events::{TENANT, append, command, stream};
use tests::eventstoredb::{Certificate, StandIn};

async fn refusal(url: &str, prefix: &str) -> EventStoreDbRefusal {
    let refusal = EventStoreDb::open(url, prefix, None).await.err().unwrap_or_else(|| panic!("{url} is opened"));
    let text = refusal.to_string();
    assert!(text.lines().count() == 1 && !text.contains("secret") && !text.contains("metadata:"), "{url}: {text}");
    refusal
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_server_that_can_not_be_used_gets_a_line_that_says_why() {
    let (guarded, old) = (StandIn::start().await, StandIn::start().await);
    guarded.trouble(|troubles| troubles.password = Some(("kilter".to_owned(), "right".to_owned())));
    old.trouble(|troubles| troubles.is_old = true);
    let with = |user: &str| guarded.url().replace("esdb://", &format!("esdb://{user}@"));
    for (url, prefix, says) in [
        ("http://kilter:secret@somewhere".to_owned(), "", "it looks like esdb://"),
        ("esdb://".to_owned(), "", "it looks like esdb://"),
        ("esdb://somewhere:port".to_owned(), "", "it looks like esdb://"),
        ("esdb://somewhere?discoveryInterval=soon".to_owned(), "", "discoveryinterval"),
        (guarded.url(), "", "check user and password"),
        (with("kilter:secret"), "", "check user and password"),
        (old.url(), "", "at least 22.10 is needed"),
        (old.url(), "$ce-", "can't begin with"),
    ] {
        let refusal = refusal(&url, prefix).await;
        assert!(refusal.to_string().contains(says) && !refusal.may_heal(), "{url}: {refusal}");
    }
    EventStoreDb::open(&with("kilter:right"), "", None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_can_not_be_reached_may_be_tried_again() {
    let (hanging_up, leaderless, astray) = (StandIn::start().await, StandIn::start().await, StandIn::start().await);
    hanging_up.trouble(|troubles| troubles.hangs_up = true);
    leaderless.trouble(|troubles| troubles.follows = Some(None));
    astray.trouble(|troubles| troubles.follows = Some(Some(1)));
    let options = "tls=false&discoveryInterval=5";
    for (url, says) in [
        (format!("esdb://127.0.0.1:1?{options}"), "esdb://127.0.0.1:1: Connection refused"),
        (format!("esdb://nowhere.invalid?{options}"), "esdb://nowhere.invalid:2113: failed to lookup"),
        (format!("esdb://127.0.0.1:1,nowhere.invalid?{options}"), "127.0.0.1: Connection refused"),
        (hanging_up.url(), "leave tls=false out"),
        (leaderless.url(), "No leader info available"),
        (astray.url(), "no connection to a node that leads"),
    ] {
        let refusal = refusal(&url, "").await;
        assert!(refusal.to_string().contains(says) && refusal.may_heal(), "{url}: {refusal}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_is_refused_for_what_is_wrong_with_it_and_used_where_nothing_is() {
    let (own, foreign) = (Certificate::of("127.0.0.1"), Certificate::of("elsewhere.example"));
    let (plain, trusted) = (StandIn::start().await, StandIn::start_with_tls(&own).await);
    let misnamed = StandIn::start_with_tls(&foreign).await;
    let file = |certificate: &Certificate, name: &str| certificate.folder().join(name).display().to_string();
    let authority = |certificate: &Certificate| format!("tlsCAFile={}", file(certificate, "certificate.pem"));
    let pair = format!("userCertFile={}&userKeyFile={}", file(&foreign, "certificate.pem"), file(&own, "key.pem"));
    for (url, says) in [
        (trusted.url(), "tlsCAFile=…"),
        (format!("{}&{}", trusted.url(), authority(&foreign)), "tlsCAFile=…"),
        (format!("{}&{}", misnamed.url(), authority(&foreign)), "not valid for name"),
        (format!("esdb://127.0.0.1:1,127.0.0.1:{}?discoveryInterval=5", trusted.port()), "tlsCAFile=…"),
        (plain.url().replace("tls=false", "tls=true"), "say tls=false"),
        (format!("{}&tlsCAFile=/nowhere/ca.pem", trusted.url()), "/nowhere/ca.pem"),
        (format!("{}&tlsCAFile={}", trusted.url(), file(&own, "key.pem")), "no certificate is in it"),
        (format!("{}&{}&{pair}", trusted.url(), authority(&own)), "certificate.pem: keys may not be consistent"),
    ] {
        let refusal = refusal(&url, "").await;
        assert!(matches!(refusal, EventStoreDbRefusal::Tls { .. }) && !refusal.may_heal(), "{url}: {refusal}");
        assert!(refusal.to_string().contains(says), "{url}: {refusal}");
    }
    let store = EventStoreDb::open(&format!("{}&{}", trusted.url(), authority(&own)), "", None).await.unwrap();
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 1)).await.unwrap();
}

/// TLS is set up once in a process, so these run in processes of their own.
fn in_a_process_of_its_own(sentence: &str) {
    let sentence = format!("event_store::refusals::in_its_own_process::{sentence}");
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", &sentence, "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn tls_of_other_parts_of_the_process_may_be_set_up_before() {
    in_a_process_of_its_own("others_first");
}

#[test]
fn tls_of_other_parts_of_the_process_may_be_set_up_after() {
    in_a_process_of_its_own("others_later");
}

/// The client would panic in the background, and answer nothing for ever.
#[test]
fn a_process_that_has_a_provider_of_tls_already_is_told_so() {
    in_a_process_of_its_own("a_provider_for_all");
}

mod in_its_own_process {
    use super::*;

    async fn others() {
        Postgres::new("postgres://kilter@db.example.com/kilter?sslmode=require", "kilter").unwrap();
        // Over TLS to a server that does not answer: only TLS matters here.
        assert!(reqwest::Client::new().get("https://127.0.0.1:1").send().await.is_err());
    }

    async fn ours() {
        let certificate = Certificate::of("127.0.0.1");
        let server = StandIn::start_with_tls(&certificate).await;
        let url = format!("{}&tlsCAFile={}", server.url(), certificate.folder().join("certificate.pem").display());
        for n in 0..2 {
            let store = EventStoreDb::open(&url, "", None).await.unwrap();
            store.append(TENANT, append(stream(n), Expected::NoStream, command(n), 1)).await.unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "run in a process of its own"]
    async fn others_first() {
        others().await;
        ours().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "run in a process of its own"]
    async fn others_later() {
        ours().await;
        others().await;
        // Whoever wants to be the provider for all is told that there is one.
        assert!(rustls::crypto::aws_lc_rs::default_provider().install_default().is_err());
        ours().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "run in a process of its own"]
    async fn a_provider_for_all() {
        rustls::crypto::aws_lc_rs::default_provider().install_default().unwrap();
        let server = StandIn::start().await;
        let refusal = refusal(&server.url(), "").await;
        assert!(matches!(refusal, EventStoreDbRefusal::Tls { .. }), "{refusal:?}");
        assert!(refusal.to_string().contains("before the event store was opened"));
    }
}
