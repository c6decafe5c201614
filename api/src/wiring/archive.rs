//! Log and vault, all that can't be derived, opened to be looked at, to be carried over, or to take others over.

use std::path::Path;
use std::sync::Arc;

use domain::kernel::Timestamp;
use domain::ports::{Codec, Vault};
use infra::codec::JsonCodec;
use infra::config::{Arrangement, Stores};
use infra::data_folder::{DataFolder, Keys};
pub use infra::event_store::transfer::{Copied, Progress as CopyProgress, TransferError, copy_log};
use infra::event_store::transfer::{PortableLog, Wanted};
use infra::event_store::{EventStoreDb, PostgresEventStore, PostgresOptions, SqliteEventStore, SqliteOptions};
use infra::postgres::Postgres;
use infra::vault::transfer::PortableVault;
use infra::vault::{PostgresVault, SqliteVault};

use super::refusal::OpenError;
use super::stores::{EVENTS, VAULT};

/// Whether an archive is read, or takes another one over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing in it is changed.
    Reading,
    /// It is made where it is missing.
    Taking,
}

/// Log and vault.
pub struct Archive {
    /// Where it is.
    pub name: String,
    /// The log.
    pub log: Arc<dyn PortableLog>,
    /// The vault.
    pub vault: Arc<dyn PortableVault>,
    /// Reads the log.
    pub codec: Arc<dyn Codec>,
    /// Where it is marked as unfinished while it takes another one over. In files the folder is.
    marked: Option<Arc<PostgresVault>>,
}

impl Archive {
    /// Where the settings say, beside whoever serves it; nothing in it is changed.
    pub async fn of(stores: &Stores, keys: &Keys) -> Result<Self, OpenError> {
        match stores.arrangement()? {
            Arrangement::Embedded => {
                let folder = DataFolder::peek(&stores.data)?;
                Self::in_files(&folder.events(), &folder.vault(), keys, Access::Reading)
            }
            Arrangement::Servers { events, vault, .. } if events.is_postgres() => {
                Self::in_databases(events.url(), vault.url(), keys, Access::Reading).await
            }
            Arrangement::Servers { events, vault, .. } => {
                Self::on_eventstoredb(events.url(), vault.url(), keys, Access::Reading).await
            }
        }
    }

    /// In files.
    pub fn in_files(events: &Path, vault: &Path, keys: &Keys, access: Access) -> Result<Self, OpenError> {
        let name = events.display().to_string();
        let root = keys.root_key();
        let (log, vault) = match access {
            Access::Reading => {
                (SqliteEventStore::open_for_reading(events)?, SqliteVault::open_for_reading(vault, root)?)
            }
            Access::Taking => {
                (SqliteEventStore::open(events, SqliteOptions::default())?, SqliteVault::open(vault, root)?)
            }
        };
        Ok(Self::over(name, Arc::new(log), Arc::new(vault)))
    }

    /// In databases of these addresses.
    pub async fn in_databases(events: &str, vault: &str, keys: &Keys, access: Access) -> Result<Self, OpenError> {
        let events = Postgres::new(events, EVENTS)?;
        let name = events.name().to_owned();
        let log = match access {
            Access::Reading => PostgresEventStore::open_for_reading(events).await?,
            Access::Taking => PostgresEventStore::open(events, PostgresOptions::default()).await?,
        };
        Self::beside_database(name, Arc::new(log), vault, keys, access).await
    }

    /// The log on an EventStoreDB server or cluster, the vault in a database.
    pub async fn on_eventstoredb(events: &str, vault: &str, keys: &Keys, access: Access) -> Result<Self, OpenError> {
        let log = EventStoreDb::open(events, "", None).await?;
        Self::beside_database(log.name().to_owned(), Arc::new(log), vault, keys, access).await
    }

    /// The vault in a database, whatever the log is in. Who takes another archive over begins where nothing is, or goes on.
    async fn beside_database(
        name: String,
        log: Arc<dyn PortableLog>,
        vault: &str,
        keys: &Keys,
        access: Access,
    ) -> Result<Self, OpenError> {
        let server = Arc::new(Postgres::new(vault, VAULT)?);
        let (root, token) = (keys.root_key(), keys.token_key());
        if access == Access::Reading {
            return Ok(Self::over(name, log, Arc::new(PostgresVault::join(server, root, token).await?)));
        }
        let vault = Arc::new(PostgresVault::open_to_fill(server, root, token).await?);
        // What is whole, and perhaps served, stays so.
        if log.record(Wanted::Last).await?.is_none() {
            vault.mark_unfinished().await?;
        }
        Ok(Self { marked: Some(Arc::clone(&vault)), ..Self::over(name, log, vault) })
    }

    /// All of it is there: it may be served.
    pub async fn finish(self) -> Result<(), OpenError> {
        match &self.marked {
            Some(vault) => Ok(vault.mark_whole().await?),
            None => Ok(()),
        }
    }

    fn over<V: Vault + PortableVault + 'static>(name: String, log: Arc<dyn PortableLog>, vault: Arc<V>) -> Self {
        let codec: Arc<dyn Codec> = Arc::new(JsonCodec::new(Arc::clone(&vault) as Arc<dyn Vault>));
        Self { name, log, vault, codec, marked: None }
    }
}

/// A PostgreSQL server, and what time it is there.
pub async fn clock_of_database(url: &str) -> Result<(String, Timestamp), OpenError> {
    let server = Postgres::new(url, VAULT)?;
    Ok((server.name().to_owned(), server.now().await?))
}
