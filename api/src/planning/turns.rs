//! Turns of a company: what is worked out on its plan as it stood goes one after another, in the order of arrival, instead of finding
//! again and again that the plan has changed meanwhile. Between processes the plan's own stream decides.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use domain::kernel::TenantId;
use tokio::sync::OwnedMutexGuard;

/// Who works something out now.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<TenantId, Weak<tokio::sync::Mutex<()>>>>);

impl Turns {
    /// Resolves when it is the caller's turn; the next one is called when the answer is dropped.
    pub(super) async fn take(&self, tenant: TenantId) -> OwnedMutexGuard<()> {
        let turns = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let found = known.get(&tenant).and_then(Weak::upgrade);
            found.unwrap_or_else(|| {
                known.retain(|_, turns| turns.strong_count() > 0);
                let turns = Arc::default();
                known.insert(tenant, Arc::downgrade(&turns));
                turns
            })
        };
        turns.lock_owned().await
    }
}
