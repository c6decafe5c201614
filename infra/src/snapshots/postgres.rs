//! Snapshots in a schema of their own, which all nodes share and which may be dropped whenever none runs.

use std::sync::Arc;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Future, Position, Scope, Snapshot, Snapshots};
use tokio_postgres::Row;

use super::checksum;
use crate::postgres::{Failure, Parameters, Postgres, PostgresRefusal, fenced, insist, may_see};

/// Steps from one format to the next.
const STEPS: [&str; 1] = [concat!(
    may_see!(),
    "
    CREATE TABLE snapshots (
        tenant uuid NOT NULL,
        kind text NOT NULL,
        stream uuid NOT NULL,
        form bigint NOT NULL,
        event uuid NOT NULL,
        revision bigint NOT NULL,
        position bigint NOT NULL,
        state bytea NOT NULL,
        checksum bytea NOT NULL,
        PRIMARY KEY (tenant, kind, stream)
    );
    ",
    fenced!("snapshots", "tenant"),
)];

const LATEST: &str = "
    SELECT form, event, revision, position, state, checksum FROM snapshots WHERE tenant = $1 AND kind = $2 AND stream = $3";

const KEEP: &str = "
    INSERT INTO snapshots VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (tenant, kind, stream) DO UPDATE SET form = excluded.form, event = excluded.event,
        revision = excluded.revision, position = excluded.position, state = excluded.state,
        checksum = excluded.checksum";

/// Snapshots in PostgreSQL.
#[derive(Clone)]
pub struct PostgresSnapshots(Arc<Postgres>);

impl PostgresSnapshots {
    /// Opens the schema, or makes it.
    pub async fn open(server: Postgres) -> Result<Self, PostgresRefusal> {
        server.migrate(&STEPS).await?;
        Ok(Self(Arc::new(server)))
    }

    async fn write(&self, tenant: TenantId, row: Parameters<'_>) -> Result<(), Failure> {
        let lent = self.0.lend_to_change().await?;
        let keep = lent.prepare_cached(KEEP).await?;
        lent.fence(Scope::Tenant(tenant)).await?;
        lent.execute(&keep, row).await?;
        lent.give_back();
        Ok(())
    }

    fn tell(&self, failure: &Failure) {
        tracing::warn!(event = "snapshots.failed", error = self.0.explains(failure), "streams are folded whole");
    }
}

fn snapshot(row: &Row) -> Option<Snapshot> {
    Some(Snapshot {
        form: u32::try_from(row.get::<_, i64>(0)).ok()?,
        event: row.get(1),
        revision: u64::try_from(row.get::<_, i64>(2)).ok()?,
        position: Position(u64::try_from(row.get::<_, i64>(3)).ok()?),
        state: row.get(4),
    })
}

impl Snapshots for PostgresSnapshots {
    fn latest(&self, tenant: TenantId, stream: StreamId) -> Future<'_, Option<Snapshot>> {
        Box::pin(async move {
            let kind = stream.kind.as_str();
            let rows = self.0.ask(Scope::Tenant(tenant), LATEST, &[&tenant.0, &kind, &stream.id]).await;
            let rows = rows.inspect_err(|failure| self.tell(failure)).ok()?;
            let row = rows.first()?;
            snapshot(row).filter(|found| checksum(tenant, stream, found).as_slice() == row.get::<_, &[u8]>(5))
        })
    }

    fn keep(&self, tenant: TenantId, stream: StreamId, snapshot: Snapshot) -> Future<'_, ()> {
        Box::pin(async move {
            let checksum = checksum(tenant, stream, &snapshot);
            let checksum = checksum.as_slice();
            let Snapshot { form, event, revision, position, state } = snapshot;
            let (form, revision) = (i64::from(form), revision.cast_signed());
            let (position, kind) = (position.0.cast_signed(), stream.kind.as_str());
            let row: Parameters<'_> =
                &[&tenant.0, &kind, &stream.id, &form, &event, &revision, &position, &state, &checksum];
            if let Err(failure) = insist(|| self.write(tenant, row)).await {
                self.tell(&failure);
            }
        })
    }
}
