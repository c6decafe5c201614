//! A stand-in for an EventStoreDB server: what Kilter uses of its gRPC protocol, over a log in memory, in this process.
//!
//! It does as the server does where Kilter leans on it: revisions, expected revisions, an append that comes again, positions
//! that are not gapless and can't be made up, records of the server's own in between, of `$$` streams the newest event only.
//! What it can't show is what only a real server can: see `docs/operations/eventstoredb.md`.

mod log;
mod serve;
mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo};
use socket2::SockRef;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use self::log::Log;
use self::serve::Service;

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
    /// The port of the leader, where this one follows.
    pub leader: Option<u16>,
    /// User and password without which nobody is let in.
    pub password: Option<(String, String)>,
    /// Whether it says nothing of its version, as old ones.
    pub is_old: bool,
}

/// What is asked of one server.
struct Shared {
    port: u16,
    log: Mutex<Log>,
    troubles: Mutex<Troubles>,
    asked: Mutex<Vec<String>>,
}

/// A server in this process, on a port of its own.
pub struct StandIn {
    shared: Arc<Shared>,
    address: SocketAddr,
    running: Option<JoinHandle<()>>,
}

impl StandIn {
    /// An empty one.
    ///
    /// # Panics
    /// Where this machine has no port for it.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let shared =
            Shared { port: address.port(), log: Mutex::default(), troubles: Mutex::default(), asked: Mutex::default() };
        let mut server = Self { shared: Arc::new(shared), address, running: None };
        server.run(listener);
        server
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("esdb://{}?tls=false&discoveryInterval=5&gossipTimeout=1000", self.address)
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
        let shared = Arc::clone(&self.shared);
        self.running = Some(tokio::spawn(async move {
            // Dropped with this task, and with it all connections.
            let mut connections = JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                // Small answers at once, as servers send them.
                drop(socket.set_nodelay(true));
                let Ok(handle) = SockRef::from(&socket).try_clone() else { continue };
                let service = Service { shared: Arc::clone(&shared), socket: Arc::new(handle) };
                connections.spawn(async move {
                    let service = hyper::service::service_fn(move |request| service.clone().answer(request));
                    let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(socket), service);
                    drop(connection.await);
                });
            }
        }));
    }
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
