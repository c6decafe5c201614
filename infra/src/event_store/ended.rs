//! A log as it was at an earlier position, and which position an instant comes to.

use std::sync::Arc;

use domain::kernel::{StreamId, TenantId, Timestamp};
use domain::ports::{
    Append, AppendError, Appended, Direction, EventStore, Filter, Future, Page, Position, ReadError, Scope, StoredEvent,
};
use uuid::Uuid;

/// A log that ends at a position. Nothing can be appended to it.
pub struct EndedLog {
    log: Arc<dyn EventStore>,
    end: Position,
}

impl EndedLog {
    /// The log up to `end`.
    pub fn new(log: Arc<dyn EventStore>, end: Position) -> Self {
        Self { log, end }
    }

    fn refused() -> AppendError {
        AppendError::Unavailable("what was is not changed".to_owned())
    }
}

impl EventStore for EndedLog {
    fn most_bytes(&self) -> usize {
        self.log.most_bytes()
    }

    fn append(&self, _: TenantId, _: Append) -> Future<'_, Result<Appended, AppendError>> {
        Box::pin(async { Err(Self::refused()) })
    }

    fn read_stream(
        &self,
        tenant: TenantId,
        stream: StreamId,
        from: u64,
        direction: Direction,
        limit: usize,
    ) -> Future<'_, Result<Vec<StoredEvent>, ReadError>> {
        Box::pin(async move {
            let mut from = from;
            loop {
                let mut page = self.log.read_stream(tenant, stream, from, direction, limit).await?;
                let earliest = page.last().map(|stored| stored.revision);
                let read = page.len();
                page.retain(|stored| stored.position <= self.end);
                match (direction, earliest) {
                    // All of the page came later: what is asked for lies before it.
                    (Direction::Backward, Some(earliest)) if page.is_empty() && read == limit && earliest > 0 => {
                        from = earliest - 1;
                    }
                    (Direction::Backward, Some(earliest)) if page.len() < read && read == limit && earliest > 0 => {
                        let rest = limit - page.len();
                        let before = self.log.read_stream(tenant, stream, earliest - 1, direction, rest).await?;
                        page.extend(before);
                        return Ok(page);
                    }
                    _ => return Ok(page),
                }
            }
        })
    }

    fn read_all(
        &self,
        scope: Scope,
        after: Position,
        limit: usize,
        filter: Filter,
    ) -> Future<'_, Result<Page, ReadError>> {
        Box::pin(async move {
            if after >= self.end {
                return Ok(Page { events: Vec::new(), scanned_to: after });
            }
            let mut page = self.log.read_all(scope, after, limit, filter).await?;
            page.events.retain(|stored| stored.position <= self.end);
            page.scanned_to = page.scanned_to.min(self.end);
            Ok(page)
        })
    }

    fn read_at(
        &self,
        tenant: TenantId,
        mut positions: Vec<Position>,
    ) -> Future<'_, Result<Vec<StoredEvent>, ReadError>> {
        positions.retain(|position| *position <= self.end);
        self.log.read_at(tenant, positions)
    }

    fn identity_at(&self, position: Position) -> Future<'_, Result<Option<Uuid>, ReadError>> {
        if position > self.end {
            return Box::pin(async { Ok(None) });
        }
        self.log.identity_at(position)
    }

    fn find(&self, tenant: TenantId, event_id: Uuid) -> Future<'_, Result<Option<StoredEvent>, ReadError>> {
        Box::pin(async move {
            let found = self.log.find(tenant, event_id).await?;
            Ok(found.filter(|stored| stored.position <= self.end))
        })
    }

    fn head(&self) -> Future<'_, Result<Position, ReadError>> {
        Box::pin(async { Ok(self.log.head().await?.min(self.end)) })
    }

    fn on_append(&self, _: Arc<dyn Fn(Position) + Send + Sync>) {}

    fn truncate_before(&self, _: TenantId, _: StreamId, _: u64) -> Future<'_, Result<(), AppendError>> {
        Box::pin(async { Err(Self::refused()) })
    }

    fn delete_stream(&self, _: TenantId, _: StreamId) -> Future<'_, Result<(), AppendError>> {
        Box::pin(async { Err(Self::refused()) })
    }

    fn health(&self) -> Future<'_, Result<(), ReadError>> {
        self.log.health()
    }
}

/// The tenant's last event at this position or before.
pub async fn last_at(
    log: &dyn EventStore,
    tenant: TenantId,
    position: Position,
) -> Result<Option<StoredEvent>, ReadError> {
    last_where(log, tenant, position, |stored| stored.position <= position).await
}

/// The tenant's last event that was recorded at this instant or before. Where clocks went back, events were not recorded in their
/// order: then it is one that fits, with one after it that does not, and the same one whenever it is asked for.
pub async fn last_until(
    log: &dyn EventStore,
    tenant: TenantId,
    head: Position,
    instant: Timestamp,
) -> Result<Option<StoredEvent>, ReadError> {
    last_where(log, tenant, head, |stored| stored.event.recorded_at <= instant).await
}

/// The last event up to `end` that passes, where all before one that passes do. The position is found bit by bit, so that only
/// fixed places of the log are looked at, however much has been appended since.
async fn last_where(
    log: &dyn EventStore,
    tenant: TenantId,
    end: Position,
    passes: impl Fn(&StoredEvent) -> bool + Send,
) -> Result<Option<StoredEvent>, ReadError> {
    let (mut at, mut found) = (0, None);
    for bit in (0..u64::BITS - end.0.leading_zeros()).rev() {
        let candidate = at | (1 << bit);
        if candidate > end.0 {
            continue;
        }
        if let Some(stored) = next(log, tenant, Position(candidate - 1)).await?.filter(&passes) {
            (at, found) = (candidate, Some(stored));
        }
    }
    Ok(found)
}

/// The tenant's first event after this position.
async fn next(log: &dyn EventStore, tenant: TenantId, after: Position) -> Result<Option<StoredEvent>, ReadError> {
    let mut after = after;
    loop {
        let page = log.read_all(Scope::Tenant(tenant), after, 1, Filter::default()).await?;
        if !page.events.is_empty() || page.scanned_to == after {
            return Ok(page.events.into_iter().next());
        }
        after = page.scanned_to;
    }
}
