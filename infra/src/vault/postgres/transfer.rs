//! Carrying the vault of a schema over, and taking another vault over into one.

use domain::kernel::TenantId;
use domain::ports::{Future, Scope, VaultError};
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use super::{PostgresVault, secrets};
use crate::postgres::{Failure, Parameters};
use crate::vault::secret_rows::SecretRow;
use crate::vault::transfer::{PortableVault, VaultRow, VaultTable, VaultTransferError};

/// Rows that are taken, as a table of their own.
macro_rules! with_rows {
    ($statement:literal) => {
        concat!(
            "WITH taken AS (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::bigint[]) \
             AS taken (tenant, whose, class, bytes, instant)) ",
            $statement
        )
    };
}

/// Tenant, whose, class, bytes, instant: after such a row, at most so many.
const fn select(table: VaultTable) -> &'static str {
    match table {
        VaultTable::Tenants => {
            "SELECT id, $2::uuid, $3::text, convert_to(name, 'UTF8'), first_seen FROM tenants WHERE id > $1 ORDER BY id LIMIT $4"
        }
        VaultTable::TenantKeys => {
            "SELECT tenant, $2::uuid, $3::text, wrapped, 0::bigint FROM tenant_keys WHERE tenant > $1 ORDER BY tenant LIMIT $4"
        }
        VaultTable::Labels => {
            "SELECT tenant, actor, $3::text, label, 0::bigint FROM actors WHERE (tenant, actor) > ($1, $2)
             ORDER BY tenant, actor LIMIT $4"
        }
        VaultTable::DataKeys => {
            r#"SELECT tenant, subject, class, wrapped, 0::bigint FROM data_keys
               WHERE (tenant, subject, class COLLATE "C") > ($1, $2, $3)
               ORDER BY tenant, subject, class COLLATE "C" LIMIT $4"#
        }
        VaultTable::Fences => {
            "SELECT tenant, subject, $3::text, ''::bytea, fenced_at FROM fences WHERE (tenant, subject) > ($1, $2)
             ORDER BY tenant, subject LIMIT $4"
        }
    }
}

/// Takes the rows that are not there yet.
const fn insert(table: VaultTable) -> &'static str {
    match table {
        VaultTable::Tenants => with_rows!(
            "INSERT INTO tenants SELECT tenant, convert_from(bytes, 'UTF8'), instant FROM taken ON CONFLICT DO NOTHING"
        ),
        VaultTable::TenantKeys => {
            with_rows!("INSERT INTO tenant_keys SELECT tenant, bytes FROM taken ON CONFLICT DO NOTHING")
        }
        VaultTable::Labels => with_rows!(
            "INSERT INTO actors SELECT tenant, whose, bytes FROM taken
             ON CONFLICT (tenant, actor) DO UPDATE SET label = excluded.label"
        ),
        VaultTable::DataKeys => with_rows!(
            "INSERT INTO data_keys SELECT tenant, whose, class, bytes FROM taken
             WHERE NOT EXISTS (SELECT FROM fences WHERE fences.tenant = taken.tenant AND subject = whose)
             ON CONFLICT DO NOTHING"
        ),
        VaultTable::Fences => {
            with_rows!("INSERT INTO fences SELECT tenant, whose, instant FROM taken ON CONFLICT DO NOTHING")
        }
    }
}

/// Where another key stands.
const STRANGERS_OF_TENANTS: &str =
    with_rows!("SELECT tenant FROM taken JOIN tenant_keys USING (tenant) WHERE wrapped <> bytes LIMIT 1");
const STRANGERS_OF_SUBJECTS: &str = with_rows!(
    "SELECT taken.tenant FROM taken
     JOIN data_keys ON data_keys.tenant = taken.tenant AND subject = whose AND data_keys.class = taken.class
     WHERE wrapped <> bytes LIMIT 1"
);
const DESTROY: &str =
    with_rows!("DELETE FROM data_keys USING taken WHERE data_keys.tenant = taken.tenant AND subject = whose");
const DESTROY_SECRETS: &str =
    with_rows!("DELETE FROM secrets USING taken WHERE secrets.tenant = taken.tenant AND owner = whose");

const TAKE_SECRETS: &str = "
    INSERT INTO secrets
    SELECT * FROM unnest(
        $1::text[], $2::bytea[], $3::uuid[], $4::uuid[], $5::bytea[], $6::bigint[], $7::bigint[], $8::bigint[]
    ) AS taken (kind, name, tenant, owner, sealed, version, due_at, expires_at)
    WHERE NOT EXISTS (SELECT FROM fences WHERE fences.tenant = taken.tenant AND subject = owner)
    ON CONFLICT DO NOTHING";

impl PortableVault for PostgresVault {
    fn rows(
        &self,
        table: VaultTable,
        after: Option<VaultRow>,
        limit: usize,
    ) -> Future<'_, Result<Vec<VaultRow>, VaultError>> {
        Box::pin(async move {
            // No tenant, actor or subject has the nil identity.
            let (tenant, whose, class) =
                after.map_or((Uuid::nil(), Uuid::nil(), String::new()), |row| (row.tenant, row.whose, row.class));
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let asked = self.0.server.ask(Scope::System, select(table), &[&tenant, &whose, &class, &limit]).await;
            let rows = asked.map_err(|failure| self.0.failed(&failure))?;
            Ok(rows.iter().map(row).collect())
        })
    }

    fn take(&self, table: VaultTable, rows: Vec<VaultRow>) -> Future<'_, Result<(), VaultTransferError>> {
        Box::pin(async move {
            let taken = self.take_rows(table, &rows).await;
            let stranger = taken.map_err(|failure| self.0.failed(&failure))?;
            stranger.map_or(Ok(()), |tenant| Err(VaultTransferError::Foreign(tenant)))
        })
    }

    fn secrets(&self, after: Option<SecretRow>, limit: usize) -> Future<'_, Result<Vec<SecretRow>, VaultError>> {
        Box::pin(async move {
            let (kind, name) = after.map_or((String::new(), Vec::new()), |row| (row.kind, row.name));
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let asked = self.0.server.ask(Scope::System, secrets::PAGE, &[&kind, &name, &limit]).await;
            Ok(asked.map_err(|failure| self.0.failed(&failure))?.iter().map(secrets::row).collect())
        })
    }

    fn take_secrets(&self, rows: Vec<SecretRow>) -> Future<'_, Result<(), VaultError>> {
        Box::pin(async move { self.take_secret_rows(&rows).await.map_err(|failure| self.0.failed(&failure)) })
    }

    fn clear_secrets(&self) -> Future<'_, Result<(), VaultError>> {
        Box::pin(async move { self.0.forget(Scope::System, "DELETE FROM secrets", &[]).await.map(drop) })
    }
}

impl PostgresVault {
    /// In one transaction; a tenant of whom another key is there.
    async fn take_rows(&self, table: VaultTable, rows: &[VaultRow]) -> Result<Option<TenantId>, Failure> {
        let tenants: Vec<Uuid> = rows.iter().map(|row| row.tenant).collect();
        let whose: Vec<Uuid> = rows.iter().map(|row| row.whose).collect();
        let classes: Vec<&str> = rows.iter().map(|row| row.class.as_str()).collect();
        let bytes: Vec<&[u8]> = rows.iter().map(|row| row.bytes.as_slice()).collect();
        let instants: Vec<i64> = rows.iter().map(|row| row.instant).collect();
        let columns: Parameters<'_> = &[&tenants, &whose, &classes, &bytes, &instants];
        let mut lent = self.0.server.lend_to_change().await?;
        lent.fence(Scope::System).await?;
        let transaction = lent.transaction().await?;
        transaction.execute(insert(table), columns).await?;
        let stranger = match table {
            VaultTable::TenantKeys => stranger(&transaction, STRANGERS_OF_TENANTS, columns).await?,
            VaultTable::DataKeys => stranger(&transaction, STRANGERS_OF_SUBJECTS, columns).await?,
            VaultTable::Fences => {
                transaction.execute(DESTROY, columns).await?;
                transaction.execute(DESTROY_SECRETS, columns).await?;
                None
            }
            VaultTable::Tenants | VaultTable::Labels => None,
        };
        if stranger.is_none() {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        lent.give_back();
        if table == VaultTable::Fences {
            self.0.overwrite().await;
        }
        Ok(stranger)
    }

    async fn take_secret_rows(&self, rows: &[SecretRow]) -> Result<(), Failure> {
        let kinds: Vec<&str> = rows.iter().map(|row| row.kind.as_str()).collect();
        let names: Vec<&[u8]> = rows.iter().map(|row| row.name.as_slice()).collect();
        let tenants: Vec<Option<Uuid>> = rows.iter().map(|row| row.tenant).collect();
        let owners: Vec<Option<Uuid>> = rows.iter().map(|row| row.owner).collect();
        let sealed: Vec<&[u8]> = rows.iter().map(|row| row.sealed.as_slice()).collect();
        let versions: Vec<i64> = rows.iter().map(|row| row.version).collect();
        let due: Vec<Option<i64>> = rows.iter().map(|row| row.due_at).collect();
        let expiring: Vec<Option<i64>> = rows.iter().map(|row| row.expires_at).collect();
        let columns: Parameters<'_> = &[&kinds, &names, &tenants, &owners, &sealed, &versions, &due, &expiring];
        let lent = self.0.server.lend_to_change().await?;
        lent.fence(Scope::System).await?;
        lent.execute(TAKE_SECRETS, columns).await?;
        lent.give_back();
        Ok(())
    }
}

async fn stranger(
    transaction: &impl std::ops::Deref<Target = Transaction<'_>>,
    query: &str,
    columns: Parameters<'_>,
) -> Result<Option<TenantId>, Failure> {
    let found = transaction.query_opt(query, columns).await?;
    Ok(found.map(|row| TenantId(row.get(0))))
}

fn row(row: &Row) -> VaultRow {
    VaultRow { tenant: row.get(0), whose: row.get(1), class: row.get(2), bytes: row.get(3), instant: row.get(4) }
}
