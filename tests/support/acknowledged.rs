//! A shop that is killed while eight writers work, and the check that nothing acknowledged is lost.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::kernel::TenantId;
use domain::ports::{Append, Expected, Scope, StoredEvent};
use infra::event_store::chain;
use infra::runner::ProjectionSet;

use crate::place::Place;
use crate::projecting::{Projecting, assert_rebuilt_is_live};
use crate::shop_history::{ShopHistory, to_new};
use crate::stores::everything;

/// How many write at once, each for a tenant of its own.
pub const WRITERS: usize = 8;

/// At most so many events in one append.
const TOGETHER: usize = 3;

/// The tenant that a writer writes for.
pub fn tenant(writer: usize) -> TenantId {
    TenantId::from_name(&format!("tenant of writer {writer}"))
}

/// The file with one byte for each acknowledged event of a writer.
pub fn acknowledgements(folder: &Path, writer: usize) -> PathBuf {
    folder.join(format!("acknowledged-{writer}"))
}

/// How many events of a writer are acknowledged.
pub fn acknowledged(folder: &Path, writer: usize) -> usize {
    std::fs::read(acknowledgements(folder, writer)).map_or(0, |bytes| bytes.len())
}

fn history(writer: usize) -> ShopHistory {
    ShopHistory::new(writer as u64 * 7919, tenant(writer))
}

/// The appends of a writer's history from this event on: the same whenever they are asked.
pub fn appends_from(writer: usize, event: usize) -> impl Iterator<Item = Append> + Send {
    let mut rest = history(writer).skip(event).peekable();
    std::iter::from_fn(move || {
        let first = rest.next()?;
        let stream = first.envelope.stream;
        let mut events = vec![to_new(&first)];
        while events.len() < TOGETHER
            && let Some(next) = rest.next_if(|next| next.envelope.stream == stream)
        {
            events.push(to_new(&next));
        }
        Some(Append { stream, expected: Expected::Any, events })
    })
}

/// Opens what a killed shop left: every acknowledged event stands exactly once and in order, nothing else but what was under
/// way, no position is missing, every chain verifies, and every projection is what its rebuild comes to.
pub async fn assert_nothing_is_lost(folder: &Path, place: &Place) {
    let store = place.store(folder).await;
    let events = everything(&*store, Scope::System, 1000).await;
    for (stored, position) in events.iter().zip(1..) {
        assert_eq!(stored.position.0, position, "positions have no gap");
    }
    assert_chains(&events);
    for writer in 0..WRITERS {
        assert_history(folder, writer, &events);
    }
    let shop = Projecting::start(store, place.views(folder).await, &ProjectionSet::all()).await;
    shop.settle().await;
    assert_rebuilt_is_live(&shop.runner).await;
    shop.stop().await;
}

fn assert_chains(events: &[StoredEvent]) {
    let mut streams: BTreeMap<_, Vec<StoredEvent>> = BTreeMap::new();
    for stored in events {
        streams.entry((stored.tenant, stored.stream)).or_default().push(stored.clone());
    }
    for events in streams.values() {
        assert_eq!(events[0].revision, 0);
        assert_eq!(chain::verify(events), Ok(()));
    }
}

fn assert_history(folder: &Path, writer: usize, events: &[StoredEvent]) {
    let acknowledged = acknowledged(folder, writer);
    let own: Vec<&StoredEvent> = events.iter().filter(|stored| stored.tenant == tenant(writer)).collect();
    assert!(own.len() >= acknowledged, "writer {writer}: {acknowledged} acknowledged, {} stand", own.len());
    assert!(own.len() <= acknowledged + TOGETHER, "writer {writer}: {acknowledged} acknowledged, {} stand", own.len());
    for (stored, told) in own.iter().zip(history(writer)) {
        assert_eq!((stored.stream, stored.revision), (told.envelope.stream, told.envelope.revision));
        assert_eq!(stored.event, to_new(&told));
    }
}
