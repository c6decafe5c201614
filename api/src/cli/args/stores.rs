//! What can be said of whole stores: where they are, and where they go.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::Servers;

/// Where log and vault lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A data folder.
    Folder(PathBuf),
    /// A PostgreSQL database.
    Postgres(String),
    /// An EventStoreDB server or cluster, with the vault in a PostgreSQL database.
    EventStoreDb(String),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("sqlite", folder)) if !folder.is_empty() => Ok(Self::Folder(folder.into())),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            Some(("esdb", _)) => Ok(Self::EventStoreDb(text.to_owned())),
            _ => {
                Err("say sqlite:FOLDER, postgres://user:password@host:5432/database or esdb://user:password@host:2113"
                    .to_owned())
            }
        }
    }
}

/// From where to where everything goes.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Where it is: sqlite:FOLDER, postgres://… or esdb://…; nobody may serve it meanwhile
    #[arg(long, value_name = "STORE")]
    pub from: Place,
    /// Where it goes: a new folder as sqlite:FOLDER, an empty database as postgres://…, or esdb://…
    #[arg(long, value_name = "STORE")]
    pub to: Place,
    /// Where the vault is, if it is in another database than the log: postgres://…
    #[arg(long, value_name = "URL")]
    pub vault_from: Option<String>,
    /// Where the vault goes, if it goes into another database than the log: postgres://…
    #[arg(long, value_name = "URL")]
    pub vault_to: Option<String>,
    /// The folder with root.key and token.key; the data folder's own when it comes from one
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
    /// Leave out the comparison of the read models that both logs come to, which takes as long as two rebuilds
    #[arg(long)]
    pub skip_projections: bool,
}

/// What is saved, and where.
#[derive(Debug, Args)]
pub struct Backup {
    /// The data folder; of a node on PostgreSQL that with its keys
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// Where the rest is, when it is not in the data folder.
    #[command(flatten)]
    pub servers: Servers,
    /// The backup: a new folder, or the unfinished one of the same command
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Copy the keys to this folder as well; keep it somewhere else than the backup: together they open everything
    #[arg(long, value_name = "DIR")]
    pub keys: Option<PathBuf>,
}

/// What is restored, and where.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
    /// The folder with its keys, root.key and token.key
    #[arg(long, value_name = "DIR")]
    pub keys: PathBuf,
    /// A new data folder
    #[arg(long, value_name = "DIR", required_unless_present = "to", conflicts_with = "to")]
    pub data: Option<PathBuf>,
    /// An empty database or server instead: postgres://… or esdb://…
    #[arg(long, value_name = "STORE")]
    pub to: Option<Place>,
    /// Where the vault goes, if it goes into another database than the log
    #[arg(long, value_name = "URL", requires = "to")]
    pub vault_to: Option<String>,
    /// Leave out the comparison of the read models that backup and copy come to, which takes as long as two rebuilds
    #[arg(long)]
    pub skip_projections: bool,
}

/// What is looked at.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The data folder; of a node on PostgreSQL that with its keys
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
    /// Where the rest is, when it is not in the data folder.
    #[command(flatten)]
    pub servers: Servers,
    /// The settings that the server is started with
    #[arg(long, value_name = "FILE", env = "KILTER_CONFIG")]
    pub config: Option<PathBuf>,
    /// Of the log only its end
    #[arg(long)]
    pub quick: bool,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_says_what_it_is() {
        assert_eq!("sqlite:/var/lib/kilter".parse(), Ok(Place::Folder("/var/lib/kilter".into())));
        assert_eq!("postgres://k@h/d".parse(), Ok(Place::Postgres("postgres://k@h/d".to_owned())));
        assert_eq!("esdb://k@h:2113".parse(), Ok(Place::EventStoreDb("esdb://k@h:2113".to_owned())));
        for bad in ["", "data", "/var/lib/kilter", "sqlite:", "mysql://h/d"] {
            assert!(bad.parse::<Place>().is_err(), "{bad}");
        }
    }
}
