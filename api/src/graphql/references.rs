//! Names of things that rows speak of by identity: looked up for a whole page with one question for each kind.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::sync::Arc;

use async_graphql::{Error, ID, SimpleObject};
use domain::kernel::{
    ActorId, CalendarId, JobId, MachineId, OperatorId, Personal, ScenarioId, TenantId, ToolId, WorkCenterId,
};
use projections::at_work::WorkNow;
use projections::calendars::{CalendarRow, Calendars};
use projections::job_board::{JobBoard, JobBoardRow};
use projections::labels::{self, Thing};
use projections::machine_board::MachineBoard;
use projections::operators::Operators;
use projections::projection::{Projection, row_key};
use projections::scenarios::Scenarios;
use projections::tools::Tools;
use projections::views::get;
use projections::work_center_board::WorkCenterBoard;
use uuid::Uuid;

use super::jobs::Phase;
use super::row::Row;
use super::scalars::DateTime;
use super::{GraphqlDeps, errors};

/// A thing that is spoken of: a job, work center, machine, operator, calendar, tool or what-if.
#[derive(Debug, SimpleObject)]
#[graphql(name = "Reference")]
pub struct Named {
    /// Its identity.
    pub id: ID,
    /// Its natural key: the number of a job, the code of the rest.
    pub code: String,
    /// What people call it: product of a job, name of the rest. Null when there is none, or when it was erased.
    pub name: Option<String>,
}

/// The same as rows hold it: many speak of the same thing.
pub type Reference = Row<Arc<Named>>;

/// Somebody at work now.
#[derive(Debug, Clone, SimpleObject)]
pub struct AtWork {
    /// On which job.
    pub job: Reference,
    /// On which of its operations.
    pub operation: u16,
    /// Where that operation is done.
    pub work_center: Reference,
    /// On which machine, where it is known.
    pub machine: Option<Reference>,
    /// Who.
    pub operator: Reference,
    /// Setup or run.
    pub phase: Phase,
    /// Since when, in this phase and on this machine.
    pub since: DateTime,
}

/// The identities whose names are wanted.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Jobs.
    pub jobs: BTreeSet<JobId>,
    /// Work centers.
    pub work_centers: BTreeSet<WorkCenterId>,
    /// Machines.
    pub machines: BTreeSet<MachineId>,
    /// Operators.
    pub operators: BTreeSet<OperatorId>,
    /// Calendars.
    pub calendars: BTreeSet<CalendarId>,
    /// What-ifs.
    pub scenarios: BTreeSet<ScenarioId>,
    /// Tools.
    pub tools: BTreeSet<ToolId>,
    /// Members.
    pub members: BTreeSet<ActorId>,
}

impl Wanted {
    /// All that work now speaks of.
    pub fn work(&mut self, work: &WorkNow) {
        self.jobs.insert(work.job);
        self.work_centers.insert(work.work_center);
        self.machines.extend(work.machine);
        self.operators.insert(work.operator);
    }

    /// A thing of any kind.
    pub fn thing(&mut self, thing: Thing) {
        match thing {
            Thing::Company | Thing::Session(_) | Thing::ApiToken(_) | Thing::Plan => false,
            Thing::Member(id) => self.members.insert(id),
            Thing::WorkCenter(id) => self.work_centers.insert(id),
            Thing::Machine(id) => self.machines.insert(id),
            Thing::Operator(id) => self.operators.insert(id),
            Thing::Job(id) => self.jobs.insert(id),
            Thing::Calendar(id) => self.calendars.insert(id),
            Thing::Scenario(id) => self.scenarios.insert(id),
            Thing::Tool(id) => self.tools.insert(id),
        };
    }

    /// Looks the names up.
    pub async fn look_up(self, deps: &GraphqlDeps, tenant: TenantId) -> Result<Labels, Error> {
        let (jobs, work_centers, machines, operators, calendars, scenarios, tools) = futures_util::try_join!(
            rows::<JobBoard>(deps, tenant, self.jobs.iter().map(|id| id.0)),
            rows::<WorkCenterBoard>(deps, tenant, self.work_centers.iter().map(|id| id.0)),
            rows::<MachineBoard>(deps, tenant, self.machines.iter().map(|id| id.0)),
            rows::<Operators>(deps, tenant, self.operators.iter().map(|id| id.0)),
            rows::<Calendars>(deps, tenant, self.calendars.iter().map(|id| id.0)),
            rows::<Scenarios>(deps, tenant, self.scenarios.iter().map(|id| id.0)),
            rows::<Tools>(deps, tenant, self.tools.iter().map(|id| id.0)),
        )?;
        let mut labels = Labels::default();
        for row in &jobs {
            labels.job(row);
        }
        for row in work_centers {
            labels.put(Thing::WorkCenter(row.id), row.id.0, row.code.as_str(), Some(row.name.to_string()));
        }
        for row in machines {
            labels.put(Thing::Machine(row.id), row.id.0, row.code.as_str(), Some(row.name.to_string()));
        }
        for CalendarRow { id, rules, .. } in calendars {
            labels.put(Thing::Calendar(id), id.0, rules.code.as_str(), Some(rules.name.to_string()));
        }
        for row in scenarios {
            labels.put(Thing::Scenario(row.id), row.id.0, row.name.as_str(), None);
        }
        for row in tools {
            labels.put(Thing::Tool(row.id), row.id.0, row.code.as_str(), Some(row.name.to_string()));
        }
        for row in operators {
            let name = opened(deps, tenant, row.name.as_ref()).await?;
            labels.put(Thing::Operator(row.id), row.id.0, row.code.as_str(), name);
        }
        for member in self.members {
            let label = deps.registry.actor_label(tenant, member).await.map_err(errors::vault_failure(deps))?;
            if let Some(label) = label {
                labels.put(Thing::Member(member), member.0, &label, None);
            }
        }
        Ok(labels)
    }
}

/// Names by identity.
#[derive(Debug, Default)]
pub struct Labels {
    references: HashMap<Uuid, Reference>,
    codes: labels::Labels,
}

impl Labels {
    fn put(&mut self, thing: Thing, id: Uuid, code: &str, name: Option<String>) {
        self.references.insert(id, reference(Named { id: id.into(), code: code.to_owned(), name }));
        self.codes.insert(thing, code.to_owned());
    }

    /// Knows a job by its row.
    pub fn job(&mut self, row: &JobBoardRow) {
        let product = row.product.as_ref().map(ToString::to_string);
        self.put(Thing::Job(row.id), row.id.0, row.number.as_str(), product);
    }

    /// The codes alone, as the sentences of the activity log want them.
    pub fn codes(&self) -> &labels::Labels {
        &self.codes
    }

    /// The thing with this identity; by the identity alone where nothing else is known.
    pub fn of(&self, id: Uuid) -> Reference {
        let unknown = || reference(Named { id: id.into(), code: id.to_string(), name: None });
        self.references.get(&id).cloned().unwrap_or_else(unknown)
    }

    /// The work with its names.
    pub fn work(&self, work: &WorkNow) -> AtWork {
        AtWork {
            job: self.of(work.job.0),
            operation: work.operation.0,
            work_center: self.of(work.work_center.0),
            machine: work.machine.map(|machine| self.of(machine.0)),
            operator: self.of(work.operator.0),
            phase: work.phase.into(),
            since: work.since.into(),
        }
    }
}

fn reference(named: Named) -> Reference {
    Row(Arc::new(named))
}

/// The rows of these things, without a question when there are none.
pub async fn rows<P: Projection>(
    deps: &GraphqlDeps,
    tenant: TenantId,
    ids: impl Iterator<Item = Uuid>,
) -> Result<Vec<P::Row>, Error> {
    let keys: Vec<String> = ids.map(row_key).collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let found = get::<P>(&*deps.views, tenant, keys).await.map_err(errors::view_failure(deps))?;
    Ok(found.into_iter().map(|(_, row)| row).collect())
}

/// Opens a sealed value; `None` when there is none or it was erased.
pub async fn opened<T: Display + Sync>(
    deps: &GraphqlDeps,
    tenant: TenantId,
    sealed: Option<&Personal<T>>,
) -> Result<Option<String>, Error> {
    match sealed {
        Some(Personal::Sealed(sealed)) => {
            let opened = deps.vault.open(tenant, sealed).await.map_err(errors::vault_failure(deps))?;
            Ok(opened.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
        }
        Some(Personal::Clear { value, .. }) => Ok(Some(value.to_string())),
        Some(Personal::Erased) | None => Ok(None),
    }
}
