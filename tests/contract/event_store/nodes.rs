//! What a store of several nodes promises besides: they share one order, and each sees what the others did.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::kernel::CommandId;
use domain::ports::{Append, AppendError, Appended, EventStore, Expected, Scope, StoredEvent};
use tests::events::{TENANT, append, command, stream};
use tests::stores::{TestStore, everything, whole_stream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_millis(5);

pub(super) async fn of_two_nodes_that_expect_the_same_one_wins_and_the_order_is_one(store: TestStore) {
    let nodes = [store.shared(), store.other_node().await];
    let mut writers = JoinSet::new();
    for (node, store) in nodes.into_iter().enumerate() {
        for writer in 0..8_u128 {
            let store = Arc::clone(&store);
            writers.spawn(async move {
                let mut won = 0_u64;
                for round in 0..20_u128 {
                    let id = command(node as u128 * 10_000 + writer * 1000 + round);
                    match store.append(TENANT, append(stream(round), Expected::NoStream, id, 2)).await {
                        Ok(_) => won += 1,
                        Err(error) => assert_eq!(error, AppendError::Conflict { actual: Some(1) }),
                    }
                }
                won
            });
        }
    }
    let mut won = 0;
    while let Some(done) = writers.join_next().await {
        won += done.unwrap();
    }
    assert_eq!(won, 20);
    let events = everything(&*store, Scope::System, 7).await;
    assert_eq!(events.len(), 40);
    assert!(events.windows(2).all(|pair| pair[0].position < pair[1].position));
    assert_eq!(everything(&*store.other_node().await, Scope::System, 1000).await, events);
    assert_eq!(events.iter().map(|event| (event.stream.id, event.revision)).collect::<HashSet<_>>().len(), 40);
}

pub(super) async fn of_two_streams_that_want_one_identity_one_gets_it(store: TestStore) {
    let other = store.other_node().await;
    for n in 0..20 {
        let wanted = |number| append(stream(number), Expected::Any, command(n), 1 + n as usize % 3);
        let answers = tokio::join!(store.append(TENANT, wanted(1)), other.append(TENANT, wanted(2)));
        let refused = |answer: &Result<_, _>| matches!(answer, Err(AppendError::IdTaken(_)));
        let one = answers.0.is_ok() && refused(&answers.1) || refused(&answers.0) && answers.1.is_ok();
        assert!(one, "append {n}: {answers:?}");
    }
    let events = everything(&*store, Scope::System, 1000).await;
    assert_eq!(events.iter().map(|event| event.event.event_id).collect::<HashSet<_>>().len(), events.len());
}

pub(super) async fn an_append_wakes_the_other_node(store: TestStore) {
    let other = store.other_node().await;
    let (sender, mut wakes) = mpsc::unbounded_channel();
    other.on_append(Arc::new(move |position| _ = sender.send(position)));
    let appended = store.append(TENANT, append(stream(1), Expected::NoStream, command(1), 3)).await.unwrap();
    let woken = async { while wakes.recv().await.expect("a wake") < appended.position {} };
    tokio::time::timeout(PATIENCE, woken).await.expect("a wake");
    assert_eq!(other.head().await.unwrap(), appended.position);
}

pub(super) async fn what_is_removed_on_one_node_is_removed_on_the_other(store: TestStore) {
    let other = store.other_node().await;
    other.append(TENANT, append(stream(1), Expected::NoStream, command(1), 3)).await.unwrap();
    store.truncate_before(TENANT, stream(1), 2).await.unwrap();
    let truncated = whole_stream(&*other, TENANT, stream(1)).await;
    assert_eq!(truncated.iter().map(StoredEvent::is_truncated).collect::<Vec<_>>(), [true, true, false]);
    store.delete_stream(TENANT, stream(1)).await.unwrap();
    assert!(everything(&*other, Scope::System, 10).await.iter().all(StoredEvent::is_truncated));
    let refused = other.append(TENANT, append(stream(1), Expected::Any, command(2), 1)).await;
    assert_eq!(refused, Err(AppendError::Deleted));
}

pub(super) async fn connections_that_end_under_load_lose_nothing_and_double_nothing(store: TestStore) {
    const WRITERS: u128 = 8;
    const COMMANDS: u64 = 200;
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (store, tell) = (store.shared(), tell.clone());
        writers.spawn(async move {
            let mut acknowledged = Vec::new();
            for n in 0..COMMANDS {
                let expected = n.checked_sub(1).map_or(Expected::NoStream, Expected::Exact);
                let once = append(stream(writer), expected, numbered(writer, n), 1);
                acknowledged.push(until_answered(&*store, &once).await);
                tell.send(()).unwrap();
            }
            (writer, acknowledged)
        });
    }
    drop(tell);
    let mut answers = 0;
    while let Some(()) = told.recv().await {
        answers += 1;
        if answers % 50 == 0 {
            store.cut_connections().await;
        }
    }
    assert_eq!(answers, 1600);
    while let Some(done) = writers.join_next().await {
        let (writer, acknowledged) = done.unwrap();
        let there = whole_stream(&*store, TENANT, stream(writer)).await;
        let place = |event: &StoredEvent| Appended { revision: event.revision, position: event.position };
        assert_eq!(there.iter().map(place).collect::<Vec<_>>(), acknowledged);
        let commands: Vec<_> = there.iter().map(|event| event.event.command_id).collect();
        assert_eq!(commands, (0..COMMANDS).map(|n| numbered(writer, n)).collect::<Vec<_>>());
    }
}

fn numbered(writer: u128, n: u64) -> CommandId {
    command(writer * 1000 + u128::from(n))
}

/// As a client does: the same append again until it is answered.
async fn until_answered(store: &dyn EventStore, once: &Append) -> Appended {
    loop {
        match store.append(TENANT, once.clone()).await {
            Ok(appended) => return appended,
            Err(AppendError::Unavailable(_) | AppendError::OutcomeUnknown(_)) => tokio::time::sleep(MOMENT).await,
            Err(error) => panic!("{error}"),
        }
    }
}
