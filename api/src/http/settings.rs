//! The limits of the edge, with defaults that suit a shop of a few hundred people.

use std::time::Duration;

use domain::kernel::network::Network;
use infra::config::Config;

use super::limits::RateLimits;

/// Connections that do not become sockets.
const BESIDE_SOCKETS: usize = 2_000;

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct HttpSettings {
    /// Browser origins other than our own that may use the API, such as `https://board.example.com`.
    pub allowed_origins: Vec<String>,
    /// Whether clients reach us over TLS (then answers carry HSTS).
    pub tls: bool,
    /// Of connections.
    pub connections: ConnectionLimits,
    /// Of requests.
    pub requests: RequestLimits,
    /// Of documents.
    pub documents: DocumentLimits,
    /// Of sockets.
    pub sockets: SocketLimits,
    /// Of shared subscriptions.
    pub live: LiveLimits,
    /// Of callers.
    pub rates: RateLimits,
    /// Proxies whose word on where a request comes from is believed.
    pub trusted_proxies: Vec<Network>,
}

impl From<&Config> for HttpSettings {
    fn from(config: &Config) -> Self {
        let mut settings =
            Self { allowed_origins: config.allowed_origins.clone(), tls: config.behind_tls_proxy, ..Self::default() };
        settings.trusted_proxies.clone_from(&config.trusted_proxies);
        settings.rates =
            RateLimits { fields_per_minute: config.fields_per_minute, entries_per_minute: config.entries_per_minute };
        settings.requests.body_bytes = config.max_body_bytes;
        settings.requests.operation_time = config.request_timeout;
        settings.connections.connections = config.max_sockets.saturating_add(BESIDE_SOCKETS);
        settings.sockets.sockets = config.max_sockets;
        settings.sockets.operations = config.max_socket_subscriptions;
        settings.sockets.init_time = config.socket_init_timeout;
        settings.sockets.heartbeat = config.socket_heartbeat;
        settings
    }
}

/// Limits of connections.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Connections open at once, sockets included. More wait until one ends.
    pub connections: usize,
    /// Time for the head of a request to arrive, from the connection's beginning or the last answer: so long may a
    /// connection be silent too.
    pub head_time: Duration,
    /// Time for the network to take some of an answer.
    pub write_time: Duration,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: SocketLimits::default().sockets + BESIDE_SOCKETS,
            head_time: Duration::from_secs(30),
            write_time: SocketLimits::default().write_time,
        }
    }
}

/// Limits of one HTTP request.
#[derive(Debug, Clone)]
pub struct RequestLimits {
    /// Bytes of a body.
    pub body_bytes: usize,
    /// Time for the body to arrive.
    pub body_time: Duration,
    /// Time for an operation to be executed.
    pub operation_time: Duration,
    /// Time for open connections to end when the server stops.
    pub drain_time: Duration,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            body_time: Duration::from_secs(10),
            operation_time: Duration::from_secs(20),
            drain_time: Duration::from_secs(4),
        }
    }
}

/// Limits of a GraphQL document. Each is checked in one linear pass, before the engine sees the document.
#[derive(Debug, Clone)]
pub struct DocumentLimits {
    /// Bytes of the text.
    pub bytes: usize,
    /// Tokens of the text.
    pub tokens: usize,
    /// Brackets inside brackets.
    pub nesting: usize,
    /// Fields inside fields, fragments counted where they are spread.
    pub depth: u64,
    /// Aliases, each counted once.
    pub aliases: u64,
    /// Directives, each counted once.
    pub directives: u64,
    /// Fields of an operation's root.
    pub root_fields: u64,
    /// Fields of an operation with every fragment expanded.
    pub fields: u64,
    /// Fields that the answer may hold, pages counted at the size asked for.
    pub answer_fields: u64,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self {
            bytes: 32 << 10,
            tokens: 2_000,
            nesting: 40,
            depth: 16,
            aliases: 30,
            directives: 30,
            root_fields: 20,
            fields: 800,
            answer_fields: 20_000,
        }
    }
}

/// Limits of sockets.
#[derive(Debug, Clone)]
pub struct SocketLimits {
    /// Sockets open at once.
    pub sockets: usize,
    /// Bytes of a message from the client.
    pub message_bytes: usize,
    /// Messages from the client per second, on average.
    pub messages_per_second: u32,
    /// Operations that run at once on one socket.
    pub operations: usize,
    /// Time from the upgrade to `connection_init`.
    pub init_time: Duration,
    /// Time between pings. A client that is silent for two of them is gone.
    pub heartbeat: Duration,
    /// Time for one write to be taken by the network.
    pub write_time: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            sockets: 10_000,
            message_bytes: 64 << 10,
            messages_per_second: 50,
            operations: 64,
            init_time: Duration::from_secs(5),
            heartbeat: Duration::from_secs(15),
            write_time: Duration::from_secs(10),
        }
    }
}

/// Limits of a shared subscription.
#[derive(Debug, Clone)]
pub struct LiveLimits {
    /// Messages kept for readers that are a little behind.
    pub ring_messages: usize,
    /// Bytes of them.
    pub ring_bytes: usize,
    /// How long a reader may stay behind what is kept before it is told to resume later.
    pub behind_time: Duration,
}

impl Default for LiveLimits {
    fn default() -> Self {
        Self { ring_messages: 4096, ring_bytes: 1 << 20, behind_time: Duration::from_secs(30) }
    }
}
