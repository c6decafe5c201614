//! What a vault of several nodes promises besides: what one of them fences, none of them opens.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::kernel::{ActorId, DataClass, Sealed, SubjectId, Timestamp};
use domain::ports::{Scope, VaultError};
use infra::postgres::PostgresRefusal;
use infra::vault::secrets::{Change, Secret, SecretKind};
use tests::stores::intruder;
use tests::vaults::{KEYS, TestVault, WholeVault, vault_with};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{ANNA, BORIS, OTHER_TENANT, TENANT, open, seal, value};

const ACTOR: ActorId = ActorId(Uuid::from_u128(7));
const SOON: Duration = Duration::from_secs(10);

/// A value of Anna's that this node opens with a key that it has at hand: behind its back, the key is gone from the table.
async fn at_hand(node: &dyn WholeVault, schema: &str) -> Sealed {
    let intruder = intruder(schema).await;
    let begun = Instant::now();
    loop {
        let sealed = seal(node, ANNA, "Anna").await;
        intruder.batch_execute("SET kilter.scope = 'system'; DELETE FROM data_keys").await.unwrap();
        if open(node, &sealed).await.is_some() {
            return sealed;
        }
        assert!(begun.elapsed() < SOON, "nothing is ever at hand");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_fences_the_other_does_not_open_within_a_second() {
    let vault = TestVault::postgres().await;
    let other = vault.other_node().await;
    let sealed = at_hand(&*other, vault.schema()).await;
    vault.fence(TENANT, ANNA, Timestamp::default()).await.unwrap();
    let fenced = Instant::now();
    while open(&*other, &sealed).await.is_some() {
        assert!(fenced.elapsed() < Duration::from_secs(1), "it still opens");
    }
    let again = other.seal(TENANT, value(ANNA, DataClass::Identity, "Anna")).await;
    assert_eq!(again, Err(VaultError::Fenced(ANNA)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_calls_an_actor_the_other_calls_them_too() {
    let vault = TestVault::postgres().await;
    let other = vault.other_node().await;
    for label in ["anna", "Anna K."] {
        vault.label_actor(TENANT, ACTOR, label).await.unwrap();
        let noted = Instant::now();
        while other.actor_label(TENANT, ACTOR).await.unwrap().as_deref() != Some(label) {
            assert!(noted.elapsed() < Duration::from_secs(1), "{label}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_at_hand_goes_when_the_node_can_not_hear_the_others() {
    let vault = TestVault::postgres().await;
    let sealed = at_hand(&*vault, vault.schema()).await;
    let intruder = intruder(vault.schema()).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kilter ' || $1";
    intruder.execute(cut, &[&vault.schema()]).await.unwrap();
    let cut = Instant::now();
    while open(&*vault, &sealed).await.is_some() {
        assert!(cut.elapsed() < Duration::from_secs(1), "it is still at hand");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_seal_first_at_the_same_time_make_one_key() {
    let vault = TestVault::postgres().await;
    let nodes = [vault.shared(), vault.other_node().await];
    let mut sealing = JoinSet::new();
    for number in 0..64_usize {
        let node: Arc<dyn WholeVault> = Arc::clone(&nodes[number % 2]);
        sealing.spawn(async move { seal(&*node, SubjectId(Uuid::from_u128(number as u128 / 4)), "name").await });
    }
    for sealed in sealing.join_all().await {
        for node in &nodes {
            assert_eq!(open(&**node, &sealed).await.as_deref(), Some("name"));
        }
    }
    let intruder = intruder(vault.schema()).await;
    intruder.batch_execute("SET kilter.scope = 'system'").await.unwrap();
    let keys = "SELECT (SELECT count(*) FROM tenant_keys), (SELECT count(*) FROM data_keys)";
    let row = intruder.query_one(keys, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (1, 16));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_is_left_where_one_node_seals_while_the_other_fences() {
    let vault = TestVault::postgres().await;
    let other = vault.other_node().await;
    let subjects: Vec<SubjectId> = (0..40).map(|number| SubjectId(Uuid::from_u128(number))).collect();
    let mut working = JoinSet::new();
    for subject in subjects {
        let (sealing, fencing) = (vault.shared(), Arc::clone(&other));
        working.spawn(async move { drop(sealing.seal(TENANT, value(subject, DataClass::Identity, "name")).await) });
        working.spawn(async move { fencing.fence(TENANT, subject, Timestamp::default()).await.unwrap() });
    }
    working.join_all().await;
    let intruder = intruder(vault.schema()).await;
    intruder.batch_execute("SET kilter.scope = 'system'").await.unwrap();
    let keys: i64 = intruder.query_one("SELECT count(*) FROM data_keys", &[]).await.unwrap().get(0);
    assert_eq!(keys, 0);
}

#[tokio::test]
async fn a_node_with_other_keys_is_refused_whichever_of_them_is_another() {
    let vault = TestVault::postgres().await;
    assert!(vault_with(vault.schema(), KEYS).await.is_ok());
    for other in [([1; 32], KEYS.1), (KEYS.0, [1; 32])] {
        let refusal = vault_with(vault.schema(), other).await.err().expect("a refusal");
        assert!(matches!(refusal, PostgresRefusal::OtherKeys { .. }), "{refusal}");
        assert!(refusal.to_string().contains("copy root.key and token.key"), "{refusal}");
    }
}

#[tokio::test]
async fn the_tables_keep_fences_and_show_a_tenant_its_own_rows_only() {
    let vault = TestVault::postgres().await;
    seal(&*vault, BORIS, "Boris").await;
    vault.register_tenant(TENANT, "gears", Timestamp::default()).await.unwrap();
    vault.fence(TENANT, ANNA, Timestamp::default()).await.unwrap();
    let intruder = intruder(vault.schema()).await;
    for (scope, seen) in [(String::new(), 0), (OTHER_TENANT.0.to_string(), 0), (TENANT.0.to_string(), 1)] {
        intruder.batch_execute(&format!("SET kilter.scope = '{scope}'")).await.unwrap();
        for table in ["tenant_keys", "data_keys", "fences", "tenants"] {
            let count: i64 = intruder.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0);
            assert_eq!(count, seen, "{table} for {scope:?}");
        }
    }
    for attempt in [
        "DELETE FROM fences",
        "TRUNCATE fences",
        "UPDATE fences SET fenced_at = 0",
        "INSERT INTO data_keys SELECT tenant, subject, 'identity', '\\x00' FROM fences",
        "UPDATE data_keys SET subject = (SELECT subject FROM fences)",
    ] {
        assert!(intruder.batch_execute(attempt).await.is_err(), "{attempt}");
    }
}

#[tokio::test]
async fn a_key_that_somebody_changed_is_damage() {
    let vault = TestVault::postgres().await;
    let sealed = seal(&*vault, ANNA, "Anna").await;
    let intruder = intruder(vault.schema()).await;
    intruder.batch_execute("SET kilter.scope = 'system'; UPDATE data_keys SET wrapped = '\\x00'").await.unwrap();
    let other = vault.other_node().await;
    assert!(matches!(other.open(TENANT, &sealed).await, Err(VaultError::Damaged(_))));
}

#[tokio::test]
async fn a_schema_from_before_there_were_secrets_is_brought_up_to_date_with_what_is_in_it() {
    let vault = TestVault::postgres().await;
    let sealed = seal(&*vault, ANNA, "Anna").await;
    let intruder = intruder(vault.schema()).await;
    let as_it_was = "DROP TABLE secrets, unfinished, windows; DROP FUNCTION refuse_secret_of_fenced; UPDATE kilter_format SET version = 1";
    intruder.batch_execute(as_it_was).await.unwrap();
    let newer = vault.other_node().await;
    assert_eq!(open(&*newer, &sealed).await.as_deref(), Some("Anna"));
    let secret = Secret::new(newer.id(SecretKind::Link, b"token"), &1).unwrap();
    assert_eq!(newer.change(Scope::System, vec![Change::add(secret)], Timestamp::default()).await, Ok(()));
}
