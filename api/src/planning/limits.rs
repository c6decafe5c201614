//! How much may be planned at once.

use std::thread::available_parallelism;
use std::time::Duration;

use infra::config::PlanningSettings;

/// More threads than these are worth little to one plan, and a node has other work.
const MOST_BY_ITSELF: usize = 2;

/// How much may be planned at once, and how long what comes of it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Threads that plan.
    pub threads: usize,
    /// Runs of one tenant at once.
    pub at_once: usize,
    /// Runs of one tenant that wait.
    pub waiting: usize,
    /// The longest that a run may take.
    pub longest: Duration,
    /// A run that nobody listens to for so long ends.
    pub unheard: Duration,
    /// The plan of a run that has ended is kept for so long.
    pub kept: Duration,
    /// Runs of one tenant that have ended and are kept.
    pub kept_runs: usize,
    /// Operations in all runs that have ended and are kept.
    pub kept_operations: usize,
}

impl From<&PlanningSettings> for Limits {
    fn from(settings: &PlanningSettings) -> Self {
        let cores = || available_parallelism().map_or(1, usize::from).min(MOST_BY_ITSELF);
        Self {
            threads: settings.threads.unwrap_or_else(cores),
            at_once: settings.runs_at_once,
            waiting: settings.waiting,
            longest: settings.longest,
            unheard: settings.unheard,
            kept: Duration::from_mins(15),
            kept_runs: 4,
            kept_operations: 400_000,
        }
    }
}
