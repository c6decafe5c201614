//! A PostgreSQL server that Kilter keeps data on: its address, connections to it, what it lacks, and the tables made on it.

mod lent;
mod listening;
mod migrate;
mod refusal;
mod stranger;
mod tls;

use std::time::Duration;

use deadpool_postgres::{
    BuildError, ClientWrapper, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime,
};
use domain::kernel::Timestamp;
use tokio_postgres::config::{Host, TargetSessionAttrs};
use tokio_postgres::error::DbError;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use self::lent::PATIENCE;
pub(crate) use self::lent::{Failure, Lent, Parameters, Question, insist, is_damage, is_of_connection};
pub(crate) use self::listening::Listening;
pub(crate) use self::migrate::{fenced, may_see};
pub use self::refusal::PostgresRefusal;

/// The oldest server that Kilter is tested with.
pub const OLDEST_SERVER: u32 = 15;

const NOW: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

/// How long one attempt to connect may take.
const CONNECT_WAIT: Duration = Duration::from_secs(5);

/// Connections for reading, at most, and as many for changes where there are any; more who come at once wait for one.
const POOLED: usize = 8;

/// Of connections that can only read.
const READING: &str = "-c default_transaction_read_only=on";

/// Of connections for changes, whatever the server's own defaults are. A node that is stopped in the middle must not stop the
/// others.
const CHANGING: &str = "-c default_transaction_isolation=read\\ committed -c synchronous_commit=on -c lock_timeout=5s \
                        -c idle_in_transaction_session_timeout=2s";

/// How long one waits for a connection of a pool.
const POOL_WAIT: Duration = Duration::from_secs(5);

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
    readers: Pool,
    writers: Pool,
}

impl Postgres {
    /// The database of this URL (`postgres://user:password@host:port/database`). Beyond this machine TLS is required unless the
    /// URL says `sslmode=disable`, and the certificate must be for the host that it names, and of an authority that the system
    /// trusts, or of one in the file that `SSL_CERT_FILE` or `sslrootcert` names. `schema` is a plain name: small letters, digits, underscores.
    pub fn new(url: &str, schema: &str) -> Result<Self, PostgresRefusal> {
        if url.matches('@').count() > 1 {
            // The rest of a password would be taken for the host, and shown in messages.
            return Err(PostgresRefusal::Url { reason: "an @ in user or password is to be written as %40".to_owned() });
        }
        let (url, trusted) = tls::split(url).map_err(|reason| PostgresRefusal::Url { reason })?;
        let mut config: Config = url.parse().map_err(|error| PostgresRefusal::url(&error))?;
        let name = name(&config)?;
        if !is_plain(schema) {
            return Err(PostgresRefusal::Url { reason: format!("{schema:?} is no plain name of a schema") });
        }
        if config.get_hosts().len() > 1 {
            let reason = "it names several hosts: name the one that leads to the primary, whichever that is".to_owned();
            return Err(PostgresRefusal::Url { reason });
        }
        // Each connection is asked whether it leads to the primary, in a way that readers pass as well.
        config.target_session_attrs(TargetSessionAttrs::Any);
        config.ssl_mode(tls::mode(&config));
        // What is made "if it is not there" is no news.
        let own = format!("-c search_path={schema} -c client_min_messages=warning");
        let options = [config.get_options().unwrap_or_default(), &own].join(" ");
        config.options(&options).connect_timeout(CONNECT_WAIT).tcp_user_timeout(SILENCE).keepalives_idle(SILENCE);
        if config.get_application_name().is_none() {
            config.application_name(format!("kilter {schema}"));
        }
        let tls = tls::connector(config.get_ssl_mode(), trusted.as_deref());
        let tls = tls.map_err(|reason| PostgresRefusal::Tls { server: name.clone(), reason })?;
        let pool = |settings: &str| {
            let pool = pool(&config, &format!("{options} {settings}"), tls.clone());
            pool.map_err(|error| PostgresRefusal::url(&error))
        };
        let (readers, writers) = (pool(READING)?, pool(CHANGING)?);
        Ok(Self { config, schema: schema.to_owned(), name, tls, readers, writers })
    }

    /// Its schema.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Its address, without user and password.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What time it is there.
    pub async fn now(&self) -> Result<Timestamp, PostgresRefusal> {
        let asked = self.connect().await?.query_one(NOW, &[]).await;
        let micros = asked.map_err(|error| PostgresRefusal::of(&self.name, &error))?.get(0);
        Ok(Timestamp::from_micros(micros).unwrap_or_default())
    }

    /// A connection that the caller drives itself.
    pub(crate) async fn dedicated(&self) -> Result<Dedicated, PostgresRefusal> {
        let connecting = self.config.connect(self.tls.clone());
        let refusal = match tokio::time::timeout(CONNECT_WAIT, connecting).await {
            Ok(Ok(connected)) => return Ok(connected),
            Ok(Err(error)) if error.code().is_some() => return Err(PostgresRefusal::of(&self.name, &error)),
            Ok(Err(error)) => PostgresRefusal::of(&self.name, &error),
            Err(_) => PostgresRefusal::unreachable(&self.name, &"no answer"),
        };
        Err(stranger::refusal(&self.name, &self.config).await.unwrap_or(refusal))
    }

    /// A connection that is driven in the background until it is dropped.
    pub(crate) async fn connect(&self) -> Result<Client, PostgresRefusal> {
        let (client, connection) = self.dedicated().await?;
        // How it ends is told to whoever asks something of the client.
        tokio::spawn(async { drop(connection.await) });
        Ok(client)
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
        text = match error.downcast_ref::<DbError>() {
            // Without its details, which take lines of their own and may hold what stands in a row.
            Some(told) => format!("{text}: {}: {}", told.severity(), told.message()),
            None => format!("{text}: {error}"),
        };
        cause = error.source();
    }
    text.replace(['\n', '\r'], " ")
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

fn pool(config: &Config, settings: &str, tls: MakeRustlsConnect) -> Result<Pool, BuildError> {
    let mut config = config.clone();
    config.options(format!("{settings} -c statement_timeout={}", PATIENCE.as_millis()));
    let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    Pool::builder(Manager::from_config(config, tls, manager))
        .max_size(POOLED)
        .wait_timeout(Some(POOL_WAIT))
        .create_timeout(Some(CONNECT_WAIT))
        .runtime(Runtime::Tokio1)
        .post_create(Hook::async_fn(|client, _| Box::pin(leads_to_the_primary(client))))
        .build()
}

/// A name may come to lead to a replica, which is behind: what was erased would still be there.
async fn leads_to_the_primary(client: &ClientWrapper) -> Result<(), HookError> {
    let row = client.query_one("SELECT pg_is_in_recovery()", &[]).await.map_err(HookError::Backend)?;
    if row.get(0) { Err(HookError::message("it is a replica or in recovery; the primary is needed")) } else { Ok(()) }
}

fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    name.starts_with(plain) && name.len() <= 48 && name.chars().all(|c| plain(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_server_without_user_and_password() {
        let server = Postgres::new("postgres://ann:secret@db.example.com/plant", "kilter").unwrap();
        assert_eq!(server.name(), "postgres://db.example.com:5432/plant");
        for bad in ["postgres://ann:secret@tree@db.example.com/plant", "postgres://ann:secret@db:port/plant", "secret"]
        {
            let refusal = Postgres::new(bad, "kilter").err().unwrap().to_string();
            assert!(!refusal.contains("secret") && !refusal.contains("tree"), "{refusal}");
        }
    }

    #[test]
    fn an_address_names_one_host() {
        let refused = Postgres::new("postgres://k@one.example.com,two.example.com/k", "kilter").err().unwrap();
        assert!(refused.to_string().contains("several hosts"), "{refused}");
        assert!(Postgres::new("postgres://k@localhost/k?target_session_attrs=read-write", "kilter").is_ok());
    }

    #[test]
    fn a_schema_has_a_plain_name() {
        for name in ["", "Kilter", "kilter-2", "1st", "a b", &"x".repeat(49)] {
            assert!(Postgres::new("postgres://k@localhost/k", name).is_err(), "{name}");
        }
    }
}
