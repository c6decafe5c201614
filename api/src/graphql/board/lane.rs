//! Lanes: the machines, or the people, whose work a board shows.

use std::collections::BTreeSet;

use async_graphql::{Enum, Error, ID, InputObject, SimpleObject};
use domain::calendars::open_time::OpenTimeError;
use domain::kernel::{Interval, MachineId, OperatorId, TenantId};
use domain::scheduling::placement::Placement;
use projections::machine_board::{MachineBoard, MachineRow};
use projections::open_time::{Hours, Open};
use projections::operators::{OperatorRow, Operators};
use projections::projection::{Value, row_key};
use projections::views::{Condition, Sort, Test};
use projections::work_center_board::WorkCenterBoard;
use uuid::Uuid;

use super::load::{LoadBy, Named};
use crate::graphql::calendars::{self, Span};
use crate::graphql::connection::{PageInfo, Paging, page};
use crate::graphql::machines::{Machine, machines};
use crate::graphql::references::{self, rows};
use crate::graphql::row::{Row, Rows};
use crate::graphql::workforce::{self, Operator};
use crate::graphql::{GraphqlDeps, errors, find_id};

/// The most lanes that can be named.
const MOST_NAMED: usize = 100;
const MIXED: &str = "name either machines, work centers or operators, and none that `by` does not say";

/// What a lane of a board is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum BoardBy {
    /// A machine.
    Machine,
    /// A person.
    Operator,
}

/// Which lanes are wanted: all, unless some are named, at most 100.
#[derive(Debug, Default, InputObject)]
#[expect(clippy::struct_field_names, reason = "so the fields of the schema are called")]
pub struct BoardLanes {
    /// These machines.
    machine_ids: Option<Vec<ID>>,
    /// The machines of these work centers, page by page.
    work_center_ids: Option<Vec<ID>>,
    /// These people.
    operator_ids: Option<Vec<ID>>,
}

impl BoardLanes {
    /// What the lanes that are named are.
    pub(super) const fn by(&self) -> BoardBy {
        if self.operator_ids.is_some() { BoardBy::Operator } else { BoardBy::Machine }
    }

    /// The same for a load, where a work center may be a lane of its own.
    pub(super) fn of_load(self, by: Option<LoadBy>) -> Result<(LoadBy, Named), Error> {
        let Self { machine_ids, work_center_ids, operator_ids } = self;
        Ok(match (by, machine_ids, work_center_ids, operator_ids) {
            (by, None, None, None) => (by.unwrap_or(LoadBy::Machine), Named::All),
            (None | Some(LoadBy::Machine), Some(ids), None, None) => (LoadBy::Machine, Named::These(named(&ids)?)),
            (None | Some(LoadBy::WorkCenter), None, Some(ids), None) => {
                (LoadBy::WorkCenter, Named::These(named(&ids)?))
            }
            (Some(LoadBy::Machine), None, Some(ids), None) => (LoadBy::Machine, Named::MachinesOf(named(&ids)?)),
            (None | Some(LoadBy::Operator), None, None, Some(ids)) => (LoadBy::Operator, Named::These(named(&ids)?)),
            _ => return Err(errors::failure(errors::BAD_REFERENCE, MIXED)),
        })
    }
}

/// One lane of a board.
#[derive(SimpleObject)]
pub struct BoardLane {
    /// The machine that it is, with `by: MACHINE`.
    machine: Option<Row<Machine>>,
    /// The person that it is, with `by: OPERATOR`.
    operator: Option<Row<Operator>>,
    /// When work can be done on it, maintenance and absences left out. Told of up to 92 days at once.
    open: Rows<Span>,
}

/// Lanes that work is looked for on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graphql) enum Lanes {
    /// All that there is.
    All,
    /// These machines; `None` is outside the house.
    Machines(BTreeSet<Option<MachineId>>),
    /// These people; `None` is nobody.
    Operators(BTreeSet<Option<OperatorId>>),
}

impl Lanes {
    /// Whether a placement is on one of them.
    pub(super) fn show(&self, placement: &Placement) -> bool {
        match self {
            Self::All => true,
            Self::Machines(machines) => machines.contains(&placement.machine),
            Self::Operators(operators) => operators.contains(&placement.operator),
        }
    }
}

/// Which page of which lanes.
pub(super) struct Wish {
    pub(super) by: BoardBy,
    pub(super) lanes: BoardLanes,
    pub(super) paging: Paging,
    /// Of what time open hours are asked for, if they are.
    pub(super) open: Option<Interval>,
}

/// Lanes as they were found.
pub(super) struct Found {
    pub(super) lanes: Vec<BoardLane>,
    pub(super) page: PageInfo,
    /// What work is looked for on.
    pub(super) on: Lanes,
}

const BY_CODE: Sort = Sort { column: Some("code"), descending: false };

/// The page of lanes that is wished for. The first page of all lanes goes with what is on none.
pub(super) async fn lanes(deps: &GraphqlDeps, tenant: TenantId, wish: Wish) -> Result<Found, Error> {
    let Wish { by, lanes: BoardLanes { machine_ids, work_center_ids, operator_ids }, paging, open } = wish;
    match (by, machine_ids, work_center_ids, operator_ids) {
        (BoardBy::Machine, Some(ids), None, None) => {
            let mut found = rows::<MachineBoard>(deps, tenant, named(&ids)?.into_iter()).await?;
            found.sort_unstable_by(|one, other| one.code.cmp(&other.code));
            of_machines(deps, tenant, open, (found, PageInfo::whole(), false)).await
        }
        (BoardBy::Machine, None, places, None) => {
            let also_outside = places.is_none() && paging.begins();
            let places = places.as_deref().map(named).transpose()?.map(in_work_centers);
            let found = page::<MachineBoard>(deps, tenant, &paging, places.into_iter().collect(), BY_CODE).await?;
            let (found, info) = found.into_rows();
            of_machines(deps, tenant, open, (found, info, also_outside)).await
        }
        (BoardBy::Operator, None, None, Some(ids)) => {
            let mut found = rows::<Operators>(deps, tenant, named(&ids)?.into_iter()).await?;
            found.sort_unstable_by(|one, other| one.code.cmp(&other.code));
            of_operators(deps, tenant, open, (found, PageInfo::whole(), false)).await
        }
        (BoardBy::Operator, None, None, None) => {
            let also_nobody = paging.begins();
            let (found, info) = page::<Operators>(deps, tenant, &paging, Vec::new(), BY_CODE).await?.into_rows();
            of_operators(deps, tenant, open, (found, info, also_nobody)).await
        }
        _ => Err(errors::failure(errors::BAD_REFERENCE, MIXED)),
    }
}

fn named(ids: &[ID]) -> Result<BTreeSet<Uuid>, Error> {
    if ids.len() > MOST_NAMED {
        let told = format!("{} lanes are named; at most {MOST_NAMED} can be", ids.len());
        return Err(errors::failure(errors::BAD_RANGE, told));
    }
    Ok(ids.iter().filter_map(find_id).collect())
}

fn in_work_centers(ids: BTreeSet<Uuid>) -> Condition {
    let keys = ids.into_iter().map(|id| Value::Text(row_key(id))).collect();
    Condition { column: "work_center", test: Test::In(keys) }
}

async fn of_machines(
    deps: &GraphqlDeps,
    tenant: TenantId,
    within: Option<Interval>,
    (rows, page, also_outside): (Vec<MachineRow>, PageInfo, bool),
) -> Result<Found, Error> {
    let open = match within {
        Some(within) => {
            let hours = Hours::read(&*deps.views, tenant).await.map_err(errors::view_failure(deps))?;
            let centers: BTreeSet<Uuid> = rows.iter().map(|row| row.work_center.0).collect();
            let centers = references::rows::<WorkCenterBoard>(deps, tenant, centers.into_iter()).await?;
            let center = |row: &MachineRow| centers.iter().find(|center| center.id == row.work_center);
            told(within, rows.iter().map(|row| hours.of_machine(row, center(row), within.seconds())))?
        }
        None => Vec::new(),
    };
    let on = rows.iter().map(|row| Some(row.id)).chain(also_outside.then_some(None)).collect();
    let machines = machines(deps, tenant, rows).await?.into_iter();
    let lane = |(machine, open)| BoardLane { machine: Some(Row(machine)), operator: None, open };
    Ok(Found { lanes: machines.zip(or_none(open)).map(lane).collect(), page, on: Lanes::Machines(on) })
}

async fn of_operators(
    deps: &GraphqlDeps,
    tenant: TenantId,
    within: Option<Interval>,
    (rows, page, also_nobody): (Vec<OperatorRow>, PageInfo, bool),
) -> Result<Found, Error> {
    let open = match within {
        Some(within) => {
            let hours = Hours::read(&*deps.views, tenant).await.map_err(errors::view_failure(deps))?;
            told(within, rows.iter().map(|row| hours.of_operator(row, within.seconds())))?
        }
        None => Vec::new(),
    };
    let on = rows.iter().map(|row| Some(row.id)).chain(also_nobody.then_some(None)).collect();
    let operators = workforce::dress(deps, tenant, rows).await?.into_iter();
    let lane = |(operator, open)| BoardLane { machine: None, operator: Some(Row(operator)), open };
    Ok(Found { lanes: operators.zip(or_none(open)).map(lane).collect(), page, on: Lanes::Operators(on) })
}

/// Open hours of each lane, as the answer has them.
fn told(within: Interval, open: impl Iterator<Item = Result<Open, OpenTimeError>>) -> Result<Vec<Rows<Span>>, Error> {
    open.map(|open| Ok(calendars::told(within, open)?.into_iter().collect())).collect()
}

/// Nothing for every lane of which nothing was asked.
fn or_none(open: Vec<Rows<Span>>) -> impl Iterator<Item = Rows<Span>> {
    open.into_iter().chain(std::iter::repeat_with(|| Rows::from_iter([])))
}
