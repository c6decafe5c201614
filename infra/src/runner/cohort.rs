//! Projections that stand at the same position and move on together.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::thread;

use domain::kernel::{StreamId, TenantId};
use domain::ports::Position;
use rusqlite::Connection;
use uuid::Uuid;

use super::RunnerError;
use super::batch::{Batch, Body, Incoming};
use super::fold::{Care, Failure, Fold, Rows, guarded};
use crate::views::{Checkpoint, Database, Parked, Table, park};

/// Events from which on a batch is worth a second thread.
const SHARED: usize = 250;

/// A projection with its table and what it has put aside.
pub(crate) struct Running {
    pub(crate) table: Table,
    pub(crate) parked: HashMap<(TenantId, StreamId), Parked>,
    fold: Box<dyn Fold>,
    /// Put aside in the batch in hand.
    fresh: Vec<Parked>,
}

impl Running {
    pub(crate) fn new(table: Table, fold: Box<dyn Fold>, parked: Vec<Parked>) -> Self {
        let parked = parked.into_iter().map(|parked| ((parked.tenant, parked.stream), parked)).collect();
        Self { table, parked, fold, fresh: Vec::new() }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        self.table.shape.name
    }

    fn fold(&mut self, connection: &Connection, batch: &Batch) -> Result<(), RunnerError> {
        match self.try_fold(connection, batch, Care::Swift) {
            Err(Failure::Poison(_)) => {
                self.fold.abandon();
                self.try_fold(connection, batch, Care::Careful)
            }
            other => other,
        }
        .map_err(|failure| match failure {
            Failure::Views(error) => RunnerError::Views(error),
            Failure::Poison(reason) => RunnerError::Row { projection: self.name(), reason },
        })
    }

    fn try_fold(&mut self, connection: &Connection, batch: &Batch, care: Care) -> Result<(), Failure> {
        for incoming in &batch.events {
            if self.holds(incoming) {
                continue;
            }
            match self.fold_one(connection, incoming, care) {
                Ok(()) => {}
                Err(Failure::Poison(reason)) if care == Care::Careful => self.put_aside(incoming, reason),
                Err(failure) => return Err(failure),
            }
        }
        self.fold.render().map_err(Failure::Poison)
    }

    fn fold_one(&mut self, connection: &Connection, incoming: &Incoming, care: Care) -> Result<(), Failure> {
        let event = match &incoming.body {
            Body::Read(event) => event,
            Body::Removed => return Ok(()),
            Body::Unreadable(reason) => return Err(Failure::Poison(reason.clone())),
        };
        self.fold.fold(event, &Rows { connection, table: &self.table }, care)
    }

    /// Whether the event belongs to a stream that is put aside.
    fn holds(&self, incoming: &Incoming) -> bool {
        !self.parked.is_empty()
            && self
                .parked
                .get(&(incoming.tenant, incoming.stream))
                .is_some_and(|parked| parked.position <= incoming.position)
    }

    fn put_aside(&mut self, incoming: &Incoming, reason: String) {
        let Incoming { tenant, stream, revision, position, .. } = *incoming;
        let parked = Parked { projection: self.name(), tenant, stream, revision, position, reason };
        tracing::error!(event = "projection.parked", alert = true, projection = parked.projection, tenant = %tenant,
            stream = %stream, revision, position = position.0, reason = %parked.reason,
            "an event can't be folded: its stream is put aside for this projection");
        self.parked.insert((tenant, stream), parked.clone());
        self.fresh.push(parked);
    }

    fn settle(&mut self) {
        self.fresh.clear();
        self.fold.settle();
    }

    fn abandon(&mut self) {
        for parked in self.fresh.drain(..) {
            self.parked.remove(&(parked.tenant, parked.stream));
        }
        self.fold.abandon();
    }
}

/// Projections at one position.
pub(crate) struct Cohort {
    pub(crate) members: Vec<Running>,
    pub(crate) position: Position,
    /// The last event folded.
    pub(crate) event: Option<Uuid>,
}

impl Cohort {
    /// Makes the indexes that are not there yet.
    pub(crate) fn index(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut indexes = self.members.iter().flat_map(|member| member.table.indexes());
        indexes.try_for_each(|index| connection.execute_batch(&index))
    }

    /// Folds a batch in memory, a large one on two threads: projections have nothing to do with one another.
    pub(crate) fn fold(&mut self, database: &Database, batch: &Batch) -> Result<(), RunnerError> {
        let members = Mutex::new(self.members.iter_mut());
        let next = || members.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || {
            database.read(|transaction| {
                Ok(std::iter::from_fn(next).try_for_each(|member| member.fold(transaction, batch)))
            })?
        };
        if batch.events.len() < SHARED {
            return work();
        }
        thread::scope(|scope| {
            let help = || guarded(work).unwrap_or_else(|panic| Err(RunnerError::Panicked(panic)));
            // One thread does as well, where the system has no other to give.
            let other = thread::Builder::new().name("projections".to_owned()).spawn_scoped(scope, help).ok();
            let outcome = work();
            outcome.and(other.map_or(Ok(()), |other| other.join().unwrap_or(Err(RunnerError::Stopped))))
        })
    }

    /// Writes the rows of the batch in hand.
    pub(crate) fn write_rows(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        self.members.iter_mut().try_for_each(|member| member.fold.write(&Rows { connection, table: &member.table }))
    }

    /// Moves the checkpoints past the batch, unless somebody else has moved them.
    pub(crate) fn claim(&self, connection: &Connection, batch: &Batch) -> Result<(), RunnerError> {
        for member in &self.members {
            let checkpoint = Checkpoint { table: member.table.id.clone(), position: self.position, event: self.event };
            if !checkpoint.advance(connection, batch.upto, batch.last.or(self.event))? {
                return Err(RunnerError::Overtaken(member.name()));
            }
        }
        Ok(())
    }

    /// Notes what the batch in hand put aside.
    pub(crate) fn write_parked(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.members.iter().flat_map(|member| &member.fresh).try_for_each(|parked| park(connection, parked))
    }

    /// The batch in hand is committed.
    pub(crate) fn settle(&mut self, batch: &Batch) {
        self.position = batch.upto;
        self.event = batch.last.or(self.event);
        self.members.iter_mut().for_each(Running::settle);
    }

    /// The batch in hand never happened.
    pub(crate) fn abandon(&mut self) {
        self.members.iter_mut().for_each(Running::abandon);
    }
}
