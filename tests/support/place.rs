//! Where a shop of the fault suite keeps its log and its rows: in files, or on a PostgreSQL server.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use domain::ports::EventStore;
use infra::event_store::{PostgresEventStore, PostgresOptions, SqliteEventStore, SqliteOptions};
use infra::postgres::Postgres;
use infra::random::random_bytes;
use infra::runner::ProjectionSet;
use infra::views::{PostgresViews, SqliteViews, ViewStore};
use uuid::Uuid;

use crate::stores::{Schema, postgres_url};

/// Where a shop keeps what it has. Acknowledgements are in its folder in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In files of its folder.
    Files,
    /// In schemas of a server.
    Postgres {
        /// The server.
        url: String,
        /// What the names of the schemas begin with.
        name: String,
    },
}

impl Place {
    /// New schemas on the server that `./test` started; they go with the guards.
    pub fn scratch() -> (Self, [Schema; 2]) {
        let name = format!("test_{}", Uuid::from_bytes(random_bytes()).simple());
        let schemas = ["events", "views"].map(|kind| Schema::new(format!("{name}_{kind}")));
        (Self::on(&postgres_url(), &name), schemas)
    }

    /// Schemas on a server of the test's own.
    pub fn on(url: &str, name: &str) -> Self {
        Self::Postgres { url: url.to_owned(), name: name.to_owned() }
    }

    /// As it was displayed.
    ///
    /// # Panics
    /// When nothing is displayed like that.
    pub fn parse(text: &str) -> Self {
        match text.split_once(' ') {
            Some((url, name)) => Self::on(url, name),
            None => {
                assert_eq!(text, "files", "a place");
                Self::Files
            }
        }
    }

    /// The log.
    ///
    /// # Panics
    /// When it can't be opened.
    pub async fn store(&self, folder: &Path) -> Arc<dyn EventStore> {
        match self {
            Self::Files => {
                let options = SqliteOptions::default();
                Arc::new(SqliteEventStore::open(&folder.join("events.db"), options).expect("the store opens"))
            }
            Self::Postgres { url, name } => {
                let server = Postgres::new(url, &format!("{name}_events")).expect("an address");
                let opened = PostgresEventStore::open(server, PostgresOptions::default()).await;
                Arc::new(opened.expect("the store opens"))
            }
        }
    }

    /// The rows of all projections.
    ///
    /// # Panics
    /// When they can't be opened.
    pub async fn views(&self, folder: &Path) -> Arc<dyn ViewStore> {
        match self {
            Self::Files => Arc::new(SqliteViews::open(&folder.join("views.db")).expect("the views open")),
            Self::Postgres { url, name } => {
                let server = Postgres::new(url, &format!("{name}_views")).expect("an address");
                let opened = PostgresViews::open(server, &ProjectionSet::all().shapes()).await;
                Arc::new(opened.expect("the views open"))
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Files => f.write_str("files"),
            Self::Postgres { url, name } => write!(f, "{url} {name}"),
        }
    }
}
