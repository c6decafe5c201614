//! What an event changed, field by field, before and after. Fields are named as in the API.

use domain::calendars::calendar::CalendarEvent;
use domain::catalog::Event;
use domain::jobs::job::{JobDetails, JobEvent, JobStatus};
use domain::jobs::operation::{OperationNumber, OperationPlan, PlannedWindow, WorkFigures, WorkReport};
use domain::machines::machine::{MachineEvent, MachineRating};
use domain::machines::maintenance::Maintenance;
use domain::machines::tool::ToolEvent;
use domain::machines::work_center::{Reason, WorkCenterEvent};
use domain::tenancy::company::CompanyEvent;
use domain::tenancy::feeds::FeedOf;
use domain::workforce::absence::Absence;
use domain::workforce::operator::{OperatorEvent, SkillGrant};

use super::said::{Nothing, Said, Say};
use super::{people, plan, scenario};

/// One field that an event changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The field, in the API's camelCase.
    pub field: &'static str,
    /// Of which operation of the job, where it is one's.
    pub operation: Option<OperationNumber>,
    /// What it was; `None` where it was nothing or is not known.
    pub before: Option<Said>,
    /// What it is; `None` where it is nothing.
    pub after: Option<Said>,
}

/// The fields that this event changed.
pub fn changes(event: &Event) -> Vec<Change> {
    let mut told = Told::default();
    match event {
        Event::Company(event) => company(&mut told, event),
        Event::WorkCenter(event) => work_center(&mut told, event),
        Event::Machine(event) => machine(&mut told, event),
        Event::Operator(event) => operator(&mut told, event),
        Event::Job(event) => job(&mut told, event),
        Event::Roster(event) => people::roster_changes(&mut told, event),
        Event::Account(event) => people::account_changes(&mut told, event),
        Event::Session(event) => people::session_changes(&mut told, event),
        Event::ApiToken(event) => people::api_token_changes(&mut told, event),
        Event::Calendar(event) => calendar(&mut told, event),
        Event::Plan(event) => plan::changes(&mut told, event),
        Event::Scenario(event) => scenario::changes(&mut told, event),
        Event::Tool(event) => tool(&mut told, event),
    }
    told.changes
}

/// Changes while they are being put together.
#[derive(Default)]
pub(super) struct Told {
    changes: Vec<Change>,
    operation: Option<OperationNumber>,
}

impl Told {
    /// `field` went from one value to another; nothing is said where they are equal.
    pub(super) fn turned(&mut self, field: &'static str, was: &dyn Say, is: &dyn Say) {
        let (before, after) = (was.say(), is.say());
        if before != after {
            self.changes.push(Change { field, operation: self.operation, before, after });
        }
    }

    pub(super) fn set(&mut self, field: &'static str, is: &dyn Say) {
        self.turned(field, &Nothing, is);
    }

    pub(super) fn unset(&mut self, field: &'static str, was: &dyn Say) {
        self.turned(field, was, &Nothing);
    }

    pub(super) fn of(&mut self, operation: OperationNumber) -> &mut Self {
        self.operation = Some(operation);
        self
    }

    /// What comes is of no operation.
    pub(super) const fn whole(&mut self) {
        self.operation = None;
    }
}

fn company(told: &mut Told, event: &CompanyEvent) {
    match event {
        CompanyEvent::Opened { name, zone, policies } => {
            told.set("name", name);
            told.set("zone", zone);
            told.set("workOverlap", &policies.work_overlap);
            told.set("andonEscalatesAfterMinutes", &policies.andon_escalates_after_minutes);
        }
        CompanyEvent::Renamed { was, name } => told.turned("name", was, name),
        CompanyEvent::ZoneChanged { was, zone } => told.turned("zone", was, zone),
        CompanyEvent::PoliciesChanged { was, policies } => {
            told.turned("workOverlap", &was.work_overlap, &policies.work_overlap);
            let minutes = [was, policies].map(|it| it.andon_escalates_after_minutes);
            told.turned("andonEscalatesAfterMinutes", &minutes[0], &minutes[1]);
        }
        CompanyEvent::ProfileChanged { was, profile } => {
            told.turned("country", &was.country, &profile.country);
            told.turned("language", &was.language, &profile.language);
        }
        CompanyEvent::SecurityChanged { was, security } => {
            told.turned("twoFactorRoles", &was.two_factor, &security.two_factor);
            told.turned("networks", &was.networks, &security.networks);
        }
        CompanyEvent::CalendarSet { was, calendar } => told.turned("calendar", was, calendar),
        CompanyEvent::FeedMade { of: FeedOf::Machine(machine), with_customers, .. } => {
            told.set("machine", machine);
            told.set("withCustomers", with_customers);
        }
        CompanyEvent::FeedMade { of: FeedOf::Operator(operator), with_customers, .. } => {
            told.set("operator", operator);
            told.set("withCustomers", with_customers);
        }
        CompanyEvent::FeedRevoked { of: FeedOf::Machine(machine), .. } => told.set("machine", machine),
        CompanyEvent::FeedRevoked { of: FeedOf::Operator(operator), .. } => told.set("operator", operator),
        CompanyEvent::TerminalPaired { name, .. } | CompanyEvent::TerminalRevoked { name, .. } => {
            told.set("terminal", name);
        }
    }
}

fn work_center(told: &mut Told, event: &WorkCenterEvent) {
    match event {
        WorkCenterEvent::Created { code, name, area } => {
            told.set("code", code);
            told.set("name", name);
            told.set("area", area);
        }
        WorkCenterEvent::Renamed { was, name } => told.turned("name", was, name),
        WorkCenterEvent::Moved { was, area } => told.turned("area", was, area),
        WorkCenterEvent::CalendarSet { was, calendar } => told.turned("calendar", was, calendar),
        WorkCenterEvent::ChangeoversSet { changeovers } => {
            told.set("defaultSeconds", &changeovers.default_seconds);
            told.set("changeovers", &changeovers.table.len());
        }
        WorkCenterEvent::Retired { reason } => {
            told.turned("retired", &false, &true);
            told.set("reason", reason);
        }
    }
}

fn calendar(told: &mut Told, event: &CalendarEvent) {
    match event {
        CalendarEvent::Created { code, name, zone, shifts } => {
            told.set("code", code);
            told.set("name", name);
            told.set("zone", zone);
            told.set("shifts", shifts);
        }
        CalendarEvent::Renamed { was, name } => told.turned("name", was, name),
        CalendarEvent::ZoneSet { was, zone } => told.turned("zone", was, zone),
        CalendarEvent::ShiftsSet { was, shifts } => told.turned("shifts", was, shifts),
        CalendarEvent::DaysSet { days } => told.set("days", days),
        CalendarEvent::DaysCleared { dates } => told.unset("days", dates),
        CalendarEvent::Retired { reason } => {
            told.turned("retired", &false, &true);
            told.set("reason", reason);
        }
    }
}

fn tool(told: &mut Told, event: &ToolEvent) {
    match event {
        ToolEvent::Registered { code, name, count } => {
            told.set("code", code);
            told.set("name", name);
            told.set("count", count);
        }
        ToolEvent::Renamed { was, name } => told.turned("name", was, name),
        ToolEvent::Counted { was, count } => told.turned("count", was, count),
        ToolEvent::Retired { reason } => {
            told.turned("retired", &false, &true);
            told.set("reason", reason);
        }
        ToolEvent::BroughtBack {} => told.turned("retired", &true, &false),
    }
}

fn machine(told: &mut Told, event: &MachineEvent) {
    match event {
        MachineEvent::Registered { code, name, work_center, rating } => {
            told.set("code", code);
            told.set("name", name);
            told.set("workCenter", work_center);
            rated(told, None, rating);
        }
        MachineEvent::Renamed { was, name } => told.turned("name", was, name),
        MachineEvent::Moved { was, work_center } => told.turned("workCenter", was, work_center),
        MachineEvent::Rated { was, rating } => rated(told, Some(was), rating),
        MachineEvent::StatusChanged { was, status, reason } => {
            told.turned("status", was, status);
            told.set("reason", reason);
        }
        MachineEvent::CalendarSet { was, calendar } => told.turned("calendar", was, calendar),
        MachineEvent::MaintenancePlanned { maintenance, .. } => maintained(told, None, Some(maintenance)),
        MachineEvent::MaintenanceChanged { was, maintenance, .. } => maintained(told, Some(was), Some(maintenance)),
        MachineEvent::MaintenanceCancelled { was, reason, .. } => {
            maintained(told, Some(was), None);
            told.set("reason", reason);
        }
    }
}

fn maintained(told: &mut Told, was: Option<&Maintenance>, is: Option<&Maintenance>) {
    told.turned("from", &was.map(|was| was.when.from), &is.map(|is| is.when.from));
    told.turned("until", &was.map(|was| was.when.until), &is.map(|is| is.when.until));
    told.turned("maintenance", &was.map(|was| was.reason.clone()), &is.map(|is| is.reason.clone()));
}

fn rated(told: &mut Told, was: Option<&MachineRating>, is: &MachineRating) {
    told.turned("capacity", &was.map(|was| was.capacity), &is.capacity);
    told.turned("speedPercent", &was.map(|was| was.speed_percent), &is.speed_percent);
    told.turned("hourlyCost", &was.and_then(|was| was.hourly_cost), &is.hourly_cost);
}

fn operator(told: &mut Told, event: &OperatorEvent) {
    match event {
        OperatorEvent::Registered { code, name, user } => {
            told.set("code", code);
            told.set("name", name);
            told.set("user", user);
        }
        OperatorEvent::Renamed { name } => told.set("name", name),
        OperatorEvent::SkillGranted { was, grant } => skill(told, was.as_ref(), Some(grant)),
        OperatorEvent::SkillRevoked { was } => skill(told, Some(was), None),
        OperatorEvent::Deactivated { reason } => {
            told.turned("active", &true, &false);
            told.set("reason", reason);
        }
        OperatorEvent::Reactivated {} => told.turned("active", &false, &true),
        OperatorEvent::CalendarSet { was, calendar } => told.turned("calendar", was, calendar),
        OperatorEvent::AbsenceAdded { absence, .. } => absent(told, None, Some(absence)),
        OperatorEvent::AbsenceChanged { was, absence, .. } => absent(told, Some(was), Some(absence)),
        OperatorEvent::AbsenceRemoved { was, .. } => absent(told, Some(was), None),
        OperatorEvent::WayInSet { way } | OperatorEvent::WayInRemoved { way } => told.set("way", way),
    }
}

fn absent(told: &mut Told, was: Option<&Absence>, is: Option<&Absence>) {
    told.turned("from", &was.map(|was| was.when.from), &is.map(|is| is.when.from));
    told.turned("until", &was.map(|was| was.when.until), &is.map(|is| is.when.until));
    told.turned("kind", &was.map(|was| was.kind), &is.map(|is| is.kind));
}

fn skill(told: &mut Told, was: Option<&SkillGrant>, is: Option<&SkillGrant>) {
    told.turned("skill", &was.map(|was| was.skill.clone()), &is.map(|is| is.skill.clone()));
    told.turned("level", &was.map(|was| was.level), &is.map(|is| is.level));
    told.turned("expires", &was.and_then(|was| was.expires), &is.and_then(|is| is.expires));
}

fn job(told: &mut Told, event: &JobEvent) {
    match event {
        JobEvent::Created { number, details, due, operations } => {
            told.set("number", number);
            detailed(told, None, details);
            told.set("due", due);
            for plan in operations {
                planned(told, plan, Told::set);
            }
        }
        JobEvent::Revised { was, details } => detailed(told, Some(was), details),
        JobEvent::Promised { was, due } => told.turned("promised", was, due),
        JobEvent::OperationAdded { operation } => planned(told, operation, Told::set),
        JobEvent::OperationRemoved { operation } => {
            planned(told, operation, Told::unset);
        }
        JobEvent::Scheduled { was, windows } => scheduled(told, was, windows),
        JobEvent::Unscheduled { was } => scheduled(told, was, &[]),
        JobEvent::OperatorAssigned { operation, operator } => told.of(*operation).set("assigned", operator),
        JobEvent::OperatorUnassigned { operation, operator } => told.of(*operation).unset("assigned", operator),
        JobEvent::Paused { was, reason } => status(told, *was, JobStatus::Paused, Some(reason)),
        JobEvent::Blocked { was, reason, cause } => {
            status(told, *was, JobStatus::Blocked, Some(reason));
            told.set("cause", cause);
        }
        JobEvent::Resumed { was, status: is } => status(told, *was, *is, None),
        JobEvent::Completed { was } => status(told, *was, JobStatus::Completed, None),
        JobEvent::Cancelled { was, reason, .. } => status(told, *was, JobStatus::Cancelled, Some(reason)),
        JobEvent::Reopened { was, status: is, reason, .. } => status(told, *was, *is, Some(reason)),
        _ => floor(told, event),
    }
}

/// What happens to an operation on the floor.
fn floor(told: &mut Told, event: &JobEvent) {
    match event {
        JobEvent::OperationStarted { operation, operator, machine, phase, was, .. } => {
            let told = told.of(*operation);
            told.turned("atWork", &was.map(|was| was.operator), operator);
            told.turned("machine", &was.and_then(|was| was.machine), machine);
            told.turned("phase", &was.map(|was| was.phase), phase);
        }
        JobEvent::OperationPaused { operation, operator, machine, reason, .. } => {
            let told = told.of(*operation);
            told.unset("atWork", operator);
            told.unset("machine", machine);
            told.set("reason", reason);
        }
        JobEvent::OperationResumed { operation, operator, machine, phase, .. } => {
            let told = told.of(*operation);
            told.set("atWork", operator);
            told.set("machine", machine);
            told.set("phase", phase);
        }
        JobEvent::WorkReported(WorkReport { operation, figures, overlap_reason, .. }) => {
            let told = told.of(*operation);
            reported(told, None, figures);
            told.set("overlapReason", overlap_reason);
        }
        JobEvent::ReportCorrected { operation, was, figures, reason, .. } => {
            let told = told.of(*operation);
            reported(told, Some(was), figures);
            told.set("reason", reason);
        }
        JobEvent::AndonCalled { operation, machine, reason, cause, escalates_at, .. } => {
            let told = told.of(*operation);
            told.set("machine", machine);
            told.set("reason", reason);
            told.set("cause", cause);
            told.set("escalatesAt", escalates_at);
        }
        JobEvent::AndonEnded { operation, remedy, .. } => told.of(*operation).set("remedy", remedy),
        JobEvent::OperationFinished { operation, operator, left, .. } => {
            let told = told.of(*operation);
            told.turned("finished", &false, &true);
            told.set("finishedBy", operator);
            for work in left {
                told.unset("atWork", &work.operator);
            }
        }
        _ => {}
    }
}

fn status(told: &mut Told, was: JobStatus, is: JobStatus, reason: Option<&Reason>) {
    told.turned("status", &was, &is);
    told.set("reason", &reason.cloned());
}

fn detailed(told: &mut Told, was: Option<&JobDetails>, is: &JobDetails) {
    told.turned("product", &was.and_then(|was| was.product.clone()), &is.product);
    told.turned("customer", &was.and_then(|was| was.customer.clone()), &is.customer);
    told.turned("quantity", &was.and_then(|was| was.quantity), &is.quantity);
    told.turned("unit", &was.map(|was| was.unit.clone()), &is.unit);
    told.turned("priority", &was.map(|was| was.priority), &is.priority);
    told.turned("release", &was.and_then(|was| was.release), &is.release);
    told.turned("notes", &was.and_then(|was| was.notes.clone()), &is.notes);
}

/// The facts of a plan that people look for; the whole plan is in the job's detail.
fn planned(told: &mut Told, plan: &OperationPlan, tell: fn(&mut Told, &'static str, &dyn Say)) {
    let told = told.of(plan.number);
    tell(told, "name", &plan.name);
    tell(told, "workCenter", &plan.work_center);
    tell(told, "setupSeconds", &Some(plan.setup_seconds).filter(|seconds| *seconds > 0));
    tell(told, "run", &plan.run);
    tell(told, "setupFamily", &plan.setup_family);
    tell(told, "skill", &plan.skill.as_ref().map(|need| need.skill.clone()));
}

fn scheduled(told: &mut Told, was: &[PlannedWindow], is: &[PlannedWindow]) {
    let mut operations: Vec<OperationNumber> = was.iter().chain(is).map(|window| window.operation).collect();
    operations.sort_unstable();
    operations.dedup();
    for operation in operations {
        let of = |windows: &[PlannedWindow]| windows.iter().find(|window| window.operation == operation).copied();
        let (was, is) = (of(was), of(is));
        let told = told.of(operation);
        told.turned("plannedStart", &was.map(|was| was.start), &is.map(|is| is.start));
        told.turned("plannedEnd", &was.map(|was| was.end), &is.map(|is| is.end));
        told.turned("machine", &was.and_then(|was| was.machine), &is.and_then(|is| is.machine));
    }
}

fn reported(told: &mut Told, was: Option<&WorkFigures>, is: &WorkFigures) {
    told.turned("operator", &was.map(|was| was.operator), &is.operator);
    told.turned("machine", &was.and_then(|was| was.machine), &is.machine);
    told.turned("phase", &was.map(|was| was.phase), &is.phase);
    told.turned("start", &was.map(|was| was.start), &is.start);
    told.turned("end", &was.map(|was| was.end), &is.end);
    let amounts = |figures: &WorkFigures| {
        let made = figures.quantities;
        [("good", made.good), ("scrap", made.scrap), ("rework", made.rework), ("held", made.held)]
    };
    let before = was.map(amounts);
    for (index, (field, amount)) in amounts(is).into_iter().enumerate() {
        let was = before.and_then(|amounts| amounts.get(index).map(|(_, amount)| *amount));
        told.turned(field, &was, &Some(amount).filter(|amount| was.is_some() || !amount.is_zero()));
    }
    told.turned("scrapReason", &was.and_then(|was| was.scrap_reason.clone()), &is.scrap_reason);
    told.turned("isRework", &was.is_some_and(|was| was.rework), &is.rework);
}
