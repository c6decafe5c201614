//! One suite for every event store: each test is a sentence, and gets an empty store of its own.

mod append;
mod file;
mod model;
mod newer;
mod nodes;
mod postgres_schema;
mod read;
mod refusals;
mod removal;
mod together;
mod transfer;
mod traps;

use tests::stores::TestStore;

/// Runs each sentence against every store.
macro_rules! sentences {
    ($($module:ident { $($sentence:ident)* })*) => {
        mod memory {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $sentence() {
                super::$module::$sentence(super::TestStore::memory()).await;
            })*)*
        }
        mod sqlite {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $sentence() {
                super::$module::$sentence(super::TestStore::sqlite()).await;
            })*)*

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn whoever_writes_to_the_target_meanwhile_stops_the_copy() {
                let (from, to) = (super::TestStore::memory(), super::TestStore::sqlite());
                super::transfer::whoever_writes_to_the_target_meanwhile_stops_the_copy(from, to).await;
            }

            #[test]
            fn answers_as_the_model_does() {
                super::model::holds_for(async || super::TestStore::sqlite(), 64);
            }
        }
        mod postgres {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $sentence() {
                super::$module::$sentence(super::TestStore::postgres().await).await;
            })*)*

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn whoever_writes_to_the_target_meanwhile_stops_the_copy() {
                let (from, to) = (super::TestStore::memory(), super::TestStore::postgres().await);
                super::transfer::whoever_writes_to_the_target_meanwhile_stops_the_copy(from, to).await;
            }

            #[test]
            fn answers_as_the_model_does() {
                // Each case makes a schema and connects some ten times.
                super::model::holds_for(super::TestStore::postgres, 16);
            }
        }
        mod eventstoredb {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $sentence() {
                super::$module::$sentence(super::TestStore::eventstoredb().await).await;
            })*)*

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn whoever_writes_to_the_target_meanwhile_stops_the_copy() {
                let (from, to) = (super::TestStore::memory(), super::TestStore::eventstoredb().await);
                super::transfer::whoever_writes_to_the_target_meanwhile_stops_the_copy(from, to).await;
            }

            #[test]
            fn answers_as_the_model_does() {
                super::model::holds_for(super::TestStore::eventstoredb, 32);
            }
        }
    };
}

/// Runs each sentence against the stores that several nodes share.
macro_rules! sentences_of_shared_stores {
    ($($sentence:ident)*) => {
        mod postgres_shared {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $sentence() {
                super::nodes::$sentence(super::TestStore::postgres().await).await;
            }
            )*
        }
        mod eventstoredb_shared {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $sentence() {
                super::nodes::$sentence(super::TestStore::eventstoredb().await).await;
            }
            )*
        }
    };
}

sentences_of_shared_stores! {
    of_two_nodes_that_expect_the_same_one_wins_and_the_order_is_one
    of_two_streams_that_want_one_identity_one_gets_it
    an_append_wakes_the_other_node
    what_is_removed_on_one_node_is_removed_on_the_other
    connections_that_end_under_load_lose_nothing_and_double_nothing
}

sentences! {
    append {
        an_append_answers_revision_and_position_of_its_last_event
        a_stream_that_is_not_as_expected_is_a_conflict_and_stays
        exact_and_any_go_on_where_the_stream_ends
        repeating_an_append_gives_the_first_answer
        an_event_identity_stands_once_in_a_tenant
        another_tenant_may_use_the_same_identities
        an_append_without_events_or_bodies_is_refused
        more_than_a_store_takes_at_once_is_refused_and_just_below_is_not
    }
    read {
        an_empty_store_has_nothing_to_read
        a_stream_reads_forward_and_backward_from_a_revision
        pages_of_all_events_join_without_gap_in_the_order_of_positions
        a_filtered_scan_tells_how_far_it_went
        events_are_read_at_the_positions_of_their_own_tenant_only
        an_event_is_found_by_its_identity_in_its_own_tenant_only
        every_field_and_every_byte_comes_back_as_it_was_appended
        time_running_backwards_changes_nothing_in_the_order
        a_wake_comes_after_its_events_can_be_read
    }
    removal {
        truncation_takes_bodies_and_the_chain_still_verifies
        a_truncated_stream_goes_on_and_truncating_again_changes_nothing
        a_deleted_stream_keeps_its_envelopes_and_takes_no_more_events
        a_stream_that_never_was_can_be_deleted_for_good
        removal_touches_one_stream_of_one_tenant
    }
    newer {
        events_of_a_kind_that_only_a_newer_build_knows_are_passed_over
    }
    together {
        positions_of_sixteen_writers_do_not_interleave
        readers_that_follow_never_skip_a_slower_append
        a_conflict_does_not_fail_its_neighbours
        of_many_appends_that_expect_the_same_one_wins
        an_append_sent_many_times_at_once_stands_once
        tenants_never_see_each_other
        an_append_that_nobody_waits_for_any_more_is_whole_or_absent
    }
}

/// Runs each sentence from every store to every store.
macro_rules! between {
    ($($pair:ident: $from:expr => $to:expr,)*) => {
        $(mod $pair {
            use super::{TestStore, transfer};

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn a_log_arrives_as_it_is() {
                transfer::a_log_arrives_as_it_is($from, $to).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn a_copy_goes_on_where_it_stopped() {
                transfer::a_copy_goes_on_where_it_stopped($from, $to).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn what_is_removed_between_two_runs_goes_from_the_copy_too() {
                transfer::what_is_removed_between_two_runs_goes_from_the_copy_too($from, $to).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn a_target_that_holds_something_else_is_refused_and_stays() {
                transfer::a_target_that_holds_something_else_is_refused_and_stays($from, $to).await;
            }
        })*
    };
}

between! {
    memory_to_sqlite: TestStore::memory() => TestStore::sqlite(),
    sqlite_to_memory: TestStore::sqlite() => TestStore::memory(),
    sqlite_to_sqlite: TestStore::sqlite() => TestStore::sqlite(),
    sqlite_to_postgres: TestStore::sqlite() => TestStore::postgres().await,
    postgres_to_sqlite: TestStore::postgres().await => TestStore::sqlite(),
    postgres_to_postgres: TestStore::postgres().await => TestStore::postgres().await,
    sqlite_to_eventstoredb: TestStore::sqlite() => TestStore::eventstoredb().await,
    eventstoredb_to_postgres: TestStore::eventstoredb().await => TestStore::postgres().await,
}
