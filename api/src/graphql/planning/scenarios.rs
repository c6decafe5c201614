//! What-ifs: plans on the side.

use std::collections::BTreeSet;

use async_graphql::{ComplexObject, Context, Enum, Error, ID, Object, SimpleObject};
use domain::kernel::roles::Action;
use domain::kernel::{ScenarioId, TenantId};
use domain::run::RunError;
use domain::scheduling::scenario::Assumption;
use projections::planning::{JobDelta, Worth};
use projections::projection::Value;
use projections::scenarios::{ScenarioRow, Scenarios, status_name};
use projections::views::{Condition, Sort, Test};

use super::conflict::PlanConflict;
use super::operations::OperationReference;
use super::refusal::told;
use crate::graphql::board::sight;
use crate::graphql::connection::{Connection, Paging, page};
use crate::graphql::references::{Labels, Reference, Wanted, rows};
use crate::graphql::row::Rows;
use crate::graphql::scalars::{DateTime, Position, Revision};
use crate::graphql::{GraphqlDeps, deps, errors, find_id, permitted, settle};
use crate::planning::{Beside, Refusal, Sight};

/// Jobs and operations of a comparison that are told one by one.
const MOST: usize = 1000;

/// Where a what-if is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "projections::scenarios::ScenarioStatus")]
pub enum ScenarioStatus {
    /// People work on it.
    Open,
    /// The plan has taken it over.
    Published,
    /// Given up.
    Discarded,
}

/// What sort of thing a what-if assumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AssumptionKind {
    /// A machine stands still.
    MachineOut,
    /// A machine is open besides its calendar.
    MachineOpen,
    /// An operator is away.
    OperatorOut,
    /// An operator works besides their calendar.
    OperatorAtWork,
    /// A job is due at another date.
    JobDue,
    /// A job is not done at all.
    JobLeftOut,
    /// There are more or fewer of a tool.
    ToolCount,
}

/// Something that a what-if assumes.
#[derive(Debug, Clone, SimpleObject)]
pub struct ScenarioAssumption {
    /// Identity.
    id: ID,
    /// What sort of thing.
    kind: AssumptionKind,
    /// About which machine.
    machine: Option<Reference>,
    /// About whom.
    operator: Option<Reference>,
    /// About which job.
    job: Option<Reference>,
    /// About which tool.
    tool: Option<Reference>,
    /// How many there are of it.
    count: Option<u16>,
    /// From when.
    from: Option<DateTime>,
    /// Until when.
    until: Option<DateTime>,
    /// When the job is due.
    due: Option<DateTime>,
}

/// A what-if.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Scenario {
    /// Identity.
    id: ID,
    /// What it is called.
    name: String,
    /// Where it is in its life.
    status: ScenarioStatus,
    /// The version of the plan that it was made from.
    base_version: u64,
    /// Its own version.
    version: u64,
    /// What it assumes, the oldest first.
    assumptions: Rows<ScenarioAssumption>,
    /// When it was made.
    opened_at: DateTime,
    /// When anything about it changed last.
    changed_at: DateTime,
    /// Revision of its history.
    revision: Revision,
    /// Everything up to here is in this answer.
    position: Position,
    #[graphql(skip)]
    of: (TenantId, ScenarioId),
}

/// What a plan is worth.
#[derive(Debug, Clone, SimpleObject)]
pub struct PlanWorth {
    /// Operations without a place.
    unplaced: i64,
    /// Late jobs.
    late_jobs: i64,
    /// Seconds late, each times the weight of its job.
    weighted_tardiness: f64,
    /// Seconds of setup.
    setup_seconds: f64,
    /// Seconds from release to end, of all jobs.
    flow_seconds: f64,
    /// The weighted sum.
    score: f64,
}

#[expect(clippy::cast_precision_loss, reason = "sums of seconds are exact far beyond any shop")]
impl From<Worth> for PlanWorth {
    fn from(Worth { parts, score }: Worth) -> Self {
        Self {
            unplaced: parts.unplaced,
            late_jobs: parts.late_jobs,
            weighted_tardiness: parts.weighted_tardiness as f64,
            setup_seconds: parts.setup_seconds as f64,
            flow_seconds: parts.flow_seconds as f64,
            score: score.soft as f64,
        }
    }
}

/// A job that ends at another time.
#[derive(Debug, Clone, SimpleObject)]
pub struct ScenarioJob {
    /// Which.
    job: Reference,
    /// When it ends in the plan of the site; null where something of it has no place.
    plan: Option<DateTime>,
    /// When it ends in the what-if; null where something of it has no place, or it is left out.
    scenario: Option<DateTime>,
}

/// A what-if beside the plan of the site, both as they are now.
#[derive(SimpleObject)]
pub struct ScenarioComparison {
    /// What the plan of the site is worth.
    plan: PlanWorth,
    /// What the what-if is worth, on the shop as it assumes it to be.
    scenario: PlanWorth,
    /// How many jobs end at another time.
    changed_jobs: usize,
    /// The first 1000 of them.
    jobs: Rows<ScenarioJob>,
    /// How many operations are elsewhere.
    moved_operations: usize,
    /// The first 1000 of them.
    operations: Rows<OperationReference>,
    /// What does not go together in the what-if.
    conflicts: Vec<PlanConflict>,
    /// Operations that it changes and that have been changed otherwise in the plan since.
    outdated: Vec<OperationReference>,
}

impl ScenarioComparison {
    async fn of(deps: &GraphqlDeps, tenant: TenantId, beside: Beside) -> Result<Self, Error> {
        let Beside { comparison, conflicts, outdated } = beside;
        let (jobs, moved) = (comparison.jobs, comparison.moved);
        let first: Vec<JobDelta> = jobs.iter().copied().take(MOST).collect();
        let named: BTreeSet<_> = first.iter().map(|delta| delta.job).collect();
        let labels = Wanted { jobs: named, ..Wanted::default() }.look_up(deps, tenant).await?;
        let job = |delta: &JobDelta| ScenarioJob {
            job: labels.of(delta.job.0),
            plan: delta.base.map(DateTime),
            scenario: delta.variant.map(DateTime),
        };
        let elsewhere = OperationReference::all(deps, tenant, &moved[..moved.len().min(MOST)]).await?;
        Ok(Self {
            plan: comparison.base.into(),
            scenario: comparison.variant.into(),
            changed_jobs: jobs.len(),
            jobs: first.iter().map(job).collect(),
            moved_operations: moved.len(),
            operations: elsewhere.into_iter().collect(),
            conflicts: PlanConflict::all(deps, tenant, &conflicts).await?,
            outdated: OperationReference::all(deps, tenant, &outdated).await?,
        })
    }
}

#[ComplexObject]
impl Scenario {
    /// Beside the plan of the site; null once it is published or discarded.
    async fn comparison(&self, ctx: &Context<'_>) -> Result<Option<ScenarioComparison>, Error> {
        if self.status != ScenarioStatus::Open {
            return Ok(None);
        }
        let deps = deps(ctx)?;
        let (tenant, scenario) = self.of;
        // Each takes two whole shops.
        let _turn = sight::turn(ctx).await?;
        match Sight::of(deps).beside(tenant, scenario).await {
            Ok(beside) => ScenarioComparison::of(deps, tenant, beside).await.map(Some),
            Err(Refusal::Run(RunError::Rejected(_))) => Ok(None),
            Err(refusal) => {
                let said = refusal.to_string();
                told(deps, refusal)?;
                Err(errors::failure(errors::PLANNING_IMPOSSIBLE, said))
            }
        }
    }
}

/// Dresses rows with the names of what they assume something of.
pub(super) async fn dress(
    deps: &GraphqlDeps,
    tenant: TenantId,
    rows: Vec<ScenarioRow>,
) -> Result<Vec<Scenario>, Error> {
    let mut wanted = Wanted::default();
    for assumed in rows.iter().flat_map(|row| &row.assumptions) {
        match assumed.assumption {
            Assumption::MachineOut { machine, .. } | Assumption::MachineOpen { machine, .. } => {
                wanted.machines.insert(machine);
            }
            Assumption::OperatorOut { operator, .. } | Assumption::OperatorAtWork { operator, .. } => {
                wanted.operators.insert(operator);
            }
            Assumption::JobDue { job, .. } | Assumption::JobLeftOut { job } => {
                wanted.jobs.insert(job);
            }
            Assumption::ToolCount { tool, .. } => {
                wanted.tools.insert(tool);
            }
        }
    }
    let labels = wanted.look_up(deps, tenant).await?;
    let dressed = rows.into_iter().map(|row| Scenario {
        id: row.id.0.into(),
        name: row.name.to_string(),
        status: row.status.into(),
        base_version: row.base,
        version: row.version,
        assumptions: row.assumptions.iter().map(|it| assumption(it.id.0.into(), &it.assumption, &labels)).collect(),
        opened_at: row.opened.into(),
        changed_at: row.changed.into(),
        revision: Revision(row.revision),
        position: row.position.into(),
        of: (tenant, row.id),
    });
    Ok(dressed.collect())
}

fn assumption(id: ID, assumed: &Assumption, labels: &Labels) -> ScenarioAssumption {
    use AssumptionKind as Kind;
    let nothing = ScenarioAssumption {
        id,
        kind: Kind::JobLeftOut,
        machine: None,
        operator: None,
        job: None,
        tool: None,
        count: None,
        from: None,
        until: None,
        due: None,
    };
    let between = |kind, from, until| ScenarioAssumption {
        kind,
        from: Some(DateTime(from)),
        until: Some(DateTime(until)),
        ..nothing.clone()
    };
    match *assumed {
        Assumption::MachineOut { machine, from, until } => {
            ScenarioAssumption { machine: Some(labels.of(machine.0)), ..between(Kind::MachineOut, from, until) }
        }
        Assumption::MachineOpen { machine, from, until } => {
            ScenarioAssumption { machine: Some(labels.of(machine.0)), ..between(Kind::MachineOpen, from, until) }
        }
        Assumption::OperatorOut { operator, from, until } => {
            ScenarioAssumption { operator: Some(labels.of(operator.0)), ..between(Kind::OperatorOut, from, until) }
        }
        Assumption::OperatorAtWork { operator, from, until } => {
            ScenarioAssumption { operator: Some(labels.of(operator.0)), ..between(Kind::OperatorAtWork, from, until) }
        }
        Assumption::JobDue { job, due } => {
            ScenarioAssumption { kind: Kind::JobDue, job: Some(labels.of(job.0)), due: Some(DateTime(due)), ..nothing }
        }
        Assumption::JobLeftOut { job } => ScenarioAssumption { job: Some(labels.of(job.0)), ..nothing },
        Assumption::ToolCount { tool, count } => {
            ScenarioAssumption { kind: Kind::ToolCount, tool: Some(labels.of(tool.0)), count: Some(count), ..nothing }
        }
    }
}

/// Questions about what-ifs.
#[derive(Default)]
pub struct ScenariosQuery;

#[Object]
impl ScenariosQuery {
    /// What-ifs, the newest first. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn scenarios(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those that are so far.")] status: Option<ScenarioStatus>,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<Scenario>, Error> {
        let (caller, deps) = (permitted(ctx, Action::PlanWork)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let is = |status: ScenarioStatus| Value::Text(status_name(status.into()).to_owned());
        let conditions = status.map(|status| Condition { column: "status", test: Test::Is(is(status)) });
        let (paging, sort) =
            (Paging::new(first, after, last, before), Sort { column: Some("opened"), descending: true });
        let mut page = page::<Scenarios>(deps, caller.tenant, &paging, conditions.into_iter().collect(), sort).await?;
        let nodes = dress(deps, caller.tenant, page.take_rows()).await?;
        Ok(page.connect(nodes))
    }

    /// One what-if; null when there is none.
    async fn scenario(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its identity.")] id: ID,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Option<Scenario>, Error> {
        let (caller, deps) = (permitted(ctx, Action::PlanWork)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let found = rows::<Scenarios>(deps, caller.tenant, find_id(&id).into_iter()).await?;
        Ok(dress(deps, caller.tenant, found).await?.pop())
    }
}
