//! The thread that writes: live batches first, then a slice of a rebuild, then rest.

use std::mem::{Discriminant, discriminant};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use domain::ports::Position;

use super::batch::{Batch, Body, Incoming, Log, Pages};
use super::cohort::Cohort;
use super::fold::guarded;
use super::lead::Lead;
use super::rebuild::{Awaiting, PATIENCE, Rebuild, Wanted};
use super::set::Member;
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
    /// Another node may have committed.
    Listen,
    /// Rebuild something.
    Rebuild(Wanted),
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
    pub(super) lead: Lead,
    /// What this node leads, hindmost first; more than one only until those behind have caught up.
    pub(super) cohorts: Vec<Cohort>,
    /// Pages read ahead for the hindmost while they have far to go.
    pub(super) ahead: Option<Pages>,
    pub(super) rebuild: Option<Rebuild>,
    /// A rebuild that waits until this node leads what is to be rebuilt.
    pub(super) awaiting: Option<Awaiting>,
    /// What kinds of failures were told since the last success.
    pub(super) troubles: Vec<Discriminant<RunnerError>>,
}

impl Engine {
    /// Works until it is told to stop, or nobody is left to tell.
    pub(super) fn run(mut self, inbox: &mpsc::Receiver<Order>) {
        self.work(inbox);
        self.rows.resign();
    }

    fn work(&mut self, inbox: &mpsc::Receiver<Order>) {
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
                    Order::Listen => self.lead.heard = true,
                    Order::Rebuild(wanted) => self.ask_rebuild(wanted),
                    Order::Stop => return,
                }
                order = inbox.try_recv().ok();
            }
        }
    }

    /// Whether all that is left is to follow what is appended.
    fn is_live(&self) -> bool {
        let far = self.cohorts.iter().any(|cohort| cohort.unindexed_until.is_some());
        self.cohorts.len() <= 1 && !far && self.rebuild.is_none()
    }

    /// Moves on by one batch; false when there is nothing to do, or nothing can be done now.
    fn step(&mut self) -> bool {
        let outcome = guarded(|| self.try_step()).unwrap_or_else(|panic| Err(RunnerError::Panicked(panic)));
        match outcome {
            Ok(worked) => {
                if !self.troubles.is_empty() {
                    tracing::info!(event = "projections.recovered", "the projections move on");
                    self.troubles.clear();
                }
                worked
            }
            Err(error) => {
                self.recover(&error);
                false
            }
        }
    }

    /// Gets ready to try again after a failure, which is told once until something succeeds.
    fn recover(&mut self, error: &RunnerError) {
        let lead_lost = matches!(error, RunnerError::Views(RowStoreError::LeadLost));
        let kind = discriminant(error);
        if lead_lost {
            tracing::warn!(event = "projections.lead_lost", %error, "what is committed is looked at anew");
        } else if !self.troubles.contains(&kind) {
            tracing::error!(event = "projections.failed", alert = true, %error, "the projections can't move on");
            self.troubles.push(kind);
        }
        self.ahead = None;
        if lead_lost || matches!(error, RunnerError::Panicked(_)) {
            self.lead.forget();
        }
        // Another node may have removed what is being filled, even where this one leads again.
        if !self.lead.is_known() {
            self.give_up_rebuild(RowStoreError::LeadLost.into());
        }
    }

    fn try_step(&mut self) -> Result<bool, RunnerError> {
        self.keep_lead()?;
        self.index_arrived()?;
        self.join();
        self.look_at_others()?;
        if self.tell()? {
            return Ok(true);
        }
        let Some((at, until)) = self.reach() else {
            let head = self.log.head()?;
            self.board.head(head, self.live.position() >= head);
            return Ok(false);
        };
        let batch = self.next(at, until)?;
        if batch.upto <= at {
            self.board.head(at, self.live.position() >= at);
            return Ok(false);
        }
        self.board.head(batch.upto, false);
        self.advance(&batch)?;
        Ok(true)
    }

    /// Tells of a page that is committed but was not told: another node committed it, or a failure came between.
    fn tell(&self) -> Result<bool, RunnerError> {
        let told = self.live.position();
        let Some(committed) = self.committed().filter(|committed| *committed > told) else { return Ok(false) };
        if self.live.pass(committed) {
            return Ok(false);
        }
        let batch = self.log.page(told, committed, PAGE)?;
        if batch.upto > told {
            self.live.publish(batch.upto, notices(&batch));
        }
        Ok(batch.upto > told)
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
        let goal = self.cohorts.first().and_then(|hindmost| hindmost.unindexed_until);
        if let Some(goal) = goal {
            let ahead = match self.ahead.take() {
                Some(ahead) => ahead,
                None => self.log.ahead(at, goal, BULK).map_err(RunnerError::Thread)?,
            };
            if let Ok(batch) = ahead.recv() {
                self.ahead = Some(ahead);
                return Ok(batch?);
            }
        }
        self.ahead = None;
        Ok(self.log.page(at, until, PAGE)?)
    }

    /// Folds a batch into the hindmost (and into what is being rebuilt, once it stands with them), commits, tells.
    fn advance(&mut self, batch: &Batch) -> Result<(), RunnerError> {
        let committed = self.fold(batch).and_then(|()| self.commit(batch));
        let Some(cohort) = self.cohorts.first_mut() else { return Ok(()) };
        let shadow = self.rebuild.as_mut().and_then(Rebuild::in_step);
        if let Err(error) = committed {
            cohort.abandon();
            if let Some(shadow) = shadow {
                shadow.abandon();
            }
            return Err(error);
        }
        let was = cohort.position;
        cohort.settle(batch);
        if let Some(shadow) = shadow {
            shadow.settle(batch);
        }
        for member in &cohort.members {
            self.board.note(member, batch.upto);
        }
        fail::fail_point!("runner::publish");
        if self.live.position() == was && self.committed() == Some(batch.upto) {
            self.live.publish(batch.upto, notices(batch));
        }
        Ok(())
    }

    /// Folds in memory.
    fn fold(&mut self, batch: &Batch) -> Result<(), RunnerError> {
        fail::fail_point!("runner::project", |_| Err(injected().into()));
        let Some(cohort) = self.cohorts.first_mut() else { return Ok(()) };
        cohort.fold(&*self.rows, batch)?;
        match self.rebuild.as_mut().and_then(Rebuild::in_step) {
            Some(shadow) => shadow.fold(&*self.rows, batch),
            None => Ok(()),
        }
    }

    /// One transaction: the checkpoints, and the rows of all. Rows change only with their checkpoint: as long as that is where it
    /// was, what was folded upon is what stands there.
    fn commit(&mut self, batch: &Batch) -> Result<(), RunnerError> {
        self.still_leads()?;
        let Some(cohort) = self.cohorts.first() else { return Ok(()) };
        let shadow = self.rebuild.as_mut().and_then(Rebuild::in_step);
        self.rows.transact(&mut |transaction| {
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
