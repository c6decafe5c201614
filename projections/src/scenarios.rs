//! Every what-if: what it is called, what it assumes, whether people still work on it. Its plan is read from its stream.

use domain::catalog::Event;
use domain::kernel::{ActorId, AssumptionId, ScenarioId, Timestamp};
use domain::ports::{Envelope, Position, Recorded};
use domain::scheduling::scenario::{Assumption, ScenarioEvent, ScenarioName};
use serde::{Deserialize, Serialize};

use crate::projection::{IndexColumn, Projection, Value, instant_value, row_key, text_value};
use crate::stored;

/// One row per what-if.
pub struct Scenarios;

/// A what-if.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioRow {
    /// Which one.
    pub id: ScenarioId,
    /// What it is called.
    pub name: ScenarioName,
    /// The version of the plan that it was made from.
    pub base: u64,
    /// Its own version.
    pub version: u64,
    /// What it assumes, the oldest first.
    pub assumptions: Vec<Assumed>,
    /// Where it is in its life.
    pub status: ScenarioStatus,
    /// Who made it.
    pub by: ActorId,
    /// When.
    #[serde(with = "stored::instant")]
    pub opened: Timestamp,
    /// When anything about it changed last.
    #[serde(with = "stored::instant")]
    pub changed: Timestamp,
    /// Revision of its stream.
    pub revision: u64,
    /// Position of the last event folded.
    pub position: Position,
}

/// Something that it assumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumed {
    /// Its identity.
    pub id: AssumptionId,
    /// What.
    pub assumption: Assumption,
}

/// Where a what-if is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScenarioStatus {
    /// People work on it.
    Open,
    /// The plan has taken it over.
    Published,
    /// Given up.
    Discarded,
}

/// The stored name of a status.
pub const fn status_name(status: ScenarioStatus) -> &'static str {
    match status {
        ScenarioStatus::Open => "open",
        ScenarioStatus::Published => "published",
        ScenarioStatus::Discarded => "discarded",
    }
}

impl ScenarioRow {
    fn opened(envelope: &Envelope, event: &ScenarioEvent) -> Option<Self> {
        let ScenarioEvent::Opened { name, base } = event else { return None };
        Some(Self {
            id: ScenarioId(envelope.stream.id),
            name: name.clone(),
            base: *base,
            version: 0,
            assumptions: Vec::new(),
            status: ScenarioStatus::Open,
            by: envelope.actor,
            opened: envelope.happened_at,
            changed: envelope.happened_at,
            revision: envelope.revision,
            position: envelope.position,
        })
    }

    fn apply(&mut self, event: &ScenarioEvent) {
        match event {
            ScenarioEvent::Opened { .. } | ScenarioEvent::BasedOn { .. } => {}
            ScenarioEvent::Renamed { name, .. } => self.name = name.clone(),
            ScenarioEvent::Assumed { assumption, assumed } => {
                self.assumptions.push(Assumed { id: *assumption, assumption: *assumed });
            }
            ScenarioEvent::Withdrawn { assumption, .. } => self.assumptions.retain(|known| known.id != *assumption),
            ScenarioEvent::Changed { version, .. } => self.version = *version,
            ScenarioEvent::Rebased { version, .. } => self.base = *version,
            ScenarioEvent::Published { .. } => self.status = ScenarioStatus::Published,
            ScenarioEvent::Discarded {} => self.status = ScenarioStatus::Discarded,
        }
    }
}

impl Projection for Scenarios {
    const NAME: &'static str = "scenarios";
    const VERSION: u32 = 1;
    const INDEXES: &'static [IndexColumn] = &[IndexColumn::integer("opened"), IndexColumn::text("status")];
    type Row = ScenarioRow;

    fn keys(event: &Recorded) -> Vec<String> {
        let Event::Scenario(_) = &event.event else { return Vec::new() };
        vec![row_key(event.envelope.stream.id)]
    }

    fn evolve(row: Option<ScenarioRow>, _key: &str, event: &Recorded) -> Option<ScenarioRow> {
        let (envelope, Event::Scenario(change)) = (&event.envelope, &event.event) else { return row };
        let Some(mut row) = row else { return ScenarioRow::opened(envelope, change) };
        if envelope.position > row.position {
            (row.revision, row.position) = (envelope.revision, envelope.position);
            row.changed = envelope.happened_at;
            row.apply(change);
        }
        Some(row)
    }

    fn index(row: &ScenarioRow) -> Vec<Value> {
        vec![instant_value(Some(row.opened)), text_value(Some(status_name(row.status)))]
    }
}

#[cfg(test)]
mod tests {
    use domain::kernel::{MachineId, StreamType};
    use domain::scheduling::scenario::Hand;
    use domain::scheduling::site_plan::Changes;
    use uuid::Uuid;

    use super::*;
    use crate::given::{Given, at, fold};

    const RUSH: Uuid = Uuid::from_u128(0x5c);
    const NINE: &str = "2012-01-02T09:00:00Z";
    const TEN: &str = "2012-01-02T10:00:00Z";

    fn told(events: Vec<ScenarioEvent>) -> Given {
        let mut given = Given::default();
        let name = ScenarioName::try_new("Rush order").unwrap();
        let opened = ScenarioEvent::Opened { name, base: 4 };
        given.that(NINE, StreamType::Scenario, RUSH, Event::Scenario(opened));
        for event in events {
            given.that(TEN, StreamType::Scenario, RUSH, Event::Scenario(event));
        }
        given
    }

    fn row(given: &Given) -> ScenarioRow {
        given.rows::<Scenarios>().remove(&row_key(RUSH)).unwrap()
    }

    #[test]
    fn a_row_tells_what_is_assumed_and_how_far_it_is() {
        let first = AssumptionId(Uuid::from_u128(1));
        let assumed = Assumption::MachineOut { machine: MachineId(RUSH), from: at(NINE), until: at(TEN) };
        let assume = ScenarioEvent::Assumed { assumption: first, assumed };
        let changed = ScenarioEvent::Changed { version: 1, changes: Changes::default(), by: Hand::Person };
        let open = row(&told(vec![assume.clone(), changed]));
        assert_eq!((open.base, open.version, open.status), (4, 1, ScenarioStatus::Open));
        assert_eq!(open.assumptions, [Assumed { id: first, assumption: assumed }]);
        assert_eq!((open.opened, open.changed), (at(NINE), at(TEN)));
        let withdrawn = ScenarioEvent::Withdrawn { assumption: first, was: assumed };
        let given = told(vec![assume, withdrawn, ScenarioEvent::Published { version: 5 }]);
        assert_eq!((row(&given).assumptions.len(), row(&given).status), (0, ScenarioStatus::Published));
        assert!(fold::<Scenarios>(given.rows::<Scenarios>(), &given.events) == given.rows::<Scenarios>());
    }
}
