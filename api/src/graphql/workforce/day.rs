//! One operator's local day: what is planned for them, and what they reported, with gaps and overlaps.

use async_graphql::{Context, Error, ID, Object, SimpleObject};
use domain::kernel::roles::Action;
use domain::kernel::{OperatorId, TenantId};
use domain::scheduling::placement::Placement;
use jiff::tz::TimeZone;
use projections::company;
use projections::local_days::Window;
use projections::operator_day::{self, OperatorDay};
use projections::schedule_board::Planned;

use super::{Operator, named, operator};
use crate::graphql::board;
use crate::graphql::board::bar::{BoardBar, bars, kept};
use crate::graphql::calendars::Span;
use crate::graphql::jobs::{Figures, WorkReport, dress_reports};
use crate::graphql::row::Rows;
use crate::graphql::scalars::{Date, Position};
use crate::graphql::{GraphqlDeps, deps, errors, permitted, settle};

impl From<Window> for Span {
    fn from(window: Window) -> Self {
        Self { start: window.from.into(), end: window.to.into() }
    }
}

/// A report with the part of it that lies in the day.
#[derive(SimpleObject)]
pub struct OperatorDayEntry {
    /// The report.
    report: WorkReport,
    /// The part of it that lies in the day.
    within: Span,
}

/// What is planned for an operator on one local day, and what they reported of it.
#[derive(SimpleObject)]
pub struct OperatorDayReport {
    /// Who.
    operator: Operator,
    /// Which day.
    date: Date,
    /// The zone that the day is counted in.
    zone: String,
    /// From one local midnight to the next.
    day: Span,
    /// What the plan has for them in it, or was agreed to have, by start; with what became of it.
    planned: Rows<BoardBar>,
    /// The reports that touch it, by start.
    entries: Vec<OperatorDayEntry>,
    /// Sums: the time within the day, the quantities of the reports that end in it.
    totals: Figures,
    /// Time between the first and the last entry that no entry covers.
    gaps: Vec<Span>,
    /// Time that more than one entry covers.
    overlaps: Vec<Span>,
}

/// Questions about an operator's day.
#[derive(Default)]
pub struct OperatorDayQuery;

#[Object]
impl OperatorDayQuery {
    /// What is planned for one operator on one local day, and what they reported of it; null when there is no such operator.
    #[expect(clippy::too_many_arguments, reason = "the two ways to name an operator, the day and its zone")]
    async fn operator_day(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Identity; give this or `code`.")] operator_id: Option<ID>,
        #[graphql(desc = "Badge or staff number; give this or `operatorId`.")] code: Option<String>,
        #[graphql(desc = "Which day.")] date: Date,
        #[graphql(desc = "IANA zone that the day is counted in; the company's when absent.")] zone: Option<String>,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<Option<OperatorDayReport>, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewShop)?, deps(ctx)?);
        let id = named(caller.tenant, operator_id.as_ref(), code.as_deref())?;
        settle(ctx, min_position).await?;
        let zone = chosen(deps, caller.tenant, zone.as_deref()).await?;
        let Some((id, operator)) = id.zip(operator(deps, caller.tenant, id).await?) else { return Ok(None) };
        let day = operator_day::ask(&*deps.views, caller.tenant, OperatorId(id), date.0, &zone).await;
        let day = day.map_err(errors::view_failure(deps))?;
        let day = day.ok_or_else(|| errors::failure(errors::BAD_RANGE, "the calendar ends there"))?;
        let planned = planned(deps, caller.tenant, OperatorId(id), day.day).await?;
        report(deps, caller.tenant, (operator, planned), &zone, day).await.map(Some)
    }
}

async fn chosen(deps: &GraphqlDeps, tenant: TenantId, zone: Option<&str>) -> Result<TimeZone, Error> {
    match zone {
        Some(name) => TimeZone::get(name).map_err(|_| errors::failure("ZONE_UNKNOWN", "not an IANA time zone")),
        None => company::time_zone(&*deps.views, tenant).await.map_err(errors::view_failure(deps)),
    }
}

/// What the plan has for somebody in a day, or was agreed to have.
async fn planned(
    deps: &GraphqlDeps,
    tenant: TenantId,
    operator: OperatorId,
    day: Window,
) -> Result<Rows<BoardBar>, Error> {
    let window = board::window::Window { from: day.from, until: day.to };
    let theirs = |it: &Placement| it.operator == Some(operator) && window.shows(it);
    let keep = |planned: &Planned| theirs(&planned.placement) || theirs(planned.agreed());
    let (_, placed) = kept(deps, tenant, (window, &keep)).await?;
    Ok(bars(deps, tenant, &placed).await?.1.into_iter().collect())
}

async fn report(
    deps: &GraphqlDeps,
    tenant: TenantId,
    (operator, planned): (Operator, Rows<BoardBar>),
    zone: &TimeZone,
    day: OperatorDay,
) -> Result<OperatorDayReport, Error> {
    let (reports, within): (Vec<_>, Vec<_>) = day.entries.into_iter().map(|entry| (entry.report, entry.within)).unzip();
    let reports = dress_reports(deps, tenant, reports).await?;
    let entry = |(report, within): (WorkReport, Window)| OperatorDayEntry { report, within: within.into() };
    Ok(OperatorDayReport {
        operator,
        date: Date(day.date),
        zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        day: day.day.into(),
        planned,
        entries: reports.into_iter().zip(within).map(entry).collect(),
        totals: (&day.totals).into(),
        gaps: day.gaps.into_iter().map(Into::into).collect(),
        overlaps: day.overlaps.into_iter().map(Into::into).collect(),
    })
}
