//! The engine under every subscription: snapshot or backlog first, then live, one message for each event, none twice.
//!
//! The order matters: subscribe to what is live, then note the position P that the read models have come to. Up to P the log
//! itself is paged; after P come the notices. A subscriber that falls behind the notices goes back to paging the log, so
//! nothing is ever buffered beyond one page.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, Error};
use domain::kernel::{StreamType, TenantId};
use domain::ports::{Filter, Position, Recorded, Scope};
use futures_util::stream::{Stream, unfold};
use infra::live::Notice;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::Instant;

use crate::graphql::{GraphqlDeps, deps, errors};
use crate::live_handoff::{Handoff, Phase};

/// How long a subscription may be silent.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Events that are read or drained at once.
const PAGE: usize = 256;

/// What a subscription is about.
pub(super) trait Topic: Send + Sync + 'static {
    /// What is sent.
    type Message: Send + 'static;
    /// The kinds of streams whose events may matter; empty means every kind.
    const KINDS: &'static [StreamType];

    /// Whether this event is told.
    fn concerns(&self, tenant: TenantId, event: &Recorded) -> bool;

    /// The messages for these events, one for each, with rows as they are now.
    fn tell(
        &self,
        deps: &GraphqlDeps,
        tenant: TenantId,
        events: &[Arc<Recorded>],
    ) -> impl Future<Output = Result<Vec<Self::Message>, Error>> + Send;

    /// Whether a message has nothing to say after all, and stays unsent.
    fn is_silent(&self, _message: &Self::Message) -> bool {
        false
    }

    /// The state as it is now, and the position that it is complete up to.
    fn snapshot(
        &self,
        deps: &GraphqlDeps,
        tenant: TenantId,
        lag_ms: i32,
    ) -> impl Future<Output = Result<(Position, Self::Message), Error>> + Send;

    /// A sign of life: everything up to here was told.
    fn heartbeat(&self, position: Position, lag_ms: i32) -> Self::Message;
}

enum Stage {
    Snapshot,
    Backlog { until: Position },
    Live,
    Over,
}

struct Feed<T: Topic> {
    deps: GraphqlDeps,
    tenant: TenantId,
    topic: T,
    handoff: Option<Handoff>,
    notices: Receiver<Arc<Notice>>,
    /// Every event up to here is told, ready to be sent, or no concern of the topic.
    told: Position,
    ready: VecDeque<(Position, T::Message)>,
    stage: Stage,
    heartbeat_at: Instant,
}

/// The stream of a subscription on `topic`, after the cursor that the client came back with.
pub(super) fn follow<T: Topic>(
    ctx: &Context<'_>,
    tenant: TenantId,
    topic: T,
    after: Option<Position>,
) -> Result<impl Stream<Item = Result<T::Message, Error>> + use<T>, Error> {
    let deps = deps(ctx)?.clone();
    let handoff = ctx.data_opt::<Handoff>().cloned();
    let notices = deps.live.subscribe(tenant);
    let until = deps.live.position();
    let after = match handoff.as_ref().map(Handoff::phase) {
        Some(Phase::Group { after }) => Some(after),
        Some(Phase::Individual) | None => after,
    };
    let stage = if after.is_some() { Stage::Backlog { until } } else { Stage::Snapshot };
    let feed = Feed {
        deps,
        tenant,
        topic,
        handoff,
        notices,
        told: after.unwrap_or_default(),
        ready: VecDeque::new(),
        stage,
        heartbeat_at: Instant::now() + HEARTBEAT,
    };
    Ok(unfold(feed, |mut feed| async move { feed.next().await.map(|message| (message, feed)) }))
}

impl<T: Topic> Feed<T> {
    async fn next(&mut self) -> Option<Result<T::Message, Error>> {
        loop {
            if let Some((position, message)) = self.ready.pop_front() {
                if let Some(handoff) = &self.handoff {
                    handoff.sending(position);
                }
                self.heartbeat_at = Instant::now() + HEARTBEAT;
                return Some(Ok(message));
            }
            let step = match self.stage {
                Stage::Over => return None,
                Stage::Snapshot => self.take_snapshot().await,
                Stage::Backlog { until } if self.told < until => self.read_page(until).await,
                Stage::Backlog { until } => self.caught_up(until).await,
                Stage::Live => self.wait().await,
            };
            if let Err(error) = step {
                self.stage = Stage::Over;
                return Some(Err(error));
            }
        }
    }

    /// All that was before is told: what follows comes live, to this execution or to the one that is shared.
    async fn caught_up(&mut self, until: Position) -> Result<(), Error> {
        if self.told > until {
            // The read models may yet come to it. What lies ahead of the log itself is a cursor of another log: whoever
            // waited for it would hear nothing, and keep all who share the execution waiting.
            let head = self.deps.store.head().await.map_err(errors::read_failure(&self.deps))?;
            if self.told > head {
                return Err(errors::failure(errors::BAD_CURSOR, "the cursor lies ahead of everything that happened"));
            }
        }
        self.stage = match &self.handoff {
            Some(handoff) if handoff.phase() == Phase::Individual => {
                handoff.caught_up(self.told);
                Stage::Over
            }
            _ => Stage::Live,
        };
        Ok(())
    }

    async fn take_snapshot(&mut self) -> Result<(), Error> {
        let lag_ms = self.lag_ms().await?;
        let (position, message) = self.topic.snapshot(&self.deps, self.tenant, lag_ms).await?;
        self.told = position;
        self.ready.push_back((position, message));
        self.stage = Stage::Backlog { until: position };
        Ok(())
    }

    async fn read_page(&mut self, until: Position) -> Result<(), Error> {
        let filter = Filter { kinds: T::KINDS.to_vec() };
        let page = self.deps.store.read_all(Scope::Tenant(self.tenant), self.told, PAGE, filter).await;
        let page = page.map_err(errors::read_failure(&self.deps))?;
        // What can't be read is parked by the runner, which says so; no row shows it, so there is nothing to tell.
        let readable = page.events.iter().filter_map(|stored| self.deps.codec.decode(stored).ok());
        let events: Vec<_> = readable.take_while(|event| event.envelope.position <= until).map(Arc::new).collect();
        let nothing_follows = page.scanned_to <= self.told;
        self.told = if nothing_follows { until } else { page.scanned_to.min(until) };
        self.tell(events).await
    }

    async fn wait(&mut self) -> Result<(), Error> {
        match tokio::time::timeout_at(self.heartbeat_at, self.notices.recv()).await {
            Ok(Ok(notice)) => self.drain(notice).await,
            Ok(Err(RecvError::Lagged(_))) => {
                self.stage = Stage::Backlog { until: self.deps.live.position() };
                Ok(())
            }
            Ok(Err(RecvError::Closed)) => {
                self.stage = Stage::Over;
                Ok(())
            }
            Err(_silence) => {
                // What happened to others moves the cursor too.
                let until = self.deps.live.position();
                while self.told < until {
                    self.read_page(until).await?;
                }
                let lag_ms = self.lag_ms().await?;
                self.ready.push_back((self.told, self.topic.heartbeat(self.told, lag_ms)));
                Ok(())
            }
        }
    }

    /// Takes this notice and those that wait behind it, so that rows are read once for all of them.
    async fn drain(&mut self, first: Arc<Notice>) -> Result<(), Error> {
        let mut events = Vec::new();
        let mut next = Some(first);
        while let Some(notice) = next.take() {
            if notice.position > self.told {
                self.told = notice.position;
                events.push(Arc::clone(&notice.event));
            }
            if events.len() < PAGE {
                next = match self.notices.try_recv() {
                    Ok(notice) => Some(notice),
                    Err(TryRecvError::Lagged(_)) => {
                        self.stage = Stage::Backlog { until: self.deps.live.position() };
                        None
                    }
                    Err(TryRecvError::Empty | TryRecvError::Closed) => None,
                };
            }
        }
        self.tell(events).await
    }

    async fn tell(&mut self, mut events: Vec<Arc<Recorded>>) -> Result<(), Error> {
        events.retain(|event| self.topic.concerns(self.tenant, event));
        if !events.is_empty() {
            let messages = self.topic.tell(&self.deps, self.tenant, &events).await?;
            let messages = events.iter().map(|event| event.envelope.position).zip(messages);
            self.ready.extend(messages.filter(|(_, message)| !self.topic.is_silent(message)));
        }
        Ok(())
    }

    /// By how much the read models are behind: the age of the first of the tenant's events that they do not hold.
    async fn lag_ms(&self) -> Result<i32, Error> {
        let at = self.deps.live.position();
        let missing = self.deps.store.read_all(Scope::Tenant(self.tenant), at, 1, Filter::default()).await;
        let missing = missing.map_err(errors::read_failure(&self.deps))?;
        let now = self.deps.clock.now().as_micros();
        let age = missing.events.first().map_or(0, |stored| now - stored.event.recorded_at.as_micros());
        Ok(super::millis(age))
    }
}
