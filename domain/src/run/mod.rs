//! `run`: the only door to change anything. Permission, facts, the load–decide–append loop.

mod cache;
mod execute;
mod needs;
mod once;
mod permission;
mod preview;
mod snapshot;
mod together;
mod turns;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use crate::calendars::calendar::{Calendar, CalendarCommand, CalendarError, CalendarState};
use crate::identity::account::{Account, AccountCommand, AccountError, AccountState};
use crate::identity::api_token::{ApiToken, ApiTokenCommand, ApiTokenError, ApiTokenState};
use crate::identity::session::{Session, SessionCommand, SessionError, SessionState};
use crate::jobs::job::{Job, JobCommand, JobError};
use crate::kernel::context::{Caller, Context, Facts};
use crate::kernel::decider::{Refusal, refusal_codes};
use crate::kernel::{
    ActorId, ApiTokenId, CalendarId, CommandId, Decider, Fingerprint, JobId, MachineId, OperatorId, ScenarioId,
    SessionId, StreamId, TenantId, Timestamp, ToolId, WorkCenterId,
};
use crate::machines::machine::{Machine, MachineCommand, MachineError};
use crate::machines::tool::{Tool, ToolCommand, ToolError};
use crate::machines::work_center::{WorkCenter, WorkCenterCommand, WorkCenterError};
use crate::ports::{Answers, Clock, Codec, EventStore, IdSource, NoSnapshots, Position, Snapshots};
use crate::scheduling::scenario::{Scenario, ScenarioCommand, ScenarioError, ScenarioState};
use crate::scheduling::site_plan::{PlanCommand, PlanError, PlanState, SitePlan};
use crate::tenancy::company::{Company, CompanyCommand, CompanyError, CompanyState};
use crate::tenancy::roster::{Roster, RosterCommand, RosterError, RosterState};
use crate::workforce::operator::{Operator, OperatorCommand, OperatorError, OperatorState};
use cache::{Key, Shelves};
use execute::Ask;
pub use once::Named;
pub use permission::action;
use permission::allows;
pub use turns::{Turn, Turns};

/// Anything that can be asked, and of whom.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Of the caller's company.
    Company(CompanyCommand),
    /// Of a work center.
    WorkCenter(WorkCenterId, WorkCenterCommand),
    /// Of a machine.
    Machine(MachineId, MachineCommand),
    /// Of an operator.
    Operator(OperatorId, OperatorCommand),
    /// Of a job.
    Job(JobId, JobCommand),
    /// Of the caller's company's roster.
    Roster(RosterCommand),
    /// Of an account.
    Account(ActorId, Box<AccountCommand>),
    /// Of a session.
    Session(SessionId, Box<SessionCommand>),
    /// Of an API token.
    ApiToken(ApiTokenId, ApiTokenCommand),
    /// Of a shift calendar.
    Calendar(CalendarId, Box<CalendarCommand>),
    /// Of the plan of the caller's company.
    Plan(Box<PlanCommand>),
    /// Of a what-if.
    Scenario(ScenarioId, Box<ScenarioCommand>),
    /// Of a tool.
    Tool(ToolId, ToolCommand),
}

impl Command {
    /// The stream that it is asked of.
    pub const fn stream(&self, tenant: TenantId) -> StreamId {
        match self {
            Self::Company(_) => StreamId::new(Company::STREAM, tenant.0),
            Self::WorkCenter(id, _) => StreamId::new(WorkCenter::STREAM, id.0),
            Self::Machine(id, _) => StreamId::new(Machine::STREAM, id.0),
            Self::Operator(id, _) => StreamId::new(Operator::STREAM, id.0),
            Self::Job(id, _) => StreamId::new(Job::STREAM, id.0),
            Self::Roster(_) => StreamId::new(Roster::STREAM, tenant.0),
            Self::Account(id, _) => StreamId::new(Account::STREAM, id.0),
            Self::Session(id, _) => StreamId::new(Session::STREAM, id.0),
            Self::ApiToken(id, _) => StreamId::new(ApiToken::STREAM, id.0),
            Self::Calendar(id, _) => StreamId::new(Calendar::STREAM, id.0),
            Self::Plan(_) => StreamId::new(SitePlan::STREAM, tenant.0),
            Self::Scenario(id, _) => StreamId::new(Scenario::STREAM, id.0),
            Self::Tool(id, _) => StreamId::new(Tool::STREAM, id.0),
        }
    }

    /// The identity that a command which sets something up must be asked of: natural keys are unique because of it.
    fn natural_id(&self, tenant: TenantId) -> Option<Uuid> {
        match self {
            Self::WorkCenter(_, WorkCenterCommand::Create { code, .. }) => {
                Some(WorkCenterId::from_key(tenant, code.as_str()).0)
            }
            Self::Machine(_, MachineCommand::Register { code, .. }) => {
                Some(MachineId::from_key(tenant, code.as_str()).0)
            }
            Self::Operator(_, OperatorCommand::Register { code, .. }) => {
                Some(OperatorId::from_key(tenant, code.as_str()).0)
            }
            Self::Job(_, JobCommand::Create { number, .. }) => Some(JobId::from_key(tenant, number.as_str()).0),
            Self::Tool(_, ToolCommand::Register { code, .. }) => Some(ToolId::from_key(tenant, code.as_str()).0),
            Self::Calendar(_, command) => match &**command {
                CalendarCommand::Create { code, .. } => Some(CalendarId::from_key(tenant, code.as_str()).0),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A command with what the client says about it.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is asked.
    pub command: Command,
    /// The client's name for it: the same command again gets the first answer, another one is refused. Made up when absent.
    pub command_id: Option<CommandId>,
    /// What the client said, spelled out, where the command was worked out from that and from how things stood: the same again is told by
    /// it. By the command itself where absent.
    pub said: Option<String>,
    /// Refuse when the stream has moved on from this revision.
    pub expected_revision: Option<u64>,
    /// When it happened on the floor; now when absent.
    pub happened_at: Option<Timestamp>,
    /// What outside request it belongs to; made up when absent.
    pub correlation: Option<Uuid>,
    /// The event that caused it.
    pub causation: Option<Uuid>,
    /// W3C trace context.
    pub traceparent: Option<String>,
}

impl Request {
    /// What it says under the command id that the client gave: the stream, the command and when it happened. Not what revision
    /// the client expects: who learns of a conflict asks the same thing again.
    fn fingerprint(&self, tenant: TenantId) -> Result<Option<Fingerprint>, RunError> {
        let stream = self.command.stream(tenant);
        let fingerprint = self.command_id.map(|id| match &self.said {
            Some(said) => Fingerprint::of(id, &(stream, said, self.happened_at)),
            None => Fingerprint::of(id, &(stream, &self.command, self.happened_at)),
        });
        let fingerprint = fingerprint.transpose();
        fingerprint.map_err(|error| RunError::Fault(format!("a command can't be spelled: {error}")))
    }
}

impl From<Command> for Request {
    fn from(command: Command) -> Self {
        Self {
            command,
            command_id: None,
            said: None,
            expected_revision: None,
            happened_at: None,
            correlation: None,
            causation: None,
            traceparent: None,
        }
    }
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The stream that it was asked of.
    pub stream: StreamId,
    /// Revision of the stream's last event.
    pub revision: u64,
    /// Position of the stream's last event: wait for it to read your own write.
    pub position: Position,
    /// How many events it appended; 0 when it was already true or already run.
    pub appended: usize,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The role may not. To the caller it does not exist.
    #[error("the caller's role may not do this")]
    Denied,
    /// The domain refuses.
    #[error("{0}")]
    Rejected(Box<dyn Refusal>),
    /// The stream has moved on; asking again may work.
    #[error("the stream is at revision {actual:?}")]
    Conflict {
        /// Its revision now.
        actual: Option<u64>,
    },
    /// The command id was used for something else before.
    #[error("command id {0} was used for another command")]
    CommandIdReused(CommandId),
    /// It may or may not have been done; asking again, with the same command id, tells.
    #[error("the outcome is unknown: {0}")]
    OutcomeUnknown(String),
    /// Nothing was done; asking again later, with the same command id, may work.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// Something is broken.
    #[error("fault: {0}")]
    Fault(String),
}

impl RunError {
    /// Whether it may be otherwise in a moment: nothing was decided.
    pub const fn passes(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::OutcomeUnknown(_) | Self::Unavailable(_))
    }
}

/// Why a request is refused before any aggregate is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Nothing has happened then yet.
    #[error("it can't have happened at {0}: that is in the future")]
    HappenedInFuture(Timestamp),
    /// The identity is not the one that the natural key has in this tenant.
    #[error("the identity does not belong to the code or number")]
    IdNotOfKey,
    /// It says more than one append can hold.
    #[error("the command has {bytes} bytes of events; at most {limit} are allowed")]
    TooLarge {
        /// What it would append.
        bytes: usize,
        /// What is allowed.
        limit: usize,
    },
    /// Its history was deleted; nothing may follow.
    #[error("it was deleted for good")]
    Deleted,
}

refusal_codes!(RequestError {
    HappenedInFuture => "HAPPENED_IN_FUTURE",
    IdNotOfKey => "ID_NOT_OF_KEY",
    TooLarge => "COMMAND_TOO_LARGE",
    Deleted => "DELETED",
});

impl Refusal for RequestError {
    fn code(&self) -> &'static str {
        self.stable_code()
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::HappenedInFuture(_) => Some("happenedAt"),
            Self::IdNotOfKey => Some("id"),
            Self::TooLarge { .. } | Self::Deleted => None,
        }
    }
}

/// Every code that a refusal can carry, in order.
pub fn refusal_codes() -> BTreeSet<&'static str> {
    let codes = [
        CompanyError::CODES,
        WorkCenterError::CODES,
        MachineError::CODES,
        OperatorError::CODES,
        JobError::CODES,
        RosterError::CODES,
        AccountError::CODES,
        SessionError::CODES,
        ApiTokenError::CODES,
        CalendarError::CODES,
        ToolError::CODES,
        PlanError::CODES,
        ScenarioError::CODES,
        RequestError::CODES,
    ];
    codes.into_iter().flatten().copied().collect()
}

/// Runs commands.
pub struct Commands {
    store: Arc<dyn EventStore>,
    codec: Arc<dyn Codec>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    answers: Arc<dyn Answers>,
    snapshots: Arc<dyn Snapshots>,
    shelves: Shelves,
    streams: Turns<Key>,
    command_ids: Turns<(TenantId, CommandId)>,
}

impl Commands {
    /// Over these adapters.
    pub fn new(
        store: Arc<dyn EventStore>,
        codec: Arc<dyn Codec>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        answers: Arc<dyn Answers>,
    ) -> Self {
        Self {
            store,
            codec,
            clock,
            ids,
            answers,
            snapshots: Arc::new(NoSnapshots),
            shelves: Shelves::default(),
            streams: Turns::default(),
            command_ids: Turns::default(),
        }
    }

    /// With these snapshots of long streams; without, every cold start folds each from its first event.
    #[must_use]
    pub fn with_snapshots(mut self, snapshots: Arc<dyn Snapshots>) -> Self {
        self.snapshots = snapshots;
        self
    }

    /// Over the same adapters, by another clock: for what is told now and was recorded then, as a sample company's month is.
    #[must_use]
    pub fn by_clock(&self, clock: Arc<dyn Clock>) -> Self {
        let (store, codec) = (Arc::clone(&self.store), Arc::clone(&self.codec));
        Self::new(store, codec, clock, Arc::clone(&self.ids), Arc::clone(&self.answers))
            .with_snapshots(Arc::clone(&self.snapshots))
    }

    /// Runs one command: permission, facts, decision, append. Every error means that nothing was appended, but for
    /// [`RunError::OutcomeUnknown`].
    pub async fn run(&self, caller: &Caller, request: Request) -> Result<Done, RunError> {
        if !allows(caller, &request.command) {
            return Err(RunError::Denied);
        }
        let stream = request.command.stream(caller.tenant);
        if request.command.natural_id(caller.tenant).is_some_and(|id| id != stream.id) {
            return Err(RequestError::IdNotOfKey.into());
        }
        let context = self.context(caller, &request)?;
        if context.is_future(context.happened_at) {
            return Err(RequestError::HappenedInFuture(context.happened_at).into());
        }
        let ask = Ask { stream, context, expected_revision: request.expected_revision };
        match &request.command {
            Command::Company(command) => self.ask::<Company>(command, ask).await,
            Command::WorkCenter(_, command) => self.ask::<WorkCenter>(command, ask).await,
            Command::Machine(_, command) => self.ask::<Machine>(command, ask).await,
            Command::Operator(_, command) => self.ask::<Operator>(command, ask).await,
            Command::Job(_, command) => self.ask::<Job>(command, ask).await,
            Command::Roster(command) => self.ask::<Roster>(command, ask).await,
            Command::Account(_, command) => self.ask::<Account>(command, ask).await,
            Command::Session(_, command) => self.ask::<Session>(command, ask).await,
            Command::ApiToken(_, command) => self.ask::<ApiToken>(command, ask).await,
            Command::Calendar(_, command) => self.ask::<Calendar>(command, ask).await,
            Command::Plan(command) => self.ask::<SitePlan>(command, ask).await,
            Command::Scenario(_, command) => self.ask::<Scenario>(command, ask).await,
            Command::Tool(_, command) => self.ask::<Tool>(command, ask).await,
        }
    }

    /// Who is a member of the company, as of the last event of its roster.
    pub async fn roster(&self, tenant: TenantId) -> Result<Arc<RosterState>, RunError> {
        self.state_of::<Roster>(tenant, tenant.0).await
    }

    /// The company, as of its last event.
    pub async fn company(&self, tenant: TenantId) -> Result<Arc<CompanyState>, RunError> {
        self.state_of::<Company>(tenant, tenant.0).await
    }

    /// A shift calendar, as of its last event.
    pub async fn calendar(&self, tenant: TenantId, calendar: CalendarId) -> Result<Arc<CalendarState>, RunError> {
        self.state_of::<Calendar>(tenant, calendar.0).await
    }

    /// The plan, as of its last event.
    pub async fn plan(&self, tenant: TenantId) -> Result<Arc<PlanState>, RunError> {
        self.state_of::<SitePlan>(tenant, tenant.0).await
    }

    /// The plan with the revision of its last event.
    pub async fn plan_at(&self, tenant: TenantId) -> Result<(Arc<PlanState>, Option<u64>), RunError> {
        let folded = self.load::<SitePlan>((tenant, StreamId::new(SitePlan::STREAM, tenant.0))).await?;
        Ok((folded.state, folded.revision))
    }

    /// A what-if with the revision of its last event.
    pub async fn scenario_at(
        &self,
        tenant: TenantId,
        scenario: ScenarioId,
    ) -> Result<(Arc<ScenarioState>, Option<u64>), RunError> {
        let folded = self.load::<Scenario>((tenant, StreamId::new(Scenario::STREAM, scenario.0))).await?;
        Ok((folded.state, folded.revision))
    }

    /// A what-if, as of its last event.
    pub async fn scenario(&self, tenant: TenantId, scenario: ScenarioId) -> Result<Arc<ScenarioState>, RunError> {
        self.state_of::<Scenario>(tenant, scenario.0).await
    }

    /// An operator, as of their last event.
    pub async fn operator(&self, tenant: TenantId, operator: OperatorId) -> Result<Arc<OperatorState>, RunError> {
        self.state_of::<Operator>(tenant, operator.0).await
    }

    /// An account, as of its last event.
    pub async fn account(&self, tenant: TenantId, account: ActorId) -> Result<Arc<AccountState>, RunError> {
        self.state_of::<Account>(tenant, account.0).await
    }

    /// A session, as of its last event.
    pub async fn session(&self, tenant: TenantId, session: SessionId) -> Result<SessionState, RunError> {
        Ok(*self.state_of::<Session>(tenant, session.0).await?)
    }

    /// An API token, as of its last event.
    pub async fn api_token(&self, tenant: TenantId, token: ApiTokenId) -> Result<Arc<ApiTokenState>, RunError> {
        self.state_of::<ApiToken>(tenant, token.0).await
    }

    fn context(&self, caller: &Caller, request: &Request) -> Result<Context, RunError> {
        let now = self.clock.now();
        Ok(Context {
            caller: *caller,
            now,
            happened_at: request.happened_at.unwrap_or(now),
            command_id: request.command_id.unwrap_or_else(|| CommandId(self.ids.next())),
            fingerprint: request.fingerprint(caller.tenant)?,
            correlation: request.correlation.unwrap_or_else(|| self.ids.next()),
            causation: request.causation,
            traceparent: request.traceparent.clone(),
            facts: Facts::default(),
        })
    }
}

impl<E: Refusal> From<E> for RunError {
    fn from(refusal: E) -> Self {
        Self::Rejected(Box::new(refusal))
    }
}
