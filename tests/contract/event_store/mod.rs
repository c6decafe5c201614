//! One suite for every event store: each test is a sentence, and gets an empty store of its own.

mod append;

use tests::stores::TestStore;

/// Runs the sentences of a module against every store.
macro_rules! sentences {
    ($module:ident: $($sentence:ident)*) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $sentence() {
                super::$module::$sentence(super::TestStore::memory()).await;
            })*
        }
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $sentence() {
                super::$module::$sentence(super::TestStore::sqlite()).await;
            })*
        }
    };
}

sentences! { append:
    an_append_answers_revision_and_position_of_its_last_event
    a_stream_that_is_not_as_expected_is_a_conflict_and_stays
    exact_and_any_go_on_where_the_stream_ends
    repeating_an_append_gives_the_first_answer
    an_event_identity_stands_once_in_a_tenant
    another_tenant_may_use_the_same_identities
    an_append_without_events_or_bodies_is_refused
    more_than_one_mebibyte_is_refused_and_just_below_is_not
}
