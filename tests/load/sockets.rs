//! Many subscribers in one process that cost little beside what they measure: raw WebSocket frames, small buffers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const PATIENCE: Duration = Duration::from_secs(60);
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Where to subscribe, and as whom.
pub(crate) struct Subscription {
    pub(crate) url: String,
    pub(crate) token: String,
    /// Where to go on; else it begins with a snapshot.
    pub(crate) after: Option<String>,
}

impl Subscription {
    fn query(&self) -> String {
        let after = self.after.as_ref().map(|position| format!("(after: \"{position}\")")).unwrap_or_default();
        format!("subscription {{ activityAppended{after} {{ cursor recordedAt }} }}")
    }
}

/// Those who subscribed, each in a task that notes when something was delivered.
pub(crate) struct Crowd {
    readers: JoinSet<Vec<Instant>>,
    delivered: Arc<AtomicUsize>,
}

impl Crowd {
    /// So many who all have what they begin from; so many connect at the same time.
    pub(crate) async fn gather(subscription: &Subscription, size: usize, connecting: usize) -> Self {
        let sockets = stream::iter(0..size).map(|_| Socket::subscribe(subscription)).buffer_unordered(connecting);
        let sockets: Vec<Socket> = sockets.collect().await;
        let delivered = Arc::new(AtomicUsize::new(0));
        let mut readers = JoinSet::new();
        for socket in sockets {
            readers.spawn(socket.read(Arc::clone(&delivered)));
        }
        Self { readers, delivered }
    }

    /// Waits until so many messages were delivered in all.
    pub(crate) async fn received(&self, count: usize) {
        let began = Instant::now();
        loop {
            let now = self.delivered.load(Ordering::Acquire);
            if now >= count {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{now} of {count} were delivered in {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Waits until the server has closed all; gives when each received what.
    pub(crate) async fn dismissed(self) -> Vec<Vec<Instant>> {
        tokio::time::timeout(PATIENCE, self.readers.join_all()).await.expect("the server closes every socket")
    }

    /// All go away at once, without a word.
    pub(crate) async fn leave(mut self) {
        self.readers.shutdown().await;
    }
}

struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Socket {
    async fn subscribe(subscription: &Subscription) -> Self {
        let host = subscription.url.trim_start_matches("http://");
        let stream = TcpStream::connect(host).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let mut socket = Self { stream, buffer: Vec::with_capacity(512) };
        let upgrade = format!(
            "GET /graphql HTTP/1.1\r\nhost: {host}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\
             sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
        );
        socket.stream.write_all(upgrade.as_bytes()).await.expect("the server takes it");
        socket.upgraded().await;
        let init = json!({"type": "connection_init", "payload": {"token": subscription.token}});
        let subscribe = json!({"type": "subscribe", "id": "1", "payload": {"query": subscription.query()}});
        socket.send(TEXT, init.to_string().as_bytes()).await;
        socket.told().await;
        socket.send(TEXT, subscribe.to_string().as_bytes()).await;
        if subscription.after.is_none() {
            socket.told().await;
        }
        socket
    }

    /// The acknowledgement, or the snapshot.
    async fn told(&mut self) {
        let (code, text) = self.frame().await;
        let text = String::from_utf8_lossy(&text);
        assert!(code == TEXT && !text.contains(r#""errors""#), "a subscriber is told {code}: {text}");
    }

    async fn upgraded(&mut self) {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                assert!(self.buffer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&self.buffer));
                self.buffer.drain(..end + 4);
                return;
            }
            self.fill().await.expect("an answer to the upgrade");
        }
    }

    /// When each event was delivered, until the socket is closed.
    async fn read(mut self, delivered: Arc<AtomicUsize>) -> Vec<Instant> {
        let mut times = Vec::new();
        loop {
            let (code, message) = self.frame().await;
            match code {
                TEXT if contains(&message, br#""recordedAt":""#) => {
                    times.push(Instant::now());
                    delivered.fetch_add(1, Ordering::AcqRel);
                }
                TEXT if contains(&message, br#""type":"ping""#) => self.send(TEXT, br#"{"type":"pong"}"#).await,
                PING => self.send(PONG, &message).await,
                CLOSE => return times,
                _ => {}
            }
        }
    }

    /// The next frame: its code and what it holds. The end of the stream counts as one that closes.
    async fn frame(&mut self) -> (u8, Vec<u8>) {
        loop {
            if let Some((begin, end)) = whole_frame(&self.buffer) {
                let (code, payload) = (self.buffer[0] & 15, self.buffer[begin..end].to_vec());
                self.buffer.drain(..end);
                return (code, payload);
            }
            if self.fill().await.is_none() {
                return (CLOSE, Vec::new());
            }
        }
    }

    async fn fill(&mut self) -> Option<()> {
        let read = self.stream.read_buf(&mut self.buffer).await.unwrap_or_default();
        (read > 0).then_some(())
    }

    /// Masked by zeros, as a client has to.
    async fn send(&mut self, code: u8, payload: &[u8]) {
        let length = u16::try_from(payload.len()).expect("a short message");
        let [high, low] = length.to_be_bytes();
        let mut frame = vec![0x80 | code];
        if length < 126 {
            frame.push(0x80 | low)
        } else {
            frame.extend([0x80 | 126, high, low])
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        // Whoever is gone reads no answer.
        let _ = self.stream.write_all(&frame).await;
    }
}

/// Where the payload of the first frame begins and ends, once all of it is there.
fn whole_frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let (begin, length) = match (bytes.get(1)?, bytes) {
        (126, [_, _, high, low, ..]) => (4, usize::from(u16::from_be_bytes([*high, *low]))),
        (126.., _) => return None,
        (length, _) => (2, usize::from(*length)),
    };
    (bytes.len() >= begin + length).then_some((begin, begin + length))
}

fn contains(message: &[u8], part: &[u8]) -> bool {
    message.windows(part.len()).any(|bytes| bytes == part)
}
