//! Connections from their first byte to their last: how many there are, and how long a silent or stalled one is kept.

use std::convert::Infallible;
use std::future::Future as _;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::address::Peer;
use super::settings::ConnectionLimits;

/// How long nothing is accepted after the system had no room for one more.
const NO_ROOM: Duration = Duration::from_millis(500);

/// Serves connections until `stopping`; then waits for what is under way on each. Those that became sockets are others' to
/// wait for.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &ConnectionLimits,
    stopping: CancellationToken,
) {
    let tracker = TaskTracker::new();
    let room = Arc::new(Semaphore::new(limits.connections));
    while let Some(Some((stream, place))) = stopping.run_until_cancelled(accept(&listener, &room)).await {
        let (router, stopping) = (router.clone(), stopping.clone());
        // Who has gone already has no address any more, and asks for nothing.
        let Ok(peer) = stream.peer_addr() else { continue };
        let router = router.clone().layer(Extension(Peer(peer.ip())));
        tracker.spawn(attend(Connection::new(stream, place, limits.write_time), router, limits.head_time, stopping));
    }
    drop(listener);
    tracker.close();
    tracker.wait().await;
}

/// The next connection, once there is room for it: until then it waits with the system.
async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Messages are small and each is waited for. Where that can't be had, they come a little later.
                let _ = stream.set_nodelay(true);
                return Some((stream, place));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(event = "http.accept_failed", %error, "no connection can be accepted");
                tokio::time::sleep(NO_ROOM).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

/// Answers requests on one connection until it ends.
async fn attend(connection: Connection, router: Router, head_time: Duration, stopping: CancellationToken) {
    let writes = connection.writes.clone();
    let service = router.map_request(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(writes.clone());
        request
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_time);
    let service = TowerToHyperService::new(service.map_err(|never: Infallible| match never {}));
    let mut serving = pin!(http.serve_connection(TokioIo::new(connection), service).with_upgrades());
    // Errors say that the client has gone or was too slow: nobody is there to be told.
    if stopping.run_until_cancelled(serving.as_mut()).await.is_none() {
        serving.as_mut().graceful_shutdown();
        let _ = serving.await;
    }
}

/// Whether the writes of a connection are watched here. A socket watches its own, to say why it is closed.
#[derive(Debug, Clone, Default)]
pub(super) struct Writes(Arc<AtomicBool>);

impl Writes {
    /// From now on somebody else sees to it that writes end.
    pub(super) fn hand_over(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A connection with its place among all. It breaks when the network takes nothing of what is written for too long.
struct Connection {
    stream: TcpStream,
    writes: Writes,
    write_time: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    fn new(stream: TcpStream, place: OwnedSemaphorePermit, write_time: Duration) -> Self {
        Self { stream, writes: Writes::default(), write_time, stalled: None, _place: place }
    }

    /// What came of a write; an error when it has waited for too long.
    fn watch<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() || self.writes.0.load(Ordering::Relaxed) {
            self.stalled = None;
            return written;
        }
        let limit = self.write_time;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
