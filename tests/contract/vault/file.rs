//! What only a vault in a file can show.

use std::path::Path;
use std::sync::Arc;

use domain::kernel::{ActorId, DataClass, SubjectId, Timestamp};
use domain::ports::{Vault, VaultError};
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
    file.pragma_update(None, "user_version", 2).expect("it is written");
    let newer = SqliteVault::open(&path, root.clone()).err().expect("a newer one is refused");
    assert!(matches!(newer, OpenVaultError::NewerFormat { found: 2, .. }), "{newer}");

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
