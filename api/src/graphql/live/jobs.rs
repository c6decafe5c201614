//! `jobChanged`.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use async_graphql::{Context, Error, ID, InputObject, SimpleObject, Subscription};
use domain::kernel::roles::Action;
use domain::kernel::{JobId, StreamType, TenantId};
use domain::ports::{self, Recorded};
use futures_util::Stream;
use projections::job_board::{JobBoard, JobBoardRow};
use projections::projection::{Projection, row_key};
use projections::views::{Question, Rows, Sort, decode};
use uuid::Uuid;

use super::feed::{Topic, follow};
use super::{MessageHead, MessageKind};
use crate::graphql::jobs::{Job, JobNeeds, dress};
use crate::graphql::scalars::Position;
use crate::graphql::{GraphqlDeps, errors, find_id, permitted};

/// The most rows that a snapshot has.
const MOST_ROWS: i32 = 1000;
/// The most jobs that one subscription can name.
const MOST_NAMED: usize = 1000;

/// Which jobs are followed: all, unless some are named, at most 1000 of them.
#[derive(Debug, Default, InputObject)]
pub struct JobChangedFilter {
    /// Those with these identities.
    ids: Option<Vec<ID>>,
    /// Those with these numbers.
    numbers: Option<Vec<String>>,
}

impl JobChangedFilter {
    fn chosen(&self, tenant: TenantId) -> Result<Option<BTreeSet<Uuid>>, Error> {
        let named = self.ids.as_ref().map_or(0, Vec::len) + self.numbers.as_ref().map_or(0, Vec::len);
        if named > MOST_NAMED {
            let told = format!("{named} jobs are named; at most {MOST_NAMED} can be: follow all instead");
            return Err(errors::failure(errors::BAD_RANGE, told));
        }
        if self.ids.is_none() && self.numbers.is_none() {
            return Ok(None);
        }
        let ids = self.ids.iter().flatten().filter_map(find_id);
        let numbers = self.numbers.iter().flatten().map(|number| JobId::from_key(tenant, number.trim()).0);
        Ok(Some(ids.chain(numbers).collect()))
    }
}

/// A job changed.
#[derive(SimpleObject)]
pub struct JobChanged {
    #[graphql(flatten)]
    head: MessageHead,
    /// With `CHANGE`: the job as it is now.
    job: Option<Job>,
    /// With `SNAPSHOT`: jobs as they are, those touched last first.
    jobs: Vec<Job>,
}

struct JobTopic {
    chosen: Option<BTreeSet<Uuid>>,
    snapshot: usize,
    of_change: JobNeeds,
    of_snapshot: JobNeeds,
}

impl Topic for JobTopic {
    type Message = JobChanged;
    const KINDS: &'static [StreamType] = &[StreamType::Job];

    fn concerns(&self, _tenant: TenantId, event: &Recorded) -> bool {
        let stream = event.envelope.stream;
        stream.kind == StreamType::Job && self.chosen.as_ref().is_none_or(|chosen| chosen.contains(&stream.id))
    }

    async fn tell(
        &self,
        deps: &GraphqlDeps,
        tenant: TenantId,
        events: &[Arc<Recorded>],
    ) -> Result<Vec<JobChanged>, Error> {
        let keys: BTreeSet<String> = events.iter().flat_map(|event| JobBoard::keys(event)).collect();
        let found = deps.views.get(JobBoard::NAME, tenant, keys.into_iter().collect()).await;
        let rows: HashMap<Uuid, JobBoardRow> =
            read(deps, &found.map_err(errors::view_failure(deps))?)?.into_iter().map(|row| (row.id.0, row)).collect();
        let board: Vec<_> = events.iter().filter_map(|event| rows.get(&event.envelope.stream.id).cloned()).collect();
        let mut jobs = dress(deps, tenant, board, self.of_change).await?.into_iter();
        let message = |event: &Arc<Recorded>| JobChanged {
            head: MessageHead::change(deps, &event.envelope),
            job: rows.get(&event.envelope.stream.id).and_then(|_| jobs.next()),
            jobs: Vec::new(),
        };
        Ok(events.iter().map(message).collect())
    }

    async fn snapshot(
        &self,
        deps: &GraphqlDeps,
        tenant: TenantId,
        lag_ms: i32,
    ) -> Result<(ports::Position, JobChanged), Error> {
        let found = match &self.chosen {
            Some(chosen) => {
                let keys = chosen.iter().map(|id| row_key(*id)).take(self.snapshot).collect();
                deps.views.get(JobBoard::NAME, tenant, keys).await
            }
            None => deps.views.ask(JobBoard::NAME, tenant, newest(self.snapshot)).await,
        };
        let found = found.map_err(errors::view_failure(deps))?;
        let position = found.position;
        let jobs = dress(deps, tenant, read(deps, &found)?, self.of_snapshot).await?;
        let head = MessageHead::state(MessageKind::Snapshot, position, lag_ms);
        Ok((position, JobChanged { head, job: None, jobs }))
    }

    fn heartbeat(&self, position: ports::Position, lag_ms: i32) -> JobChanged {
        let head = MessageHead::state(MessageKind::Heartbeat, position, lag_ms);
        JobChanged { head, job: None, jobs: Vec::new() }
    }
}

fn newest(limit: usize) -> Question {
    let sort = Sort { column: Some("last_activity"), descending: true };
    Question { conditions: Vec::new(), sort, after: None, before: None, from_end: false, limit }
}

fn read(deps: &GraphqlDeps, found: &Rows) -> Result<Vec<JobBoardRow>, Error> {
    found.rows.iter().map(decode::<JobBoard>).collect::<Result<_, _>>().map_err(errors::view_failure(deps))
}

/// Following jobs.
#[derive(Default)]
pub struct JobsSubscription;

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[Subscription]
impl JobsSubscription {
    /// Jobs as they change: one message for each event. Without `after` the first message is a snapshot.
    async fn job_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which jobs.", default)] filter: JobChangedFilter,
        #[graphql(desc = "Continue after this cursor, without gap or duplicate.")] after: Option<Position>,
        #[graphql(desc = "How many jobs the snapshot has at most, 1 to 1000.", default = 100)] snapshot: i32,
    ) -> Result<impl Stream<Item = Result<JobChanged, Error>> + use<>, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        let rows = usize::try_from(snapshot).ok().filter(|_| (1..=MOST_ROWS).contains(&snapshot));
        let topic = JobTopic {
            chosen: filter.chosen(caller.tenant)?,
            snapshot: rows.ok_or_else(|| errors::failure(errors::BAD_PAGE, "snapshot is 1 to 1000"))?,
            of_change: JobNeeds::of(&ctx.look_ahead().field("job")),
            of_snapshot: JobNeeds::of(&ctx.look_ahead().field("jobs")),
        };
        follow(ctx, caller.tenant, topic, after.map(|after| after.0))
    }
}
