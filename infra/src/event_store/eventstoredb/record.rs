//! How an event lies on the server: the envelope in its metadata, salt and body sealed in its data.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::kernel::{StreamId, TenantId};
use domain::ports::{Hash, StoredEvent};
use eventstore::{EventData, RecordedEvent};
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use super::body_keys::BodyKey;
use crate::event_store::prepared::PreparedEvent;
use crate::event_store::row::Row;

/// Everything about an event but its body, its place and its name on the server.
#[derive(Serialize, Deserialize)]
struct Metadata {
    event_id: Uuid,
    /// The rest of the canonical envelope.
    details: String,
    previous_hash: String,
    hash: String,
    body_hash: String,
}

/// Where an event comes to stand.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) tenant: TenantId,
    pub(super) stream: StreamId,
    pub(super) revision: u64,
    pub(super) previous_hash: Hash,
}

/// An event for the server.
pub(super) struct Written {
    pub(super) data: EventData,
    pub(super) hash: Hash,
    /// What the server counts of it.
    pub(super) bytes: usize,
}

/// Spells an event for the server.
///
/// Its identity there is taken from the hash: the server takes an append whose identities stand already for the same one,
/// whatever else is in it, and only by their hashes events are the same.
pub(super) fn write(event: &PreparedEvent, at: Place, key: &mut BodyKey) -> Result<Written, String> {
    let hash = event.hash(at.tenant, at.stream, at.revision, &at.previous_hash);
    let metadata = Metadata {
        event_id: event.event.event_id,
        details: BASE64.encode(&event.details),
        previous_hash: BASE64.encode(at.previous_hash),
        hash: BASE64.encode(hash),
        body_hash: BASE64.encode(event.body_hash),
    };
    let sealed = key.seal(at.revision, &event.event.salt, &event.event.data).ok_or("its body can't be sealed")?;
    let metadata = serde_json::to_vec(&metadata).map_err(|error| error.to_string())?;
    let bytes = sealed.len() + metadata.len();
    let data = EventData::binary(&event.event.event_type, sealed.into()).metadata(metadata.into());
    Ok(Written { data: data.id(identity(&hash)), hash, bytes })
}

/// Of a hash, for the server.
fn identity(hash: &Hash) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// The event of the server, checked against its hash; else what is damaged about it. Without a key its body is removed.
pub(super) fn read(
    recorded: &RecordedEvent,
    (tenant, stream): (TenantId, StreamId),
    key: Option<&mut BodyKey>,
) -> Result<StoredEvent, String> {
    let position = recorded.position.commit;
    let damaged = |flaw: String| format!("event at position {position}: {flaw}");
    let metadata: Metadata =
        serde_json::from_slice(&recorded.custom_metadata).map_err(|error| damaged(error.to_string()))?;
    let decode = |text: &str| BASE64.decode(text).map_err(|error| damaged(error.to_string()));
    let opened = match key {
        Some(key) => key.open(recorded.revision, &recorded.data).map_err(damaged)?,
        None => None,
    };
    let (details, body_hash) = (decode(&metadata.details)?, decode(&metadata.body_hash)?);
    let (previous_hash, hash) = (decode(&metadata.previous_hash)?, decode(&metadata.hash)?);
    Row {
        position,
        tenant: tenant.0,
        stream: stream.id,
        kind: stream.kind.as_str(),
        revision: recorded.revision,
        event_id: metadata.event_id,
        previous_hash: &previous_hash,
        hash: &hash,
        details: &details,
        body_hash: Some(&body_hash),
        salt: opened.as_ref().map(|body| body.salt.as_slice()),
        body: opened.as_ref().map(|body| body.data.as_slice()),
    }
    .event()
}
