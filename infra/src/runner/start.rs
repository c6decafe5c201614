//! Finding out where each projection stands, and making the tables of those that are new.

use std::sync::Arc;

use domain::ports::Position;

use super::RunnerError;
use super::batch::Log;
use super::cohort::{Cohort, Running};
use super::engine::{BULK, Engine};
use super::lead::Lead;
use super::set::Member;
use super::status::Board;
use crate::live::Live;
use crate::views::{Checkpoint, Parked, RowStore, Shape, TableId};

impl Engine {
    /// Opens the tables of `set`, of those that this node leads. Where that fails it leads nothing.
    pub(super) fn prepare(log: Log, rows: Arc<dyn RowStore>, set: Vec<Member>) -> Result<Self, RunnerError> {
        let mut names: Vec<_> = set.iter().map(|member| member.shape.name).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(RunnerError::NamedTwice(twice[0]));
        }
        let mut engine = Self {
            log,
            rows,
            live: Arc::new(Live::new(Position::default())),
            board: Arc::new(Board::of(&set)),
            set,
            lead: Lead::default(),
            cohorts: Vec::new(),
            ahead: None,
            rebuild: None,
            awaiting: None,
            troubles: Vec::new(),
        };
        match engine.begin() {
            Ok(()) => Ok(engine),
            Err(error) => {
                engine.rows.resign();
                Err(error)
            }
        }
    }

    fn begin(&mut self) -> Result<(), RunnerError> {
        self.keep_lead()?;
        let head = self.log.head()?;
        let at = self.committed().unwrap_or(head);
        self.board.head(head, at >= head);
        self.live.pass(at);
        Ok(())
    }

    /// Makes the indexes that are not there, but for those who have far to go: they get theirs when they arrive.
    pub(super) fn schedule_indexes(&mut self) -> Result<(), RunnerError> {
        let head = self.log.head()?;
        let goal = self.cohorts.get(1).map_or(head, |next| next.position);
        for (at, cohort) in self.cohorts.iter_mut().enumerate() {
            let far = at == 0 && goal.0.saturating_sub(cohort.position.0) > BULK as u64;
            cohort.unindexed_until = Some(if far { goal } else { cohort.position });
        }
        self.index_arrived()
    }

    /// Gives their indexes to those who have arrived.
    pub(super) fn index_arrived(&mut self) -> Result<(), RunnerError> {
        let arrived = |cohort: &Cohort| cohort.unindexed_until.is_some_and(|goal| cohort.position >= goal);
        while let Some(at) = self.cohorts.iter().position(arrived) {
            self.index(&self.cohorts[at].indexes())?;
            self.cohorts[at].unindexed_until = None;
        }
        Ok(())
    }
}

/// A projection as it was left, or from nothing (`anew`).
struct Opened {
    running: Running,
    checkpoint: Checkpoint,
    anew: bool,
}

/// The projections by position, hindmost first; those that are new, of another version or of another log start from nothing.
pub(super) fn cohorts(rows: &dyn RowStore, log: &Log, set: &[Member]) -> Result<Vec<Cohort>, RunnerError> {
    if set.is_empty() {
        return Ok(Vec::new());
    }
    let shapes: Vec<Shape> = set.iter().map(|member| member.shape).collect();
    let mut parked = rows.parked(&shapes)?;
    let mut opened = Vec::with_capacity(set.len());
    for (member, stored) in set.iter().zip(rows.checkpoints(&shapes)?) {
        let parked = parked.extract_if(.., |parked| parked.projection == member.shape.name).collect();
        opened.push(open(log, member, stored, parked)?);
    }
    rows.transact(&mut |transaction| {
        for Opened { running: Running { shape, .. }, checkpoint, .. } in opened.iter().filter(|opened| opened.anew) {
            transaction.create(*shape, &checkpoint.table)?;
            transaction.point(checkpoint)?;
            transaction.unpark(*shape)?;
        }
        transaction.sweep()
    })?;
    let mut cohorts: Vec<Cohort> = Vec::new();
    for Opened { running, checkpoint: Checkpoint { position, event, .. }, .. } in opened {
        match cohorts.iter_mut().find(|cohort| cohort.position == position) {
            Some(cohort) => cohort.members.push(running),
            None => cohorts.push(Cohort { members: vec![running], position, event, unindexed_until: None }),
        }
    }
    cohorts.sort_unstable_by_key(|cohort| cohort.position);
    Ok(cohorts)
}

fn open(log: &Log, member: &Member, stored: Option<Checkpoint>, parked: Vec<Parked>) -> Result<Opened, RunnerError> {
    let shape = member.shape;
    let generation = stored.as_ref().map_or(0, |checkpoint| checkpoint.table.generation);
    if let Some(checkpoint) = stored
        && checkpoint.table.version == shape.version
        && is_of_this_log(log, &checkpoint)?
    {
        let running = Running::new(shape, checkpoint.table.clone(), (member.fold)(false), parked);
        return Ok(Opened { running, checkpoint, anew: false });
    }
    let table = TableId { projection: shape.name.to_owned(), version: shape.version, generation: generation + 1 };
    let running = Running::new(shape, table.clone(), (member.fold)(true), Vec::new());
    Ok(Opened { running, checkpoint: Checkpoint { table, position: Position::default(), event: None }, anew: true })
}

/// Whether the last event that a projection followed is in this log, which may have been restored or replaced since.
fn is_of_this_log(log: &Log, checkpoint: &Checkpoint) -> Result<bool, RunnerError> {
    let Checkpoint { table, position, event: Some(event) } = checkpoint else { return Ok(true) };
    let same = log.identity_at(*position)? == Some(*event);
    if !same {
        tracing::warn!(
            event = "projection.of_another_log",
            projection = table.projection,
            position = position.0,
            "the log is not the one that this projection followed; it is built anew"
        );
    }
    Ok(same)
}
