//! Events to fold in tests: a shop whose facts are written down one after the other.

use std::collections::{BTreeMap, HashMap};

use domain::catalog::Event;
use domain::jobs::job::{JobDetails, JobEvent, JobNumber, Unit};
use domain::jobs::operation::{
    AtWork, OperationName, OperationNumber, OperationPlan, Phase, Quantities, WorkFigures, WorkReport,
};
use domain::kernel::{
    ActorId, CommandId, JobId, MachineId, OperatorId, Quantity, ReportId, Role, StreamId, StreamType, TenantId,
    Timestamp, WorkCenterId,
};
use domain::machines::machine::{MachineCode, MachineEvent, MachineName, MachineRating};
use domain::machines::work_center::{Reason, WorkCenterCode, WorkCenterEvent, WorkCenterName};
use domain::ports::{Envelope, Position, Recorded};
use domain::workforce::operator::{OperatorCode, OperatorEvent};
use uuid::Uuid;

use crate::projection::Projection;

pub(crate) const JOB: JobId = JobId(Uuid::from_u128(0x10b));
pub(crate) const LATHES: WorkCenterId = WorkCenterId(Uuid::from_u128(0xc1));
pub(crate) const GRINDERS: WorkCenterId = WorkCenterId(Uuid::from_u128(0xc2));
pub(crate) const LATHE: MachineId = MachineId(Uuid::from_u128(0xa1));
pub(crate) const OTHER_LATHE: MachineId = MachineId(Uuid::from_u128(0xa2));
pub(crate) const ANN: OperatorId = OperatorId(Uuid::from_u128(0xe1));
pub(crate) const BOB: OperatorId = OperatorId(Uuid::from_u128(0xe2));
pub(crate) const TURN: OperationNumber = OperationNumber(10);
pub(crate) const GRIND: OperationNumber = OperationNumber(20);

/// What has happened so far.
#[derive(Default)]
pub(crate) struct Given {
    pub(crate) events: Vec<Recorded>,
    revisions: HashMap<StreamId, u64>,
}

impl Given {
    /// Work centers, machines and operators of the tests.
    pub(crate) fn shop() -> Self {
        let mut given = Self::default();
        for (id, code) in [(LATHES, "LATHE"), (GRINDERS, "GRIND")] {
            let name = text(WorkCenterName::try_new(code));
            let created = WorkCenterEvent::Created { code: text(WorkCenterCode::try_new(code)), name, area: None };
            given.that("2012-01-01T00:00:00Z", StreamType::WorkCenter, id.0, Event::WorkCenter(created));
        }
        for (id, code) in [(LATHE, "L1"), (OTHER_LATHE, "L2")] {
            let registered = MachineEvent::Registered {
                code: text(MachineCode::try_new(code)),
                name: text(MachineName::try_new(code)),
                work_center: LATHES,
                rating: MachineRating { capacity: 1, speed_percent: 100, hourly_cost: None },
            };
            given.that("2012-01-01T00:00:00Z", StreamType::Machine, id.0, Event::Machine(registered));
        }
        for (id, code) in [(ANN, "ANN"), (BOB, "BOB")] {
            let registered =
                OperatorEvent::Registered { code: text(OperatorCode::try_new(code)), name: None, user: None };
            given.that("2012-01-01T00:00:00Z", StreamType::Operator, id.0, Event::Operator(registered));
        }
        given
    }

    /// The same with a job that has two operations: turning on lathes and grinding.
    pub(crate) fn job() -> Self {
        let mut given = Self::shop();
        given.on_job(
            "2012-01-02T06:00:00Z",
            JobEvent::Created {
                number: text(JobNumber::try_new("J-1")),
                details: details(),
                due: Some(at("2012-01-10T00:00:00Z")),
                operations: vec![plan(TURN, LATHES), plan(GRIND, GRINDERS)],
            },
        );
        given
    }

    pub(crate) fn that(&mut self, when: &str, kind: StreamType, id: Uuid, event: Event) -> &mut Self {
        let stream = StreamId::new(kind, id);
        let revision = *self.revisions.entry(stream).and_modify(|last| *last += 1).or_insert(0);
        let position = Position(self.events.len() as u64 + 1);
        let envelope = Envelope {
            event_id: Uuid::from_u128(u128::from(position.0)),
            tenant: TenantId(Uuid::from_u128(1)),
            stream,
            revision,
            position,
            event_type: event.encode().unwrap().0.into(),
            happened_at: at(when),
            recorded_at: at(when),
            actor: ActorId(Uuid::from_u128(7)),
            on_behalf_of: None,
            role: Role::Manager,
            command_id: CommandId(Uuid::from_u128(9)),
            correlation: Uuid::from_u128(8),
            causation: None,
        };
        self.events.push(Recorded { envelope, event });
        self
    }

    pub(crate) fn on_job(&mut self, when: &str, event: JobEvent) -> &mut Self {
        self.that(when, StreamType::Job, JOB.0, Event::Job(event))
    }

    /// Ann or Bob begins to turn.
    pub(crate) fn starts(&mut self, when: &str, work: AtWork, was: Option<AtWork>) -> &mut Self {
        let AtWork { operator, machine, phase } = work;
        let event = JobEvent::OperationStarted { operation: TURN, work_center: LATHES, operator, machine, phase, was };
        self.on_job(when, event)
    }

    /// Somebody reports turning.
    pub(crate) fn reports(&mut self, report: u128, figures: WorkFigures) -> &mut Self {
        let when = figures.end.to_string();
        self.on_job(&when, reported(report, TURN, figures))
    }

    /// The operation ends.
    pub(crate) fn finishes(&mut self, when: &str, operation: OperationNumber, left: Vec<AtWork>) -> &mut Self {
        let work_center = if operation == TURN { LATHES } else { GRINDERS };
        self.on_job(when, JobEvent::OperationFinished { operation, work_center, operator: None, left })
    }

    /// The rows that come of it.
    pub(crate) fn rows<P: Projection>(&self) -> BTreeMap<String, P::Row> {
        fold::<P>(BTreeMap::new(), &self.events)
    }

    /// The row under this key.
    pub(crate) fn row<P: Projection>(&self, id: Uuid) -> P::Row {
        self.rows::<P>().remove(&crate::projection::row_key(id)).expect("there is such a row")
    }
}

/// Folds events into rows; checks on the way that each row reads back as it was written.
pub(crate) fn fold<P: Projection>(mut rows: BTreeMap<String, P::Row>, events: &[Recorded]) -> BTreeMap<String, P::Row> {
    for event in events {
        for key in P::keys(event) {
            let row = P::evolve(rows.remove(&key), &key, event);
            if let Some(row) = row {
                let written = serde_json::to_vec(&row).unwrap();
                assert!(serde_json::from_slice::<P::Row>(&written).unwrap() == row, "{}", P::NAME);
                assert_eq!(P::index(&row).len(), P::INDEXES.len());
                rows.insert(key, row);
            }
        }
    }
    rows
}

pub(crate) fn at(when: &str) -> Timestamp {
    Timestamp::parse(when).unwrap()
}

pub(crate) fn reason(words: &str) -> Reason {
    Reason::try_new(words).unwrap()
}

pub(crate) fn units(amount: u64) -> Quantity {
    Quantity::whole(amount).unwrap()
}

pub(crate) fn good(amount: u64) -> Quantities {
    Quantities { good: units(amount), ..Quantities::default() }
}

pub(crate) const fn setup(operator: OperatorId, machine: Option<MachineId>) -> AtWork {
    AtWork { operator, machine, phase: Phase::Setup }
}

pub(crate) const fn run(operator: OperatorId, machine: Option<MachineId>) -> AtWork {
    AtWork { operator, machine, phase: Phase::Run }
}

pub(crate) fn figures(operator: OperatorId, phase: Phase, (start, end): (&str, &str)) -> WorkFigures {
    WorkFigures {
        operator,
        machine: None,
        phase,
        start: at(start),
        end: at(end),
        quantities: Quantities::default(),
        scrap_reason: None,
        rework: false,
    }
}

pub(crate) fn reported(report: u128, operation: OperationNumber, figures: WorkFigures) -> JobEvent {
    JobEvent::WorkReported(WorkReport {
        report: ReportId(Uuid::from_u128(report)),
        operation,
        work_center: if operation == TURN { LATHES } else { GRINDERS },
        figures,
        overlaps: Vec::new(),
        overlap_reason: None,
    })
}

pub(crate) fn details() -> JobDetails {
    JobDetails {
        product: None,
        customer: None,
        quantity: Some(units(100)),
        unit: text(Unit::try_new("pcs")),
        priority: 50,
        release: None,
        notes: None,
    }
}

pub(crate) fn plan(number: OperationNumber, work_center: WorkCenterId) -> OperationPlan {
    OperationPlan {
        number,
        name: text(OperationName::try_new("turn or grind")),
        work_center,
        setup_seconds: 600,
        run: None,
        alternatives: Vec::new(),
        skill: None,
        setup_family: None,
        tools: Vec::new(),
        min_lag_seconds: 0,
        max_lag_seconds: None,
        transfer_batch: None,
        outside_lead_seconds: None,
        instructions: None,
    }
}

fn text<T, E: std::fmt::Debug>(made: Result<T, E>) -> T {
    made.unwrap()
}
