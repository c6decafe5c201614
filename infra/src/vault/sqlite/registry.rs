//! The registers in SQLite.

use std::sync::Arc;

use domain::kernel::{ActorId, TenantId, Timestamp};
use domain::ports::{Future, VaultError};
use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};
use uuid::Uuid;

use super::{Inner, SqliteVault, unavailable};
use crate::vault::registry::{Registry, Tenant};
use crate::vault::sealing::unreadable;

fn tenant_of(row: &Row<'_>) -> rusqlite::Result<Tenant> {
    Ok(Tenant {
        id: TenantId(Uuid::from_bytes(row.get(0)?)),
        name: row.get(1)?,
        first_seen: Timestamp::from_micros(row.get(2)?).unwrap_or_default(),
    })
}

impl Inner {
    fn register_tenant(&self, tenant: TenantId, name: &str, now: Timestamp) -> Result<bool, VaultError> {
        self.connection()
            .execute(
                "INSERT INTO tenants VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                params![tenant.0.into_bytes(), name, now.as_micros()],
            )
            .map(|inserted| inserted == 1)
            .map_err(unavailable)
    }

    fn find_tenant(&self, tenant: TenantId) -> Result<Option<Tenant>, VaultError> {
        let found = self
            .connection()
            .query_row("SELECT id, name, first_seen FROM tenants WHERE id = ?1", [tenant.0.into_bytes()], tenant_of)
            .optional()
            .map_err(unavailable)?;
        if let Some(known) = &found {
            self.at_hand.tenants.put(tenant, known.clone());
        }
        Ok(found)
    }

    fn all_tenants(&self) -> Result<Vec<Tenant>, VaultError> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT id, name, first_seen FROM tenants ORDER BY first_seen, id")
            .map_err(unavailable)?;
        let rows = statement.query_map([], tenant_of).map_err(unavailable)?;
        rows.collect::<Result<_, _>>().map_err(unavailable)
    }

    fn label_actor(&self, tenant: TenantId, actor: ActorId, label: &str) -> Result<(), VaultError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unavailable)?;
        let key = self.make_tenant_key(&transaction, tenant)?;
        let sealed = key.seal_label(tenant, actor, label)?;
        transaction
            .execute(
                "INSERT INTO actors VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET label = excluded.label",
                params![tenant.0.into_bytes(), actor.0.into_bytes(), sealed],
            )
            .map_err(unavailable)?;
        transaction.commit().map_err(unavailable)?;
        self.at_hand.labels.put((tenant, actor), label.into());
        Ok(())
    }

    fn find_label(&self, tenant: TenantId, actor: ActorId) -> Result<Option<Arc<str>>, VaultError> {
        let connection = self.connection();
        let sealed: Option<Vec<u8>> = connection
            .query_row(
                "SELECT label FROM actors WHERE tenant = ?1 AND actor = ?2",
                params![tenant.0.into_bytes(), actor.0.into_bytes()],
                |row| row.get(0),
            )
            .optional()
            .map_err(unavailable)?;
        let Some(sealed) = sealed else { return Ok(None) };
        let Some(key) = self.find_tenant_key(&connection, tenant)? else { return Err(unreadable(tenant, actor)) };
        let label = key.open_label(tenant, actor, &sealed)?;
        self.at_hand.labels.put((tenant, actor), Arc::clone(&label));
        Ok(Some(label))
    }
}

impl Registry for SqliteVault {
    fn register_tenant<'a>(
        &'a self,
        tenant: TenantId,
        name: &'a str,
        now: Timestamp,
    ) -> Future<'a, Result<bool, VaultError>> {
        let name = name.to_owned();
        Box::pin(self.on_disk(move |vault| vault.register_tenant(tenant, &name, now)))
    }

    fn tenant(&self, tenant: TenantId) -> Future<'_, Result<Option<Tenant>, VaultError>> {
        Box::pin(async move {
            match self.0.at_hand.tenants.get(&tenant) {
                Some(known) => Ok(Some(known)),
                None => self.on_disk(move |vault| vault.find_tenant(tenant)).await,
            }
        })
    }

    fn tenants(&self) -> Future<'_, Result<Vec<Tenant>, VaultError>> {
        Box::pin(self.on_disk(Inner::all_tenants))
    }

    fn label_actor<'a>(
        &'a self,
        tenant: TenantId,
        actor: ActorId,
        label: &'a str,
    ) -> Future<'a, Result<(), VaultError>> {
        let label = label.to_owned();
        Box::pin(self.on_disk(move |vault| vault.label_actor(tenant, actor, &label)))
    }

    fn actor_label(&self, tenant: TenantId, actor: ActorId) -> Future<'_, Result<Option<Arc<str>>, VaultError>> {
        Box::pin(async move {
            match self.0.at_hand.labels.get(&(tenant, actor)) {
                Some(label) => Ok(Some(label)),
                None => self.on_disk(move |vault| vault.find_label(tenant, actor)).await,
            }
        })
    }
}
