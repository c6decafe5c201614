//! Reading the log: pages of decoded events, and a reader that works ahead of the fold.

use std::sync::{Arc, mpsc};

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Codec, EventStore, Filter, Position, ReadError, Recorded, Scope, StoredEvent};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::fold::guarded;

/// Pages that a reader may be ahead of the fold.
const AHEAD: usize = 4;

/// An event as it came.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub(crate) tenant: TenantId,
    pub(crate) stream: StreamId,
    pub(crate) revision: u64,
    pub(crate) position: Position,
    pub(crate) body: Body,
}

/// What stands in an event.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    /// The event.
    Read(Arc<Recorded>),
    /// It was removed on purpose: there is nothing to fold.
    Removed,
    /// Why it can't be read.
    Unreadable(String),
}

/// A page of the log.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) events: Vec<Incoming>,
    /// How far this brings who folds it.
    pub(crate) upto: Position,
    /// Identity of the event there, where it is known.
    pub(crate) last: Option<Uuid>,
}

/// Pages in order, read ahead.
pub(crate) type Pages = mpsc::Receiver<Result<Batch, ReadError>>;

/// The log with what it takes to read it from a plain thread.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) codec: Arc<dyn Codec>,
    pub(crate) runtime: Handle,
    /// Whose events.
    pub(crate) scope: Scope,
}

impl Log {
    /// At most `limit` events after `after`, none beyond `until`.
    pub(crate) fn page(&self, after: Position, until: Position, limit: usize) -> Result<Batch, ReadError> {
        let mut page = self.runtime.block_on(self.store.read_all(self.scope, after, limit, Filter::default()))?;
        page.events.truncate(page.events.partition_point(|stored| stored.position <= until));
        let upto = page.scanned_to.min(until);
        // Not of an event before others that were passed over: another build knows which one stands where this ends.
        let last = page.events.last().filter(|stored| stored.position == upto).map(|stored| stored.event.event_id);
        let events = page.events.into_iter().map(|stored| self.decode(&stored)).collect();
        Ok(Batch { events, upto, last })
    }

    /// How far the log is.
    pub(crate) fn head(&self) -> Result<Position, ReadError> {
        self.runtime.block_on(self.store.head())
    }

    /// Identity of the event at this position.
    pub(crate) fn identity_at(&self, position: Position) -> Result<Option<Uuid>, ReadError> {
        self.runtime.block_on(self.store.identity_at(position))
    }

    fn decode(&self, stored: &StoredEvent) -> Incoming {
        let body = if stored.event.data.is_empty() {
            Body::Removed
        } else {
            match guarded(|| self.codec.decode(stored)) {
                Ok(Ok(recorded)) => Body::Read(Arc::new(recorded)),
                Ok(Err(error)) => Body::Unreadable(error.to_string()),
                Err(panic) => Body::Unreadable(panic),
            }
        };
        let StoredEvent { tenant, stream, revision, position, .. } = *stored;
        Incoming { tenant, stream, revision, position, body }
    }

    /// Pages after `after` until `until`, read and decoded on a thread of their own. It ends early when nobody listens.
    pub(crate) fn ahead(&self, after: Position, until: Position, limit: usize) -> std::io::Result<Pages> {
        let (sender, receiver) = mpsc::sync_channel(AHEAD);
        let log = self.clone();
        let read = move || {
            let mut at = after;
            while at < until {
                let page = log.page(at, until, limit);
                let next = page.as_ref().map_or(until, |batch| batch.upto);
                if sender.send(page).is_err() || next == at {
                    return;
                }
                at = next;
            }
        };
        std::thread::Builder::new().name("projections-ahead".to_owned()).spawn(read)?;
        Ok(receiver)
    }
}
