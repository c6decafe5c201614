//! How an event lies on the server: the envelope in its metadata, salt and body sealed in its data.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::kernel::{StreamId, TenantId};
use domain::ports::{Hash, Position, StoredEvent};
use eventstore::{EventData, RecordedEvent};
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use super::body_keys::BodyKey;
use crate::event_store::envelope::event_type;
use crate::event_store::prepared::PreparedEvent;
use crate::event_store::row::{Row, sized};
use crate::event_store::transfer::{Body, Record, StreamKey, Verified};

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
    let sealed = key.seal(at.revision, &event.event.salt, &event.event.data).ok_or("its body can't be sealed")?;
    let metadata = Metadata {
        event_id: event.event.event_id,
        details: BASE64.encode(&event.details),
        previous_hash: BASE64.encode(at.previous_hash),
        hash: BASE64.encode(hash),
        body_hash: BASE64.encode(event.body_hash),
    };
    let (data, bytes) = metadata.with(&event.event.event_type, sealed, &hash)?;
    Ok(Written { data, hash, bytes })
}

/// Spells an event that is carried over as it is. Without a key its body was removed.
pub(super) fn write_as_it_is(event: &Verified, key: Option<&mut BodyKey>) -> Result<EventData, String> {
    let sealed = match (event.kept(), key) {
        (None, _) => Vec::new(),
        (Some((salt, data)), Some(key)) => key.seal(event.revision, salt, data).ok_or("its body can't be sealed")?,
        (Some(_), None) => return Err("its body can't be sealed".to_owned()),
    };
    let metadata = Metadata {
        event_id: event.event_id,
        details: BASE64.encode(&event.details),
        previous_hash: BASE64.encode(event.previous_hash),
        hash: BASE64.encode(event.hash),
        body_hash: BASE64.encode(event.body.hash()),
    };
    let name = event_type(&event.details).unwrap_or(&event.stream.kind);
    Ok(metadata.with(name, sealed, &event.hash)?.0)
}

impl Metadata {
    /// With its body, and how many bytes the server counts.
    fn with(&self, name: &str, sealed: Vec<u8>, hash: &Hash) -> Result<(EventData, usize), String> {
        let metadata = serde_json::to_vec(self).map_err(|error| error.to_string())?;
        let bytes = sealed.len() + metadata.len();
        Ok((EventData::binary(name, sealed.into()).metadata(metadata.into()).id(identity(hash)), bytes))
    }
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
    let record = read_as_it_is(recorded, &StreamKey::of(tenant, stream), key)?;
    Row::of(&record).event()?.ok_or_else(|| format!("{stream} is of an unknown kind"))
}

/// The hash of an event of the server; else what is damaged about it.
pub(super) fn hash(recorded: &RecordedEvent) -> Result<Hash, String> {
    let hash = BASE64.decode(metadata(recorded)?.hash).map_err(|error| error.to_string());
    hash.and_then(|hash| sized(&hash)).map_err(|flaw| damaged(recorded, &flaw))
}

/// The identity of an event of the server; else what is damaged about it.
pub(super) fn event_id(recorded: &RecordedEvent) -> Result<Uuid, String> {
    Ok(metadata(recorded)?.event_id)
}

fn metadata(recorded: &RecordedEvent) -> Result<Metadata, String> {
    serde_json::from_slice(&recorded.custom_metadata).map_err(|error| damaged(recorded, &error))
}

fn damaged(recorded: &RecordedEvent, flaw: &dyn std::fmt::Display) -> String {
    format!("event at position {}: {flaw}", recorded.position.commit)
}

/// The event of the server, unchecked, of whatever kind; else what is damaged about it. Without a key its body is removed.
pub(super) fn read_as_it_is(
    recorded: &RecordedEvent,
    stream: &StreamKey,
    key: Option<&mut BodyKey>,
) -> Result<Record, String> {
    let metadata = metadata(recorded)?;
    let decode = |text: &str| BASE64.decode(text).map_err(|error| damaged(recorded, &error));
    let hash = |text: &str| sized::<32>(&decode(text)?).map_err(|flaw| damaged(recorded, &flaw));
    let opened = match key {
        Some(key) => key.open(recorded.revision, &recorded.data).map_err(|flaw| damaged(recorded, &flaw))?,
        None => None,
    };
    let body = match opened {
        Some(body) => Body::Kept { salt: body.salt, data: body.data },
        None => Body::Removed(hash(&metadata.body_hash)?),
    };
    Ok(Record {
        stream: stream.clone(),
        revision: recorded.revision,
        position: Position(recorded.position.commit),
        event_id: metadata.event_id,
        previous_hash: hash(&metadata.previous_hash)?,
        hash: hash(&metadata.hash)?,
        details: decode(&metadata.details)?,
        body,
    })
}
