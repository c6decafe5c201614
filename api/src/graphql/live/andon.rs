//! `andonChanged`.

use std::sync::Arc;

use async_graphql::{Context, Error, SimpleObject, Subscription};
use domain::kernel::roles::Action;
use domain::kernel::{StreamType, TenantId};
use domain::ports::{self, Recorded};
use futures_util::Stream;
use projections::andon_calls::{self, AndonCallRow, AndonCalls};
use projections::projection::Projection;
use projections::views::{Question, decode};

use super::feed::{Topic, follow};
use super::machines::touched;
use super::{MessageHead, MessageKind};
use crate::graphql::andon::{AndonCall, NEWEST_FIRST, dress};
use crate::graphql::scalars::Position;
use crate::graphql::{GraphqlDeps, errors, permitted};

/// The most calls that a snapshot has.
const MOST_CALLS: usize = 1000;

/// A call for help began, was answered, escalated or ended.
#[derive(SimpleObject)]
pub struct AndonChanged {
    #[graphql(flatten)]
    head: MessageHead,
    /// With `CHANGE`: the call as it is now.
    call: Option<AndonCall>,
    /// With `SNAPSHOT`: the calls that are open, the newest first, at most 1000.
    calls: Vec<AndonCall>,
}

struct AndonTopic;

impl Topic for AndonTopic {
    type Message = AndonChanged;
    const KINDS: &'static [StreamType] = &[StreamType::Job];

    fn concerns(&self, _tenant: TenantId, event: &Recorded) -> bool {
        !AndonCalls::keys(event).is_empty()
    }

    async fn tell(
        &self,
        deps: &GraphqlDeps,
        tenant: TenantId,
        events: &[Arc<Recorded>],
    ) -> Result<Vec<AndonChanged>, Error> {
        let (counts, rows) = touched::<AndonCalls>(deps, tenant, events).await?;
        let mut calls = dress(deps, tenant, rows).await?.into_iter();
        let message = |(event, count): (&Arc<Recorded>, usize)| AndonChanged {
            head: MessageHead::change(deps, &event.envelope),
            call: calls.by_ref().take(count).last(),
            calls: Vec::new(),
        };
        Ok(events.iter().zip(counts).map(message).collect())
    }

    async fn snapshot(
        &self,
        deps: &GraphqlDeps,
        tenant: TenantId,
        lag_ms: i32,
    ) -> Result<(ports::Position, AndonChanged), Error> {
        let question = Question {
            conditions: vec![andon_calls::open()],
            sort: NEWEST_FIRST,
            after: None,
            before: None,
            from_end: false,
            limit: MOST_CALLS,
        };
        let found = deps.views.ask(AndonCalls::NAME, tenant, question).await.map_err(errors::view_failure(deps))?;
        let rows: Result<Vec<AndonCallRow>, _> = found.rows.iter().map(decode::<AndonCalls>).collect();
        let calls = dress(deps, tenant, rows.map_err(errors::view_failure(deps))?).await?;
        let head = MessageHead::state(MessageKind::Snapshot, found.position, lag_ms);
        Ok((found.position, AndonChanged { head, call: None, calls }))
    }

    fn heartbeat(&self, position: ports::Position, lag_ms: i32) -> AndonChanged {
        let head = MessageHead::state(MessageKind::Heartbeat, position, lag_ms);
        AndonChanged { head, call: None, calls: Vec::new() }
    }
}

/// Following calls for help.
#[derive(Default)]
pub struct AndonSubscription;

#[expect(clippy::unused_async, reason = "the engine takes only async resolvers")]
#[Subscription]
impl AndonSubscription {
    /// Calls for help as they begin, are answered, escalate and end: one message for each event. Without `after` the first message is a
    /// snapshot of the calls that are open.
    async fn andon_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Continue after this cursor, without gap or duplicate.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<AndonChanged, Error>> + use<>, Error> {
        let caller = permitted(ctx, Action::ViewShop)?;
        follow(ctx, caller.tenant, AndonTopic, after.map(|after| after.0))
    }
}
