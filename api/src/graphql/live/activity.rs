//! `activityAppended`.

use std::sync::Arc;

use async_graphql::{Context, Error, SimpleObject, Subscription};
use domain::kernel::roles::Action;
use domain::kernel::{Caller, StreamType, TenantId};
use domain::ports::{self, Recorded};
use futures_util::Stream;

use super::feed::{Topic, follow};
use super::{MessageHead, MessageKind};
use crate::graphql::activity::{ActivityEntry, ActivityFilter, dress, hides};
use crate::graphql::scalars::Position;
use crate::graphql::{GraphqlDeps, permitted};

/// Something happened.
#[derive(SimpleObject)]
pub struct ActivityAppended {
    #[graphql(flatten)]
    head: MessageHead,
    /// With `CHANGE`: what happened.
    entry: Option<ActivityEntry>,
}

struct ActivityTopic {
    /// Who follows. It is shared with others of their role, so what is about themselves alone is not told here.
    caller: Caller,
    filter: ActivityFilter,
    /// Whether the client asks what happened, not only that something did.
    with_entry: bool,
}

impl Topic for ActivityTopic {
    type Message = ActivityAppended;
    const KINDS: &'static [StreamType] = &[];

    fn concerns(&self, tenant: TenantId, event: &Recorded) -> bool {
        self.filter.passes(tenant, event) && !hides(&self.caller, event)
    }

    async fn tell(
        &self,
        deps: &GraphqlDeps,
        tenant: TenantId,
        events: &[Arc<Recorded>],
    ) -> Result<Vec<ActivityAppended>, Error> {
        let mut entries = Vec::new();
        if self.with_entry {
            entries = dress(deps, tenant, events).await?;
        }
        let mut entries = entries.into_iter();
        let message = |event: &Arc<Recorded>| ActivityAppended {
            head: MessageHead::change(deps, &event.envelope),
            entry: entries.next(),
        };
        Ok(events.iter().map(message).collect())
    }

    async fn snapshot(
        &self,
        deps: &GraphqlDeps,
        _tenant: TenantId,
        lag_ms: i32,
    ) -> Result<(ports::Position, ActivityAppended), Error> {
        let position = deps.live.position();
        let head = MessageHead::state(MessageKind::Snapshot, position, lag_ms);
        Ok((position, ActivityAppended { head, entry: None }))
    }

    fn heartbeat(&self, position: ports::Position, lag_ms: i32) -> ActivityAppended {
        ActivityAppended { head: MessageHead::state(MessageKind::Heartbeat, position, lag_ms), entry: None }
    }
}

/// Following what happens.
#[derive(Default)]
pub struct ActivitySubscription;

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[Subscription]
impl ActivitySubscription {
    /// What happens, as it is recorded: one message for each event. Without `after` the first message is an empty snapshot
    /// that tells the cursor to begin from.
    async fn activity_appended(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Continue after this cursor, without gap or duplicate.")] after: Option<Position>,
        #[graphql(desc = "Which entries.", default)] filter: ActivityFilter,
    ) -> Result<impl Stream<Item = Result<ActivityAppended, Error>> + use<>, Error> {
        let caller = permitted(ctx, Action::ViewActivity)?;
        let with_entry = ctx.look_ahead().field("entry").exists();
        follow(ctx, caller.tenant, ActivityTopic { caller, filter, with_entry }, after.map(|after| after.0))
    }
}
