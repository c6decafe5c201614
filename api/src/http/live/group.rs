//! The execution that identical subscriptions share, and the register of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use domain::ports::Position;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::ring::{Found, Ring};
use super::{Asked, Sameness, item};
use crate::http::engine::Engine;
use crate::http::settings::LiveLimits;
use crate::live_handoff::Handoff;

/// Messages that go into the ring before its readers are told: far fewer than it holds, so that none misses them.
const AT_ONCE: usize = 32;
/// And their bytes, but for the last one's.
const AT_ONCE_BYTES: usize = 64 * 1024;

/// The groups that run; clones share them.
#[derive(Clone)]
pub struct Groups {
    limits: LiveLimits,
    running: Arc<Mutex<Running>>,
}

#[derive(Default)]
struct Running {
    groups: HashMap<Sameness, Weak<Group>>,
    sweep_at: usize,
}

/// One shared execution. It ends when its last reader lets go of it.
pub(super) struct Group {
    ring: Mutex<Ring>,
    /// Tells readers that the ring has changed; `true` once the execution is over.
    over: watch::Sender<bool>,
    _ends_with_the_last_reader: DropGuard,
}

impl Groups {
    /// None yet.
    pub fn new(limits: LiveLimits) -> Self {
        Self { limits, running: Arc::default() }
    }

    /// How many run.
    pub fn len(&self) -> usize {
        let running = lock(&self.running);
        running.groups.values().filter(|group| group.strong_count() > 0).count()
    }

    /// Whether none runs.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The group of all who ask the same; begun after `sent` if there is none.
    pub(super) fn join(&self, engine: &Arc<dyn Engine>, asked: &Asked, sent: Position) -> Arc<Group> {
        let sameness = asked.sameness();
        let mut running = lock(&self.running);
        if let Some(group) = running.groups.get(&sameness).and_then(Weak::upgrade).filter(|group| !group.is_over()) {
            return group;
        }
        if running.groups.len() >= running.sweep_at {
            running.groups.retain(|_, group| group.strong_count() > 0);
            running.sweep_at = 64.max(running.groups.len() * 2);
        }
        let group = Group::begin(engine, asked, sent, &self.limits);
        running.groups.insert(sameness, Arc::downgrade(&group));
        group
    }
}

impl Group {
    fn begin(engine: &Arc<dyn Engine>, asked: &Asked, sent: Position, limits: &LiveLimits) -> Arc<Self> {
        let end = CancellationToken::new();
        let group = Arc::new(Self {
            ring: Mutex::new(Ring::new(sent, limits.ring_messages, limits.ring_bytes)),
            over: watch::Sender::new(false),
            _ends_with_the_last_reader: end.clone().drop_guard(),
        });
        let handoff = Handoff::group(sent);
        let responses = engine.subscribe(asked.to_request(Some(handoff.clone())));
        let filling = fill(Arc::downgrade(&group), responses, handoff, asked.context.request_id);
        tokio::spawn(async move { end.run_until_cancelled(filling).await });
        group
    }

    pub(super) fn place_after(&self, sent: Position) -> Option<(u64, Position)> {
        lock(&self.ring).place_after(sent)
    }

    /// What is at this place, and whether nothing more will come.
    pub(super) fn look(&self, place: u64) -> (Found, bool) {
        // Asked first: what was pushed before the end is then found in the ring.
        let over = self.is_over();
        (lock(&self.ring).at(place), over)
    }

    fn is_over(&self) -> bool {
        *self.over.borrow()
    }

    pub(super) fn watch(&self) -> watch::Receiver<bool> {
        self.over.subscribe()
    }
}

/// Runs the execution into the ring.
async fn fill(
    group: Weak<Group>,
    responses: BoxStream<'static, async_graphql::Response>,
    handoff: Handoff,
    request_id: uuid::Uuid,
) {
    let mut responses = responses.fuse();
    while let Some(first) = responses.next().await {
        let Some(group) = group.upgrade() else { return };
        // What is ready is told of at once: each reader is woken, and writes, once for all of it.
        let (mut next, mut left, mut bytes) = (Some(first), AT_ONCE, 0);
        while let Some(response) = next {
            let position = handoff.sent();
            bytes += lock(&group.ring).push(position, item(response, Some(position), request_id));
            left -= 1;
            next = if left > 0 && bytes < AT_ONCE_BYTES { responses.next().now_or_never().flatten() } else { None };
        }
        group.over.send_replace(false);
    }
    if let Some(group) = group.upgrade() {
        group.over.send_replace(true);
    }
}

/// What is inside stays whole when a thread panics between two statements here: there is nothing to repair.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
