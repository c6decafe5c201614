//! Rebuilding while serving: a shadow table is filled beside the live one, compared with it, and takes its place.

use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use domain::ports::Position;
use tokio::sync::oneshot;

use super::RunnerError;
use super::batch::{Batch, Pages};
use super::cohort::{Cohort, Index, Running};
use super::engine::{BULK, Engine};
use super::fold::guarded;
use super::set::Member;
use crate::views::{Checkpoint, Digest, RowStoreError, TableId};

/// How long a rebuild waits for those that read for it before live batches are looked after again.
pub(super) const PATIENCE: Duration = Duration::from_millis(20);

/// How long it waits for another node to hand over the lead; one that has died loses it within a lease.
const LEAD_WAIT: Duration = Duration::from_secs(10);

/// How far a rebuild has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How far the rows are rebuilt.
    pub position: Position,
    /// How far the log is.
    pub head: Position,
}

/// A projection that was rebuilt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// Which.
    pub projection: &'static str,
    /// What the live rows came to.
    pub live: Digest,
    /// What the rebuilt rows come to.
    pub rebuilt: Digest,
    /// Streams that are put aside after the rebuild.
    pub parked: usize,
}

impl Rebuilt {
    /// Whether the live rows were what the log says.
    pub fn is_equal(&self) -> bool {
        self.live == self.rebuilt
    }
}

type Digests = Vec<(Digest, Digest)>;

/// A rebuild that was asked for.
pub(super) struct Wanted {
    /// Of which projections; of all when none is named.
    pub(super) names: Vec<String>,
    pub(super) progress: Box<dyn Fn(Progress) + Send>,
    pub(super) answer: oneshot::Sender<Result<Vec<Rebuilt>, RunnerError>>,
}

impl Wanted {
    fn refuse(self, why: RunnerError) {
        // An error says that whoever asked has gone.
        let _ = self.answer.send(Err(why));
    }
}

/// A rebuild for which another node has been asked for the lead.
pub(super) struct Awaiting {
    wanted: Wanted,
    members: Vec<Member>,
    until: Instant,
}

/// A rebuild under way.
pub(super) struct Rebuild {
    shadow: Cohort,
    stage: Stage,
    wanted: Wanted,
}

enum Stage {
    /// Pages come from a reader of its own.
    Filling(Pages),
    /// The rest up to where the live projections stand, then these indexes one by one, then the rest of the rest.
    Closing(Vec<Index>),
    /// It moves with the live projections while both are read through.
    Comparing(Comparison),
}

/// Live and shadow are read through on a thread of their own, which ends early when this is dropped.
struct Comparison {
    thread: JoinHandle<Result<Digests, RowStoreError>>,
    _wanted: Arc<()>,
}

impl Rebuild {
    /// What is being filled, once it stands where the live projections stand and moves with them.
    pub(super) fn in_step(&mut self) -> Option<&mut Cohort> {
        matches!(self.stage, Stage::Comparing(_)).then_some(&mut self.shadow)
    }
}

impl Engine {
    /// Starts one as soon as this node leads what is to be rebuilt, unless one is under way.
    pub(super) fn ask_rebuild(&mut self, wanted: Wanted) {
        if self.rebuild.is_some() || self.awaiting.is_some() {
            return wanted.refuse(RunnerError::Busy);
        }
        match self.members_of(&wanted.names) {
            Ok(members) => {
                self.awaiting = Some(Awaiting { wanted, members, until: Instant::now() + LEAD_WAIT });
            }
            Err(error) => wanted.refuse(error),
        }
    }

    fn members_of(&self, names: &[String]) -> Result<Vec<Member>, RunnerError> {
        let known = |name: &String| self.set.iter().any(|member| member.shape.name == name);
        if let Some(unknown) = names.iter().find(|name| !known(name)) {
            return Err(RunnerError::UnknownProjection(unknown.clone()));
        }
        let wanted = |member: &&Member| names.is_empty() || names.iter().any(|name| name == member.shape.name);
        let members: Vec<Member> = self.set.iter().filter(wanted).copied().collect();
        let led = |member: &Member| self.lead.has(member.shape.name);
        let missing: Vec<_> = members.iter().filter(|member| !led(member)).map(|member| member.shape).collect();
        if !missing.is_empty() {
            self.rows.ask_for_lead(&missing)?;
        }
        Ok(members)
    }

    /// Goes on with one that waits for the lead.
    fn await_lead(&mut self) {
        let Some(Awaiting { wanted, members, until }) = self.awaiting.take() else { return };
        match members.iter().map(|member| member.shape.name).find(|name| !self.lead.has(name)) {
            Some(_) if Instant::now() < until => self.awaiting = Some(Awaiting { wanted, members, until }),
            Some(name) => wanted.refuse(RunnerError::LedElsewhere(name)),
            None => match self.prepare_rebuild(&members) {
                Ok((shadow, pages)) => {
                    self.rebuild = Some(Rebuild { shadow, stage: Stage::Filling(pages), wanted });
                }
                Err(error) => wanted.refuse(error),
            },
        }
    }

    fn prepare_rebuild(&self, members: &[Member]) -> Result<(Cohort, Pages), RunnerError> {
        let members = self.shadows(members)?;
        // Never beyond the live projections: a shadow that moves with them folds what they fold, and must not hold it already.
        let live = self.cohorts.first().map_or(Position::default(), |hindmost| hindmost.position);
        let pages = self.log.ahead(Position::default(), live, BULK).map_err(RunnerError::Thread)?;
        Ok((Cohort { members, position: Position::default(), event: None, unindexed_until: None }, pages))
    }

    /// Goes on with a rebuild by one slice; false when none is under way, or it has to wait.
    pub(super) fn rebuild_step(&mut self) -> bool {
        self.await_lead();
        let Some(mut rebuild) = self.rebuild.take() else { return false };
        let outcome = guarded(|| self.try_rebuild_step(&mut rebuild));
        match outcome.unwrap_or_else(|panic| Err(RunnerError::Panicked(panic))) {
            Ok(None) => {
                let waits = rebuild.in_step().is_some() || self.cohorts.len() > 1;
                self.rebuild = Some(rebuild);
                !waits
            }
            Ok(Some(outcome)) => {
                let _ = rebuild.wanted.answer.send(Ok(outcome));
                true
            }
            Err(error) => {
                self.rebuild = Some(rebuild);
                if matches!(error, RunnerError::Views(RowStoreError::LeadLost)) {
                    self.lead.forget();
                }
                self.give_up_rebuild(error);
                true
            }
        }
    }

    /// Ends a rebuild that is under way; the live rows stay as they are.
    pub(super) fn give_up_rebuild(&mut self, why: RunnerError) {
        let Some(Rebuild { wanted, stage, .. }) = self.rebuild.take() else { return };
        // First: a table that is still read through can't be removed.
        drop(stage);
        tracing::error!(event = "projections.rebuild_failed", alert = true, error = %why, "a rebuild was given up");
        if let Err(error) = self.rows.transact(&mut |transaction| transaction.sweep()) {
            tracing::warn!(event = "views.sweep_failed", %error, "the tables of a rebuild are left behind");
        }
        wanted.refuse(why);
    }

    fn try_rebuild_step(&mut self, rebuild: &mut Rebuild) -> Result<Option<Vec<Rebuilt>>, RunnerError> {
        let [live] = &self.cohorts[..] else { return Ok(None) };
        let at = live.position;
        match &mut rebuild.stage {
            Stage::Filling(pages) => match pages.recv_timeout(PATIENCE) {
                Ok(batch) => self.fill(rebuild, &batch?)?,
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    rebuild.stage = Stage::Closing(rebuild.shadow.indexes());
                }
            },
            Stage::Closing(_) if rebuild.shadow.position < at => {
                let batch = self.log.page(rebuild.shadow.position, at, BULK)?;
                self.fill(rebuild, &batch)?;
            }
            Stage::Closing(indexes) => match indexes.pop() {
                Some(index) => self.index(&[index])?,
                None => rebuild.stage = Stage::Comparing(self.compare(&rebuild.shadow)?),
            },
            Stage::Comparing(comparison) if comparison.thread.is_finished() => {
                let Stage::Comparing(comparison) = std::mem::replace(&mut rebuild.stage, Stage::Closing(Vec::new()))
                else {
                    return Ok(None);
                };
                let digests = comparison.thread.join().map_err(|_| RunnerError::Stopped)??;
                return self.switch(rebuild, &digests).map(Some);
            }
            Stage::Comparing(_) => {}
        }
        Ok(None)
    }

    fn fill(&self, rebuild: &mut Rebuild, batch: &Batch) -> Result<(), RunnerError> {
        rebuild.shadow.fold(&*self.rows, batch)?;
        self.rows.transact(&mut |transaction| {
            // No checkpoint tells what a crash of the server took from a shadow.
            transaction.endure()?;
            rebuild.shadow.write_rows(transaction)
        })?;
        rebuild.shadow.settle(batch);
        let head = self.live.position().max(batch.upto);
        (rebuild.wanted.progress)(Progress { position: batch.upto, head });
        Ok(())
    }

    /// Reads live and shadow through, one pair of tables after the other. From now on both move in the same transactions, so that
    /// whatever state the thread sees is the same instant of both.
    fn compare(&self, shadow: &Cohort) -> Result<Comparison, RunnerError> {
        let live = |shadow: &TableId| TableId { generation: shadow.generation - 1, ..shadow.clone() };
        let pairs: Vec<_> = shadow.members.iter().map(|member| [live(&member.table), member.table.clone()]).collect();
        let (rows, wanted) = (Arc::clone(&self.rows), Arc::new(()));
        let still_wanted = Arc::downgrade(&wanted);
        let compare = move || {
            let pairs = pairs.iter().take_while(|_| still_wanted.strong_count() > 0);
            pairs.map(|pair| rows.digests(pair).map(|digests| (digests[0], digests[1]))).collect()
        };
        let thread = std::thread::Builder::new().name("projections-compare".to_owned()).spawn(compare);
        Ok(Comparison { thread: thread.map_err(RunnerError::Thread)?, _wanted: wanted })
    }

    /// Puts the shadows in the place of the live ones, in one transaction, unless those are not where they are believed to be.
    fn switch(&mut self, rebuild: &mut Rebuild, digests: &Digests) -> Result<Vec<Rebuilt>, RunnerError> {
        let Cohort { members, position, event, .. } = &mut rebuild.shadow;
        let lost = RowStoreError::LeadLost;
        let live = self.cohorts.first().ok_or_else(|| lost.clone())?;
        self.rows.transact(&mut |transaction| {
            for member in &*members {
                let to = Checkpoint { table: member.table.clone(), position: *position, event: *event };
                let from = live.checkpoint(member.shape.name).ok_or_else(|| lost.clone())?;
                if !transaction.advance(&from, &to)? {
                    return Err(lost.clone());
                }
                transaction.unpark(member.shape)?;
                member.parked.values().try_for_each(|parked| transaction.park(member.shape, parked))?;
            }
            transaction.sweep()
        })?;
        let outcome = members.iter().zip(digests).map(|(member, (live, shadow))| Rebuilt {
            projection: member.shape.name,
            live: *live,
            rebuilt: *shadow,
            parked: member.parked.len(),
        });
        let outcome: Vec<Rebuilt> = outcome.collect();
        for member in members.drain(..) {
            self.board.note(&member, *position);
            self.replace(member);
        }
        Ok(outcome)
    }

    fn replace(&mut self, rebuilt: Running) {
        let live = self.cohorts.iter_mut().flat_map(|cohort| &mut cohort.members);
        if let Some(live) = live.into_iter().find(|live| live.shape.name == rebuilt.shape.name) {
            *live = rebuilt;
        }
    }

    /// Empty tables of the next generation.
    fn shadows(&self, wanted: &[Member]) -> Result<Vec<Running>, RunnerError> {
        let shapes: Vec<_> = wanted.iter().map(|member| member.shape).collect();
        let live = self.rows.checkpoints(&shapes)?;
        let shadow = |(member, live): (&Member, Option<Checkpoint>)| {
            let live = live.ok_or_else(|| RunnerError::UnknownProjection(member.shape.name.to_owned()))?;
            let table = TableId { generation: live.table.generation + 1, ..live.table };
            Ok(Running::new(member.shape, table, (member.fold)(true), Vec::new()))
        };
        let shadows = wanted.iter().zip(live).map(shadow).collect::<Result<Vec<_>, RunnerError>>()?;
        self.rows.transact(&mut |transaction| {
            shadows.iter().try_for_each(|shadow| transaction.create(shadow.shape, &shadow.table))
        })?;
        Ok(shadows)
    }
}
