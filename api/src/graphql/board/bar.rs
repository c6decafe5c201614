//! Bars: where operations are planned, and what became of them.

use std::collections::{BTreeSet, HashMap};

use async_graphql::{Error, ID, SimpleObject};
use domain::kernel::{JobId, TenantId, Timestamp};
use domain::ports;
use domain::scheduling::placement::{OperationRef, Placement};
use projections::job_board::{JobBoard, JobBoardRow, OperationLine};
use projections::planning::{Adherence, Conflict, ConflictKind};
use projections::projection::{Projection, row_key};
use projections::schedule_board::{Planned, ScheduleBoard, ScheduleRow, between};
use projections::views::{Question, Seek, Sort, decode};

use super::lane::{BoardBy, Lanes};
use super::window::Window;
use crate::graphql::jobs::{JobStatus, OperationStatus};
use crate::graphql::planning::conflict::PlanConflictKind;
use crate::graphql::references::{Labels, Reference, Wanted};
use crate::graphql::scalars::{DateTime, Decimal, Seconds};
use crate::graphql::{GraphqlDeps, errors};

/// The most bars that a board has.
const MOST_BARS: usize = 20_000;
/// Rows that are read at once.
const PAGE: usize = 1_000;

/// Somebody has fixed an operation where it is.
#[derive(Debug, Clone, SimpleObject)]
pub struct BarPin {
    /// Why.
    reason: String,
    /// Until when; null is for good. One that has run out holds no more.
    until: Option<DateTime>,
}

/// A place of an operation.
#[derive(Debug, Clone, SimpleObject)]
pub struct BarPlace {
    /// On which machine; null is outside the house.
    machine: Option<Reference>,
    /// By whom, where somebody is needed and named.
    operator: Option<Reference>,
    /// When its setup starts.
    start: DateTime,
    /// When its run ends.
    end: DateTime,
}

impl BarPlace {
    fn new(it: &Placement, labels: &Labels) -> Self {
        Self {
            machine: it.machine.map(|machine| labels.of(machine.0)),
            operator: it.operator.map(|operator| labels.of(operator.0)),
            start: it.start.into(),
            end: it.end.into(),
        }
    }
}

/// Where an operation is planned, and what became of it.
#[derive(Debug, Clone, SimpleObject)]
pub struct BoardBar {
    /// Of which job.
    job: Reference,
    /// Its place in the job.
    operation: u16,
    /// Its name.
    name: String,
    /// Where it is to be done.
    work_center: Reference,
    /// On which machine; null is outside the house.
    machine: Option<Reference>,
    /// By whom, where somebody is needed and named.
    operator: Option<Reference>,
    /// When its setup is planned to start.
    start: DateTime,
    /// When its run is planned to start.
    run_start: DateTime,
    /// When its run is planned to end.
    end: DateTime,
    /// Where people or the optimiser put it last: the plan may have followed the floor since.
    agreed: BarPlace,
    /// By how much it began later than agreed; less than zero is earlier. Null until it begins.
    start_late_seconds: Option<Seconds>,
    /// By how much it was finished later than agreed. Null until it is.
    end_late_seconds: Option<Seconds>,
    /// Whether somebody has fixed it there.
    pin: Option<BarPin>,
    /// How far it is.
    status: OperationStatus,
    /// Where its job is in its life.
    job_status: JobStatus,
    /// It has left the plan because it is over: this is where it had been planned.
    over: bool,
    /// When work on it began.
    started_at: Option<DateTime>,
    /// When it was finished.
    finished_at: Option<DateTime>,
    /// Good at the first go, as far as it is reported.
    good: Decimal,
    /// How much the job is to make; null when nobody said.
    quantity: Option<Decimal>,
    /// In what unit.
    unit: String,
    /// When its job is due.
    due: Option<DateTime>,
    /// Whether it ends after its job is due: as it was finished, else as it is planned.
    late: bool,
    /// What does not go together where it is planned, each kind once; null where that is not told: in `boardChanged`.
    conflicts: Option<Vec<PlanConflictKind>>,
    /// The version of the plan that changed anything of its job last.
    plan_version: u64,
    /// Which operation it is.
    #[graphql(skip)]
    pub of: OperationRef,
}

impl BoardBar {
    /// Whether no lane has it.
    pub(super) const fn is_on_no_lane(&self, by: BoardBy) -> bool {
        match by {
            BoardBy::Machine => self.machine.is_none(),
            BoardBy::Operator => self.operator.is_none(),
        }
    }
}

/// Tells of bars what does not go together where they are.
pub(super) fn mark(bars: &mut [BoardBar], conflicts: &[Conflict]) {
    let mut kinds: HashMap<OperationRef, BTreeSet<ConflictKind>> = HashMap::new();
    for conflict in conflicts {
        kinds.entry(conflict.operation).or_default().insert(conflict.kind);
    }
    for bar in bars {
        let of_bar = kinds.get(&bar.of).into_iter().flatten().copied();
        bar.conflicts = Some(of_bar.map(Into::into).collect());
    }
}

/// An operation that a window shows no more.
#[derive(Debug, Clone, SimpleObject)]
pub struct BarGone {
    /// Of which job.
    job_id: ID,
    /// Its place in the job.
    operation: u16,
}

impl From<OperationRef> for BarGone {
    fn from(gone: OperationRef) -> Self {
        Self { job_id: gone.job.into(), operation: gone.operation.0 }
    }
}

/// What the plan has somewhere, of one version of it.
pub(in crate::graphql) type Placed = (Planned, u64);

/// What the plan has in a window on these lanes, by start, and the position that this is complete up to.
pub(in crate::graphql) async fn placed(
    deps: &GraphqlDeps,
    tenant: TenantId,
    (window, lanes): (Window, &Lanes),
) -> Result<(ports::Position, Vec<Placed>), Error> {
    let keep = |planned: &Planned| window.shows(&planned.placement) && lanes.show(&planned.placement);
    kept(deps, tenant, (window, &keep)).await
}

/// The same of what is to be kept of all that the plan has, or was agreed to have, in a window.
pub(in crate::graphql) async fn kept(
    deps: &GraphqlDeps,
    tenant: TenantId,
    (window, keep): (Window, &(dyn Fn(&Planned) -> bool + Sync)),
) -> Result<(ports::Position, Vec<Placed>), Error> {
    let sort = Sort { column: Some("ends"), descending: false };
    let conditions = between(window.from, window.until);
    let mut question = Question { conditions, sort, after: None, before: None, from_end: false, limit: PAGE };
    let (mut position, mut placed) = (None, Vec::new());
    loop {
        let page = deps.views.ask(ScheduleBoard::NAME, tenant, question.clone()).await;
        let page = page.map_err(errors::view_failure(deps))?;
        position.get_or_insert(page.position);
        for row in &page.rows {
            let row = decode::<ScheduleBoard>(row).map_err(errors::view_failure(deps))?;
            let version = row.version;
            let kept = row.operations.into_iter().filter(|planned| keep(planned));
            placed.extend(kept.map(|planned| (planned, version)));
        }
        if placed.len() > MOST_BARS {
            let told = format!("the board has more than {MOST_BARS} bars: ask for less time, or for fewer lanes");
            return Err(errors::failure(errors::BAD_RANGE, told));
        }
        let Some(last) = page.rows.into_iter().next_back().filter(|_| page.more) else { break };
        question.after = Some(Seek { value: last.sort, key: last.key });
    }
    placed.sort_unstable_by_key(|(planned, _)| (planned.placement.start, planned.placement.of()));
    Ok((position.unwrap_or_default(), placed))
}

/// What a window shows of a row.
pub(in crate::graphql) fn shown(row: ScheduleRow, window: Window) -> impl Iterator<Item = Placed> {
    let version = row.version;
    let within = move |planned: &Planned| window.shows(&planned.placement);
    row.operations.into_iter().filter(within).map(move |planned| (planned, version))
}

/// Bars of these placements, and the position that they are complete up to: one question for each kind of row. What is planned of an
/// operation that was removed since has none.
pub(in crate::graphql) async fn bars(
    deps: &GraphqlDeps,
    tenant: TenantId,
    placed: &[Placed],
) -> Result<(ports::Position, Vec<BoardBar>), Error> {
    let named: BTreeSet<JobId> = placed.iter().map(|(planned, _)| planned.placement.job).collect();
    let keys = named.into_iter().map(|job| row_key(job.0)).collect();
    let found = deps.views.get(JobBoard::NAME, tenant, keys).await.map_err(errors::view_failure(deps))?;
    let decoded = found.rows.iter().map(decode::<JobBoard>).map(|row| row.map(|row| (row.id, row)));
    let jobs: HashMap<JobId, JobBoardRow> = decoded.collect::<Result<_, _>>().map_err(errors::view_failure(deps))?;
    let joined = |(planned, version): &Placed| {
        let job = jobs.get(&planned.placement.job)?;
        Some(Joined {
            job,
            line: job.operation(planned.placement.operation)?,
            planned: planned.clone(),
            version: *version,
        })
    };
    let joined: Vec<Joined<'_>> = placed.iter().filter_map(joined).collect();
    let mut wanted = Wanted::default();
    for bar in &joined {
        wanted.work_centers.insert(bar.line.work_center);
        for place in [&bar.planned.placement, bar.planned.agreed()] {
            wanted.machines.extend(place.machine);
            wanted.operators.extend(place.operator);
        }
    }
    let mut labels = wanted.look_up(deps, tenant).await?;
    for job in jobs.values() {
        labels.job(job);
    }
    let now = deps.clock.now();
    Ok((found.position, joined.into_iter().map(|bar| bar.dress(&labels, now)).collect()))
}

/// What one bar is made of.
struct Joined<'a> {
    job: &'a JobBoardRow,
    line: &'a OperationLine,
    planned: Planned,
    version: u64,
}

impl Joined<'_> {
    fn dress(self, labels: &Labels, now: Timestamp) -> BoardBar {
        let Self { job, line, planned, version } = self;
        let agreed = *planned.agreed();
        let kept = Adherence::of(&agreed, line.began_at, line.finished_at);
        let Planned { placement, pin, done, .. } = planned;
        let instant = |instant: Option<Timestamp>| instant.map(DateTime);
        let ends = line.finished_at.unwrap_or(placement.end);
        BoardBar {
            job: labels.of(job.id.0),
            operation: line.number.0,
            name: line.name.to_string(),
            work_center: labels.of(line.work_center.0),
            machine: placement.machine.map(|machine| labels.of(machine.0)),
            operator: placement.operator.map(|operator| labels.of(operator.0)),
            start: placement.start.into(),
            run_start: placement.run_start.into(),
            end: placement.end.into(),
            agreed: BarPlace::new(&agreed, labels),
            start_late_seconds: kept.start_late.map(Seconds),
            end_late_seconds: kept.end_late.map(Seconds),
            pin: pin
                .filter(|pin| pin.holds(now))
                .map(|pin| BarPin { reason: pin.reason.to_string(), until: instant(pin.until) }),
            status: line.status().into(),
            job_status: job.status.into(),
            over: done,
            started_at: instant(line.began_at),
            finished_at: instant(line.finished_at),
            good: line.totals.good.into(),
            quantity: job.quantity.map(Decimal),
            unit: job.unit.to_string(),
            due: instant(job.due()),
            late: job.due().is_some_and(|due| due < ends),
            conflicts: None,
            plan_version: version,
            of: placement.of(),
        }
    }
}
