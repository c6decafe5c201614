//! Why a job ends when it does, and what an outage touches.

use std::collections::BTreeSet;

use async_graphql::{Context, Enum, Error, SimpleObject};
use domain::kernel::{Interval, JobId, TenantId};
use domain::scheduling::placement::OperationRef;
use projections::planning::{Cause, Lane, Limit, Slack, Stretch, Why};
use projections::schedule_board::ScheduleBoard;

use super::bar::{BoardBar, Placed, bars, mark};
use super::sight;
use crate::graphql::deps;
use crate::graphql::references::{Labels, Reference, Wanted, rows};
use crate::graphql::row::Rows;
use crate::graphql::scalars::{DateTime, Seconds};

/// What a stretch of time went into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum WhyCause {
    /// It ran.
    Run,
    /// It was set up.
    Setup,
    /// It was done before.
    Done,
    /// A lag after what came first.
    Lag,
    /// The machine had no shift.
    NoShift,
    /// The machine was down or in maintenance.
    Downtime,
    /// The operator was not there.
    Absent,
    /// The machine was busy with another operation.
    MachineBusy,
    /// The operator was busy with another operation.
    OperatorBusy,
    /// The tool was taken.
    ToolTaken,
    /// It was before now.
    Now,
    /// Somebody fixed it there, or it is at work there.
    Pinned,
    /// Nothing was in the way.
    Unused,
}

/// A stretch of time between a job's release and its end.
#[derive(Debug, Clone, SimpleObject)]
pub struct WhyStretch {
    /// From this instant.
    from: DateTime,
    /// Up to this instant.
    until: DateTime,
    /// The operation of the job that was at work, or waited.
    operation: u16,
    /// What the time went into.
    cause: WhyCause,
    /// The machine that it is about.
    machine: Option<Reference>,
    /// The operator that it is about.
    operator: Option<Reference>,
    /// The tool that it is about.
    tool: Option<String>,
    /// The job of the operation that was in the way.
    other_job: Option<Reference>,
    /// The place of that operation in its job.
    other_operation: Option<u16>,
}

/// Why a job ends when it does: its time from release to end, without a gap.
#[derive(Debug, Clone, SimpleObject)]
pub struct JobWhy {
    /// Its release; where it has none, when it was taken on.
    release: DateTime,
    /// When its last operation ends.
    end: DateTime,
    /// By how much it is late; 0 where it is not.
    late_seconds: Seconds,
    /// What the time went into; each begins where the one before it ends.
    stretches: Rows<WhyStretch>,
    /// How much later its operations could end that are not over, by number.
    slack: Rows<OperationSlack>,
}

/// What an operation that ends any later is in the way of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SlackLimit {
    /// Its job, which would be late, or later than it is.
    Due,
    /// What comes after it in its job: `otherOperation`.
    Follower,
    /// What its machine does next: `otherOperation` of `otherJob`.
    Machine,
    /// What its operator does next: `otherOperation` of `otherJob`.
    Operator,
    /// Who takes its tool next: `otherOperation` of `otherJob`.
    Tool,
}

/// How much later an operation could end, with everything else where it is and its job not late, or no later than it is.
#[derive(Debug, Clone, SimpleObject)]
pub struct OperationSlack {
    /// The operation of the job.
    operation: u16,
    /// Seconds around the clock, 0 or more; null where nothing is ever in the way.
    seconds: Option<Seconds>,
    /// What is in the way of a second more.
    limit: Option<SlackLimit>,
    /// The machine that it is about.
    machine: Option<Reference>,
    /// The operator that it is about.
    operator: Option<Reference>,
    /// The tool that it is about.
    tool: Option<String>,
    /// The job of the operation that would have to wait.
    other_job: Option<Reference>,
    /// The place of that operation in its job.
    other_operation: Option<u16>,
}

impl OperationSlack {
    fn new(slack: &Slack, labels: &Labels) -> Self {
        let told = |limit: Option<SlackLimit>, other: Option<OperationRef>| Self {
            operation: slack.operation.operation.0,
            seconds: slack.seconds.map(Seconds),
            limit,
            machine: None,
            operator: None,
            tool: None,
            other_job: other.map(|other| labels.of(other.job.0)),
            other_operation: other.map(|other| other.operation.0),
        };
        match &slack.limit {
            None => told(None, None),
            Some(Limit::Due) => told(Some(SlackLimit::Due), None),
            Some(Limit::Follower(next)) => told(Some(SlackLimit::Follower), Some(*next)),
            Some(Limit::Machine(id, next)) => {
                Self { machine: Some(labels.of(id.0)), ..told(Some(SlackLimit::Machine), Some(*next)) }
            }
            Some(Limit::Operator(id, next)) => {
                Self { operator: Some(labels.of(id.0)), ..told(Some(SlackLimit::Operator), Some(*next)) }
            }
            Some(Limit::Tool(tool, next)) => {
                Self { tool: Some(tool.to_string()), ..told(Some(SlackLimit::Tool), Some(*next)) }
            }
        }
    }
}

fn want_limit(wanted: &mut Wanted, limit: &Limit) {
    match limit {
        Limit::Due => {}
        Limit::Follower(next) | Limit::Tool(_, next) => _ = wanted.jobs.insert(next.job),
        Limit::Machine(machine, next) => {
            wanted.machines.insert(*machine);
            wanted.jobs.insert(next.job);
        }
        Limit::Operator(operator, next) => {
            wanted.operators.insert(*operator);
            wanted.jobs.insert(next.job);
        }
    }
}

/// What a cause is about, taken apart.
fn parts(stretch: &Stretch, labels: &Labels) -> WhyStretch {
    let told = |cause| WhyStretch {
        from: stretch.from.into(),
        until: stretch.to.into(),
        operation: stretch.operation.operation.0,
        cause,
        machine: None,
        operator: None,
        tool: None,
        other_job: None,
        other_operation: None,
    };
    match &stretch.cause {
        Cause::Run => told(WhyCause::Run),
        Cause::Setup => told(WhyCause::Setup),
        Cause::Done => told(WhyCause::Done),
        Cause::Lag => told(WhyCause::Lag),
        Cause::NoShift(id) => WhyStretch { machine: Some(labels.of(id.0)), ..told(WhyCause::NoShift) },
        Cause::Downtime(id) => WhyStretch { machine: Some(labels.of(id.0)), ..told(WhyCause::Downtime) },
        Cause::Absent(id) => WhyStretch { operator: Some(labels.of(id.0)), ..told(WhyCause::Absent) },
        Cause::MachineBusy(id, other) => WhyStretch {
            machine: Some(labels.of(id.0)),
            other_job: Some(labels.of(other.job.0)),
            other_operation: Some(other.operation.0),
            ..told(WhyCause::MachineBusy)
        },
        Cause::OperatorBusy(id, other) => WhyStretch {
            operator: Some(labels.of(id.0)),
            other_job: Some(labels.of(other.job.0)),
            other_operation: Some(other.operation.0),
            ..told(WhyCause::OperatorBusy)
        },
        Cause::ToolTaken(tool) => WhyStretch { tool: Some(tool.to_string()), ..told(WhyCause::ToolTaken) },
        Cause::Now => told(WhyCause::Now),
        Cause::Pinned => told(WhyCause::Pinned),
        Cause::Unused => told(WhyCause::Unused),
    }
}

fn want(wanted: &mut Wanted, cause: &Cause) {
    match cause {
        Cause::NoShift(machine) | Cause::Downtime(machine) => _ = wanted.machines.insert(*machine),
        Cause::Absent(operator) => _ = wanted.operators.insert(*operator),
        Cause::MachineBusy(machine, other) => {
            wanted.machines.insert(*machine);
            wanted.jobs.insert(other.job);
        }
        Cause::OperatorBusy(operator, other) => {
            wanted.operators.insert(*operator);
            wanted.jobs.insert(other.job);
        }
        _ => {}
    }
}

/// Why a job ends when it does; nothing where something of it has no place.
pub(super) async fn why(ctx: &Context<'_>, tenant: TenantId, job: JobId) -> Result<Option<JobWhy>, Error> {
    let why: Option<Why> =
        sight::ask(ctx, move |shop, planning| planning.why(shop.plan.placements.values(), job)).await?;
    let Some(why) = why else { return Ok(None) };
    let mut wanted = Wanted::default();
    why.stretches.iter().for_each(|stretch| want(&mut wanted, &stretch.cause));
    why.slacks.iter().filter_map(|slack| slack.limit.as_ref()).for_each(|limit| want_limit(&mut wanted, limit));
    let labels = wanted.look_up(deps(ctx)?, tenant).await?;
    Ok(Some(JobWhy {
        release: why.release.into(),
        end: why.end.into(),
        late_seconds: Seconds(why.late_seconds),
        stretches: why.stretches.iter().map(|stretch| parts(stretch, &labels)).collect(),
        slack: why.slacks.iter().map(|slack| OperationSlack::new(slack, &labels)).collect(),
    }))
}

/// What is touched when a machine stops, or somebody is away.
pub(super) async fn touched(
    ctx: &Context<'_>,
    tenant: TenantId,
    (lane, when): (Lane, Interval),
) -> Result<Rows<BoardBar>, Error> {
    let (deps, marked) = (deps(ctx)?, ctx.look_ahead().field("conflicts").exists());
    let found = sight::ask(ctx, move |shop, planning| {
        let placements = || shop.plan.placements.values();
        (planning.touched_by(placements(), lane, when), marked.then(|| planning.conflicts(placements())))
    });
    let (touched, conflicts) = found.await?;
    let touched: BTreeSet<_> = touched.into_iter().collect();
    let jobs: BTreeSet<JobId> = touched.iter().map(|operation| operation.job).collect();
    let plans = rows::<ScheduleBoard>(deps, tenant, jobs.into_iter().map(|job| job.0)).await?;
    let all = plans.into_iter().flat_map(|row| row.operations.into_iter().map(move |planned| (planned, row.version)));
    let mut placed: Vec<Placed> = all.filter(|(planned, _)| touched.contains(&planned.placement.of())).collect();
    placed.sort_unstable_by_key(|(planned, _)| (planned.placement.start, planned.placement.of()));
    let (_, mut bars) = bars(deps, tenant, &placed).await?;
    if let Some(conflicts) = &conflicts {
        mark(&mut bars, conflicts);
    }
    Ok(bars.into_iter().collect())
}
