//! What people call the things that rows and events name by identity: joined when a question is answered, never stored twice.

use std::collections::HashMap;

use domain::kernel::{
    ActorId, ApiTokenId, CalendarId, JobId, MachineId, OperatorId, ScenarioId, SessionId, StreamId, StreamType,
    TenantId, ToolId, WorkCenterId,
};

use crate::calendars::Calendars;
use crate::job_board::JobBoard;
use crate::machine_board::MachineBoard;
use crate::operators::Operators;
use crate::projection::{Projection, row_key};
use crate::scenarios::Scenarios;
use crate::tools::Tools;
use crate::views::{ViewError, Views, get};
use crate::work_center_board::WorkCenterBoard;

/// A thing that has a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    /// The company itself.
    Company,
    /// A work center, called by its code.
    WorkCenter(WorkCenterId),
    /// A machine, called by its code.
    Machine(MachineId),
    /// An operator, called by their code.
    Operator(OperatorId),
    /// A job, called by its number.
    Job(JobId),
    /// A member, called by what the vault knows.
    Member(ActorId),
    /// A session, which is called nothing.
    Session(SessionId),
    /// An API token, which is called nothing: its identity is one that acts, and is called what the vault knows.
    ApiToken(ApiTokenId),
    /// A shift calendar, called by its code.
    Calendar(CalendarId),
    /// The plan, which is called nothing: there is one.
    Plan,
    /// A what-if, called by its name.
    Scenario(ScenarioId),
    /// A tool, called by its code.
    Tool(ToolId),
}

impl From<StreamId> for Thing {
    fn from(stream: StreamId) -> Self {
        match stream.kind {
            StreamType::Company | StreamType::Roster => Self::Company,
            StreamType::WorkCenter => Self::WorkCenter(WorkCenterId(stream.id)),
            StreamType::Machine => Self::Machine(MachineId(stream.id)),
            StreamType::Operator => Self::Operator(OperatorId(stream.id)),
            StreamType::Job => Self::Job(JobId(stream.id)),
            StreamType::Account => Self::Member(ActorId(stream.id)),
            StreamType::Session => Self::Session(SessionId(stream.id)),
            StreamType::ApiToken => Self::ApiToken(ApiTokenId(stream.id)),
            StreamType::Calendar => Self::Calendar(CalendarId(stream.id)),
            StreamType::Plan => Self::Plan,
            StreamType::Scenario => Self::Scenario(ScenarioId(stream.id)),
            StreamType::Tool => Self::Tool(ToolId(stream.id)),
        }
    }
}

/// Labels of things.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels(HashMap<Thing, String>);

impl Labels {
    /// The label; `None` where the thing has no row (yet).
    pub fn get(&self, thing: Thing) -> Option<&str> {
        self.0.get(&thing).map(String::as_str)
    }

    /// Says what a thing is called.
    pub fn insert(&mut self, thing: Thing, label: String) {
        self.0.insert(thing, label);
    }

    /// Asks for the labels of these things: one question for each kind of thing among them.
    pub async fn ask(
        views: &dyn Views,
        tenant: TenantId,
        things: impl IntoIterator<Item = Thing>,
    ) -> Result<Self, ViewError> {
        let (mut jobs, mut machines, mut operators, mut places) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut calendars, mut scenarios, mut tools) = (Vec::new(), Vec::new(), Vec::new());
        for thing in things {
            match thing {
                Thing::Company | Thing::Member(_) | Thing::Session(_) | Thing::ApiToken(_) | Thing::Plan => {}
                Thing::Job(JobId(id)) => jobs.push(id),
                Thing::Machine(MachineId(id)) => machines.push(id),
                Thing::Operator(OperatorId(id)) => operators.push(id),
                Thing::WorkCenter(WorkCenterId(id)) => places.push(id),
                Thing::Calendar(CalendarId(id)) => calendars.push(id),
                Thing::Scenario(ScenarioId(id)) => scenarios.push(id),
                Thing::Tool(ToolId(id)) => tools.push(id),
            }
        }
        let mut labels = Self::default();
        for row in rows::<JobBoard>(views, tenant, jobs).await? {
            labels.insert(Thing::Job(row.id), row.number.to_string());
        }
        for row in rows::<MachineBoard>(views, tenant, machines).await? {
            labels.insert(Thing::Machine(row.id), row.code.to_string());
        }
        for row in rows::<Operators>(views, tenant, operators).await? {
            labels.insert(Thing::Operator(row.id), row.code.to_string());
        }
        for row in rows::<WorkCenterBoard>(views, tenant, places).await? {
            labels.insert(Thing::WorkCenter(row.id), row.code.to_string());
        }
        for row in rows::<Calendars>(views, tenant, calendars).await? {
            labels.insert(Thing::Calendar(row.id), row.rules.code.to_string());
        }
        for row in rows::<Scenarios>(views, tenant, scenarios).await? {
            labels.insert(Thing::Scenario(row.id), row.name.to_string());
        }
        for row in rows::<Tools>(views, tenant, tools).await? {
            labels.insert(Thing::Tool(row.id), row.code.to_string());
        }
        Ok(labels)
    }
}

async fn rows<P: Projection>(
    views: &dyn Views,
    tenant: TenantId,
    mut ids: Vec<uuid::Uuid>,
) -> Result<Vec<P::Row>, ViewError> {
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = get::<P>(views, tenant, ids.into_iter().map(row_key).collect()).await?;
    Ok(found.into_iter().map(|(_, row)| row).collect())
}
