//! Where the plan has the operations of each job. How far they are is on the `job_board`.

use std::collections::BTreeSet;

use domain::catalog::Event;
use domain::jobs::operation::OperationNumber;
use domain::kernel::{JobId, Timestamp};
use domain::ports::{Position, Recorded};
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::site_plan::{Changes, Pin, PlanEvent};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::projection::{IndexColumn, Projection, Value, instant_value, row_key};
use crate::views::{Condition, Test};

/// One row per job of which the plan has, or had, an operation; under the same key as on the job board.
pub struct ScheduleBoard;

/// Where the plan has the operations of one job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRow {
    /// Which job.
    pub job: JobId,
    /// Its operations that have a place, by number.
    pub operations: Vec<Planned>,
    /// The version of the plan that changed any of them last.
    pub version: u64,
    /// Position of the last event folded.
    pub position: Position,
}

/// Where the plan has an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Where, by whom and when.
    pub placement: Placement,
    /// Somebody has fixed it there.
    pub pin: Option<Pin>,
    /// It is over, and has left the plan: this is where it had been planned.
    pub done: bool,
}

impl ScheduleRow {
    /// Where the plan has this operation, or had it when it was done.
    pub fn operation(&self, number: OperationNumber) -> Option<&Planned> {
        self.operations.iter().find(|planned| planned.placement.operation == number)
    }

    fn start(&self) -> Option<Timestamp> {
        self.operations.iter().map(|planned| planned.placement.start).min()
    }

    fn end(&self) -> Option<Timestamp> {
        self.operations.iter().map(|planned| planned.placement.end).max()
    }

    fn change(&mut self, changes: &Changes) {
        for placement in changes.placed.iter().filter(|placement| placement.job == self.job) {
            let known = self.operations.iter().position(|known| known.placement.operation == placement.operation);
            let pin = known.and_then(|at| self.operations.remove(at).pin);
            self.operations.push(Planned { placement: *placement, pin, done: false });
        }
        self.operations.sort_by_key(|planned| planned.placement.operation);
        let named = |operations: &[OperationRef], planned: &Planned| operations.contains(&planned.placement.of());
        self.operations.retain(|planned| !named(&changes.removed, planned));
        for planned in self.operations.iter_mut().filter(|planned| named(&changes.done, planned)) {
            (planned.pin, planned.done) = (None, true);
        }
    }

    fn pin(&mut self, operations: impl Iterator<Item = OperationRef>, pin: Option<&Pin>) {
        for operation in operations.filter(|operation| operation.job == self.job) {
            let mut named = self.operations.iter_mut().filter(|planned| planned.placement.of() == operation);
            if let Some(planned) = named.next() {
                planned.pin = pin.cloned();
            }
        }
    }

    fn apply(&mut self, event: &PlanEvent) {
        if let Some((version, changes)) = event.changes() {
            self.version = version;
            self.change(changes);
        }
        match event {
            PlanEvent::Moved { changes, pin: Some(pin), .. } => {
                self.pin(changes.placed.iter().map(Placement::of), Some(pin));
            }
            PlanEvent::Pinned { operations, pin } => self.pin(operations.iter().copied(), Some(pin)),
            PlanEvent::Unpinned { operations } => self.pin(operations.iter().copied(), None),
            PlanEvent::Published { .. }
            | PlanEvent::Followed { .. }
            | PlanEvent::Moved { .. }
            | PlanEvent::TakenOut { .. }
            | PlanEvent::Undone { .. }
            | PlanEvent::PoliciesSet { .. } => {}
        }
    }
}

/// The keys of the jobs that an event of the plan says something of.
pub(crate) fn jobs_named(event: &PlanEvent) -> Vec<String> {
    let jobs: BTreeSet<JobId> = event.operations().map(|operation| operation.job).collect();
    jobs.into_iter().map(|job| row_key(job.0)).collect()
}

impl Projection for ScheduleBoard {
    const NAME: &'static str = "schedule_board";
    const VERSION: u32 = 1;
    const INDEXES: &'static [IndexColumn] = &[IndexColumn::integer("starts"), IndexColumn::integer("ends")];
    type Row = ScheduleRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::Plan(event) => jobs_named(event),
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<ScheduleRow>, key: &str, event: &Recorded) -> Option<ScheduleRow> {
        let Event::Plan(change) = &event.event else { return row };
        let position = event.envelope.position;
        let empty = || {
            let job = JobId(Uuid::parse_str(key).ok()?);
            Some(ScheduleRow { job, operations: Vec::new(), version: 0, position: Position::default() })
        };
        let mut row = row.or_else(empty)?;
        if position > row.position {
            row.position = position;
            row.apply(change);
        }
        (!row.operations.is_empty()).then_some(row)
    }

    fn index(row: &ScheduleRow) -> Vec<Value> {
        vec![instant_value(row.start()), instant_value(row.end())]
    }
}

/// Jobs that the plan has at work at any time in `[from, until)`, or between two operations.
pub fn between(from: Timestamp, until: Timestamp) -> Vec<Condition> {
    vec![
        Condition { column: "starts", test: Test::Below(Value::Integer(until.as_micros())) },
        Condition { column: "ends", test: Test::AtLeast(Value::Integer(from.as_micros())) },
    ]
}

#[cfg(test)]
mod tests {
    use domain::kernel::StreamType;

    use super::*;
    use crate::given::{ANN, GRIND, Given, JOB, LATHE, TURN, at, fold, reason};

    const OTHER_JOB: JobId = JobId(Uuid::from_u128(0x10c));
    const NINE: &str = "2012-01-02T09:00:00Z";
    const TEN: &str = "2012-01-02T10:00:00Z";
    const NOON: &str = "2012-01-02T12:00:00Z";

    fn placed(operation: OperationNumber, start: &str, end: &str) -> Placement {
        let (start, end) = (at(start), at(end));
        Placement { job: JOB, operation, machine: Some(LATHE), operator: Some(ANN), start, run_start: start, end }
    }

    fn moved(version: u64, placed: Vec<Placement>, pin: Option<Pin>) -> PlanEvent {
        PlanEvent::Moved { version, changes: Changes { placed, ..Changes::default() }, reason: None, pin }
    }

    fn of(operation: OperationNumber) -> OperationRef {
        OperationRef { job: JOB, operation }
    }

    fn told(events: Vec<PlanEvent>) -> Given {
        let mut given = Given::default();
        for event in events {
            given.that(NINE, StreamType::Plan, Uuid::from_u128(1), Event::Plan(event));
        }
        given
    }

    fn row(given: &Given) -> Option<ScheduleRow> {
        given.rows::<ScheduleBoard>().remove(&row_key(JOB.0))
    }

    fn pin() -> Pin {
        Pin { reason: reason("promised"), until: None }
    }

    #[test]
    fn a_row_spans_what_it_holds_and_goes_with_the_last_of_it() {
        let both = vec![placed(GRIND, TEN, NOON), placed(TURN, NINE, TEN)];
        let given = told(vec![moved(1, both.clone(), None)]);
        let planned = row(&given).unwrap();
        assert_eq!(planned.operations.iter().map(|it| it.placement).collect::<Vec<_>>(), [both[1], both[0]]);
        let micros = |text| Value::Integer(at(text).as_micros());
        assert_eq!(ScheduleBoard::index(&planned), [micros(NINE), micros(NOON)]);
        let out = Changes { removed: vec![of(TURN), of(GRIND)], ..Changes::default() };
        let taken_out = PlanEvent::TakenOut { version: 2, changes: out, reason: None };
        assert_eq!(row(&told(vec![moved(1, both, None), taken_out])), None);
    }

    #[test]
    fn pins_move_along_and_are_let_go() {
        let first = moved(1, vec![placed(TURN, NINE, TEN)], Some(pin()));
        let again = moved(2, vec![placed(TURN, TEN, NOON)], None);
        let pinned = row(&told(vec![first.clone(), again])).unwrap();
        assert_eq!((pinned.version, pinned.operations[0].pin.clone()), (2, Some(pin())));
        let let_go = PlanEvent::Unpinned { operations: vec![of(TURN)] };
        assert_eq!(row(&told(vec![first, let_go])).unwrap().operations[0].pin, None);
    }

    #[test]
    fn what_is_done_stays_where_it_had_been_planned() {
        let done = Changes { done: vec![of(TURN)], ..Changes::default() };
        let followed = PlanEvent::Followed { version: 2, changes: done, cause: Vec::new() };
        let given = told(vec![moved(1, vec![placed(TURN, NINE, TEN)], Some(pin())), followed]);
        let expected = Planned { placement: placed(TURN, NINE, TEN), pin: None, done: true };
        assert_eq!(row(&given).unwrap().operations, [expected]);
    }

    #[test]
    fn an_event_of_many_jobs_touches_the_row_of_each() {
        let other = Placement { job: OTHER_JOB, ..placed(TURN, NINE, TEN) };
        let given = told(vec![moved(1, vec![placed(TURN, NINE, TEN), other], None)]);
        let rows = given.rows::<ScheduleBoard>();
        assert_eq!(rows[&row_key(JOB.0)].operations.len(), 1);
        assert_eq!(rows[&row_key(OTHER_JOB.0)].operations[0].placement, other);
        assert!(fold::<ScheduleBoard>(rows.clone(), &given.events) == rows);
    }
}
