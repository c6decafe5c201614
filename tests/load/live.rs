//! How old an event is when it arrives on an open socket: a hundred subscribers on one server while a log is imported.
//!
//! Each message carries when its event was recorded; the clock of the reader is the same machine's.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use domain::kernel::Timestamp;
use domain::ports::Clock;
use futures_util::{SinkExt, StreamExt};
use infra::clock::SystemClock;
use serde_json::json;
use tests::golden::workspace_root;
use tests::process::{Server, kilter, token};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

const SUBSCRIBERS: usize = 100;
const P99_MS: f64 = 50.0;
/// When nothing has come for so long after the import, everything has come.
const QUIET: Duration = Duration::from_secs(2);
const QUERY: &str = "subscription { activityAppended { cursor recordedAt } }";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) fn run() {
    let log = workspace_root().join("../shared/data/machine-shop-log.csv");
    if !log.exists() {
        println!("skipped: {} is not there", log.display());
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let token = token(folder.path(), "bench");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let (took, ages) = runtime.block_on(measure(&server.url, &token, &log));
    let deliveries = ages.len() as u64;
    println!(
        "{SUBSCRIBERS} subscribers, {} events each while importing for {:.2} s: {:.0} deliveries/s",
        deliveries / SUBSCRIBERS as u64,
        took.as_secs_f64(),
        per_second(deliveries, took),
    );
    let at = |hundredth: usize| ms(ages.get((ages.len() * hundredth / 100).min(ages.len().saturating_sub(1))));
    let p99 = at(99);
    println!("append → delivered: p50 {:.1} ms, p99 {p99:.1} ms, max {:.1} ms", at(50), at(100));
    println!("target p99 ≤ {P99_MS} ms: {}", if p99 <= P99_MS { "met" } else { "MISSED" });
    println!("peak memory of the server: {:.0} MiB", server.peak_memory_mib().unwrap_or_default());
    server.stop();
}

/// How long the import took, and the age of each delivered event in microseconds, the youngest first.
async fn measure(address: &str, token: &str, log: &Path) -> (Duration, Vec<u32>) {
    let mut readers = JoinSet::new();
    for _ in 0..SUBSCRIBERS {
        let socket = subscribe(address, token).await;
        readers.spawn(read(socket));
    }
    let began = Instant::now();
    let mut import = Command::new(kilter())
        .args([
            "import",
            "eventlog",
            "--tenant",
            "bench",
            "--zone",
            "Asia/Jerusalem",
            "--server",
            address,
            "--token",
            token,
        ])
        .arg(log)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the import starts");
    let imported = tokio::task::spawn_blocking(move || import.wait()).await.expect("no panic").expect("it ends");
    let took = began.elapsed();
    assert!(imported.success(), "the import fails: {imported}");
    let mut all = readers.join_all().await.concat();
    all.sort_unstable();
    (took, all)
}

/// A socket that has been told where it begins.
async fn subscribe(address: &str, token: &str) -> Socket {
    let url = format!("{}/graphql", address.replacen("http", "ws", 1));
    let mut request = url.into_client_request().expect("a request");
    request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().expect("a header"));
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("a socket");
    let init = json!({"type": "connection_init", "payload": {"token": token}});
    let subscribe = json!({"type": "subscribe", "id": "1", "payload": {"query": QUERY}});
    for message in [init, subscribe] {
        socket.send(Message::text(message.to_string())).await.expect("the socket takes it");
    }
    // The acknowledgement, then the snapshot.
    for _ in 0..2 {
        socket.next().await.expect("a message").expect("no fault");
    }
    socket
}

/// The ages of all that comes until nothing more does.
async fn read(mut socket: Socket) -> Vec<u32> {
    let mut ages = Vec::new();
    let mut last = Instant::now();
    loop {
        let wait = if ages.is_empty() { Duration::from_mins(1) } else { QUIET };
        let Ok(received) = tokio::time::timeout(wait, socket.next()).await else { return ages };
        let message = received.expect("the socket stays open").expect("no fault");
        let now = SystemClock.now();
        let text = message.to_text().unwrap_or_default();
        if let Some(recorded) = recorded_at(text) {
            let age = now.as_micros() - recorded.as_micros();
            ages.push(u32::try_from(age.max(0)).unwrap_or(u32::MAX));
            last = Instant::now();
        } else if text.contains(r#""type":"ping""#) {
            socket.send(Message::text(r#"{"type":"pong"}"#)).await.expect("the socket takes it");
            if !ages.is_empty() && last.elapsed() > QUIET {
                return ages;
            }
        }
    }
}

fn recorded_at(text: &str) -> Option<Timestamp> {
    let (_, rest) = text.split_once(r#""recordedAt":""#)?;
    Timestamp::parse(rest.split('"').next()?).ok()
}

fn ms(micros: Option<&u32>) -> f64 {
    micros.map_or(f64::NAN, |micros| f64::from(*micros) / 1000.0)
}

fn per_second(count: u64, took: Duration) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from) / took.as_secs_f64()
}
