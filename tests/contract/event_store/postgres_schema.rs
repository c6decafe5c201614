//! What the store in a schema of a PostgreSQL server promises besides: nobody gets past the fences of its tables.

use std::time::{Duration, Instant};

use domain::kernel::TenantId;
use domain::ports::{Expected, Scope};
use infra::event_store::{PostgresEventStore, PostgresOptions};
use infra::postgres::{Postgres, PostgresRefusal};
use tests::events::{TENANT, append, command, stream};
use tests::stores::{TestStore, everything, intruder, postgres_url};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_count_the_events_of_all_nodes() {
    let store = TestStore::postgres().await;
    let nodes = [store.shared(), store.other_node().await];
    for n in 0..10_u128 {
        nodes[n as usize % 2].append(TENANT, append(stream(n), Expected::NoStream, command(n), 2)).await.unwrap();
    }
    let positions: Vec<_> = everything(&*store, Scope::System, 7).await.iter().map(|event| event.position.0).collect();
    assert_eq!(positions, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_tables_refuse_to_forget_and_to_change() {
    let store = TestStore::postgres().await;
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await.unwrap();
    let intruder = intruder(store.schema().unwrap()).await;
    intruder.batch_execute("SET kilter.scope = 'system'").await.unwrap();
    for attempt in [
        "DELETE FROM events",
        "TRUNCATE events",
        "UPDATE events SET revision = 7 WHERE position = 2",
        "UPDATE events SET body = '\\x00' WHERE position = 1",
        "UPDATE events SET body = NULL, salt = NULL WHERE position = 1",
        "DELETE FROM deleted_streams",
        "UPDATE head SET position = 1",
        "DELETE FROM head",
        "INSERT INTO events SELECT 3, tenant, stream, kind, revision, gen_random_uuid(), hash, hash, details, NULL, salt, body FROM events WHERE position = 1",
        "INSERT INTO events SELECT 3, tenant, stream, kind, 2, event_id, hash, hash, details, NULL, salt, body FROM events WHERE position = 1",
    ] {
        assert!(intruder.batch_execute(attempt).await.is_err(), "{attempt}");
    }
    assert_eq!(everything(&*store, Scope::System, 10).await.len(), 2);
}

#[tokio::test]
async fn rows_of_another_tenant_are_fenced_off_even_where_a_question_forgets_the_tenant() {
    let store = TestStore::postgres().await;
    let other = TenantId(Uuid::from_u128(0xbeef));
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await.unwrap();
    store.append(other, append(stream(1), Expected::NoStream, command(1), 1)).await.unwrap();
    let intruder = intruder(store.schema().unwrap()).await;
    let seen = async |scope: Option<String>| -> i64 {
        if let Some(scope) = scope {
            intruder.batch_execute(&format!("SET kilter.scope = '{scope}'")).await.unwrap();
        }
        intruder.query_one("SELECT count(*) FROM events", &[]).await.unwrap().get(0)
    };
    assert_eq!(seen(None).await, 0);
    assert_eq!(seen(Some(TENANT.0.to_string())).await, 2);
    assert_eq!(seen(Some(other.0.to_string())).await, 1);
    assert_eq!(seen(Some(String::new())).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_of_a_newer_kilter_is_refused_by_name() {
    let store = TestStore::postgres().await;
    intruder(store.schema().unwrap()).await.batch_execute("UPDATE kilter_format SET version = 99").await.unwrap();
    let refusal = open(&postgres_url(), store.schema().unwrap()).await;
    assert!(matches!(refusal, PostgresRefusal::Newer { found: 99, .. }), "{refusal}");
    assert!(refusal.to_string().contains(store.schema().unwrap()));
}

#[tokio::test]
async fn a_log_that_does_not_end_where_the_next_event_belongs_is_refused_as_damaged() {
    let store = TestStore::postgres().await;
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await.unwrap();
    intruder(store.schema().unwrap()).await.batch_execute("UPDATE head SET position = 7").await.unwrap();
    let refusal = open(&postgres_url(), store.schema().unwrap()).await;
    assert!(matches!(&refusal, PostgresRefusal::Damaged { .. }), "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stops_between_its_two_trips_holds_the_others_up_for_two_seconds_only() {
    let store = TestStore::postgres().await;
    let stopped = intruder(store.schema().unwrap()).await;
    // What the writer of a node does on its first trip, and then nothing.
    stopped.batch_execute("SET idle_in_transaction_session_timeout = '2s'; BEGIN").await.unwrap();
    stopped.query_one("SELECT position FROM head FOR UPDATE", &[]).await.unwrap();
    let begun = Instant::now();
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 1)).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn each_address_that_can_not_be_used_gets_a_line_that_says_why() {
    let url = postgres_url();
    let (host, _) = url.rsplit_once('/').unwrap();
    let (_, host_alone) = host.rsplit_once('@').unwrap();
    for (url, says) in [
        ("http://somewhere/kilter".to_owned(), "can't be used"),
        ("postgres://kilter@/kilter".to_owned(), "names no host"),
        (format!("{host}/nowhere"), "createdb"),
        (format!("postgres://nobody-knows-me@{host_alone}/postgres"), "check user and password"),
        ("postgres://kilter@127.0.0.1:1/kilter".to_owned(), "refused"),
    ] {
        let refusal = open(&url, "kilter").await.to_string();
        assert!(refusal.contains(says) && refusal.lines().count() == 1, "{url}: {refusal}");
    }
}

async fn open(url: &str, schema: &str) -> PostgresRefusal {
    match Postgres::new(url, schema) {
        Ok(server) => PostgresEventStore::open(server, PostgresOptions::default()).await.err().expect("a refusal"),
        Err(refusal) => refusal,
    }
}
