//! One suite for every view store: each test is a sentence, and gets an empty store of its own.

mod answers;
mod nodes;
mod rows;

/// Runs each sentence against every store.
macro_rules! sentences {
    ($($module:ident { $($sentence:ident)* })*) => {
        mod memory {
            $($(#[test]
            fn $sentence() {
                super::$module::$sentence(&tests::view_stores::TestViews::memory());
            })*)*
        }
        mod sqlite {
            $($(#[test]
            fn $sentence() {
                super::$module::$sentence(&tests::view_stores::TestViews::file());
            })*)*
        }
        mod postgres {
            $($(#[test]
            fn $sentence() {
                super::$module::$sentence(&tests::view_stores::TestViews::postgres());
            })*)*
        }
    };
}

sentences! {
    answers {
        questions_are_answered_as_by_a_naive_list
        pages_in_either_direction_cover_every_row_once
        rows_come_in_the_order_of_the_keys_with_the_position_of_one_state
        a_tenant_sees_no_row_of_another
        a_projection_that_nobody_filled_is_unavailable
        a_question_goes_to_the_table_that_the_checkpoint_points_to
        a_cursor_of_another_kind_is_no_fault
    }
    rows {
        rows_rest_as_they_were_written_whatever_is_in_them
        a_row_is_replaced_and_removed
        work_that_fails_changes_nothing
        a_checkpoint_moves_only_from_where_it_is_believed_to_be
        a_table_begins_empty_over_what_an_attempt_has_left
        a_parked_stream_is_noted_once_until_it_is_forgotten
        sweeping_leaves_the_table_that_the_checkpoint_points_to
        an_index_is_made_once
        the_same_rows_have_the_same_digest_in_every_store
        who_is_alone_leads_everything
    }
}
