//! Runs for all tenants: begun, found, cancelled, forgotten.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::kernel::TenantId;
use domain::ports::IdSource;

use super::kept::Kept;
use super::limits::Limits;
use super::pool::{self, Pool, Search};
use super::queue::Queue;
use super::run::{Asked, Ending, PlanningRunId, Run, Wanted};

/// Why a run is not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Too many of the tenant's wait.
    #[error("{0} runs wait already: cancel one, or wait until one ends")]
    TooMany(usize),
    /// It may not take so long, or no time at all.
    #[error("a run takes 1 to {} seconds", .0.as_secs())]
    Time(Duration),
    /// The process ends.
    #[error("Kilter is being stopped: ask again in a moment")]
    Closed,
}

/// Plans for all tenants.
pub struct Planner {
    limits: Limits,
    pool: Pool,
    runs: Mutex<Kept>,
}

impl Planner {
    /// With these limits; its threads begin at once.
    pub fn new(limits: Limits, ids: Arc<dyn IdSource>) -> std::io::Result<Self> {
        Self::searching(limits, ids, pool::search)
    }

    pub(super) fn searching(limits: Limits, ids: Arc<dyn IdSource>, search: Search) -> std::io::Result<Self> {
        let pool = Pool::new(limits.threads, Queue::new(limits.at_once, limits.waiting), ids, search)?;
        Ok(Self { limits, pool, runs: Mutex::default() })
    }

    /// How much may be planned at once.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether a run may take as long as somebody wants.
    pub fn check(&self, wanted: &Wanted) -> Result<(), Refused> {
        let longest = self.limits.longest;
        if (Duration::from_secs(1)..=longest).contains(&wanted.time) { Ok(()) } else { Err(Refused::Time(longest)) }
    }

    /// Whether one more of the tenant's could wait now.
    pub fn room(&self, tenant: TenantId) -> Result<(), Refused> {
        if self.pool.has_room(tenant) { Ok(()) } else { Err(Refused::TooMany(self.limits.waiting)) }
    }

    /// Begins a run; under an identity that is known it is that run, whatever is asked.
    pub fn start(&self, tenant: TenantId, id: PlanningRunId, asked: Asked) -> Result<Arc<Run>, Refused> {
        self.check(&asked.wanted)?;
        let mut runs = self.runs();
        if let Some(known) = runs.find(tenant, id) {
            return Ok(known);
        }
        runs.forget(Instant::now(), &self.limits);
        let run = Arc::new(Run::new(tenant, id, asked));
        match self.pool.push(&run) {
            Some(true) => {}
            Some(false) => return Err(Refused::TooMany(self.limits.waiting)),
            None => return Err(Refused::Closed),
        }
        runs.add(&run);
        Ok(run)
    }

    /// A run of this tenant that goes on, or has ended lately.
    pub fn find(&self, tenant: TenantId, id: PlanningRunId) -> Option<Arc<Run>> {
        self.runs().find(tenant, id)
    }

    /// Ends a run of this tenant; `None` when there is none. Its best plan stays for a while.
    pub fn cancel(&self, tenant: TenantId, id: PlanningRunId) -> Option<Arc<Run>> {
        let run = self.find(tenant, id)?;
        run.end(Ending::Cancelled);
        Some(run)
    }

    /// Ends runs that nobody listens to, and forgets those that have been over for long. To be called every second or so.
    pub fn tend(&self, now: Instant) {
        let mut runs = self.runs();
        let unheard = |since: Instant| now.saturating_duration_since(since) >= self.limits.unheard;
        for run in runs.all().filter(|run| run.unheard_since().is_some_and(unheard)) {
            run.end(Ending::Unheard);
        }
        runs.forget(now, &self.limits);
    }

    /// Ends all runs and takes no more. Comes back when its threads have ended.
    pub fn close(&self) {
        let runs: Vec<Arc<Run>> = self.runs().all().cloned().collect();
        for run in runs {
            run.end(Ending::ShutDown);
        }
        self.pool.close();
        // One may have been begun in between: no thread took it.
        for run in self.runs().all() {
            run.end(Ending::ShutDown);
        }
    }

    fn runs(&self) -> MutexGuard<'_, Kept> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Planner {
    fn drop(&mut self) {
        self.close();
    }
}
