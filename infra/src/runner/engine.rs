//! The thread that writes: live batches first, then a slice of a rebuild, then rest.

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use domain::ports::Position;
use tokio::sync::oneshot;

use super::batch::{Batch, Body, Incoming, Log, Pages};
use super::cohort::Cohort;
use super::fold::guarded;
use super::rebuild::{PATIENCE, Progress, Rebuild, Rebuilt};
use super::set::Member;
use super::start;
use super::status::Board;
use super::{POLL, RunnerError};
use crate::live::{Live, Notice};
use crate::views::{RowStore, RowStoreError};

/// Events of a live batch: small, for the latency of what comes behind it.
const PAGE: usize = 500;
/// Events of a batch that only catches up: more of them fall out of the processor's caches between the steps.
pub(super) const BULK: usize = 2_000;

/// From one live batch to the next: each costs the same few pages however small it is, so that what comes faster than
/// this is folded together. What comes alone is folded at once.
const PACE: Duration = Duration::from_millis(5);

/// What the runner can be asked.
pub(super) enum Order {
    /// Something may have been appended.
    Look,
    /// Rebuild these; all when none is named.
    Rebuild {
        names: Vec<String>,
        progress: Box<dyn Fn(Progress) + Send>,
        answer: oneshot::Sender<Result<Vec<Rebuilt>, RunnerError>>,
    },
    /// End after the batch in hand.
    Stop,
}

/// All that the thread owns.
pub(super) struct Engine {
    pub(super) log: Log,
    pub(super) rows: Arc<dyn RowStore>,
    pub(super) set: Vec<Member>,
    pub(super) live: Arc<Live>,
    pub(super) board: Arc<Board>,
    /// Hindmost first; more than one only until those behind have caught up.
    pub(super) cohorts: Vec<Cohort>,
    /// Pages read ahead for the hindmost while they have far to go, and where they end.
    pub(super) ahead: Option<(Pages, Position)>,
    pub(super) rebuild: Option<Rebuild>,
    /// What went wrong at the last attempt.
    pub(super) trouble: Option<String>,
}

impl Engine {
    /// Works until it is told to stop, or nobody is left to tell.
    pub(super) fn run(mut self, inbox: &mpsc::Receiver<Order>) {
        loop {
            let next = Instant::now() + PACE;
            let worked = self.step() | self.rebuild_step();
            if worked && self.is_live() {
                std::thread::sleep(next.saturating_duration_since(Instant::now()));
            }
            let rest = if self.rebuild.is_some() { PATIENCE } else { POLL };
            let mut order = if worked { inbox.try_recv().ok() } else { inbox.recv_timeout(rest).ok() };
            while let Some(asked) = order {
                match asked {
                    Order::Look => {}
                    Order::Rebuild { names, progress, answer } => self.start_rebuild(&names, progress, answer),
                    Order::Stop => return,
                }
                order = inbox.try_recv().ok();
            }
        }
    }

    /// Whether all that is left is to follow what is appended.
    fn is_live(&self) -> bool {
        self.cohorts.len() == 1 && self.ahead.is_none() && self.rebuild.is_none()
    }

    /// Moves on by one batch; false when there is nothing to do, or nothing can be done now.
    fn step(&mut self) -> bool {
        let outcome = guarded(|| self.try_step()).unwrap_or_else(|panic| Err(RunnerError::Panicked(panic)));
        match outcome {
            Ok(worked) => {
                self.trouble = None;
                worked
            }
            Err(error) => {
                self.recover(&error);
                false
            }
        }
    }

    /// Gets ready to try again after a failure, which is told once as long as it stays the same.
    fn recover(&mut self, error: &RunnerError) {
        let words = error.to_string();
        if self.trouble.as_ref() != Some(&words) {
            tracing::error!(event = "projections.failed", alert = true, error = %words, "the projections can't move on");
            self.trouble = Some(words);
        }
        self.ahead = None;
        if matches!(error, RunnerError::Views(RowStoreError::LeadLost) | RunnerError::Panicked(_)) {
            // What is in memory is not what is committed.
            self.give_up_rebuild(RunnerError::Stopped);
            match start::cohorts(&*self.rows, &self.log, &self.set) {
                Ok(cohorts) => self.cohorts = cohorts,
                Err(error) => tracing::error!(event = "projections.reopen_failed", alert = true, %error,
                    "the checkpoints can't be read"),
            }
        }
    }

    fn try_step(&mut self) -> Result<bool, RunnerError> {
        self.join();
        let Some((at, until)) = self.reach() else { return Ok(false) };
        if self.retell(at)? {
            return Ok(true);
        }
        let batch = self.next(at, until)?;
        if batch.upto <= at {
            self.board.head(at, true);
            return Ok(false);
        }
        self.board.head(batch.upto, false);
        self.advance(&batch)?;
        Ok(true)
    }

    /// Tells of a page that is committed but was not told: a failure came between, or another runner committed it.
    fn retell(&self, committed: Position) -> Result<bool, RunnerError> {
        if self.cohorts.len() > 1 {
            return Ok(false);
        }
        let told = self.live.position();
        if told >= committed {
            return Ok(false);
        }
        let batch = self.log.page(told, committed, PAGE)?;
        self.live.publish(batch.upto, notices(&batch));
        Ok(true)
    }

    /// Lets those who have caught up go on together.
    fn join(&mut self) {
        while self.cohorts.len() > 1 && self.cohorts[0].position == self.cohorts[1].position {
            let hindmost = self.cohorts.remove(0);
            self.cohorts[0].members.extend(hindmost.members);
            self.ahead = None;
        }
    }

    /// Where the hindmost stand, and how far they may go.
    fn reach(&self) -> Option<(Position, Position)> {
        let hindmost = self.cohorts.first()?;
        Some((hindmost.position, self.cohorts.get(1).map_or(Position(u64::MAX), |next| next.position)))
    }

    fn next(&mut self, at: Position, until: Position) -> Result<Batch, RunnerError> {
        if let Some((ahead, _)) = &self.ahead {
            if let Ok(batch) = ahead.recv() {
                return Ok(batch?);
            }
            self.ahead = None;
        }
        Ok(self.log.page(at, until, PAGE)?)
    }

    /// Folds a batch into the hindmost (and into what is being rebuilt, once it stands with them), commits, tells.
    fn advance(&mut self, batch: &Batch) -> Result<(), RunnerError> {
        let together = self.cohorts.len() == 1;
        let Some(cohort) = self.cohorts.first_mut() else { return Ok(()) };
        let mut shadow = self.rebuild.as_mut().filter(|rebuild| rebuild.in_step()).map(|rebuild| &mut rebuild.shadow);
        let committed = commit(&*self.rows, cohort, shadow.as_deref_mut(), batch);
        if let Err(error) = committed {
            cohort.abandon();
            if let Some(shadow) = shadow {
                shadow.abandon();
            }
            return Err(error);
        }
        cohort.settle(batch);
        if let Some(shadow) = shadow {
            shadow.settle(batch);
        }
        for member in &cohort.members {
            self.board.note(member, batch.upto);
        }
        let arrived = self.ahead.as_ref().is_some_and(|(_, goal)| batch.upto >= *goal);
        let indexed = if arrived { cohort.index(&*self.rows) } else { Ok(()) };
        fail::fail_point!("runner::publish");
        if together {
            self.live.publish(batch.upto, notices(batch));
        } else {
            self.live.publish(batch.upto, Vec::new());
        }
        Ok(indexed?)
    }
}

/// Folds in memory, then one transaction: the checkpoints, and the rows of all. Rows change only with their checkpoint: as long
/// as that is where it was, what was folded upon is what stands there.
fn commit(
    rows: &dyn RowStore,
    cohort: &mut Cohort,
    mut shadow: Option<&mut Cohort>,
    batch: &Batch,
) -> Result<(), RunnerError> {
    fail::fail_point!("runner::project", |_| Err(injected().into()));
    cohort.fold(rows, batch)?;
    if let Some(shadow) = &mut shadow {
        shadow.fold(rows, batch)?;
    }
    rows.transact(&mut |transaction| {
        cohort.claim(batch, transaction)?;
        cohort.write_rows(transaction)?;
        if let Some(shadow) = &shadow {
            shadow.write_rows(transaction)?;
        }
        cohort.write_parked(transaction)?;
        fail::fail_point!("runner::checkpoint", |_| Err(injected()));
        Ok(())
    })?;
    Ok(())
}

#[cfg(feature = "failpoints")]
fn injected() -> RowStoreError {
    RowStoreError::Unavailable("injected".to_owned())
}

fn notices(batch: &Batch) -> Vec<Notice> {
    let notice = |incoming: &Incoming| match &incoming.body {
        Body::Read(event) => Some(Notice { position: incoming.position, event: Arc::clone(event) }),
        Body::Removed | Body::Unreadable(_) => None,
    };
    batch.events.iter().filter_map(notice).collect()
}
