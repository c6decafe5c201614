//! The changeovers of every work center that has any: they may be many, and nobody else's events touch them.

use domain::catalog::Event;
use domain::kernel::WorkCenterId;
use domain::machines::changeover::Changeovers;
use domain::machines::work_center::WorkCenterEvent;
use domain::ports::{Position, Recorded};
use serde::{Deserialize, Serialize};

use crate::projection::{IndexColumn, Projection, Value, row_key};

/// One row per work center whose changeovers were ever set.
pub struct ChangeoverTables;

/// The changeovers of a work center.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeoverRow {
    /// Whose.
    pub id: WorkCenterId,
    /// As they were set last.
    pub changeovers: Changeovers,
    /// Position of the last event folded.
    pub position: Position,
}

impl Projection for ChangeoverTables {
    const NAME: &'static str = "changeovers";
    const VERSION: u32 = 1;
    const INDEXES: &'static [IndexColumn] = &[];
    type Row = ChangeoverRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::WorkCenter(WorkCenterEvent::ChangeoversSet { .. }) => vec![row_key(event.envelope.stream.id)],
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<ChangeoverRow>, _key: &str, event: &Recorded) -> Option<ChangeoverRow> {
        let Event::WorkCenter(WorkCenterEvent::ChangeoversSet { changeovers }) = &event.event else { return row };
        let (id, position) = (WorkCenterId(event.envelope.stream.id), event.envelope.position);
        if row.as_ref().is_some_and(|row| position <= row.position) {
            return row;
        }
        Some(ChangeoverRow { id, changeovers: changeovers.clone(), position })
    }

    fn index(_: &ChangeoverRow) -> Vec<Value> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use domain::kernel::StreamType;
    use uuid::Uuid;

    use super::*;
    use crate::given::{Given, fold};

    #[test]
    fn changeovers_are_as_they_were_set_last_and_setting_them_again_late_changes_nothing() {
        let id = Uuid::from_u128(7);
        let mut given = Given::default();
        for default_seconds in [600, 900] {
            let changeovers = Changeovers { default_seconds, table: Vec::new() };
            let set = Event::WorkCenter(WorkCenterEvent::ChangeoversSet { changeovers });
            given.that("2026-01-01T00:00:00Z", StreamType::WorkCenter, id, set);
        }
        assert_eq!(given.row::<ChangeoverTables>(id).changeovers.default_seconds, 900);
        let once = given.rows::<ChangeoverTables>();
        assert!(fold::<ChangeoverTables>(once.clone(), &given.events) == once);
    }
}
