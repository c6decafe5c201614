//! Who did what, when: finds the events of the log. They themselves stay there, and are read by their positions.

mod changes;
mod people;
mod plan;
mod said;
mod scenario;
mod sentence;

use domain::catalog;
use domain::kernel::StreamType;
use domain::ports::{Envelope, Position, Recorded};
use serde::{Deserialize, Serialize};

use crate::projection::{IndexColumn, Projection, Value, id_value, instant_value, text_value};
use crate::views::{Condition, Test};

pub use changes::{Change, changes};
pub use said::{Said, phase_name};
pub use sentence::{Reader, mentions, sentence};

/// One row per event.
pub struct ActivityLog;

/// Where an event stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ActivityRow {
    /// Its place among all events.
    pub position: Position,
    /// What it is found by. It goes into the index columns only: who reads the row reads the event next.
    #[serde(skip)]
    found_by: Vec<Value>,
}

/// Rows of the same event are the same: what an event is found by never changes.
impl PartialEq for ActivityRow {
    fn eq(&self, other: &Self) -> bool {
        self.position == other.position
    }
}

/// What an event is found by, in the order of the index columns.
pub fn found_by(envelope: &Envelope) -> Vec<Value> {
    vec![
        instant_value(Some(envelope.happened_at)),
        id_value(envelope.actor.0),
        id_value(envelope.stream.id),
        text_value(Some(&envelope.event_type)),
    ]
}

/// The key of the row of the event at this position: keys sort as positions do.
pub fn key_at(position: Position) -> String {
    format!("{:020}", position.0)
}

impl Projection for ActivityLog {
    const NAME: &'static str = "activity_log";
    const VERSION: u32 = 6;
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

    /// Each row is one event's alone: folding it again makes the same row.
    fn evolve(_row: Option<ActivityRow>, _key: &str, event: &Recorded) -> Option<ActivityRow> {
        Some(ActivityRow { position: event.envelope.position, found_by: found_by(&event.envelope) })
    }

    fn index(row: &ActivityRow) -> Vec<Value> {
        row.found_by.clone()
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
