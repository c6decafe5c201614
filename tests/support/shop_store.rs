//! Stores full of the made-up shop's history.

use std::collections::BTreeMap;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Append, EventStore, Expected, Recorded};
use futures_util::future::join_all;

use crate::shop_history::{ShopHistory, to_new};

/// Events that are appended side by side.
const AT_ONCE: usize = 4_000;

/// Appends the next `count` events of a history: each stream in its order, streams side by side.
///
/// # Panics
/// When the store refuses.
pub async fn fill(store: &dyn EventStore, history: &mut ShopHistory, count: usize) {
    let mut left = count;
    while left > 0 {
        let events: Vec<Recorded> = history.by_ref().take(left.min(AT_ONCE)).collect();
        left -= events.len();
        append(store, &events).await;
    }
}

/// Appends these events, one append for each stream.
///
/// # Panics
/// When the store refuses.
pub async fn append(store: &dyn EventStore, events: &[Recorded]) {
    let mut streams: BTreeMap<(TenantId, StreamId), Vec<&Recorded>> = BTreeMap::new();
    for event in events {
        streams.entry((event.envelope.tenant, event.envelope.stream)).or_default().push(event);
    }
    let appends = streams.into_iter().map(|((tenant, stream), events)| {
        let events = events.into_iter().map(to_new).collect();
        store.append(tenant, Append { stream, expected: Expected::Any, events })
    });
    for appended in join_all(appends).await {
        appended.expect("the store takes the history");
    }
}
