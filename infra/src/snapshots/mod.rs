//! Snapshots of long streams. Whatever happens to them, the log has all that is in them.

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Hash, Snapshot};
use sha2::{Digest, Sha256};

mod postgres;
mod sqlite;

pub use postgres::PostgresSnapshots;
pub use sqlite::SqliteSnapshots;

/// Kept with a snapshot and compared before it is used: commands are decided by it, so that not a bit of it may be another.
fn checksum(tenant: TenantId, stream: StreamId, snapshot: &Snapshot) -> Hash {
    let Snapshot { form, event, revision, position, state } = snapshot;
    Sha256::new()
        .chain_update(tenant.0)
        .chain_update(stream.id)
        .chain_update(form.to_be_bytes())
        .chain_update(event)
        .chain_update(revision.to_be_bytes())
        .chain_update(position.0.to_be_bytes())
        .chain_update(stream.kind.as_str())
        .chain_update((state.len() as u64).to_be_bytes())
        .chain_update(state)
        .finalize()
        .into()
}
