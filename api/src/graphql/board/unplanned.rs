//! What the plan has no place for.

use std::collections::{BTreeSet, HashMap};

use async_graphql::{Context, Error, SimpleObject};
use domain::kernel::{JobId, TenantId};
use domain::scheduling::placement::OperationRef;
use projections::job_board::{JobBoard, JobBoardRow, with_unplanned};
use projections::planning::NotPlanned;
use projections::views::Sort;

use super::sight;
use crate::graphql::GraphqlDeps;
use crate::graphql::connection::{Connection, Paging, page};
use crate::graphql::jobs::{JobStatus, OperationStatus};
use crate::graphql::planning::operations::NotPlannedReason;
use crate::graphql::references::{Labels, Reference, Wanted};
use crate::graphql::row::Rows;
use crate::graphql::scalars::DateTime;

/// An operation that is still to be done and has no place in the plan.
#[derive(Debug, Clone, SimpleObject)]
pub struct OperationToPlan {
    /// Its place in the job.
    number: u16,
    /// Its name.
    name: String,
    /// Where it is to be done.
    work_center: Reference,
    /// How far it is: also work that has begun may have no place.
    status: OperationStatus,
    /// Why it has no place, as far as that can be told without asking the optimiser; null while somebody is at work on it.
    reason: Option<NotPlannedReason>,
    /// The same in words, with what is missing.
    because: Option<String>,
}

/// Why operations have no place, by operation.
type Reasons = HashMap<OperationRef, (NotPlanned, Option<String>)>;

/// A job of which the plan lacks operations.
#[derive(Debug, Clone, SimpleObject)]
pub struct JobToPlan {
    /// Which.
    job: Reference,
    /// Where it is in its life.
    status: JobStatus,
    /// 1 (least) to 100 (most).
    priority: u8,
    /// When it is due.
    due: Option<DateTime>,
    /// Those that lack, by number.
    operations: Rows<OperationToPlan>,
}

impl JobToPlan {
    fn new(row: &JobBoardRow, labels: &Labels, reasons: &Reasons) -> Self {
        let operations = row.unplanned().map(|line| {
            let why = reasons.get(&OperationRef { job: row.id, operation: line.number });
            OperationToPlan {
                number: line.number.0,
                name: line.name.to_string(),
                work_center: labels.of(line.work_center.0),
                status: line.status().into(),
                reason: why.map(|(reason, _)| (*reason).into()),
                because: why.and_then(|(_, words)| words.clone()),
            }
        });
        Self {
            job: labels.of(row.id.0),
            status: row.status.into(),
            priority: row.priority,
            due: row.due().map(DateTime),
            operations: operations.collect(),
        }
    }
}

/// A page of them.
pub(super) async fn page_of(
    ctx: &Context<'_>,
    tenant: TenantId,
    (deps, paging): (&GraphqlDeps, &Paging),
) -> Result<Connection<JobToPlan>, Error> {
    let by_due = Sort { column: Some("due"), descending: false };
    let mut page = page::<JobBoard>(deps, tenant, paging, with_unplanned(), by_due).await?;
    let jobs = page.take_rows();
    let work_centers = jobs.iter().flat_map(|job| &job.operations).map(|line| line.work_center).collect();
    let mut labels = Wanted { work_centers, ..Wanted::default() }.look_up(deps, tenant).await?;
    for job in &jobs {
        labels.job(job);
    }
    let reasons = reasons(ctx, jobs.iter().map(|job| job.id).collect()).await?;
    Ok(page.connect(jobs.iter().map(|job| JobToPlan::new(job, &labels, &reasons)).collect()))
}

/// Why operations of these jobs have no place, where that is asked for: it takes a look at the whole shop.
async fn reasons(ctx: &Context<'_>, jobs: BTreeSet<JobId>) -> Result<Reasons, Error> {
    let operations = ctx.look_ahead().field("edges").field("node").field("operations");
    if jobs.is_empty() || !(operations.field("reason").exists() || operations.field("because").exists()) {
        return Ok(Reasons::new());
    }
    let asked = sight::ask(ctx, move |shop, planning| {
        let unplanned = planning.unplanned(shop.plan.placements.values()).into_iter();
        let of_page = unplanned.filter(|(operation, _)| jobs.contains(&operation.job));
        of_page.map(|(operation, why)| (operation, (why, shop.told(operation, why)))).collect()
    });
    asked.await
}
