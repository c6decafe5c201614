//! Answers to commands that left no event are kept for a day, as they were given.

use domain::kernel::{CommandId, Fingerprint, TenantId, Timestamp};
use domain::ports::{Answer, Answers, Position, Refused, Unchanged};
use infra::vault::SqliteAnswers;
use tests::floor::{TENANT, command_id, minute};
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

async fn remember(answers: &SqliteAnswers, command: CommandId, answer: Answer, now: Timestamp) -> Answer {
    answers.remember(TENANT, command, answer, now).await.unwrap()
}

#[tokio::test]
async fn the_first_answer_stands_and_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let open = |minutes| SqliteAnswers::open(&folder.path().join("vault.db"), minute(minutes)).unwrap();
    let answers = open(0);
    assert_eq!(answers.recall(TENANT, command_id(1)).await, Ok(None));
    assert_eq!(remember(&answers, command_id(1), refused(), minute(0)).await, refused());
    assert_eq!(remember(&answers, command_id(1), unchanged(2), minute(1)).await, refused());
    drop(answers);
    let answers = open(2);
    assert_eq!(answers.recall(TENANT, command_id(1)).await, Ok(Some(refused())));
    assert_eq!(remember(&answers, command_id(1), unchanged(2), minute(2)).await, refused());
}

#[tokio::test]
async fn an_answer_is_forgotten_after_a_day() {
    const DAY: i64 = 24 * 60;
    let folder = tempfile::tempdir().unwrap();
    let open = |minutes| SqliteAnswers::open(&folder.path().join("vault.db"), minute(minutes)).unwrap();
    let answers = open(0);
    remember(&answers, command_id(1), unchanged(1), minute(0)).await;
    remember(&answers, command_id(2), unchanged(2), minute(1)).await;
    remember(&answers, command_id(3), unchanged(3), minute(DAY)).await;
    assert_eq!(answers.recall(TENANT, command_id(1)).await, Ok(None), "when others come");
    assert_eq!(answers.recall(TENANT, command_id(2)).await, Ok(Some(unchanged(2))));
    drop(answers);
    let answers = open(DAY + 1);
    assert_eq!(answers.recall(TENANT, command_id(2)).await, Ok(None), "and at a start");
    assert_eq!(answers.recall(TENANT, command_id(3)).await, Ok(Some(unchanged(3))));
}

#[tokio::test]
async fn another_tenants_command_ids_are_others() {
    let answers = SqliteAnswers::in_memory().unwrap();
    let other = TenantId(Uuid::from_u128(0xbeef));
    remember(&answers, command_id(1), unchanged(1), minute(0)).await;
    assert_eq!(answers.recall(other, command_id(1)).await, Ok(None));
    assert_eq!(answers.remember(other, command_id(1), unchanged(2), minute(0)).await, Ok(unchanged(2)));
    assert_eq!(answers.recall(TENANT, command_id(1)).await, Ok(Some(unchanged(1))));
}
