//! A vault that is carried over opens what the first one sealed, and keeps closed what it fenced.

use domain::kernel::{ActorId, DataClass, Sealed, StreamId, StreamType, SubjectId, TenantId, Timestamp};
use domain::ports::{Scope, Unsealed, Vault, VaultError};
use infra::vault::secrets::{Change, Secret, SecretKind, Secrets, Version};
use infra::vault::transfer::{VaultTransferError, copy_vault};
use infra::vault::{Registry, RootKey, SqliteVault};
use tempfile::TempDir;
use tests::stores::Schema;
use tests::vaults::{KEYS, vault_with};
use uuid::Uuid;

const OTHER: TenantId = TenantId(Uuid::from_u128(2));
const ANNA: SubjectId = SubjectId(Uuid::from_u128(0xa));
const BORIS: SubjectId = SubjectId(Uuid::from_u128(0xb));

fn open(folder: &TempDir, name: &str, root: &RootKey) -> SqliteVault {
    SqliteVault::open(&folder.path().join(name), root.clone()).expect("a vault")
}

async fn seal(vault: &SqliteVault, tenant: TenantId, subject: SubjectId, text: &str) -> Sealed {
    let stream = StreamId::new(StreamType::Operator, subject.0);
    let (class, event, bytes) = (DataClass::Identity, Uuid::from_u128(0xe), text.as_bytes().to_vec());
    let value = Unsealed { subject, class, stream, event, field: "name", bytes };
    vault.seal(tenant, value).await.expect("it is sealed")
}

async fn text(vault: &SqliteVault, tenant: TenantId, sealed: &Sealed) -> Option<String> {
    let clear = vault.open(tenant, sealed).await.expect("the vault answers");
    clear.map(|bytes| String::from_utf8(bytes).expect("it was text"))
}

#[tokio::test]
async fn what_the_first_vault_sealed_opens_and_what_it_fenced_does_not() {
    let (folder, root) = (tempfile::tempdir().expect("a folder"), RootKey::random());
    let (from, to) = (open(&folder, "from.db", &root), open(&folder, "to.db", &root));
    let mut sealed = Vec::new();
    for n in 0..1_500_u128 {
        let tenant = TenantId(Uuid::from_u128(100 + n % 3));
        from.register_tenant(tenant, &format!("company {}", n % 3), Timestamp::default()).await.expect("a register");
        let actor = ActorId(Uuid::from_u128(n));
        from.label_actor(tenant, actor, &format!("actor {n}")).await.expect("a label");
        sealed.push((tenant, seal(&from, tenant, SubjectId(Uuid::from_u128(n)), &format!("name {n}")).await));
    }
    let gone = seal(&from, OTHER, BORIS, "Boris").await;
    from.fence(OTHER, BORIS, Timestamp::default()).await.expect("a fence");

    let copied = copy_vault(&from, &to, &root).await.expect("a copy");
    assert_eq!((copied.tenants, copied.data_keys, copied.fences, copied.secrets), (3, 1_500, 1, 0));
    for (n, (tenant, sealed)) in sealed.iter().enumerate() {
        assert_eq!(text(&to, *tenant, sealed).await, Some(format!("name {n}")));
        let label = to.actor_label(*tenant, ActorId(Uuid::from_u128(n as u128))).await.expect("a label");
        assert_eq!(label.as_deref(), Some(format!("actor {n}").as_str()));
    }
    assert_eq!(to.tenants().await, from.tenants().await);
    assert_eq!(text(&to, OTHER, &gone).await, None);
    let again = Unsealed {
        subject: BORIS,
        class: DataClass::Contact,
        stream: gone.stream,
        event: gone.event,
        field: "mail",
        bytes: Vec::new(),
    };
    assert_eq!(to.seal(OTHER, again).await.err(), Some(VaultError::Fenced(BORIS)));
}

#[tokio::test]
async fn a_later_copy_brings_what_is_new_and_destroys_what_was_fenced_meanwhile() {
    let (folder, root) = (tempfile::tempdir().expect("a folder"), RootKey::random());
    let from = open(&folder, "from.db", &root);
    let anna = seal(&from, OTHER, ANNA, "Anna").await;
    let boris = seal(&from, OTHER, BORIS, "Boris").await;
    copy_vault(&from, &open(&folder, "to.db", &root), &root).await.expect("a copy");
    from.fence(OTHER, BORIS, Timestamp::default()).await.expect("a fence");
    let carla = seal(&from, OTHER, SubjectId(Uuid::from_u128(0xc)), "Carla").await;
    copy_vault(&from, &open(&folder, "to.db", &root), &root).await.expect("a copy");
    let to = open(&folder, "to.db", &root);
    assert_eq!(text(&to, OTHER, &anna).await.as_deref(), Some("Anna"));
    assert_eq!(text(&to, OTHER, &carla).await.as_deref(), Some("Carla"));
    assert_eq!(text(&to, OTHER, &boris).await, None);
}

#[tokio::test]
async fn another_vault_and_a_damaged_key_are_refused() {
    let (folder, root) = (tempfile::tempdir().expect("a folder"), RootKey::random());
    let (from, to) = (open(&folder, "from.db", &root), open(&folder, "to.db", &root));
    seal(&from, OTHER, ANNA, "Anna").await;
    let theirs = seal(&to, OTHER, ANNA, "Anna of another installation").await;
    assert_eq!(copy_vault(&from, &to, &root).await, Err(VaultTransferError::Foreign(OTHER)));
    assert!(text(&to, OTHER, &theirs).await.is_some(), "the target stays as it is");

    let meddling = rusqlite::Connection::open(folder.path().join("from.db")).expect("the file");
    meddling.execute("UPDATE data_keys SET wrapped = zeroblob(72)", []).expect("an update");
    let told = copy_vault(&from, &open(&folder, "third.db", &root), &root).await;
    assert!(matches!(&told, Err(VaultTransferError::Vault(VaultError::Damaged(_)))), "{told:?}");
}

const LATER: i64 = 3_600_000_000;

fn secret(vault: &dyn Secrets, name: &str) -> Secret {
    let until = Timestamp::from_micros(LATER).expect("an instant");
    let secret = Secret::new(vault.id(SecretKind::Link, name.as_bytes()), &name).expect("a secret");
    secret.of_owner(OTHER, ANNA).due_at(Timestamp::default()).expiring_at(until)
}

async fn put(vault: &dyn Secrets, secret: Secret) {
    let change = vec![Change::add(secret)];
    vault.change(Scope::System, change, Timestamp::default()).await.expect("it is put");
}

/// The versions of the first so many, by name; none where it is not there.
async fn versions(vault: &dyn Secrets, names: usize) -> Vec<Option<Version>> {
    let mut versions = Vec::new();
    for number in 0..names {
        let id = vault.id(SecretKind::Link, number.to_string().as_bytes());
        let found = vault.find(Scope::System, id, Timestamp::default()).await.expect("the vault answers");
        versions.push(found.map(|secret| {
            assert_eq!(secret.value::<String>(), Ok(number.to_string()));
            assert_eq!((secret.owner(), secret.due()), (Some(ANNA), Some(Timestamp::default())));
            secret.version()
        }));
    }
    versions
}

#[tokio::test]
async fn secrets_go_to_a_server_and_back_as_they_are() {
    let (folder, root) = (tempfile::tempdir().expect("a folder"), RootKey::new(KEYS.0));
    let (from, back) = (open(&folder, "from.db", &root), open(&folder, "back.db", &root));
    let schema = Schema::scratch();
    let server = vault_with(schema.name(), KEYS).await.expect("a vault");
    for number in 0..1_100 {
        put(&from, secret(&from, &number.to_string())).await;
    }
    assert_eq!(copy_vault(&from, &server, &root).await.expect("a copy").secrets, 1_100);
    assert_eq!(copy_vault(&server, &back, &root).await.expect("a copy").secrets, 1_100);
    let there = versions(&from, 1_100).await;
    assert!(there.iter().all(Option::is_some));
    assert_eq!(versions(&server, 1_100).await, there);
    assert_eq!(versions(&back, 1_100).await, there);
}

#[tokio::test]
async fn a_later_copy_takes_away_what_was_used_meanwhile_and_keeps_out_who_is_fenced() {
    let (folder, root) = (tempfile::tempdir().expect("a folder"), RootKey::new(KEYS.0));
    let from = open(&folder, "from.db", &root);
    let schema = Schema::scratch();
    let server = vault_with(schema.name(), KEYS).await.expect("a vault");
    let file = open(&folder, "to.db", &root);
    for name in ["0", "1"] {
        put(&from, secret(&from, name)).await;
    }
    let used = from.find(Scope::System, from.id(SecretKind::Link, b"0"), Timestamp::default()).await;
    let used = used.expect("the vault answers").expect("it is there");
    copy_vault(&from, &server, &root).await.expect("a copy");
    copy_vault(&from, &file, &root).await.expect("a copy");
    from.change(Scope::System, vec![Change::take(&used)], Timestamp::default()).await.expect("it is used");
    copy_vault(&from, &server, &root).await.expect("a copy");
    copy_vault(&from, &file, &root).await.expect("a copy");
    let there = versions(&from, 2).await;
    assert!(there[0].is_none() && there[1].is_some());
    assert_eq!(versions(&server, 2).await, there);
    assert_eq!(versions(&file, 2).await, there);

    server.fence(OTHER, ANNA, Timestamp::default()).await.expect("a fence");
    file.fence(OTHER, ANNA, Timestamp::default()).await.expect("a fence");
    copy_vault(&from, &server, &root).await.expect("a copy");
    copy_vault(&from, &file, &root).await.expect("a copy");
    assert_eq!(versions(&server, 2).await, [None, None]);
    assert_eq!(versions(&file, 2).await, [None, None]);
}

#[tokio::test]
async fn a_damaged_secret_is_refused() {
    let (folder, root) = (tempfile::tempdir().expect("a folder"), RootKey::random());
    let (from, to) = (open(&folder, "from.db", &root), open(&folder, "to.db", &root));
    put(&from, secret(&from, "0")).await;
    let meddling = rusqlite::Connection::open(folder.path().join("from.db")).expect("the file");
    meddling.execute("UPDATE secrets SET expires_at = expires_at + 1", []).expect("an update");
    let told = copy_vault(&from, &to, &root).await;
    assert!(matches!(&told, Err(VaultTransferError::Vault(VaultError::Damaged(_)))), "{told:?}");
}
