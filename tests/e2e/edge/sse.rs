//! Server-sent events, in the distinct connections mode of graphql-sse.

use domain::kernel::Role;
use futures_util::StreamExt;
use serde_json::json;
use tests::edge::{Edge, tenant, token_of};

#[tokio::test]
async fn a_subscription_is_streamed_to_its_end() {
    let edge = Edge::start().await;
    let request = edge.post().header("accept", "text/event-stream");
    let answer = request.json(&json!({"query": "subscription { counted(to: 2) }"})).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let text = answer.text().await.unwrap();
    let expected = "event: next\ndata: {\"data\":{\"counted\":1}}\n\n\
                    event: next\ndata: {\"data\":{\"counted\":2}}\n\nevent: complete\ndata: {}\n\n";
    assert_eq!(text, expected);
}

#[tokio::test]
async fn each_event_carries_the_cursor_to_resume_from() {
    let edge = Edge::start().await;
    edge.log.append("a");
    let request = edge.post().header("accept", "text/event-stream");
    let query = "subscription { activityAppended(after: \"0\") { cursor } }";
    let mut stream = request.json(&json!({"query": query})).send().await.unwrap().bytes_stream();
    let first = String::from_utf8(stream.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(first.contains("id: 1"), "{first}");
    edge.stop();
    let rest: Vec<_> = stream.filter_map(|chunk| async { chunk.ok() }).collect().await;
    assert!(String::from_utf8(rest.concat()).unwrap().contains("event: complete"));
    edge.stopped().await;
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let edge = Edge::start().await;
    let request = reqwest::Client::new().post(edge.url()).header("accept", "text/event-stream");
    let request = request.bearer_auth(token_of(tenant(), Role::Operator, 1));
    let query = json!({"query": "subscription { activityAppended { cursor } }"});
    let text = request.json(&query).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("event: complete"), "{text}");
}

#[tokio::test]
async fn a_query_may_be_streamed_too() {
    let edge = Edge::start().await;
    let request = edge.post().header("accept", "text/event-stream").json(&json!({"query": "{ hello }"}));
    let text = request.send().await.unwrap().text().await.unwrap();
    assert!(text.starts_with("event: next\ndata: {\"data\":{\"hello\":\"hello\"}}\n\n"), "{text}");
}
