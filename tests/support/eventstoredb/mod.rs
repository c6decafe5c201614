//! A stand-in for an EventStoreDB server: what Kilter uses of its gRPC protocol, over a log in memory, in this process.
//!
//! It does as the server does where Kilter leans on it: revisions, expected revisions, an append that comes again, positions
//! that are not gapless and can't be made up, records of the server's own in between, of `$$` streams the newest event only.
//! What it can't show is what only a real server can: see `docs/operations/eventstoredb.md`.

mod log;
mod serve;
mod tls;
mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use self::log::Log;
use self::serve::Service;
pub use self::tls::Certificate;

/// When the answer to an append gets lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Before anything was appended.
    Before,
    /// After everything was appended.
    After,
}

/// What goes wrong on purpose.
#[derive(Debug, Clone, Default)]
pub struct Troubles {
    /// How long every answer takes.
    pub pause: Duration,
    /// How many appends get no answer, to streams whose name contains this text; of metadata only where it begins with `$$`.
    pub losses: Option<(Loss, String, usize)>,
    /// Whether it follows, and the port of the leader if it knows one.
    pub follows: Option<Option<u16>>,
    /// Whether connections are closed as soon as they are made.
    pub hangs_up: bool,
    /// User and password without which nobody is let in.
    pub password: Option<(String, String)>,
    /// Whether it says nothing of its version, as old ones.
    pub is_old: bool,
}

/// What is asked of one server.
#[derive(Default)]
struct Shared {
    port: u16,
    log: Mutex<Log>,
    troubles: Mutex<Troubles>,
    asked: Mutex<Vec<String>>,
    connections: AtomicUsize,
    cut: Notify,
}

/// A server in this process, on a port of its own.
pub struct StandIn {
    shared: Arc<Shared>,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    /// What clients are told to trust, where it does not matter: to read what the system trusts takes them 50 ms in a debug build.
    trusted: Certificate,
    running: Option<JoinHandle<()>>,
}

impl StandIn {
    /// An empty one.
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// An empty one that is spoken to over TLS only.
    pub async fn start_with_tls(certificate: &Certificate) -> Self {
        Self::start_with(Some(certificate.acceptor())).await
    }

    async fn start_with(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let shared = Arc::new(Shared { port: address.port(), ..Shared::default() });
        let mut server = Self { shared, address, tls, trusted: Certificate::of("127.0.0.1"), running: None };
        server.run(listener);
        server
    }

    /// Where it is.
    pub fn url(&self) -> String {
        let tls = match self.tls {
            Some(_) => "tls=true".to_owned(),
            None => format!("tls=false&tlsCAFile={}", self.trusted.folder().join("certificate.pem").display()),
        };
        format!("esdb://{}?{tls}&discoveryInterval=5&gossipTimeout=1000", self.address)
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Changes what goes wrong.
    pub fn trouble(&self, change: impl FnOnce(&mut Troubles)) {
        change(&mut lock(&self.shared.troubles));
    }

    /// The names of the methods that were called until now.
    pub fn asked(&self) -> Vec<String> {
        lock(&self.shared.asked).clone()
    }

    /// How many connections were made until now.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Ends all connections. What they asked for may be done nevertheless.
    pub fn cut_connections(&self) {
        self.shared.cut.notify_waiters();
    }

    /// What lies in a stream for good: metadata and data of its events, those too that the server gives out no more, but for
    /// what a scavenge would drop.
    pub fn scavenged(&self, stream: &str) -> Vec<Vec<u8>> {
        lock(&self.shared.log).scavenged(stream)
    }

    /// Removes a stream for good, as only people do.
    pub fn tombstone(&self, stream: &str) {
        lock(&self.shared.log).delete(stream, true);
    }

    /// Ends it, connections and all. The log stays.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            drop(running.await);
        }
    }

    /// Starts it again on the same port.
    ///
    /// # Panics
    /// Where the port was taken meanwhile.
    pub async fn start_again(&mut self) {
        self.stop().await;
        let listener = TcpListener::bind(self.address).await.expect("the port is still free");
        self.run(listener);
    }

    fn run(&mut self, listener: TcpListener) {
        let (shared, tls) = (Arc::clone(&self.shared), self.tls.clone());
        self.running = Some(tokio::spawn(async move {
            // Dropped with this task, and with it all connections.
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::Relaxed);
                if lock(&shared.troubles).hangs_up {
                    continue;
                }
                let (shared, tls) = (Arc::clone(&shared), tls.clone());
                connections.spawn(async move {
                    tokio::select! {
                        () = shared.cut.notified() => {}
                        () = connection(Arc::clone(&shared), socket, tls) => {}
                    }
                });
            }
        }));
    }
}

async fn connection(shared: Arc<Shared>, socket: TcpStream, tls: Option<TlsAcceptor>) {
    // Small answers at once, as servers send them.
    drop(socket.set_nodelay(true));
    let Ok(handle) = SockRef::from(&socket).try_clone() else { return };
    let service = Service { shared, socket: Arc::new(handle) };
    match tls {
        None => serve(socket, service).await,
        Some(tls) => {
            if let Ok(socket) = tls.accept(socket).await {
                serve(socket, service).await;
            }
        }
    }
}

async fn serve(socket: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, service: Service) {
    let service = hyper::service::service_fn(move |request| service.clone().answer(request));
    let connection =
        hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service);
    drop(connection.await);
}

impl Drop for StandIn {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
