//! `activityReplay`: history told again, at the pace that it happened or faster.

use std::collections::VecDeque;
use std::time::Duration;

use async_graphql::{Context, Enum, Error, SimpleObject, Subscription};
use domain::kernel::TenantId;
use domain::kernel::roles::Action;
use futures_util::stream::{Stream, unfold};
use projections::activity_log::ActivityLog;
use projections::projection::{Projection, Value};
use projections::views::{Condition, Question, Seek, Sort, Test, decode};
use tokio::time::Instant;

use crate::graphql::activity::{ActivityEntry, entries_at, hidden_from};
use crate::graphql::connection::{cursor, seek};
use crate::graphql::scalars::DateTime;
use crate::graphql::{GraphqlDeps, deps, errors, permitted};

/// Entries that are read at once.
const PAGE: usize = 256;

/// In which order history is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum ReplayOrder {
    /// As it happened on the floor.
    #[default]
    Happened,
    /// As it was recorded.
    Recorded,
}

/// An entry of the past.
#[derive(SimpleObject)]
pub struct ActivityReplayed {
    /// Come back with this as `after`, with the same order.
    cursor: String,
    /// What happened.
    entry: ActivityEntry,
    /// Milliseconds until the next message, at the speed asked for; null with the last one.
    next_in_ms: Option<i32>,
}

/// Where to go on reading.
enum Next {
    Beginning,
    After(Seek),
    NoMore,
}

struct Replay {
    deps: GraphqlDeps,
    tenant: TenantId,
    conditions: Vec<Condition>,
    sort: Sort,
    speed: Option<f64>,
    /// Where to go on reading.
    next: Next,
    ready: VecDeque<(String, ActivityEntry)>,
    due_at: Instant,
}

impl Replay {
    /// Reads on until there is one more entry than is told now, so that it is known when that one comes.
    async fn read_on(&mut self) -> Result<(), Error> {
        while self.ready.len() < 2 {
            let after = match std::mem::replace(&mut self.next, Next::NoMore) {
                Next::Beginning => None,
                Next::After(seek) => Some(seek),
                Next::NoMore => break,
            };
            let (conditions, sort) = (self.conditions.clone(), self.sort);
            let question = Question { conditions, sort, after, before: None, from_end: false, limit: PAGE };
            let found = self.deps.views.ask(ActivityLog::NAME, self.tenant, question).await;
            let found = found.map_err(errors::view_failure(&self.deps))?;
            let positions = found.rows.iter().map(|row| decode::<ActivityLog>(row).map(|row| row.position));
            let positions = positions.collect::<Result<_, _>>().map_err(errors::view_failure(&self.deps))?;
            let entries = entries_at(&self.deps, self.tenant, positions).await?;
            let cursors = found.rows.iter().map(|row| cursor(row, self.sort));
            self.ready.extend(cursors.zip(entries).filter_map(|(cursor, entry)| Some((cursor, entry?))));
            let last = found.rows.into_iter().next_back().filter(|_| found.more);
            self.next = last.map_or(Next::NoMore, |row| Next::After(Seek { value: row.sort, key: row.key }));
        }
        Ok(())
    }

    async fn next(&mut self) -> Option<Result<ActivityReplayed, Error>> {
        if let Err(error) = self.read_on().await {
            (self.next, self.ready) = (Next::NoMore, VecDeque::new());
            return Some(Err(error));
        }
        let (cursor, entry) = self.ready.pop_front()?;
        tokio::time::sleep_until(self.due_at).await;
        let gap = self.ready.front().map(|(_, next)| self.gap(&entry, next));
        self.due_at += gap.unwrap_or_default();
        let next_in_ms = gap.map(|gap| i32::try_from(gap.as_millis()).unwrap_or(i32::MAX));
        Some(Ok(ActivityReplayed { cursor, entry, next_in_ms }))
    }

    /// The time between two entries at the speed asked for; none when the later one happened before.
    fn gap(&self, entry: &ActivityEntry, next: &ActivityEntry) -> Duration {
        let micros = next.happened_at.0.as_micros().saturating_sub(entry.happened_at.0.as_micros());
        let gap = Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        self.speed.map_or(Duration::ZERO, |speed| Duration::try_from_secs_f64(gap.as_secs_f64() / speed).unwrap_or(gap))
    }
}

/// Telling history again.
#[derive(Default)]
pub struct ReplaySubscription;

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[Subscription]
impl ReplaySubscription {
    /// History told again between two instants (of the floor), `speed` times as fast as it happened. It
    /// completes at the end.
    #[expect(clippy::too_many_arguments, reason = "each is a choice of its own to the client")]
    async fn activity_replay(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Happened at this instant or later.")] from: Option<DateTime>,
        #[graphql(desc = "Happened before this instant.")] to: Option<DateTime>,
        #[graphql(desc = "How many times faster than it happened; absent or 0 means as fast as it can be read.")]
        speed: Option<f64>,
        #[graphql(desc = "In which order.", default)] order: ReplayOrder,
        #[graphql(desc = "Continue after this cursor, with the same order.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<ActivityReplayed, Error>> + use<>, Error> {
        let caller = permitted(ctx, Action::ViewActivity)?;
        let speed = speed.filter(|speed| *speed != 0.0);
        if speed.is_some_and(|speed| !speed.is_finite() || speed < 0.0) {
            return Err(errors::failure(errors::BAD_RANGE, "speed is a positive number, or 0"));
        }
        let column = (order == ReplayOrder::Happened).then_some("happened");
        let sort = Sort { column, descending: false };
        let from = from.map(|from| Test::AtLeast(Value::Integer(from.0.as_micros())));
        let to = to.map(|to| Test::Below(Value::Integer(to.0.as_micros())));
        let happened = from.into_iter().chain(to).map(|test| Condition { column: "happened", test });
        let replay = Replay {
            deps: deps(ctx)?.clone(),
            tenant: caller.tenant,
            conditions: happened.chain(hidden_from(&caller)).collect(),
            sort,
            speed,
            next: match after {
                Some(after) => Next::After(seek(&after, sort)?),
                None => Next::Beginning,
            },
            ready: VecDeque::new(),
            due_at: Instant::now(),
        };
        Ok(unfold(replay, |mut replay| async move { replay.next().await.map(|message| (message, replay)) }))
    }
}
