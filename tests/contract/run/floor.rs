//! A small shop to run commands in, and stores that misbehave.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::jobs::job::{JobCommand, JobDetails, JobNumber, Unit};
use domain::jobs::operation::{OperationName, OperationNumber, OperationPlan, Phase, Quantities, WorkFigures};
use domain::kernel::{
    ActorId, Caller, CommandId, JobId, MachineId, OperatorId, ReportId, Role, StreamId, TenantId, Timestamp,
    WorkCenterId,
};
use domain::machines::machine::{MachineCode, MachineCommand, MachineName, MachineRating};
use domain::machines::work_center::{WorkCenterCode, WorkCenterCommand, WorkCenterName};
use domain::ports::{
    Append, AppendError, Appended, Clock, Direction, EventStore, Filter, Future, Page, Position, ReadError, Scope,
    StoredEvent,
};
use domain::run::{Command, Commands, Done, Request, RunError};
use domain::workforce::operator::{OperatorCode, OperatorCommand};
use infra::clock::ManualClock;
use infra::codec::JsonCodec;
use infra::ids::RandomIds;
use infra::vault::SqliteVault;
use uuid::Uuid;

pub(super) const TENANT: TenantId = TenantId(Uuid::from_u128(0x7e4a));
pub(super) const TURNING: OperationNumber = OperationNumber(10);
pub(super) const MILLING: OperationNumber = OperationNumber(20);
/// 2012-01-02T05:00:00Z.
const OPENING_MICROS: i64 = 1_325_480_400_000_000;

/// One node of Kilter, as far as commands go.
#[derive(Clone)]
pub(super) struct Floor {
    pub(super) commands: Arc<Commands>,
    pub(super) clock: Arc<ManualClock>,
}

impl Floor {
    pub(super) fn over(store: Arc<dyn EventStore>) -> Self {
        let clock = Arc::new(ManualClock::new(minute(0)));
        let codec = Arc::new(JsonCodec::new(Arc::new(SqliteVault::in_memory().unwrap())));
        let ids = Arc::new(RandomIds::new(Arc::clone(&clock) as Arc<dyn Clock>));
        Self { commands: Arc::new(Commands::new(store, codec, Arc::clone(&clock) as Arc<dyn Clock>, ids)), clock }
    }

    /// With a work center, a machine, an operator and a job of two operations.
    pub(super) async fn set_up(store: Arc<dyn EventStore>) -> Self {
        let floor = Self::over(store);
        for command in [create_work_center(), register_machine(), register_operator(), create_job()] {
            floor.run(command).await.unwrap();
        }
        floor
    }

    pub(super) async fn run(&self, command: Command) -> Result<Done, RunError> {
        self.ask(command.into()).await
    }

    pub(super) async fn run_as(&self, id: u128, command: Command) -> Result<Done, RunError> {
        self.ask(Request { command_id: Some(command_id(id)), ..command.into() }).await
    }

    pub(super) async fn ask(&self, request: Request) -> Result<Done, RunError> {
        self.commands.run(&caller(Role::Admin), request).await
    }
}

pub(super) fn caller(role: Role) -> Caller {
    Caller { tenant: TENANT, actor: ActorId(Uuid::from_u128(0xac)), role }
}

pub(super) fn minute(minutes: i64) -> Timestamp {
    Timestamp::from_micros(OPENING_MICROS + minutes * 60_000_000).unwrap()
}

pub(super) fn command_id(number: u128) -> CommandId {
    CommandId(Uuid::from_u128(0xc000_0000 + number))
}

pub(super) fn job() -> JobId {
    JobId::from_key(TENANT, "J1")
}

pub(super) fn job_stream() -> StreamId {
    on_job(JobCommand::Resume).stream(TENANT)
}

pub(super) fn hall() -> WorkCenterId {
    WorkCenterId::from_key(TENANT, "WC1")
}

pub(super) fn lathe() -> MachineId {
    MachineId::from_key(TENANT, "M1")
}

pub(super) fn anna() -> OperatorId {
    OperatorId::from_key(TENANT, "ID1")
}

pub(super) fn on_job(command: JobCommand) -> Command {
    Command::Job(job(), command)
}

pub(super) fn create_work_center() -> Command {
    let (code, name) = (WorkCenterCode::try_new("WC1").unwrap(), WorkCenterName::try_new("Hall").unwrap());
    Command::WorkCenter(hall(), WorkCenterCommand::Create { code, name, area: None })
}

pub(super) fn register_machine() -> Command {
    let (code, name) = (MachineCode::try_new("M1").unwrap(), MachineName::try_new("Lathe").unwrap());
    let rating = MachineRating { capacity: 1, speed_percent: 100, hourly_cost: None };
    Command::Machine(lathe(), MachineCommand::Register { code, name, work_center: hall(), rating })
}

pub(super) fn register_operator() -> Command {
    let code = OperatorCode::try_new("ID1").unwrap();
    Command::Operator(anna(), OperatorCommand::Register { code, name: None, user: None })
}

pub(super) fn create_job() -> Command {
    create_job_numbered("J1")
}

pub(super) fn create_job_numbered(number: &str) -> Command {
    let details = JobDetails {
        product: None,
        customer: None,
        quantity: None,
        unit: Unit::try_new("pcs").unwrap(),
        priority: 50,
        release: None,
        notes: None,
    };
    let operations = vec![plan(TURNING), plan(MILLING)];
    let create = JobCommand::Create { number: JobNumber::try_new(number).unwrap(), details, due: None, operations };
    Command::Job(JobId::from_key(TENANT, number), create)
}

fn plan(number: OperationNumber) -> OperationPlan {
    OperationPlan {
        number,
        name: OperationName::try_new("work").unwrap(),
        work_center: hall(),
        setup_seconds: 0,
        run: None,
        alternatives: vec![],
        skill: None,
        tools: vec![],
        min_lag_seconds: 0,
        max_lag_seconds: None,
        transfer_batch: None,
        outside_lead_seconds: None,
        instructions: None,
    }
}

pub(super) fn start() -> Command {
    on_job(JobCommand::StartOperation {
        operation: TURNING,
        operator: anna(),
        machine: Some(lathe()),
        phase: Phase::Run,
    })
}

pub(super) fn finish(operation: OperationNumber) -> Command {
    on_job(JobCommand::FinishOperation { operation, operator: None, quantities: Quantities::NONE, scrap_reason: None })
}

/// The `number`th minute of work before the opening.
pub(super) fn report(number: u32) -> Command {
    let end = -i64::from(number);
    on_job(JobCommand::ReportWork {
        report: ReportId(Uuid::from_u128(0x4000 + u128::from(number))),
        operation: TURNING,
        figures: WorkFigures {
            operator: anna(),
            machine: None,
            phase: Phase::Run,
            start: minute(end - 1),
            end: minute(end),
            quantities: Quantities::NONE,
            scrap_reason: None,
            rework: false,
        },
        overlap_reason: None,
    })
}

/// What a misbehaving store does with its next appends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misbehaviour {
    /// Commits, and says that it does not know.
    CommitsInSilence,
    /// Does not commit, and says that it does not know.
    LosesInSilence,
    /// Says that somebody else was faster.
    Conflicts,
}

/// A store whose next appends go wrong.
pub(super) struct Misbehaving {
    inner: Arc<dyn EventStore>,
    kind: Misbehaviour,
    left: AtomicUsize,
    conflicts: AtomicUsize,
}

impl Misbehaving {
    pub(super) fn new(inner: Arc<dyn EventStore>, kind: Misbehaviour) -> Self {
        Self { inner, kind, left: AtomicUsize::new(0), conflicts: AtomicUsize::new(0) }
    }

    /// The next `times` appends go wrong.
    pub(super) fn misbehave(&self, times: usize) {
        self.left.store(times, Ordering::SeqCst);
    }

    /// How many appends the store behind refused because somebody else was faster.
    pub(super) fn conflicts(&self) -> usize {
        self.conflicts.load(Ordering::SeqCst)
    }

    /// How many more go wrong.
    pub(super) fn left(&self) -> usize {
        self.left.load(Ordering::SeqCst)
    }
}

impl EventStore for Misbehaving {
    fn append(&self, tenant: TenantId, append: Append) -> Future<'_, Result<Appended, AppendError>> {
        Box::pin(async move {
            let wrong = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            if !wrong {
                let outcome = self.inner.append(tenant, append).await;
                if matches!(outcome, Err(AppendError::Conflict { .. })) {
                    self.conflicts.fetch_add(1, Ordering::SeqCst);
                }
                return outcome;
            }
            match self.kind {
                Misbehaviour::CommitsInSilence => {
                    self.inner.append(tenant, append).await?;
                    Err(AppendError::OutcomeUnknown("the answer was lost".to_owned()))
                }
                Misbehaviour::LosesInSilence => Err(AppendError::OutcomeUnknown("the question was lost".to_owned())),
                Misbehaviour::Conflicts => Err(AppendError::Conflict { actual: Some(99) }),
            }
        })
    }

    fn read_stream(
        &self,
        tenant: TenantId,
        stream: StreamId,
        from: u64,
        direction: Direction,
        limit: usize,
    ) -> Future<'_, Result<Vec<StoredEvent>, ReadError>> {
        self.inner.read_stream(tenant, stream, from, direction, limit)
    }

    fn read_all(
        &self,
        scope: Scope,
        after: Position,
        limit: usize,
        filter: Filter,
    ) -> Future<'_, Result<Page, ReadError>> {
        self.inner.read_all(scope, after, limit, filter)
    }

    fn find(&self, tenant: TenantId, event_id: Uuid) -> Future<'_, Result<Option<StoredEvent>, ReadError>> {
        self.inner.find(tenant, event_id)
    }

    fn head(&self) -> Future<'_, Result<Position, ReadError>> {
        self.inner.head()
    }

    fn on_append(&self, wake: Arc<dyn Fn(Position) + Send + Sync>) {
        self.inner.on_append(wake);
    }

    fn truncate_before(
        &self,
        tenant: TenantId,
        stream: StreamId,
        revision: u64,
    ) -> Future<'_, Result<(), AppendError>> {
        self.inner.truncate_before(tenant, stream, revision)
    }

    fn delete_stream(&self, tenant: TenantId, stream: StreamId) -> Future<'_, Result<(), AppendError>> {
        self.inner.delete_stream(tenant, stream)
    }

    fn health(&self) -> Future<'_, Result<(), ReadError>> {
        self.inner.health()
    }
}
