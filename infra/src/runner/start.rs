//! Finding out where each projection stands, and making the tables of those that are new.

use std::sync::Arc;

use domain::ports::Position;

use super::RunnerError;
use super::batch::Log;
use super::cohort::{Cohort, Running};
use super::engine::{BULK, Engine};
use super::set::Member;
use super::status::Board;
use crate::live::Live;
use crate::views::{Checkpoint, Parked, RowStore, Shape, TableId};

impl Engine {
    /// Opens the tables of `set`.
    pub(super) fn prepare(
        log: Log,
        rows: Arc<dyn RowStore>,
        set: Vec<Member>,
        board: Arc<Board>,
    ) -> Result<Self, RunnerError> {
        let mut names: Vec<_> = set.iter().map(|member| member.shape.name).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(RunnerError::NamedTwice(twice[0]));
        }
        let cohorts = cohorts(&*rows, &log, &set)?;
        let head = log.head()?;
        let at = cohorts.first().map_or(head, |hindmost| hindmost.position);
        board.head(head, at >= head);
        for cohort in &cohorts {
            cohort.members.iter().for_each(|member| board.note(member, cohort.position));
        }
        let goal = cohorts.get(1).map_or(head, |next| next.position);
        let far = goal.0.saturating_sub(at.0) > BULK as u64;
        let ahead = if far { Some((log.ahead(at, goal, BULK).map_err(RunnerError::Thread)?, goal)) } else { None };
        // Those who have far to go get their indexes when they arrive.
        cohorts.iter().skip(usize::from(far)).try_for_each(|cohort| cohort.index(&*rows))?;
        let live = Arc::new(Live::new(at));
        Ok(Self { log, rows, set, live, board, cohorts, ahead, rebuild: None, trouble: None })
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
            None => cohorts.push(Cohort { members: vec![running], position, event }),
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
    let found = log.next(Position(position.0.saturating_sub(1)))?;
    let same = found.is_some_and(|(at, identity)| at != *position || identity == *event);
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
