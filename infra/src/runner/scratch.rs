//! What the projections of a log come to, without anybody to serve: folded into a file that goes afterwards.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::ports::{Codec, EventStore, Position};
use projections::views::ViewError;
use uuid::Uuid;

use super::{ProjectionSet, Runner, RunnerError, Sources};
use crate::random::random_bytes;
use crate::views::{Digest, OpenError, SqliteViews};

/// How often it is told how far it is.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// A projection of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    /// Which.
    pub projection: &'static str,
    /// What its rows come to.
    pub digest: Digest,
    /// How many streams it had to put aside.
    pub parked: usize,
}

/// Why a log can't be folded.
#[derive(Debug, thiserror::Error)]
pub enum ScratchError {
    /// There is no room for the file.
    #[error("no file for the projections can be made: {0}")]
    Room(#[from] std::io::Error),
    /// The file can't be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The runner fails.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// The rows can't be read.
    #[error(transparent)]
    Views(#[from] ViewError),
}

/// Folds all of a log, which nobody may append to meanwhile.
pub async fn fold(
    store: Arc<dyn EventStore>,
    codec: Arc<dyn Codec>,
    progress: impl Fn(Position),
) -> Result<Vec<Folded>, ScratchError> {
    let set = ProjectionSet::all();
    let scratch = Scratch::new()?;
    let views = SqliteViews::open(&scratch.0.join("views.db"))?;
    let head = store.head().await.map_err(RunnerError::from)?;
    let sources = Sources { store, codec, rows: Arc::new(views.clone()) };
    let runner = Runner::start(sources, &set).await?;
    let live = runner.live();
    while live.wait_for(head, TELL_EVERY).await.is_err() {
        progress(live.position());
    }
    runner.stop().await;
    let mut folded = Vec::new();
    for status in runner.status() {
        let digest = views.digest(status.projection).await?;
        folded.push(Folded { projection: status.projection, digest, parked: status.parked.len() });
    }
    Ok(folded)
}

/// A folder that goes when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> std::io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("kilter-{}", Uuid::from_bytes(random_bytes()).simple()));
        fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left behind is in the way of nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}
