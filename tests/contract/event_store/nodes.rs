//! What a store of several nodes promises besides: they share one order, and nobody gets past the fences of its tables.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::kernel::TenantId;
use domain::ports::{AppendError, Expected, Position, Scope};
use infra::event_store::PostgresEventStore;
use infra::postgres::{Postgres, PostgresRefusal};
use tests::events::{TENANT, append, command, stream};
use tests::stores::{TestStore, everything, postgres_url};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_that_expect_the_same_one_wins_and_the_order_is_one() {
    let store = TestStore::postgres().await;
    let nodes = [store.shared(), store.other_node().await];
    let mut writers = JoinSet::new();
    for (node, store) in nodes.into_iter().enumerate() {
        for writer in 0..8_u128 {
            let store = Arc::clone(&store);
            writers.spawn(async move {
                let mut won = 0_u64;
                for round in 0..20_u128 {
                    let id = command(node as u128 * 10_000 + writer * 1000 + round);
                    match store.append(TENANT, append(stream(round), Expected::NoStream, id, 2)).await {
                        Ok(_) => won += 1,
                        Err(error) => assert_eq!(error, AppendError::Conflict { actual: Some(1) }),
                    }
                }
                won
            });
        }
    }
    let mut won = 0;
    while let Some(done) = writers.join_next().await {
        won += done.unwrap();
    }
    assert_eq!(won, 20);
    let events = everything(&*store, Scope::System, 7).await;
    assert_eq!(events.iter().map(|event| event.position.0).collect::<Vec<_>>(), (1..=40).collect::<Vec<_>>());
    assert_eq!(events.iter().map(|event| (event.stream.id, event.revision)).collect::<HashSet<_>>().len(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_wakes_the_other_node() {
    let store = TestStore::postgres().await;
    let other = store.other_node().await;
    let woken = Arc::new(Notify::new());
    let bell = Arc::clone(&woken);
    other.on_append(Arc::new(move |position| {
        if position == Position(3) {
            bell.notify_one();
        }
    }));
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 3)).await.unwrap();
    tokio::time::timeout(PATIENCE, woken.notified()).await.expect("a wake");
    assert_eq!(other.head().await.unwrap(), Position(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_deleted_on_one_node_takes_nothing_on_the_other() {
    let store = TestStore::postgres().await;
    let other = store.other_node().await;
    other.append(TENANT, append(stream(1), Expected::NoStream, command(1), 1)).await.unwrap();
    store.delete_stream(TENANT, stream(1)).await.unwrap();
    let refused = other.append(TENANT, append(stream(1), Expected::Any, command(2), 1)).await;
    assert_eq!(refused, Err(AppendError::Deleted));
}

#[tokio::test]
async fn the_tables_refuse_to_forget_and_to_change() {
    let store = TestStore::postgres().await;
    store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 2)).await.unwrap();
    let intruder = intruder(&store).await;
    intruder.batch_execute("SET kilter.scope = 'system'").await.unwrap();
    for attempt in [
        "DELETE FROM events",
        "TRUNCATE events",
        "UPDATE events SET revision = 7 WHERE position = 2",
        "UPDATE events SET body = '\\x00' WHERE position = 1",
        "UPDATE events SET body = NULL, salt = NULL WHERE position = 1",
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
    let intruder = intruder(&store).await;
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

#[tokio::test]
async fn a_schema_of_a_newer_kilter_is_refused_by_name() {
    let store = TestStore::postgres().await;
    intruder(&store).await.batch_execute("UPDATE kilter_format SET version = 99").await.unwrap();
    let refusal = open(&postgres_url(), store.schema()).await;
    assert!(matches!(refusal, PostgresRefusal::Newer { found: 99, .. }), "{refusal}");
    assert!(refusal.to_string().contains(store.schema()));
}

#[tokio::test]
async fn each_address_that_can_not_be_used_gets_a_line_that_says_why() {
    let url = postgres_url();
    let (server, _) = url.rsplit_once('/').unwrap();
    for (url, says) in [
        ("http://somewhere/kilter".to_owned(), "can't be used"),
        ("postgres://kilter@/kilter".to_owned(), "names no host"),
        (format!("{server}/nowhere"), "createdb"),
        (url.replace("kilter@", "nobody@"), "check user and password"),
        ("postgres://kilter@127.0.0.1:1/kilter".to_owned(), "refused"),
    ] {
        let refusal = open(&url, "kilter").await.to_string();
        assert!(refusal.contains(says) && refusal.lines().count() == 1, "{url}: {refusal}");
    }
}

async fn open(url: &str, schema: &str) -> PostgresRefusal {
    match Postgres::new(url, schema) {
        Ok(server) => PostgresEventStore::open(server, None).await.err().expect("a refusal"),
        Err(refusal) => refusal,
    }
}

/// Somebody with the rights of Kilter's own user, but not its manners.
async fn intruder(store: &TestStore) -> tokio_postgres::Client {
    let url = format!("{}?options=-c%20search_path%3D{}", postgres_url(), store.schema());
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(async { drop(connection.await) });
    client
}
