//! The frames of one tenant, by position.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::ports::Position;

use super::frame::Frame;

/// The frames of one tenant.
#[derive(Default)]
pub(super) struct Reel {
    frames: Mutex<BTreeMap<Position, Kept>>,
    /// Whoever has it folds.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// Folds that run or wait.
    pub(super) waiting: AtomicUsize,
    progress: AtomicU64,
}

struct Kept {
    frame: Arc<Frame>,
    born: Instant,
    used: Instant,
}

impl Reel {
    /// The frame of this position.
    pub(super) fn at(&self, position: Position, life: Duration) -> Option<Arc<Frame>> {
        self.frames().get_mut(&position).and_then(|kept| kept.take_up(life))
    }

    /// The last frame at or before this position.
    pub(super) fn before(&self, position: Position, life: Duration) -> Option<Arc<Frame>> {
        let mut frames = self.frames();
        frames.range_mut(..=position).rev().find_map(|(_, kept)| kept.take_up(life))
    }

    /// Keeps a frame; of more than `most`, what was longest unused goes.
    pub(super) fn keep(&self, frame: Arc<Frame>, most: usize) {
        let now = Instant::now();
        self.frames().insert(frame.position, Kept { frame, born: now, used: now });
        while self.len() > most {
            self.let_one_go();
        }
    }

    /// Lets go of what was longest unused.
    pub(super) fn let_one_go(&self) {
        let mut frames = self.frames();
        let oldest = frames.iter().min_by_key(|(_, kept)| kept.used).map(|(position, _)| *position);
        if let Some(position) = oldest {
            frames.remove(&position);
        }
    }

    /// Lets go of what is older than that.
    pub(super) fn let_old_go(&self, life: Duration) {
        self.frames().retain(|_, kept| kept.born.elapsed() < life);
    }

    /// When the longest unused frame was used.
    pub(super) fn last_use(&self) -> Option<Instant> {
        self.frames().values().map(|kept| kept.used).min()
    }

    /// How many frames there are.
    pub(super) fn len(&self) -> usize {
        self.frames().len()
    }

    /// Tells how far the fold is.
    pub(super) fn show(&self, position: Position) {
        self.progress.store(position.0, Ordering::Relaxed);
    }

    /// How far the fold is.
    pub(super) fn progress(&self) -> Position {
        Position(self.progress.load(Ordering::Relaxed))
    }

    fn frames(&self) -> MutexGuard<'_, BTreeMap<Position, Kept>> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn take_up(&mut self, life: Duration) -> Option<Arc<Frame>> {
        if self.born.elapsed() >= life {
            return None;
        }
        self.used = Instant::now();
        Some(Arc::clone(&self.frame))
    }
}
