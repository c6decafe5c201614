//! A small shop to run commands in: one work center, one machine, one operator, jobs of two operations.

use std::sync::Arc;

use domain::jobs::job::{JobCommand, JobDetails, JobNumber, Unit};
use domain::jobs::operation::{OperationName, OperationNumber, OperationPlan, Phase, Quantities, WorkFigures};
use domain::kernel::{
    ActorId, Caller, CommandId, JobId, MachineId, OperatorId, ReportId, Role, StreamId, TenantId, Timestamp,
    WorkCenterId,
};
use domain::machines::machine::{MachineCode, MachineCommand, MachineName, MachineRating};
use domain::machines::work_center::{WorkCenterCode, WorkCenterCommand, WorkCenterName};
use domain::ports::{Answers, Clock, Codec, EventStore, NoSnapshots, Snapshots};
use domain::run::{Command, Commands, Done, Request, RunError};
use domain::workforce::operator::{OperatorCode, OperatorCommand};
use infra::clock::ManualClock;
use infra::codec::JsonCodec;
use infra::ids::RandomIds;
use infra::vault::{SqliteAnswers, SqliteVault};
use uuid::Uuid;

/// The tenant of most tests.
pub const TENANT: TenantId = TenantId(Uuid::from_u128(0x7e4a));
/// The first operation of every job.
pub const TURNING: OperationNumber = OperationNumber(10);
/// The second operation of every job.
pub const MILLING: OperationNumber = OperationNumber(20);
/// 2012-01-02T05:00:00Z.
const OPENING_MICROS: i64 = 1_325_480_400_000_000;

/// One node of Kilter, as far as commands go.
#[derive(Clone)]
pub struct Floor {
    /// Runs commands.
    pub commands: Arc<Commands>,
    /// What time it is there; minute 0 at first.
    pub clock: Arc<ManualClock>,
}

impl Floor {
    /// Over this store, with a vault of its own.
    ///
    /// # Panics
    /// When there is no vault.
    pub fn over(store: Arc<dyn EventStore>) -> Self {
        Self::remembering(store, Arc::new(SqliteAnswers::in_memory().expect("answers")))
    }

    /// Over this store, with these answers and a vault of its own.
    ///
    /// # Panics
    /// When there is no vault.
    pub fn remembering(store: Arc<dyn EventStore>, answers: Arc<dyn Answers>) -> Self {
        Self::with(store, answers, Arc::new(NoSnapshots))
    }

    /// Over this store, with these snapshots of its long streams and a vault of its own.
    ///
    /// # Panics
    /// When there is no vault.
    pub fn with_snapshots(store: Arc<dyn EventStore>, snapshots: Arc<dyn Snapshots>) -> Self {
        Self::with(store, Arc::new(SqliteAnswers::in_memory().expect("answers")), snapshots)
    }

    fn with(store: Arc<dyn EventStore>, answers: Arc<dyn Answers>, snapshots: Arc<dyn Snapshots>) -> Self {
        let clock = Arc::new(ManualClock::new(minute(0)));
        let codec: Arc<dyn Codec> = Arc::new(JsonCodec::new(Arc::new(SqliteVault::in_memory().expect("a vault"))));
        let ids = Arc::new(RandomIds::new(Arc::clone(&clock) as Arc<dyn Clock>));
        let commands = Commands::new(store, codec, Arc::clone(&clock) as Arc<dyn Clock>, ids, answers);
        Self { commands: Arc::new(commands.with_snapshots(snapshots)), clock }
    }

    /// A new node over this store, with a work center, a machine, an operator and a job of two operations.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn set_up(store: Arc<dyn EventStore>) -> Self {
        let floor = Self::over(store);
        for command in [create_work_center(), register_machine(), register_operator(), create_job()] {
            floor.run(command).await.expect("as in every set-up");
        }
        floor
    }

    /// Runs a command as an admin.
    pub async fn run(&self, command: Command) -> Result<Done, RunError> {
        self.ask(command.into()).await
    }

    /// Runs a command as an admin, under this command id.
    pub async fn run_as(&self, id: u128, command: Command) -> Result<Done, RunError> {
        self.ask(Request { command_id: Some(command_id(id)), ..command.into() }).await
    }

    /// Runs what an admin asks.
    pub async fn ask(&self, request: Request) -> Result<Done, RunError> {
        self.commands.run(&caller(Role::Admin), request).await
    }
}

/// Somebody of the tenant in this role.
pub fn caller(role: Role) -> Caller {
    Caller::new(TENANT, ActorId(Uuid::from_u128(0xac)), role)
}

/// So many minutes after the opening.
///
/// # Panics
/// When that is outside the years 0001 to 9999.
pub fn minute(minutes: i64) -> Timestamp {
    Timestamp::from_micros(OPENING_MICROS + minutes * 60_000_000).expect("as in every set-up")
}

/// The `number`th command id.
pub fn command_id(number: u128) -> CommandId {
    CommandId(Uuid::from_u128(0xc000_0000 + number))
}

/// The job of the set-up.
pub fn job() -> JobId {
    JobId::from_key(TENANT, "J1")
}

/// Its stream.
pub fn job_stream() -> StreamId {
    on_job(JobCommand::Resume).stream(TENANT)
}

/// The work center.
pub fn hall() -> WorkCenterId {
    WorkCenterId::from_key(TENANT, "WC1")
}

/// The machine.
pub fn lathe() -> MachineId {
    MachineId::from_key(TENANT, "M1")
}

/// The operator.
pub fn anna() -> OperatorId {
    OperatorId::from_key(TENANT, "ID1")
}

/// Asks the job of the set-up.
pub fn on_job(command: JobCommand) -> Command {
    Command::Job(job(), command)
}

/// Sets up the work center.
///
/// # Panics
/// Never: its words are words.
pub fn create_work_center() -> Command {
    let (code, name) = (
        WorkCenterCode::try_new("WC1").expect("as in every set-up"),
        WorkCenterName::try_new("Hall").expect("as in every set-up"),
    );
    Command::WorkCenter(hall(), WorkCenterCommand::Create { code, name, area: None })
}

/// Sets up the machine.
///
/// # Panics
/// Never: its words are words.
pub fn register_machine() -> Command {
    let (code, name) = (
        MachineCode::try_new("M1").expect("as in every set-up"),
        MachineName::try_new("Lathe").expect("as in every set-up"),
    );
    let rating = MachineRating { capacity: 1, speed_percent: 100, hourly_cost: None };
    Command::Machine(lathe(), MachineCommand::Register { code, name, work_center: hall(), rating })
}

/// Sets up the operator, without a name.
///
/// # Panics
/// Never: the code is a code.
pub fn register_operator() -> Command {
    let code = OperatorCode::try_new("ID1").expect("as in every set-up");
    Command::Operator(anna(), OperatorCommand::Register { code, name: None, user: None })
}

/// Takes on the job of the set-up.
pub fn create_job() -> Command {
    create_job_numbered("J1")
}

/// Takes on a job with this number.
///
/// # Panics
/// When the number is no number.
pub fn create_job_numbered(number: &str) -> Command {
    let details = JobDetails {
        product: None,
        customer: None,
        quantity: None,
        unit: Unit::try_new("pcs").expect("as in every set-up"),
        priority: 50,
        release: None,
        notes: None,
    };
    let operations = vec![plan(TURNING), plan(MILLING)];
    let create = JobCommand::Create {
        number: JobNumber::try_new(number).expect("as in every set-up"),
        details,
        due: None,
        operations,
    };
    Command::Job(JobId::from_key(TENANT, number), create)
}

fn plan(number: OperationNumber) -> OperationPlan {
    OperationPlan {
        number,
        name: OperationName::try_new("work").expect("as in every set-up"),
        work_center: hall(),
        setup_seconds: 0,
        run: None,
        alternatives: vec![],
        skill: None,
        setup_family: None,
        tools: vec![],
        min_lag_seconds: 0,
        max_lag_seconds: None,
        transfer_batch: None,
        outside_lead_seconds: None,
        instructions: None,
    }
}

/// The operator starts turning on the machine.
pub fn start() -> Command {
    on_job(JobCommand::StartOperation {
        operation: TURNING,
        operator: anna(),
        machine: Some(lathe()),
        phase: Phase::Run,
    })
}

/// Ends an operation of the job; nothing is reported.
pub fn finish(operation: OperationNumber) -> Command {
    on_job(JobCommand::FinishOperation { operation, operator: None, quantities: Quantities::NONE, scrap_reason: None })
}

/// The `number`th minute of work before the opening, on the job of the set-up.
pub fn report(number: u32) -> Command {
    report_on(job(), number)
}

/// The `number`th minute of work before the opening, on this job.
pub fn report_on(job: JobId, number: u32) -> Command {
    let end = -i64::from(number);
    let report = JobCommand::ReportWork {
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
    };
    Command::Job(job, report)
}
