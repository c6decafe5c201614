//! The registers in PostgreSQL.

use std::sync::Arc;

use domain::kernel::{ActorId, TenantId, Timestamp};
use domain::ports::{Future, Scope, VaultError};
use tokio_postgres::Row;

use super::{Inner, PostgresVault, TELL, Told, Undone};
use crate::postgres::{Failure, insist};
use crate::vault::registry::{Registry, Tenant};
use crate::vault::sealing::unreadable;

const LABEL: &str = "
    SELECT actors.label, tenant_keys.wrapped FROM actors LEFT JOIN tenant_keys USING (tenant)
    WHERE actors.tenant = $1 AND actors.actor = $2";

fn tenant_of(row: &Row) -> Tenant {
    Tenant {
        id: TenantId(row.get(0)),
        name: row.get(1),
        first_seen: Timestamp::from_micros(row.get(2)).unwrap_or_default(),
    }
}

impl Inner {
    async fn register_tenant(&self, tenant: TenantId, name: &str, now: Timestamp) -> Result<bool, Failure> {
        let lent = self.lend(tenant).await?;
        let insert = "INSERT INTO tenants VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let inserted = lent.execute(insert, &[&tenant.0, &name, &now.as_micros()]).await?;
        lent.give_back();
        Ok(inserted == 1)
    }

    async fn find_tenant(&self, tenant: TenantId) -> Result<Option<Tenant>, Failure> {
        let asked = self.heard.asking();
        let query = "SELECT id, name, first_seen FROM tenants WHERE id = $1";
        let found = self.server.ask(Scope::Tenant(tenant), query, &[&tenant.0]).await?.first().map(tenant_of);
        if let Some(known) = &found {
            self.heard.put(asked, |at_hand| at_hand.tenants.put(tenant, known.clone()));
        }
        Ok(found)
    }

    async fn all_tenants(&self) -> Result<Vec<Tenant>, Failure> {
        let query = "SELECT id, name, first_seen FROM tenants ORDER BY first_seen, id";
        Ok(self.server.ask(Scope::System, query, &[]).await?.iter().map(tenant_of).collect())
    }

    async fn label_actor(&self, tenant: TenantId, actor: ActorId, label: &str) -> Result<(), Undone> {
        let mut lent = self.lend(tenant).await?;
        let transaction = lent.transaction().await?;
        let key = self.make_tenant_key(&transaction, tenant).await?;
        let sealed = key.seal_label(tenant, actor, label)?;
        let note =
            "INSERT INTO actors VALUES ($1, $2, $3) ON CONFLICT (tenant, actor) DO UPDATE SET label = excluded.label";
        transaction.execute(note, &[&tenant.0, &actor.0, &sealed]).await?;
        transaction.execute(TELL, &[&Told::Labelled(tenant, actor).to_string()]).await?;
        transaction.commit().await?;
        lent.give_back();
        Ok(())
    }

    async fn find_label(&self, tenant: TenantId, actor: ActorId) -> Result<Option<Arc<str>>, Undone> {
        let asked = self.heard.asking();
        let rows = self.server.ask(Scope::Tenant(tenant), LABEL, &[&tenant.0, &actor.0]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let wrapped: &[u8] = row.get::<_, Option<_>>(1).ok_or_else(|| unreadable(tenant, actor))?;
        let label = self.root.unwrap_tenant_key(tenant, wrapped)?.open_label(tenant, actor, row.get(0))?;
        self.heard.put(asked, |at_hand| at_hand.labels.put((tenant, actor), Arc::clone(&label)));
        Ok(Some(label))
    }
}

impl Registry for PostgresVault {
    fn register_tenant<'a>(
        &'a self,
        tenant: TenantId,
        name: &'a str,
        now: Timestamp,
    ) -> Future<'a, Result<bool, VaultError>> {
        Box::pin(async move {
            let registered = insist(|| self.0.register_tenant(tenant, name, now)).await;
            registered.map_err(|failure| self.0.failed(&failure))
        })
    }

    fn tenant(&self, tenant: TenantId) -> Future<'_, Result<Option<Tenant>, VaultError>> {
        Box::pin(async move {
            match self.0.heard.get(|at_hand| at_hand.tenants.get(&tenant)) {
                Some(known) => Ok(Some(known)),
                None => self.0.find_tenant(tenant).await.map_err(|failure| self.0.failed(&failure)),
            }
        })
    }

    fn tenants(&self) -> Future<'_, Result<Vec<Tenant>, VaultError>> {
        Box::pin(async { self.0.all_tenants().await.map_err(|failure| self.0.failed(&failure)) })
    }

    fn label_actor<'a>(
        &'a self,
        tenant: TenantId,
        actor: ActorId,
        label: &'a str,
    ) -> Future<'a, Result<(), VaultError>> {
        Box::pin(async move {
            let labelled = insist(|| self.0.label_actor(tenant, actor, label)).await;
            labelled.map_err(|undone| self.0.undone(undone))?;
            self.0.heard.hear(Told::Labelled(tenant, actor));
            Ok(())
        })
    }

    fn actor_label(&self, tenant: TenantId, actor: ActorId) -> Future<'_, Result<Option<Arc<str>>, VaultError>> {
        Box::pin(async move {
            match self.0.heard.get(|at_hand| at_hand.labels.get(&(tenant, actor))) {
                Some(label) => Ok(Some(label)),
                None => self.0.find_label(tenant, actor).await.map_err(|undone| self.0.undone(undone)),
            }
        })
    }
}
