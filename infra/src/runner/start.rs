//! Finding out where each projection stands, and making the tables of those that are new.

use std::sync::Arc;

use domain::ports::{Filter, Position, Scope};
use rusqlite::{Connection, TransactionBehavior};

use super::RunnerError;
use super::batch::Log;
use super::cohort::{Cohort, Running};
use super::engine::{BULK, Engine};
use super::set::{Member, ProjectionSet};
use super::status::Board;
use crate::live::Live;
use crate::views::{Checkpoint, Database, Table, parked, sweep, unpark};

impl Engine {
    /// Opens the tables of `set`.
    pub(super) async fn prepare(
        log: Log,
        database: Arc<Database>,
        set: &ProjectionSet,
        board: Arc<Board>,
    ) -> Result<Self, RunnerError> {
        let set = set.members().to_vec();
        let mut names: Vec<_> = set.iter().map(|member| member.shape.name).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(RunnerError::NamedTwice(twice[0]));
        }
        let strangers = strangers(&log, &database, &set).await?;
        let cohorts = cohorts(&database, &set, &strangers)?;
        let head = log.store.head().await?;
        let at = cohorts.first().map_or(head, |hindmost| hindmost.position);
        board.head(head, at >= head);
        for cohort in &cohorts {
            cohort.members.iter().for_each(|member| board.note(member, cohort.position));
        }
        let goal = cohorts.get(1).map_or(head, |next| next.position);
        let far = goal.0.saturating_sub(at.0) > BULK as u64;
        let ahead = if far { Some((log.ahead(at, goal, BULK).map_err(RunnerError::Thread)?, goal)) } else { None };
        // Those who have far to go get their indexes when they arrive.
        cohorts.iter().skip(usize::from(far)).try_for_each(|cohort| cohort.index(&database.writer()))?;
        Ok(Self {
            log,
            database,
            set,
            live: Arc::new(Live::new(at)),
            board,
            cohorts,
            ahead,
            rebuild: None,
            trouble: None,
        })
    }
}

/// Projections whose last event is not in this log: it was restored or replaced since they followed it.
async fn strangers(log: &Log, database: &Database, set: &[Member]) -> Result<Vec<&'static str>, RunnerError> {
    let mut strangers = Vec::new();
    for member in set {
        let name = member.shape.name;
        let stored = Checkpoint::load(&database.writer(), name)?;
        let Some(Checkpoint { position, event: Some(event), .. }) = stored else { continue };
        let before = Position(position.0.saturating_sub(1));
        let page = log.store.read_all(Scope::System, before, 1, Filter::default()).await?;
        let found = page.events.first().map(|stored| (stored.position, stored.event.event_id));
        if found.is_none_or(|(at, id)| at == position && id != event) {
            tracing::warn!(
                event = "projection.of_another_log",
                projection = name,
                position = position.0,
                "the log is not the one that this projection followed; it is built anew"
            );
            strangers.push(name);
        }
    }
    Ok(strangers)
}

/// The projections by position, hindmost first; those that are new, of another version or `anew` start from nothing.
pub(super) fn cohorts(database: &Database, set: &[Member], anew: &[&'static str]) -> Result<Vec<Cohort>, RunnerError> {
    let mut connection = database.writer();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut cohorts: Vec<Cohort> = Vec::new();
    for member in set {
        let (running, Checkpoint { position, event, .. }) = running(&transaction, member, anew)?;
        match cohorts.iter_mut().find(|cohort| cohort.position == position) {
            Some(cohort) => cohort.members.push(running),
            None => cohorts.push(Cohort { members: vec![running], position, event }),
        }
    }
    sweep(&transaction)?;
    transaction.commit()?;
    cohorts.sort_unstable_by_key(|cohort| cohort.position);
    Ok(cohorts)
}

fn running(
    connection: &Connection,
    member: &Member,
    anew: &[&'static str],
) -> Result<(Running, Checkpoint), RunnerError> {
    let shape = member.shape;
    let stored = Checkpoint::load(connection, shape.name)?;
    let generation = stored.as_ref().map_or(0, |checkpoint| checkpoint.table.generation);
    if let Some(checkpoint) = stored
        && checkpoint.table.version == shape.version
        && !anew.contains(&shape.name)
    {
        let parked = parked(connection, shape.name)?;
        return Ok((Running::new(Table::new(shape, generation), (member.fold)(false), parked), checkpoint));
    }
    let table = Table::new(shape, generation + 1);
    let checkpoint = Checkpoint { table: table.id.clone(), position: Position::default(), event: None };
    table.create(connection)?;
    checkpoint.point(connection)?;
    unpark(connection, shape.name)?;
    Ok((Running::new(table, (member.fold)(true), Vec::new()), checkpoint))
}
