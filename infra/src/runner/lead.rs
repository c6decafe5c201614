//! What this node leads, and how far the nodes are that lead the rest. Where one node has the rows for itself, it leads all.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use domain::ports::Position;

use super::RunnerError;
use super::cohort::{Index, Running};
use super::engine::Engine;
use super::set::Member;
use super::start;
use crate::views::{Checkpoint, RowStoreError, Shape};

/// How often to say that this node is there; a third of a lease.
const BEAT: Duration = Duration::from_secs(1);

/// The same while others lead something, who may be gone, or where one of them may want the lead.
const LOOKOUT: Duration = Duration::from_millis(500);

/// The same while a rebuild waits for the lead.
const HASTE: Duration = Duration::from_millis(100);

/// What this node leads and follows.
#[derive(Default)]
pub(super) struct Lead {
    /// What it leads, sorted, since when that was last asked; `None` as long as that must be found out, and opened.
    led: Option<(Vec<&'static str>, Instant)>,
    /// What others lead, with how far they are; nowhere, where nobody has begun.
    followed: Vec<(Shape, Option<Position>)>,
    /// Another node has committed, or given something up.
    pub(super) heard: bool,
}

impl Lead {
    /// Whether this node leads the projection of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.led.as_ref().is_some_and(|(led, _)| led.contains(&name))
    }

    /// Whether there are others.
    pub(super) const fn follows(&self) -> bool {
        !self.followed.is_empty()
    }

    /// Whether what this node leads was found out, and opened, and nothing has come between since.
    pub(super) const fn is_known(&self) -> bool {
        self.led.is_some()
    }

    /// What is in memory may not be what is committed: everything is to be opened anew.
    pub(super) fn forget(&mut self) {
        self.led = None;
    }
}

impl Engine {
    /// Says that this node is there, when it is time to, and opens what it leads when that is not what it was.
    pub(super) fn keep_lead(&mut self) -> Result<(), RunnerError> {
        let beat = match &self.awaiting {
            Some(_) => HASTE,
            None if self.lead.follows() || self.lead.heard => LOOKOUT,
            None => BEAT,
        };
        match self.lead.led.take() {
            Some((led, since)) if since.elapsed() < beat => self.lead.led = Some((led, since)),
            known => {
                let now = Instant::now();
                self.lead.heard = false;
                let led = self.ask_lead().inspect_err(|_| self.board.lose_lead())?;
                if known.is_none_or(|(known, _)| known != led) || self.is_elsewhere()? {
                    self.open(&led)?;
                }
                self.lead.led = Some((led, now));
                self.note_parked()?;
            }
        }
        Ok(())
    }

    /// Whether what is stored is not what is in memory, which only an event to come would tell otherwise: a crash of the server takes
    /// back what was committed last.
    fn is_elsewhere(&self) -> Result<bool, RunnerError> {
        let led: Vec<_> =
            self.cohorts.iter().flat_map(|cohort| cohort.members.iter().map(move |m| (m, cohort.position))).collect();
        let shapes: Vec<Shape> = led.iter().map(|(member, _)| member.shape).collect();
        let stored = self.rows.checkpoints(&shapes)?;
        let same = |((member, position), stored): (&(&Running, Position), &Option<Checkpoint>)| {
            stored.as_ref().is_some_and(|stored| stored.table == member.table && stored.position == *position)
        };
        let elsewhere = !led.iter().zip(&stored).all(same);
        if elsewhere {
            tracing::warn!(event = "projections.moved", "what is stored is not what was committed: it is opened anew");
        }
        Ok(elsewhere)
    }

    /// Before something is written that took long to fold: a node that was silent for a while may lead no more.
    pub(super) fn still_leads(&mut self) -> Result<(), RunnerError> {
        let Some((led, since)) = &self.lead.led else { return Err(RowStoreError::LeadLost.into()) };
        if since.elapsed() < BEAT {
            return Ok(());
        }
        let now = Instant::now();
        if self.ask_lead()? != *led {
            return Err(RowStoreError::LeadLost.into());
        }
        if let Some((_, since)) = &mut self.lead.led {
            *since = now;
        }
        Ok(())
    }

    fn ask_lead(&self) -> Result<Vec<&'static str>, RunnerError> {
        let mut led = self.rows.lead(&self.shapes())?;
        led.sort_unstable();
        Ok(led)
    }

    fn shapes(&self) -> Vec<Shape> {
        self.set.iter().map(|member| member.shape).collect()
    }

    /// Opens what this node leads; the rest it follows.
    fn open(&mut self, led: &[&'static str]) -> Result<(), RunnerError> {
        self.give_up_rebuild(RowStoreError::LeadLost.into());
        (self.ahead, self.cohorts) = (None, Vec::new());
        let (own, others): (Vec<Member>, Vec<Member>) =
            self.set.iter().partition(|member| led.contains(&member.shape.name));
        self.cohorts = start::cohorts(&*self.rows, &self.log, &own)?;
        self.lead.followed = others.iter().map(|member| (member.shape, None)).collect();
        for cohort in &self.cohorts {
            cohort.members.iter().for_each(|member| self.board.note(member, cohort.position));
        }
        if self.lead.follows() {
            tracing::info!(event = "projections.lead", led = led.join(" "), "other nodes lead the other projections");
        }
        self.look_at_others()?;
        self.schedule_indexes()
    }

    /// How far the others are.
    pub(super) fn look_at_others(&mut self) -> Result<(), RunnerError> {
        if !self.lead.follows() {
            return Ok(());
        }
        let shapes: Vec<Shape> = self.lead.followed.iter().map(|(shape, _)| *shape).collect();
        for ((shape, position), stored) in self.lead.followed.iter_mut().zip(self.rows.checkpoints(&shapes)?) {
            *position = stored.map(|checkpoint| checkpoint.position);
            self.board.follow(*shape, position.unwrap_or_default());
        }
        Ok(())
    }

    /// What others have put aside.
    fn note_parked(&self) -> Result<(), RunnerError> {
        if self.lead.follows() {
            let shapes: Vec<Shape> = self.lead.followed.iter().map(|(shape, _)| *shape).collect();
            self.board.park(&shapes, &self.rows.parked(&shapes)?);
        }
        Ok(())
    }

    /// How far all projections are committed, whoever leads them; nothing, where there is none.
    pub(super) fn committed(&self) -> Option<Position> {
        let own = self.cohorts.first().map(|hindmost| hindmost.position);
        own.into_iter().chain(self.lead.followed.iter().map(|(_, position)| position.unwrap_or_default())).min()
    }

    /// Makes indexes on another thread, since one may take longer than a lease, and keeps the lead meanwhile.
    pub(super) fn index(&self, indexes: &[Index]) -> Result<(), RunnerError> {
        let (sender, outcome) = mpsc::channel();
        let rows = &*self.rows;
        std::thread::scope(|scope| {
            let make =
                move || sender.send(indexes.iter().try_for_each(|(table, column)| rows.index(table, column))).is_ok();
            std::thread::Builder::new().spawn_scoped(scope, make).map_err(RunnerError::Thread)?;
            let mut kept = Ok(());
            loop {
                match outcome.recv_timeout(BEAT) {
                    Ok(outcome) => return outcome.map_err(RunnerError::from).and(kept),
                    // What is handed over is heard at the next beat, but what was lost and is led again is told once.
                    Err(RecvTimeoutError::Timeout) => kept = kept.and(self.ask_lead().map(drop)),
                    Err(RecvTimeoutError::Disconnected) => return Err(RunnerError::Stopped),
                }
            }
        })
    }
}
