//! What can be said on the command line.

mod stores;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::kernel::{Role, Timestamp};
use domain::scheduling::solver::Preset;
use infra::config::{Config, Stores};
use jiff::SignedDuration;

pub use self::stores::{Backup, Doctor, Migrate, Place, Restore};

/// Production scheduling for small and medium manufacturers.
#[derive(Debug, Parser)]
#[command(name = "kilter", version, about, after_help = "Exit codes: docs/operations/exit-codes.md")]
pub struct Cli {
    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
}

/// What there is to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API
    Serve(Serve),
    /// Serve the API with a sample company, and print a token to try it
    Demo(Serve),
    /// Print a token for a user of a workspace, and nothing else; works while the server runs
    Token(Token),
    /// Bring in what other systems know
    Import {
        /// What is brought in.
        #[command(subcommand)]
        what: Import,
    },
    /// Stream the history of a workspace, from any time and at any speed
    Replay(Replay),
    /// Build the read models anew from the events, and switch over to them
    Rebuild(Rebuild),
    /// Carry everything from one store to another, verified on the way
    Migrate(Migrate),
    /// Save everything, also while it is served
    Backup(Backup),
    /// Make a data folder of a backup, or bring it into a database
    Restore(Restore),
    /// Look whether everything stored is what was written, and say what to do; changes nothing
    Doctor(Doctor),
    /// Print the GraphQL schema
    Schema,
    /// Plan what a file asks, a shop or a benchmark instance, or check a plan of it
    Solve(Box<Solve>),
}

/// Servers that the stores are on.
#[derive(Debug, Default, Args)]
#[group(skip)]
pub struct Servers {
    /// Where the events are: embedded, <postgres://…> or <esdb://…>; passwords are better said in the environment
    #[arg(long, value_name = "URL", env = "KILTER_EVENTS", hide_env_values = true)]
    pub events: Option<String>,
    /// Where the read models are, and the vault with them: embedded or <postgres://…>
    #[arg(long, value_name = "URL", env = "KILTER_VIEWS", hide_env_values = true)]
    pub views: Option<String>,
    /// Where the vault is, when it is not where the read models are
    #[arg(long, value_name = "URL", env = "KILTER_VAULT", hide_env_values = true)]
    pub vault: Option<String>,
}

impl Servers {
    /// The stores of a folder with what was said on the command line.
    pub fn stores(&self, data: &Path) -> Result<Stores, String> {
        let mut stores = Stores { data: data.to_owned(), ..Config::default().stores };
        self.set(&mut stores)?;
        Ok(stores)
    }

    /// Says in `stores` what was said on the command line.
    pub fn set(&self, stores: &mut Stores) -> Result<(), String> {
        let told = |option: &'static str| move |reason: String| format!("--{option}: {reason}");
        self.events.as_deref().map_or(Ok(()), |text| stores.set_events(text).map_err(told("events")))?;
        self.views.as_deref().map_or(Ok(()), |text| stores.set_views(text).map_err(told("views")))?;
        self.vault.as_deref().map_or(Ok(()), |text| stores.set_vault(text).map_err(told("vault")))
    }
}

/// Where the events are, and where they are served.
#[derive(Debug, Args)]
pub struct Serve {
    /// The data folder; made on first start [default: data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Servers that the stores are on.
    #[command(flatten)]
    pub servers: Servers,
    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Settings; every key is explained in docs/operations/configuration.md
    #[arg(long, value_name = "FILE", env = "KILTER_CONFIG")]
    pub config: Option<PathBuf>,
    /// Serve plain HTTP on an address that other machines reach; put TLS in front
    #[arg(long)]
    pub insecure_http: bool,
}

/// For whom a token is.
#[derive(Debug, Args)]
pub struct Token {
    /// The data folder
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// Servers that the stores are on.
    #[command(flatten)]
    pub servers: Servers,
    /// The workspace: a name or a UUID
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub tenant: String,
    /// The user: a name or a UUID
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub user: String,
    /// What the user may do
    #[arg(long, value_enum)]
    pub role: RoleName,
    /// How long the token is good, such as 90m or 12h; at most 30 days
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = duration)]
    pub ttl: SignedDuration,
}

/// The roles by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    /// Everything inside the workspace.
    Admin,
    /// Plans and master data.
    Manager,
    /// Shop-floor actions.
    Operator,
    /// Reads everything, changes nothing.
    Auditor,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Admin => Self::Admin,
            RoleName::Manager => Self::Manager,
            RoleName::Operator => Self::Operator,
            RoleName::Auditor => Self::Auditor,
        }
    }
}

/// What can be brought in.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// The event log of a machine shop or MES: CSV, or XES by its ending
    Eventlog(Box<ImportEventlog>),
}

/// Which server or data folder is meant.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Target {
    /// A data folder that no server uses
    #[arg(long, value_name = "DIR", conflicts_with = "server")]
    pub data: Option<PathBuf>,
    /// Servers that its stores are on.
    #[command(flatten)]
    pub servers: Servers,
    /// A running server, such as <http://127.0.0.1:8080>
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Token for the server
    #[arg(long, value_name = "TOKEN", env = "KILTER_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// File that holds the token for the server
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    pub token_file: Option<PathBuf>,
}

/// How an event log is brought in.
#[derive(Debug, Args)]
pub struct ImportEventlog {
    /// The log
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The workspace: a name or a UUID
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub tenant: String,
    /// IANA time zone of the log's local times, such as Asia/Jerusalem
    #[arg(long, value_name = "ZONE")]
    pub zone: String,
    /// Where it goes.
    #[command(flatten)]
    pub target: Target,
    /// Mapping file: see docs/operations/import.md
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Columns that are called otherwise.
    #[command(flatten)]
    pub columns: ColumnOptions,
    /// What separates columns; found out when absent
    #[arg(long, value_name = "CHAR")]
    pub delimiter: Option<char>,
    /// How times are written, such as "%d.%m.%Y %H:%M"; ISO 8601 when absent
    #[arg(long, value_name = "FORMAT")]
    pub time_format: Option<String>,
    /// Write the report, with every refused row, to this file
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// Names of columns; each overrides the mapping file.
#[derive(Debug, Args)]
pub struct ColumnOptions {
    /// Column of the work order
    #[arg(long, value_name = "COLUMN")]
    pub case_column: Option<String>,
    /// Column of the activity
    #[arg(long, value_name = "COLUMN")]
    pub activity_column: Option<String>,
    /// Column of the worker
    #[arg(long, value_name = "COLUMN")]
    pub resource_column: Option<String>,
    /// Column of the start
    #[arg(long, value_name = "COLUMN")]
    pub start_column: Option<String>,
    /// Column of the end
    #[arg(long, value_name = "COLUMN")]
    pub complete_column: Option<String>,
    /// Column of the good quantity
    #[arg(long, value_name = "COLUMN")]
    pub completed_column: Option<String>,
    /// Column of the lost quantity
    #[arg(long, value_name = "COLUMN")]
    pub rejected_column: Option<String>,
    /// Column of the quantity held for review
    #[arg(long, value_name = "COLUMN")]
    pub held_column: Option<String>,
    /// Column of the report type (setup, run, break)
    #[arg(long, value_name = "COLUMN")]
    pub report_type_column: Option<String>,
    /// Column of the rework flag
    #[arg(long, value_name = "COLUMN")]
    pub rework_column: Option<String>,
}

/// What is replayed, and how.
#[derive(Debug, Args)]
pub struct Replay {
    /// The workspace: a name or a UUID; with --server the token's own
    #[arg(long, value_name = "NAME", required_unless_present = "server")]
    pub tenant: Option<String>,
    /// Where the history is.
    #[command(flatten)]
    pub target: Target,
    /// From this instant on, such as 2012-01-02T05:00:00Z
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub from: Option<Timestamp>,
    /// Before this instant
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub to: Option<Timestamp>,
    /// How many times as fast as it happened; as fast as possible when absent
    #[arg(long, value_name = "FACTOR")]
    pub speed: Option<f64>,
    /// One JSON object a line, or one sentence
    #[arg(long, value_enum, default_value = "text")]
    pub format: ReplayFormat,
}

/// How a replay is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReplayFormat {
    /// One JSON object a line.
    Ndjson,
    /// One sentence a line.
    Text,
}

/// Whose read models are built anew.
#[derive(Debug, Args)]
pub struct Rebuild {
    /// Where they are.
    #[command(flatten)]
    pub target: Target,
}

/// What is planned, for how long and to which end.
#[derive(Debug, Args)]
pub struct Solve {
    /// The instance; docs/solver.md tells the formats
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How long to look for better plans
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub seconds: Duration,
    /// Stop after so many iterations instead: the same seed and threads then give the same plan, on the same build and platform
    #[arg(long, value_name = "N", conflicts_with = "seconds")]
    pub iterations: Option<u64>,
    /// How many threads to use
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,
    /// Where chance starts
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// What counts; without it the makespan of a benchmark instance, its weighted tardiness where it has due dates, and on time first for a shop
    #[arg(long, value_enum)]
    pub preset: Option<PresetName>,
    /// A plan that people know already: the search starts there, and what it starts in the frozen time stays
    #[arg(long, value_name = "PLAN")]
    pub baseline: Option<PathBuf>,
    /// When the search is over, let everything happen as late as due dates allow
    #[arg(long, conflicts_with_all = ["check", "what_if"])]
    pub backward: bool,
    /// Draw the plan by machine and by operator
    #[arg(long, value_name = "SVG")]
    pub gantt: Option<PathBuf>,
    /// Write the plan and all figures, or of a check all that it finds
    #[arg(long, value_name = "JSON")]
    pub json: Option<PathBuf>,
    /// Check this plan instead of making one
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["gantt", "iterations"])]
    pub check: Option<PathBuf>,
    /// Tell what another file would bring in place of this one: both are planned alike, and compared
    #[arg(long, value_name = "CHANGED", requires = "iterations", conflicts_with_all = ["gantt", "check", "seconds"])]
    pub what_if: Option<PathBuf>,
}

/// The presets by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PresetName {
    /// Late jobs cost most by far.
    OnTimeFirst,
    /// Setups cost nearly as much as lateness.
    FewChangeovers,
    /// What people have been told stays.
    DoNotDisturb,
    /// Only the end of the last operation counts.
    Makespan,
}

impl From<PresetName> for Preset {
    fn from(name: PresetName) -> Self {
        match name {
            PresetName::OnTimeFirst => Self::OnTimeFirst,
            PresetName::FewChangeovers => Self::FewChangeovers,
            PresetName::DoNotDisturb => Self::DoNotDisturb,
            PresetName::Makespan => Self::Makespan,
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "say how many seconds, such as 10 or 0.5".to_owned())?;
    let most = 7.0 * 86_400.0;
    if seconds > 0.0 && seconds <= most {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("must be more than nothing and at most a week".to_owned())
    }
}

/// Whoever mistypes a name must not get a workspace of their own for it where that can be seen.
fn name(text: &str) -> Result<String, String> {
    let name = domain::kernel::text::check("a name", domain::kernel::text::Form::Name, 200, text)
        .map_err(|error| error.to_string())?;
    if name.contains(['\n', '\t']) { Err("a name is one line".to_owned()) } else { Ok(name.to_owned()) }
}

fn duration(text: &str) -> Result<SignedDuration, String> {
    let days = text.strip_suffix('d').and_then(|days| days.parse::<i32>().ok());
    let duration: SignedDuration = match days {
        Some(days) => SignedDuration::from_hours(i64::from(days) * 24),
        None => text.parse().map_err(|error: jiff::Error| error.to_string())?,
    };
    if duration.is_positive() { Ok(duration) } else { Err("must be more than nothing".to_owned()) }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_log_goes_to_a_folder_or_a_server_but_not_both() {
        let both =
            ["kilter", "import", "eventlog", "f", "--tenant", "t", "--zone", "UTC", "--data", "d", "--server", "u"];
        assert!(Cli::try_parse_from(both).is_err());
        assert!(Cli::try_parse_from(&both[..10]).is_ok());
    }

    #[test]
    fn a_token_is_good_for_some_time() {
        let ask = |ttl| {
            Cli::try_parse_from(["kilter", "token", "--tenant", "t", "--user", "u", "--role", "admin", "--ttl", ttl])
        };
        assert!(ask("12h").is_ok() && ask("90m").is_ok() && ask("30d").is_ok());
        assert!(ask("0s").is_err() && ask("0d").is_err() && ask("soon").is_err());
    }

    #[test]
    fn a_name_is_one_line_that_says_something() {
        assert_eq!(name(" acme "), Ok("acme".to_owned()));
        for bad in ["", "  ", "a\nb", "a\tb", "a\u{1b}[31m"] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
        assert!(name(&"a".repeat(201)).is_err());
    }
}
