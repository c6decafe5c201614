//! Who hears of what a store committed: those who wait for their answers, and strangers, whose panics must not stop its writer.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::ports::{AppendError, Appended, Position};

use super::queue::Waiting;

/// One committed batch, for telemetry.
#[derive(Debug, Clone, Copy)]
pub struct AppendBatch {
    /// Appends that it answered.
    pub requests: usize,
    /// Events that it wrote or that were refused with it.
    pub events: usize,
    /// From taking the first request to the answer.
    pub elapsed: Duration,
}

/// Sees every committed batch; must return at once.
pub type Observer = Arc<dyn Fn(AppendBatch) + Send + Sync>;

pub(super) type Wake = Arc<dyn Fn(Position) + Send + Sync>;

/// What became of a batch.
pub(super) struct Committed {
    /// By append.
    pub(super) outcomes: Vec<Result<Appended, AppendError>>,
    /// Position of the last event that it wrote.
    pub(super) last: Option<Position>,
}

/// Those of one store.
#[derive(Default)]
pub(super) struct Listeners {
    observer: Option<Observer>,
    wakes: Mutex<Vec<Wake>>,
}

impl Listeners {
    pub(super) fn new(observer: Option<Observer>) -> Self {
        Self { observer, wakes: Mutex::default() }
    }

    pub(super) fn add(&self, wake: Wake) {
        self.wakes.lock().unwrap_or_else(PoisonError::into_inner).push(wake);
    }

    /// Answers a batch and tells of it. `place` is where it was written.
    pub(super) fn settle(
        &self,
        place: &dyn Display,
        batch: Vec<Waiting>,
        result: Result<Committed, AppendError>,
        began: Instant,
    ) {
        let requests = batch.len();
        let events = batch.iter().map(|waiting| waiting.append.events.len()).sum();
        match result {
            Ok(committed) => {
                for (waiting, outcome) in batch.into_iter().zip(committed.outcomes) {
                    drop(waiting.answer.send(outcome));
                }
                self.observed(AppendBatch { requests, events, elapsed: began.elapsed() });
                if let Some(position) = committed.last {
                    self.wake(position);
                }
            }
            Err(error) => {
                tracing::error!(%place, %error, requests, "event_store.append_failed");
                for waiting in batch {
                    drop(waiting.answer.send(Err(error.clone())));
                }
            }
        }
    }

    /// Tells of a batch whose appends were all answered.
    pub(super) fn observed(&self, batch: AppendBatch) {
        if let Some(observer) = &self.observer {
            guarded(|| observer(batch));
        }
    }

    /// Tells that there are events up to this position.
    pub(super) fn wake(&self, position: Position) {
        let wakes = self.wakes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for wake in wakes {
            guarded(|| wake(position));
        }
    }
}

fn guarded(tell: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(tell)).is_err() {
        tracing::error!("event_store.listener_panicked");
    }
}
