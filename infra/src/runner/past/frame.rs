//! The read models of one tenant as they were at one position.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use domain::kernel::{StreamId, TenantId};
use domain::ports::Position;
use projections::projection::{IndexColumn, Value};

use super::weight::Weight;
use crate::runner::set::Member;
use crate::views::{Parked, RowKey};

/// A row as it was.
#[derive(Debug)]
pub(super) struct PastRow {
    /// Position of the last event that touched it.
    pub(super) position: Position,
    /// Its index columns.
    pub(super) index: Vec<Value>,
    /// JSON.
    pub(super) document: String,
    pub(super) _weight: Weight,
}

/// Rows by key; of one tenant, so that its part of the keys is the same in all.
pub(super) type PastRows = BTreeMap<Arc<RowKey>, Arc<PastRow>>;

/// Streams that a projection had put aside.
pub(super) type PutAside = HashMap<(TenantId, StreamId), Parked>;

/// The rows of one projection.
#[derive(Debug, Clone)]
pub(super) struct PastTable {
    pub(super) name: &'static str,
    pub(super) indexes: &'static [IndexColumn],
    pub(super) rows: PastRows,
    pub(super) aside: PutAside,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Frame {
    /// The tenant's last event that is in it.
    pub(super) position: Position,
    /// In the order of the set.
    pub(super) tables: Vec<PastTable>,
    pub(super) _weight: Option<Weight>,
}

impl Frame {
    /// Before the first event.
    pub(super) fn empty(members: &[Member]) -> Self {
        let table = |member: &Member| PastTable {
            name: member.shape.name,
            indexes: member.shape.indexes,
            rows: PastRows::new(),
            aside: PutAside::new(),
        };
        Self { position: Position::default(), tables: members.iter().map(table).collect(), _weight: None }
    }

    /// The rows of the projection of this name.
    pub(super) fn table(&self, name: &str) -> Option<&PastTable> {
        self.tables.iter().find(|table| table.name == name)
    }
}
