//! Projections at work on a store, and the check that every suite ends with.

use std::sync::Arc;
use std::time::Duration;

use domain::ports::{Codec, EventStore};
use infra::codec::JsonCodec;
use infra::postgres::Postgres;
use infra::runner::{ProjectionSet, Rebuilt, Runner, Sources};
use infra::vault::SqliteVault;
use infra::views::{Digest, PostgresViews, RowStore, Shape, SqliteViews, ViewStore};

use crate::stores::{Schema, postgres_url};

/// Far more than anything here takes; a test that reaches it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A runner with what it runs on.
pub struct Projecting {
    /// The log.
    pub store: Arc<dyn EventStore>,
    /// The rows.
    pub views: Arc<dyn ViewStore>,
    /// The runner.
    pub runner: Runner,
}

/// Rows that live as long as this value.
///
/// # Panics
/// When there is no memory for them.
pub fn in_memory() -> Arc<dyn ViewStore> {
    Arc::new(SqliteViews::in_memory().expect("views"))
}

/// Rows of these projections on the PostgreSQL server that `KILTER_TEST_POSTGRES_URL` names; they go with the guard.
///
/// # Panics
/// When there is no such server.
pub async fn on_postgres(set: &ProjectionSet) -> (Arc<dyn ViewStore>, Schema) {
    let schema = Schema::scratch();
    let server = Postgres::new(&postgres_url(), schema.name()).expect("a PostgreSQL address");
    let views = PostgresViews::open(server, &set.shapes()).await.expect("views");
    (Arc::new(views), schema)
}

/// The digest of a projection's rows as they are now.
///
/// # Panics
/// When there is no such projection, or it can't be read.
pub async fn digest(views: &Arc<dyn ViewStore>, shape: Shape) -> Digest {
    let views = Arc::clone(views);
    let read = move || {
        let checkpoints = views.checkpoints(&[shape])?;
        let tables: Vec<_> = checkpoints.into_iter().flatten().map(|checkpoint| checkpoint.table).collect();
        views.digests(&tables)
    };
    let digests = tokio::task::spawn_blocking(read).await.expect("no panic").expect("a digest");
    digests[0]
}

/// A codec whose vault is empty.
///
/// # Panics
/// When there is no memory for it.
pub fn codec() -> Arc<dyn Codec> {
    Arc::new(JsonCodec::new(Arc::new(SqliteVault::in_memory().expect("a vault"))))
}

impl Projecting {
    /// Starts `set` on these.
    ///
    /// # Panics
    /// When the runner does not start.
    pub async fn start(store: Arc<dyn EventStore>, views: Arc<dyn ViewStore>, set: &ProjectionSet) -> Self {
        Self::with_codec(store, views, set, codec()).await
    }

    /// Starts `set` on these, with a codec of one's own.
    ///
    /// # Panics
    /// When the runner does not start.
    pub async fn with_codec(
        store: Arc<dyn EventStore>,
        views: Arc<dyn ViewStore>,
        set: &ProjectionSet,
        codec: Arc<dyn Codec>,
    ) -> Self {
        let rows: Arc<dyn RowStore> = Arc::<dyn ViewStore>::clone(&views);
        let sources = Sources { store: Arc::clone(&store), codec, rows };
        let runner = Runner::start(sources, set).await.expect("the runner starts");
        Self { store, views, runner }
    }

    /// Waits until everything in the log is folded.
    ///
    /// # Panics
    /// When that takes too long.
    pub async fn settle(&self) {
        let head = self.store.head().await.expect("a head");
        self.runner.live().wait_for(head, PATIENCE).await.expect("the projections keep up");
    }

    /// Stops the runner; the store and the views stay.
    pub async fn stop(self) -> (Arc<dyn EventStore>, Arc<dyn ViewStore>) {
        self.runner.stop().await;
        (self.store, self.views)
    }
}

/// Rebuilds every projection and compares (F11): what is served is what the log says.
///
/// # Panics
/// When a projection differs from its rebuild, or can't be rebuilt.
pub async fn assert_rebuilt_is_live(runner: &Runner) -> Vec<Rebuilt> {
    let rebuilt = runner.rebuild(&[], |_| {}).await.expect("a rebuild");
    for one in &rebuilt {
        assert!(one.is_equal(), "{} is not what its rebuild comes to: {one:?}", one.projection);
    }
    rebuilt
}
