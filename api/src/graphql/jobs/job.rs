//! A job as it is answered: a row of the job board, dressed with names and, where asked for, with its plan.

use std::collections::BTreeSet;

use async_graphql::{ComplexObject, Context, Enum, Error, ID, Lookahead, SimpleObject};
use domain::jobs::job::BlockCause;
use domain::kernel::{TenantId, Timestamp};
use projections::job_board::JobBoardRow;
use projections::job_detail::{JobDetail, JobDetailRow};
use projections::projection::Value;
use projections::schedule_board::{ScheduleBoard, ScheduleRow};
use projections::tally::Tally;
use projections::timesheet::Timesheet;
use projections::views::{Condition, Sort, Test};
use uuid::Uuid;

use super::operation::Operation;
use super::report::{WorkReport, dress_reports};
use crate::graphql::connection::{Connection, Paging, page};
use crate::graphql::references::{AtWork, Labels, Reference, Wanted, rows};
use crate::graphql::row::Rows;
use crate::graphql::scalars::{DateTime, Decimal, Position, Revision, Seconds};
use crate::graphql::{GraphqlDeps, deps};

/// Where a job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::jobs::job::JobStatus")]
pub enum JobStatus {
    /// Known, not planned.
    Pending,
    /// Planned.
    Scheduled,
    /// Work has begun.
    Running,
    /// Stopped on purpose.
    Paused,
    /// Stopped by something.
    Blocked,
    /// Done.
    Completed,
    /// Given up.
    Cancelled,
}

/// What stands in the way of a blocked job or operation. One of the fields says what; none of them means something else.
#[derive(Debug, Clone, Default, SimpleObject)]
pub struct BlockedBy {
    /// A machine.
    machine: Option<Reference>,
    /// A person.
    operator: Option<Reference>,
    /// A material, by its name or SKU.
    material: Option<String>,
    /// A question of quality.
    quality: bool,
}

/// Sums over reports of work, in the job's unit and in seconds. Setup and run are summed as they were reported: intervals
/// that overlap count twice, breaks in neither. A corrected report counts with its latest figures.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct Figures {
    /// Good at the first go.
    good: Decimal,
    /// Lost.
    scrap: Decimal,
    /// Good after having been worked again.
    rework: Decimal,
    /// Held for review.
    held: Decimal,
    /// Seconds of setup.
    setup_seconds: Seconds,
    /// Seconds of run.
    run_seconds: Seconds,
}

impl From<&Tally> for Figures {
    fn from(tally: &Tally) -> Self {
        Self {
            good: tally.good.into(),
            scrap: tally.scrap.into(),
            rework: tally.rework.into(),
            held: tally.held.into(),
            setup_seconds: Seconds(tally.setup_seconds()),
            run_seconds: Seconds(tally.run_seconds()),
        }
    }
}

/// A job (production order).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Job {
    /// Its identity.
    id: ID,
    /// Its number.
    number: String,
    /// What is made.
    product: Option<String>,
    /// For whom.
    customer: Option<String>,
    /// How much; null when nobody said.
    quantity: Option<Decimal>,
    /// In what unit.
    unit: String,
    /// 1 (least) to 100 (most); 50 is ordinary.
    priority: u8,
    /// Not to be started before.
    release: Option<DateTime>,
    /// The date that the customer asked for.
    requested: Option<DateTime>,
    /// Every date promised, oldest first.
    promises: Vec<DateTime>,
    /// The date that counts: the latest promise, else what the customer asked for.
    due: Option<DateTime>,
    /// Whether it is still to be done although its date is past.
    late: bool,
    /// Where it is in its life.
    status: JobStatus,
    /// Why it is so, where somebody said why.
    reason: Option<String>,
    /// What blocks it, while it is blocked.
    blocked_by: Option<BlockedBy>,
    /// What else people should know.
    notes: Option<String>,
    /// When it was taken on.
    created_at: DateTime,
    /// When work on it began.
    started_at: Option<DateTime>,
    /// When it was completed or cancelled.
    closed_at: Option<DateTime>,
    /// When it was touched last, by the time on the floor.
    last_activity_at: DateTime,
    /// Its operations, by number.
    operations: Rows<Operation>,
    /// How many of its operations are finished.
    finished_operations: usize,
    /// Who is at work on it now.
    at_work: Rows<AtWork>,
    /// Good at the first go, as reported on its last operation: those before it report the same pieces.
    good: Decimal,
    /// Lost, on all operations.
    scrap: Decimal,
    /// Good after having been worked again, as reported on its last operation.
    rework: Decimal,
    /// Held for review, on all operations.
    held: Decimal,
    /// Seconds of setup, on all operations.
    setup_seconds: Seconds,
    /// Seconds of run, on all operations.
    run_seconds: Seconds,
    /// Its revision, for `expectedRevision`.
    revision: Revision,
    /// Position of the last event that touched it.
    position: Position,
    #[graphql(skip)]
    key: Key,
}

#[derive(Clone)]
struct Key {
    tenant: TenantId,
    row_key: String,
}

#[ComplexObject]
impl Job {
    /// What was reported on it, by start. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn reports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
    ) -> Result<Connection<WorkReport>, Error> {
        let (deps, tenant) = (deps(ctx)?, self.key.tenant);
        let paging = Paging::new(first, after, last, before);
        let of_job = Condition { column: "job", test: Test::Is(Value::Text(self.key.row_key.clone())) };
        let by_start = Sort { column: Some("starts"), descending: false };
        let mut page = page::<Timesheet>(deps, tenant, &paging, vec![of_job], by_start).await?;
        let nodes = dress_reports(deps, tenant, page.take_rows()).await?;
        Ok(page.connect(nodes))
    }
}

/// What the selection asks for beyond the row itself.
#[derive(Debug, Clone, Copy)]
pub struct JobNeeds {
    plan: bool,
    window: bool,
    names: bool,
}

impl JobNeeds {
    /// By the selection on a job.
    pub fn of(job: &Lookahead<'_>) -> Self {
        let operations = job.field("operations");
        let names = operations.exists() || job.field("atWork").exists() || job.field("blockedBy").exists();
        let plan = operations.field("plan");
        let window = plan.field("window").exists();
        Self { plan: plan.exists() || job.field("notes").exists(), window, names }
    }
}

/// Dresses rows: a question each for plans, windows and names of all of them, none where nothing of the kind is selected.
pub async fn dress(
    deps: &GraphqlDeps,
    tenant: TenantId,
    board: Vec<JobBoardRow>,
    needs: JobNeeds,
) -> Result<Vec<Job>, Error> {
    let all: BTreeSet<Uuid> = board.iter().map(|row| row.id.0).collect();
    let when = |needed: bool| all.iter().copied().filter(move |_| needed);
    let plans = rows::<JobDetail>(deps, tenant, when(needs.plan)).await?;
    let schedule = rows::<ScheduleBoard>(deps, tenant, when(needs.window)).await?;
    let mut wanted = Wanted::default();
    if needs.names {
        for row in &board {
            want(&mut wanted, row);
        }
        for detail in plans.iter().flat_map(|plan| &plan.operations) {
            Operation::want(&mut wanted, detail);
        }
        for planned in schedule.iter().flat_map(|row| &row.operations) {
            wanted.machines.extend(planned.placement.machine);
            wanted.operators.extend(planned.placement.operator);
        }
    }
    let labels = wanted.look_up(deps, tenant).await?;
    let now = deps.clock.now();
    let plan = |row: &JobBoardRow| {
        let windows = schedule.iter().find(|planned| planned.job == row.id);
        (plans.iter().find(|plan| plan.id == row.id), windows)
    };
    Ok(board.iter().map(|row| Job::new((tenant, now), row, plan(row), &labels)).collect())
}

fn want(wanted: &mut Wanted, row: &JobBoardRow) {
    row.cause.iter().for_each(|cause| want_cause(wanted, cause));
    for line in &row.operations {
        line.andon.iter().for_each(|call| want_cause(wanted, &call.why.1));
        wanted.work_centers.insert(line.work_center);
        wanted.operators.extend(line.finished_by());
        line.at_work.iter().for_each(|work| wanted.work(work));
    }
}

/// Notes the names that a cause speaks of.
pub fn want_cause(wanted: &mut Wanted, cause: &BlockCause) {
    match cause {
        BlockCause::Machine(machine) => _ = wanted.machines.insert(*machine),
        BlockCause::Person(operator) => _ = wanted.operators.insert(*operator),
        BlockCause::Material(_) | BlockCause::Quality | BlockCause::Other => {}
    }
}

/// The cause with its names.
pub fn blocked_by(cause: &BlockCause, labels: &Labels) -> BlockedBy {
    let nothing = BlockedBy::default();
    match cause {
        BlockCause::Machine(machine) => BlockedBy { machine: Some(labels.of(machine.0)), ..nothing },
        BlockCause::Person(operator) => BlockedBy { operator: Some(labels.of(operator.0)), ..nothing },
        BlockCause::Material(material) => BlockedBy { material: Some(material.to_string()), ..nothing },
        BlockCause::Quality => BlockedBy { quality: true, ..nothing },
        BlockCause::Other => nothing,
    }
}

impl Job {
    fn new(
        (tenant, now): (TenantId, Timestamp),
        row: &JobBoardRow,
        (plan, schedule): (Option<&JobDetailRow>, Option<&ScheduleRow>),
        labels: &Labels,
    ) -> Self {
        let instant = |instant: Option<Timestamp>| instant.map(DateTime);
        let detail = |number| {
            let planned = schedule.and_then(|schedule| schedule.operation(number));
            (plan.and_then(|plan| plan.operation(number)), planned)
        };
        let at_work = row.operations.iter().flat_map(|line| &line.at_work);
        let outcome = Figures::from(&row.outcome());
        Self {
            id: row.id.into(),
            number: row.number.to_string(),
            product: row.product.as_ref().map(ToString::to_string),
            customer: row.customer.as_ref().map(ToString::to_string),
            quantity: row.quantity.map(Decimal),
            unit: row.unit.to_string(),
            priority: row.priority,
            release: instant(row.release),
            requested: instant(row.requested),
            promises: row.promises.iter().copied().map(DateTime).collect(),
            due: instant(row.due()),
            late: row.is_late(now),
            status: row.status.into(),
            reason: row.reason.as_ref().map(ToString::to_string),
            blocked_by: row.cause.as_ref().map(|cause| blocked_by(cause, labels)),
            notes: plan.and_then(|plan| plan.notes.as_ref()).map(ToString::to_string),
            created_at: row.created_at.into(),
            started_at: instant(row.started_at),
            closed_at: instant(row.closed_at),
            last_activity_at: row.last_activity_at.into(),
            operations: row.operations.iter().map(|line| Operation::new(line, detail(line.number), labels)).collect(),
            finished_operations: row.finished_operations(),
            at_work: at_work.map(|work| labels.work(work)).collect(),
            good: outcome.good,
            scrap: outcome.scrap,
            rework: outcome.rework,
            held: outcome.held,
            setup_seconds: outcome.setup_seconds,
            run_seconds: outcome.run_seconds,
            revision: Revision(row.revision),
            position: row.position.into(),
            key: Key { tenant, row_key: projections::projection::row_key(row.id.0) },
        }
    }
}
