//! What the runner keeps beside the rows: how far each projection is, in which table, and what is parked.

use domain::kernel::{StreamId, TenantId};
use domain::ports::Position;
use uuid::Uuid;

use super::table::TableId;

/// How far a projection is, and where its rows are.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// Its table.
    pub table: TableId,
    /// The last position that its rows hold.
    pub position: Position,
    /// The event there, where this build knows it: another one there means that the log is not the one we followed.
    pub event: Option<Uuid>,
}

/// A stream that a projection has put aside, from one event on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// For which projection.
    pub projection: &'static str,
    /// Whose stream.
    pub tenant: TenantId,
    /// The stream.
    pub stream: StreamId,
    /// Revision of the event that could not be folded.
    pub revision: u64,
    /// Its position.
    pub position: Position,
    /// Why it could not be folded.
    pub reason: String,
}
