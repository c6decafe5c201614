//! One suite for the vault in memory and in a file, and what only a file can show.

use std::path::Path;
use std::sync::Arc;

use domain::kernel::{ActorId, DataClass, Sealed, StreamId, StreamType, SubjectId, TenantId, Timestamp};
use domain::ports::{Unsealed, Vault, VaultError};
use infra::vault::{OpenVaultError, Registry, RootKey, SqliteVault};
use uuid::Uuid;

const TENANT: TenantId = TenantId(Uuid::from_u128(1));
const OTHER_TENANT: TenantId = TenantId(Uuid::from_u128(2));
const ANNA: SubjectId = SubjectId(Uuid::from_u128(0xa));
const BORIS: SubjectId = SubjectId(Uuid::from_u128(0xb));

fn value(subject: SubjectId, class: DataClass, text: &str) -> Unsealed {
    Unsealed {
        subject,
        class,
        stream: StreamId::new(StreamType::Operator, subject.0),
        event: Uuid::from_u128(0xe),
        field: "name",
        bytes: text.as_bytes().to_vec(),
    }
}

async fn seal(vault: &SqliteVault, subject: SubjectId, text: &str) -> Sealed {
    vault.seal(TENANT, value(subject, DataClass::Identity, text)).await.expect("it is sealed")
}

async fn open(vault: &SqliteVault, sealed: &Sealed) -> Option<String> {
    let clear = vault.open(TENANT, sealed).await.expect("the vault answers");
    clear.map(|bytes| String::from_utf8(bytes).expect("it was text"))
}

mod sentences {
    use super::*;

    pub(super) async fn what_was_sealed_opens_to_the_same_bytes(vault: SqliteVault) {
        for text in ["", "Anna Kask", "Ánnå \u{1f527} Кузнецова", &"x".repeat(1 << 20)] {
            let sealed = seal(&vault, ANNA, text).await;
            assert!(text.is_empty() || !sealed.text.contains(text));
            assert_eq!(open(&vault, &sealed).await.as_deref(), Some(text));
        }
        assert_ne!(seal(&vault, ANNA, "Anna").await.text, seal(&vault, ANNA, "Anna").await.text, "nonces differ");
    }

    pub(super) async fn a_seal_opens_only_where_it_was_made(vault: SqliteVault) {
        let sealed = seal(&vault, ANNA, "Anna").await;
        seal(&vault, BORIS, "Boris").await;
        vault.seal(TENANT, value(ANNA, DataClass::Contact, "anna@example.com")).await.expect("it is sealed");
        let moved = [
            Sealed { subject: BORIS, ..sealed.clone() },
            Sealed { class: DataClass::Contact, ..sealed.clone() },
            Sealed { stream: StreamId::new(StreamType::Job, sealed.stream.id), ..sealed.clone() },
            Sealed { stream: StreamId::new(StreamType::Operator, Uuid::max()), ..sealed.clone() },
            Sealed { event: Uuid::max(), ..sealed.clone() },
            Sealed { field: "nickname".to_owned(), ..sealed.clone() },
            Sealed { text: "bm90IHNlYWxlZA==".to_owned(), ..sealed.clone() },
            Sealed { text: "not base64".to_owned(), ..sealed.clone() },
            Sealed { text: String::new(), ..sealed.clone() },
        ];
        for other in moved {
            let answer = vault.open(TENANT, &other).await;
            assert!(matches!(answer, Err(VaultError::Damaged(_))), "{other:?}: {answer:?}");
        }
    }

    pub(super) async fn another_tenant_opens_nothing(vault: SqliteVault) {
        let sealed = seal(&vault, ANNA, "Anna").await;
        assert_eq!(vault.open(OTHER_TENANT, &sealed).await, Ok(None));
        let theirs = vault.seal(OTHER_TENANT, value(ANNA, DataClass::Identity, "Anna")).await;
        let theirs = theirs.expect("it is sealed");
        assert!(matches!(vault.open(TENANT, &theirs).await, Err(VaultError::Damaged(_))));
        assert!(matches!(vault.open(OTHER_TENANT, &sealed).await, Err(VaultError::Damaged(_))));
    }

    pub(super) async fn a_fenced_subject_is_unreadable_and_never_gets_a_key_again(vault: SqliteVault) {
        let anna = seal(&vault, ANNA, "Anna").await;
        let boris = seal(&vault, BORIS, "Boris").await;
        let contact = vault.seal(TENANT, value(ANNA, DataClass::Contact, "anna@example.com")).await;
        let theirs = vault.seal(OTHER_TENANT, value(ANNA, DataClass::Identity, "Anna")).await;
        for _ in 0..2 {
            vault.fence(TENANT, ANNA, Timestamp::default()).await.expect("it is fenced");
        }
        assert_eq!(open(&vault, &anna).await, None);
        assert_eq!(open(&vault, &contact.expect("it is sealed")).await, None);
        for class in [DataClass::Identity, DataClass::Contact] {
            assert_eq!(vault.seal(TENANT, value(ANNA, class, "again")).await, Err(VaultError::Fenced(ANNA)));
        }
        assert_eq!(open(&vault, &boris).await.as_deref(), Some("Boris"), "other subjects stay");
        let theirs = vault.open(OTHER_TENANT, &theirs.expect("it is sealed")).await;
        assert_eq!(theirs.expect("the vault answers").as_deref(), Some(b"Anna".as_slice()), "other tenants stay");
    }

    pub(super) async fn a_subject_can_be_fenced_before_it_ever_had_a_key(vault: SqliteVault) {
        vault.fence(TENANT, ANNA, Timestamp::default()).await.expect("it is fenced");
        assert_eq!(vault.seal(TENANT, value(ANNA, DataClass::Identity, "Anna")).await, Err(VaultError::Fenced(ANNA)));
    }

    pub(super) async fn many_first_seals_at_once_share_one_key(vault: SqliteVault) {
        let tasks: Vec<_> = (0..32)
            .map(|number| {
                let vault = vault.clone();
                tokio::spawn(async move { seal(&vault, ANNA, &format!("Anna {number}")).await })
            })
            .collect();
        for (number, task) in tasks.into_iter().enumerate() {
            let sealed = task.await.expect("no task fails");
            assert_eq!(open(&vault, &sealed).await, Some(format!("Anna {number}")));
        }
    }

    pub(super) async fn a_tenant_keeps_its_first_name(vault: SqliteVault) {
        let (early, late) = (Timestamp::default(), Timestamp::parse("2012-03-01T00:00:00Z").expect("an instant"));
        assert_eq!(vault.tenant(TENANT).await.expect("the vault answers"), None);
        assert_eq!(vault.register_tenant(OTHER_TENANT, "shop", late).await, Ok(true));
        assert_eq!(vault.register_tenant(TENANT, "gears", early).await, Ok(true));
        assert_eq!(vault.register_tenant(TENANT, "shafts", late).await, Ok(false));
        for _ in 0..2 {
            let known = vault.tenant(TENANT).await.expect("the vault answers").expect("it is registered");
            assert_eq!((known.name.as_str(), known.first_seen), ("gears", early));
        }
        let names: Vec<String> =
            vault.tenants().await.expect("the vault answers").into_iter().map(|tenant| tenant.name).collect();
        assert_eq!(names, ["gears", "shop"]);
    }

    pub(super) async fn an_actor_is_called_what_was_noted_last_and_only_in_its_tenant(vault: SqliteVault) {
        let actor = ActorId(Uuid::from_u128(7));
        assert_eq!(vault.actor_label(TENANT, actor).await, Ok(None));
        for label in ["anna", "Anna K."] {
            vault.label_actor(TENANT, actor, label).await.expect("it is noted");
            assert_eq!(vault.actor_label(TENANT, actor).await, Ok(Some(label.into())));
        }
        assert_eq!(vault.actor_label(OTHER_TENANT, actor).await, Ok(None));
    }
}

/// Runs each sentence against a vault of its own in memory and in a file.
macro_rules! on_every_vault {
    ($($sentence:ident)*) => {
        mod memory {
            $(#[tokio::test]
            async fn $sentence() {
                super::sentences::$sentence(super::SqliteVault::in_memory().expect("a vault")).await;
            })*
        }
        mod sqlite {
            $(#[tokio::test]
            async fn $sentence() {
                let folder = tempfile::tempdir().expect("a folder for the test");
                let vault = super::SqliteVault::open(&folder.path().join("vault.db"), super::RootKey::random());
                super::sentences::$sentence(vault.expect("a vault")).await;
            })*
        }
    };
}

on_every_vault! {
    what_was_sealed_opens_to_the_same_bytes
    a_seal_opens_only_where_it_was_made
    another_tenant_opens_nothing
    a_fenced_subject_is_unreadable_and_never_gets_a_key_again
    a_subject_can_be_fenced_before_it_ever_had_a_key
    many_first_seals_at_once_share_one_key
    a_tenant_keeps_its_first_name
    an_actor_is_called_what_was_noted_last_and_only_in_its_tenant
}

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
