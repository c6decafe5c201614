//! Every event there is, and how its stored name finds its type.

use serde_json::error::Error as JsonError;

use crate::calendars::calendar::CalendarEvent;
use crate::identity::account::AccountEvent;
use crate::identity::api_token::ApiTokenEvent;
use crate::identity::session::SessionEvent;
use crate::jobs::job::JobEvent;
use crate::kernel::decider::DomainEvent;
use crate::kernel::{PersonalSlot, StreamType};
use crate::machines::machine::MachineEvent;
use crate::machines::tool::ToolEvent;
use crate::machines::work_center::WorkCenterEvent;
use crate::scheduling::scenario::ScenarioEvent;
use crate::scheduling::site_plan::PlanEvent;
use crate::tenancy::company::CompanyEvent;
use crate::tenancy::roster::RosterEvent;
use crate::workforce::operator::OperatorEvent;

/// An event of any aggregate.
#[derive(Debug, Clone)]
pub enum Event {
    /// Of the company.
    Company(CompanyEvent),
    /// Of a work center.
    WorkCenter(WorkCenterEvent),
    /// Of a machine.
    Machine(MachineEvent),
    /// Of an operator.
    Operator(OperatorEvent),
    /// Of a job.
    Job(JobEvent),
    /// Of the roster.
    Roster(RosterEvent),
    /// Of an account.
    Account(AccountEvent),
    /// Of a session.
    Session(SessionEvent),
    /// Of an API token.
    ApiToken(ApiTokenEvent),
    /// Of a shift calendar.
    Calendar(CalendarEvent),
    /// Of the plan.
    Plan(PlanEvent),
    /// Of a what-if.
    Scenario(ScenarioEvent),
    /// Of a tool.
    Tool(ToolEvent),
}

/// The `(stored name, current schema version)` of every event of a kind of stream.
pub const fn names(kind: StreamType) -> &'static [(&'static str, u16)] {
    match kind {
        StreamType::Company => CompanyEvent::NAMES,
        StreamType::WorkCenter => WorkCenterEvent::NAMES,
        StreamType::Machine => MachineEvent::NAMES,
        StreamType::Operator => OperatorEvent::NAMES,
        StreamType::Job => JobEvent::NAMES,
        StreamType::Roster => RosterEvent::NAMES,
        StreamType::Account => AccountEvent::NAMES,
        StreamType::Session => SessionEvent::NAMES,
        StreamType::ApiToken => ApiTokenEvent::NAMES,
        StreamType::Calendar => CalendarEvent::NAMES,
        StreamType::Plan => PlanEvent::NAMES,
        StreamType::Scenario => ScenarioEvent::NAMES,
        StreamType::Tool => ToolEvent::NAMES,
    }
}

/// The schema version that this build writes for a stored name.
pub fn current_version(kind: StreamType, name: &str) -> Option<u16> {
    names(kind).iter().find(|(known, _)| *known == name).map(|(_, version)| *version)
}

/// JSON Schemas of every event of a kind of stream: one `oneOf` over the stored names.
pub fn schema(kind: StreamType) -> schemars::Schema {
    match kind {
        StreamType::Company => schemars::schema_for!(CompanyEvent),
        StreamType::WorkCenter => schemars::schema_for!(WorkCenterEvent),
        StreamType::Machine => schemars::schema_for!(MachineEvent),
        StreamType::Operator => schemars::schema_for!(OperatorEvent),
        StreamType::Job => schemars::schema_for!(JobEvent),
        StreamType::Roster => schemars::schema_for!(RosterEvent),
        StreamType::Account => schemars::schema_for!(AccountEvent),
        StreamType::Session => schemars::schema_for!(SessionEvent),
        StreamType::ApiToken => schemars::schema_for!(ApiTokenEvent),
        StreamType::Calendar => schemars::schema_for!(CalendarEvent),
        StreamType::Plan => schemars::schema_for!(PlanEvent),
        StreamType::Scenario => schemars::schema_for!(ScenarioEvent),
        StreamType::Tool => schemars::schema_for!(ToolEvent),
    }
}

impl Event {
    /// The stored name and the body as JSON. Fails on personal data that is not sealed.
    pub fn encode(&self) -> Result<(String, Vec<u8>), JsonError> {
        match self {
            Self::Company(event) => split(event),
            Self::WorkCenter(event) => split(event),
            Self::Machine(event) => split(event),
            Self::Operator(event) => split(event),
            Self::Job(event) => split(event),
            Self::Roster(event) => split(event),
            Self::Account(event) => split(event),
            Self::Session(event) => split(event),
            Self::ApiToken(event) => split(event),
            Self::Calendar(event) => split(event),
            Self::Plan(event) => split(event),
            Self::Scenario(event) => split(event),
            Self::Tool(event) => split(event),
        }
    }

    /// The event of this stored name in its current version, from its body.
    pub fn decode(kind: StreamType, name: &str, body: &[u8]) -> Result<Self, JsonError> {
        Ok(match kind {
            StreamType::Company => Self::Company(join(name, body)?),
            StreamType::WorkCenter => Self::WorkCenter(join(name, body)?),
            StreamType::Machine => Self::Machine(join(name, body)?),
            StreamType::Operator => Self::Operator(join(name, body)?),
            StreamType::Job => Self::Job(join(name, body)?),
            StreamType::Roster => Self::Roster(join(name, body)?),
            StreamType::Account => Self::Account(join(name, body)?),
            StreamType::Session => Self::Session(join(name, body)?),
            StreamType::ApiToken => Self::ApiToken(join(name, body)?),
            StreamType::Calendar => Self::Calendar(join(name, body)?),
            StreamType::Plan => Self::Plan(join(name, body)?),
            StreamType::Scenario => Self::Scenario(join(name, body)?),
            StreamType::Tool => Self::Tool(join(name, body)?),
        })
    }

    /// Shows each personal field by its name.
    pub fn personal_fields(&mut self, visit: &mut dyn FnMut(&'static str, &mut dyn PersonalSlot)) {
        match self {
            Self::Company(event) => event.personal_fields(visit),
            Self::WorkCenter(event) => event.personal_fields(visit),
            Self::Machine(event) => event.personal_fields(visit),
            Self::Operator(event) => event.personal_fields(visit),
            Self::Job(event) => event.personal_fields(visit),
            Self::Roster(event) => event.personal_fields(visit),
            Self::Account(event) => event.personal_fields(visit),
            Self::Session(event) => event.personal_fields(visit),
            Self::ApiToken(event) => event.personal_fields(visit),
            Self::Calendar(event) => event.personal_fields(visit),
            Self::Plan(event) => event.personal_fields(visit),
            Self::Scenario(event) => event.personal_fields(visit),
            Self::Tool(event) => event.personal_fields(visit),
        }
    }
}

/// An aggregate's events as part of the catalog.
pub trait Catalogued: DomainEvent {
    /// As an event of any aggregate.
    fn into_event(self) -> Event;

    /// Back again; `None` when it is of another aggregate.
    fn of(event: &Event) -> Option<&Self>;
}

macro_rules! catalogued {
    ($($variant:ident($event:ty)),+ $(,)?) => { $(
        impl Catalogued for $event {
            fn into_event(self) -> Event {
                Event::$variant(self)
            }

            fn of(event: &Event) -> Option<&Self> {
                if let Event::$variant(event) = event { Some(event) } else { None }
            }
        }
    )+ };
}
catalogued!(
    Company(CompanyEvent),
    WorkCenter(WorkCenterEvent),
    Machine(MachineEvent),
    Operator(OperatorEvent),
    Job(JobEvent),
    Roster(RosterEvent),
    Account(AccountEvent),
    Session(SessionEvent),
    ApiToken(ApiTokenEvent),
    Calendar(CalendarEvent),
    Plan(PlanEvent),
    Scenario(ScenarioEvent),
    Tool(ToolEvent),
);

/// Serde writes `{"job.created":{…}}`; the name goes to the envelope and the object is the body.
fn split<E: DomainEvent>(event: &E) -> Result<(String, Vec<u8>), JsonError> {
    let mut json = serde_json::to_vec(event)?;
    let colon = json.iter().position(|byte| *byte == b':').unwrap_or(0);
    let name = json.get(2..colon.saturating_sub(1)).map(String::from_utf8_lossy).unwrap_or_default().into_owned();
    json.pop();
    json.drain(..=colon);
    Ok((name, json))
}

fn join<E: DomainEvent>(name: &str, body: &[u8]) -> Result<E, JsonError> {
    let mut json = Vec::with_capacity(name.len() + body.len() + 5);
    json.extend_from_slice(b"{\"");
    json.extend_from_slice(name.as_bytes());
    json.extend_from_slice(b"\":");
    json.extend_from_slice(body);
    json.push(b'}');
    serde_json::from_slice(&json)
}
