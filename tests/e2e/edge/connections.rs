//! Connections that say nothing, half a request, or take nothing of what they are told.

use std::time::Duration;

use api::http::settings::HttpSettings;
use serde_json::json;
use tests::edge::{Edge, PATIENCE, token};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout};

const SHORT: Duration = Duration::from_millis(400);
const ALIVE: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: kilter\r\n\r\n";

async fn impatient() -> Edge {
    let mut settings = HttpSettings::default();
    settings.connections.head_time = SHORT;
    settings.connections.write_time = SHORT;
    Edge::with(settings).await
}

/// How long the server keeps a connection on which nothing more is said.
async fn kept(stream: &mut TcpStream) -> Duration {
    let began = Instant::now();
    let mut rest = Vec::new();
    // Reset or ended: it is closed.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("the server closes it");
    began.elapsed()
}

/// Reads up to the end of the answer's head.
async fn answered(stream: &mut TcpStream) -> String {
    let (mut read, mut buffer) = (Vec::new(), [0; 4096]);
    while !read.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        let count = timeout(PATIENCE, stream.read(&mut buffer)).await.expect("an answer").expect("no fault");
        assert!(count > 0, "closed without an answer");
        read.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8(read).expect("text")
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let edge = impatient().await;
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    let kept = kept(&mut stream).await;
    assert!(kept >= SHORT / 2, "{kept:?}");
}

#[tokio::test]
async fn a_connection_that_says_half_a_head_is_closed_however_often_it_adds_to_it() {
    let edge = impatient().await;
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
    let began = Instant::now();
    // A header every now and then, for as long as somebody takes it.
    while stream.write_all(b"X-More: 1\r\n").await.is_ok() {
        assert!(began.elapsed() < PATIENCE, "it is never closed");
        sleep(SHORT / 8).await;
    }
}

#[tokio::test]
async fn one_that_is_slow_but_honest_is_served_and_may_ask_again() {
    let edge = impatient().await;
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    for half in ALIVE.chunks(ALIVE.len() / 2 + 1) {
        stream.write_all(half).await.unwrap();
        sleep(SHORT / 4).await;
    }
    assert!(answered(&mut stream).await.starts_with("HTTP/1.1 200"));
    // Together longer than one head may take: each has its own time.
    for _ in 0..4 {
        sleep(SHORT / 2).await;
        stream.write_all(ALIVE).await.unwrap();
        assert!(answered(&mut stream).await.starts_with("HTTP/1.1 200"));
    }
    kept(&mut stream).await;
}

#[tokio::test]
async fn a_socket_outlives_the_time_of_a_head() {
    let edge = impatient().await;
    let mut socket = edge.initialised().await;
    sleep(SHORT * 2).await;
    socket.subscribe("1", "subscription { counted(to: 1) }", json!({})).await;
    assert_eq!(socket.next().await["payload"]["data"]["counted"], 1);
}

#[tokio::test]
async fn a_connection_beyond_the_most_waits_for_one_to_end() {
    let mut settings = HttpSettings::default();
    settings.connections.connections = 1;
    let edge = Edge::with(settings).await;
    let mut first = TcpStream::connect(edge.address).await.unwrap();
    first.write_all(ALIVE).await.unwrap();
    answered(&mut first).await;
    let mut second = TcpStream::connect(edge.address).await.unwrap();
    second.write_all(ALIVE).await.unwrap();
    assert!(timeout(SHORT, second.read_u8()).await.is_err(), "it was served beside the first");
    drop(first);
    assert!(answered(&mut second).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_stop_waits_for_no_connection_that_says_nothing_or_half() {
    let mut settings = HttpSettings::default();
    settings.requests.drain_time = SHORT;
    let edge = Edge::with(settings).await;
    let mut open = Vec::new();
    for said in [&b""[..], b"GET /healthz HTTP/1.1\r\n", ALIVE] {
        let mut stream = TcpStream::connect(edge.address).await.unwrap();
        stream.write_all(said).await.unwrap();
        open.push(stream);
    }
    answered(&mut open[2]).await;
    let mut socket = edge.initialised().await;
    let began = Instant::now();
    edge.stop();
    assert_eq!(socket.close_code().await, 1001);
    edge.stopped().await;
    assert!(began.elapsed() < SHORT * 4, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_events_that_nobody_reads_is_closed_and_holds_nobody_up() {
    let edge = impatient().await;
    let text = "x".repeat(4000);
    for _ in 0..4_000 {
        edge.log.append(text.as_str());
    }
    let mut stalled = events_of(&edge).await;
    answered(&mut stalled).await;
    let mut neighbour = edge.initialised().await;
    neighbour.subscribe("n", FOLLOW, json!({"after": "0"})).await;
    for expected in 1..=4_000_u64 {
        let message = neighbour.next().await;
        assert_eq!(message["payload"]["data"]["activityAppended"]["cursor"], expected.to_string());
    }
    // What the network had taken can still be read; then the stream breaks, long before it is complete.
    sleep(SHORT * 3).await;
    let mut read = Vec::new();
    let _ = timeout(PATIENCE, stalled.read_to_end(&mut read)).await.expect("the server closes it");
    let told = String::from_utf8_lossy(&read).matches("event: next").count();
    assert!(told < 4_000, "nothing was stalled");
}

const FOLLOW: &str = "subscription F($after: String) { activityAppended(after: $after) { cursor text } }";

/// Asks for a stream of events with a receive buffer as small as the system allows.
async fn events_of(edge: &Edge) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(edge.address).await.unwrap();
    let body = json!({"query": FOLLOW, "variables": {"after": "0"}}).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nAccept: text/event-stream\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        edge.address,
        token(),
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}
