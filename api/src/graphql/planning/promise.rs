//! When an order that does not exist yet could be done.

use async_graphql::{Context, Error, InputObject, SimpleObject};
use domain::jobs::job::{JobCommand, JobDetails, JobNumber, JobStatus, Unit};
use domain::jobs::operation::OperationPlan;
use domain::kernel::{Caller, JobId, Quantity, TenantId, Timestamp};
use domain::scheduling::placement::OperationRef;
use domain::scheduling::solver::Weights;
use projections::job_board::JobBoard;
use projections::job_detail::JobDetail;
use projections::planning::{Job, NotPlanned, Operation, Options, Promise, Shop};
use projections::tally::Tally;

use super::operations::NotPlannedReason;
use super::plan::broken;
use crate::graphql::board::sight::{self, impossible};
use crate::graphql::errors::{self, UserError};
use crate::graphql::jobs::plan::OperationPlanInput;
use crate::graphql::mutation::JobRef;
use crate::graphql::references::{Reference, Wanted, rows};
use crate::graphql::row::Rows;
use crate::graphql::scalars::{DateTime, Decimal, Seconds};
use crate::graphql::{GraphqlDeps, deps};

/// The most operations that an order has.
const MOST_OPERATIONS: usize = 500;

/// An order that somebody asks for. Give either `operations` or `like`.
#[derive(InputObject)]
pub struct PromiseDateInput {
    /// Its operations, as `createJob` takes them.
    operations: Option<Vec<OperationPlanInput>>,
    /// A job, open or closed, whose operations it has.
    like: Option<JobRef>,
    /// How much; that of the job that it is like, where it is absent.
    quantity: Option<Decimal>,
    /// Not to be started before.
    release: Option<DateTime>,
    /// When it is wanted: the answer says by how much it would be late.
    due: Option<DateTime>,
}

/// Where an operation of the order would be.
#[derive(Debug, Clone, SimpleObject)]
pub struct PromisedOperation {
    /// Its place in the order.
    number: u16,
    /// Its name.
    name: String,
    /// On which machine; null is outside the house.
    machine: Option<Reference>,
    /// By whom, where somebody is needed.
    operator: Option<Reference>,
    /// When its setup would start.
    start: DateTime,
    /// When its run would start.
    run_start: DateTime,
    /// When its run would end.
    end: DateTime,
    /// Nobody said how long it runs, or how many are to be made: its length is taken for granted.
    assumed: bool,
}

/// An operation of the order that can't be done.
#[derive(Debug, Clone, SimpleObject)]
pub struct ImpossibleOperation {
    /// Its place in the order.
    number: u16,
    /// Its name.
    name: String,
    /// Why.
    reason: NotPlannedReason,
    /// The same in words.
    because: Option<String>,
}

/// When an order could be done.
#[derive(SimpleObject)]
pub struct PromiseDate {
    /// When it would be done; null where something of it can't be done at all, or nothing was asked.
    ends_at: Option<DateTime>,
    /// By how much that is after `due`; 0 where it is not, null where either is not known.
    late_seconds: Option<Seconds>,
    /// Where its operations would be, by number.
    operations: Rows<PromisedOperation>,
    /// Those that can't be done, and why.
    impossible: Rows<ImpossibleOperation>,
    /// Operations of open jobs that have no place in the plan. They are taken to come later: whoever plans them before may be in the way.
    not_planned_yet: usize,
    /// The version of the plan that was looked at.
    plan_version: u64,
    /// Why nothing could be promised; empty otherwise.
    user_errors: Vec<UserError>,
}

/// The operations of an order, and how much it makes.
type MadeOf = (Vec<OperationPlan>, Option<Quantity>);

/// Looks, and makes nothing.
pub(super) async fn promise(ctx: &Context<'_>, caller: &Caller, input: PromiseDateInput) -> Result<PromiseDate, Error> {
    let (deps, due) = (deps(ctx)?, input.due.map(|due| due.0));
    let order = match order(deps, caller, input).await? {
        Ok(order) => order,
        Err(error) => return refused(deps, caller.tenant, error).await,
    };
    let weights = deps.commands.plan(caller.tenant).await.map_err(broken(deps))?.policies.weights();
    let (shop, now) = (sight::shop(ctx).await?, deps.clock.now());
    let asked = order.clone();
    let looked = sight::work(ctx, move || look(&shop, asked, (now, weights))).await?;
    let seen = looked.map_err(|error| impossible(&error))?;
    let late = |end: Timestamp| due.map(|due| Seconds(end.seconds_since(due).max(0)));
    let operations = promised(deps, caller.tenant, (&order, &seen.promise)).await?;
    let name = |of: OperationRef| order.operation(of.operation).map(|it| it.plan.name.to_string());
    let left_out = seen.left_out.into_iter().map(|(of, reason, because)| ImpossibleOperation {
        number: of.operation.0,
        name: name(of).unwrap_or_default(),
        reason: reason.into(),
        because,
    });
    Ok(PromiseDate {
        ends_at: seen.promise.end.map(DateTime),
        late_seconds: seen.promise.end.and_then(late),
        operations: operations.into_iter().collect(),
        impossible: left_out.collect(),
        not_planned_yet: seen.not_planned_yet,
        plan_version: seen.version,
        user_errors: Vec::new(),
    })
}

async fn refused(deps: &GraphqlDeps, tenant: TenantId, error: UserError) -> Result<PromiseDate, Error> {
    Ok(PromiseDate {
        ends_at: None,
        late_seconds: None,
        operations: Rows::from_iter([]),
        impossible: Rows::from_iter([]),
        not_planned_yet: 0,
        plan_version: deps.commands.plan(tenant).await.map_err(broken(deps))?.version,
        user_errors: vec![error],
    })
}

/// What was seen of a promise.
struct Seen {
    promise: Promise,
    left_out: Vec<(OperationRef, NotPlanned, Option<String>)>,
    not_planned_yet: usize,
    version: u64,
}

fn look(
    shop: &Shop,
    order: Job,
    (now, weights): (Timestamp, Weights),
) -> Result<Seen, projections::planning::PlanningError> {
    let promise = shop.promise(order.clone(), now, (&Options::default(), &weights))?;
    let waits = |job: &Job| {
        let open = job.operations.iter().filter(|it| !it.is_finished() && !it.is_begun());
        open.filter(|it| !shop.plan.placements.contains_key(&job.of(it))).count()
    };
    let not_planned_yet = shop.jobs.values().map(waits).sum();
    let mut left_out = Vec::new();
    if !promise.left_out.is_empty() {
        let mut with = shop.clone();
        with.jobs.insert(order.id, order);
        left_out.extend(promise.left_out.iter().map(|(of, why)| (*of, *why, with.told(*of, *why))));
    }
    Ok(Seen { promise, left_out, not_planned_yet, version: shop.plan.version })
}

async fn promised(
    deps: &GraphqlDeps,
    tenant: TenantId,
    (order, promise): (&Job, &Promise),
) -> Result<Vec<PromisedOperation>, Error> {
    let mut placements = promise.placements.clone();
    placements.sort_unstable_by_key(|it| it.operation);
    let wanted = Wanted {
        machines: placements.iter().filter_map(|it| it.machine).collect(),
        operators: placements.iter().filter_map(|it| it.operator).collect(),
        ..Wanted::default()
    };
    let labels = wanted.look_up(deps, tenant).await?;
    let told = placements.into_iter().filter_map(|it| {
        let plan = &order.operation(it.operation)?.plan;
        let known = plan.outside_lead_seconds.is_some() || (plan.run.is_some() && order.quantity.is_some());
        Some(PromisedOperation {
            number: it.operation.0,
            name: plan.name.to_string(),
            machine: it.machine.map(|machine| labels.of(machine.0)),
            operator: it.operator.map(|operator| labels.of(operator.0)),
            start: it.start.into(),
            run_start: it.run_start.into(),
            end: it.end.into(),
            assumed: !known,
        })
    });
    Ok(told.collect())
}

/// The order as a job that could be taken on: whatever `createJob` refuses is refused here in the same words.
async fn order(deps: &GraphqlDeps, caller: &Caller, input: PromiseDateInput) -> Result<Result<Job, UserError>, Error> {
    let (release, due) = (input.release.map(|it| it.0), input.due.map(|it| it.0));
    let (operations, quantity) = match operations(deps, caller.tenant, input).await? {
        Ok(read) => read,
        Err(error) => return Ok(Err(error)),
    };
    // A name that nothing has: it is never told, and nothing gets it.
    let name = JobNumber::try_new(&deps.ids.next().to_string());
    let number = name.map_err(|error| errors::fault(deps, &error))?;
    let unit = Unit::try_new("pcs").map_err(|error| errors::fault(deps, &error))?;
    let details = JobDetails { product: None, customer: None, quantity, unit, priority: 50, release, notes: None };
    let id = JobId::from_key(caller.tenant, number.as_str());
    let create = JobCommand::Create { number: number.clone(), details, due, operations: operations.clone() };
    if let Err(error) = deps.commands.preview_job(caller, id, create).await {
        return errors::refusal(deps, error).map(Err);
    }
    let mut operations: Vec<Operation> = operations.into_iter().map(waiting).collect();
    operations.sort_unstable_by_key(|it| it.plan.number);
    let created_at = deps.clock.now();
    let status = JobStatus::Pending;
    Ok(Ok(Job { id, number, status, priority: 50, quantity, release, due, created_at, operations }))
}

/// What it is made of, and how much.
async fn operations(
    deps: &GraphqlDeps,
    tenant: TenantId,
    input: PromiseDateInput,
) -> Result<Result<MadeOf, UserError>, Error> {
    let given = input.quantity.map(|quantity| quantity.0);
    let read = match (input.operations, input.like) {
        (Some(operations), None) => operations.into_iter().map(|it| it.read(tenant)).collect(),
        (None, Some(like)) => match like.require(tenant) {
            Ok(job) => return like_job(deps, tenant, (job, given)).await,
            Err(error) => Err(error),
        },
        _ => Err(UserError::new(errors::BAD_REFERENCE, Some("operations"), "give either operations or like")),
    };
    Ok(read.and_then(|operations| Ok((counted(operations)?, given))))
}

fn counted(operations: Vec<OperationPlan>) -> Result<Vec<OperationPlan>, UserError> {
    let told = format!("an order has 1 to {MOST_OPERATIONS} operations");
    let fits = (1..=MOST_OPERATIONS).contains(&operations.len());
    if fits { Ok(operations) } else { Err(UserError::new(errors::BAD_RANGE, Some("operations"), told)) }
}

/// The operations of a job, and how much it makes where nobody says otherwise.
async fn like_job(
    deps: &GraphqlDeps,
    tenant: TenantId,
    (job, given): (JobId, Option<Quantity>),
) -> Result<Result<MadeOf, UserError>, Error> {
    let details = rows::<JobDetail>(deps, tenant, [job.0].into_iter()).await?;
    let board = rows::<JobBoard>(deps, tenant, [job.0].into_iter()).await?;
    let Some((detail, row)) = details.into_iter().next().zip(board.into_iter().next()) else {
        return Ok(Err(UserError::new("JOB_NOT_FOUND", Some("like"), "there is no such job")));
    };
    let operations = detail.operations.into_iter().map(|it| it.plan).collect();
    Ok(counted(operations).map(|operations| (operations, given.or(row.quantity))))
}

fn waiting(plan: OperationPlan) -> Operation {
    Operation {
        plan,
        assigned: Vec::new(),
        began_at: None,
        finished_at: None,
        worked_until: None,
        at_work: Vec::new(),
        is_blocked: false,
        made: Tally::default(),
    }
}
