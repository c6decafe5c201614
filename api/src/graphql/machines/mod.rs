//! Work centers and machines: the live board and what may be changed.

pub mod changeovers;
pub mod hours;
pub mod inputs;
pub mod mutations;

use async_graphql::{Context, Enum, Error, ID, InputObject, Object, SimpleObject};
use domain::kernel::TenantId;
use domain::kernel::roles::Action;
use projections::machine_board::{self, MachineBoard, MachineRow};
use projections::projection::Value;
use projections::views::{Condition, Sort, Test};
use projections::work_center_board::{WorkCenterBoard, WorkCenterRow};

pub use mutations::MachinesMutation;

use super::connection::{Connection, Paging, page};
use super::references::{AtWork, Labels, Reference, Wanted, rows};
use super::scalars::{DateTime, Decimal, Position, Revision};
use super::{GraphqlDeps, deps, find_id, permitted, settle};

/// What a machine is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::machines::machine::MachineStatus")]
pub enum MachineStatus {
    /// Ready for work.
    Available,
    /// Making parts.
    Running,
    /// Being set up.
    Setup,
    /// Broken or stopped without plan.
    Down,
    /// Stopped by plan.
    Maintenance,
    /// Out of use for good.
    Retired,
}

/// A group of machines that can do the same work, with what is going on there now.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct WorkCenter {
    /// Its identity.
    id: ID,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// The part of the site that it stands in.
    area: Option<String>,
    /// When its machines work; as the company does where there is none.
    calendar: Option<Reference>,
    /// Why it is out of use, once it is.
    retired: Option<String>,
    /// How many operations are still to be finished here.
    open_operations: i64,
    /// How many of them have nobody at work on them.
    waiting_operations: usize,
    /// How many of them have somebody at work on them.
    running_operations: usize,
    /// Who is at work here now, and on what.
    at_work: Vec<AtWork>,
    /// Its revision, for `expectedRevision`.
    revision: Revision,
    /// Position of the last event that touched it.
    position: Position,
}

/// A machine, with what is going on there now.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Machine {
    /// Its identity.
    id: ID,
    /// Its code.
    code: String,
    /// Its name.
    name: String,
    /// Where it belongs.
    work_center: Reference,
    /// What it is doing: as people said when it is out of use, else what the work on it shows.
    status: MachineStatus,
    /// Why, where somebody said why.
    reason: Option<String>,
    /// Since when it is doing that.
    since: DateTime,
    /// How many operations at once.
    capacity: u16,
    /// Speed against the standard time in percent.
    speed_percent: u16,
    /// Cost per hour in the company's currency.
    hourly_cost: Option<Decimal>,
    /// When it works; as its work center does where there is none.
    calendar: Option<Reference>,
    /// Who is at work on it now.
    at_work: Vec<AtWork>,
    /// Its revision, for `expectedRevision`.
    revision: Revision,
    /// Position of the last event that touched it.
    position: Position,
    #[graphql(skip)]
    row: MachineRow,
}

impl WorkCenter {
    fn new(row: &WorkCenterRow, labels: &Labels) -> Self {
        Self {
            id: row.id.into(),
            code: row.code.to_string(),
            name: row.name.to_string(),
            area: row.area.as_ref().map(ToString::to_string),
            calendar: row.calendar.map(|calendar| labels.of(calendar.0)),
            retired: row.retired.as_ref().map(ToString::to_string),
            open_operations: row.open_operations,
            waiting_operations: row.waiting_operations(),
            running_operations: row.running_operations().len(),
            at_work: row.at_work.iter().map(|work| labels.work(work)).collect(),
            revision: Revision(row.revision),
            position: row.position.into(),
        }
    }
}

impl Machine {
    fn new(row: MachineRow, labels: &Labels) -> Self {
        Self {
            id: row.id.into(),
            code: row.code.to_string(),
            name: row.name.to_string(),
            work_center: labels.of(row.work_center.0),
            status: row.status().into(),
            reason: row.reason.as_ref().map(ToString::to_string),
            since: row.since().into(),
            capacity: row.rating.capacity,
            speed_percent: row.rating.speed_percent,
            hourly_cost: row.rating.hourly_cost.map(Into::into),
            calendar: row.calendar.map(|calendar| labels.of(calendar.0)),
            at_work: row.at_work.iter().map(|work| labels.work(work)).collect(),
            revision: Revision(row.revision),
            position: row.position.into(),
            row,
        }
    }
}

/// Dresses rows of work centers.
pub async fn work_centers(
    deps: &GraphqlDeps,
    tenant: TenantId,
    rows: &[WorkCenterRow],
) -> Result<Vec<WorkCenter>, Error> {
    let mut wanted = Wanted::default();
    rows.iter().flat_map(|row| &row.at_work).for_each(|work| wanted.work(work));
    wanted.calendars.extend(rows.iter().filter_map(|row| row.calendar));
    let labels = wanted.look_up(deps, tenant).await?;
    Ok(rows.iter().map(|row| WorkCenter::new(row, &labels)).collect())
}

/// Dresses rows of machines.
pub async fn machines(deps: &GraphqlDeps, tenant: TenantId, rows: Vec<MachineRow>) -> Result<Vec<Machine>, Error> {
    let mut wanted = Wanted::default();
    wanted.work_centers.extend(rows.iter().map(|row| row.work_center));
    rows.iter().flat_map(|row| &row.at_work).for_each(|work| wanted.work(work));
    wanted.calendars.extend(rows.iter().filter_map(|row| row.calendar));
    let labels = wanted.look_up(deps, tenant).await?;
    Ok(rows.into_iter().map(|row| Machine::new(row, &labels)).collect())
}

/// Which work centers are wanted.
#[derive(Debug, Default, InputObject)]
pub struct WorkCenterFilter {
    /// Those whose code contains this.
    code_contains: Option<String>,
    /// Those that are out of use as well.
    #[graphql(default)]
    include_retired: bool,
}

/// Which machines are wanted.
#[derive(Debug, Default, InputObject)]
pub struct MachineFilter {
    /// Those whose code contains this.
    code_contains: Option<String>,
    /// Those that are doing one of these.
    #[graphql(validator(max_items = 100))]
    status: Option<Vec<MachineStatus>>,
    /// Those of this work center.
    work_center_id: Option<ID>,
}

const BY_CODE: Sort = Sort { column: Some("code"), descending: false };

impl WorkCenterFilter {
    fn conditions(self) -> Vec<Condition> {
        let code = self.code_contains.map(|text| Condition { column: "code", test: Test::Contains(text) });
        let in_use = Condition { column: "retired", test: Test::Is(Value::Integer(0)) };
        code.into_iter().chain((!self.include_retired).then_some(in_use)).collect()
    }
}

impl MachineFilter {
    fn conditions(self) -> Vec<Condition> {
        let code = self.code_contains.map(|text| Condition { column: "code", test: Test::Contains(text) });
        let place = self.work_center_id.map(|id| {
            let key = find_id(&id).map_or_else(|| id.0, projections::projection::row_key);
            Condition { column: "work_center", test: Test::Is(Value::Text(key)) }
        });
        let status = self.status.map(|wanted| {
            let name = |status: MachineStatus| Value::Text(machine_board::status_name(status.into()).to_owned());
            Condition { column: "status", test: Test::In(wanted.into_iter().map(name).collect()) }
        });
        code.into_iter().chain(place).chain(status).collect()
    }
}

/// Questions about work centers and machines.
#[derive(Default)]
pub struct MachinesQuery;

#[Object]
impl MachinesQuery {
    /// Work centers by code, with what is going on there now. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn work_centers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: WorkCenterFilter,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<WorkCenter>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let paging = Paging::new(first, after, last, before);
        let mut page = page::<WorkCenterBoard>(deps, caller.tenant, &paging, filter.conditions(), BY_CODE).await?;
        let nodes = work_centers(deps, caller.tenant, &page.take_rows()).await?;
        Ok(page.connect(nodes))
    }

    /// Machines by code, with what is going on there now. Give `first` or `last`, 1 to 100.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn machines(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Continue after this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end.")] last: Option<i32>,
        #[graphql(desc = "Stop before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which ones.", default)] filter: MachineFilter,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Connection<Machine>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let paging = Paging::new(first, after, last, before);
        let mut page = page::<MachineBoard>(deps, caller.tenant, &paging, filter.conditions(), BY_CODE).await?;
        let nodes = machines(deps, caller.tenant, page.take_rows()).await?;
        Ok(page.connect(nodes))
    }

    /// One work center; null when there is none.
    async fn work_center(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its identity.")] id: ID,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Option<WorkCenter>, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, min_position).await?;
        work_center(deps(ctx)?, caller.tenant, find_id(&id)).await
    }

    /// One machine; null when there is none.
    async fn machine(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its identity.")] id: ID,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Option<Machine>, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        settle(ctx, min_position).await?;
        machine(deps(ctx)?, caller.tenant, find_id(&id)).await
    }
}

async fn work_center(
    deps: &GraphqlDeps,
    tenant: TenantId,
    id: Option<uuid::Uuid>,
) -> Result<Option<WorkCenter>, Error> {
    let rows = rows::<WorkCenterBoard>(deps, tenant, id.into_iter()).await?;
    Ok(work_centers(deps, tenant, &rows).await?.pop())
}

async fn machine(deps: &GraphqlDeps, tenant: TenantId, id: Option<uuid::Uuid>) -> Result<Option<Machine>, Error> {
    let rows = rows::<MachineBoard>(deps, tenant, id.into_iter()).await?;
    Ok(machines(deps, tenant, rows).await?.pop())
}
