//! The one door to the server, and the guard against what its client (crate `eventstore` 4.0.0) does wrong:
//!
//! - after a failed attempt to connect it answers `ConnectionClosed` for ever, and in a cluster it stays with a node that is
//!   gone: so it is replaced after every failure, more and more slowly;
//! - it sets up the TLS of the whole process and panics where somebody did so before: so that is looked at first (`tls`);
//! - deadlines are only told to the server, and one that hangs is waited for without end: so we count the time ourselves;
//! - subscriptions spin once the server ended them, `batch_append` closes the session of other streams on a conflict, and
//!   `set_stream_metadata` writes milliseconds where the server reads seconds: none of them is used (`clippy.toml`).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use eventstore::{Client, ClientSettings, Error, ReadAllOptions, StreamPosition};
use tokio::time::timeout;

use super::names::Names;
use super::refusal::{EventStoreDbRefusal, OLDEST_SERVER, words};
use super::{diagnosis, tls};

/// How long one question may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How often one question is put to another node, while the cluster finds out who leads it.
const LEADERS: u32 = 5;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What the address may say otherwise: leaders know what was just written, and the client pauses before each connection.
const DEFAULTS: [&str; 3] = ["nodePreference=leader", "discoveryInterval=100", "connectionName=kilter"];

/// Why something was not done, or may not have been.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// The stream is not as expected; nothing was done.
    Conflict,
    /// Somebody removed the stream by hand; nothing was done.
    Deleted,
    /// More bytes than this server takes, which is so many; nothing was done.
    TooLarge(usize),
    /// Nothing was done.
    Refused(String),
    /// It may or may not have been done.
    Unknown(String),
}

impl Failure {
    /// What to say of it where it does not matter whether it was done.
    pub(super) fn reason(self) -> String {
        match self {
            Self::Conflict => "somebody else wrote at the same time".to_owned(),
            Self::Deleted => "a stream was removed by hand".to_owned(),
            Self::TooLarge(limit) => format!("the server takes no more than {limit} bytes at once"),
            Self::Refused(reason) | Self::Unknown(reason) => reason,
        }
    }
}

/// How attempts to connect go.
#[derive(Default)]
struct Pace {
    failures: u32,
    /// Not before then, and why.
    next: Option<(Instant, String)>,
}

/// A server or a cluster.
pub(super) struct Connection {
    settings: ClientSettings,
    /// Address without user and password, for messages.
    name: String,
    names: Names,
    client: ArcSwap<Client>,
    pace: Mutex<Pace>,
}

impl Connection {
    /// Connects, and sees whether the server is one that Kilter can use.
    pub(super) async fn open(url: &str, prefix: &str) -> Result<Self, EventStoreDbRefusal> {
        let (settings, name) = settings(url)?;
        let names = Names::new(prefix).ok_or_else(|| EventStoreDbRefusal::Prefix { prefix: prefix.to_owned() })?;
        tls::prepare(&settings, &name).await?;
        let client = connect(&settings)
            .map_err(|error| EventStoreDbRefusal::Tls { server: name.clone(), reason: error.to_string() })?;
        check_server(&client, &settings, &name).await?;
        Ok(Self { settings, name, names, client: ArcSwap::from_pointee(client), pace: Mutex::default() })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What streams are called on it.
    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    /// Asks. What can be repeated without harm is asked once more where the answer got lost.
    pub(super) async fn ask<T, F>(&self, repeatable: bool, question: impl Fn(Arc<Client>) -> F) -> Result<T, Failure>
    where
        F: Future<Output = eventstore::Result<T>>,
    {
        let (mut again, mut leaders) = (true, 0);
        loop {
            let client = self.client()?;
            let Ok(answer) = timeout(PATIENCE, question(Arc::clone(&client))).await else {
                return Err(Failure::Unknown(self.replace(&client, "no answer")));
            };
            let error = match answer {
                Ok(answer) => {
                    self.went_well();
                    return Ok(answer);
                }
                Err(error) => error,
            };
            match self.judge(&client, &error) {
                // The client has already turned to the one that was named.
                Failure::Refused(_) if matches!(error, Error::NotLeaderException(_)) && leaders < LEADERS => {
                    leaders += 1;
                    tokio::time::sleep(FIRST_PAUSE * leaders).await;
                }
                Failure::Refused(_) if again && was_never_sent(&error) => again = false,
                Failure::Unknown(_) if again && repeatable => again = false,
                failure => return Err(failure),
            }
        }
    }

    /// What an error means. Where it says that the connection is of no use any more, there is another one afterwards.
    fn judge(&self, client: &Arc<Client>, error: &Error) -> Failure {
        let says = || format!("{}: {}", self.name, words(error));
        match error {
            Error::WrongExpectedVersion { .. } => Failure::Conflict,
            Error::ResourceDeleted => Failure::Deleted,
            Error::Grpc { message, .. } if message.contains("Maximum Append ") => {
                Failure::TooLarge(last_number(message).unwrap_or_default())
            }
            Error::AccessDenied
            | Error::UnsupportedFeature
            | Error::ResourceNotFound
            | Error::NotLeaderException(_) => Failure::Refused(says()),
            error if was_never_sent(error) => Failure::Refused(self.replace(client, &words(error))),
            Error::ServerError(status) if was_not_handled(status) => Failure::Refused(says()),
            Error::ServerError(status) if is_of_the_connection(status) => {
                Failure::Unknown(self.replace(client, &words(error)))
            }
            _ => Failure::Unknown(says()),
        }
    }

    fn client(&self) -> Result<Arc<Client>, Failure> {
        let pace = self.pace();
        if let Some((next, reason)) = &pace.next
            && Instant::now() < *next
        {
            return Err(Failure::Refused(reason.clone()));
        }
        drop(pace);
        Ok(self.client.load_full())
    }

    /// Puts a new client in the place of this one, unless somebody already did. Returns what to say of it.
    fn replace(&self, broken: &Arc<Client>, reason: &str) -> String {
        let reason = format!("{}: {reason}", self.name);
        let mut pace = self.pace();
        if !Arc::ptr_eq(broken, &self.client.load()) {
            return reason;
        }
        match connect(&self.settings) {
            Ok(client) => self.client.store(Arc::new(client)),
            Err(error) => tracing::error!(server = self.name, %error, "event_store.no_client"),
        }
        // The first time something fails, another attempt is made at once.
        if pace.failures > 0 {
            let pause = (FIRST_PAUSE * 2_u32.saturating_pow(pace.failures)).min(LONGEST_PAUSE);
            pace.next = Some((Instant::now() + pause, reason.clone()));
        }
        pace.failures += 1;
        tracing::warn!(%reason, failures = pace.failures, "event_store.connection_lost");
        reason
    }

    fn went_well(&self) {
        let mut pace = self.pace();
        if pace.failures > 0 {
            *pace = Pace::default();
        }
    }

    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the server can't have heard of it.
fn was_never_sent(error: &Error) -> bool {
    matches!(error, Error::ConnectionClosed | Error::GrpcConnectionError(_) | Error::InitializationError(_))
}

/// Whether the node says that it is busy, not ready, or knows no leader: then it does nothing.
fn was_not_handled(status: &str) -> bool {
    status.contains("Server Is ") || status.contains("No leader info available")
}

/// The limit at the end of the refusal of an append that is too large.
fn last_number(message: &str) -> Option<usize> {
    message.split(|letter: char| !letter.is_ascii_digit()).filter_map(|number| number.parse().ok()).next_back()
}

/// Whether the node can't be reached, or can't serve. Anything else the server may say of a single question.
fn is_of_the_connection(status: &str) -> bool {
    status.contains("client error (") || status.starts_with("status: Unavailable")
}

fn settings(url: &str) -> Result<(ClientSettings, String), EventStoreDbRefusal> {
    let mut url = url.to_owned();
    for default in DEFAULTS {
        let named = default.split_once('=').map_or(default, |(name, _)| name).to_lowercase();
        if !url.to_lowercase().contains(&format!("{named}=")) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(default);
        }
    }
    let refused = |reason: String| EventStoreDbRefusal::Url { reason };
    let settings: ClientSettings = url.parse().map_err(|error: eventstore::ClientSettingsParseError| {
        // Where the address is none at all, the message repeats it, and a password with it.
        refused(error.error().map_or_else(|| error.message().to_owned(), ToString::to_string))
    })?;
    let hosts: Vec<String> = settings.hosts().iter().map(|host| format!("{}:{}", host.host, host.port)).collect();
    if settings.hosts().iter().any(|host| host.host.is_empty()) {
        return Err(refused("it names no host".to_owned()));
    }
    let name = format!("esdb://{}", hosts.join(","));
    Ok((settings, name))
}

pub(super) fn connect(settings: &ClientSettings) -> eventstore::Result<Client> {
    Client::with_runtime_handle(tokio::runtime::Handle::current(), settings.clone())
}

async fn check_server(client: &Client, settings: &ClientSettings, server: &str) -> Result<(), EventStoreDbRefusal> {
    let Ok(answer) = timeout(PATIENCE, first_answer(client)).await else {
        return Err(EventStoreDbRefusal::unreachable(server, "no answer"));
    };
    match answer {
        Ok(false) => Err(EventStoreDbRefusal::TooOld { server: server.to_owned() }),
        Ok(true) => Ok(()),
        Err(Error::AccessDenied) => Err(EventStoreDbRefusal::denied(server)),
        Err(error @ Error::GrpcConnectionError(_)) => Err(diagnosis::refusal(settings, server, words(&error)).await),
        Err(error) => Err(EventStoreDbRefusal::unreachable(server, &words(&error))),
    }
}

/// Whether the node that leads is new enough. Those that can't say which they are count as 0.
async fn first_answer(client: &Client) -> eventstore::Result<bool> {
    let options = ReadAllOptions::default().position(StreamPosition::End).max_count(1).requires_leader(true);
    let mut leaders = 0;
    loop {
        let read = match client.read_all(&options).await {
            Ok(mut reading) => reading.next().await.map(drop),
            Err(error) => Err(error),
        };
        match read {
            Err(Error::NotLeaderException(_)) if leaders < LEADERS => leaders += 1,
            Err(error) => return Err(error),
            Ok(()) => return Ok(client.server_info().await?.version() >= OLDEST_SERVER),
        }
        tokio::time::sleep(FIRST_PAUSE * leaders).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_address_says_goes_before_the_defaults_and_its_password_is_in_no_message() {
        let (set, name) = settings("esdb://who:secret@one:1,two:2?tls=false&discoveryInterval=7").unwrap();
        assert_eq!(name, "esdb://one:1,two:2");
        assert_eq!(set.discovery_interval(), Duration::from_millis(7));
        assert_eq!(set.node_preference(), eventstore::NodePreference::Leader);
        for bad in ["http://who:secret@one", "esdb://", "esdb://who:secret@one:x", "", "esdb://who:secret@one/path"] {
            let refusal = settings(bad).unwrap_err().to_string();
            assert!(refusal.contains("esdb://user") && !refusal.contains("secret"), "{refusal}");
        }
    }

    #[test]
    fn the_limit_is_read_out_of_what_the_server_says() {
        for (message, limit) in [
            ("Maximum Append Size of 1048576 Exceeded.", Some(1_048_576)),
            ("Event with Id: a1-2, Size: 7, exceeds Maximum Append Event Size of 5.", Some(5)),
            ("Maximum Append Size exceeded", None),
        ] {
            assert_eq!(last_number(message), limit, "{message}");
        }
    }
}
