//! A load generator that costs little beside what it measures: connections that are kept, raw HTTP/1.1.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::figures::{Pace, at_once};

/// Where to post, and as whom.
pub(crate) struct Target {
    host: String,
    head: String,
}

impl Target {
    /// `url` is such as `http://127.0.0.1:8080`; without a token nobody is told who asks.
    pub(crate) fn new(url: &str, path: &str, token: Option<&str>) -> Self {
        let host = url.trim_start_matches("http://").to_owned();
        let bearer = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let head = format!("POST {path} HTTP/1.1\r\nhost: {host}\r\n{bearer}content-type: application/json\r\n");
        Self { host, head }
    }

    fn request(&self, body: &str) -> Vec<u8> {
        format!("{}content-length: {}\r\n\r\n{body}", self.head, body.len()).into_bytes()
    }

    pub(crate) async fn connect(&self) -> Connection {
        let stream = TcpStream::connect(&self.host).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Connection { stream, buffer: Vec::new() }
    }
}

/// The pace of so many connections that post so many bodies each, one after the other, and find every answer good.
pub(crate) async fn load(
    target: &Target,
    [connections, each]: [usize; 2],
    body: impl Fn(usize, usize) -> String,
    is_good: fn(&[u8]) -> bool,
) -> Pace {
    let mut ready = Vec::with_capacity(connections);
    for number in 0..connections {
        let requests: Vec<Vec<u8>> = (0..each).map(|turn| target.request(&body(number, turn))).collect();
        ready.push((target.connect().await, requests));
    }
    at_once(ready, |(mut connection, requests)| async move {
        let mut took: Vec<Duration> = Vec::with_capacity(requests.len());
        for request in requests {
            let began = Instant::now();
            let answer = connection.ask(&request).await;
            took.push(began.elapsed());
            assert!(is_good(answer), "{}", String::from_utf8_lossy(answer));
        }
        took
    })
    .await
}

/// One that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn post(&mut self, target: &Target, body: &str) -> &[u8] {
        self.ask(&target.request(body)).await
    }

    /// The body of the answer, which must be a good one.
    async fn ask(&mut self, request: &[u8]) -> &[u8] {
        self.stream.write_all(request).await.expect("the server takes it");
        self.buffer.clear();
        let (mut begin, mut whole) = (0, usize::MAX);
        while self.buffer.len() < whole {
            let read = self.stream.read_buf(&mut self.buffer).await.expect("an answer");
            assert!(read > 0, "the connection ends: {}", String::from_utf8_lossy(&self.buffer));
            if begin == 0
                && let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n")
            {
                begin = end + 4;
                whole = begin + length(&self.buffer[..end]);
                self.buffer.reserve(whole.saturating_sub(self.buffer.len()));
            }
        }
        assert!(self.buffer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&self.buffer));
        &self.buffer[begin..]
    }
}

fn length(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).expect("a head in ASCII").to_ascii_lowercase();
    let (_, rest) = head.split_once("content-length:").expect("answers say how long they are");
    rest.lines().next().and_then(|length| length.trim().parse().ok()).expect("a length")
}
