//! One suite for every vault, and what only a file or only several nodes can show.

/// Runs each sentence against every vault.
macro_rules! on_every_vault {
    ($($sentence:ident)*) => {
        mod memory {
            $(#[tokio::test]
            async fn $sentence() {
                super::sentences::$sentence(super::TestVault::memory()).await;
            })*
        }
        mod sqlite {
            $(#[tokio::test]
            async fn $sentence() {
                super::sentences::$sentence(super::TestVault::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $sentence() {
                super::sentences::$sentence(super::TestVault::postgres().await).await;
            })*
        }
    };
}

mod file;
mod nodes;
mod secrets;

use domain::kernel::{ActorId, DataClass, Sealed, StreamId, StreamType, SubjectId, TenantId, Timestamp};
use domain::ports::{Unsealed, VaultError};
use tests::vaults::{TestVault, WholeVault};
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

async fn seal(vault: &dyn WholeVault, subject: SubjectId, text: &str) -> Sealed {
    vault.seal(TENANT, value(subject, DataClass::Identity, text)).await.expect("it is sealed")
}

async fn open(vault: &dyn WholeVault, sealed: &Sealed) -> Option<String> {
    let clear = vault.open(TENANT, sealed).await.expect("the vault answers");
    clear.map(|bytes| String::from_utf8(bytes).expect("it was text"))
}

mod sentences {
    use super::*;

    pub(super) async fn what_was_sealed_opens_to_the_same_bytes(vault: TestVault) {
        for text in ["", "Anna Kask", "Ánnå \u{1f527} Кузнецова", &"x".repeat(1 << 20)] {
            let sealed = seal(&*vault, ANNA, text).await;
            assert!(text.is_empty() || !sealed.text.contains(text));
            assert_eq!(open(&*vault, &sealed).await.as_deref(), Some(text));
        }
        assert_ne!(seal(&*vault, ANNA, "Anna").await.text, seal(&*vault, ANNA, "Anna").await.text, "nonces differ");
    }

    pub(super) async fn a_seal_opens_only_where_it_was_made(vault: TestVault) {
        let sealed = seal(&*vault, ANNA, "Anna").await;
        seal(&*vault, BORIS, "Boris").await;
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

    pub(super) async fn another_tenant_opens_nothing(vault: TestVault) {
        let sealed = seal(&*vault, ANNA, "Anna").await;
        assert_eq!(vault.open(OTHER_TENANT, &sealed).await, Ok(None));
        let theirs = vault.seal(OTHER_TENANT, value(ANNA, DataClass::Identity, "Anna")).await;
        let theirs = theirs.expect("it is sealed");
        assert!(matches!(vault.open(TENANT, &theirs).await, Err(VaultError::Damaged(_))));
        assert!(matches!(vault.open(OTHER_TENANT, &sealed).await, Err(VaultError::Damaged(_))));
    }

    pub(super) async fn a_fenced_subject_is_unreadable_and_never_gets_a_key_again(vault: TestVault) {
        let anna = seal(&*vault, ANNA, "Anna").await;
        let boris = seal(&*vault, BORIS, "Boris").await;
        let contact = vault.seal(TENANT, value(ANNA, DataClass::Contact, "anna@example.com")).await;
        let theirs = vault.seal(OTHER_TENANT, value(ANNA, DataClass::Identity, "Anna")).await;
        for _ in 0..2 {
            vault.fence(TENANT, ANNA, Timestamp::default()).await.expect("it is fenced");
        }
        assert_eq!(open(&*vault, &anna).await, None);
        assert_eq!(open(&*vault, &contact.expect("it is sealed")).await, None);
        for class in [DataClass::Identity, DataClass::Contact] {
            assert_eq!(vault.seal(TENANT, value(ANNA, class, "again")).await, Err(VaultError::Fenced(ANNA)));
        }
        assert_eq!(open(&*vault, &boris).await.as_deref(), Some("Boris"), "other subjects stay");
        let theirs = vault.open(OTHER_TENANT, &theirs.expect("it is sealed")).await;
        assert_eq!(theirs.expect("the vault answers").as_deref(), Some(b"Anna".as_slice()), "other tenants stay");
    }

    pub(super) async fn a_subject_can_be_fenced_before_it_ever_had_a_key(vault: TestVault) {
        vault.fence(TENANT, ANNA, Timestamp::default()).await.expect("it is fenced");
        assert_eq!(vault.seal(TENANT, value(ANNA, DataClass::Identity, "Anna")).await, Err(VaultError::Fenced(ANNA)));
    }

    pub(super) async fn many_first_seals_at_once_share_one_key(vault: TestVault) {
        let tasks: Vec<_> = (0..32)
            .map(|number| {
                let vault = vault.shared();
                tokio::spawn(async move { seal(&*vault, ANNA, &format!("Anna {number}")).await })
            })
            .collect();
        for (number, task) in tasks.into_iter().enumerate() {
            let sealed = task.await.expect("no task fails");
            assert_eq!(open(&*vault, &sealed).await, Some(format!("Anna {number}")));
        }
    }

    pub(super) async fn a_tenant_keeps_its_first_name(vault: TestVault) {
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

    pub(super) async fn an_actor_is_called_what_was_noted_last_and_only_in_its_tenant(vault: TestVault) {
        let actor = ActorId(Uuid::from_u128(7));
        assert_eq!(vault.actor_label(TENANT, actor).await, Ok(None));
        for label in ["anna", "Anna K."] {
            vault.label_actor(TENANT, actor, label).await.expect("it is noted");
            assert_eq!(vault.actor_label(TENANT, actor).await, Ok(Some(label.into())));
        }
        assert_eq!(vault.actor_label(OTHER_TENANT, actor).await, Ok(None));
    }
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
