//! graphql-transport-ws: messages, close codes, limits.

use std::time::Duration;

use api::http::settings::HttpSettings;
use domain::kernel::Role;
use serde_json::json;
use tests::edge::{Edge, Socket, ended_token, tenant, token, token_of};

#[tokio::test]
async fn operations_of_all_kinds_run_over_one_socket() {
    let edge = Edge::start().await;
    let mut socket = edge.initialised().await;
    socket.subscribe("q", "{ hello }", json!(null)).await;
    assert_eq!(socket.next().await, json!({"id": "q", "type": "next", "payload": {"data": {"hello": "hello"}}}));
    assert_eq!(socket.next().await, json!({"id": "q", "type": "complete"}));
    socket.subscribe("m", "mutation M($t: String!) { append(text: $t) }", json!({"t": "x"})).await;
    assert_eq!(socket.next().await["payload"]["data"]["append"], "1");
    assert_eq!(socket.next().await["type"], "complete");
    socket.subscribe("s", "subscription { counted(to: 3) }", json!(null)).await;
    for number in 1..=3 {
        assert_eq!(socket.next().await["payload"]["data"]["counted"], number);
    }
    assert_eq!(socket.next().await, json!({"id": "s", "type": "complete"}));
}

#[tokio::test]
async fn a_document_that_is_refused_is_an_error_and_the_socket_goes_on() {
    let edge = Edge::start().await;
    let mut socket = edge.initialised().await;
    for (id, query) in [("1", "{"), ("2", "{ nothing }"), ("3", "subscription { nothing }")] {
        socket.subscribe(id, query, json!(null)).await;
        let message = socket.next().await;
        assert_eq!((&message["id"], &message["type"]), (&json!(id), &json!("error")));
        assert!(message["payload"][0]["extensions"]["code"].is_string(), "{message}");
    }
    // The id is free again.
    socket.subscribe("1", "{ hello }", json!(null)).await;
    assert_eq!(socket.next().await["type"], "next");
}

#[tokio::test]
async fn a_completed_subscription_says_nothing_more() {
    let edge = Edge::start().await;
    let mut socket = edge.initialised().await;
    socket.subscribe("f", "subscription { activityAppended { text } }", json!(null)).await;
    socket.subscribe("w", "{ hello }", json!(null)).await;
    assert_eq!(socket.next().await["id"], "w");
    assert_eq!(socket.next().await["id"], "w");
    socket.send(&json!({"type": "complete", "id": "f"})).await;
    socket.subscribe("m", "mutation { append(text: \"x\") }", json!(null)).await;
    assert_eq!(socket.next().await["id"], "m");
    assert_eq!(socket.next().await["id"], "m");
    socket.send(&json!({"type": "ping", "payload": {"n": 1}})).await;
    assert_eq!(socket.next().await, json!({"type": "pong", "payload": {"n": 1}}));
}

#[tokio::test]
async fn each_breach_of_the_protocol_has_its_close_code() {
    let edge = Edge::start().await;
    let init = json!({"type": "connection_init", "payload": {"token": token()}});
    let hanging = json!({"type": "subscribe", "id": "1", "payload": {"query": "subscription { later(millis: 9999) }"}});
    let rows = [
        (vec!["not json".to_owned()], 4400),
        (vec![r#"{"type":"start"}"#.to_owned()], 4400),
        (vec![hanging.to_string()], 4401),
        (vec![json!({"type": "connection_init"}).to_string()], 4403),
        (vec![json!({"type": "connection_init", "payload": {"token": "nonsense"}}).to_string()], 4403),
        (vec![json!({"type": "connection_init", "payload": {"token": ended_token()}}).to_string()], 4403),
        (vec![init.to_string(), init.to_string()], 4429),
        (vec![init.to_string(), hanging.to_string(), hanging.to_string()], 4409),
        (vec![init.to_string(), "x".repeat(100_000)], 0),
    ];
    for (messages, code) in rows {
        let mut socket = edge.socket().await;
        for message in &messages {
            socket.send_text(message).await;
        }
        assert_eq!(socket.close_code().await, code, "{:.80}", messages.last().unwrap());
    }
    let mut socket = edge.socket().await;
    socket.send_binary(b"{}").await;
    assert_eq!(socket.close_code().await, 4400);
}

#[tokio::test]
async fn another_subprotocol_is_not_acceptable() {
    let edge = Edge::start().await;
    let mut socket = Socket::connect(edge.address, None, &[]).await.unwrap();
    assert_eq!(socket.close_code().await, 4406);
}

#[tokio::test]
async fn a_socket_that_does_not_initialise_is_closed() {
    let mut settings = HttpSettings::default();
    settings.sockets.init_time = Duration::from_millis(50);
    let edge = Edge::with(settings).await;
    assert_eq!(edge.socket().await.close_code().await, 4408);
}

#[tokio::test]
async fn a_token_may_come_with_the_handshake() {
    let edge = Edge::start().await;
    let header = ("authorization", format!("Bearer {}", token()));
    let mut socket = Socket::connect(edge.address, Some("graphql-transport-ws"), &[header]).await.unwrap();
    socket.send(&json!({"type": "connection_init"})).await;
    assert_eq!(socket.next().await["type"], "connection_ack");
    let header = ("authorization", "Bearer nonsense".to_owned());
    assert!(Socket::connect(edge.address, Some("graphql-transport-ws"), &[header]).await.is_err());
}

#[tokio::test]
async fn a_socket_ends_with_its_token() {
    let edge = Edge::start().await;
    let mut socket = edge.socket().await;
    socket.init(&token_of(tenant(), Role::Operator, 1)).await;
    socket.subscribe("1", "subscription { activityAppended { text } }", json!(null)).await;
    assert_eq!(socket.close_code().await, 4403);
}

#[tokio::test]
async fn a_page_of_a_foreign_origin_gets_no_socket() {
    let edge = Edge::start().await;
    let own = ("origin", format!("http://{}", edge.address));
    assert!(Socket::connect(edge.address, Some("graphql-transport-ws"), &[own]).await.is_ok());
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        let header = ("origin", origin.to_owned());
        let refused = Socket::connect(edge.address, Some("graphql-transport-ws"), &[header]).await;
        assert!(refused.is_err(), "{origin}");
    }
}

#[tokio::test]
async fn operations_and_messages_of_a_socket_are_limited() {
    let mut settings = HttpSettings::default();
    settings.sockets.operations = 2;
    settings.sockets.messages_per_second = 5;
    let edge = Edge::with(settings).await;
    let mut socket = edge.initialised().await;
    for id in ["1", "2", "3"] {
        socket.subscribe(id, "subscription { activityAppended { text } }", json!(null)).await;
    }
    let refused = socket.next().await;
    assert_eq!(refused["id"], "3");
    assert_eq!(refused["payload"][0]["extensions"]["code"], "TOO_MANY_SUBSCRIPTIONS");
    for _ in 0..20 {
        socket.send(&json!({"type": "pong"})).await;
    }
    assert_eq!(socket.close_code().await, 1008);
}

#[tokio::test]
async fn a_silent_socket_is_pinged_and_then_given_up() {
    let mut settings = HttpSettings::default();
    settings.sockets.heartbeat = Duration::from_millis(60);
    let edge = Edge::with(settings).await;
    let mut socket = edge.initialised().await;
    assert_eq!(socket.receive().await.unwrap(), json!({"type": "ping", "payload": {"position": "0"}}));
    assert_eq!(socket.close_code().await, 1001);
}

#[tokio::test]
async fn stopping_tells_sockets_where_to_resume() {
    let edge = Edge::start().await;
    let mut socket = edge.initialised().await;
    socket.subscribe("a", "subscription { activityAppended(after: \"0\") { text } }", json!(null)).await;
    edge.log.append("x");
    assert_eq!(socket.next().await["type"], "next");
    edge.stop();
    let farewell = socket.receive().await.unwrap();
    assert_eq!(farewell["payload"], json!({"stopping": true, "resumeCursors": {"a": "1"}}));
    assert_eq!(socket.receive().await.unwrap_err().0, 1001);
    edge.stopped().await;
}
