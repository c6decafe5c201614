//! Settings: from a TOML file and `KILTER_*` variables (which win), each declared once in [`SETTINGS`].

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::kernel::network::Network;

pub use self::error::{ConfigError, Origin};
pub use self::mail::{Encryption, MailFrom, MailSettings, NoSender, SmtpAddress};
pub use self::planning::PlanningSettings;
pub use self::providers::ProviderSettings;
pub use self::stores::{Address, Arrangement, Mixed, Place, Stores};
use crate::identity::passwords::Cost;

/// Variables with this prefix are settings.
const PREFIX: &str = "KILTER_";
/// Variables that are read elsewhere: options of single commands, and switches of the test suites.
const NOT_SETTINGS: [&str; 3] = ["KILTER_CONFIG", "KILTER_SERVER", "KILTER_TOKEN"];
const OF_TESTS: &str = "KILTER_TEST_";

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// Whether something before Kilter ends TLS, so that it may listen beyond this machine.
    pub behind_tls_proxy: bool,
    /// Where everything is kept.
    pub stores: Stores,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Which log lines are written.
    pub log_filter: String,
    /// Where traces are sent; `None` means nowhere.
    pub otlp_endpoint: Option<String>,
    /// Origins besides its own from which browsers may call.
    pub allowed_origins: Vec<String>,
    /// Whether mails that wait are shown to who is on this machine.
    pub outbox_page: bool,
    /// Proxies whose word on where a request comes from is believed.
    pub trusted_proxies: Vec<Network>,
    /// How many fields of operations one caller may have executed in a minute.
    pub fields_per_minute: u32,
    /// How many requests to where people come in one network may send in a minute.
    pub entries_per_minute: u32,
    /// Sign-ins of one name that may fail before the next one waits.
    pub free_failures: u32,
    /// Largest body of a request.
    pub max_body_bytes: usize,
    /// How long a query or mutation may take.
    pub request_timeout: Duration,
    /// How many sockets may be open at once.
    pub max_sockets: usize,
    /// How many subscriptions one socket may have.
    pub max_socket_subscriptions: usize,
    /// How long a socket may take to say `connection_init`.
    pub socket_init_timeout: Duration,
    /// How often a silent socket is pinged.
    pub socket_heartbeat: Duration,
    /// How mails go out, and where their links lead.
    pub mail: MailSettings,
    /// How much work the hash of a password is.
    pub bcrypt_cost: Cost,
    /// With whom people may sign in.
    pub providers: Vec<ProviderSettings>,
    /// How much may be planned at once.
    pub planning: PlanningSettings,
}

/// What a setting's value looks like in a TOML file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Switch,
    List,
}

struct Setting {
    key: &'static str,
    kind: Kind,
    /// As it would stand in the environment.
    default: &'static str,
    form: &'static str,
    meaning: &'static str,
    set: fn(&mut Config, &str) -> Result<(), String>,
}

/// Every setting there is.
const SETTINGS: [Setting; 31] = [
    Setting {
        key: "listen",
        kind: Kind::Text,
        default: "127.0.0.1:8080",
        form: "address:port",
        meaning: "Where the API listens. Beyond this machine only with `behind_tls_proxy`.",
        set: |config, text| put(&mut config.listen, text.parse().map_err(|_| "an address and a port are needed")),
    },
    Setting {
        key: "behind_tls_proxy",
        kind: Kind::Switch,
        default: "false",
        form: "true or false",
        meaning: "Something before Kilter ends TLS; without it plain HTTP is served to this machine only.",
        set: |config, text| put(&mut config.behind_tls_proxy, text.parse().map_err(|_| "true or false is needed")),
    },
    Setting {
        key: "data",
        kind: Kind::Text,
        default: "data",
        form: "path",
        meaning: "The data folder; made on first start, for its owner only. Stores that are gone are never begun anew in it: restore the whole folder from its backup. With stores on servers it holds only the keys.",
        set: |config, text| put(&mut config.stores.data, non_empty(text).map(PathBuf::from)),
    },
    Setting {
        key: "events",
        kind: Kind::Text,
        default: "embedded",
        form: "embedded, postgres://…, or esdb://…",
        meaning: "Where the events are: in the data folder, on PostgreSQL (`postgres://user:password@host:5432/database`), or on EventStoreDB. See [PostgreSQL](postgresql.md).",
        set: |config, text| config.stores.set_events(text),
    },
    Setting {
        key: "views",
        kind: Kind::Text,
        default: "embedded",
        form: "embedded, or postgres://…",
        meaning: "Where the read models are: in the data folder with embedded events, else on PostgreSQL.",
        set: |config, text| config.stores.set_views(text),
    },
    Setting {
        key: "vault",
        kind: Kind::Text,
        default: "",
        form: "postgres://…, or empty",
        meaning: "Where keys of personal data, tenants and answers are; empty means where the read models are.",
        set: |config, text| config.stores.set_vault(text),
    },
    Setting {
        key: "log_format",
        kind: Kind::Text,
        default: "pretty",
        form: "pretty or json",
        meaning: "How log lines are written to standard error.",
        set: |config, text| {
            let format = match text {
                "pretty" => Ok(LogFormat::Pretty),
                "json" => Ok(LogFormat::Json),
                _ => Err("pretty or json is needed"),
            };
            put(&mut config.log_format, format)
        },
    },
    Setting {
        key: "log_filter",
        kind: Kind::Text,
        default: "info",
        form: "level, or target=level, …",
        meaning: "Which log lines are written: `error`, `warn`, `info`, `debug`, `trace`, also by target.",
        set: |config, text| {
            tracing_subscriber::EnvFilter::try_new(text).map_err(|error| error.to_string())?;
            put(&mut config.log_filter, non_empty(text).map(str::to_owned))
        },
    },
    Setting {
        key: "otlp_endpoint",
        kind: Kind::Text,
        default: "",
        form: "http(s) URL, or empty",
        meaning: "Where traces are sent by OTLP over HTTP, such as `http://127.0.0.1:4318/v1/traces`; empty means nowhere.",
        set: |config, text| {
            let url = (!text.is_empty()).then(|| text.to_owned());
            let fits = url.as_ref().is_none_or(|url| url.starts_with("http://") || url.starts_with("https://"));
            put(&mut config.otlp_endpoint, if fits { Ok(url) } else { Err("an http or https URL is needed") })
        },
    },
    Setting {
        key: "allowed_origins",
        kind: Kind::List,
        default: "",
        form: "origins; in the environment separated by commas",
        meaning: "Origins besides its own from which browsers may call, such as `https://board.example.com`.",
        set: |config, text| put(&mut config.allowed_origins, origins(text)),
    },
    Setting {
        key: "outbox_page",
        kind: Kind::Switch,
        default: "false",
        form: "true or false",
        meaning: "Whether mails that wait because there is no mail server are shown at `/outbox` to who is on this machine. For trying things out: whoever sees the page can follow the links in it. A proxy on this machine must not lead to it.",
        set: |config, text| put(&mut config.outbox_page, text.parse().map_err(|_| "true or false is needed")),
    },
    Setting {
        key: "trusted_proxies",
        kind: Kind::List,
        default: "",
        form: "addresses or ranges; in the environment separated by commas",
        meaning: "Proxies before Kilter, such as `10.0.0.0/8`: their `X-Forwarded-For` says where a request comes from; anybody else's counts for nothing.",
        set: |config, text| put(&mut config.trusted_proxies, networks(text)),
    },
    Setting {
        key: "fields_per_minute",
        kind: Kind::Number,
        default: "150",
        form: "1 to 1000000",
        meaning: "How many root fields one member or API token may have executed in a minute, whatever documents they stand in. Tokens made by `kilter token` are not counted.",
        set: |config, text| put(&mut config.fields_per_minute, per_minute(text)),
    },
    Setting {
        key: "entries_per_minute",
        kind: Kind::Number,
        default: "8",
        form: "1 to 1000000",
        meaning: "How many requests to `/auth/…` one network (/24 of IPv4, /64 of IPv6; a /48 ten times as many) may send in a minute, and how often one session may be refreshed.",
        set: |config, text| put(&mut config.entries_per_minute, per_minute(text)),
    },
    Setting {
        key: "free_failures",
        kind: Kind::Number,
        default: "5",
        form: "1 to 100",
        meaning: "How many sign-ins of one name may fail from one network or device before the next one has to wait; each further one waits twice as long.",
        set: |config, text| put(&mut config.free_failures, free_failures(text)),
    },
    Setting {
        key: "max_body_bytes",
        kind: Kind::Number,
        default: "1048576",
        form: "1024 to 67108864",
        meaning: "Largest body of a request.",
        set: |config, text| put(&mut config.max_body_bytes, number(text, 1024, 67_108_864)),
    },
    Setting {
        key: "request_timeout_seconds",
        kind: Kind::Number,
        default: "30",
        form: "1 to 600",
        meaning: "How long a query or mutation may take.",
        set: |config, text| put(&mut config.request_timeout, seconds(text, 1, 600)),
    },
    Setting {
        key: "max_sockets",
        kind: Kind::Number,
        default: "10000",
        form: "1 to 1000000",
        meaning: "How many WebSockets may be open at once.",
        set: |config, text| put(&mut config.max_sockets, number(text, 1, 1_000_000)),
    },
    Setting {
        key: "max_socket_subscriptions",
        kind: Kind::Number,
        default: "100",
        form: "1 to 10000",
        meaning: "How many operations one WebSocket may have running at once.",
        set: |config, text| put(&mut config.max_socket_subscriptions, number(text, 1, 10_000)),
    },
    Setting {
        key: "socket_init_timeout_seconds",
        kind: Kind::Number,
        default: "5",
        form: "1 to 60",
        meaning: "How long a WebSocket may take to say `connection_init`.",
        set: |config, text| put(&mut config.socket_init_timeout, seconds(text, 1, 60)),
    },
    Setting {
        key: "socket_heartbeat_seconds",
        kind: Kind::Number,
        default: "15",
        form: "1 to 300",
        meaning: "How often a WebSocket is pinged and a stream of server-sent events gets a comment.",
        set: |config, text| put(&mut config.socket_heartbeat, seconds(text, 1, 300)),
    },
    Setting {
        key: "mail_smtp",
        kind: Kind::Text,
        default: "",
        form: "smtp://… or smtps://…, or empty",
        meaning: "The server that takes mails, such as `smtp://user:password@mail.example.com:587`; empty keeps them in the outbox. See [mail](mail.md).",
        set: |config, text| config.mail.set_smtp(text),
    },
    Setting {
        key: "mail_from",
        kind: Kind::Text,
        default: "",
        form: "name <address>, or an address",
        meaning: "From whom mails are, such as `Kilter <kilter@example.com>`; needed with `mail_smtp`.",
        set: |config, text| config.mail.set_from(text),
    },
    Setting {
        key: "public_url",
        kind: Kind::Text,
        default: "",
        form: "http(s) URL, or empty",
        meaning: "Where people reach Kilter, such as `https://kilter.example.com`: links in mails begin with it; empty means where the API listens.",
        set: |config, text| config.mail.set_public_url(text),
    },
    Setting {
        key: "bcrypt_cost",
        kind: Kind::Number,
        default: "12",
        form: "12 to 16",
        meaning: "How much work the hash of a password is: each step doubles it, for who signs in and for who guesses. Passwords are hashed anew at the next sign-in after it was raised.",
        set: |config, text| {
            let cost = text.parse().ok().and_then(Cost::new);
            put(
                &mut config.bcrypt_cost,
                cost.ok_or_else(|| format!("a number from {} to {} is needed", Cost::LEAST, Cost::MOST)),
            )
        },
    },
    Setting {
        key: "providers",
        kind: Kind::List,
        default: "",
        form: "paths of files; in the environment separated by commas",
        meaning: "With whom people may sign in beside their password: one file for each, such as `/etc/kilter/google.toml`. See [providers](providers.md).",
        set: |config, text| put(&mut config.providers, providers::providers(text)),
    },
    Setting {
        key: "planning_threads",
        kind: Kind::Number,
        default: "0",
        form: "0 to 64",
        meaning: "Threads that plan; 0 is as many as there are cores, at most 2. See [planning](../planning.md).",
        set: |config, text| {
            put(&mut config.planning.threads, number(text, 0, 64).map(|count| (count > 0).then_some(count)))
        },
    },
    Setting {
        key: "planning_runs_at_once",
        kind: Kind::Number,
        default: "1",
        form: "1 to 64",
        meaning: "How many runs of the optimiser one company may have at work at once.",
        set: |config, text| put(&mut config.planning.runs_at_once, number(text, 1, 64)),
    },
    Setting {
        key: "planning_runs_waiting",
        kind: Kind::Number,
        default: "3",
        form: "0 to 1000",
        meaning: "How many more of them may wait for their turn; companies take turns.",
        set: |config, text| put(&mut config.planning.waiting, number(text, 0, 1000)),
    },
    Setting {
        key: "planning_seconds",
        kind: Kind::Number,
        default: "600",
        form: "1 to 600",
        meaning: "The longest time that may be asked for one run.",
        set: |config, text| put(&mut config.planning.longest, seconds(text, 1, 600)),
    },
    Setting {
        key: "planning_unheard_seconds",
        kind: Kind::Number,
        default: "30",
        form: "1 to 3600",
        meaning: "A run that nobody has followed or asked for so long is ended; its best plan stays for a while.",
        set: |config, text| put(&mut config.planning.unheard, seconds(text, 1, 3600)),
    },
];

fn put<T>(place: &mut T, value: Result<T, impl Into<String>>) -> Result<(), String> {
    *place = value.map_err(Into::into)?;
    Ok(())
}

fn networks(text: &str) -> Result<Vec<Network>, String> {
    let listed = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    listed.map(|part| part.parse().map_err(|bad| format!("{part:?} {bad}"))).collect()
}

fn non_empty(text: &str) -> Result<&str, &'static str> {
    if text.is_empty() { Err("it must not be empty") } else { Ok(text) }
}

fn number(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let found = text.parse().ok().filter(|number| (least..=most).contains(number));
    found.ok_or_else(|| format!("a number from {least} to {most} is needed"))
}

fn free_failures(text: &str) -> Result<u32, String> {
    number(text, 1, 100).map(|free| u32::try_from(free).unwrap_or(u32::MAX))
}

fn per_minute(text: &str) -> Result<u32, String> {
    let found = text.parse().ok().filter(|number| (1..=1_000_000).contains(number));
    found.ok_or_else(|| "a number from 1 to 1000000 is needed".to_owned())
}

fn seconds(text: &str, least: usize, most: usize) -> Result<Duration, String> {
    number(text, least, most).map(|seconds| Duration::from_secs(seconds as u64))
}

fn origins(text: &str) -> Result<Vec<String>, String> {
    let listed = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
    listed
        .map(|origin| match origin.split_once("://") {
            Some(("http" | "https", host)) if !host.is_empty() && !host.contains(['/', '*', ' ']) => {
                Ok(origin.to_owned())
            }
            _ => Err(format!("{origin:?} is no origin: scheme and host are needed, without a path and without *")),
        })
        .collect()
}

impl Default for Config {
    fn default() -> Self {
        let mut config = Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            behind_tls_proxy: false,
            stores: Stores { data: PathBuf::new(), events: Place::Embedded, views: Place::Embedded, vault: None },
            log_format: LogFormat::Pretty,
            log_filter: String::new(),
            otlp_endpoint: None,
            allowed_origins: Vec::new(),
            outbox_page: false,
            trusted_proxies: Vec::new(),
            fields_per_minute: 0,
            entries_per_minute: 0,
            free_failures: 0,
            max_body_bytes: 0,
            request_timeout: Duration::ZERO,
            max_sockets: 0,
            max_socket_subscriptions: 0,
            socket_init_timeout: Duration::ZERO,
            socket_heartbeat: Duration::ZERO,
            mail: MailSettings::default(),
            bcrypt_cost: Cost::default(),
            providers: Vec::new(),
            planning: PlanningSettings::default(),
        };
        for setting in &SETTINGS {
            // A default that does not fit would be found by `every_default_fits`.
            let _ = (setting.set)(&mut config, setting.default);
        }
        config
    }
}

impl Config {
    /// The settings of this file, where one is named, and of the environment of this process.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let text = file.map(|file| {
            let read = std::fs::read_to_string(file);
            read.map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source })
        });
        Self::from_sources(file.zip(text.transpose()?.as_deref()), std::env::vars_os())
    }

    /// The settings of this file and its text, and of these variables.
    pub fn from_sources(
        file: Option<(&Path, &str)>,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        if let Some((path, text)) = file {
            config.read_file(path, text)?;
        }
        // Sorted, so that of two mistakes always the same one is told.
        for (name, value) in variables.into_iter().collect::<BTreeMap<_, _>>() {
            config.read_variable(&name.to_string_lossy(), &value)?;
        }
        Ok(config)
    }

    fn read_file(&mut self, path: &Path, text: &str) -> Result<(), ConfigError> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| ConfigError::Malformed {
            file: path.to_owned(),
            reason: error.to_string(),
        })?;
        let origin = Origin::File(path.to_owned());
        for (key, value) in table {
            let Some(setting) = SETTINGS.iter().find(|setting| setting.key == key) else {
                return Err(ConfigError::Unknown { key, origin });
            };
            let text = as_text(setting.kind, &value);
            text.and_then(|text| (setting.set)(self, &text)).map_err(|reason| ConfigError::Invalid {
                key: setting.key,
                origin: origin.clone(),
                reason,
            })?;
        }
        Ok(())
    }

    fn read_variable(&mut self, name: &str, value: &OsString) -> Result<(), ConfigError> {
        let Some(key) = name.strip_prefix(PREFIX) else { return Ok(()) };
        if NOT_SETTINGS.contains(&name) || name.starts_with(OF_TESTS) {
            return Ok(());
        }
        let origin = Origin::Variable(name.to_owned());
        let Some(setting) = SETTINGS.iter().find(|setting| setting.key.to_uppercase() == key) else {
            return Err(ConfigError::Unknown { key: key.to_lowercase(), origin });
        };
        let text = value.to_str().ok_or_else(|| "it is not UTF-8".to_owned());
        text.and_then(|text| (setting.set)(self, text)).map_err(|reason| ConfigError::Invalid {
            key: setting.key,
            origin,
            reason,
        })
    }
}

/// The value as it would stand in the environment, if it is of the right kind.
fn as_text(kind: Kind, value: &toml::Value) -> Result<String, String> {
    let wrong = |needed: &str| Err(format!("{needed} is needed, not {}", value.type_str()));
    match (kind, value) {
        (Kind::Text, toml::Value::String(text)) => Ok(text.clone()),
        (Kind::Number, toml::Value::Integer(number)) => Ok(number.to_string()),
        (Kind::Switch, toml::Value::Boolean(switch)) => Ok(switch.to_string()),
        (Kind::List, toml::Value::Array(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            texts.map_or_else(|| Err("a list of text is needed".to_owned()), |texts| Ok(texts.join(",")))
        }
        (Kind::Text, _) => wrong("text"),
        (Kind::Number, _) => wrong("a whole number"),
        (Kind::Switch, _) => wrong("true or false"),
        (Kind::List, _) => wrong("a list"),
    }
}

/// The page of all settings (`docs/operations/configuration.md`).
pub fn document() -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         Settings come from the TOML file that `--config` (or `KILTER_CONFIG`) names and from the environment; the environment\n\
         wins, and options of the command line win over both. What is not known or does not fit is refused with its name and\n\
         where it stands. This page is written by `./bless` from the declarations.\n\n\
         | key | variable | default | form | meaning |\n|---|---|---|---|---|\n",
    );
    for setting in &SETTINGS {
        let default = if setting.default.is_empty() { "(empty)".to_owned() } else { format!("`{}`", setting.default) };
        let variable = setting.key.to_uppercase();
        let Setting { key, form, meaning, .. } = setting;
        // Writing to a string does not fail.
        let _ = writeln!(page, "| `{key}` | `{PREFIX}{variable}` | {default} | {form} | {meaning} |");
    }
    page
}

mod error;
mod mail;
mod planning;
pub(crate) mod providers;
mod stores;
#[cfg(test)]
mod tests;
