//! Projections at work on a store, and the check that every suite ends with.

use std::sync::Arc;
use std::time::Duration;

use domain::ports::{Codec, EventStore};
use infra::codec::JsonCodec;
use infra::runner::{ProjectionSet, Rebuilt, Runner, Sources};
use infra::vault::SqliteVault;
use infra::views::SqliteViews;

/// Far more than anything here takes; a test that reaches it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A runner with what it runs on.
pub struct Projecting {
    /// The log.
    pub store: Arc<dyn EventStore>,
    /// The rows.
    pub views: SqliteViews,
    /// The runner.
    pub runner: Runner,
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
    pub async fn start(store: Arc<dyn EventStore>, views: SqliteViews, set: &ProjectionSet) -> Self {
        Self::with_codec(store, views, set, codec()).await
    }

    /// Starts `set` on these, with a codec of one's own.
    ///
    /// # Panics
    /// When the runner does not start.
    pub async fn with_codec(
        store: Arc<dyn EventStore>,
        views: SqliteViews,
        set: &ProjectionSet,
        codec: Arc<dyn Codec>,
    ) -> Self {
        let sources = Sources { store: Arc::clone(&store), codec, rows: Arc::new(views.clone()) };
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
    pub async fn stop(self) -> (Arc<dyn EventStore>, SqliteViews) {
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
