//! Threads, time and cancelling for the optimiser.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use domain::scheduling::solver::solve::{Budget, Crew};

/// So many threads, for as long as there are tasks.
#[derive(Debug, Clone, Copy)]
pub struct Threads(pub usize);

impl Crew for Threads {
    fn size(&self) -> usize {
        self.0.max(1)
    }

    fn run(&self, tasks: Vec<Box<dyn FnOnce() + Send + '_>>) {
        let helpers = self.size().min(tasks.len()).saturating_sub(1);
        let left = Mutex::new(tasks.into_iter());
        let next = || left.lock().map_or_else(|broken| broken.into_inner().next(), |mut left| left.next());
        let work = || {
            while let Some(task) = next() {
                task();
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(work);
            }
            work();
        });
    }
}

/// Until a time, or until somebody has had enough.
#[derive(Debug, Default)]
pub struct Until {
    /// When it is over; `None` is when the iterations are used up.
    pub time: Option<Instant>,
    /// Somebody has had enough.
    pub cancelled: Arc<AtomicBool>,
}

impl Budget for Until {
    fn go_on(&self) -> bool {
        !self.cancelled.load(Ordering::Relaxed) && self.time.is_none_or(|time| Instant::now() < time)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn every_task_runs_once_whatever_the_number_of_threads() {
        for threads in [0, 1, 2, 9] {
            let ran = AtomicUsize::new(0);
            let task = |number: usize| {
                let ran = &ran;
                Box::new(move || {
                    ran.fetch_add(1 << number, Ordering::Relaxed);
                }) as Box<dyn FnOnce() + Send + '_>
            };
            Threads(threads).run((0..5).map(task).collect());
            assert_eq!(ran.load(Ordering::Relaxed), 0b1_1111);
        }
    }

    #[test]
    fn it_is_over_when_time_is_up_or_somebody_has_had_enough() {
        let until = Until::default();
        assert!(until.go_on());
        until.cancelled.store(true, Ordering::Relaxed);
        assert!(!until.go_on());
        assert!(!Until { time: Some(Instant::now()), ..Until::default() }.go_on());
    }
}
