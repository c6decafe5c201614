//! Projections that stand at the same position and move on together.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::thread;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Position, Recorded};
use projections::projection::IndexColumn;
use uuid::Uuid;

use super::RunnerError;
use super::batch::{Batch, Body, Incoming};
use super::fold::{Care, Failure, Fold, Rows, guarded};
use crate::views::{Change, Checkpoint, Parked, RowStoreError, RowTransaction, Shape, Shelf, TableId};

/// Events from which on a batch is worth a second thread.
const SHARED: usize = 250;

/// A projection with its table and what it has put aside.
pub(crate) struct Running {
    pub(crate) shape: Shape,
    pub(crate) table: TableId,
    pub(crate) parked: HashMap<(TenantId, StreamId), Parked>,
    fold: Box<dyn Fold>,
    /// Put aside in the batch in hand.
    fresh: Vec<Parked>,
}

impl Running {
    pub(crate) fn new(shape: Shape, table: TableId, fold: Box<dyn Fold>, parked: Vec<Parked>) -> Self {
        let parked = parked.into_iter().map(|parked| ((parked.tenant, parked.stream), parked)).collect();
        Self { shape, table, parked, fold, fresh: Vec::new() }
    }

    fn fold(&mut self, store: &dyn Shelf, batch: &Batch) -> Result<(), RunnerError> {
        match self.fold_at_once(store, batch) {
            Err(Failure::Poison(_)) => {
                self.fold.abandon();
                self.fold_one_by_one(store, batch)
            }
            other => other,
        }
        .map_err(|failure| match failure {
            Failure::Views(error) => RunnerError::Views(error),
            Failure::Poison(reason) => RunnerError::Row { projection: self.shape.name, reason },
        })
    }

    fn fold_at_once(&mut self, store: &dyn Shelf, batch: &Batch) -> Result<(), Failure> {
        let mut events = Vec::with_capacity(batch.events.len());
        for incoming in batch.events.iter().filter(|incoming| !self.holds(incoming)) {
            events.extend(readable(incoming)?);
        }
        self.fold.fold(&events, &Rows { store, table: &self.table }, Care::Swift)?;
        self.fold.render().map_err(Failure::Poison)
    }

    /// Puts aside what fails.
    fn fold_one_by_one(&mut self, store: &dyn Shelf, batch: &Batch) -> Result<(), Failure> {
        for incoming in &batch.events {
            if self.holds(incoming) {
                continue;
            }
            let rows = Rows { store, table: &self.table };
            let folded = readable(incoming)
                .and_then(|event| event.map_or(Ok(()), |event| self.fold.fold(&[event], &rows, Care::Careful)));
            match folded {
                Err(Failure::Poison(reason)) => self.put_aside(incoming, reason),
                other => other?,
            }
        }
        self.fold.render().map_err(Failure::Poison)
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
        let parked = Parked { projection: self.shape.name, tenant, stream, revision, position, reason };
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

/// The event to fold, if there is one.
fn readable(incoming: &Incoming) -> Result<Option<&Recorded>, Failure> {
    match &incoming.body {
        Body::Read(event) => Ok(Some(event)),
        Body::Removed => Ok(None),
        Body::Unreadable(reason) => Err(Failure::Poison(reason.clone())),
    }
}

/// Index of a table, by its column.
pub(crate) type Index = (TableId, &'static IndexColumn);

/// Projections at one position.
pub(crate) struct Cohort {
    pub(crate) members: Vec<Running>,
    pub(crate) position: Position,
    /// The event there, where it is known.
    pub(crate) event: Option<Uuid>,
    /// Where its tables get their indexes: filling them is faster without.
    pub(crate) unindexed_until: Option<Position>,
}

impl Cohort {
    /// Where the member of this name stands.
    pub(crate) fn checkpoint(&self, name: &str) -> Option<Checkpoint> {
        let member = self.members.iter().find(|member| member.shape.name == name)?;
        Some(Checkpoint { table: member.table.clone(), position: self.position, event: self.event })
    }

    /// The indexes that belong to its tables.
    pub(crate) fn indexes(&self) -> Vec<Index> {
        let of = |member: &Running| member.shape.indexes.iter().map(|column| (member.table.clone(), column)).collect();
        self.members.iter().flat_map::<Vec<Index>, _>(of).collect()
    }

    /// Folds a batch in memory, a large one on two threads: projections have nothing to do with one another.
    pub(crate) fn fold(&mut self, store: &dyn Shelf, batch: &Batch) -> Result<(), RunnerError> {
        let members = Mutex::new(self.members.iter_mut());
        let next = || members.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || std::iter::from_fn(next).try_for_each(|member| member.fold(store, batch));
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

    /// What becomes of the rows of the batch in hand, for each projection that it touches.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (&Running, &[Change])> {
        self.members.iter().map(|member| (member, member.fold.changes())).filter(|(_, changes)| !changes.is_empty())
    }

    /// Writes the rows of the batch in hand.
    pub(crate) fn write_rows(&self, to: &mut dyn RowTransaction) -> Result<(), RowStoreError> {
        self.changes().try_for_each(|(member, changes)| to.write(member.shape, &member.table, changes))
    }

    /// Moves the checkpoints past the batch, unless somebody else has moved them.
    pub(crate) fn claim(&self, batch: &Batch, to: &mut dyn RowTransaction) -> Result<(), RowStoreError> {
        for Running { table, .. } in &self.members {
            let at = Checkpoint { table: table.clone(), position: self.position, event: self.event };
            let upto = Checkpoint { table: table.clone(), position: batch.upto, event: batch.last };
            if !to.advance(&at, &upto)? {
                return Err(RowStoreError::LeadLost);
            }
        }
        Ok(())
    }

    /// Notes what the batch in hand put aside.
    pub(crate) fn write_parked(&self, to: &mut dyn RowTransaction) -> Result<(), RowStoreError> {
        let mut fresh = self.members.iter().flat_map(|member| member.fresh.iter().map(|parked| (member.shape, parked)));
        fresh.try_for_each(|(shape, parked)| to.park(shape, parked))
    }

    /// The batch in hand is committed.
    pub(crate) fn settle(&mut self, batch: &Batch) {
        self.position = batch.upto;
        self.event = batch.last;
        self.members.iter_mut().for_each(Running::settle);
    }

    /// The batch in hand never happened.
    pub(crate) fn abandon(&mut self) {
        self.members.iter_mut().for_each(Running::abandon);
    }
}
