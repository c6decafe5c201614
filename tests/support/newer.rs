//! What only a newer Kilter writes: streams of a kind that this build does not know.

use domain::ports::Expected;
use domain::ports::{EventStore, Position};
use infra::event_store::MemoryEventStore;
use infra::event_store::transfer::{PortableLog, Record, StreamKey};
use uuid::Uuid;

use crate::events::{TENANT, append, command, stream};
use crate::stores::TestStore;

/// A kind that no build knows yet.
pub const KIND: &str = "purchase_order";

/// Appends events to a stream of [`KIND`] that has none, as a newer node beside this one does. Gives their identities.
///
/// # Panics
/// When the store does not take them.
pub async fn append_newer(store: &TestStore, number: u128, count: usize) -> Vec<Uuid> {
    let written = MemoryEventStore::new();
    written
        .append(TENANT, append(stream(number), Expected::NoStream, command(number), count))
        .await
        .expect("an append");
    let like = written.records(Position(0), count).await.expect("records").records;
    let mut previous = [0; 32];
    let mut events = Vec::new();
    for record in like {
        let key = StreamKey::stored(TENANT.0, stream(number).id, KIND);
        let mut record = Record { stream: key, previous_hash: previous, ..record };
        record.hash = record.computed_hash();
        previous = record.hash;
        events.push(record);
    }
    let ids = events.iter().map(|record| record.event_id).collect();
    let log = store.log().await;
    let mut intake = log.intake().await.expect("an intake");
    let events = events.into_iter().map(|record| record.verified().expect("its own hash")).collect();
    intake.take(events).await.expect("the events are taken");
    intake.finish().await.expect("they are on disk");
    ids
}
