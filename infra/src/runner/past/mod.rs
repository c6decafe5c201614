//! Read models as they were: folded up to an earlier position, in memory, for whoever asks of the past.
//!
//! What was folded for one position is kept as a [`Frame`] and folded on from for a later one; frames of one tenant share the rows that
//! are the same in them. Weight and number of frames, folds at once and how long they are waited for are bounded.

mod ask;
mod errors;
mod frame;
mod reel;
mod unroll;
mod views;
mod weight;

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use domain::kernel::{TenantId, Timestamp};
use domain::ports::{Codec, EventStore, Position, Scope};
use projections::activity_log::ActivityLog;
use projections::projection::Projection;
use projections::views::Views;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

pub use self::errors::PastError;
use self::frame::Frame;
use self::reel::Reel;
use self::unroll::Unrolling;
use self::views::PastViews;
use self::weight::Scale;
use super::ProjectionSet;
use super::batch::Log;
use super::set::Member;
pub use crate::event_store::last_at;
use crate::event_store::{EndedLog, last_until};

/// What the past may cost.
#[derive(Debug, Clone, Copy)]
pub struct PastLimits {
    /// Bytes of all rows that are kept, as far as they are counted.
    pub bytes: usize,
    /// Positions of one tenant that are kept.
    pub frames: usize,
    /// Folds at once, of all tenants; of one tenant there is one at a time.
    pub folds: usize,
    /// Those of one tenant that wait for their turn.
    pub waiting: usize,
    /// Events after which a fold keeps where it is, so that what is asked next may begin there.
    pub stride: usize,
    /// How long a question waits for a fold, which goes on after that.
    pub patience: Duration,
    /// For how long a frame is kept: what was removed from the log since is in it that long.
    pub life: Duration,
}

impl Default for PastLimits {
    fn default() -> Self {
        Self {
            bytes: 256 << 20,
            frames: 32,
            folds: 2,
            waiting: 8,
            stride: 10_000,
            patience: Duration::from_secs(8),
            life: Duration::from_mins(15),
        }
    }
}

/// Which moment is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// After everything that was recorded at this instant or before.
    Instant(Timestamp),
    /// After the event at this position.
    Position(Position),
}

/// A moment of a tenant's past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// Whose.
    pub tenant: TenantId,
    /// Everything up to here had been recorded.
    pub position: Position,
    /// The tenant's own last event up to there; 0 before the first.
    pub last: Position,
    /// What the clock said; `None` before the first event, where no instant was asked for.
    pub instant: Option<Timestamp>,
}

/// The pasts of all tenants.
pub struct Pasts {
    store: Arc<dyn EventStore>,
    codec: Arc<dyn Codec>,
    present: Arc<dyn Views>,
    members: Vec<Member>,
    limits: PastLimits,
    scale: Arc<Scale>,
    folds: Semaphore,
    reels: Mutex<HashMap<TenantId, Arc<Reel>>>,
}

impl Pasts {
    /// Of this log. The index of what happened is asked of the `present`, which has all of it.
    pub fn new(store: Arc<dyn EventStore>, codec: Arc<dyn Codec>, present: Arc<dyn Views>, limits: PastLimits) -> Self {
        let mut members = ProjectionSet::all().members().to_vec();
        members.retain(|member| member.shape.name != ActivityLog::NAME);
        let (scale, folds) = (Arc::default(), Semaphore::new(limits.folds));
        Self { store, codec, present, members, limits, scale, folds, reels: Mutex::default() }
    }

    /// The moment that is meant; `now` is the present.
    pub async fn find(&self, tenant: TenantId, when: When, now: Timestamp) -> Result<Moment, PastError> {
        let head = self.store.head().await?;
        match when {
            When::Instant(instant) if instant > now => Err(PastError::Future),
            When::Position(position) if position > head => Err(PastError::Future),
            When::Instant(instant) => {
                let found = last_until(&*self.store, tenant, head, instant).await?;
                let last = found.map_or(Position::default(), |event| event.position);
                Ok(Moment { tenant, position: last, last, instant: Some(instant) })
            }
            When::Position(position) => {
                let found = last_at(&*self.store, tenant, position).await?;
                let last = found.as_ref().map_or(Position::default(), |event| event.position);
                Ok(Moment { tenant, position, last, instant: found.map(|event| event.event.recorded_at) })
            }
        }
    }

    /// The read models as they were then. Why they can't be asked is told to `failure` as well.
    pub fn views(self: &Arc<Self>, moment: Moment, failure: Arc<OnceLock<PastError>>) -> Arc<dyn Views> {
        Arc::new(PastViews { pasts: Arc::clone(self), moment, failure })
    }

    /// The log as it was then: it ends there, and nothing can be appended.
    pub fn log(&self, moment: &Moment) -> Arc<dyn EventStore> {
        Arc::new(EndedLog::new(Arc::clone(&self.store), moment.position))
    }

    /// Bytes of all rows that are kept or in use, as far as they are counted.
    pub fn bytes(&self) -> usize {
        self.scale.total()
    }

    /// How many frames are kept.
    pub fn frames(&self) -> usize {
        self.reels().values().map(|reel| reel.len()).sum()
    }

    async fn frame(self: &Arc<Self>, tenant: TenantId, last: Position) -> Result<Arc<Frame>, PastError> {
        let reel = self.reel(tenant);
        if let Some(frame) = reel.at(last, self.limits.life) {
            return Ok(frame);
        }
        if reel.waiting.fetch_add(1, Ordering::Relaxed) >= self.limits.waiting {
            reel.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(PastError::Busy);
        }
        // It goes on when nobody waits any more: what it comes to is kept.
        let (pasts, at) = (Arc::clone(self), Arc::clone(&reel));
        let fold = tokio::spawn(async move {
            let folded = pasts.fold(&at, tenant, last).await;
            at.waiting.fetch_sub(1, Ordering::Relaxed);
            folded
        });
        match tokio::time::timeout(self.limits.patience, fold).await {
            Ok(Ok(folded)) => folded,
            Ok(Err(broken)) => Err(PastError::Broken(broken.to_string())),
            Err(_) => Err(PastError::NotReady { at: reel.progress(), of: last }),
        }
    }

    async fn fold(
        self: &Arc<Self>,
        reel: &Arc<Reel>,
        tenant: TenantId,
        last: Position,
    ) -> Result<Arc<Frame>, PastError> {
        let _turn = reel.turn.lock().await;
        if let Some(frame) = reel.at(last, self.limits.life) {
            return Ok(frame);
        }
        let _permit = self.folds.acquire().await.map_err(|closed| PastError::Broken(closed.to_string()))?;
        let (pasts, at, runtime) = (Arc::clone(self), Arc::clone(reel), Handle::current());
        let work = move || pasts.unroll(&at, tenant, last, runtime);
        tokio::task::spawn_blocking(work).await.map_err(|broken| PastError::Broken(broken.to_string()))?
    }

    /// Folds on from the nearest frame before.
    fn unroll(&self, reel: &Reel, tenant: TenantId, last: Position, runtime: Handle) -> Result<Arc<Frame>, PastError> {
        let base = reel.before(last, self.limits.life);
        let (store, codec) = (Arc::clone(&self.store), Arc::clone(&self.codec));
        let log = Log { store, codec, runtime, scope: Scope::Tenant(tenant) };
        let base = base.unwrap_or_else(|| Arc::new(Frame::empty(&self.members)));
        let mut unrolling = Unrolling::from(&base, &self.members, &self.scale);
        drop(base);
        let mut next_stop = self.limits.stride;
        let pages = log.ahead(unrolling.position(), last, super::engine::BULK).map_err(PastError::Thread)?;
        while unrolling.position() < last {
            let Ok(page) = pages.recv() else { break };
            unrolling.fold(&page?)?;
            reel.show(unrolling.position());
            self.make_room()?;
            if unrolling.folded() >= next_stop && unrolling.position() < last {
                next_stop = unrolling.folded() + self.limits.stride;
                self.keep(reel, unrolling.frame());
            }
        }
        // Nothing of the tenant follows what was read last.
        let frame = unrolling.end(last);
        self.keep(reel, Arc::clone(&frame));
        self.make_room()?;
        Ok(frame)
    }

    fn keep(&self, reel: &Reel, frame: Arc<Frame>) {
        reel.keep(frame, self.limits.frames);
    }

    /// Lets go of what was longest unused, until the rest is light enough.
    fn make_room(&self) -> Result<(), PastError> {
        while self.scale.total() > self.limits.bytes {
            let reels: Vec<Arc<Reel>> = self.reels().values().cloned().collect();
            let Some(oldest) = reels.iter().filter(|reel| reel.len() > 0).min_by_key(|reel| reel.last_use()) else {
                return Err(PastError::TooLarge { limit: self.limits.bytes });
            };
            oldest.let_one_go();
        }
        self.reels().retain(|_, reel| {
            reel.let_old_go(self.limits.life);
            reel.len() > 0 || reel.waiting.load(Ordering::Relaxed) > 0
        });
        Ok(())
    }

    fn reel(&self, tenant: TenantId) -> Arc<Reel> {
        Arc::clone(self.reels().entry(tenant).or_default())
    }

    fn reels(&self) -> MutexGuard<'_, HashMap<TenantId, Arc<Reel>>> {
        self.reels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
