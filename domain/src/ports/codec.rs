//! Between events as the domain knows them and bytes as the store keeps them.

use uuid::Uuid;

use super::Future;
use super::event_store::{NewEvent, Recorded, StoredEvent};
use crate::catalog::Event;
use crate::kernel::{Context, StreamId};

/// Versions, upcasts, seals and opens.
pub trait Codec: Send + Sync {
    /// Seals personal fields and writes the events of one command for the store, with the metadata of `context`.
    fn encode<'a>(
        &'a self,
        stream: StreamId,
        events: Vec<Event>,
        context: &'a Context,
    ) -> Future<'a, Result<Vec<NewEvent>, CodecError>>;

    /// Reads a stored event in its newest version; personal fields stay sealed (the read side).
    fn decode(&self, stored: &StoredEvent) -> Result<Recorded, CodecError>;

    /// Reads stored events and opens what can still be opened (the write side).
    fn decode_open<'a>(&'a self, stored: &'a [StoredEvent]) -> Future<'a, Result<Vec<Recorded>, CodecError>>;
}

/// An event that can't be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// No event of this name and version is known to this build.
    #[error("event {event} is of the unknown type {name} version {version}")]
    Unknown {
        /// The event.
        event: Uuid,
        /// Its stored name.
        name: String,
        /// Its schema version.
        version: u16,
    },
    /// The bytes do not spell the event.
    #[error("event {event} of type {name} can't be read: {reason}")]
    Malformed {
        /// The event.
        event: Uuid,
        /// Its stored name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// Keys can't be reached, or are refused.
    #[error("the vault can't seal or open: {0}")]
    Vault(String),
}
