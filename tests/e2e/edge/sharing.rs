//! Identical subscriptions share one execution, and nobody can tell.

use api::http::settings::HttpSettings;
use serde_json::{Value, json};
use tests::edge::{Edge, PATIENCE, Socket};

const FOLLOW: &str = "subscription F($after: String) { activityAppended(after: $after) { cursor text } }";

async fn follow(edge: &Edge, after: Option<&str>) -> Socket {
    let mut socket = edge.initialised().await;
    socket.subscribe("f", FOLLOW, json!({"after": after})).await;
    socket
}

/// The cursors of the next messages.
async fn cursors(socket: &mut Socket, count: usize) -> Vec<u64> {
    let mut cursors = Vec::with_capacity(count);
    for _ in 0..count {
        let message = socket.next().await;
        let cursor: &Value = &message["payload"]["data"]["activityAppended"]["cursor"];
        cursors.push(cursor.as_str().unwrap_or_else(|| panic!("no cursor in {message}")).parse().unwrap());
    }
    cursors
}

async fn groups(edge: &Edge, count: usize) {
    let reached = async {
        while edge.state.groups().len() != count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("{} groups", edge.state.groups().len()));
}

#[tokio::test]
async fn readers_that_ask_the_same_share_one_execution_wherever_they_resume() {
    let edge = Edge::start().await;
    for number in 1..=5 {
        edge.log.append(number.to_string());
    }
    let mut from_start = follow(&edge, Some("0")).await;
    let mut from_middle = follow(&edge, Some("3")).await;
    let mut from_now = follow(&edge, None).await;
    assert_eq!(cursors(&mut from_start, 5).await, [1, 2, 3, 4, 5]);
    assert_eq!(cursors(&mut from_middle, 2).await, [4, 5]);
    groups(&edge, 1).await;
    from_now.send(&json!({"type": "ping"})).await;
    assert_eq!(from_now.next().await["type"], "pong");
    edge.log.append("6");
    edge.log.append("7");
    for socket in [&mut from_start, &mut from_middle, &mut from_now] {
        assert_eq!(cursors(socket, 2).await, [6, 7]);
    }
}

#[tokio::test]
async fn another_question_is_another_execution_and_ends_with_its_last_reader() {
    let edge = Edge::start().await;
    let one = follow(&edge, None).await;
    let mut other = edge.initialised().await;
    other.subscribe("f", "subscription { activityAppended { text } }", json!(null)).await;
    groups(&edge, 2).await;
    drop(one);
    groups(&edge, 1).await;
    other.send(&json!({"type": "complete", "id": "f"})).await;
    groups(&edge, 0).await;
}

#[tokio::test]
async fn a_reader_that_the_ring_leaves_behind_goes_on_without_gap_or_duplicate() {
    let mut settings = HttpSettings::default();
    settings.live.ring_messages = 4;
    let edge = Edge::with(settings).await;
    let mut sockets = [follow(&edge, Some("0")).await, follow(&edge, Some("0")).await];
    groups(&edge, 1).await;
    // All at once: the ring holds four of them when the readers come to look.
    for number in 1..=500 {
        edge.log.append(number.to_string());
    }
    let expected: Vec<u64> = (1..=500).collect();
    for socket in &mut sockets {
        assert_eq!(cursors(socket, 500).await, expected);
    }
    // They share again afterwards.
    groups(&edge, 1).await;
    edge.log.append("last");
    for socket in &mut sockets {
        assert_eq!(cursors(socket, 1).await, [501]);
    }
}

#[tokio::test]
async fn a_reader_that_joins_in_the_middle_of_a_flood_misses_nothing() {
    let mut settings = HttpSettings::default();
    settings.live.ring_messages = 8;
    let edge = Edge::with(settings).await;
    let log = edge.log.clone();
    let flood = tokio::spawn(async move {
        for number in 1..=2000 {
            log.append(number.to_string());
            tokio::task::yield_now().await;
        }
    });
    let mut readers = Vec::new();
    for _ in 0..8 {
        let mut socket = follow(&edge, Some("0")).await;
        readers.push(tokio::spawn(async move { cursors(&mut socket, 2000).await }));
    }
    let expected: Vec<u64> = (1..=2000).collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), expected);
    }
    flood.await.unwrap();
}

#[tokio::test]
async fn signs_of_life_reach_whoever_shares_while_nothing_happens() {
    let edge = Edge::start().await;
    edge.log.append("1");
    let mut sockets = [follow(&edge, None).await, follow(&edge, Some("1")).await];
    let signs = async {
        loop {
            edge.log.sign_of_life();
            tokio::task::yield_now().await;
        }
    };
    let heard = async {
        for socket in &mut sockets {
            assert_eq!(cursors(socket, 2).await, [1, 1]);
        }
    };
    tokio::select! {
        () = signs => {}
        () = heard => {}
    }
    assert_eq!(edge.state.groups().len(), 1);
}

#[tokio::test]
async fn a_subscription_that_fails_at_its_beginning_ends_there() {
    let edge = Edge::start().await;
    let mut socket = edge.initialised().await;
    socket.subscribe("f", FOLLOW, json!({"after": "not a cursor"})).await;
    let message = socket.next().await;
    assert_eq!(message["id"], "f");
    assert!(message.to_string().contains("INTERNAL"), "{message}");
    assert_eq!(edge.state.groups().len(), 0);
}
