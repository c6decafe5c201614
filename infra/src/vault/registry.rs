//! Who there is: the tenants of this installation, and what their actors are called.

use std::sync::Arc;

use domain::kernel::{ActorId, TenantId, Timestamp};
use domain::ports::{Future, VaultError};

/// A tenant as it was first named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its identity.
    pub id: TenantId,
    /// What it was called on the command line.
    pub name: String,
    /// When it was first named.
    pub first_seen: Timestamp,
}

/// The registers of the vault. They are not personal data's only home: an actor's label lies sealed under the tenant's key.
pub trait Registry: Send + Sync {
    /// Notes a tenant; true when it was not known before. A known one keeps its name.
    fn register_tenant<'a>(
        &'a self,
        tenant: TenantId,
        name: &'a str,
        now: Timestamp,
    ) -> Future<'a, Result<bool, VaultError>>;

    /// The tenant with this identity.
    fn tenant(&self, tenant: TenantId) -> Future<'_, Result<Option<Tenant>, VaultError>>;

    /// All tenants, oldest first.
    fn tenants(&self) -> Future<'_, Result<Vec<Tenant>, VaultError>>;

    /// Notes what an actor is called; replaces what was noted before.
    fn label_actor<'a>(
        &'a self,
        tenant: TenantId,
        actor: ActorId,
        label: &'a str,
    ) -> Future<'a, Result<(), VaultError>>;

    /// What an actor is called, where that was noted.
    fn actor_label(&self, tenant: TenantId, actor: ActorId) -> Future<'_, Result<Option<Arc<str>>, VaultError>>;
}
