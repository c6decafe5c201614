//! Carrying the vault's file over, and taking another vault over into one.

use domain::kernel::{SubjectId, TenantId};
use domain::ports::{Future, VaultError};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use super::format::{WITH_SECRETS, format};
use super::{Inner, SqliteVault, is_fenced, secrets, sweep, unavailable};
use crate::vault::secret_rows::SecretRow;
use crate::vault::transfer::{PortableVault, VaultRow, VaultTable, VaultTransferError};

/// Tenant, whose, class, bytes, instant.
const fn select(table: VaultTable) -> &'static str {
    match table {
        VaultTable::Tenants => {
            "SELECT id, zeroblob(16), '', CAST(name AS BLOB), first_seen FROM tenants WHERE id > ?1 ORDER BY id LIMIT ?4"
        }
        VaultTable::TenantKeys => {
            "SELECT tenant, zeroblob(16), '', wrapped, 0 FROM tenant_keys WHERE tenant > ?1 ORDER BY tenant LIMIT ?4"
        }
        VaultTable::Labels => {
            "SELECT tenant, actor, '', label, 0 FROM actors WHERE (tenant, actor) > (?1, ?2)
             ORDER BY tenant, actor LIMIT ?4"
        }
        VaultTable::DataKeys => {
            "SELECT tenant, subject, class, wrapped, 0 FROM data_keys WHERE (tenant, subject, class) > (?1, ?2, ?3)
             ORDER BY tenant, subject, class LIMIT ?4"
        }
        VaultTable::Fences => {
            "SELECT tenant, subject, '', x'', fenced_at FROM fences WHERE (tenant, subject) > (?1, ?2)
             ORDER BY tenant, subject LIMIT ?4"
        }
    }
}

impl PortableVault for SqliteVault {
    fn rows(
        &self,
        table: VaultTable,
        after: Option<VaultRow>,
        limit: usize,
    ) -> Future<'_, Result<Vec<VaultRow>, VaultError>> {
        let read = move |vault: &Inner| rows(&vault.connection(), table, after.as_ref(), limit).map_err(unavailable);
        Box::pin(self.on_disk(read))
    }

    fn take(&self, table: VaultTable, rows: Vec<VaultRow>) -> Future<'_, Result<(), VaultTransferError>> {
        Box::pin(async move {
            let stranger = self.on_disk(move |vault| vault.take(table, &rows)).await?;
            stranger.map_or(Ok(()), |tenant| Err(VaultTransferError::Foreign(tenant)))
        })
    }

    fn secrets(&self, after: Option<SecretRow>, limit: usize) -> Future<'_, Result<Vec<SecretRow>, VaultError>> {
        Box::pin(self.on_disk(move |vault| {
            let connection = vault.connection();
            if format(&connection)? < WITH_SECRETS {
                return Ok(Vec::new());
            }
            let (kind, name) = after.map_or((String::new(), Vec::new()), |row| (row.kind, row.name));
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            secrets::rows(&connection, secrets::PAGE, params![kind, name, limit]).map_err(unavailable)
        }))
    }

    fn take_secrets(&self, rows: Vec<SecretRow>) -> Future<'_, Result<(), VaultError>> {
        Box::pin(self.on_disk(move |vault| vault.take_secrets(&rows)))
    }

    fn clear_secrets(&self) -> Future<'_, Result<(), VaultError>> {
        Box::pin(self.on_disk(|vault| vault.forget("DELETE FROM secrets", []).map(drop)))
    }
}

fn rows(
    connection: &Connection,
    table: VaultTable,
    after: Option<&VaultRow>,
    limit: usize,
) -> rusqlite::Result<Vec<VaultRow>> {
    // Nothing is before the empty text, not even the smallest identity.
    let (tenant, whose, class) = after.map_or((None, None, ""), |row| {
        (Some(row.tenant.into_bytes()), Some(row.whose.into_bytes()), row.class.as_str())
    });
    let (tenant, whose) = (tenant.as_ref().map_or(&[][..], |id| id), whose.as_ref().map_or(&[][..], |id| id));
    let mut statement = connection.prepare_cached(select(table))?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let row = |row: &rusqlite::Row<'_>| {
        Ok(VaultRow {
            tenant: Uuid::from_bytes(row.get(0)?),
            whose: Uuid::from_bytes(row.get(1)?),
            class: row.get(2)?,
            bytes: row.get(3)?,
            instant: row.get(4)?,
        })
    };
    statement.query_map((tenant, whose, class, limit), row)?.collect()
}

impl Inner {
    /// Takes rows in one transaction; a tenant of whom another key is there.
    fn take(&self, table: VaultTable, rows: &[VaultRow]) -> Result<Option<TenantId>, VaultError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unavailable)?;
        for row in rows {
            if !take_row(&transaction, table, row).map_err(unavailable)? {
                return Ok(Some(TenantId(row.tenant)));
            }
        }
        transaction.commit().map_err(unavailable)?;
        if table == VaultTable::Fences {
            sweep(&connection)?;
        }
        Ok(None)
    }

    fn take_secrets(&self, rows: &[SecretRow]) -> Result<(), VaultError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unavailable)?;
        for row in rows {
            let whose = row.tenant.zip(row.owner).map(|(tenant, owner)| (TenantId(tenant), SubjectId(owner)));
            let is_fenced = whose.map(|(tenant, owner)| is_fenced(&transaction, tenant, owner)).transpose();
            if is_fenced.map_err(unavailable)? != Some(true) {
                secrets::put(&transaction, row).map_err(unavailable)?;
            }
        }
        transaction.commit().map_err(unavailable)
    }
}

/// False when another key is there.
fn take_row(transaction: &Transaction<'_>, table: VaultTable, row: &VaultRow) -> rusqlite::Result<bool> {
    let VaultRow { tenant, whose, class, bytes, instant } = row;
    let (tenant, whose) = (tenant.as_bytes(), whose.as_bytes());
    let run = |statement: &str, parameters: &[&dyn rusqlite::ToSql]| {
        transaction.prepare_cached(statement)?.execute(parameters).map(drop)
    };
    let is_there = |query: &str, parameters: &[&dyn rusqlite::ToSql]| {
        let there: Option<Vec<u8>> =
            transaction.prepare_cached(query)?.query_row(parameters, |row| row.get(0)).optional()?;
        Ok(there.is_none_or(|there| there == *bytes))
    };
    match table {
        VaultTable::Tenants => {
            let insert = "INSERT INTO tenants VALUES (?1, CAST(?2 AS TEXT), ?3) ON CONFLICT DO NOTHING";
            run(insert, params![tenant, bytes, instant])?;
        }
        VaultTable::TenantKeys => {
            run("INSERT INTO tenant_keys VALUES (?1, ?2) ON CONFLICT DO NOTHING", params![tenant, bytes])?;
            return is_there("SELECT wrapped FROM tenant_keys WHERE tenant = ?1", params![tenant]);
        }
        VaultTable::Labels => {
            let insert = "INSERT INTO actors VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET label = excluded.label";
            run(insert, params![tenant, whose, bytes])?;
        }
        VaultTable::DataKeys => {
            let insert = "INSERT INTO data_keys SELECT ?1, ?2, ?3, ?4
                WHERE NOT EXISTS (SELECT 1 FROM fences WHERE tenant = ?1 AND subject = ?2) ON CONFLICT DO NOTHING";
            run(insert, params![tenant, whose, class, bytes])?;
            let query = "SELECT wrapped FROM data_keys WHERE tenant = ?1 AND subject = ?2 AND class = ?3";
            return is_there(query, params![tenant, whose, class]);
        }
        VaultTable::Fences => {
            run("INSERT INTO fences VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", params![tenant, whose, instant])?;
            run("DELETE FROM data_keys WHERE tenant = ?1 AND subject = ?2", params![tenant, whose])?;
            run(secrets::FORGET_OWNER, params![tenant, whose])?;
        }
    }
    Ok(true)
}
