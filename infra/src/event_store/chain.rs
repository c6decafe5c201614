//! Tamper evidence: every event carries a hash over the hash before it in its stream, its canonical envelope and the
//! hash of its body.
//!
//! `hash = SHA-256(previous hash ‖ canonical envelope ‖ SHA-256(salt ‖ body))`. The position is left out, so that a
//! stream keeps its hashes when it moves to another store. Truncation takes salt and body and leaves the hash of both.

use domain::ports::{Hash, Position, StoredEvent};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::envelope::{self, Address};
use super::transfer::StreamKey;

/// What the first event of a stream has for a previous hash.
pub const START: Hash = [0; 32];

/// The first event that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {event_id} at position {position} (revision {revision} of {stream}) is broken: {flaw}")]
pub struct Broken {
    /// The event.
    pub event_id: Uuid,
    /// Its stream.
    pub stream: StreamKey,
    /// Its place in the stream.
    pub revision: u64,
    /// Its place in the log.
    pub position: Position,
    /// What does not fit.
    pub flaw: Flaw,
}

/// What does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The body is not what was appended.
    #[error("the body does not match its hash")]
    Body,
    /// The envelope is not what was appended.
    #[error("the envelope does not match its hash")]
    Envelope,
    /// Envelope or body is not what was appended.
    #[error("it does not match its hash")]
    Hash,
    /// It does not continue the event before it.
    #[error("it does not follow the event before it")]
    Link,
}

/// Hash of a body.
pub fn body_hash(salt: &[u8; 16], body: &[u8]) -> Hash {
    Sha256::new().chain_update(salt).chain_update(body).finalize().into()
}

/// Hash of an event, from the spelled address and details of its envelope.
pub(super) fn event_hash(previous: &Hash, address: &[u8], details: &[u8], body_hash: &Hash) -> Hash {
    Sha256::new()
        .chain_update(previous)
        .chain_update(address)
        .chain_update(details)
        .chain_update(body_hash)
        .finalize()
        .into()
}

/// Checks one event by itself: body against its hash, envelope against the event's hash.
pub fn verify_event(stored: &StoredEvent) -> Result<(), Broken> {
    let event = &stored.event;
    if !stored.is_truncated() && body_hash(&event.salt, &event.data) != stored.body_hash {
        return Err(broken(stored, Flaw::Body));
    }
    let StoredEvent { tenant, stream, revision, .. } = *stored;
    let (kind, event_id) = (stream.kind.as_str(), event.event_id);
    let address = Address { tenant, kind, stream: stream.id, revision, event_id }.spelled();
    let hash = event_hash(&stored.previous_hash, &address, &envelope::details(event), &stored.body_hash);
    if hash == stored.hash { Ok(()) } else { Err(broken(stored, Flaw::Envelope)) }
}

/// Checks consecutive events of one stream, from any revision on, and names the first that does not fit.
pub fn verify(events: &[StoredEvent]) -> Result<(), Broken> {
    let mut before: Option<&StoredEvent> = None;
    for stored in events {
        if !continues(before, stored) {
            return Err(broken(stored, Flaw::Link));
        }
        verify_event(stored)?;
        before = Some(stored);
    }
    Ok(())
}

fn continues(before: Option<&StoredEvent>, stored: &StoredEvent) -> bool {
    match before {
        Some(before) => {
            (stored.tenant, stored.stream) == (before.tenant, before.stream)
                && stored.revision == before.revision + 1
                && stored.previous_hash == before.hash
        }
        None => (stored.revision == 0) == (stored.previous_hash == START),
    }
}

fn broken(stored: &StoredEvent, flaw: Flaw) -> Broken {
    let StoredEvent { tenant, stream, revision, position, .. } = *stored;
    Broken { event_id: stored.event.event_id, stream: StreamKey::of(tenant, stream), revision, position, flaw }
}
