//! What only a vault in a file can show.

use std::path::Path;
use std::sync::Arc;

use domain::kernel::{ActorId, DataClass, SubjectId, Timestamp};
use domain::ports::{Scope, Vault, VaultError};
use infra::vault::secrets::{Change, Secret, SecretKind, Secrets};
use infra::vault::transfer::PortableVault;
use infra::vault::{OpenVaultError, Registry, RootKey, SqliteVault};
use uuid::Uuid;

use super::{ANNA, BORIS, TENANT, open, seal, value};

#[tokio::test]
async fn a_vault_that_is_opened_again_has_its_keys_fences_and_registers() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (path, root) = (folder.path().join("vault.db"), RootKey::random());
    let actor = ActorId(Uuid::from_u128(7));
    let vault = SqliteVault::open(&path, root.clone()).expect("a vault");
    let boris = seal(&vault, BORIS, "Boris").await;
    vault.fence(TENANT, ANNA, Timestamp::default()).await.expect("it is fenced");
    vault.register_tenant(TENANT, "gears", Timestamp::default()).await.expect("it is registered");
    vault.label_actor(TENANT, actor, "anna").await.expect("it is noted");
    drop(vault);
    let vault = SqliteVault::open(&path, root).expect("the same vault");
    assert_eq!(open(&vault, &boris).await.as_deref(), Some("Boris"));
    let refused = vault.seal(TENANT, value(ANNA, DataClass::Identity, "Anna")).await;
    assert_eq!(refused, Err(VaultError::Fenced(ANNA)));
    assert!(vault.tenant(TENANT).await.expect("the vault answers").is_some());
    assert_eq!(vault.actor_label(TENANT, actor).await, Ok(Some("anna".into())));
}

#[tokio::test]
async fn two_processes_may_use_a_vault_at_once() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (path, root) = (folder.path().join("vault.db"), RootKey::random());
    let serving = SqliteVault::open(&path, root.clone()).expect("a vault");
    let minting = SqliteVault::open(&path, root).expect("the same vault");
    assert!(serving.tenant(TENANT).await.expect("the vault answers").is_none());
    assert_eq!(minting.register_tenant(TENANT, "gears", Timestamp::default()).await, Ok(true));
    assert!(serving.tenant(TENANT).await.expect("the vault answers").is_some());
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let vault = if number % 2 == 0 { serving.clone() } else { minting.clone() };
            tokio::spawn(async move { seal(&vault, SubjectId(Uuid::from_u128(number / 2)), "name").await })
        })
        .collect();
    for task in tasks {
        let sealed = task.await.expect("no task fails");
        assert_eq!(open(&serving, &sealed).await.as_deref(), Some("name"));
        assert_eq!(open(&minting, &sealed).await.as_deref(), Some("name"));
    }
}

#[tokio::test]
async fn a_destroyed_key_is_nowhere_in_the_files() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path().join("vault.db");
    let vault = SqliteVault::open(&path, RootKey::random()).expect("a vault");
    seal(&vault, ANNA, "Anna").await;
    let wrapped: Vec<u8> = rusqlite::Connection::open(&path)
        .and_then(|file| file.query_row("SELECT wrapped FROM data_keys", [], |row| row.get(0)))
        .expect("there is one key");
    assert!(found_in(folder.path(), &wrapped));
    vault.fence(TENANT, ANNA, Timestamp::default()).await.expect("it is fenced");
    assert!(!found_in(folder.path(), &wrapped));
}

#[tokio::test]
async fn what_expired_or_was_forgotten_is_nowhere_in_the_files_and_nothing_ever_lies_in_the_clear() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path().join("vault.db");
    let vault = SqliteVault::open(&path, RootKey::random()).expect("a vault");
    let (called, said) = ("anna.canary@example.com", "the canary sings");
    let now = Timestamp::default();
    let secret = || Secret::new(vault.id(SecretKind::Link, called.as_bytes()), &said).expect("a secret");
    for (owner, is_fenced) in [(None, false), (Some(ANNA), false), (Some(BORIS), true)] {
        let secret = owner.map_or_else(|| secret().expiring_at(now), |owner| secret().of_owner(TENANT, owner));
        vault.change(Scope::System, vec![Change::add(secret)], now).await.expect("it is put");
        let [name, sealed]: [Vec<u8>; 2] = rusqlite::Connection::open(&path)
            .and_then(|file| {
                file.query_row("SELECT name, sealed FROM secrets", [], |row| Ok([row.get(0)?, row.get(1)?]))
            })
            .expect("there is one secret");
        assert!(found_in(folder.path(), &name) && found_in(folder.path(), &sealed));
        assert!(!found_in(folder.path(), called.as_bytes()) && !found_in(folder.path(), said.as_bytes()));
        match owner {
            None => assert_eq!(vault.forget_expired(now).await, Ok(1)),
            Some(owner) if is_fenced => assert_eq!(vault.fence(TENANT, owner, now).await, Ok(())),
            Some(owner) => assert_eq!(vault.forget_owner(TENANT, owner).await, Ok(())),
        }
        assert!(!found_in(folder.path(), &name) && !found_in(folder.path(), &sealed));
    }
}

#[tokio::test]
async fn a_vault_from_before_there_were_secrets_is_read_as_it_is_and_opened_with_room_for_them() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (path, root) = (folder.path().join("vault.db"), RootKey::random());
    let vault = SqliteVault::open(&path, root.clone()).expect("a vault");
    let sealed = seal(&vault, ANNA, "Anna").await;
    drop(vault);
    let file = rusqlite::Connection::open(&path).expect("it is SQLite");
    file.execute_batch("DROP TABLE secrets; PRAGMA user_version = 1").expect("as it was");
    drop(file);

    let older = SqliteVault::open_for_reading(&path, root.clone()).expect("it can be read");
    assert_eq!(open(&older, &sealed).await.as_deref(), Some("Anna"));
    assert!(older.secrets(None, 10).await.expect("there are none").is_empty());
    drop(older);
    let other = SqliteVault::open(&path, RootKey::random()).err().expect("another root key is refused");
    assert!(matches!(other, OpenVaultError::WrongRootKey { .. }), "{other}");
    let format = |expected: i32| {
        let file = rusqlite::Connection::open(&path).expect("it is SQLite");
        let found: i32 = file.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a number");
        assert_eq!(found, expected);
    };
    format(1);
    let vault = SqliteVault::open(&path, root).expect("it is brought up to date");
    format(2);
    assert_eq!(open(&vault, &sealed).await.as_deref(), Some("Anna"));
    let secret = Secret::new(vault.id(SecretKind::Link, b"token"), &1).expect("a secret");
    vault.change(Scope::System, vec![Change::add(secret)], Timestamp::default()).await.expect("there is room");
}

fn found_in(folder: &Path, needle: &[u8]) -> bool {
    std::fs::read_dir(folder).expect("the folder is there").flatten().any(|file| {
        let bytes = std::fs::read(file.path()).expect("a file is read");
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[test]
fn a_vault_that_does_not_fit_is_refused_with_its_name() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let path = folder.path().join("vault.db");
    let root = RootKey::random();
    drop(SqliteVault::open(&path, root.clone()).expect("a vault"));
    let refused = SqliteVault::open(&path, RootKey::random()).err().expect("another root key is refused");
    assert!(matches!(refused, OpenVaultError::WrongRootKey { .. }), "{refused}");

    let file = rusqlite::Connection::open(&path).expect("it is SQLite");
    file.pragma_update(None, "user_version", 99).expect("it is written");
    let newer = SqliteVault::open(&path, root.clone()).err().expect("a newer one is refused");
    assert!(matches!(newer, OpenVaultError::NewerFormat { found: 99, .. }), "{newer}");

    let other = folder.path().join("other.db");
    std::fs::write(&other, "this is no database, though it has enough bytes to be looked at as one").expect("written");
    let strange = SqliteVault::open(&other, root).err().expect("what is no vault is refused");
    assert!(matches!(strange, OpenVaultError::Damaged { .. }), "{strange}");
    for (error, name) in [(refused, "vault.db"), (newer, "vault.db"), (strange, "other.db")] {
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[tokio::test]
async fn a_tampered_key_and_a_removed_fence_are_noticed() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (path, root) = (folder.path().join("vault.db"), RootKey::random());
    let vault = SqliteVault::open(&path, root.clone()).expect("a vault");
    let sealed = seal(&vault, ANNA, "Anna").await;
    vault.fence(TENANT, BORIS, Timestamp::default()).await.expect("it is fenced");
    drop(vault);
    let file = rusqlite::Connection::open(&path).expect("it is SQLite");
    assert!(file.execute("DELETE FROM fences", []).is_err());
    assert!(file.execute("UPDATE fences SET fenced_at = 0", []).is_err());
    file.execute("UPDATE data_keys SET wrapped = randomblob(length(wrapped))", []).expect("it is changed");
    let vault: Arc<dyn Vault> = Arc::new(SqliteVault::open(&path, root).expect("the same vault"));
    assert!(matches!(vault.open(TENANT, &sealed).await, Err(VaultError::Damaged(_))));
}
