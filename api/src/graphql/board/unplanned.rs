//! What the plan has no place for.

use async_graphql::{Error, SimpleObject};
use domain::kernel::TenantId;
use projections::job_board::{JobBoard, JobBoardRow, with_unplanned};
use projections::views::Sort;

use crate::graphql::GraphqlDeps;
use crate::graphql::connection::{Connection, Paging, page};
use crate::graphql::jobs::{JobStatus, OperationStatus};
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
}

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
    fn new(row: &JobBoardRow, labels: &Labels) -> Self {
        let operations = row.unplanned().map(|line| OperationToPlan {
            number: line.number.0,
            name: line.name.to_string(),
            work_center: labels.of(line.work_center.0),
            status: line.status().into(),
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
    deps: &GraphqlDeps,
    tenant: TenantId,
    paging: &Paging,
) -> Result<Connection<JobToPlan>, Error> {
    let by_due = Sort { column: Some("due"), descending: false };
    let mut page = page::<JobBoard>(deps, tenant, paging, with_unplanned(), by_due).await?;
    let jobs = page.take_rows();
    let work_centers = jobs.iter().flat_map(|job| &job.operations).map(|line| line.work_center).collect();
    let mut labels = Wanted { work_centers, ..Wanted::default() }.look_up(deps, tenant).await?;
    for job in &jobs {
        labels.job(job);
    }
    Ok(page.connect(jobs.iter().map(|job| JobToPlan::new(job, &labels)).collect()))
}
