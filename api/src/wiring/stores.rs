//! The stores, opened where the settings say: in the data folder, or on servers.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::kernel::Timestamp;
use domain::ports::{Answers, EventStore, NoSnapshots, Snapshots, Vault};
use infra::config::{Address, Arrangement, Stores};
use infra::data_folder::DataFolder;
use infra::event_store::{
    EventStoreDb, Observer, PostgresEventStore, PostgresOptions, SqliteEventStore, SqliteOptions,
};
use infra::postgres::Postgres;
use infra::runner::ProjectionSet;
use infra::snapshots::{PostgresSnapshots, SqliteSnapshots};
use infra::vault::{PostgresAnswers, PostgresVault, Registry, SqliteAnswers, SqliteVault};
use infra::views::{PostgresViews, RowStore, SqliteViews};
use projections::views::Views;

use super::refusal::OpenError;

/// Names of Kilter's schemas on PostgreSQL.
pub(super) const EVENTS: &str = "kilter_events";
const VIEWS: &str = "kilter_views";
const SNAPSHOTS: &str = "kilter_snapshots";
pub(super) const VAULT: &str = "kilter_vault";

/// How long a server that can't be reached is tried again, and at what pace.
const PATIENCE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// What commands need.
pub(super) struct Opened {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) vault: Arc<dyn Vault>,
    pub(super) registry: Arc<dyn Registry>,
    pub(super) answers: Arc<dyn Answers>,
    pub(super) snapshots: Arc<dyn Snapshots>,
    /// Last, so that its lock is let go after everything else is closed.
    pub(super) folder: DataFolder,
}

/// Opens all but the read models. What answers not yet is waited for.
pub(super) async fn open(stores: &Stores, now: Timestamp, observer: Observer) -> Result<Opened, OpenError> {
    match stores.arrangement()? {
        Arrangement::Embedded => embedded(&stores.data, now, observer),
        Arrangement::Servers { events, views, vault } => {
            let folder = DataFolder::open_keys(&stores.data)?;
            // First of all: it sets up its TLS for the process.
            let store = patiently(|| events_on(events, Arc::clone(&observer))).await?;
            let (vault, answers) = patiently(|| async {
                let (server, vault) = vault_on(vault, &folder).await?;
                Ok((vault, PostgresAnswers::open(server, now).await?))
            })
            .await?;
            Ok(Opened {
                store,
                vault: Arc::clone(&vault) as Arc<dyn Vault>,
                registry: vault,
                answers: Arc::new(answers),
                snapshots: shared_snapshots(views).await,
                folder,
            })
        }
    }
}

/// Opens the folder for this process alone, and makes it on first start.
fn embedded(path: &Path, now: Timestamp, observer: Observer) -> Result<Opened, OpenError> {
    let folder = DataFolder::open(path)?;
    let vault = Arc::new(SqliteVault::open(&folder.vault(), folder.root_key())?);
    let store = SqliteEventStore::open(&folder.events(), SqliteOptions { observer: Some(observer) })?;
    folder.note_log()?;
    Ok(Opened {
        store: Arc::new(store),
        vault: Arc::clone(&vault) as Arc<dyn Vault>,
        registry: vault,
        answers: Arc::new(SqliteAnswers::open(&folder.vault(), now)?),
        snapshots: snapshots(&folder.snapshots()),
        folder,
    })
}

/// The registers, beside whatever else uses them, with the keys.
pub(super) async fn registry(stores: &Stores) -> Result<(DataFolder, Arc<dyn Registry>), OpenError> {
    match stores.arrangement()? {
        Arrangement::Embedded => {
            let folder = DataFolder::peek(&stores.data)?;
            let vault = SqliteVault::open(&folder.vault(), folder.root_key())?;
            Ok((folder, Arc::new(vault)))
        }
        Arrangement::Servers { vault, .. } => {
            let folder = DataFolder::peek_keys(&stores.data)?;
            let (_, vault) = vault_on(vault, &folder).await?;
            Ok((folder, vault))
        }
    }
}

/// The read models: for who asks, and for what fills them.
pub(super) async fn views(
    stores: &Stores,
    folder: &DataFolder,
    set: &ProjectionSet,
) -> Result<(Arc<dyn Views>, Arc<dyn RowStore>), OpenError> {
    match stores.arrangement()? {
        Arrangement::Embedded => {
            let views = SqliteViews::open(&folder.views())?;
            Ok((Arc::new(views.clone()), Arc::new(views)))
        }
        Arrangement::Servers { views, .. } => {
            let opened = patiently(|| async {
                let server = Postgres::new(views.url(), VIEWS)?;
                Ok(PostgresViews::open(server, &set.shapes()).await?)
            });
            let views = Arc::new(opened.await?);
            Ok((Arc::clone(&views) as Arc<dyn Views>, views))
        }
    }
}

async fn events_on(address: &Address, observer: Observer) -> Result<Arc<dyn EventStore>, OpenError> {
    if !address.is_postgres() {
        return Ok(Arc::new(EventStoreDb::open(address.url(), "", Some(observer)).await?));
    }
    let server = Postgres::new(address.url(), EVENTS)?;
    let options = PostgresOptions { observer: Some(observer), ..PostgresOptions::default() };
    Ok(Arc::new(PostgresEventStore::open(server, options).await?))
}

async fn vault_on(address: &Address, keys: &DataFolder) -> Result<(Arc<Postgres>, Arc<PostgresVault>), OpenError> {
    let server = Arc::new(Postgres::new(address.url(), VAULT)?);
    let vault = PostgresVault::open(Arc::clone(&server), keys.root_key(), keys.token_key()).await?;
    Ok((server, Arc::new(vault)))
}

/// Tries again for a while what may heal by itself; each new reason is told once.
async fn patiently<T, F>(mut open: impl FnMut() -> F) -> Result<T, OpenError>
where
    F: Future<Output = Result<T, OpenError>>,
{
    let begun = Instant::now();
    let (mut pause, mut told) = (FIRST_PAUSE, String::new());
    loop {
        match open().await {
            Err(OpenError::Unavailable(reason)) if begun.elapsed() + pause < PATIENCE => {
                if reason != told {
                    tracing::warn!(event = "store.waited_for", reason, "the store is tried again for a while");
                    told = reason;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            outcome => return outcome,
        }
    }
}

/// Those of all nodes, beside the rows.
async fn shared_snapshots(address: &Address) -> Arc<dyn Snapshots> {
    let opened = async { PostgresSnapshots::open(Postgres::new(address.url(), SNAPSHOTS)?).await };
    match opened.await {
        Ok(snapshots) => Arc::new(snapshots),
        Err(refusal) => without_snapshots(&refusal),
    }
}

fn snapshots(file: &Path) -> Arc<dyn Snapshots> {
    match SqliteSnapshots::open(file) {
        Ok(snapshots) => Arc::new(snapshots),
        Err(error) => without_snapshots(&error),
    }
}

/// Snapshots only save time: without them everything works all the same.
fn without_snapshots(why: &dyn std::error::Error) -> Arc<dyn Snapshots> {
    tracing::warn!(event = "snapshots.none", error = %why, "long streams are folded whole");
    Arc::new(NoSnapshots)
}
