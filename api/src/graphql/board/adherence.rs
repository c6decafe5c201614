//! How the floor kept to the plan.

use std::collections::{BTreeSet, HashMap};

use async_graphql::{Error, ID, SimpleObject};
use domain::jobs::job::JobStatus;
use domain::kernel::{MachineId, OperatorId, TenantId};
use domain::scheduling::placement::OperationRef;
use projections::job_board::JobBoard;
use projections::planning::Adherence;
use projections::schedule_board::Planned;
use uuid::Uuid;

use super::bar::{BoardBar, Placed, bars, kept};
use super::window::Window;
use crate::graphql::connection::{Edge, PageInfo, Paging};
use crate::graphql::references::rows;
use crate::graphql::row::{Row, Rows};
use crate::graphql::scalars::Position;
use crate::graphql::{GraphqlDeps, find_id};

/// An operation as it was agreed, and as it was done.
#[derive(SimpleObject)]
pub struct PlanAdherence {
    /// What became of it, with `agreed`, `startLateSeconds` and `endLateSeconds`.
    bar: Row<BoardBar>,
    /// Whether it kept to the plan; null while that is open. What is overdue did not, whatever becomes of it.
    kept: Option<bool>,
}

/// How the floor kept to the plan.
#[derive(SimpleObject)]
pub struct AdherenceReport {
    /// How many operations were agreed to end then; those of jobs that were closed without them are left out.
    agreed: usize,
    /// How many of them kept to the plan.
    kept: usize,
    /// How many did not, or are overdue.
    missed: usize,
    /// Of how many that is open.
    open: usize,
    /// Those that kept to the plan, of those of which it is known, percent; null where there are none.
    kept_percent: Option<f64>,
    /// Of those that have begun, by how many seconds later than agreed in the mean.
    mean_start_late_seconds: Option<f64>,
    /// Of those that are finished, by how many seconds later than agreed in the mean.
    mean_end_late_seconds: Option<f64>,
    /// Operations with their cursors, by when they were agreed to end.
    edges: Rows<Edge<PlanAdherence>>,
    /// Where this page lies.
    page_info: PageInfo,
    /// How far in the history the answer had come.
    position: Position,
}

/// What is asked for.
pub(super) struct Wish {
    window: Window,
    /// Something is named that is no identity, which nothing has.
    nothing: bool,
    machine: Option<MachineId>,
    operator: Option<OperatorId>,
    tolerance: i64,
}

impl Wish {
    /// Of this time, this machine and this person, where these are named.
    pub(super) fn new(window: Window, (machine, operator): (Option<ID>, Option<ID>), tolerance: u32) -> Self {
        let id = |named: &Option<ID>| named.as_ref().and_then(find_id);
        let nothing = [&machine, &operator].into_iter().any(|named| named.is_some() && id(named).is_none());
        let (machine, operator) = (id(&machine).map(MachineId), id(&operator).map(OperatorId));
        Self { window, nothing, machine, operator, tolerance: tolerance.into() }
    }

    fn takes(&self, planned: &Planned) -> bool {
        let agreed = planned.agreed();
        let Window { from, until } = self.window;
        !self.nothing
            && from <= agreed.end
            && agreed.end < until
            && self.machine.is_none_or(|machine| agreed.machine == Some(machine))
            && self.operator.is_none_or(|operator| agreed.operator == Some(operator))
    }
}

/// What is counted.
#[derive(Default)]
struct Counts {
    kept: usize,
    missed: usize,
    open: usize,
    starts: Mean,
    ends: Mean,
}

/// A mean of seconds.
#[derive(Default)]
struct Mean {
    sum: i64,
    count: usize,
}

#[expect(clippy::cast_precision_loss, reason = "sums of seconds are exact far beyond any shop")]
impl Mean {
    fn add(&mut self, seconds: Option<i64>) {
        self.sum += seconds.unwrap_or(0);
        self.count += usize::from(seconds.is_some());
    }

    fn get(&self) -> Option<f64> {
        (self.count > 0).then(|| (self.sum as f64 * 10.0 / self.count as f64).round() / 10.0)
    }
}

impl Counts {
    fn add(&mut self, adherence: &Adherence, kept: Option<bool>) {
        match kept {
            Some(true) => self.kept += 1,
            Some(false) => self.missed += 1,
            None => self.open += 1,
        }
        self.starts.add(adherence.start_late);
        self.ends.add(adherence.end_late);
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of operations are exact far beyond any shop")]
    fn percent(&self) -> Option<f64> {
        let known = self.kept + self.missed;
        (known > 0).then(|| (self.kept as f64 * 1_000.0 / known as f64).round() / 10.0)
    }
}

/// How the floor kept to what was agreed.
pub(super) async fn report(
    deps: &GraphqlDeps,
    tenant: TenantId,
    (wish, paging): (Wish, &Paging),
) -> Result<AdherenceReport, Error> {
    let (position, mut placed) = kept(deps, tenant, (wish.window, &|planned: &Planned| wish.takes(planned))).await?;
    placed.sort_unstable_by_key(|(planned, _)| (planned.agreed().end, planned.placement.of()));
    let jobs: BTreeSet<Uuid> = placed.iter().map(|(planned, _)| planned.placement.job.0).collect();
    let jobs = rows::<JobBoard>(deps, tenant, jobs.into_iter()).await?;
    let jobs: HashMap<_, _> = jobs.into_iter().map(|row| (row.id, row)).collect();
    let (now, mut counts, mut list) = (deps.clock.now(), Counts::default(), Vec::new());
    for (planned, version) in placed {
        let OperationRef { job, operation } = planned.placement.of();
        let Some((row, line)) = jobs.get(&job).and_then(|row| Some((row, row.operation(operation)?))) else { continue };
        let closed = matches!(row.status, JobStatus::Completed | JobStatus::Cancelled);
        if closed && line.finished_at.is_none() {
            continue;
        }
        let agreed = *planned.agreed();
        let adherence = Adherence::of(&agreed, line.began_at, line.finished_at);
        let kept = adherence.is_kept_at(&agreed, wish.tolerance, now);
        counts.add(&adherence, kept);
        list.push(((agreed.end.as_micros(), job.0, operation.0), ((planned, version), kept)));
    }
    let agreed = list.len();
    let (page, page_info) = paging.of_list(list)?;
    let placed: Vec<Placed> = page.iter().map(|(_, (placed, _))| placed.clone()).collect();
    let told = page.into_iter().map(|(cursor, ((planned, _), kept))| (planned.placement.of(), (cursor, kept)));
    let mut told: HashMap<OperationRef, (String, Option<bool>)> = told.collect();
    let (_, bars) = bars(deps, tenant, &placed).await?;
    let edge = |bar: BoardBar| {
        let (cursor, kept) = told.remove(&bar.of)?;
        Some(Edge { cursor, node: Row(PlanAdherence { bar: Row(bar), kept }) })
    };
    Ok(AdherenceReport {
        agreed,
        kept: counts.kept,
        missed: counts.missed,
        open: counts.open,
        kept_percent: counts.percent(),
        mean_start_late_seconds: counts.starts.get(),
        mean_end_late_seconds: counts.ends.get(),
        edges: bars.into_iter().filter_map(edge).collect(),
        page_info,
        position: position.into(),
    })
}
