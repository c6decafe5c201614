//! Who hears of what a store committed. They are strangers to it: their panics must not stop its writer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::ports::Position;

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

    /// Tells of a committed batch of this process.
    pub(super) fn committed(&self, last: Option<Position>, batch: AppendBatch) {
        if let Some(observer) = &self.observer {
            guarded(|| observer(batch));
        }
        if let Some(position) = last {
            self.wake(position);
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
