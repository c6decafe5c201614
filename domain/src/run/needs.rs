//! Which facts of other streams each decision needs. Exhaustive: a new command says what it depends on.

use serde::Serialize;

use super::cache::{Cache, Shelves};
use super::snapshot::Form;
use crate::calendars::calendar::{Calendar, CalendarCommand, CalendarState};
use crate::catalog::Catalogued;
use crate::identity::account::{Account, AccountCommand, AccountState};
use crate::identity::api_token::{ApiToken, ApiTokenCommand, ApiTokenState};
use crate::identity::session::{Session, SessionCommand, SessionState};
use crate::jobs::job::{BlockCause, Job, JobCommand, JobState};
use crate::jobs::operation::{OperationNumber, OperationPlan};
use crate::kernel::{CalendarId, Decider, JobId, MachineId, OperatorId, PersonalSlot, ToolId, WorkCenterId};
use crate::machines::machine::{Machine, MachineCommand, MachineState};
use crate::machines::tool::{Tool, ToolCommand, ToolState};
use crate::machines::work_center::{WorkCenter, WorkCenterCommand, WorkCenterState};
use crate::scheduling::placement::{OperationRef, Placement};
use crate::scheduling::scenario::{Assumption, Scenario, ScenarioCommand, ScenarioState};
use crate::scheduling::site_plan::{MOST_BY_HAND, PlanCommand, PlanState, SitePlan};
use crate::tenancy::company::{Company, CompanyCommand, CompanyState};
use crate::tenancy::feeds::{FeedCommand, FeedOf};
use crate::tenancy::roster::{Roster, RosterCommand, RosterState};
use crate::workforce::operator::{Operator, OperatorCommand, OperatorState};

/// What is looked up before a decision.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    pub(super) policies: bool,
    pub(super) operator: Option<OperatorId>,
    pub(super) machine: Option<MachineId>,
    /// Must be there and in use.
    pub(super) work_centers: Vec<WorkCenterId>,
    /// Must be there and in use.
    pub(super) machines: Vec<MachineId>,
    /// Must be there and work here now.
    pub(super) operators: Vec<OperatorId>,
    /// Where has the plan this operation of the job that is asked?
    pub(super) placement: Option<OperationNumber>,
    /// How far are they? Sorted, none twice.
    pub(super) operations: Vec<OperationRef>,
    /// Must be there.
    pub(super) jobs: Vec<JobId>,
    /// Tools that must have been set up.
    pub(super) tools: Vec<ToolId>,
    /// Must be there and in use.
    pub(super) calendar: Option<CalendarId>,
}

/// A decider that `run` can run.
pub(super) trait Runnable: Decider<Event: Catalogued, Command: Serialize> {
    /// Where its states are kept.
    fn shelf(shelves: &Shelves) -> &Cache<Self>
    where
        Self: Sized;

    /// The personal values that a command carries, as they are sealed. Its fingerprint leaves them out: it outlives their keys.
    fn personal(_command: &Self::Command) -> Vec<Vec<u8>> {
        Vec::new()
    }

    /// How its states are kept; `None` where streams stay short, or a state holds personal data.
    fn snapshots() -> Option<Form<Self::State>> {
        None
    }

    /// What this decision looks at besides the state.
    fn needs(state: &Self::State, command: &Self::Command) -> Needs;
}

impl Runnable for Company {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.companies
    }

    fn needs(state: &CompanyState, command: &CompanyCommand) -> Needs {
        match command {
            CompanyCommand::Open { .. }
            | CompanyCommand::Rename(_)
            | CompanyCommand::SetZone(_)
            | CompanyCommand::SetWorkOverlap(_)
            | CompanyCommand::SetAndonEscalation(_)
            | CompanyCommand::SetProfile(_)
            | CompanyCommand::SetSecurity(_)
            | CompanyCommand::PairTerminal(..)
            | CompanyCommand::RevokeTerminal(_) => Needs::default(),
            CompanyCommand::SetCalendar(calendar) => Needs { calendar: *calendar, ..Needs::default() },
            CompanyCommand::Feed(command) => feed(state, *command),
        }
    }
}

impl Runnable for WorkCenter {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.work_centers
    }

    fn needs(_: &WorkCenterState, command: &WorkCenterCommand) -> Needs {
        match command {
            WorkCenterCommand::Create { .. }
            | WorkCenterCommand::Rename(_)
            | WorkCenterCommand::Move(_)
            | WorkCenterCommand::SetChangeovers(_)
            | WorkCenterCommand::Retire(_) => Needs::default(),
            WorkCenterCommand::SetCalendar(calendar) => Needs { calendar: *calendar, ..Needs::default() },
        }
    }
}

impl Runnable for Calendar {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.calendars
    }

    fn needs(_: &CalendarState, _: &CalendarCommand) -> Needs {
        Needs::default()
    }
}

impl Runnable for Tool {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.tools
    }

    fn needs(_: &ToolState, _: &ToolCommand) -> Needs {
        Needs::default()
    }
}

impl Runnable for Machine {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.machines
    }

    fn snapshots() -> Option<Form<MachineState>> {
        Some(Form::json(Self::STATE_FORM))
    }

    fn needs(_: &MachineState, command: &MachineCommand) -> Needs {
        match command {
            MachineCommand::Register { work_center, .. } | MachineCommand::MoveTo(work_center) => {
                Needs { work_centers: vec![*work_center], ..Needs::default() }
            }
            MachineCommand::SetCalendar(calendar) => Needs { calendar: *calendar, ..Needs::default() },
            MachineCommand::Rename(_)
            | MachineCommand::Rate(_)
            | MachineCommand::ChangeStatus { .. }
            | MachineCommand::Maintain(_) => Needs::default(),
        }
    }
}

impl Runnable for Operator {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.operators
    }

    fn personal(command: &OperatorCommand) -> Vec<Vec<u8>> {
        let (OperatorCommand::Register { name: Some(name), .. } | OperatorCommand::Rename(name)) = command else {
            return Vec::new();
        };
        name.clear_bytes().into_iter().map(|(.., bytes)| bytes).collect()
    }

    fn needs(_: &OperatorState, command: &OperatorCommand) -> Needs {
        match command {
            OperatorCommand::Register { .. }
            | OperatorCommand::Rename(_)
            | OperatorCommand::GrantSkill(_)
            | OperatorCommand::RevokeSkill(_)
            | OperatorCommand::Deactivate(_)
            | OperatorCommand::Reactivate
            | OperatorCommand::Absence(_)
            | OperatorCommand::WayIn(..) => Needs::default(),
            OperatorCommand::SetCalendar(calendar) => Needs { calendar: *calendar, ..Needs::default() },
        }
    }
}

impl Runnable for Job {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.jobs
    }

    fn snapshots() -> Option<Form<JobState>> {
        Some(Form::json(Self::STATE_FORM))
    }

    fn needs(state: &JobState, command: &JobCommand) -> Needs {
        let none = Needs::default();
        match command {
            JobCommand::Create { operations, .. } => Needs { work_centers: work_centers(operations), ..none },
            JobCommand::AddOperation(plan) => Needs { work_centers: work_centers(std::slice::from_ref(plan)), ..none },
            JobCommand::AssignOperator(operation, operator) => {
                Needs { operator: Some(*operator), placement: Some(*operation), ..none }
            }
            JobCommand::StartOperation { operator, machine, .. } => {
                Needs { policies: true, operator: Some(*operator), machine: *machine, ..none }
            }
            JobCommand::ResumeOperation(operation, operator) => Needs {
                policies: true,
                operator: Some(*operator),
                machine: state.machine_of(*operation, *operator),
                ..none
            },
            JobCommand::FinishOperation { operator, .. } => Needs { operator: *operator, ..none },
            JobCommand::ReportWork { figures, .. } | JobCommand::CorrectReport { figures, .. } => {
                Needs { policies: true, operator: Some(figures.operator), machine: figures.machine, ..none }
            }
            JobCommand::Block { cause: BlockCause::Machine(machine), .. } => Needs { machine: Some(*machine), ..none },
            JobCommand::Block { cause: BlockCause::Person(operator), .. } => {
                Needs { operator: Some(*operator), ..none }
            }
            JobCommand::CallAndon { machine, cause, .. } => Needs {
                policies: true,
                machine: cause.machine(),
                machines: machine.iter().copied().collect(),
                operator: if let BlockCause::Person(operator) = cause { Some(*operator) } else { None },
                ..none
            },
            JobCommand::Block { cause: BlockCause::Material(_) | BlockCause::Quality | BlockCause::Other, .. }
            | JobCommand::Revise(_)
            | JobCommand::Promise(_)
            | JobCommand::RemoveOperation(_)
            | JobCommand::UnassignOperator(..)
            | JobCommand::PauseOperation { .. }
            | JobCommand::ReportQuantity { .. }
            | JobCommand::AnswerAndon(..)
            | JobCommand::EscalateAndon(..)
            | JobCommand::EndAndon { .. }
            | JobCommand::Pause(_)
            | JobCommand::Resume
            | JobCommand::Complete
            | JobCommand::Cancel(_)
            | JobCommand::Reopen(_) => none,
        }
    }
}

impl Runnable for SitePlan {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.plans
    }

    fn snapshots() -> Option<Form<PlanState>> {
        Some(Form::json(Self::STATE_FORM))
    }

    /// What the optimiser asks was checked against the whole shop.
    fn needs(state: &PlanState, command: &PlanCommand) -> Needs {
        let none = Needs::default();
        match command {
            PlanCommand::Move { placements, .. } if placements.len() <= MOST_BY_HAND => Needs {
                machines: distinct(placements.iter().filter_map(|placement| placement.machine).collect()),
                operators: distinct(placements.iter().filter_map(|placement| placement.operator).collect()),
                operations: named(placements.iter().map(Placement::of)),
                ..none
            },
            PlanCommand::TakeOut { operations, .. } | PlanCommand::Pin { operations, .. }
                if operations.len() <= MOST_BY_HAND =>
            {
                Needs { operations: named(operations.iter().copied()), ..none }
            }
            PlanCommand::TakeOutJob { job, .. } => Needs { operations: state.of_job(*job).collect(), ..none },
            PlanCommand::Undo { change, .. } => {
                let back = || state.undone_by(*change).filter_map(|moved| moved.was);
                Needs {
                    machines: distinct(back().filter_map(|was| was.machine).collect()),
                    operators: distinct(back().filter_map(|was| was.operator).collect()),
                    operations: named(state.undone_by(*change).map(|moved| moved.operation)),
                    ..none
                }
            }
            // Too many are refused whatever they are.
            PlanCommand::Move { .. }
            | PlanCommand::TakeOut { .. }
            | PlanCommand::Pin { .. }
            | PlanCommand::Publish { .. }
            | PlanCommand::Follow { .. }
            | PlanCommand::Unpin(_)
            | PlanCommand::SetPolicies(_) => none,
        }
    }
}

impl Runnable for Scenario {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.scenarios
    }

    /// What is assumed is assumed of something. Whether what is placed can be is seen when it is planned: it is no promise.
    fn needs(_: &ScenarioState, command: &ScenarioCommand) -> Needs {
        let none = Needs::default();
        let ScenarioCommand::Assume(_, assumed) = command else { return none };
        match *assumed {
            Assumption::MachineOut { machine, .. } | Assumption::MachineOpen { machine, .. } => {
                Needs { machines: vec![machine], ..none }
            }
            Assumption::OperatorOut { operator, .. } | Assumption::OperatorAtWork { operator, .. } => {
                Needs { operators: vec![operator], ..none }
            }
            Assumption::JobDue { job, .. } | Assumption::JobLeftOut { job } => Needs { jobs: vec![job], ..none },
            Assumption::ToolCount { tool, .. } => Needs { tools: vec![tool], ..none },
        }
    }
}

impl Runnable for Roster {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.rosters
    }

    fn personal(command: &RosterCommand) -> Vec<Vec<u8>> {
        let RosterCommand::Invite { email, .. } = command else { return Vec::new() };
        email.clear_bytes().into_iter().map(|(.., bytes)| bytes).collect()
    }

    fn needs(_: &RosterState, _: &RosterCommand) -> Needs {
        Needs::default()
    }
}

impl Runnable for Account {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.accounts
    }

    fn personal(command: &AccountCommand) -> Vec<Vec<u8>> {
        command.personal()
    }

    fn needs(_: &AccountState, _: &AccountCommand) -> Needs {
        Needs::default()
    }
}

impl Runnable for Session {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.sessions
    }

    fn personal(command: &SessionCommand) -> Vec<Vec<u8>> {
        let SessionCommand::Open(sign_in) = command else { return Vec::new() };
        sign_in.address.clear_bytes().into_iter().map(|(.., bytes)| bytes).collect()
    }

    fn needs(_: &SessionState, _: &SessionCommand) -> Needs {
        Needs::default()
    }
}

impl Runnable for ApiToken {
    fn shelf(shelves: &Shelves) -> &Cache<Self> {
        &shelves.api_tokens
    }

    fn needs(_: &ApiTokenState, _: &ApiTokenCommand) -> Needs {
        Needs::default()
    }
}

fn feed(state: &CompanyState, command: FeedCommand) -> Needs {
    let none = Needs::default();
    match command {
        FeedCommand::Make { of: FeedOf::Machine(machine), .. } => Needs { machine: Some(machine), ..none },
        FeedCommand::Make { of: FeedOf::Operator(operator), .. } | FeedCommand::MakeOwn { operator, .. } => {
            Needs { operator: Some(operator), ..none }
        }
        FeedCommand::RevokeOwn(feed) => {
            Needs { operator: state.feeds().and_then(|feeds| feeds.operator_of(feed)), ..none }
        }
        FeedCommand::Revoke(_) => none,
    }
}

fn work_centers(plans: &[OperationPlan]) -> Vec<WorkCenterId> {
    let alternatives = plans.iter().flat_map(|plan| &plan.alternatives).map(|alternative| alternative.work_center);
    distinct(plans.iter().map(|plan| plan.work_center).chain(alternatives).collect())
}

fn named(operations: impl Iterator<Item = OperationRef>) -> Vec<OperationRef> {
    distinct(operations.collect())
}

fn distinct<T: Ord>(mut ids: Vec<T>) -> Vec<T> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
