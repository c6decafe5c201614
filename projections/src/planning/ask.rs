//! A shop as the read models have it.

use std::collections::{BTreeMap, HashMap};

use domain::jobs::operation::{OperationNumber, OperationPlan};
use domain::kernel::TenantId;

use super::shop::{CurrentPlan, Job, Machine, Operation, Operator, Shop, Tool, WorkCenter};
use crate::calendars::Calendars;
use crate::changeovers::ChangeoverTables;
use crate::company;
use crate::job_board::{JobBoard, JobBoardRow, OperationLine};
use crate::job_detail::{JobDetail, JobDetailRow, OperationDetail};
use crate::machine_board::{MachineBoard, MachineRow};
use crate::operators::{OperatorRow, Operators};
use crate::projection::{Projection, Value};
use crate::tools::{ToolRow, Tools};
use crate::views::{Condition, Test, ViewError, Views, for_each, get};
use crate::work_center_board::{WorkCenterBoard, WorkCenterRow};

/// Details of so many jobs are asked for at once.
const DETAILS: usize = 500;

impl Shop {
    /// The tenant's shop with its open jobs, where this is their plan.
    pub async fn ask(views: &dyn Views, tenant: TenantId, plan: CurrentPlan) -> Result<Self, ViewError> {
        let company = company::of(views, tenant).await?;
        Ok(Self {
            zone: company.as_ref().map_or(jiff::tz::TimeZone::UTC, company::CompanyRow::time_zone),
            calendar: company.and_then(|company| company.calendar),
            calendars: all::<Calendars, _, _>(views, tenant, |row| (row.id, row.rules)).await?,
            work_centers: all::<WorkCenterBoard, _, _>(views, tenant, |row| (row.id, row.into())).await?,
            machines: all::<MachineBoard, _, _>(views, tenant, |row| (row.id, row.into())).await?,
            operators: all::<Operators, _, _>(views, tenant, |row| (row.id, row.into())).await?,
            tools: all::<Tools, _, _>(views, tenant, |row| (row.code.clone(), (&row).into())).await?,
            changeovers: all::<ChangeoverTables, _, _>(views, tenant, |row| (row.id, row.changeovers)).await?,
            jobs: jobs(views, tenant).await?.into_iter().map(|job| (job.id, job)).collect(),
            plan,
        })
    }
}

async fn all<P: Projection, K: Ord + Send, T: Send>(
    views: &dyn Views,
    tenant: TenantId,
    read: impl Fn(P::Row) -> (K, T) + Send + Sync,
) -> Result<BTreeMap<K, T>, ViewError> {
    let mut all = BTreeMap::new();
    for_each::<P>(views, tenant, Vec::new(), |row| {
        let (id, thing) = read(row);
        all.insert(id, thing);
    })
    .await?;
    Ok(all)
}

async fn jobs(views: &dyn Views, tenant: TenantId) -> Result<Vec<Job>, ViewError> {
    let open = Condition { column: "closed", test: Test::Is(Value::Null) };
    let mut rows = Vec::new();
    for_each::<JobBoard>(views, tenant, vec![open], |row| rows.push(row)).await?;
    let keys: Vec<String> = rows.iter().map(|row| crate::projection::row_key(row.id.0)).collect();
    let mut details = HashMap::with_capacity(rows.len());
    for keys in keys.chunks(DETAILS) {
        let found = get::<JobDetail>(views, tenant, keys.to_vec()).await?;
        details.extend(found.into_iter().map(|(_, row)| (row.id, row)));
    }
    let with_details = rows.iter().filter_map(|row| Some(Job::of_rows(row, details.remove(&row.id)?)));
    Ok(with_details.collect())
}

impl Job {
    /// A job from what is known and what is planned of it. An operation that only one of them knows yet is left out.
    pub fn of_rows(row: &JobBoardRow, detail: JobDetailRow) -> Self {
        let mut details: HashMap<OperationNumber, OperationDetail> =
            detail.operations.into_iter().map(|detail| (detail.plan.number, detail)).collect();
        let operations = row.operations.iter();
        let operations = operations.filter_map(|line| Some(Operation::of_rows(line, details.remove(&line.number)?)));
        Self {
            id: row.id,
            number: row.number.clone(),
            status: row.status,
            priority: row.priority,
            quantity: row.quantity,
            release: row.release,
            due: row.due(),
            created_at: row.created_at,
            operations: operations.collect(),
        }
    }
}

impl Operation {
    fn of_rows(line: &OperationLine, detail: OperationDetail) -> Self {
        Self {
            // Nobody plans by the instructions, and they may be long.
            plan: OperationPlan { instructions: None, ..detail.plan },
            assigned: detail.assigned,
            began_at: line.began_at,
            finished_at: line.finished_at,
            worked_until: line.worked_until,
            at_work: line.at_work.clone(),
            is_blocked: line.andon.is_some(),
            made: line.totals,
        }
    }
}

impl From<WorkCenterRow> for WorkCenter {
    fn from(row: WorkCenterRow) -> Self {
        Self { code: row.code, retired: row.retired.is_some(), calendar: row.calendar }
    }
}

impl From<MachineRow> for Machine {
    fn from(row: MachineRow) -> Self {
        Self {
            id: row.id,
            code: row.code,
            work_center: row.work_center,
            rating: row.rating,
            status: row.said,
            calendar: row.calendar,
            maintenance: row.maintenance.iter().map(|(_, it)| it.when).collect(),
            overtime: Vec::new(),
        }
    }
}

impl From<&ToolRow> for Tool {
    fn from(row: &ToolRow) -> Self {
        Self { id: row.id, count: row.available() }
    }
}

impl From<OperatorRow> for Operator {
    fn from(row: OperatorRow) -> Self {
        Self {
            id: row.id,
            code: row.code,
            active: row.active,
            skills: row.skills,
            calendar: row.calendar,
            absences: row.absences.iter().map(|(_, it)| it.when).collect(),
            overtime: Vec::new(),
        }
    }
}
