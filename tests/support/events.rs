//! Appends for tests of stores: what stands in the bodies does not matter, only that nothing gets lost or mixed up.

use std::sync::Arc;

use domain::kernel::{ActorId, CommandId, Role, StreamId, StreamType, TenantId, Timestamp};
use domain::ports::{Append, Expected, NewEvent};
use uuid::Uuid;

/// The tenant of most tests.
pub const TENANT: TenantId = TenantId(Uuid::from_u128(0x7e4a));

/// The `n`th stream.
pub fn stream(n: u128) -> StreamId {
    StreamId::new(StreamType::Job, Uuid::from_u128(0x5000_0000 + n))
}

/// The `n`th command.
pub fn command(n: u128) -> CommandId {
    CommandId(Uuid::from_u128(0xc000_0000 + n))
}

/// The event at `index` of those that a command appends.
pub fn event(command: CommandId, index: usize, body: &str) -> NewEvent {
    let event_id = command.event_id(index);
    NewEvent {
        event_id,
        event_type: Arc::from("job.created"),
        schema_version: 1,
        happened_at: Timestamp::default(),
        recorded_at: Timestamp::default(),
        actor: ActorId(Uuid::from_u128(0xac)),
        on_behalf_of: None,
        grant: None,
        role: Role::Manager,
        command_id: command,
        fingerprint: None,
        correlation: Uuid::from_u128(0xc0),
        causation: None,
        traceparent: None,
        subjects: Vec::new(),
        salt: event_id.into_bytes(),
        data: body.as_bytes().to_vec(),
    }
}

/// An append of `count` small events.
pub fn append(stream: StreamId, expected: Expected, command: CommandId, count: usize) -> Append {
    let body = |index| format!(r#"{{"command":"{command}","index":{index}}}"#);
    Append { stream, expected, events: (0..count).map(|index| event(command, index, &body(index))).collect() }
}
