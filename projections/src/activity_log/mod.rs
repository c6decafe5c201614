//! Who did what, when: one row per event, newest first.

mod changes;
mod said;
mod sentence;

use std::sync::Arc;

use domain::catalog::{self, Event};
use domain::kernel::{ActorId, CommandId, Role, StreamId, StreamType, Timestamp};
use domain::ports::{Envelope, Position, Recorded};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use uuid::Uuid;

use crate::projection::{IndexColumn, Projection, Value, id_value, instant_value, text_value};
use crate::stored;
use crate::views::{Condition, Test};

pub use changes::{Change, changes};
pub use said::{Said, phase_name};
pub use sentence::{Reader, mentions, sentence};

/// One row per event.
pub struct ActivityLog;

/// One event, with what is needed to tell of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActivityRow {
    /// Identity of the event.
    pub event_id: Uuid,
    /// Its place among all events.
    pub position: Position,
    /// What it happened to.
    pub subject: StreamId,
    /// Its place in the history of the subject.
    pub revision: u64,
    /// What happened; the event's stored name, such as `job.created`.
    pub event_type: Arc<str>,
    /// When it happened on the floor.
    #[serde(with = "stored::instant")]
    pub happened_at: Timestamp,
    /// When Kilter was told.
    #[serde(with = "stored::instant")]
    pub recorded_at: Timestamp,
    /// Who did it.
    pub actor: ActorId,
    /// For whom.
    pub on_behalf_of: Option<ActorId>,
    /// Under which role.
    pub role: Role,
    /// Which command did it.
    pub command: CommandId,
    /// What outside request it belongs to.
    pub correlation: Uuid,
    /// Which event caused the command.
    pub causation: Option<Uuid>,
    /// The event's body under its stored name.
    pub body: Body,
}

/// JSON kept as it is: decoded only when somebody looks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Body(Box<RawValue>);

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Body {
    /// The JSON text.
    pub fn as_json(&self) -> &str {
        self.0.get()
    }

    fn of(event: &Event) -> Option<Self> {
        let json = match event {
            Event::Company(event) => to_raw_value(event),
            Event::WorkCenter(event) => to_raw_value(event),
            Event::Machine(event) => to_raw_value(event),
            Event::Operator(event) => to_raw_value(event),
            Event::Job(event) => to_raw_value(event),
        };
        json.ok().map(Self)
    }

    fn event(&self, kind: StreamType) -> Result<Event, serde_json::Error> {
        let json = self.as_json();
        Ok(match kind {
            StreamType::Company => Event::Company(serde_json::from_str(json)?),
            StreamType::WorkCenter => Event::WorkCenter(serde_json::from_str(json)?),
            StreamType::Machine => Event::Machine(serde_json::from_str(json)?),
            StreamType::Operator => Event::Operator(serde_json::from_str(json)?),
            StreamType::Job => Event::Job(serde_json::from_str(json)?),
        })
    }
}

impl ActivityRow {
    fn new(envelope: &Envelope, event: &Event) -> Option<Self> {
        Some(Self {
            event_id: envelope.event_id,
            position: envelope.position,
            subject: envelope.stream,
            revision: envelope.revision,
            event_type: Arc::clone(&envelope.event_type),
            happened_at: envelope.happened_at,
            recorded_at: envelope.recorded_at,
            actor: envelope.actor,
            on_behalf_of: envelope.on_behalf_of,
            role: envelope.role,
            command: envelope.command_id,
            correlation: envelope.correlation,
            causation: envelope.causation,
            body: Body::of(event)?,
        })
    }

    /// The event itself; personal fields are sealed.
    pub fn event(&self) -> Result<Event, serde_json::Error> {
        self.body.event(self.subject.kind)
    }
}

/// The key of the row of the event at this position: keys sort as positions do.
pub fn key_at(position: Position) -> String {
    format!("{:020}", position.0)
}

impl Projection for ActivityLog {
    const NAME: &'static str = "activity_log";
    /// Bodies are kept in the version that events had when they were folded: raise this with any event's schema version.
    const VERSION: u32 = 1;
    const INDEXES: &'static [IndexColumn] = &[
        IndexColumn::integer("happened"),
        IndexColumn::text("actor"),
        IndexColumn::text("subject"),
        IndexColumn::text("event_type"),
    ];
    type Row = ActivityRow;

    fn keys(event: &Recorded) -> Vec<String> {
        vec![key_at(event.envelope.position)]
    }

    fn evolve(row: Option<ActivityRow>, _key: &str, event: &Recorded) -> Option<ActivityRow> {
        row.or_else(|| ActivityRow::new(&event.envelope, &event.event))
    }

    fn index(row: &ActivityRow) -> Vec<Value> {
        vec![
            instant_value(Some(row.happened_at)),
            id_value(row.actor.0),
            id_value(row.subject.id),
            text_value(Some(&row.event_type)),
        ]
    }
}

/// Events of things of these kinds.
pub fn of_kinds(kinds: &[StreamType]) -> Condition {
    let names = kinds.iter().flat_map(|kind| catalog::names(*kind));
    let test = Test::In(names.map(|(name, _)| Value::Text((*name).to_owned())).collect());
    Condition { column: "event_type", test }
}

#[cfg(test)]
mod tests;
