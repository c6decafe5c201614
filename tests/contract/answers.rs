//! Answers to commands that left no event are kept for a day, as they were given.

use std::sync::Arc;

use domain::kernel::{CommandId, Fingerprint, TenantId, Timestamp};
use domain::ports::{Answer, Answers, Position, Refused, Unchanged};
use tests::floor::{TENANT, command_id, minute};
use tests::stores::intruder;
use tests::vaults::AnswersPlace;
use tokio::task::JoinSet;
use uuid::Uuid;

fn unchanged(number: u64) -> Answer {
    let outcome = Ok(Unchanged { revision: number, position: Position(number + 1) });
    Answer { fingerprint: Fingerprint(Uuid::from_u128(number.into())), outcome }
}

fn refused() -> Answer {
    let refused =
        Refused {
            code: "JOB_CANCELLED".to_owned(), field: Some("reason".to_owned()), message: "№ “1”".to_owned()
        };
    Answer { outcome: Err(refused), ..unchanged(9) }
}

async fn remember(answers: &dyn Answers, command: CommandId, answer: Answer, now: Timestamp) -> Answer {
    answers.remember(TENANT, command, answer, now).await.unwrap()
}

mod sentences {
    use super::*;

    pub(super) async fn the_first_answer_stands_and_is_there_after_a_restart(place: AnswersPlace) {
        let answers = place.open(minute(0)).await;
        assert_eq!(answers.recall(TENANT, command_id(1)).await, Ok(None));
        assert_eq!(remember(&*answers, command_id(1), refused(), minute(0)).await, refused());
        assert_eq!(remember(&*answers, command_id(1), unchanged(2), minute(1)).await, refused());
        drop(answers);
        let answers = place.open(minute(2)).await;
        assert_eq!(answers.recall(TENANT, command_id(1)).await, Ok(Some(refused())));
        assert_eq!(remember(&*answers, command_id(1), unchanged(2), minute(2)).await, refused());
    }

    pub(super) async fn an_answer_is_forgotten_after_a_day(place: AnswersPlace) {
        const DAY: i64 = 24 * 60;
        let answers = place.open(minute(0)).await;
        remember(&*answers, command_id(1), unchanged(1), minute(0)).await;
        remember(&*answers, command_id(2), unchanged(2), minute(1)).await;
        remember(&*answers, command_id(3), unchanged(3), minute(DAY)).await;
        assert_eq!(answers.recall(TENANT, command_id(1)).await, Ok(None), "when others come");
        assert_eq!(answers.recall(TENANT, command_id(2)).await, Ok(Some(unchanged(2))));
        drop(answers);
        let answers = place.open(minute(DAY + 1)).await;
        assert_eq!(answers.recall(TENANT, command_id(2)).await, Ok(None), "and at a start");
        assert_eq!(answers.recall(TENANT, command_id(3)).await, Ok(Some(unchanged(3))));
    }

    pub(super) async fn another_tenants_command_ids_are_others(place: AnswersPlace) {
        let answers = place.open(minute(0)).await;
        let other = TenantId(Uuid::from_u128(0xbeef));
        remember(&*answers, command_id(1), unchanged(1), minute(0)).await;
        assert_eq!(answers.recall(other, command_id(1)).await, Ok(None));
        assert_eq!(answers.remember(other, command_id(1), unchanged(2), minute(0)).await, Ok(unchanged(2)));
        assert_eq!(answers.recall(TENANT, command_id(1)).await, Ok(Some(unchanged(1))));
    }
}

/// Runs each sentence against all that keep answers.
macro_rules! on_all {
    ($($sentence:ident)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $sentence() {
                super::sentences::$sentence(super::AnswersPlace::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $sentence() {
                super::sentences::$sentence(super::AnswersPlace::postgres()).await;
            })*
        }
    };
}

on_all! {
    the_first_answer_stands_and_is_there_after_a_restart
    an_answer_is_forgotten_after_a_day
    another_tenants_command_ids_are_others
}

mod nodes {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn of_answers_that_two_nodes_keep_at_once_one_stands() {
        let place = AnswersPlace::postgres();
        let nodes = [place.open(minute(0)).await, place.open(minute(0)).await];
        for round in 0..20 {
            let mut keeping = JoinSet::new();
            for number in 0..8 {
                let node = Arc::clone(&nodes[number % 2]);
                let mine = unchanged(number as u64);
                keeping.spawn(async move { remember(&*node, command_id(round), mine, minute(0)).await });
            }
            let told = keeping.join_all().await;
            assert!(told.iter().all(|answer| *answer == told[0]), "{told:?}");
            assert_eq!(nodes[0].recall(TENANT, command_id(round)).await, Ok(Some(told[0].clone())));
        }
    }

    #[tokio::test]
    async fn the_oldest_go_in_small_portions_when_there_are_too_many() {
        let place = AnswersPlace::postgres();
        let answers = place.open(minute(0)).await;
        for number in 0..20 {
            remember(&*answers, command_id(number), unchanged(1), minute(0)).await;
        }
        let AnswersPlace::Schema(schema) = &place else { panic!("a schema") };
        let intruder = intruder(schema.name()).await;
        let one_hundred_thousand_later = "
            SET kilter.scope = 'system';
            SELECT setval(pg_get_serial_sequence('answers', 'number'), 100020)";
        intruder.batch_execute(one_hundred_thousand_later).await.unwrap();
        let count = async || -> i64 { intruder.query_one("SELECT count(*) FROM answers", &[]).await.unwrap().get(0) };
        remember(&*answers, command_id(100), unchanged(1), minute(1)).await;
        assert_eq!(count().await, 21, "too many are seen once there is one more");
        remember(&*answers, command_id(101), unchanged(1), minute(1)).await;
        assert_eq!(count().await, 22 - 16);
        remember(&*answers, command_id(102), unchanged(1), minute(1)).await;
        assert_eq!(count().await, 3);
        assert_eq!(answers.recall(TENANT, command_id(100)).await, Ok(Some(unchanged(1))));
    }
}
