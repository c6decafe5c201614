//! What is promised of secrets, by every vault.

use domain::kernel::{SubjectId, TenantId, Timestamp};
use domain::ports::{Scope, VaultError};
use infra::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind, Standing};
use tests::stores::intruder;
use tests::vaults::{TestVault, WholeVault};
use tokio::task::JoinSet;

use super::{ANNA, BORIS, OTHER_TENANT, TENANT};

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000).expect("there is such an instant")
}

fn link(vault: &dyn WholeVault, name: &str) -> SecretId {
    vault.id(SecretKind::Link, name.as_bytes())
}

fn secret(vault: &dyn WholeVault, name: &str, value: &str) -> Secret {
    Secret::new(link(vault, name), &value).expect("a secret")
}

async fn change(vault: &dyn WholeVault, changes: impl Into<Vec<Change>>) -> Result<(), ChangeError> {
    vault.change(Scope::System, changes.into(), at(0)).await
}

async fn put(vault: &dyn WholeVault, secret: Secret) {
    change(vault, [Change::add(secret)]).await.expect("it is put");
}

async fn find(vault: &dyn WholeVault, name: &str) -> Option<Secret> {
    vault.find(Scope::System, link(vault, name), at(0)).await.expect("the vault answers")
}

async fn value(vault: &dyn WholeVault, name: &str) -> Option<String> {
    find(vault, name).await.map(|secret| secret.value().expect("its value"))
}

async fn owned(vault: &dyn WholeVault, tenant: TenantId, owner: SubjectId) -> Vec<String> {
    let found = vault.of_owner(SecretKind::Link, tenant, owner, at(0)).await.expect("the vault answers");
    let mut values: Vec<String> = found.iter().map(|secret| secret.value().expect("its value")).collect();
    values.sort();
    values
}

mod sentences {
    use super::*;

    pub(super) async fn a_secret_is_found_by_its_kind_and_all_of_its_name(vault: TestVault) {
        put(&*vault, secret(&*vault, "token", "one")).await;
        assert_eq!(value(&*vault, "token").await.as_deref(), Some("one"));
        for other in ["", "Token", "token ", "toke"] {
            assert_eq!(value(&*vault, other).await, None, "{other:?}");
        }
        let email = vault.id(SecretKind::Email, b"token");
        assert!(vault.find(Scope::System, email, at(0)).await.expect("the vault answers").is_none());
    }

    pub(super) async fn a_secret_comes_back_as_it_was_put(vault: TestVault) {
        let whole = secret(&*vault, "token", "Ánna \u{1f527}").of_owner(TENANT, ANNA).due_at(at(5)).expiring_at(at(9));
        put(&*vault, whole.clone()).await;
        let found = find(&*vault, "token").await.expect("it is there");
        assert_eq!((found.id(), found.version()), (whole.id(), whole.version()));
        assert_eq!((found.tenant(), found.owner()), (Some(TENANT), Some(ANNA)));
        assert_eq!((found.due(), found.expires()), (Some(at(5)), Some(at(9))));
        assert_eq!(found.value::<String>().as_deref(), Ok("Ánna \u{1f527}"));
    }

    pub(super) async fn a_change_goes_through_only_over_what_it_expects(vault: TestVault) {
        let first = secret(&*vault, "token", "first");
        let stale = Err(ChangeError::Stale);
        assert_eq!(change(&*vault, [Change::take(&first)]).await, stale, "not there yet");
        assert_eq!(change(&*vault, [Change::replace(&first, first.clone())]).await, stale, "not there yet");
        put(&*vault, first.clone()).await;
        assert_eq!(change(&*vault, [Change::add(secret(&*vault, "token", "again"))]).await, stale);

        let second = first.with_value(&"second").expect("a secret");
        assert_eq!(change(&*vault, [Change::replace(&first, second.clone())]).await, Ok(()));
        assert_eq!(change(&*vault, [Change::replace(&first, first.clone())]).await, stale);
        assert_eq!(change(&*vault, [Change::take(&first)]).await, stale);
        assert_eq!(value(&*vault, "token").await.as_deref(), Some("second"));

        let third = second.with_value(&"third").expect("a secret");
        let any = Change::Put { secret: third.clone(), expected: Standing::Any };
        assert_eq!(change(&*vault, [any.clone()]).await, Ok(()));
        assert_eq!(change(&*vault, [Change::take(&third)]).await, Ok(()));
        assert_eq!(value(&*vault, "token").await, None);
        assert_eq!(change(&*vault, [any]).await, Ok(()), "also over nothing");
        let remove = Change::Remove { id: third.id(), version: None };
        assert_eq!(change(&*vault, [remove.clone()]).await, Ok(()));
        assert_eq!(change(&*vault, [remove]).await, Ok(()), "also nothing");
    }

    pub(super) async fn a_secret_put_anew_is_another_version_than_the_one_removed(vault: TestVault) {
        let first = secret(&*vault, "token", "first");
        put(&*vault, first.clone()).await;
        change(&*vault, [Change::take(&first)]).await.expect("it is removed");
        put(&*vault, secret(&*vault, "token", "second")).await;
        assert_eq!(change(&*vault, [Change::take(&first)]).await, Err(ChangeError::Stale));
    }

    pub(super) async fn of_several_changes_all_are_made_or_none(vault: TestVault) {
        let sign_up = secret(&*vault, "sign-up", "pending");
        put(&*vault, sign_up.clone()).await;
        put(&*vault, secret(&*vault, "taken", "by somebody")).await;
        let both = |name: &str| {
            [
                Change::take(&sign_up),
                Change::add(secret(&*vault, "new", "email")),
                Change::add(secret(&*vault, name, "x")),
            ]
        };
        assert_eq!(change(&*vault, both("taken")).await, Err(ChangeError::Stale));
        assert_eq!(value(&*vault, "sign-up").await.as_deref(), Some("pending"));
        assert_eq!(value(&*vault, "new").await, None);
        assert_eq!(value(&*vault, "taken").await.as_deref(), Some("by somebody"));
        assert_eq!(change(&*vault, both("free")).await, Ok(()));
        assert_eq!(value(&*vault, "sign-up").await, None);
        assert_eq!(value(&*vault, "new").await.as_deref(), Some("email"));
    }

    pub(super) async fn of_many_at_once_over_the_same_version_one_wins(vault: TestVault) {
        let first = secret(&*vault, "family", "start");
        put(&*vault, first.clone()).await;
        let mut racing = JoinSet::new();
        for number in 0..16 {
            let (vault, first) = (vault.shared(), first.clone());
            racing.spawn(async move {
                let next = first.with_value(&format!("winner {number}")).expect("a secret");
                let also = secret(&*vault, &format!("prize {number}"), "mine");
                let changed = change(&*vault, [Change::replace(&first, next), Change::add(also)]).await;
                (number, changed)
            });
        }
        let outcomes = racing.join_all().await;
        let winners: Vec<i32> = outcomes.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(who, _)| *who).collect();
        assert_eq!(winners.len(), 1, "{outcomes:?}");
        assert!(outcomes.iter().all(|(_, outcome)| matches!(outcome, Ok(()) | Err(ChangeError::Stale))));
        assert_eq!(value(&*vault, "family").await, Some(format!("winner {}", winners[0])));
        for number in 0..16 {
            let prize = value(&*vault, &format!("prize {number}")).await;
            assert_eq!(prize.is_some(), number == winners[0], "{number}");
        }
    }

    pub(super) async fn changes_that_cross_each_other_all_come_to_an_end(vault: TestVault) {
        let mut crossing = JoinSet::new();
        for number in 0..16_usize {
            let vault = vault.shared();
            crossing.spawn(async move {
                let mut names = ["a", "b", "c", "d"];
                names.rotate_left(number % 4);
                let put = |name: &str| {
                    let secret = secret(&*vault, name, "x").of_owner(TENANT, [ANNA, BORIS][number % 2]);
                    Change::Put { secret, expected: Standing::Any }
                };
                change(&*vault, names.map(put)).await
            });
        }
        assert!(crossing.join_all().await.iter().all(Result::is_ok));
    }

    pub(super) async fn what_has_expired_is_as_if_it_were_not_there(vault: TestVault) {
        let until = secret(&*vault, "token", "first").of_owner(TENANT, ANNA).expiring_at(at(10));
        put(&*vault, until.clone()).await;
        let id = until.id();
        for (second, is_there) in [(9, true), (10, false), (11, false)] {
            let found = vault.find(Scope::System, id, at(second)).await.expect("the vault answers");
            assert_eq!(found.is_some(), is_there, "{second}");
            let owned = vault.of_owner(SecretKind::Link, TENANT, ANNA, at(second)).await.expect("the vault answers");
            assert_eq!(owned.len(), usize::from(is_there), "{second}");
        }
        for refused in [Change::take(&until), Change::replace(&until, until.clone())] {
            let answer = vault.change(Scope::System, vec![refused], at(10)).await;
            assert_eq!(answer, Err(ChangeError::Stale));
        }
        let anew = vec![Change::add(secret(&*vault, "token", "second"))];
        assert_eq!(vault.change(Scope::System, anew, at(10)).await, Ok(()));
        assert_eq!(value(&*vault, "token").await.as_deref(), Some("second"));
    }

    pub(super) async fn forgetting_what_has_expired_leaves_the_rest(vault: TestVault) {
        for (name, second) in [("a", 1), ("b", 2), ("c", 3)] {
            put(&*vault, secret(&*vault, name, name).expiring_at(at(second))).await;
        }
        put(&*vault, secret(&*vault, "for good", "d")).await;
        assert_eq!(vault.forget_expired(at(2)).await, Ok(2));
        assert_eq!(vault.forget_expired(at(2)).await, Ok(0));
        for (name, is_there) in [("a", false), ("b", false), ("c", true), ("for good", true)] {
            assert_eq!(value(&*vault, name).await.is_some(), is_there, "{name}");
        }
    }

    pub(super) async fn what_is_due_comes_in_its_order(vault: TestVault) {
        for (name, second) in [("late", 30), ("soon", 20), ("now", 10)] {
            put(&*vault, secret(&*vault, name, name).due_at(at(second))).await;
        }
        put(&*vault, secret(&*vault, "never", "never")).await;
        let mail = Secret::new(vault.id(SecretKind::Mail, b"x"), &"mail").expect("a secret").due_at(at(1));
        put(&*vault, mail).await;
        for (by, limit, expected) in [(9, 9, &[][..]), (20, 9, &["now", "soon"]), (99, 1, &["now"])] {
            let due = vault.due(SecretKind::Link, at(by), limit).await.expect("the vault answers");
            let values: Vec<String> = due.iter().map(|secret| secret.value().expect("its value")).collect();
            assert_eq!(values, expected, "{by} {limit}");
        }
    }

    pub(super) async fn a_tenant_finds_changes_and_removes_only_its_own(vault: TestVault) {
        put(&*vault, secret(&*vault, "theirs", "b").of_owner(OTHER_TENANT, ANNA)).await;
        put(&*vault, secret(&*vault, "nobodys", "n")).await;
        put(&*vault, secret(&*vault, "mine", "m").of_owner(TENANT, ANNA)).await;
        let scope = Scope::Tenant(TENANT);
        for (name, is_seen) in [("theirs", false), ("nobodys", false), ("mine", true)] {
            let found = vault.find(scope, link(&*vault, name), at(0)).await.expect("the vault answers");
            assert_eq!(found.is_some(), is_seen, "{name}");
        }
        assert_eq!(owned(&*vault, TENANT, ANNA).await, ["m"]);
        for name in ["theirs", "nobodys"] {
            let there = find(&*vault, name).await.expect("it is there");
            let own = || secret(&*vault, name, "stolen").of_tenant(TENANT);
            for attempt in [
                Change::take(&there),
                Change::replace(&there, own()),
                Change::add(own()),
                Change::Put { secret: own(), expected: Standing::Any },
            ] {
                assert_eq!(vault.change(scope, vec![attempt], at(0)).await, Err(ChangeError::Stale), "{name}");
            }
            let remove = Change::Remove { id: there.id(), version: None };
            assert_eq!(vault.change(scope, vec![remove], at(0)).await, Ok(()), "as of what is not there");
            assert!(find(&*vault, name).await.is_some(), "{name}");
        }
        for foreign in [secret(&*vault, "new", "x").of_tenant(OTHER_TENANT), secret(&*vault, "new", "x")] {
            let answer = vault.change(scope, vec![Change::add(foreign)], at(0)).await;
            assert_eq!(answer, Err(ChangeError::Foreign));
        }
        let mine = find(&*vault, "mine").await.expect("it is there");
        assert_eq!(vault.change(scope, vec![Change::take(&mine)], at(0)).await, Ok(()));
    }

    pub(super) async fn a_person_is_forgotten_with_all_their_secrets_and_nobody_elses(vault: TestVault) {
        for (name, tenant, owner) in
            [("a", TENANT, ANNA), ("b", TENANT, ANNA), ("c", TENANT, BORIS), ("d", OTHER_TENANT, ANNA)]
        {
            put(&*vault, secret(&*vault, name, name).of_owner(tenant, owner)).await;
        }
        assert_eq!(owned(&*vault, TENANT, ANNA).await, ["a", "b"]);
        vault.forget_owner(TENANT, ANNA).await.expect("they are forgotten");
        assert!(owned(&*vault, TENANT, ANNA).await.is_empty());
        assert_eq!(owned(&*vault, TENANT, BORIS).await, ["c"]);
        assert_eq!(owned(&*vault, OTHER_TENANT, ANNA).await, ["d"]);
        put(&*vault, secret(&*vault, "a", "they may come back").of_owner(TENANT, ANNA)).await;
    }

    pub(super) async fn who_is_fenced_loses_all_secrets_and_never_gets_one_again(vault: TestVault) {
        put(&*vault, secret(&*vault, "a", "a").of_owner(TENANT, ANNA)).await;
        put(&*vault, secret(&*vault, "d", "d").of_owner(OTHER_TENANT, ANNA)).await;
        vault.fence(TENANT, ANNA, at(0)).await.expect("they are fenced");
        assert_eq!(value(&*vault, "a").await, None);
        assert_eq!(value(&*vault, "d").await.as_deref(), Some("d"));
        let fenced = Err(ChangeError::Vault(VaultError::Fenced(ANNA)));
        for expected in [Standing::Absent, Standing::Any] {
            let again = secret(&*vault, "a", "a").of_owner(TENANT, ANNA);
            assert_eq!(change(&*vault, [Change::Put { secret: again, expected }]).await, fenced);
        }
        let bystander = Change::add(secret(&*vault, "b", "b"));
        let of_anna = Change::add(secret(&*vault, "a", "a").of_owner(TENANT, ANNA));
        assert_eq!(change(&*vault, [bystander, of_anna]).await, fenced);
        assert_eq!(value(&*vault, "b").await, None, "all or nothing");
    }
}

on_every_vault! {
    a_secret_is_found_by_its_kind_and_all_of_its_name
    a_secret_comes_back_as_it_was_put
    a_change_goes_through_only_over_what_it_expects
    a_secret_put_anew_is_another_version_than_the_one_removed
    of_several_changes_all_are_made_or_none
    of_many_at_once_over_the_same_version_one_wins
    changes_that_cross_each_other_all_come_to_an_end
    what_has_expired_is_as_if_it_were_not_there
    forgetting_what_has_expired_leaves_the_rest
    what_is_due_comes_in_its_order
    a_tenant_finds_changes_and_removes_only_its_own
    a_person_is_forgotten_with_all_their_secrets_and_nobody_elses
    who_is_fenced_loses_all_secrets_and_never_gets_one_again
}

#[tokio::test]
async fn a_secret_that_somebody_changed_in_the_table_is_damage() {
    let vault = TestVault::postgres().await;
    let intruder = intruder(vault.schema()).await;
    intruder.batch_execute("SET kilter.scope = 'system'").await.unwrap();
    for attempt in [
        "sealed = '\\x00'".to_owned(),
        "expires_at = expires_at + 1".to_owned(),
        format!("owner = '{}'", BORIS.0),
        format!("tenant = '{}'", OTHER_TENANT.0),
        "tenant = NULL, owner = NULL".to_owned(),
        "sealed = (SELECT sealed FROM secrets WHERE kind = 'email')".to_owned(),
    ] {
        let email = Secret::new(vault.id(SecretKind::Email, b"token"), &"one").unwrap();
        for secret in [secret(&*vault, "token", "one"), email] {
            put(&*vault, secret.of_owner(TENANT, ANNA).expiring_at(at(50))).await;
        }
        assert_eq!(value(&*vault, "token").await.as_deref(), Some("one"));
        intruder.batch_execute(&format!("UPDATE secrets SET {attempt} WHERE kind = 'link'")).await.unwrap();
        let found = vault.find(Scope::System, link(&*vault, "token"), at(0)).await.err();
        assert!(matches!(found, Some(VaultError::Damaged(_))), "{attempt}");
        intruder.batch_execute("DELETE FROM secrets").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_left_where_one_node_puts_while_the_other_fences() {
    let vault = TestVault::postgres().await;
    let other = vault.other_node().await;
    let mut working = JoinSet::new();
    for number in 0..40_u128 {
        let owner = SubjectId(uuid::Uuid::from_u128(number + 1));
        let (putting, fencing) = (vault.shared(), other.clone());
        working.spawn(async move {
            let own = secret(&*putting, &number.to_string(), "x").of_owner(TENANT, owner);
            drop(change(&*putting, [Change::add(own)]).await);
        });
        working.spawn(async move { fencing.fence(TENANT, owner, at(0)).await.unwrap() });
    }
    working.join_all().await;
    let intruder = intruder(vault.schema()).await;
    intruder.batch_execute("SET kilter.scope = 'system'").await.unwrap();
    let left: i64 = intruder.query_one("SELECT count(*) FROM secrets", &[]).await.unwrap().get(0);
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_tenant_sees_in_the_table_its_own_secrets_only_and_nobody_those_of_none() {
    let vault = TestVault::postgres().await;
    put(&*vault, secret(&*vault, "mine", "m").of_owner(TENANT, ANNA)).await;
    put(&*vault, secret(&*vault, "nobodys", "n")).await;
    vault.fence(TENANT, BORIS, at(0)).await.unwrap();
    let intruder = intruder(vault.schema()).await;
    let (tenant, other) = (TENANT.0.to_string(), OTHER_TENANT.0.to_string());
    for (scope, seen) in [("", 0), (other.as_str(), 0), (tenant.as_str(), 1), ("system", 2)] {
        intruder.batch_execute(&format!("SET kilter.scope = '{scope}'")).await.unwrap();
        let count: i64 = intruder.query_one("SELECT count(*) FROM secrets", &[]).await.unwrap().get(0);
        assert_eq!(count, seen, "{scope:?}");
    }
    let fenced = format!("UPDATE secrets SET owner = '{}' WHERE owner IS NOT NULL", BORIS.0);
    assert!(intruder.batch_execute(&fenced).await.is_err());
}
