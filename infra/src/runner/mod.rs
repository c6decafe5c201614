//! Runs the projections: pulls events, folds them into rows, commits rows and checkpoints together, then tells who listens.

mod batch;
mod cohort;
mod engine;
mod fold;
mod lead;
pub mod past;
mod rebuild;
pub mod scratch;
mod seen;
mod set;
mod start;
mod status;

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use domain::ports::{Codec, EventStore, Position, ReadError, Scope};
use tokio::sync::oneshot;

use self::batch::Log;
use self::engine::{Engine, Order};
use self::rebuild::Wanted;
pub use self::rebuild::{Progress, Rebuilt};
pub use self::set::ProjectionSet;
use self::status::Board;
pub use self::status::Status;
use crate::live::Live;
pub use crate::views::Parked;
use crate::views::{RowStore, RowStoreError};

/// How long after an append the runner looks for itself, when no hint came.
const POLL: Duration = Duration::from_millis(250);

/// Why the runner can't do something.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    /// The events can't be read.
    #[error(transparent)]
    Events(#[from] ReadError),
    /// The view store fails.
    #[error(transparent)]
    Views(#[from] RowStoreError),
    /// A row that was folded can't be written.
    #[error("a row of {projection} can't be written: {reason}")]
    Row {
        /// Which projection.
        projection: &'static str,
        /// Why not.
        reason: String,
    },
    /// The runner itself is at fault.
    #[error("the projections panicked: {0}")]
    Panicked(String),
    /// No projection has this name.
    #[error("no projection is called {0}")]
    UnknownProjection(String),
    /// Another node leads the projection and keeps it.
    #[error("another node leads {0} and does not hand it over: try again, or ask that node")]
    LedElsewhere(&'static str),
    /// A projection is named twice.
    #[error("two projections are called {0}")]
    NamedTwice(&'static str),
    /// A rebuild is under way.
    #[error("another rebuild is under way")]
    Busy,
    /// The thread can't be started.
    #[error("the thread of the projections can't be started: {0}")]
    Thread(std::io::Error),
    /// The runner has stopped.
    #[error("the runner has stopped")]
    Stopped,
}

/// How long a stop waits for the batch in hand.
const STOP_WAIT: Duration = Duration::from_secs(10);

/// What the runner works on.
pub struct Sources {
    /// The log.
    pub store: Arc<dyn EventStore>,
    /// Reads events.
    pub codec: Arc<dyn Codec>,
    /// Where rows go.
    pub rows: Arc<dyn RowStore>,
}

/// The running projections. Dropping it stops them after the batch in hand.
pub struct Runner {
    live: Arc<Live>,
    orders: mpsc::Sender<Order>,
    board: Arc<Board>,
    stopped: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Runner {
    /// Starts where the views were left; projections that are behind the others catch up first. Needs a tokio runtime. What
    /// fails now may be started again.
    pub async fn start(sources: Sources, set: &ProjectionSet) -> Result<Self, RunnerError> {
        let Sources { store, codec, rows } = sources;
        let log = Log { store, codec, runtime: tokio::runtime::Handle::current(), scope: Scope::System };
        let members = set.members().to_vec();
        let (orders, inbox) = mpsc::channel();
        let (look, listen) = (orders.clone(), orders.clone());
        let (tell_begun, begun) = oneshot::channel();
        let (tell_end, stopped) = oneshot::channel();
        let work = move || {
            let (store, shared) = (Arc::clone(&log.store), Arc::clone(&rows));
            match Engine::prepare(log, rows, members) {
                Ok(engine) => {
                    // The runner may have stopped, here and below: nobody to wake.
                    shared.on_commit(Arc::new(move || drop(listen.send(Order::Listen))));
                    store.on_append(Arc::new(move |_| drop(look.send(Order::Look))));
                    match tell_begun.send(Ok((Arc::clone(&engine.live), Arc::clone(&engine.board)))) {
                        Ok(()) => engine.run(&inbox),
                        Err(_) => shared.resign(),
                    }
                }
                // Nobody is there any more to hear why.
                Err(error) => drop(tell_begun.send(Err(error))),
            }
            // Dropped at the end: that is the message.
            drop::<oneshot::Sender<()>>(tell_end);
        };
        std::thread::Builder::new().name("projections".to_owned()).spawn(work).map_err(RunnerError::Thread)?;
        let (live, board) = begun.await.map_err(|_| RunnerError::Stopped)??;
        Ok(Self { live, orders, board, stopped: Mutex::new(Some(stopped)) })
    }

    /// What it tells who listens.
    pub fn live(&self) -> Arc<Live> {
        Arc::clone(&self.live)
    }

    /// How each projection is doing, in the order of the set.
    pub fn status(&self) -> Vec<Status> {
        self.board.status()
    }

    /// How far all projections are committed, as far as this node knows.
    pub fn committed(&self) -> Position {
        self.status().iter().map(|status| status.position).min().unwrap_or_default()
    }

    /// Rebuilds these projections (all of them when none is named) beside the live ones, compares and switches.
    /// Readers see the old rows until the new ones are complete.
    pub async fn rebuild(
        &self,
        names: &[String],
        progress: impl Fn(Progress) + Send + 'static,
    ) -> Result<Vec<Rebuilt>, RunnerError> {
        let (answer, answered) = oneshot::channel();
        let wanted = Wanted { names: names.to_vec(), progress: Box::new(progress), answer };
        self.orders.send(Order::Rebuild(wanted)).map_err(|_| RunnerError::Stopped)?;
        answered.await.map_err(|_| RunnerError::Stopped)?
    }

    /// Tries again, after a fix, what was put aside. Rows may be touched by several streams, so that the held events
    /// can't just be folded late: the projections concerned are rebuilt, which is what they must come to.
    pub async fn retry_parked(&self) -> Result<Vec<Rebuilt>, RunnerError> {
        let parked = self.status().into_iter().filter(|status| !status.parked.is_empty());
        let names: Vec<String> = parked.map(|status| status.projection.to_owned()).collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        self.rebuild(&names, |_| {}).await
    }

    /// Stops after the batch in hand, unless that hangs: then it is let go, and never committed or committed whole.
    pub async fn stop(&self) {
        // Errors say that it has stopped already.
        let _ = self.orders.send(Order::Stop);
        let stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(stopped) = stopped
            && tokio::time::timeout(STOP_WAIT, stopped).await.is_err()
        {
            tracing::warn!(event = "projections.stop_late", "the projections do not stop in time and are let go");
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Stop);
    }
}
