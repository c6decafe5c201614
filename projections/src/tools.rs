//! Every tool and fixture, and how many there are.

use domain::catalog::Event;
use domain::kernel::ToolId;
use domain::machines::tool::{ToolCode, ToolEvent, ToolName};
use domain::machines::work_center::Reason;
use domain::ports::{Envelope, Position, Recorded};
use serde::{Deserialize, Serialize};

use crate::projection::{IndexColumn, Projection, Value, row_key, text_value};

/// One row per tool.
pub struct Tools;

/// A tool or fixture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolRow {
    /// Which one.
    pub id: ToolId,
    /// Its code.
    pub code: ToolCode,
    /// Its name.
    pub name: ToolName,
    /// How many there are while it is in use.
    pub count: u16,
    /// Why it is out of use, while it is.
    pub retired: Option<Reason>,
    /// Revision of its stream.
    pub revision: u64,
    /// Position of the last event folded.
    pub position: Position,
}

impl ToolRow {
    fn registered(envelope: &Envelope, event: &Event) -> Option<Self> {
        let Event::Tool(ToolEvent::Registered { code, name, count }) = event else { return None };
        Some(Self {
            id: ToolId(envelope.stream.id),
            code: code.clone(),
            name: name.clone(),
            count: *count,
            retired: None,
            revision: envelope.revision,
            position: envelope.position,
        })
    }

    /// How many can be taken: none while it is out of use.
    pub fn available(&self) -> u16 {
        if self.retired.is_some() { 0 } else { self.count }
    }

    fn apply(&mut self, event: &ToolEvent) {
        match event {
            ToolEvent::Registered { .. } => {}
            ToolEvent::Renamed { name, .. } => self.name = name.clone(),
            ToolEvent::Counted { count, .. } => self.count = *count,
            ToolEvent::Retired { reason } => self.retired = Some(reason.clone()),
            ToolEvent::BroughtBack {} => self.retired = None,
        }
    }
}

impl Projection for Tools {
    const NAME: &'static str = "tools";
    const VERSION: u32 = 1;
    const INDEXES: &'static [IndexColumn] = &[IndexColumn::text("code"), IndexColumn::integer("retired")];
    type Row = ToolRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::Tool(_) => vec![row_key(event.envelope.stream.id)],
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<ToolRow>, _key: &str, event: &Recorded) -> Option<ToolRow> {
        let envelope = &event.envelope;
        let Some(mut row) = row else { return ToolRow::registered(envelope, &event.event) };
        if envelope.position <= row.position {
            return Some(row);
        }
        if let Event::Tool(change) = &event.event {
            (row.revision, row.position) = (envelope.revision, envelope.position);
            row.apply(change);
        }
        Some(row)
    }

    fn index(row: &ToolRow) -> Vec<Value> {
        vec![text_value(Some(row.code.as_str())), Value::Integer(i64::from(row.retired.is_some()))]
    }
}

#[cfg(test)]
mod tests {
    use domain::kernel::StreamType;
    use uuid::Uuid;

    use super::*;
    use crate::given::{Given, fold, reason};

    const ID: Uuid = Uuid::from_u128(77);

    fn with(events: impl IntoIterator<Item = ToolEvent>) -> Given {
        let registered = ToolEvent::Registered {
            code: ToolCode::try_new("FIX-1").unwrap(),
            name: ToolName::try_new("Fixture").unwrap(),
            count: 2,
        };
        let mut given = Given::default();
        for event in std::iter::once(registered).chain(events) {
            given.that("2026-01-01T00:00:00Z", StreamType::Tool, ID, Event::Tool(event));
        }
        given
    }

    #[test]
    fn there_are_as_many_as_were_counted_last_and_none_while_it_is_out_of_use() {
        let counted = ToolEvent::Counted { was: 2, count: 5 };
        let retired = ToolEvent::Retired { reason: reason("worn") };
        let row = with([counted.clone()]).row::<Tools>(ID);
        assert_eq!((row.available(), row.revision), (5, 1));
        let row = with([counted.clone(), retired.clone()]).row::<Tools>(ID);
        assert_eq!((row.available(), row.count, row.retired), (0, 5, Some(reason("worn"))));
        let row = with([counted, retired, ToolEvent::BroughtBack {}]).row::<Tools>(ID);
        assert_eq!((row.available(), row.retired), (5, None));
    }

    #[test]
    fn what_was_folded_already_changes_nothing() {
        let renamed =
            ToolEvent::Renamed { was: ToolName::try_new("Fixture").unwrap(), name: ToolName::try_new("Jig").unwrap() };
        let given = with([renamed, ToolEvent::Retired { reason: reason("worn") }]);
        let once = given.rows::<Tools>();
        assert!(fold::<Tools>(once.clone(), &given.events) == once);
        assert_eq!(given.row::<Tools>(ID).name.as_str(), "Jig");
    }
}
