//! What just happened, per tenant, told after the read models hold it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::kernel::TenantId;
use domain::ports::{Position, Recorded};
use tokio::sync::{broadcast, watch};

/// Notices that a subscriber may be behind before it has to page the log.
const CAPACITY: usize = 1024;

/// One event that all live projections hold.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Where it stands; also the cursor of a subscription.
    pub position: Position,
    /// The event.
    pub event: Arc<Recorded>,
}

/// The read models did not come as far as asked in the time that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the read models are at position {at}, not yet at {wanted}")]
pub struct Late {
    /// How far they are.
    pub at: Position,
    /// How far they were asked to be.
    pub wanted: Position,
}

/// Tells who listens what the runner has committed.
pub struct Live {
    position: watch::Sender<Position>,
    tenants: Mutex<HashMap<TenantId, broadcast::Sender<Arc<Notice>>>>,
}

impl Live {
    /// Starting at what is committed already.
    pub fn new(position: Position) -> Self {
        Self { position: watch::Sender::new(position), tenants: Mutex::default() }
    }

    /// Every notice of a tenant from now on, in the order of positions. Whoever subscribes first and then asks for
    /// [`Self::position`] gets every notice after that position; earlier ones may come as well and are to be skipped.
    pub fn subscribe(&self, tenant: TenantId) -> broadcast::Receiver<Arc<Notice>> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.entry(tenant).or_insert_with(|| broadcast::Sender::new(CAPACITY)).subscribe()
    }

    /// How far all live projections are committed.
    pub fn position(&self) -> Position {
        *self.position.borrow()
    }

    /// Waits until all live projections are committed to `position` or further.
    pub async fn wait_for(&self, position: Position, timeout: Duration) -> Result<(), Late> {
        let mut watched = self.position.subscribe();
        let reached = watched.wait_for(|at| *at >= position);
        match tokio::time::timeout(timeout, reached).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Late { at: self.position(), wanted: position }),
        }
    }

    /// How many subscriptions of all tenants are open.
    pub fn subscribers(&self) -> usize {
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.values().map(broadcast::Sender::receiver_count).sum()
    }

    /// Moves to what is committed without telling, when nobody listens; false when somebody does.
    pub(crate) fn pass(&self, position: Position) -> bool {
        // Who subscribes meanwhile gets the position after this.
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = tenants.values().any(|sender| sender.receiver_count() > 0);
        if !heard {
            self.position.send_replace(position);
        }
        !heard
    }

    /// Tells of a committed batch. The position goes first: who subscribes in between must find a position that covers
    /// every notice it has missed.
    pub(crate) fn publish(&self, position: Position, notices: Vec<Notice>) {
        self.position.send_replace(position);
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tenants.retain(|_, sender| sender.receiver_count() > 0);
        for notice in notices {
            if let Some(sender) = tenants.get(&notice.event.envelope.tenant) {
                // An error says that the last receiver has just gone.
                let _ = sender.send(Arc::new(notice));
            }
        }
    }
}
