//! A PostgreSQL server that Kilter keeps data on: its address, connections to it, what it lacks, and the tables made on it.

mod migrate;
mod refusal;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

pub use self::refusal::PostgresRefusal;

/// The oldest server that Kilter is tested with.
pub const OLDEST_SERVER: u32 = 15;

/// How long one attempt to connect may take.
const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// Connections for reading, at most; more who read at once wait for one.
const READERS: usize = 8;

/// How long a reader waits for a connection.
const READER_WAIT: Duration = Duration::from_secs(5);

/// After how long without an answer a connection counts as dead, in the network's own time.
const SILENCE: Duration = Duration::from_secs(5);

/// A connection by itself, with what drives it.
pub(crate) type Dedicated = (Client, Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>);

/// One database of a server, in which Kilter has one schema.
pub struct Postgres {
    config: Config,
    schema: String,
    /// Address without user and password, for messages.
    name: String,
    tls: MakeRustlsConnect,
    pool: Pool,
}

impl Postgres {
    /// The database of this URL (`postgres://user:password@host:port/database`). Beyond this machine TLS is required unless the
    /// URL says `sslmode=disable` itself, and the certificate must be of an authority that the system trusts, or of one in
    /// the file that `SSL_CERT_FILE` names. `schema` is a plain SQL name.
    pub fn new(url: &str, schema: &str) -> Result<Self, PostgresRefusal> {
        let mut config: Config = url.parse().map_err(|error| PostgresRefusal::url(&error))?;
        let name = name(&config)?;
        if !url.contains("sslmode=") {
            config.ssl_mode(if is_near(&config) { SslMode::Disable } else { SslMode::Require });
        }
        let options = [config.get_options().unwrap_or_default(), &format!("-c search_path={schema}")].join(" ");
        config.options(options).connect_timeout(CONNECT_WAIT).tcp_user_timeout(SILENCE).keepalives_idle(SILENCE);
        if config.get_application_name().is_none() {
            config.application_name("kilter");
        }
        let tls = tls().map_err(|reason| PostgresRefusal::Tls { server: name.clone(), reason })?;
        let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config.clone(), tls.clone(), manager))
            .max_size(READERS)
            .wait_timeout(Some(READER_WAIT))
            .create_timeout(Some(CONNECT_WAIT))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| PostgresRefusal::url(&error))?;
        Ok(Self { config, schema: schema.to_owned(), name, tls, pool })
    }

    /// Its address, without user and password.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection that the caller drives itself.
    pub(crate) async fn dedicated(&self) -> Result<Dedicated, PostgresRefusal> {
        let connecting = self.config.connect(self.tls.clone());
        match tokio::time::timeout(CONNECT_WAIT, connecting).await {
            Ok(connected) => connected.map_err(|error| PostgresRefusal::of(&self.name, &error)),
            Err(_) => Err(PostgresRefusal::unreachable(&self.name, &"no answer")),
        }
    }

    /// A connection that is driven in the background until it is dropped.
    pub(crate) async fn connect(&self) -> Result<Client, PostgresRefusal> {
        let (client, connection) = self.dedicated().await?;
        // How it ends is told to whoever asks something of the client.
        tokio::spawn(async { drop(connection.await) });
        Ok(client)
    }

    /// A connection for reading, from the pool.
    pub(crate) async fn lend(&self) -> Result<Object, String> {
        self.pool.get().await.map_err(|error| self.says(&error))
    }

    /// What went wrong, with its address.
    pub(crate) fn says(&self, error: &dyn std::error::Error) -> String {
        format!("{}: {}", self.name, whole(error))
    }
}

/// An error with its causes: those of this driver tell nothing by themselves.
pub(crate) fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn name(config: &Config) -> Result<String, PostgresRefusal> {
    let missing = |what: &str| PostgresRefusal::Url { reason: format!("it names no {what}") };
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        Some(Host::Unix(path)) => path.display().to_string(),
        None => return Err(missing("host")),
    };
    let port = config.get_ports().first().map_or(5432, |port| *port);
    let database = config.get_dbname().ok_or_else(|| missing("database"))?;
    config.get_user().ok_or_else(|| missing("user"))?;
    Ok(format!("postgres://{host}:{port}/{database}"))
}

/// Whether all its hosts are this machine.
fn is_near(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(host) => host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
        Host::Unix(_) => true,
    })
}

fn tls() -> Result<MakeRustlsConnect, String> {
    let mut roots = RootCertStore::empty();
    // Some systems have a few that nobody can read; the others do.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
