//! Subscribers that stop reading, or read a kilobyte a second (QUALITY F13).

use std::time::Duration;

use api::http::settings::HttpSettings;
use serde_json::{Value, json};
use tests::edge::{Edge, PATIENCE, token};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const FOLLOW: &str = "subscription F($after: String) { activityAppended(after: $after) { cursor text } }";
const EVENTS: u64 = 6_000;

/// A client that reads only as much as it is told to.
struct RawClient {
    stream: TcpStream,
    read: Vec<u8>,
}

impl RawClient {
    /// With a receive buffer as small as the system allows, following from the start.
    async fn follow(edge: &Edge) -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(edge.address).await.unwrap();
        let handshake = format!(
            "GET /graphql HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
             Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
            edge.address
        );
        stream.write_all(handshake.as_bytes()).await.unwrap();
        let init = json!({"type": "connection_init", "payload": {"token": token()}});
        let payload = json!({"query": FOLLOW, "variables": {"after": "0"}});
        let subscribe = json!({"type": "subscribe", "id": "slow", "payload": payload});
        for message in [init, subscribe] {
            stream.write_all(&frame(message.to_string().as_bytes())).await.unwrap();
        }
        Self { stream, read: Vec::new() }
    }

    /// Reads up to so many bytes; `false` at the end.
    async fn read(&mut self, most: usize) -> bool {
        let mut buffer = vec![0; most];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await.expect("bytes or the end");
        let count = read.unwrap_or(0);
        self.read.extend_from_slice(&buffer[..count]);
        count > 0
    }

    /// The messages that have come whole, and the code of the close frame if there was one.
    fn messages(&self) -> (Vec<Value>, Option<u16>) {
        let start = self.read.windows(4).position(|window| window == b"\r\n\r\n").expect("a handshake") + 4;
        let (mut rest, mut messages) = (&self.read[start..], Vec::new());
        while let [first, second, after @ ..] = rest {
            let (length, body) = match (*second, after) {
                (126, [high, low, body @ ..]) => (usize::from(u16::from_be_bytes([*high, *low])), body),
                (127 | 126, _) => break,
                (length, body) => (usize::from(length), body),
            };
            let Some(payload) = body.get(..length) else { break };
            match first & 0x0f {
                8 => return (messages, payload.get(..2).map(|code| u16::from_be_bytes([code[0], code[1]]))),
                1 => messages.push(serde_json::from_slice(payload).expect("a JSON message")),
                _ => {}
            }
            rest = &body[length..];
        }
        (messages, None)
    }
}

/// One masked text frame.
fn frame(text: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81];
    if text.len() < 126 {
        frame.push(0x80 | u8::try_from(text.len()).unwrap());
    } else {
        frame.push(0x80 | 0x7e);
        frame.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text);
    frame
}

fn impatient(write_time: Duration) -> HttpSettings {
    let mut settings = HttpSettings::default();
    settings.sockets.write_time = write_time;
    settings.live.behind_time = Duration::from_millis(700);
    settings.live.ring_messages = 64;
    settings
}

fn cursor_of(message: &Value) -> Option<u64> {
    message["payload"]["data"]["activityAppended"]["cursor"].as_str()?.parse().ok()
}

/// Appends everything, at the pace of a neighbour that gets each event before many more come; how long it waited at most.
async fn flood(edge: &Edge) -> Duration {
    let mut neighbour = edge.initialised().await;
    neighbour.subscribe("n", FOLLOW, json!({"after": "0"})).await;
    let text = "x".repeat(4000);
    let (mut appended, mut slowest) = (0, Duration::ZERO);
    for expected in 1..=EVENTS {
        while appended < (expected + 20).min(EVENTS) {
            edge.log.append(text.as_str());
            appended += 1;
        }
        let asked = tokio::time::Instant::now();
        assert_eq!(cursor_of(&neighbour.next().await), Some(expected));
        slowest = slowest.max(asked.elapsed());
    }
    slowest
}

/// Resumes after `cursor` and reads to the end: nothing is missing, nothing comes twice.
async fn resume_to_the_end(edge: &Edge, cursor: u64) {
    let mut socket = edge.initialised().await;
    socket.subscribe("r", FOLLOW, json!({"after": cursor.to_string()})).await;
    for expected in cursor + 1..=EVENTS {
        assert_eq!(cursor_of(&socket.next().await), Some(expected));
    }
}

fn assert_no_gap(messages: &[Value]) -> u64 {
    let cursors: Vec<u64> = messages.iter().filter_map(cursor_of).collect();
    let expected: Vec<u64> = (1..=cursors.len() as u64).collect();
    assert_eq!(cursors, expected);
    cursors.len() as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_stops_reading_is_cut_off_and_resumes_without_gap_or_duplicate() {
    let edge = Edge::with(impatient(Duration::from_millis(700))).await;
    let mut slow = RawClient::follow(&edge).await;
    let slowest = flood(&edge).await;
    assert!(slowest < Duration::from_millis(600), "the neighbour waited {slowest:?}");
    // Past the limits of its last write and of the last words, what the network had taken is still there to be read.
    tokio::time::sleep(Duration::from_secs(2)).await;
    while slow.read(1 << 16).await {}
    let last = assert_no_gap(&slow.messages().0);
    assert!(last < EVENTS, "nothing was slow");
    resume_to_the_end(&edge, last).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_reads_too_slowly_is_told_where_to_resume() {
    let edge = Edge::with(impatient(Duration::from_secs(8))).await;
    let mut slow = RawClient::follow(&edge).await;
    let flooding = flood(&edge);
    let dawdling = async {
        while slow.read(64 << 10).await {
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    };
    tokio::join!(flooding, dawdling);
    let (messages, code) = slow.messages();
    let last = assert_no_gap(&messages);
    let told = messages.iter().find(|message| message["type"] == "error").expect("told that it is slow");
    assert_eq!(told["payload"][0]["extensions"], json!({"code": "SLOW_SUBSCRIBER", "resumeCursor": last.to_string()}));
    assert_eq!(code, Some(1013));
    resume_to_the_end(&edge, last).await;
}
