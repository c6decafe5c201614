//! States of long streams, kept so that a cold start need not fold them from their first event. Derived: losing one does no harm.

use uuid::Uuid;

use super::Future;
use super::event_store::Position;
use crate::kernel::{StreamId, TenantId};

/// A state as it was after one event of its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The form that the state is written in: another one is of no use.
    pub form: u32,
    /// That event. Where the stream has another one at its revision, or has lost its body, the snapshot is of no use.
    pub event: Uuid,
    /// Its revision.
    pub revision: u64,
    /// Its position.
    pub position: Position,
    /// The state.
    pub state: Vec<u8>,
}

/// Keeps the latest snapshot of each stream. What goes wrong here is told in the log of the program and otherwise as if nothing
/// were kept.
pub trait Snapshots: Send + Sync {
    /// The latest one of this stream.
    fn latest(&self, tenant: TenantId, stream: StreamId) -> Future<'_, Option<Snapshot>>;

    /// Keeps one in the place of the one before.
    fn keep(&self, tenant: TenantId, stream: StreamId, snapshot: Snapshot) -> Future<'_, ()>;
}

/// Keeps nothing: for stores whose streams are read as fast as snapshots.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSnapshots;

impl Snapshots for NoSnapshots {
    fn latest(&self, _: TenantId, _: StreamId) -> Future<'_, Option<Snapshot>> {
        Box::pin(std::future::ready(None))
    }

    fn keep(&self, _: TenantId, _: StreamId, _: Snapshot) -> Future<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
