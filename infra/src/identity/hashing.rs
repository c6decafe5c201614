//! Threads for what takes a quarter of a second of pure work each time: two, whoever comes, and no more wait than can be served soon.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::oneshot;

/// How many are worked on at once.
const THREADS: usize = 2;
/// How many wait at most in each lane: some four seconds for the last of them.
const WAITING: usize = 32;

type Work = Box<dyn FnOnce() + Send>;

/// Who waits behind whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Who is known by their device or session: of strangers, however many wait, at most one is served before each of them.
    Known,
    /// Everybody else.
    Others,
}

#[derive(Default)]
struct Waiting {
    known: VecDeque<Work>,
    others: VecDeque<Work>,
    /// Whether it is the others' turn where both wait.
    is_others_turn: bool,
    is_over: bool,
}

impl Waiting {
    /// From both lanes in turn where both wait: those who are known get in, and can't keep everybody else out.
    fn take(&mut self) -> Option<Work> {
        let (first, second) =
            if self.is_others_turn { (&mut self.others, &mut self.known) } else { (&mut self.known, &mut self.others) };
        let (is_others, work) = match first.pop_front() {
            Some(work) => (self.is_others_turn, work),
            None => (!self.is_others_turn, second.pop_front()?),
        };
        self.is_others_turn = !is_others;
        Some(work)
    }
}

#[derive(Default)]
struct Lanes {
    waiting: Mutex<Waiting>,
    came: Condvar,
}

/// The threads; they end when this is dropped.
pub(super) struct Hashing(Arc<Lanes>);

impl Hashing {
    pub(super) fn start() -> std::io::Result<Self> {
        let hashing = Self(Arc::default());
        for _ in 0..THREADS {
            let lanes = Arc::clone(&hashing.0);
            thread::Builder::new().name("passwords".to_owned()).spawn(move || work(&lanes))?;
        }
        Ok(hashing)
    }

    /// What comes of the work; none where too many wait already. What nobody waits for any more is not done.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (told, hears) = oneshot::channel();
        let work = Box::new(move || {
            if !told.is_closed() {
                // Who went away meanwhile does not hear it.
                drop(told.send(work()));
            }
        });
        if !self.0.add(lane, work) {
            return None;
        }
        hears.await.ok()
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        self.0.waiting().is_over = true;
        self.0.came.notify_all();
    }
}

impl Lanes {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there was room.
    fn add(&self, lane: Lane, work: Work) -> bool {
        let mut waiting = self.waiting();
        let lane = match lane {
            Lane::Known => &mut waiting.known,
            Lane::Others => &mut waiting.others,
        };
        if lane.len() >= WAITING {
            return false;
        }
        lane.push_back(work);
        self.came.notify_one();
        true
    }

    /// The next piece of work; none when it is over.
    fn next(&self) -> Option<Work> {
        let mut waiting = self.waiting();
        loop {
            if let Some(work) = waiting.take() {
                return Some(work);
            }
            if waiting.is_over {
                return None;
            }
            waiting = self.came.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn work(lanes: &Lanes) {
    while let Some(work) = lanes.next() {
        // A fault in one piece of work must not end the thread; who waits for it hears that there is no answer.
        drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Blocks all threads until the barrier opens; as many more as may wait are waiting.
    fn filled(hashing: &Arc<Hashing>) -> (Arc<Barrier>, Vec<tokio::task::JoinHandle<Option<()>>>) {
        let (started, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Barrier::new(THREADS + 1)));
        let mut tasks = Vec::new();
        for _ in 0..THREADS {
            let (hashing, gate, started) = (Arc::clone(hashing), Arc::clone(&gate), Arc::clone(&started));
            tasks.push(tokio::spawn(async move {
                let blocked = move || {
                    started.fetch_add(1, Ordering::SeqCst);
                    gate.wait();
                };
                hashing.run(Lane::Others, blocked).await
            }));
        }
        (gate, tasks)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_comes_when_too_many_wait_is_told_so_at_once_and_nobody_else_is_harmed() {
        let hashing = Arc::new(Hashing::start().unwrap());
        let (gate, blocked) = filled(&hashing);
        // Until all threads are busy, there is room for what they have taken.
        let mut waiting = Vec::new();
        let told = loop {
            let hashing = Arc::clone(&hashing);
            let (told, mut hears) = oneshot::channel();
            waiting.push(tokio::spawn(async move {
                let mut running = Box::pin(hashing.run(Lane::Others, || 7));
                let first = futures_util::poll!(&mut running);
                let is_full = first == std::task::Poll::Ready(None);
                assert_eq!(told.send(is_full), Ok(()));
                if is_full { None } else { running.await }
            }));
            if (&mut hears).await.unwrap() {
                break true;
            }
            assert!(waiting.len() <= WAITING + THREADS, "the queue is bounded");
        };
        assert!(told);
        tokio::task::spawn_blocking(move || gate.wait()).await.unwrap();
        for task in blocked {
            assert_eq!(task.await.unwrap(), Some(()));
        }
        let answers: Vec<Option<i32>> =
            futures_util::future::join_all(waiting).await.into_iter().map(Result::unwrap).collect();
        let (full, served): (Vec<_>, Vec<_>) = answers.into_iter().partition(Option::is_none);
        assert_eq!(full.len(), 1);
        assert!(served.len() >= WAITING - THREADS && served.iter().all(|answer| *answer == Some(7)));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_is_known_waits_behind_no_stranger_and_finds_room_when_there_is_none_for_strangers() {
        let hashing = Arc::new(Hashing::start().unwrap());
        let (gate, blocked) = filled(&hashing);
        while hashing.0.waiting().others.len() < WAITING {
            let hashing = Arc::clone(&hashing);
            let for_ever = || -> () {
                loop {
                    thread::park();
                }
            };
            tokio::spawn(async move { hashing.run(Lane::Others, for_ever).await });
            tokio::task::yield_now().await;
        }
        let mut known = Box::pin(hashing.run(Lane::Known, || 7));
        assert!(futures_util::poll!(&mut known).is_pending(), "there is room");
        tokio::task::spawn_blocking(move || gate.wait()).await.unwrap();
        assert_eq!(known.await, Some(7), "before the strangers, who never end");
        drop(blocked);
        hashing.0.waiting().others.clear();
    }

    #[test]
    fn others_are_served_in_turn_while_those_who_are_known_keep_coming() {
        let (served, mut waiting) = (Arc::new(Mutex::new(Vec::new())), Waiting::default());
        for number in 0..20 {
            for lane in [Lane::Known, Lane::Others] {
                let served = Arc::clone(&served);
                let work: Work = Box::new(move || served.lock().unwrap().push((lane, number)));
                match lane {
                    Lane::Known => waiting.known.push_back(work),
                    Lane::Others if number < 3 => waiting.others.push_back(work),
                    Lane::Others => {}
                }
            }
        }
        while let Some(work) = waiting.take() {
            work();
        }
        let served = served.lock().unwrap();
        let others = served.iter().enumerate().filter(|(_, (lane, _))| *lane == Lane::Others);
        assert_eq!(others.map(|(at, (_, number))| (at, *number)).collect::<Vec<_>>(), [(1, 0), (3, 1), (5, 2)]);
        assert_eq!(served.len(), 23);
    }

    #[tokio::test]
    async fn work_that_fails_or_that_nobody_waits_for_takes_no_thread_away() {
        let hashing = Hashing::start().unwrap();
        for _ in 0..THREADS * 2 {
            assert_eq!(hashing.run(Lane::Others, || -> i32 { panic!("a fault in a test") }).await, None);
            drop(Box::pin(hashing.run(Lane::Others, || 1)));
        }
        assert_eq!(hashing.run(Lane::Others, || 7).await, Some(7));
    }
}
