//! One run of the optimiser: what was asked, how far it is, and the best plan until now.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::kernel::{ScenarioId, TenantId};
use domain::scheduling::solver::objective::{Parts, Score, Weights};
use domain::scheduling::solver::{Bound, Improvement, Plan, Preset, Solution};
use projections::planning::{Planning, Shop};
use tokio::sync::watch;
use uuid::Uuid;

use super::office::Accepted;

/// A run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlanningRunId(pub Uuid);

impl fmt::Display for PlanningRunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// From where work is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// As soon as can be.
    Forward,
    /// As late as the due dates allow.
    Backward,
}

/// What somebody wants of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// What counts, by name; what the company's policies say, where nobody does.
    pub preset: Option<Preset>,
    /// What counts how much, where somebody says it in numbers.
    pub weights: Option<Weights>,
    /// Where chance starts.
    pub seed: u64,
    /// How long it may take, once it has begun.
    pub time: Duration,
    /// From where work is laid out.
    pub direction: Direction,
    /// In which what-if, instead of the plan of the site.
    pub scenario: Option<ScenarioId>,
}

/// What is asked of a run.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What somebody wants.
    pub wanted: Wanted,
    /// What counts how much, then.
    pub weights: Weights,
    /// What is to be planned, with the plan that people know.
    pub planning: Planning,
    /// The shop that it was made of.
    pub shop: Arc<Shop>,
    /// The version of the plan that people know.
    pub based_on: u64,
}

impl Asked {
    /// The plan that people know, where there is any.
    pub fn baseline(&self) -> Option<&Plan> {
        let baseline = &self.planning.baseline;
        baseline.assignments.iter().any(Option::is_some).then_some(baseline)
    }
}

/// The best plan until now.
#[derive(Debug, Clone)]
pub struct Best {
    /// The plan.
    pub plan: Plan,
    /// What it is worth, by parts.
    pub parts: Parts,
    /// What it is worth under the weights.
    pub score: Score,
    /// What no plan can be below.
    pub bound: Bound,
    /// Iterations until it was found, or until the end.
    pub iterations: u64,
}

impl From<&Improvement<'_>> for Best {
    fn from(found: &Improvement<'_>) -> Self {
        let Improvement { plan, parts, score, bound, iterations } = *found;
        Self { plan: plan.clone(), parts, score, bound, iterations }
    }
}

impl From<Solution> for Best {
    fn from(solution: Solution) -> Self {
        let Solution { plan, parts, score, bound, iterations, .. } = solution;
        Self { plan, parts, score, bound, iterations }
    }
}

impl Best {
    /// How far it may be from the best possible, in percent; `None` where nothing is known, as of one that lacks something.
    pub fn gap_percent(&self) -> Option<f64> {
        crate::solve::goal::Goal::Score.gap(&self.parts, self.score, &self.bound)
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Others are before it.
    Waiting,
    /// It gets better.
    Running,
    /// It is over.
    Over(Ending),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Its time is used up, or no plan can be better.
    Finished {
        /// No plan can be better.
        proved: bool,
    },
    /// Somebody asked for its end.
    Cancelled,
    /// Nobody listened any more.
    Unheard,
    /// The process ends.
    ShutDown,
    /// Kilter is broken; the id finds the cause in the logs.
    Failed {
        /// Names what happened.
        fault: Uuid,
    },
}

/// How far a run is, and what it has found.
#[derive(Debug, Clone)]
pub struct Progress {
    /// How far it is.
    pub stage: Stage,
    /// The best plan until now.
    pub best: Option<Arc<Best>>,
    began: Option<Instant>,
    ended: Option<Instant>,
}

impl Progress {
    /// How long it has been at work.
    pub fn elapsed(&self) -> Duration {
        let until = || self.ended.unwrap_or_else(Instant::now);
        self.began.map(|began| until().saturating_duration_since(began)).unwrap_or_default()
    }

    /// Since when it is over.
    pub const fn ended(&self) -> Option<Instant> {
        self.ended
    }

    /// Whether both say the same, but for the time.
    pub fn says(&self, other: &Self) -> bool {
        let plan = |of: &Self| of.best.as_ref().map(Arc::as_ptr);
        self.stage == other.stage && plan(self) == plan(other)
    }
}

/// Who listens, and since when nobody does.
#[derive(Debug, Clone, Copy)]
struct Ears {
    listening: usize,
    heard_at: Instant,
}

/// One run of the optimiser.
#[derive(Debug)]
pub struct Run {
    /// Which.
    pub id: PlanningRunId,
    /// Whose.
    pub tenant: TenantId,
    /// What was asked.
    pub asked: Asked,
    /// What came of taking its plan over; who asks for that waits for those who asked before.
    pub(super) accepted: tokio::sync::Mutex<Option<Accepted>>,
    enough: Arc<AtomicBool>,
    progress: watch::Sender<Progress>,
    ears: Mutex<Ears>,
}

impl Run {
    pub(super) fn new(tenant: TenantId, id: PlanningRunId, asked: Asked) -> Self {
        let progress = Progress { stage: Stage::Waiting, best: None, began: None, ended: None };
        Self {
            id,
            tenant,
            asked,
            accepted: tokio::sync::Mutex::default(),
            enough: Arc::default(),
            progress: watch::Sender::new(progress),
            ears: Mutex::new(Ears { listening: 0, heard_at: Instant::now() }),
        }
    }

    /// How far it is. Whoever asks counts as listening at this moment.
    pub fn progress(&self) -> Progress {
        self.ears().heard_at = Instant::now();
        self.watch().borrow().clone()
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        matches!(self.progress.borrow().stage, Stage::Over(_))
    }

    /// Ends it with what it has found, and waits for that.
    pub async fn finish(&self) -> Progress {
        self.enough.store(true, Ordering::Relaxed);
        let mut watched = self.watch();
        let over = watched.wait_for(|progress| matches!(progress.stage, Stage::Over(_))).await;
        over.map_or_else(|_| self.progress(), |progress| progress.clone())
    }

    /// Becomes true when it should end.
    pub(super) fn enough(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.enough)
    }

    pub(super) fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// It is at work from now on. False when it is over already.
    pub(super) fn begin(&self) -> bool {
        self.progress.send_if_modified(|progress| {
            let waits = progress.stage == Stage::Waiting;
            if waits {
                (progress.stage, progress.began) = (Stage::Running, Some(Instant::now()));
            }
            waits
        })
    }

    /// There is a better plan; too late for one that is over.
    pub(super) fn better(&self, best: Best) {
        self.progress.send_if_modified(|progress| {
            let runs = progress.stage == Stage::Running;
            if runs {
                progress.best = Some(Arc::new(best));
            }
            runs
        });
    }

    /// It is over; once only. False when it was over before.
    pub(super) fn end(&self, ending: Ending) -> bool {
        self.enough.store(true, Ordering::Relaxed);
        self.progress.send_if_modified(|progress| {
            let over = matches!(progress.stage, Stage::Over(_));
            if !over {
                (progress.stage, progress.ended) = (Stage::Over(ending), Some(Instant::now()));
            }
            !over
        })
    }

    /// Since when nobody listens; `None` while somebody does.
    pub(super) fn unheard_since(&self) -> Option<Instant> {
        let ears = *self.ears();
        (ears.listening == 0).then_some(ears.heard_at)
    }

    pub(super) fn listens(&self) {
        self.ears().listening += 1;
    }

    pub(super) fn listens_no_more(&self) {
        let mut ears = self.ears();
        ears.listening -= 1;
        ears.heard_at = Instant::now();
    }

    fn ears(&self) -> MutexGuard<'_, Ears> {
        self.ears.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
