//! In whose name Kilter acts by itself: a machine account in each company.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::kernel::{ActorId, Caller, Role, TenantId};
use infra::vault::Registry;

/// What it is called.
const NAME: &str = "Kilter";

/// Kilter, where it acts by itself.
pub struct Kilter {
    /// What actors are called.
    registry: Arc<dyn Registry>,
    /// Who has been told what it is called.
    introduced: Mutex<HashSet<TenantId>>,
}

impl Kilter {
    /// Introduced to each company before it acts there.
    pub fn known_to(registry: Arc<dyn Registry>) -> Self {
        Self { registry, introduced: Mutex::default() }
    }

    /// Its account in a company.
    pub fn of(tenant: TenantId) -> Caller {
        Caller::new(tenant, ActorId::from_key(tenant, NAME), Role::Manager)
    }

    /// Its account in a company, which knows what it is called.
    pub async fn caller(&self, tenant: TenantId) -> Caller {
        let kilter = Self::of(tenant);
        if !self.introduced().contains(&tenant) {
            match self.registry.label_actor(tenant, kilter.actor, NAME).await {
                Ok(()) => drop(self.introduced().insert(tenant)),
                Err(error) => tracing::warn!(%tenant, %error, "kilter.name_not_noted"),
            }
        }
        kilter
    }

    fn introduced(&self) -> MutexGuard<'_, HashSet<TenantId>> {
        self.introduced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
