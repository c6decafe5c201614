//! What happened, in one plain English sentence. Other languages start from the event type and the changes.

use domain::calendars::calendar::CalendarEvent;
use domain::catalog::Event;
use domain::jobs::job::JobEvent;
use domain::jobs::operation::{OperationNumber, Phase, WorkFigures};
use domain::kernel::{ActorId, CalendarId, Interval, MachineId, OperatorId, StreamId, Timestamp, WorkCenterId};
use domain::machines::machine::MachineEvent;
use domain::machines::tool::ToolEvent;
use domain::machines::work_center::WorkCenterEvent;
use domain::tenancy::company::CompanyEvent;
use domain::tenancy::feeds::FeedOf;
use domain::workforce::operator::{OperatorEvent, WayIn};
use jiff::tz::TimeZone;

use super::{people, plan, scenario};
use crate::labels::{Labels, Thing};

/// What a sentence may look up.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// What things are called.
    pub labels: &'a Labels,
    /// In which zone instants are told.
    pub zone: &'a TimeZone,
}

/// The sentence that tells of an event: without who did it and when, which stand beside it.
pub fn sentence(subject: StreamId, event: &Event, reader: Reader<'_>) -> String {
    let name = reader.name(subject.into());
    match event {
        Event::Company(event) => company(event, reader),
        Event::WorkCenter(event) => work_center(event, &name, reader),
        Event::Machine(event) => machine(event, &name, reader),
        Event::Operator(event) => operator(event, &name, reader),
        Event::Job(event) => job(event, &name, reader),
        Event::Roster(event) => people::roster(event, reader),
        Event::Account(event) => people::account(event, &name),
        Event::Session(event) => people::session(event, reader),
        Event::ApiToken(event) => people::api_token(event),
        Event::Calendar(event) => calendar(event, &name),
        Event::Plan(event) => plan::sentence(event, reader),
        Event::Scenario(event) => scenario::sentence(event, &name, reader),
        Event::Tool(event) => tool(event, &name),
    }
}

/// Everything that a sentence about this event names.
pub fn mentions(subject: StreamId, event: &Event) -> Vec<Thing> {
    let mut things = vec![Thing::from(subject)];
    things.extend(super::changes(event).into_iter().flat_map(|change| [change.before, change.after]).filter_map(
        |said| match said {
            Some(super::Said::Thing(thing)) => Some(thing),
            Some(super::Said::Actor(actor)) => Some(Thing::Member(actor)),
            _ => None,
        },
    ));
    things
}

impl Reader<'_> {
    pub(super) fn name(self, thing: Thing) -> String {
        let label = self.labels.get(thing).unwrap_or("(unknown)");
        match thing {
            Thing::Company => "the company".to_owned(),
            Thing::WorkCenter(_) | Thing::Operator(_) => label.to_owned(),
            Thing::Machine(_) => format!("machine {label}"),
            Thing::Calendar(_) => format!("calendar {label}"),
            Thing::Plan => "the plan".to_owned(),
            Thing::Scenario(_) => format!("what-if {label}"),
            Thing::Tool(_) => format!("tool {label}"),
            Thing::Job(_) => format!("job {label}"),
            Thing::Member(_) => self.labels.get(thing).unwrap_or("a member").to_owned(),
            Thing::Session(_) => "a session".to_owned(),
            Thing::ApiToken(_) => "an API token".to_owned(),
        }
    }

    pub(super) fn member(self, id: ActorId) -> String {
        capital(&self.name(Thing::Member(id)))
    }

    fn operator(self, id: OperatorId) -> String {
        self.name(Thing::Operator(id))
    }

    fn place(self, id: WorkCenterId) -> String {
        self.name(Thing::WorkCenter(id))
    }

    pub(super) fn on(self, machine: Option<MachineId>) -> String {
        machine.map(|id| format!(" on {}", self.name(Thing::Machine(id)))).unwrap_or_default()
    }

    fn fed(self, of: FeedOf) -> String {
        match of {
            FeedOf::Machine(machine) => self.name(Thing::Machine(machine)),
            FeedOf::Operator(operator) => self.operator(operator),
        }
    }

    fn hours(self, id: CalendarId) -> String {
        self.name(Thing::Calendar(id))
    }

    fn between(self, interval: Interval) -> String {
        format!("from {} to {}", self.clock(interval.from), self.clock(interval.until))
    }

    fn day(self, instant: Timestamp) -> String {
        instant.to_jiff().to_zoned(self.zone.clone()).date().to_string()
    }

    pub(super) fn clock(self, instant: Timestamp) -> String {
        instant.to_jiff().to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }
}

fn company(event: &CompanyEvent, reader: Reader<'_>) -> String {
    match event {
        CompanyEvent::Opened { name, zone, .. } => format!("{name} was set up in the time zone {zone}"),
        CompanyEvent::Renamed { was, name } => format!("{was} is now called {name}"),
        CompanyEvent::ZoneChanged { was, zone } => format!("The time zone was changed from {was} to {zone}"),
        CompanyEvent::PoliciesChanged { .. } => "The policies were changed".to_owned(),
        CompanyEvent::ProfileChanged { .. } => "Country or language of the company was changed".to_owned(),
        CompanyEvent::SecurityChanged { .. } => "Who is let in was changed".to_owned(),
        CompanyEvent::CalendarSet { calendar: Some(id), .. } => format!("The company works by {}", reader.hours(*id)),
        CompanyEvent::CalendarSet { calendar: None, .. } => "The company works by no calendar any more".to_owned(),
        CompanyEvent::FeedMade { of, .. } => format!("A calendar feed of {} was made", reader.fed(*of)),
        CompanyEvent::FeedRevoked { of, .. } => format!("A calendar feed of {} was revoked", reader.fed(*of)),
        CompanyEvent::TerminalPaired { name, .. } => format!("The terminal {name} was paired"),
        CompanyEvent::TerminalRevoked { name, .. } => format!("The terminal {name} was revoked"),
    }
}

fn work_center(event: &WorkCenterEvent, label: &str, reader: Reader<'_>) -> String {
    match event {
        WorkCenterEvent::Created { code, name, .. } => format!("Work center {code} ({name}) was set up"),
        WorkCenterEvent::Renamed { name, .. } => format!("Work center {label} is now called {name}"),
        WorkCenterEvent::Moved { area: Some(area), .. } => format!("Work center {label} was moved to {area}"),
        WorkCenterEvent::Moved { area: None, .. } => format!("Work center {label} belongs to no area any more"),
        WorkCenterEvent::CalendarSet { calendar: Some(id), .. } => {
            format!("Work center {label} works by {}", reader.hours(*id))
        }
        WorkCenterEvent::CalendarSet { calendar: None, .. } => format!("Work center {label} works as the company does"),
        WorkCenterEvent::ChangeoversSet { .. } => format!("The changeovers of work center {label} were set"),
        WorkCenterEvent::Retired { reason } => format!("Work center {label} was taken out of use: {reason}"),
    }
}

fn tool(event: &ToolEvent, label: &str) -> String {
    let subject = capital(label);
    match event {
        ToolEvent::Registered { code, name, count } => {
            format!("Tool {code} ({name}) was set up: there are {count} of it")
        }
        ToolEvent::Renamed { name, .. } => format!("{subject} is now called {name}"),
        ToolEvent::Counted { was, count } => format!("Of {label} there are {count} now, instead of {was}"),
        ToolEvent::Retired { reason } => format!("{subject} was taken out of use: {reason}"),
        ToolEvent::BroughtBack {} => format!("{subject} is in use again"),
    }
}

fn calendar(event: &CalendarEvent, label: &str) -> String {
    let subject = capital(label);
    let days = |count: usize| if count == 1 { "one day".to_owned() } else { format!("{count} days") };
    match event {
        CalendarEvent::Created { code, name, .. } => format!("Calendar {code} ({name}) was set up"),
        CalendarEvent::Renamed { name, .. } => format!("{subject} is now called {name}"),
        CalendarEvent::ZoneSet { zone: Some(zone), .. } => format!("{subject} follows the clocks of {zone}"),
        CalendarEvent::ZoneSet { zone: None, .. } => format!("{subject} follows the clocks of the company"),
        CalendarEvent::ShiftsSet { .. } => format!("The shifts of {label} were changed"),
        CalendarEvent::DaysSet { days: set } => format!("The hours of {} in {label} were changed", days(set.len())),
        CalendarEvent::DaysCleared { dates } => {
            format!("{} in {label} went back to the usual shifts", capital(&days(dates.len())))
        }
        CalendarEvent::Retired { reason } => format!("{subject} was taken out of use: {reason}"),
    }
}

fn machine(event: &MachineEvent, label: &str, reader: Reader<'_>) -> String {
    let subject = capital(label);
    match event {
        MachineEvent::Registered { code, name, work_center, .. } => {
            format!("Machine {code} ({name}) was set up at {}", reader.place(*work_center))
        }
        MachineEvent::Renamed { name, .. } => format!("{subject} is now called {name}"),
        MachineEvent::Moved { was, work_center } => {
            format!("{subject} was moved from {} to {}", reader.place(*was), reader.place(*work_center))
        }
        MachineEvent::Rated { .. } => format!("Capacity, speed or cost of {label} was changed"),
        MachineEvent::StatusChanged { status, reason, .. } => {
            let why = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("{subject} is {}{why}", crate::machine_board::status_name(*status))
        }
        MachineEvent::CalendarSet { calendar: Some(id), .. } => format!("{subject} works by {}", reader.hours(*id)),
        MachineEvent::CalendarSet { calendar: None, .. } => format!("{subject} works as its work center does"),
        MachineEvent::MaintenancePlanned { maintenance, .. } => {
            format!("Maintenance of {label} is planned {}: {}", reader.between(maintenance.when), maintenance.reason)
        }
        MachineEvent::MaintenanceChanged { maintenance, .. } => {
            format!(
                "Maintenance of {label} is now planned {}: {}",
                reader.between(maintenance.when),
                maintenance.reason
            )
        }
        MachineEvent::MaintenanceCancelled { was, reason, .. } => {
            format!("The maintenance of {label} {} was cancelled: {reason}", reader.between(was.when))
        }
    }
}

fn operator(event: &OperatorEvent, label: &str, reader: Reader<'_>) -> String {
    match event {
        OperatorEvent::Registered { code, .. } => format!("Operator {code} was set up"),
        OperatorEvent::Renamed { .. } => format!("The name of {label} was corrected"),
        OperatorEvent::SkillGranted { grant, .. } => format!("{label} has {} at level {}", grant.skill, grant.level),
        OperatorEvent::SkillRevoked { was } => format!("{label} has {} no more", was.skill),
        OperatorEvent::Deactivated { reason } => format!("{label} does not work here any more: {reason}"),
        OperatorEvent::Reactivated {} => format!("{label} works here again"),
        OperatorEvent::CalendarSet { calendar: Some(id), .. } => format!("{label} works by {}", reader.hours(*id)),
        OperatorEvent::CalendarSet { calendar: None, .. } => format!("{label} works as the company does"),
        OperatorEvent::AbsenceAdded { absence, .. } => format!("{label} is absent {}", reader.between(absence.when)),
        OperatorEvent::AbsenceChanged { absence, .. } => {
            format!("{label} is now absent {}", reader.between(absence.when))
        }
        OperatorEvent::AbsenceRemoved { was, .. } => format!("{label} is not absent {}", reader.between(was.when)),
        OperatorEvent::WayInSet { way: WayIn::Pin } => format!("{label} has a new PIN for terminals"),
        OperatorEvent::WayInSet { way: WayIn::Badge } => format!("{label} has a new badge for terminals"),
        OperatorEvent::WayInRemoved { way: WayIn::Pin } => format!("{label} has no PIN for terminals any more"),
        OperatorEvent::WayInRemoved { way: WayIn::Badge } => format!("{label} has no badge for terminals any more"),
    }
}

fn job(event: &JobEvent, label: &str, reader: Reader<'_>) -> String {
    let subject = capital(label);
    match event {
        JobEvent::Created { number, operations, .. } => {
            format!("Job {number} was taken on with {}", counted(operations.len(), "operation"))
        }
        JobEvent::Revised { .. } => format!("The details of {label} were changed"),
        JobEvent::Promised { was: Some(was), due } => {
            format!("{subject} is promised for {} instead of {}", reader.day(*due), reader.day(*was))
        }
        JobEvent::Promised { was: None, due } => format!("{subject} is promised for {}", reader.day(*due)),
        JobEvent::OperationAdded { operation } => {
            format!("Operation {} ({}) was added to {label}", operation.number.0, operation.name)
        }
        JobEvent::OperationRemoved { operation } => {
            format!("Operation {} ({}) was removed from {label}", operation.number.0, operation.name)
        }
        JobEvent::Scheduled { .. } => format!("{subject} was planned"),
        JobEvent::Unscheduled { .. } => format!("{subject} was taken out of the plan"),
        JobEvent::Paused { reason, .. } => format!("{subject} was paused: {reason}"),
        JobEvent::Blocked { reason, .. } => format!("{subject} is blocked: {reason}"),
        JobEvent::Resumed { .. } => format!("{subject} goes on"),
        JobEvent::Completed { .. } => format!("{subject} is completed"),
        JobEvent::Cancelled { reason, .. } => format!("{subject} was cancelled: {reason}"),
        JobEvent::Reopened { reason, .. } => format!("{subject} was taken up again: {reason}"),
        _ => floor(event, label, reader),
    }
}

/// What happens to an operation on the floor.
fn floor(event: &JobEvent, label: &str, reader: Reader<'_>) -> String {
    let of = |operation: &OperationNumber| format!("operation {} of {label}", operation.0);
    match event {
        JobEvent::OperatorAssigned { operation, operator } => {
            format!("{} was put on {}", reader.operator(*operator), of(operation))
        }
        JobEvent::OperatorUnassigned { operation, operator } => {
            format!("{} was taken off {}", reader.operator(*operator), of(operation))
        }
        JobEvent::OperationStarted { operation, operator, machine, phase, .. } => {
            let (who, on) = (reader.operator(*operator), reader.on(*machine));
            let verb = if *phase == Phase::Setup { "began to set up" } else { "began to run" };
            format!("{who} {verb} {}{on}", of(operation))
        }
        JobEvent::OperationPaused { operation, operator, reason, .. } => {
            format!("{} stopped for a while on {}: {reason}", reader.operator(*operator), of(operation))
        }
        JobEvent::OperationResumed { operation, operator, machine, .. } => {
            format!("{} went on with {}{}", reader.operator(*operator), of(operation), reader.on(*machine))
        }
        JobEvent::WorkReported(report) => {
            let figures = &report.figures;
            let (who, phase) = (reader.operator(figures.operator), super::phase_name(figures.phase));
            let (what, on) = (of(&report.operation), reader.on(figures.machine));
            format!("{who} reported {phase} on {what}{on}: {}", worked(figures, reader))
        }
        JobEvent::ReportCorrected { operation, figures, reason, .. } => {
            let (who, phase) = (reader.operator(figures.operator), super::phase_name(figures.phase));
            let right = worked(figures, reader);
            format!("A report on {} was corrected to {who}, {phase}, {right}: {reason}", of(operation))
        }
        JobEvent::OperationFinished { operation, operator: Some(operator), .. } => {
            format!("{} finished {}", reader.operator(*operator), of(operation))
        }
        JobEvent::OperationFinished { operation, .. } => format!("{} is finished", capital(&of(operation))),
        _ => andon(event, label, reader),
    }
}

/// What happens to a call for help.
fn andon(event: &JobEvent, label: &str, reader: Reader<'_>) -> String {
    let of = |operation: &OperationNumber| format!("operation {} of {label}", operation.0);
    match event {
        JobEvent::AndonCalled { operation, machine, reason, .. } => {
            format!("Help was called on {}{}: {reason}", of(operation), reader.on(*machine))
        }
        JobEvent::AndonAnswered { operation, .. } => format!("The call for help on {} was answered", of(operation)),
        JobEvent::AndonEscalated { operation, called_at, .. } => {
            let since = reader.clock(*called_at);
            format!("Nobody answered the call for help on {} since {since}: it escalated", of(operation))
        }
        JobEvent::AndonEnded { operation, remedy: Some(remedy), .. } => {
            format!("The call for help on {} is over: {remedy}", of(operation))
        }
        JobEvent::AndonEnded { operation, .. } => format!("The call for help on {} is over", of(operation)),
        _ => format!("{} changed", capital(label)),
    }
}

fn worked(figures: &WorkFigures, reader: Reader<'_>) -> String {
    let made = figures.quantities;
    let amounts = [("good", made.good), ("scrap", made.scrap), ("reworked", made.rework), ("held", made.held)];
    let mut parts: Vec<String> = amounts
        .into_iter()
        .filter(|(_, amount)| !amount.is_zero())
        .map(|(kind, amount)| format!("{amount} {kind}"))
        .collect();
    parts.insert(0, format!("{} to {}", reader.clock(figures.start), reader.clock(figures.end)));
    parts.join(", ")
}

pub(super) fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("one {thing}") } else { format!("{count} {thing}s") }
}

pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
