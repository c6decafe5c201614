//! Where the plan has the operations of each job. How far they are is on the `job_board`.

use std::collections::BTreeSet;

use domain::catalog::Event;
use domain::jobs::job::JobEvent;
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
    /// Where people or the optimiser had put it last, where the plan has followed the floor since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<Placement>,
    /// Where the plan had it when work on it began, which is where it is from then on; `None` before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Placement>,
}

impl Planned {
    /// Where people or the optimiser put it last: what the floor is measured by.
    pub fn agreed(&self) -> &Placement {
        self.agreed.as_ref().unwrap_or(&self.placement)
    }

    /// The same where it is put now. What follows the floor agrees on nothing, nor does what a plan has of begun work.
    fn put(known: Option<Self>, placement: Placement, by: By) -> Self {
        let Some(known) = known else { return Self { placement, pin: None, done: false, agreed: None, before: None } };
        let follows = by == By::Floor || (by == By::Optimiser && known.before.is_some());
        let agreed = Some(*known.agreed()).filter(|agreed| follows && *agreed != placement);
        // Who moves it by hand was told that nobody is at work on it.
        let before = known.before.filter(|_| by != By::Hand);
        Self { placement, pin: known.pin, done: false, agreed, before }
    }
}

/// Who puts operations somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Floor,
    Optimiser,
    Hand,
}

impl By {
    const fn of(event: &PlanEvent) -> Self {
        match event {
            PlanEvent::Followed { .. } => Self::Floor,
            PlanEvent::Published { .. } => Self::Optimiser,
            _ => Self::Hand,
        }
    }
}

impl ScheduleRow {
    /// Where the plan has this operation, or had it when it was done.
    pub fn operation(&self, number: OperationNumber) -> Option<&Planned> {
        self.operations.iter().find(|planned| planned.placement.operation == number)
    }

    fn start(&self) -> Option<Timestamp> {
        self.operations.iter().map(|planned| planned.placement.start.min(planned.agreed().start)).min()
    }

    fn end(&self) -> Option<Timestamp> {
        self.operations.iter().map(|planned| planned.placement.end.max(planned.agreed().end)).max()
    }

    fn change(&mut self, changes: &Changes, by: By) {
        for placement in changes.placed.iter().filter(|placement| placement.job == self.job) {
            let known = self.operations.iter().position(|known| known.placement.operation == placement.operation);
            let known = known.map(|at| self.operations.remove(at));
            self.operations.push(Planned::put(known, *placement, by));
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

    /// Work begins where the plan has it; what the plan says from then on is where it is.
    fn begin(&mut self, number: OperationNumber) {
        let begun = self.operations.iter_mut().filter(|planned| planned.placement.operation == number);
        for planned in begun {
            planned.before.get_or_insert(planned.placement);
        }
    }

    fn apply(&mut self, event: &PlanEvent) {
        if let Some((version, changes)) = event.changes() {
            self.version = version;
            self.change(changes, By::of(event));
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

/// Work on which operation begins with this, if it has not begun before.
const fn begins(event: &JobEvent) -> Option<OperationNumber> {
    match event {
        JobEvent::OperationStarted { operation, .. }
        | JobEvent::OperationResumed { operation, .. }
        | JobEvent::OperationFinished { operation, .. } => Some(*operation),
        JobEvent::WorkReported(report) => Some(report.operation),
        _ => None,
    }
}

impl Projection for ScheduleBoard {
    const NAME: &'static str = "schedule_board";
    const VERSION: u32 = 2;
    const INDEXES: &'static [IndexColumn] = &[IndexColumn::integer("starts"), IndexColumn::integer("ends")];
    type Row = ScheduleRow;

    fn keys(event: &Recorded) -> Vec<String> {
        match &event.event {
            Event::Plan(event) => jobs_named(event),
            Event::Job(work) if begins(work).is_some() => vec![row_key(event.envelope.stream.id)],
            _ => Vec::new(),
        }
    }

    fn evolve(row: Option<ScheduleRow>, key: &str, event: &Recorded) -> Option<ScheduleRow> {
        let position = event.envelope.position;
        if let Event::Job(work) = &event.event {
            let mut row = row?;
            if let Some(number) = begins(work).filter(|_| position > row.position) {
                row.position = position;
                row.begin(number);
            }
            return Some(row);
        }
        let Event::Plan(change) = &event.event else { return row };
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

/// Jobs that the plan has at work, or was agreed to have, at any time in `[from, until)`, or between two operations.
pub fn between(from: Timestamp, until: Timestamp) -> Vec<Condition> {
    vec![
        Condition { column: "starts", test: Test::Below(Value::Integer(until.as_micros())) },
        Condition { column: "ends", test: Test::AtLeast(Value::Integer(from.as_micros())) },
    ]
}

#[cfg(test)]
mod tests {
    use domain::jobs::operation::{AtWork, Phase};
    use domain::kernel::StreamType;
    use domain::scheduling::site_plan::Origin;
    use domain::scheduling::solver::Preset;

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
        let expected =
            Planned { placement: placed(TURN, NINE, TEN), pin: None, done: true, agreed: None, before: None };
        assert_eq!(row(&given).unwrap().operations, [expected]);
    }

    fn followed(version: u64, placement: Placement) -> PlanEvent {
        let changes = Changes { placed: vec![placement], ..Changes::default() };
        PlanEvent::Followed { version, changes, cause: Vec::new() }
    }

    fn published(version: u64, placement: Placement) -> PlanEvent {
        let changes = Changes { placed: vec![placement], ..Changes::default() };
        PlanEvent::Published { version, changes, origin: Origin::Optimiser { preset: Preset::default(), seed: 0 } }
    }

    #[test]
    fn what_was_agreed_and_where_it_was_when_work_began_is_kept_while_the_plan_follows() {
        let (nine, ten) = (placed(TURN, NINE, TEN), placed(TURN, TEN, NOON));
        let late = placed(TURN, "2012-01-02T10:30:00Z", NOON);
        let mut given = told(vec![published(1, nine), followed(2, ten)]);
        let now = |given: &Given| row(given).unwrap().operations.remove(0);
        assert_eq!((now(&given).placement, now(&given).agreed, now(&given).before), (ten, Some(nine), None));
        given.starts("2012-01-02T10:30:00Z", AtWork { operator: ANN, machine: Some(LATHE), phase: Phase::Run }, None);
        for event in [followed(3, late), published(4, placed(TURN, "2012-01-02T10:30:00Z", "2012-01-02T13:00:00Z"))] {
            given.that(NOON, StreamType::Plan, Uuid::from_u128(1), Event::Plan(event));
            assert_eq!((*now(&given).agreed(), now(&given).before), (nine, Some(ten)));
        }
        let planned = row(&given).unwrap();
        let micros = |text| Value::Integer(at(text).as_micros());
        assert_eq!(ScheduleBoard::index(&planned), [micros(NINE), micros("2012-01-02T13:00:00Z")], "both are found");
    }

    #[test]
    fn who_puts_it_elsewhere_agrees_anew() {
        let (nine, ten) = (placed(TURN, NINE, TEN), placed(TURN, TEN, NOON));
        let eleven = placed(TURN, "2012-01-02T11:00:00Z", NOON);
        for again in [published(3, eleven), moved(3, vec![eleven], None)] {
            let planned = row(&told(vec![published(1, nine), followed(2, ten), again])).unwrap().operations.remove(0);
            assert_eq!((planned.placement, planned.agreed, planned.before), (eleven, None, None));
        }
    }

    #[test]
    fn work_on_what_has_no_place_makes_no_row() {
        let mut given = Given::job();
        given.starts(NINE, AtWork { operator: ANN, machine: None, phase: Phase::Run }, None);
        assert_eq!(row(&given), None);
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
