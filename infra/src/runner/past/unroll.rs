//! Folding a tenant's events on from one frame to a later one.

use std::sync::Arc;

use domain::ports::Position;
use projections::projection::Value;

use super::frame::{Frame, PastRow, PastTable};
use super::weight::Scale;
use crate::runner::RunnerError;
use crate::runner::batch::Batch;
use crate::runner::cohort::{Cohort, Running};
use crate::runner::set::Member;
use crate::views::{Change, Resting, RowKey, RowStoreError, Shelf, TableId};

/// What an entry of a table takes beside its row: two pointers, and its part of the tree.
const ENTRY: usize = 32;
/// What a row takes beside its texts.
const ROW: usize = 160;

/// A fold under way.
pub(super) struct Unrolling {
    cohort: Cohort,
    tables: Tables,
    scale: Arc<Scale>,
    folded: usize,
}

struct Tables(Vec<PastTable>);

impl Shelf for Tables {
    fn load(&self, table: &TableId, keys: &[Arc<RowKey>]) -> Result<Vec<Resting>, RowStoreError> {
        let Some(table) = self.0.iter().find(|known| known.name == table.projection) else { return Ok(Vec::new()) };
        let resting = |key: &Arc<RowKey>| {
            let row = table.rows.get(key)?;
            let document = row.document.clone().into_bytes();
            Some(Resting { key: RowKey::clone(key), position: row.position, document })
        };
        Ok(keys.iter().filter_map(resting).collect())
    }
}

impl Unrolling {
    /// From this frame on.
    pub(super) fn from(base: &Frame, members: &[Member], scale: &Arc<Scale>) -> Self {
        let running = |(member, table): (&Member, &PastTable)| {
            let id = TableId { projection: table.name.to_owned(), version: member.shape.version, generation: 0 };
            Running::new(member.shape, id, (member.fold)(false), table.aside.values().cloned().collect())
        };
        let running = members.iter().zip(&base.tables).map(running).collect();
        Self {
            cohort: Cohort { members: running, position: base.position, event: None, unindexed_until: None },
            tables: Tables(base.tables.clone()),
            scale: Arc::clone(scale),
            folded: 0,
        }
    }

    /// How far it is.
    pub(super) fn position(&self) -> Position {
        self.cohort.position
    }

    /// How many events it has folded.
    pub(super) const fn folded(&self) -> usize {
        self.folded
    }

    /// Takes in what came next.
    pub(super) fn fold(&mut self, batch: &Batch) -> Result<(), RunnerError> {
        self.cohort.fold(&self.tables, batch)?;
        for (running, changes) in self.cohort.changes() {
            let Some(table) = self.tables.0.iter_mut().find(|table| table.name == running.shape.name) else { continue };
            for change in changes {
                write(table, change, &self.scale);
            }
        }
        self.cohort.settle(batch);
        for (running, table) in self.cohort.members.iter().zip(&mut self.tables.0) {
            if running.parked.len() != table.aside.len() {
                table.aside.clone_from(&running.parked);
            }
        }
        self.folded += batch.events.len();
        Ok(())
    }

    /// What it has come to.
    pub(super) fn frame(&self) -> Arc<Frame> {
        framed(self.position(), self.tables.0.clone(), &self.scale)
    }

    /// What it has come to in the end.
    pub(super) fn end(self, at: Position) -> Arc<Frame> {
        framed(at, self.tables.0, &self.scale)
    }
}

fn framed(position: Position, tables: Vec<PastTable>, scale: &Arc<Scale>) -> Arc<Frame> {
    let entries: usize = tables.iter().map(|table| table.rows.len()).sum();
    Arc::new(Frame { position, tables, _weight: Some(scale.put(entries * ENTRY)) })
}

fn write(table: &mut PastTable, change: &Change, scale: &Arc<Scale>) {
    let Some((index, document)) = &change.row else {
        table.rows.remove(&change.key);
        return;
    };
    let texts: usize = index.iter().map(|value| size_of_val(value) + text(value)).sum();
    let bytes = ROW + change.key.1.len() + document.len() + texts;
    let row = PastRow {
        position: change.position,
        index: index.clone(),
        document: document.clone(),
        _weight: scale.put(bytes),
    };
    table.rows.insert(Arc::clone(&change.key), Arc::new(row));
}

fn text(value: &Value) -> usize {
    if let Value::Text(text) = value { text.len() } else { 0 }
}
