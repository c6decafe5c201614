//! The port under the runner: where rows, checkpoints and what is parked rest. One adapter for an embedded file, one for a server
//! that several nodes share. Every call may block; the runner asks from threads of its own.

use std::sync::Arc;

use domain::kernel::TenantId;
use domain::ports::Position;
use projections::projection::{IndexColumn, Value};

use super::checkpoint::{Checkpoint, Parked};
use super::digest::Digest;
use super::table::{Shape, TableId};

/// A row's tenant and key.
pub type RowKey = (TenantId, String);

/// Why the view store does not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowStoreError {
    /// Trying again later may work.
    #[error("the view store fails: {0}")]
    Unavailable(String),
    /// Another node leads one of these projections by now, or has moved its checkpoint: what is in memory is not what is committed.
    #[error("another node leads the projections by now")]
    LeadLost,
}

/// A row as it rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resting {
    /// Whose, and under which key.
    pub key: RowKey,
    /// Position of the last event that touched it.
    pub position: Position,
    /// The document, JSON.
    pub document: Vec<u8>,
}

/// What becomes of a row.
#[derive(Debug, Clone)]
pub struct Change {
    /// Whose, and under which key.
    pub key: Arc<RowKey>,
    /// Position of the last event that touched it.
    pub position: Position,
    /// Whether the table holds a row under this key.
    pub stored: bool,
    /// Index columns in the order of the shape, and document; `None` where there is no row any more.
    pub row: Option<(Vec<Value>, String)>,
}

/// What is done within one transaction of the runner's.
pub type Work<'w> = dyn FnMut(&mut dyn RowTransaction) -> Result<(), RowStoreError> + 'w;

/// Where rows that were folded before are found again.
pub trait Shelf: Send + Sync {
    /// The rows of a table under these keys that are there, in any order.
    fn load(&self, table: &TableId, keys: &[Arc<RowKey>]) -> Result<Vec<Resting>, RowStoreError>;
}

/// Where the runner keeps what it makes.
pub trait RowStore: Shelf {
    /// How far projections are and where their rows are, in the order of `shapes`, all of one committed state; `None` where nobody
    /// has made one yet. A store of one node knows one checkpoint of each projection, whatever its version; a shared one keeps
    /// one for each version, so that older nodes go on beside newer ones.
    fn checkpoints(&self, shapes: &[Shape]) -> Result<Vec<Option<Checkpoint>>, RowStoreError>;

    /// What these projections have parked.
    fn parked(&self, shapes: &[Shape]) -> Result<Vec<Parked>, RowStoreError>;

    /// Does all of `work` or nothing. On a shared store it fails with [`RowStoreError::LeadLost`] unless this node still leads all
    /// that it took the lead of, and nobody takes it before the end.
    fn transact(&self, work: &mut Work<'_>) -> Result<(), RowStoreError>;

    /// Makes the index of a column, unless it is there. It takes as long as reading the table; on a shared store the lead can be
    /// kept meanwhile, from another thread.
    fn index(&self, table: &TableId, column: &IndexColumn) -> Result<(), RowStoreError>;

    /// The digests of these tables, all of one committed state.
    fn digests(&self, tables: &[TableId]) -> Result<Vec<Digest>, RowStoreError>;

    /// Takes the lead of those of `shapes` that nobody leads, keeps the lead of those that this node leads, and hands over those that
    /// another node has asked for. Gives the names of those that this node leads now. To be called at least every second: who
    /// is silent for [`LEASE`] has lost it. It fails with [`RowStoreError::LeadLost`], once, where another node led meanwhile what
    /// this one believed to lead, even if it leads it again. On a store of one node: all of them.
    fn lead(&self, shapes: &[Shape]) -> Result<Vec<&'static str>, RowStoreError>;

    /// Asks whoever leads these to hand over; it does so within seconds, where it is alive.
    fn ask_for_lead(&self, shapes: &[Shape]) -> Result<(), RowStoreError>;

    /// Gives up the lead of everything, at a stop.
    fn resign(&self);

    /// Calls `wake` when another node has committed: a hint, never the truth. It must return at once.
    fn on_commit(&self, wake: Arc<dyn Fn() + Send + Sync>);
}

/// For how long a node leads without saying so again.
pub const LEASE: std::time::Duration = std::time::Duration::from_secs(3);

/// One transaction of the runner's.
pub trait RowTransaction {
    /// Makes that not even a crash of a server takes this transaction back: where checkpoints do not tell.
    fn endure(&mut self) -> Result<(), RowStoreError>;

    /// Makes a table, empty even where an attempt has left one, without indexes: filling it is several times faster without.
    fn create(&mut self, shape: Shape, table: &TableId) -> Result<(), RowStoreError>;

    /// Points the projection to this table at this position.
    fn point(&mut self, checkpoint: &Checkpoint) -> Result<(), RowStoreError>;

    /// Moves a checkpoint to `to`, which may be another generation of its table; false when it is not where it is believed to be, or
    /// the table is not there.
    fn advance(&mut self, checkpoint: &Checkpoint, to: &Checkpoint) -> Result<bool, RowStoreError>;

    /// Writes the rows of one table.
    fn write(&mut self, shape: Shape, table: &TableId, changes: &[Change]) -> Result<(), RowStoreError>;

    /// Notes a parked stream, once.
    fn park(&mut self, shape: Shape, parked: &Parked) -> Result<(), RowStoreError>;

    /// Forgets what a projection has parked.
    fn unpark(&mut self, shape: Shape) -> Result<(), RowStoreError>;

    /// Removes every table of rows that no checkpoint points to, of what this node leads: another node may be filling its own.
    fn sweep(&mut self) -> Result<(), RowStoreError>;
}
