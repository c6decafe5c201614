//! A served HTTP edge in this process, and clients for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use api::auth::{Authenticator, TokenKeys};
use api::http::engine::Engine;
use api::http::health::Readiness;
use api::http::settings::HttpSettings;
use api::http::web::WebApp;
use api::http::{self, HttpParts, HttpState};
use domain::kernel::{ActorId, Caller, Role, TenantId};
use domain::ports::{Clock, Future, IdSource, Position};
use futures_util::{SinkExt, StreamExt};
use infra::clock::SystemClock;
use infra::ids::RandomIds;
use infra::telemetry::Metrics;
use infra::vault::{Registry, SqliteVault};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::toy::{self, ToyLog};

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);
const KEY: [u8; 32] = [42; 32];

/// A served edge. Dropping it stops it.
pub struct Edge {
    /// Where it listens.
    pub address: SocketAddr,
    /// What the toy schema tells of; empty for another schema.
    pub log: ToyLog,
    /// Its state.
    pub state: HttpState,
    stop: CancellationToken,
    served: JoinHandle<()>,
}

struct Always;

impl Readiness for Always {
    fn check(&self) -> Future<'_, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}

impl Edge {
    /// Over the toy schema with default limits.
    pub async fn start() -> Self {
        Self::with(HttpSettings::default()).await
    }

    /// Over the toy schema with these limits.
    pub async fn with(settings: HttpSettings) -> Self {
        Self::serving(settings, WebApp::default()).await
    }

    /// The same with a web app.
    pub async fn serving(settings: HttpSettings, web: WebApp) -> Self {
        let log = ToyLog::default();
        let engine: Arc<dyn Engine> = Arc::new(toy::schema(log.clone()));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let vault = Arc::new(SqliteVault::in_memory().expect("a vault"));
        vault.register_tenant(tenant(), "acme", clock.now()).await.expect("a tenant");
        let keys = TokenKeys::new("1", &KEY).expect("a key");
        let head = log.clone();
        let state = HttpState::new(HttpParts {
            engine,
            authenticator: Authenticator::new(keys, Arc::clone(&clock), vault),
            identity: None,
            calendars: None,
            beside: None,
            windows: None,
            ids: Arc::new(RandomIds::new(clock)),
            readiness: Arc::new(Always),
            metrics: Metrics::new(),
            position: Box::new(move || -> Position { head.head() }),
            web,
            settings,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let stop = CancellationToken::new();
        let served = tokio::spawn(http::serve(listener, state.clone(), stop.clone().cancelled_owned()));
        Self { address, log, state, stop, served }
    }

    /// The address of the API.
    pub fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    /// A `POST` with a good token.
    pub fn post(&self) -> reqwest::RequestBuilder {
        reqwest::Client::new().post(self.url()).bearer_auth(token()).timeout(PATIENCE)
    }

    /// Sends a query with a good token; the status and the JSON of the answer.
    ///
    /// # Panics
    /// When there is no JSON answer.
    pub async fn ask(&self, query: &str) -> (u16, Value) {
        let answer = self.post().json(&json!({ "query": query })).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("a JSON answer"))
    }

    /// Begins to stop it.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits for it to have stopped.
    ///
    /// # Panics
    /// When it doesn't.
    pub async fn stopped(mut self) {
        let served = tokio::time::timeout(PATIENCE, &mut self.served).await.expect("it stops");
        served.expect("no panic");
    }

    /// A socket whose handshake is done, by the right subprotocol.
    pub async fn socket(&self) -> Socket {
        Socket::connect(self.address, Some("graphql-transport-ws"), &[]).await.expect("a socket")
    }

    /// A socket that may subscribe.
    pub async fn initialised(&self) -> Socket {
        let mut socket = self.socket().await;
        socket.init(&token()).await;
        socket
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The tenant of the tokens.
pub fn tenant() -> TenantId {
    TenantId::from_name("acme")
}

/// A good token of a manager.
pub fn token() -> String {
    token_of(tenant(), Role::Manager, 3600)
}

/// A good token of this member, for so many seconds.
///
/// # Panics
/// Never with a sensible time.
pub fn token_of(tenant: TenantId, role: Role, seconds: u32) -> String {
    let caller = Caller::new(tenant, ActorId::from_key(tenant, "ann"), role);
    let session = RandomIds::new(Arc::new(SystemClock)).next();
    TokenKeys::new("1", &KEY).and_then(|keys| keys.mint(caller, session, SystemClock.now(), seconds)).expect("a token")
}

/// A token that was good once.
pub fn ended_token() -> String {
    let caller = Caller::new(tenant(), ActorId(Uuid::nil()), Role::Admin);
    let past = domain::kernel::Timestamp::from_micros(SystemClock.now().as_micros() - 60_000_000).expect("an instant");
    TokenKeys::new("1", &KEY).and_then(|keys| keys.mint(caller, Uuid::nil(), past, 1)).expect("a token")
}

/// A client of graphql-transport-ws, or of less.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// Makes the handshake with these headers.
    pub async fn connect(
        address: SocketAddr,
        subprotocol: Option<&str>,
        headers: &[(&'static str, String)],
    ) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{address}/graphql").into_client_request()?;
        let subprotocol = subprotocol.map(|name| ("sec-websocket-protocol", name.to_owned()));
        for (name, value) in headers.iter().cloned().chain(subprotocol) {
            request.headers_mut().insert(name, value.parse().expect("a header value"));
        }
        let (stream, _) = tokio_tungstenite::connect_async(request).await?;
        Ok(Self { stream })
    }

    /// Sends text as it is.
    pub async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.expect("the socket takes it");
    }

    /// Sends JSON.
    pub async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    /// Sends bytes.
    pub async fn send_binary(&mut self, bytes: &'static [u8]) {
        self.stream.send(Message::binary(bytes)).await.expect("the socket takes it");
    }

    /// Initialises with this token and waits for the acknowledgement.
    ///
    /// # Panics
    /// When it is not acknowledged.
    pub async fn init(&mut self, token: &str) {
        self.send(&json!({"type": "connection_init", "payload": {"Authorization": format!("Bearer {token}")}})).await;
        assert_eq!(self.next().await["type"], "connection_ack");
    }

    /// Begins an operation.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({"query": query, "variables": variables});
        self.send(&json!({"type": "subscribe", "id": id, "payload": payload})).await;
    }

    /// The next message of the protocol that is not a ping.
    ///
    /// # Panics
    /// When the socket closes instead, or nothing comes.
    pub async fn next(&mut self) -> Value {
        loop {
            match self.receive().await {
                Ok(message) if message["type"] == "ping" => {}
                Ok(message) => return message,
                Err(close) => panic!("closed with {close:?}"),
            }
        }
    }

    /// The next message, or the code and reason that the socket is closed with (0 when it just breaks).
    pub async fn receive(&mut self) -> Result<Value, (u16, String)> {
        loop {
            match tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("something comes") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("a JSON message")),
                Some(Ok(Message::Close(Some(frame)))) => return Err((frame.code.into(), frame.reason.to_string())),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Err((0, String::new())),
                Some(Ok(_)) => {}
            }
        }
    }

    /// The code that the socket is closed with, whatever else comes before.
    pub async fn close_code(&mut self) -> u16 {
        loop {
            if let Err((code, _)) = self.receive().await {
                return code;
            }
        }
    }
}
