//! How much happened when, for a bar under a screen of the past: counts in equal parts of a window, and what stands out in it.

use async_graphql::{Context, Enum, Error, Object, SimpleObject};
use domain::catalog::Event;
use domain::jobs::job::JobEvent;
use domain::kernel::roles::Action;
use domain::kernel::{Caller, JobId, Timestamp};
use domain::machines::machine::{MachineEvent, MachineStatus};
use domain::ports::{self, Recorded};
use domain::scheduling::site_plan::PlanEvent;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use projections::activity_log::ActivityLog;
use projections::job_board::JobBoard;
use projections::labels::Thing;
use projections::projection::{Projection, Value};
use projections::views::{Condition, Question, Sort, Test, decode};

use super::activity::hidden_from;
use super::references::{Reference, Wanted, rows};
use super::row::Rows;
use super::scalars::{DateTime, Position};
use super::{GraphqlDeps, deps, errors, permitted, settle};

/// The most parts of a window.
const MOST_BUCKETS: i32 = 500;
/// The most events that are looked at for marks.
const MOST_MARKS: usize = 500;
/// Parts that are counted at once.
const AT_ONCE: usize = 8;
/// The events that may stand out.
const STANDING_OUT: [&str; 4] = ["machine.status_changed", "job.blocked", "job.completed", "plan.published"];

/// What stands out in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum MarkKind {
    /// A machine broke down, or stopped without plan.
    MachineDown,
    /// A job was stopped.
    JobBlocked,
    /// A job was completed after it was due.
    CompletedLate,
    /// A plan was published.
    PlanPublished,
}

/// Something that stands out.
#[derive(Debug, Clone, SimpleObject)]
pub struct ActivityMark {
    /// Its place among all events.
    position: Position,
    /// What it is.
    kind: MarkKind,
    /// When it happened on the floor.
    happened_at: DateTime,
    /// When Kilter was told.
    recorded_at: DateTime,
    /// The machine or job that it happened to; null for the plan.
    thing: Option<Reference>,
}

/// A part of a window.
#[derive(Debug, Clone, SimpleObject)]
pub struct ActivityBucket {
    /// From this instant on.
    from: DateTime,
    /// How many events happened in it.
    count: u64,
}

/// How much happened when.
#[derive(Debug, Clone, SimpleObject)]
pub struct ActivityDensity {
    /// Equal parts of the window, the first one first.
    buckets: Rows<ActivityBucket>,
    /// What stands out, the newest first.
    marks: Rows<ActivityMark>,
    /// Whether there is more that may stand out before the oldest mark: ask for a shorter window.
    more_marks: bool,
}

/// Questions about how much happened.
#[derive(Default)]
pub struct DensityQuery;

#[Object]
impl DensityQuery {
    /// How much happened between two instants (of the floor) in equal parts of that time, and what stands out in it.
    #[expect(clippy::too_many_arguments, reason = "each is a choice of its own to the client")]
    async fn activity_density(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From this instant on.")] from: DateTime,
        #[graphql(desc = "Up to this instant, without it.")] until: DateTime,
        #[graphql(desc = "How many parts, 1 to 500.", default = 100)] buckets: i32,
        #[graphql(desc = "Wait until everything up to here is in the answer.")] min_position: Option<Position>,
    ) -> Result<ActivityDensity, Error> {
        let (caller, deps) = (permitted(ctx, Action::ViewActivity)?, deps(ctx)?);
        settle(ctx, min_position).await?;
        let edges = edges(from.0, until.0, buckets)?;
        let counts = counts(deps, &caller, &edges).await?;
        let (marks, more_marks) = marks(deps, &caller, happened(from.0.as_micros(), until.0.as_micros())).await?;
        let bucket = |(edge, count): (&i64, u64)| {
            let from = Timestamp::from_micros(*edge).map_err(|error| errors::fault(deps, &error))?;
            Ok::<_, Error>(ActivityBucket { from: DateTime(from), count })
        };
        let buckets = edges.iter().zip(counts).map(bucket).collect::<Result<Vec<_>, _>>()?;
        Ok(ActivityDensity { buckets: buckets.into_iter().collect(), marks: marks.into_iter().collect(), more_marks })
    }
}

/// Where the parts begin, and where the last one ends.
fn edges(from: Timestamp, until: Timestamp, buckets: i32) -> Result<Vec<i64>, Error> {
    let bad = |message: &str| Err(errors::failure(errors::BAD_RANGE, message));
    if !(1..=MOST_BUCKETS).contains(&buckets) {
        return bad("buckets are 1 to 500");
    }
    let (first, length) = (from.as_micros(), until.as_micros().saturating_sub(from.as_micros()));
    if length < i64::from(buckets) {
        return bad("until is after from, by a microsecond for each bucket at least");
    }
    let edge = |at: i32| i128::from(first) + i128::from(length) * i128::from(at) / i128::from(buckets);
    Ok((0..=buckets).filter_map(|at| i64::try_from(edge(at)).ok()).collect())
}

fn happened(from: i64, until: i64) -> Vec<Condition> {
    let is = |test| Condition { column: "happened", test };
    vec![is(Test::AtLeast(Value::Integer(from))), is(Test::Below(Value::Integer(until)))]
}

/// How many events lie between neighbouring edges. Where nothing lies in all of them, they are not counted one by one.
async fn counts(deps: &GraphqlDeps, caller: &Caller, edges: &[i64]) -> Result<Vec<u64>, Error> {
    let count = async |from: i64, until: i64| {
        let conditions = happened(from, until).into_iter().chain(hidden_from(caller)).collect();
        let counted = deps.views.count(ActivityLog::NAME, caller.tenant, conditions).await;
        counted.map_err(errors::view_failure(deps))
    };
    if let [first, .., last] = edges
        && count(*first, *last).await? == 0
    {
        return Ok(vec![0; edges.len() - 1]);
    }
    let parts: Vec<(i64, i64)> = edges.windows(2).map(|pair| (pair[0], pair[1])).collect();
    stream::iter(parts).map(|(from, until)| count(from, until)).buffered(AT_ONCE).try_collect().await
}

/// What stands out, the newest first, and whether there may be more before.
async fn marks(
    deps: &GraphqlDeps,
    caller: &Caller,
    within: Vec<Condition>,
) -> Result<(Vec<ActivityMark>, bool), Error> {
    let types = STANDING_OUT.iter().map(|name| Value::Text((*name).to_owned())).collect();
    let standing_out = Condition { column: "event_type", test: Test::In(types) };
    let conditions = within.into_iter().chain([standing_out]).chain(hidden_from(caller)).collect();
    let sort = Sort { column: Some("happened"), descending: true };
    let question = Question { conditions, sort, after: None, before: None, from_end: false, limit: MOST_MARKS };
    let found = deps.views.ask(ActivityLog::NAME, caller.tenant, question).await.map_err(errors::view_failure(deps))?;
    let positions = found.rows.iter().map(|row| decode::<ActivityLog>(row).map(|row| row.position));
    let positions: Vec<ports::Position> = positions.collect::<Result<_, _>>().map_err(errors::view_failure(deps))?;
    let stored = deps.store.read_at(caller.tenant, positions).await.map_err(errors::read_failure(deps))?;
    let whole = stored.iter().filter(|stored| !stored.is_truncated());
    let events = whole.map(|stored| deps.codec.decode(stored).map_err(|error| errors::fault(deps, &error)));
    let events: Vec<Recorded> = events.collect::<Result<_, _>>()?;
    let due = due(deps, caller, &events).await?;
    let mut marked = Vec::new();
    let mut wanted = Wanted::default();
    for event in &events {
        let Some((kind, thing)) = mark(event, &due) else { continue };
        if let Some(thing) = thing {
            wanted.thing(thing);
        }
        marked.push((event, kind, thing.is_some()));
    }
    let labels = wanted.look_up(deps, caller.tenant).await?;
    let marks = marked.into_iter().map(|(Recorded { envelope, .. }, kind, named)| ActivityMark {
        position: envelope.position.into(),
        kind,
        happened_at: envelope.happened_at.into(),
        recorded_at: envelope.recorded_at.into(),
        thing: named.then(|| labels.of(envelope.stream.id)),
    });
    Ok((marks.collect(), found.more))
}

/// When the jobs that were completed were due.
async fn due(deps: &GraphqlDeps, caller: &Caller, events: &[Recorded]) -> Result<Vec<(JobId, Timestamp)>, Error> {
    let completed = events.iter().filter(|it| matches!(it.event, Event::Job(JobEvent::Completed { .. })));
    let mut jobs: Vec<_> = completed.map(|event| event.envelope.stream.id).collect();
    jobs.sort_unstable();
    jobs.dedup();
    let jobs = rows::<JobBoard>(deps, caller.tenant, jobs.into_iter()).await?;
    Ok(jobs.iter().filter_map(|job| Some((job.id, job.due()?))).collect())
}

/// What an event stands out as, and the thing of it.
fn mark(Recorded { envelope, event }: &Recorded, due: &[(JobId, Timestamp)]) -> Option<(MarkKind, Option<Thing>)> {
    let job = JobId(envelope.stream.id);
    match event {
        Event::Machine(MachineEvent::StatusChanged { status: MachineStatus::Down, .. }) => {
            let machine = domain::kernel::MachineId(envelope.stream.id);
            Some((MarkKind::MachineDown, Some(Thing::Machine(machine))))
        }
        Event::Job(JobEvent::Blocked { .. }) => Some((MarkKind::JobBlocked, Some(Thing::Job(job)))),
        Event::Job(JobEvent::Completed { .. }) => {
            let late = due.iter().any(|(known, due)| *known == job && *due < envelope.happened_at);
            late.then_some((MarkKind::CompletedLate, Some(Thing::Job(job))))
        }
        Event::Plan(PlanEvent::Published { .. }) => Some((MarkKind::PlanPublished, None)),
        _ => None,
    }
}
