//! A shop that never was, with a believable history: the same seed gives the same events, as many as one likes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use domain::catalog::Event;
use domain::jobs::job::{BlockCause, JobDetails, JobEvent, JobNumber, JobStatus, ProductName, Unit};
use domain::jobs::operation::{
    AtWork, OperationName, OperationNumber, OperationPlace, OperationPlan, Phase, Quantities, RunTime, WorkFigures,
    WorkReport,
};
use domain::kernel::{
    ActorId, CommandId, JobId, MachineId, OperatorId, Quantity, ReportId, Role, StreamId, StreamType, TenantId,
    Timestamp, WorkCenterId,
};
use domain::machines::machine::{MachineCode, MachineEvent, MachineName, MachineRating};
use domain::machines::work_center::{Reason, WorkCenterCode, WorkCenterEvent, WorkCenterName};
use domain::ports::{Envelope, NewEvent, Position, Recorded};
use domain::scheduling::placement::Placement;
use domain::scheduling::site_plan::{Changes, PlanEvent};
use domain::tenancy::company::{CompanyEvent, CompanyName, Policies, ZoneName};
use domain::workforce::operator::{OperatorCode, OperatorEvent};
use uuid::Uuid;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
/// 2012-01-02T05:00:00Z, a Monday morning.
const OPENING: i64 = 1_325_480_400 * SECOND;
const WORK_CENTERS: usize = 12;
const MACHINES: usize = 30;
const OPERATORS: usize = 40;
const JOBS_AT_ONCE: usize = 150;

/// An endless history of one tenant, in the order of positions.
pub struct ShopHistory {
    random: Random,
    tenant: TenantId,
    work_centers: Vec<WorkCenterId>,
    machines: Vec<MachineId>,
    operators: Vec<OperatorId>,
    ready: VecDeque<(StreamId, Step)>,
    jobs: Vec<(StreamId, VecDeque<Step>)>,
    created: usize,
    plan_version: u64,
    revisions: HashMap<StreamId, u64>,
    position: u64,
}

struct Step {
    at: i64,
    event: Event,
}

impl ShopHistory {
    /// The history that belongs to this seed, for this tenant.
    pub fn new(seed: u64, tenant: TenantId) -> Self {
        let mut history = Self {
            random: Random(seed),
            tenant,
            work_centers: Vec::new(),
            machines: Vec::new(),
            operators: Vec::new(),
            ready: VecDeque::new(),
            jobs: Vec::new(),
            created: 0,
            plan_version: 0,
            revisions: HashMap::new(),
            position: 0,
        };
        history.set_up();
        history
    }

    fn set_up(&mut self) {
        let opened = CompanyEvent::Opened {
            name: text(CompanyName::try_new("Sample Shop")),
            zone: text(ZoneName::try_new("Asia/Jerusalem")),
            policies: Policies::default(),
        };
        self.queue(StreamId::new(StreamType::Company, self.tenant.0), Event::Company(opened));
        for n in 0..WORK_CENTERS {
            let code = format!("WC{n:02}");
            let id = WorkCenterId::from_key(self.tenant, &code);
            self.work_centers.push(id);
            let name = text(WorkCenterName::try_new(&format!("Work center {n}")));
            let created = WorkCenterEvent::Created { code: text(WorkCenterCode::try_new(&code)), name, area: None };
            self.queue(StreamId::new(StreamType::WorkCenter, id.0), Event::WorkCenter(created));
        }
        for n in 0..MACHINES {
            let code = format!("M{n:03}");
            let id = MachineId::from_key(self.tenant, &code);
            self.machines.push(id);
            let registered = MachineEvent::Registered {
                code: text(MachineCode::try_new(&code)),
                name: text(MachineName::try_new(&format!("Machine {n}"))),
                work_center: self.work_centers[n % WORK_CENTERS],
                rating: MachineRating { capacity: 1, speed_percent: 100, hourly_cost: None },
            };
            self.queue(StreamId::new(StreamType::Machine, id.0), Event::Machine(registered));
        }
        for n in 0..OPERATORS {
            let code = format!("ID{n:04}");
            let id = OperatorId::from_key(self.tenant, &code);
            self.operators.push(id);
            let registered =
                OperatorEvent::Registered { code: text(OperatorCode::try_new(&code)), name: None, user: None };
            self.queue(StreamId::new(StreamType::Operator, id.0), Event::Operator(registered));
        }
    }

    fn queue(&mut self, stream: StreamId, event: Event) {
        self.ready.push_back((stream, Step { at: OPENING, event }));
    }

    fn begin_job(&mut self) {
        let number = format!("J{:06}", self.created);
        let start = OPENING + i64::try_from(self.created).unwrap_or(0) * 7 * MINUTE;
        self.created += 1;
        let job = JobId::from_key(self.tenant, &number);
        let stream = StreamId::new(StreamType::Job, job.0);
        let script = JobScript::new(self, start).write(job, &number);
        self.jobs.push((stream, script));
    }

    fn next_step(&mut self) -> (StreamId, Step) {
        loop {
            if let Some(step) = self.ready.pop_front() {
                return step;
            }
            while self.jobs.len() < JOBS_AT_ONCE {
                self.begin_job();
            }
            let picked = self.random.below(self.jobs.len());
            let (stream, script) = &mut self.jobs[picked];
            match script.pop_front() {
                Some(Step { at, event: Event::Plan(PlanEvent::Moved { changes, reason, pin, .. }) }) => {
                    self.plan_version += 1;
                    let event = PlanEvent::Moved { version: self.plan_version, changes, reason, pin };
                    return (StreamId::new(StreamType::Plan, self.tenant.0), Step { at, event: Event::Plan(event) });
                }
                Some(step) => return (*stream, step),
                None => drop(self.jobs.swap_remove(picked)),
            }
        }
    }
}

impl Iterator for ShopHistory {
    type Item = Recorded;

    fn next(&mut self) -> Option<Recorded> {
        let (stream, Step { at, event }) = self.next_step();
        self.position += 1;
        let revision = self.revisions.entry(stream).and_modify(|last| *last += 1).or_insert(0);
        let envelope = Envelope {
            event_id: self.random.uuid(),
            tenant: self.tenant,
            stream,
            revision: *revision,
            position: Position(self.position),
            event_type: stored_name(&event),
            happened_at: instant(at),
            recorded_at: instant(at + 2 * SECOND),
            actor: ActorId(Uuid::from_u128(7)),
            on_behalf_of: None,
            role: Role::Manager,
            command_id: CommandId(self.random.uuid()),
            correlation: Uuid::from_u128(u128::from(self.position)),
            causation: None,
        };
        Some(Recorded { envelope, event })
    }
}

/// The same event as it would be given to a store. None of this shop's events has personal fields.
pub fn to_new(recorded: &Recorded) -> NewEvent {
    let (_, data) = recorded.event.encode().expect("nothing personal");
    let envelope = &recorded.envelope;
    NewEvent {
        event_id: envelope.event_id,
        event_type: Arc::clone(&envelope.event_type),
        schema_version: domain::catalog::current_version(envelope.stream.kind, &envelope.event_type).unwrap_or(1),
        happened_at: envelope.happened_at,
        recorded_at: envelope.recorded_at,
        actor: envelope.actor,
        on_behalf_of: envelope.on_behalf_of,
        grant: None,
        role: envelope.role,
        command_id: envelope.command_id,
        fingerprint: None,
        correlation: envelope.correlation,
        causation: envelope.causation,
        traceparent: None,
        subjects: Vec::new(),
        salt: [0; 16],
        data,
    }
}

fn stored_name(event: &Event) -> Arc<str> {
    event.encode().expect("nothing personal").0.into()
}

/// The life of one job, written in advance.
struct JobScript<'a> {
    random: &'a mut Random,
    work_centers: &'a [WorkCenterId],
    machines: &'a [MachineId],
    operators: &'a [OperatorId],
    now: i64,
    steps: VecDeque<Step>,
}

impl<'a> JobScript<'a> {
    fn new(history: &'a mut ShopHistory, now: i64) -> Self {
        let ShopHistory { random, work_centers, machines, operators, .. } = history;
        Self { random, work_centers, machines, operators, now, steps: VecDeque::new() }
    }

    fn write(mut self, job: JobId, number: &str) -> VecDeque<Step> {
        let count = 3 + self.random.below(5);
        let plans: Vec<OperationPlan> = (1..=count).map(|n| self.plan(n)).collect();
        let due = instant(self.now + 14 * 24 * 60 * MINUTE);
        let (number, details) = (text(JobNumber::try_new(number)), self.details());
        self.tell(JobEvent::Created { number, details, due: Some(due), operations: plans.clone() });
        if self.random.chance(50) {
            self.tell(JobEvent::Promised { was: None, due });
        }
        self.plan_all(job, &plans);
        for (index, plan) in plans.iter().enumerate() {
            if index > 0 && self.random.chance(1) {
                let open = plans[index..].iter().map(place).collect();
                self.tell(JobEvent::Cancelled { was: JobStatus::Running, reason: reason("order withdrawn"), open });
                return self.steps;
            }
            self.operation(plan);
        }
        self.tell(JobEvent::Completed { was: JobStatus::Running });
        if self.random.chance(2) {
            let last = &plans[plans.len() - 1];
            self.tell(JobEvent::Reopened {
                was: JobStatus::Completed,
                status: JobStatus::Running,
                reason: reason("returned by the customer"),
                open: vec![place(last)],
            });
            self.operation(last);
            self.tell(JobEvent::Completed { was: JobStatus::Running });
        }
        self.steps
    }

    fn operation(&mut self, plan: &OperationPlan) {
        let operator = self.random.pick(self.operators);
        let machine = Some(self.random.pick(self.machines));
        let (operation, work_center) = (plan.number, plan.work_center);
        self.tell(JobEvent::OperatorAssigned { operation, operator });
        let setup = AtWork { operator, machine, phase: Phase::Setup };
        let run = AtWork { phase: Phase::Run, ..setup };
        self.start(plan, setup, None);
        self.report(plan, setup, false);
        self.start(plan, run, Some(setup));
        for _ in 0..self.random.below(4) {
            let report = self.report(plan, run, true);
            if self.random.chance(3) {
                self.correct(operation, report);
            }
            if self.random.chance(10) {
                self.take_break(plan, run);
            }
        }
        let mut left = vec![run];
        if self.random.chance(20) {
            left.push(self.second_pair_of_hands(plan));
        }
        if self.random.chance(2) {
            self.block(machine);
        }
        self.report(plan, run, true);
        self.tell(JobEvent::OperationFinished { operation, work_center, operator: Some(operator), left });
    }

    fn start(&mut self, plan: &OperationPlan, work: AtWork, was: Option<AtWork>) {
        let AtWork { operator, machine, phase } = work;
        let (operation, work_center) = (plan.number, plan.work_center);
        self.tell(JobEvent::OperationStarted { operation, work_center, operator, machine, phase, was });
    }

    fn second_pair_of_hands(&mut self, plan: &OperationPlan) -> AtWork {
        let operator = self.random.pick(self.operators);
        let work = AtWork { operator, machine: None, phase: Phase::Run };
        self.start(plan, work, None);
        self.report(plan, work, true);
        work
    }

    fn take_break(&mut self, plan: &OperationPlan, work: AtWork) {
        let AtWork { operator, machine, phase } = work;
        let (operation, work_center) = (plan.number, plan.work_center);
        let reason = reason("lunch");
        self.tell(JobEvent::OperationPaused { operation, work_center, operator, machine, reason });
        self.report(plan, AtWork { phase: Phase::Break, ..work }, false);
        self.tell(JobEvent::OperationResumed { operation, work_center, operator, machine, phase });
    }

    fn block(&mut self, machine: Option<MachineId>) {
        let cause = machine.map_or(BlockCause::Quality, BlockCause::Machine);
        self.tell(JobEvent::Blocked { was: JobStatus::Running, reason: reason("spindle too hot"), cause });
        self.tell(JobEvent::Resumed { was: JobStatus::Blocked, status: JobStatus::Running });
    }

    fn report(&mut self, plan: &OperationPlan, work: AtWork, makes: bool) -> WorkReport {
        let start = self.now;
        self.now += (5 + i64::try_from(self.random.below(90)).unwrap_or(0)) * MINUTE;
        let scrapped = makes && self.random.chance(8);
        let quantities = Quantities {
            good: units(if makes { self.random.below(40) } else { 0 }),
            scrap: units(usize::from(scrapped)),
            ..Quantities::default()
        };
        let report = WorkReport {
            report: ReportId(self.random.uuid()),
            operation: plan.number,
            work_center: plan.work_center,
            figures: WorkFigures {
                operator: work.operator,
                machine: work.machine,
                phase: work.phase,
                start: instant(start),
                end: instant(self.now),
                quantities,
                scrap_reason: scrapped.then(|| reason("out of tolerance")),
                rework: false,
            },
            overlaps: Vec::new(),
            overlap_reason: None,
        };
        self.tell(JobEvent::WorkReported(report.clone()));
        report
    }

    fn correct(&mut self, operation: OperationNumber, report: WorkReport) {
        let mut figures = report.figures.clone();
        figures.quantities.good += units(1);
        let reason = reason("one more was found");
        self.tell(JobEvent::ReportCorrected { report: report.report, operation, was: report.figures, figures, reason });
    }

    fn tell(&mut self, event: JobEvent) {
        self.steps.push_back(Step { at: self.now, event: Event::Job(event) });
    }

    fn details(&mut self) -> JobDetails {
        JobDetails {
            product: Some(text(ProductName::try_new(&format!("Shaft {}", self.random.below(90))))),
            customer: None,
            quantity: Some(units(10 + self.random.below(200))),
            unit: text(Unit::try_new("pcs")),
            priority: 50,
            release: None,
            notes: None,
        }
    }

    fn plan(&mut self, n: usize) -> OperationPlan {
        OperationPlan {
            number: OperationNumber(u16::try_from(n * 10).unwrap_or(u16::MAX)),
            name: text(OperationName::try_new("Turning & Milling")),
            work_center: self.random.pick(self.work_centers),
            setup_seconds: 1800,
            run: Some(RunTime::PerUnit { seconds: units(240) }),
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

    fn plan_all(&mut self, job: JobId, plans: &[OperationPlan]) {
        let placed = plans.iter().map(|plan| self.placement(job, plan)).collect();
        let changes = Changes { placed, ..Changes::default() };
        let moved = PlanEvent::Moved { version: 0, changes, reason: None, pin: None };
        self.steps.push_back(Step { at: self.now, event: Event::Plan(moved) });
    }

    fn placement(&mut self, job: JobId, plan: &OperationPlan) -> Placement {
        let start = self.now + i64::from(plan.number.0) * 60 * MINUTE;
        let (machine, operator) = (Some(self.random.pick(self.machines)), Some(self.random.pick(self.operators)));
        let [start, run_start, end] = [start, start + 30 * MINUTE, start + 300 * MINUTE].map(instant);
        Placement { job, operation: plan.number, machine, operator, start, run_start, end }
    }
}

fn place(plan: &OperationPlan) -> OperationPlace {
    OperationPlace { operation: plan.number, work_center: plan.work_center }
}

fn text<T, E: std::fmt::Debug>(made: Result<T, E>) -> T {
    made.expect("a good text")
}

fn reason(words: &str) -> Reason {
    text(Reason::try_new(words))
}

fn units(amount: usize) -> Quantity {
    Quantity::whole(amount as u64).expect("a small amount")
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).expect("this century")
}

/// `SplitMix64`: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit as u64)).unwrap_or(0)
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn uuid(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.next(), self.next())
    }
}
