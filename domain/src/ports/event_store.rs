//! The event store: append to one stream, read one stream, read all in order. The tenant is part of every call.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Future;
use crate::catalog::Event;
use crate::kernel::{ActorId, CommandId, Role, StreamId, StreamType, SubjectId, TenantId, Timestamp};

/// Where an event stands among all events of the store: ordered, otherwise opaque; 0 is before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Position(pub u64);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// SHA-256.
pub type Hash = [u8; 32];

/// What the stream must look like for the append to happen. Revisions count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The stream has no events.
    NoStream,
    /// The last event of the stream has this revision.
    Exact(u64),
    /// Anything.
    Any,
}

/// One event to append, encoded and sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// `UUIDv5(command id, index)`: appending it again is the same append.
    pub event_id: Uuid,
    /// Stored name, such as `job.created`.
    pub event_type: Arc<str>,
    /// Version of the stored schema, from 1.
    pub schema_version: u16,
    /// When it happened on the floor.
    pub happened_at: Timestamp,
    /// When Kilter was told.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: ActorId,
    /// For whom, where somebody acts for another.
    pub on_behalf_of: Option<ActorId>,
    /// Under which support grant, where one was used.
    pub grant: Option<Uuid>,
    /// Under which role.
    pub role: Role,
    /// Which command appended it.
    pub command_id: CommandId,
    /// What that command said, salted: tells whether its id comes again with another command.
    pub fingerprint: Option<Uuid>,
    /// What outside request it belongs to.
    pub correlation: Uuid,
    /// Which event caused the command.
    pub causation: Option<Uuid>,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// Whose keys its personal fields lie under.
    pub subjects: Vec<SubjectId>,
    /// Makes the hash of the body unguessable; goes when the body goes.
    pub salt: [u8; 16],
    /// The body: JSON, personal fields sealed.
    pub data: Vec<u8>,
}

/// One event as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The tenant that it belongs to.
    pub tenant: TenantId,
    /// The stream that it stands in.
    pub stream: StreamId,
    /// Its place in the stream, from 0.
    pub revision: u64,
    /// Its place among all events.
    pub position: Position,
    /// Hash of the previous event of the same stream; zeros for the first.
    pub previous_hash: Hash,
    /// Hash of this one.
    pub hash: Hash,
    /// Hash of salt and body; stays when they go, so that the chain still verifies.
    pub body_hash: Hash,
    /// What was appended; salt and body are gone once it is truncated.
    pub event: NewEvent,
}

impl StoredEvent {
    /// Whether the body was removed by `truncate_before` or `delete_stream`. No event is appended without a body.
    pub const fn is_truncated(&self) -> bool {
        self.event.data.is_empty()
    }
}

/// Everything about an event but its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Identity of the event.
    pub event_id: Uuid,
    /// The tenant that it belongs to.
    pub tenant: TenantId,
    /// The stream that it stands in.
    pub stream: StreamId,
    /// Its place in the stream, from 0.
    pub revision: u64,
    /// Its place among all events.
    pub position: Position,
    /// Stored name.
    pub event_type: Arc<str>,
    /// When it happened on the floor.
    pub happened_at: Timestamp,
    /// When Kilter was told.
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: ActorId,
    /// For whom.
    pub on_behalf_of: Option<ActorId>,
    /// Under which role.
    pub role: Role,
    /// Which command appended it.
    pub command_id: CommandId,
    /// What outside request it belongs to.
    pub correlation: Uuid,
    /// Which event caused the command.
    pub causation: Option<Uuid>,
}

/// A decoded event with its envelope.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Everything but the body.
    pub envelope: Envelope,
    /// The body.
    pub event: Event,
}

/// One atomic append to one stream.
#[derive(Debug, Clone)]
pub struct Append {
    /// The stream.
    pub stream: StreamId,
    /// What it must look like.
    pub expected: Expected,
    /// At least one event.
    pub events: Vec<NewEvent>,
}

/// Where the last event of an append came to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appended {
    /// Revision of the last event.
    pub revision: u64,
    /// Position of the last event.
    pub position: Position,
}

/// Why an append did not happen, or may not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The stream does not look as expected.
    #[error("the stream is at revision {actual:?}")]
    Conflict {
        /// Revision of its last event; `None` when it has none.
        actual: Option<u64>,
    },
    /// An event identity is already taken by another stream: a command id was used twice.
    #[error("event {0} already stands in another stream")]
    IdTaken(Uuid),
    /// More bytes than one append may have.
    #[error("the append has {bytes} bytes; at most {limit} are allowed")]
    TooLarge {
        /// What was asked.
        bytes: usize,
        /// What is allowed.
        limit: usize,
    },
    /// No events, or one without a body.
    #[error("an append needs at least one event, and each a body")]
    Empty,
    /// The stream was deleted; it takes no more events.
    #[error("the stream was deleted")]
    Deleted,
    /// Nothing was appended; trying again later may work.
    #[error("the event store is unavailable: {0}")]
    Unavailable(String),
    /// It may or may not have been appended; appending the same again tells.
    #[error("the outcome of the append is unknown: {0}")]
    OutcomeUnknown(String),
}

/// Why nothing could be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Trying again later may work.
    #[error("the event store is unavailable: {0}")]
    Unavailable(String),
    /// What is stored is damaged; it is never served.
    #[error("the event store is damaged: {0}")]
    Corrupt(String),
}

/// Whose events are read in a scan over all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One tenant's.
    Tenant(TenantId),
    /// Everybody's: only for what runs inside Kilter (projections, backup), never for a caller.
    System,
}

/// Which way to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Oldest first.
    Forward,
    /// Newest first.
    Backward,
}

/// What a scan over all leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only streams of these kinds; empty means every kind.
    pub kinds: Vec<StreamType>,
}

/// A page of a scan over all events.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The events that pass scope and filter, in order.
    pub events: Vec<StoredEvent>,
    /// How far was scanned: continue after this position. Equal to the question's `after` when nothing follows.
    pub scanned_to: Position,
}

/// Append-only streams with one total order. One contract suite is run against every adapter (`tests/contract`).
pub trait EventStore: Send + Sync {
    /// The most bytes (envelopes and bodies) that one append may have.
    fn most_bytes(&self) -> usize;

    /// Appends all events or none. Repeating an append, with the very same events, gives the first answer; other events under
    /// identities that are taken are refused.
    fn append(&self, tenant: TenantId, append: Append) -> Future<'_, Result<Appended, AppendError>>;

    /// Events of one stream from revision `from` on (forward: ascending; backward: descending), at most `limit`.
    #[expect(clippy::too_many_arguments, reason = "five and the store; every reader names them all")]
    fn read_stream(
        &self,
        tenant: TenantId,
        stream: StreamId,
        from: u64,
        direction: Direction,
        limit: usize,
    ) -> Future<'_, Result<Vec<StoredEvent>, ReadError>>;

    /// Events after `after` in the order of their positions, at most `limit`.
    fn read_all(
        &self,
        scope: Scope,
        after: Position,
        limit: usize,
        filter: Filter,
    ) -> Future<'_, Result<Page, ReadError>>;

    /// The tenant's events at these positions, in the order asked for; a position that is not the tenant's gives none.
    fn read_at(&self, tenant: TenantId, positions: Vec<Position>) -> Future<'_, Result<Vec<StoredEvent>, ReadError>>;

    /// Identity of the event at this position, whoever's it is: only for what runs inside Kilter, to tell one log from another.
    fn identity_at(&self, position: Position) -> Future<'_, Result<Option<Uuid>, ReadError>>;

    /// The stored event with this identity, if it is this tenant's.
    fn find(&self, tenant: TenantId, event_id: Uuid) -> Future<'_, Result<Option<StoredEvent>, ReadError>>;

    /// Position of the last event of the store.
    fn head(&self) -> Future<'_, Result<Position, ReadError>>;

    /// Calls `wake` after appends: a hint, never the truth. It must return at once.
    fn on_append(&self, wake: Arc<dyn Fn(Position) + Send + Sync>);

    /// Removes the bodies of a stream's events below `revision`; hashes and envelopes stay.
    fn truncate_before(&self, tenant: TenantId, stream: StreamId, revision: u64)
    -> Future<'_, Result<(), AppendError>>;

    /// Removes the bodies of all of a stream's events and refuses further appends to it.
    fn delete_stream(&self, tenant: TenantId, stream: StreamId) -> Future<'_, Result<(), AppendError>>;

    /// Whether appends and reads work right now; else why not.
    fn health(&self) -> Future<'_, Result<(), ReadError>>;
}
