//! A search that is watched while it runs, and ended from outside.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::scheduling::solver::bound::Bound;
use domain::scheduling::solver::objective::{Parts, Score};
use domain::scheduling::solver::solve::{Improvement, Solution};

use super::output;
use crate::solve::Instance;
use crate::solve::goal::Goal;
use crate::solve::units;

/// How often the line of progress is written anew on a terminal, and elsewhere.
const ON_TERMINAL: Duration = Duration::from_millis(200);
const ELSEWHERE: Duration = Duration::from_secs(1);

/// What is known of a search while it runs.
#[derive(Debug, Clone, Copy)]
struct Best {
    parts: Parts,
    score: Score,
    bound: Bound,
    iterations: u64,
    at: Duration,
}

/// How long a search took until its first plan, and in all.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    /// Until the first plan.
    pub first: Duration,
    /// In all.
    pub whole: Duration,
}

/// What a search and whoever watches it share.
#[derive(Debug, Default)]
pub struct Watched {
    /// Set when somebody has had enough.
    pub cancelled: Arc<AtomicBool>,
    search: Mutex<Option<Search>>,
}

#[derive(Debug)]
struct Search {
    line: Line,
    began: Instant,
    first: Option<Duration>,
    best: Option<Best>,
    running: bool,
}

impl Watched {
    /// The search begins now.
    pub fn begin(&self, goal: Goal, instance: &Instance) -> Instant {
        let began = Instant::now();
        let line = Line { goal, unit: instance.unit, terminal: is_terminal(), shown: None };
        *self.search() = Some(Search { line, began, first: None, best: None, running: true });
        began
    }

    /// It has a better plan.
    pub fn better(&self, improvement: &Improvement<'_>) {
        let Some(search) = &mut *self.search() else { return };
        let Improvement { parts, score, bound, iterations, .. } = *improvement;
        let at = search.began.elapsed();
        search.best = Some(Best { parts, score, bound, iterations, at });
        // The first is told at once.
        if search.first.is_none() {
            search.first = Some(at);
            search.line.show(at, search.best.as_ref());
        }
    }

    /// It is over, and its last line is written.
    pub fn end(&self, solution: &Solution) -> Took {
        let Some(search) = &mut *self.search() else { return Took { first: Duration::ZERO, whole: Duration::ZERO } };
        let Solution { parts, score, bound, iterations, .. } = *solution;
        let whole = search.began.elapsed();
        search.running = false;
        search.line.last(whole, &Best { parts, score, bound, iterations, at: whole });
        Took { first: search.first.unwrap_or(whole), whole }
    }

    /// Somebody has had enough. Whether there is a search that makes something of it; asked a second time there is none.
    pub fn interrupt(&self) -> bool {
        let search = self.search();
        search.is_some() && !self.cancelled.swap(true, Ordering::Relaxed)
    }

    /// Writes how the search stands, while it runs.
    pub fn show(&self) {
        if let Some(search) = self.search().as_mut().filter(|search| search.running) {
            search.line.show(search.began.elapsed(), search.best.as_ref());
        }
    }

    /// Takes the line of progress away.
    pub fn clear(&self) {
        if let Some(search) = self.search().as_mut().filter(|search| search.running) {
            search.running = false;
            search.line.clear();
        }
    }

    fn search(&self) -> MutexGuard<'_, Option<Search>> {
        self.search.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often to show it.
pub fn every() -> Duration {
    if is_terminal() { ON_TERMINAL } else { ELSEWHERE }
}

fn is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

/// The line of progress on standard error: written over itself on a terminal, only when something is better elsewhere.
#[derive(Debug)]
struct Line {
    goal: Goal,
    unit: i64,
    terminal: bool,
    shown: Option<i64>,
}

impl Line {
    fn show(&mut self, elapsed: Duration, best: Option<&Best>) {
        let Some(best) = best else { return };
        let value = self.goal.value(&best.parts, best.score);
        if self.terminal {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[2K{}", self.text(elapsed, best));
        } else if self.shown != Some(value) {
            output::note(&self.text(elapsed, best));
        }
        self.shown = Some(value);
    }

    fn last(&self, elapsed: Duration, best: &Best) {
        self.clear();
        output::note(&self.text(elapsed, best));
    }

    fn clear(&self) {
        if self.terminal {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[2K");
        }
    }

    fn text(&self, elapsed: Duration, best: &Best) -> String {
        let (value, bound) = (self.goal.value(&best.parts, best.score), self.goal.bound(&best.bound));
        let [shown, least] = [value, bound].map(|it| self.goal.shown(it, self.unit));
        let gap = self.goal.gap(&best.parts, best.score, &best.bound);
        let gap = gap.map_or_else(|| "unknown".to_owned(), |gap| format!("{gap:.1} %"));
        let moves = u128::from(best.iterations) * 1_000 / best.at.as_millis().max(1);
        let moves = units::grouped(i64::try_from(moves).unwrap_or(i64::MAX));
        let name = self.goal.name();
        let seconds = elapsed.as_secs_f64();
        format!("{seconds:6.1} s  {name} {shown}  bound {least}  gap {gap}  {moves} moves/s")
    }
}
