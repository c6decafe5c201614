//! How much may be planned at once.

use std::time::Duration;

/// What is set of planning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanningSettings {
    /// Threads that plan; `None` is as many as there are cores, but few.
    pub threads: Option<usize>,
    /// Runs of one tenant at once.
    pub runs_at_once: usize,
    /// Runs of one tenant that wait.
    pub waiting: usize,
    /// The longest that a run may take.
    pub longest: Duration,
    /// A run that nobody listens to for so long ends.
    pub unheard: Duration,
}
