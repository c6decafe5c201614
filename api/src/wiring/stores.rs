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
use infra::vault::secrets::Secrets;
use infra::vault::windows::SharedWindows;
use infra::vault::{PostgresAnswers, PostgresVault, Registry, SqliteAnswers, SqliteVault};
use infra::views::{PostgresViews, RowStore, SqliteViews};
use projections::views::Views;

use super::refusal::OpenError;

/// Names of Kilter's schemas on PostgreSQL.
pub(super) const EVENTS: &str = "kilter_events";
const VIEWS: &str = "kilter_views";
const SNAPSHOTS: &str = "kilter_snapshots";
pub(super) const VAULT: &str = "kilter_vault";

/// How long a start tries servers again that can't be reached, and at what pace.
const PATIENCE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// What commands need.
pub(super) struct Opened {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) vault: Arc<dyn Vault>,
    pub(super) registry: Arc<dyn Registry>,
    pub(super) secrets: Arc<dyn Secrets>,
    /// Where nodes share what they count; `None` where there is one node.
    pub(super) windows: Option<Arc<dyn SharedWindows>>,
    pub(super) answers: Arc<dyn Answers>,
    pub(super) snapshots: Arc<dyn Snapshots>,
    /// Last, so that its lock is let go after everything else is closed.
    pub(super) folder: DataFolder,
}

/// Opens all but the read models. What answers not yet is waited for.
pub(super) async fn open(
    stores: &Stores,
    now: Timestamp,
    observer: Observer,
    patience: Patience,
) -> Result<Opened, OpenError> {
    match stores.arrangement()? {
        Arrangement::Embedded => embedded(&stores.data, now, observer),
        Arrangement::Servers { events, views, vault } => {
            if !DataFolder::has_keys(&stores.data)? {
                patience.with(|| accepting([events, views], vault)).await?;
            }
            // First of all: it sets up its TLS for the process.
            let store = patience.with(|| events_on(events, Arc::clone(&observer))).await?;
            let folder = open_keys(&stores.data).await?;
            let (vault, answers) = patience
                .with(|| async {
                    let (server, vault) = vault_on(vault, &folder).await?;
                    Ok((vault, PostgresAnswers::open(server, now).await?))
                })
                .await?;
            Ok(Opened {
                store,
                vault: Arc::clone(&vault) as Arc<dyn Vault>,
                registry: Arc::clone(&vault) as Arc<dyn Registry>,
                secrets: Arc::clone(&vault) as Arc<dyn Secrets>,
                windows: Some(vault),
                answers: Arc::new(answers),
                snapshots: shared_snapshots(views).await,
                folder,
            })
        }
    }
}

/// Before the first keys are made, or anything else: that every server takes what would be put on it.
async fn accepting(stores: [&Address; 2], vault: &Address) -> Result<(), OpenError> {
    for (address, schema) in stores.into_iter().zip([EVENTS, VIEWS]).filter(|(address, _)| address.is_postgres()) {
        Postgres::new(address.url(), schema)?.check().await?;
    }
    let vault = Postgres::new(vault.url(), VAULT)?;
    vault.check().await?;
    Ok(PostgresVault::check_unclaimed(&vault).await?)
}

/// It may wait for another node that is making them.
async fn open_keys(folder: &Path) -> Result<DataFolder, OpenError> {
    let folder = folder.to_owned();
    let opened = tokio::task::spawn_blocking(move || DataFolder::open_keys(&folder)).await;
    Ok(opened.map_err(|panic| OpenError::Unavailable(panic.to_string()))??)
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
        registry: Arc::clone(&vault) as Arc<dyn Registry>,
        secrets: vault,
        windows: None,
        answers: Arc::new(SqliteAnswers::open(&folder.vault(), now)?),
        snapshots: snapshots(&folder.snapshots()),
        folder,
    })
}

/// The registers as they are, beside whatever else uses them, with the keys.
pub(super) async fn registry(stores: &Stores) -> Result<(DataFolder, Arc<dyn Registry>), OpenError> {
    match stores.arrangement()? {
        Arrangement::Embedded => {
            let folder = DataFolder::peek(&stores.data)?;
            let vault = SqliteVault::join(&folder.vault(), folder.root_key())?;
            Ok((folder, Arc::new(vault)))
        }
        Arrangement::Servers { vault, .. } => {
            let folder = DataFolder::peek_keys(&stores.data)?;
            let server = Arc::new(Postgres::new(vault.url(), VAULT)?);
            let vault = PostgresVault::join(server, folder.root_key(), folder.token_key()).await?;
            Ok((folder, Arc::new(vault)))
        }
    }
}

/// The read models: for who asks, and for what fills them.
pub(super) async fn views(
    stores: &Stores,
    folder: &DataFolder,
    set: &ProjectionSet,
    patience: Patience,
) -> Result<(Arc<dyn Views>, Arc<dyn RowStore>), OpenError> {
    match stores.arrangement()? {
        Arrangement::Embedded => {
            let views = SqliteViews::open(&folder.views())?;
            Ok((Arc::new(views.clone()), Arc::new(views)))
        }
        Arrangement::Servers { views, .. } => {
            let opened = patience.with(|| async {
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

/// For how long a start tries again, in all, what may heal by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    until: Instant,
}

impl Patience {
    /// For a start that begins now.
    pub(super) fn begin() -> Self {
        Self { until: Instant::now() + PATIENCE }
    }

    /// Tries it until it succeeds, can't heal, or patience ends; each new reason is told once.
    pub(super) async fn with<T, F>(self, mut part: impl FnMut() -> F) -> Result<T, OpenError>
    where
        F: Future<Output = Result<T, OpenError>>,
    {
        let (mut pause, mut told) = (FIRST_PAUSE, String::new());
        loop {
            match part().await {
                Err(OpenError::Unavailable(reason)) if Instant::now() + pause < self.until => {
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
