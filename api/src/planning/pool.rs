//! The threads that plan. A run has one of them; those that have nothing to do help it, until somebody else's turn comes.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use domain::kernel::TenantId;
use domain::ports::IdSource;
use domain::scheduling::solver::{Budget, Crew, Improvement, Request, Solution, backward, solve};

use super::queue::Queue;
use super::run::{Asked, Direction, Ending, Run};
use crate::solve::crew::{Threads, Until};

/// Who hears of better plans.
pub(super) type Hear<'a> = dyn FnMut(&Improvement<'_>) + Send + 'a;
/// What plans.
pub(super) type Search = fn(&Asked, &dyn Crew, &dyn Budget, &mut Hear<'_>) -> Solution;

/// Plans as it is asked.
pub(super) fn search(asked: &Asked, crew: &dyn Crew, budget: &dyn Budget, hear: &mut Hear<'_>) -> Solution {
    let Asked { wanted, weights, planning, .. } = asked;
    let (problem, baseline) = (&planning.problem, asked.baseline());
    let request = Request { problem, baseline, weights: *weights, seed: wanted.seed, iterations: None };
    match wanted.direction {
        Direction::Forward => solve(&request, crew, budget, hear),
        Direction::Backward => backward(&request, crew, budget, hear),
    }
}

/// The threads.
pub(super) struct Pool {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    size: usize,
    bench: Mutex<Bench>,
    changed: Condvar,
    ids: Arc<dyn IdSource>,
    search: Search,
}

/// Who waits, and how many threads have nothing to do.
struct Bench {
    queue: Queue<Arc<Run>>,
    idle: usize,
    closed: bool,
}

impl Pool {
    /// So many threads that take from this queue.
    pub(super) fn new(
        size: usize,
        queue: Queue<Arc<Run>>,
        ids: Arc<dyn IdSource>,
        search: Search,
    ) -> std::io::Result<Self> {
        let size = size.max(1);
        let bench = Mutex::new(Bench { queue, idle: size, closed: false });
        let shared = Arc::new(Shared { size, bench, changed: Condvar::new(), ids, search });
        let thread = |_| {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().name("planning".to_owned()).spawn(move || shared.serve())
        };
        let threads = (0..size).map(thread).collect::<Result<_, _>>()?;
        Ok(Self { shared, threads: Mutex::new(threads) })
    }

    /// Adds a run to those that wait; `None` when the pool is closed, false when too many wait.
    pub(super) fn push(&self, run: &Arc<Run>) -> Option<bool> {
        let mut bench = self.shared.bench();
        if bench.closed {
            return None;
        }
        // Those that are over wait no more.
        bench.queue.retain(|waiting| !waiting.is_over());
        let room = bench.queue.push(run.tenant, Arc::clone(run));
        self.shared.changed.notify_all();
        Some(room)
    }

    /// Whether one more of the tenant's could wait, or run at once.
    pub(super) fn has_room(&self, tenant: TenantId) -> bool {
        let mut bench = self.shared.bench();
        bench.queue.retain(|waiting| !waiting.is_over());
        bench.queue.has_room(tenant)
    }

    /// Takes no more runs; those that wait are forgotten. Comes back when its threads have ended.
    pub(super) fn close(&self) {
        let mut bench = self.shared.bench();
        bench.closed = true;
        bench.queue.retain(|_| false);
        drop(bench);
        self.shared.changed.notify_all();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // What panicked in it was told when it did.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn bench(&self) -> MutexGuard<'_, Bench> {
        self.bench.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of a thread.
    fn serve(&self) {
        while let Some(run) = self.next() {
            self.attend(&run);
            let mut bench = self.bench();
            bench.queue.ended(run.tenant);
            bench.idle += 1;
            drop(bench);
            self.changed.notify_all();
        }
    }

    fn next(&self) -> Option<Arc<Run>> {
        let mut bench = self.bench();
        loop {
            if bench.closed {
                return None;
            }
            // A thread may be idle here while its place is taken by a helper.
            let next = if bench.idle > 0 { bench.queue.next() } else { None };
            if next.is_some() {
                bench.idle -= 1;
                return next;
            }
            bench = self.changed.wait(bench).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Plans what a run asks. What panics in there is that run's failure and nobody else's.
    fn attend(&self, run: &Run) {
        if !run.begin() {
            return;
        }
        let until = Until { time: Some(Instant::now() + run.asked.wanted.time), cancelled: run.enough() };
        let mut hear = |found: &Improvement<'_>| run.better(found.into());
        let planned = catch_unwind(AssertUnwindSafe(|| (self.search)(&run.asked, &Helpers(self), &until, &mut hear)));
        match planned {
            Ok(solution) => {
                let proved = solution.proved;
                run.better(solution.into());
                run.end(Ending::Finished { proved });
            }
            Err(panic) => {
                let fault = self.ids.next();
                tracing::error!(%fault, run = %run.id, cause = cause(&*panic), "planning.failed");
                run.end(Ending::Failed { fault });
            }
        }
    }

    /// Takes places of idle threads, unless somebody's turn has come.
    fn borrow(&self, most: usize) -> Borrowed<'_> {
        let mut bench = self.bench();
        let count = if bench.queue.has_next() { 0 } else { most.min(bench.idle) };
        bench.idle -= count;
        Borrowed { shared: self, count }
    }
}

fn cause(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a text")
}

/// Places of threads, until it is dropped.
struct Borrowed<'s> {
    shared: &'s Shared,
    count: usize,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        self.shared.bench().idle += self.count;
        self.shared.changed.notify_all();
    }
}

/// The thread of a run, and all that have nothing else to do. Its size is that of the pool, whoever is busy: what a seed gives must
/// not depend on others.
struct Helpers<'s>(&'s Shared);

impl Crew for Helpers<'_> {
    fn size(&self) -> usize {
        self.0.size
    }

    fn run(&self, tasks: Vec<Box<dyn FnOnce() + Send + '_>>) {
        let helpers = self.0.borrow(tasks.len().saturating_sub(1));
        Threads(1 + helpers.count).run(tasks);
    }
}
