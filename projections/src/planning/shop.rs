//! What planning looks at: machines, people, their hours, open work and where it is planned. Plain data, as it stood at one moment.

use std::collections::BTreeMap;

use domain::calendars::calendar::Rules;
use domain::jobs::job::{JobNumber, JobStatus};
use domain::jobs::operation::{OperationNumber, OperationPlan};
use domain::kernel::interval::Interval;
use domain::kernel::{CalendarId, JobId, MachineId, OperatorId, Quantity, Timestamp, ToolId, WorkCenterId};
use domain::machines::changeover::Changeovers;
use domain::machines::machine::{MachineCode, MachineRating, MachineStatus};
use domain::machines::tool::ToolCode;
use domain::machines::work_center::WorkCenterCode;
use domain::scheduling::placement::{OperationRef, Placement};
use domain::scheduling::site_plan::{Pin, PlanState};
use domain::workforce::operator::{OperatorCode, SkillGrant};
use jiff::tz::TimeZone;

use crate::at_work::WorkNow;
use crate::tally::Tally;

/// A shop and its open work.
#[derive(Debug, Clone)]
pub struct Shop {
    /// The company's zone: that of calendars that name none, and of days.
    pub zone: TimeZone,
    /// The company's hours, kept by whatever has none of its own; always open where there are none.
    pub calendar: Option<CalendarId>,
    /// Shift calendars.
    pub calendars: BTreeMap<CalendarId, Rules>,
    /// Work centers.
    pub work_centers: BTreeMap<WorkCenterId, WorkCenter>,
    /// Machines.
    pub machines: BTreeMap<MachineId, Machine>,
    /// People.
    pub operators: BTreeMap<OperatorId, Operator>,
    /// Tools that were set up.
    pub tools: BTreeMap<ToolCode, Tool>,
    /// The changeovers of work centers.
    pub changeovers: BTreeMap<WorkCenterId, Changeovers>,
    /// Jobs that are neither completed nor cancelled.
    pub jobs: BTreeMap<JobId, Job>,
    /// Where their operations are planned.
    pub plan: CurrentPlan,
}

/// Where operations are planned now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CurrentPlan {
    /// The plan's version.
    pub version: u64,
    /// Operations that have a place.
    pub placements: BTreeMap<OperationRef, Placement>,
    /// Operations that somebody has fixed where they are.
    pub pins: BTreeMap<OperationRef, Pin>,
}

/// A tool or fixture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// Identity.
    pub id: ToolId,
    /// How many there are: none while it is out of use.
    pub count: u16,
}

/// A work center.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkCenter {
    /// Its code.
    pub code: WorkCenterCode,
    /// Whether it is out of use.
    pub retired: bool,
    /// Its hours, kept by its machines that have none of their own.
    pub calendar: Option<CalendarId>,
}

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Which one.
    pub id: MachineId,
    /// Its code.
    pub code: MachineCode,
    /// Where it belongs.
    pub work_center: WorkCenterId,
    /// How many operations at once, how fast, at what cost.
    pub rating: MachineRating,
    /// What people said that it is doing.
    pub status: MachineStatus,
    /// Its own hours.
    pub calendar: Option<CalendarId>,
    /// When it is closed besides.
    pub maintenance: Vec<Interval>,
    /// When it is open besides.
    pub overtime: Vec<Interval>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Who.
    pub id: OperatorId,
    /// Their code.
    pub code: OperatorCode,
    /// Whether they work here now.
    pub active: bool,
    /// What they can do.
    pub skills: Vec<SkillGrant>,
    /// Their own hours.
    pub calendar: Option<CalendarId>,
    /// When they are away.
    pub absences: Vec<Interval>,
    /// When they are at work besides.
    pub overtime: Vec<Interval>,
}

/// An open job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Which.
    pub id: JobId,
    /// Its number.
    pub number: JobNumber,
    /// Where it is in its life.
    pub status: JobStatus,
    /// 1 (least) to 100 (most).
    pub priority: u8,
    /// How much.
    pub quantity: Option<Quantity>,
    /// Not to be started before.
    pub release: Option<Timestamp>,
    /// When it is wanted: the latest promise, else what the customer asked for.
    pub due: Option<Timestamp>,
    /// When it was taken on.
    pub created_at: Timestamp,
    /// Its operations, by number.
    pub operations: Vec<Operation>,
}

/// A step of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// What was planned for it.
    pub plan: OperationPlan,
    /// Who is to do it; nobody in particular where it is empty.
    pub assigned: Vec<OperatorId>,
    /// When work on it began.
    pub began_at: Option<Timestamp>,
    /// When it was finished.
    pub finished_at: Option<Timestamp>,
    /// Until when work on it is reported.
    pub worked_until: Option<Timestamp>,
    /// Who is at work on it now.
    pub at_work: Vec<WorkNow>,
    /// Whether somebody called for help, and nobody works on it until that is over.
    pub is_blocked: bool,
    /// What was made, and the time that took, as far as it is reported.
    pub made: Tally,
}

impl Shop {
    /// How many there are of a tool; one where nobody set it up.
    pub fn tools_of(&self, code: &ToolCode) -> u16 {
        self.tools.get(code).map_or(1, |tool| tool.count)
    }

    /// An operation and its job.
    pub fn operation(&self, operation: OperationRef) -> Option<(&Job, &Operation)> {
        let job = self.jobs.get(&operation.job)?;
        Some((job, job.operation(operation.operation)?))
    }

    /// Machines of a work center that work can be planned on, by code.
    pub fn machines_of(&self, work_center: WorkCenterId) -> Vec<&Machine> {
        let in_use = self.work_centers.get(&work_center).is_some_and(|it| !it.retired);
        let machines = self.machines.values().filter(|it| in_use && it.work_center == work_center && it.is_in_use());
        let mut machines: Vec<&Machine> = machines.collect();
        machines.sort_unstable_by(|one, other| one.code.cmp(&other.code));
        machines
    }

    /// Whether somebody has fixed an operation, and that still holds.
    pub fn is_pinned(&self, operation: OperationRef, now: Timestamp) -> bool {
        self.plan.pins.get(&operation).is_some_and(|pin| pin.holds(now))
    }
}

impl From<&PlanState> for CurrentPlan {
    fn from(plan: &PlanState) -> Self {
        Self {
            version: plan.version,
            placements: plan.placements().map(|placement| (placement.of(), *placement)).collect(),
            pins: plan.pins().map(|(operation, pin)| (operation, pin.clone())).collect(),
        }
    }
}

impl Machine {
    /// Whether work can be planned on it: it is not out of use for good.
    pub fn is_in_use(&self) -> bool {
        self.status != MachineStatus::Retired
    }
}

impl Job {
    /// The operation with this number.
    pub fn operation(&self, number: OperationNumber) -> Option<&Operation> {
        self.operations.iter().find(|it| it.plan.number == number)
    }

    /// One of its operations by its identity.
    pub const fn of(&self, operation: &Operation) -> OperationRef {
        OperationRef { job: self.id, operation: operation.plan.number }
    }

    /// Not before this may anything of it start: its release, or when it was taken on.
    pub fn released_at(&self, now: Timestamp) -> Timestamp {
        self.release.unwrap_or_else(|| self.created_at.min(now))
    }
}

impl Operation {
    /// Whether it is over.
    pub const fn is_finished(&self) -> bool {
        self.finished_at.is_some() && self.at_work.is_empty()
    }

    /// Whether somebody is at work on it now.
    pub const fn is_running(&self) -> bool {
        !self.at_work.is_empty()
    }

    /// Whether somebody has begun, and it is not over.
    pub const fn is_begun(&self) -> bool {
        self.is_running() || (self.began_at.is_some() && self.finished_at.is_none())
    }

    /// Whether it is done outside the house.
    pub const fn is_outside(&self) -> bool {
        self.plan.outside_lead_seconds.is_some()
    }
}
