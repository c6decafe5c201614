//! The queue in front of the writer: first in, first out; what is there is taken together, nothing is waited for.

use domain::kernel::{StreamId, TenantId};
use domain::ports::{AppendError, Appended};
use tokio::sync::{mpsc, oneshot};

use crate::event_store::prepared::Prepared;

/// Requests that may wait; whoever comes then waits to be let in.
pub(super) const CAPACITY: usize = 1024;

const BATCH_EVENTS: usize = 512;
const BATCH_BYTES: usize = 256 * 1024;

pub(super) type Answer<T> = oneshot::Sender<Result<T, AppendError>>;

/// One append and who waits for it.
pub(super) struct Waiting {
    pub(super) append: Prepared,
    pub(super) answer: Answer<Appended>,
}

/// Work on what is already stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Maintenance {
    /// Remove the bodies below this revision.
    TruncateBefore(TenantId, StreamId, u64),
    /// Remove all bodies and refuse further appends.
    DeleteStream(TenantId, StreamId),
    /// See whether the file can be written.
    Probe,
}

pub(super) enum Request {
    Append(Waiting),
    Maintain(Maintenance, Answer<()>),
}

/// What the writer does next.
pub(super) enum Turn {
    Append(Vec<Waiting>),
    Maintain(Maintenance, Answer<()>),
}

pub(super) struct Queue {
    requests: mpsc::Receiver<Request>,
    /// Taken, but the batch was full.
    held: Option<Request>,
}

impl Queue {
    pub(super) const fn new(requests: mpsc::Receiver<Request>) -> Self {
        Self { requests, held: None }
    }

    /// The next turn; waits until there is one. None once the store is dropped and everything is answered.
    pub(super) fn next(&mut self) -> Option<Turn> {
        match self.held.take().or_else(|| self.requests.blocking_recv())? {
            Request::Maintain(task, answer) => Some(Turn::Maintain(task, answer)),
            Request::Append(first) => Some(Turn::Append(self.drain(first))),
        }
    }

    fn drain(&mut self, first: Waiting) -> Vec<Waiting> {
        let (mut events, mut bytes) = (first.append.events.len(), first.append.bytes);
        let mut batch = vec![first];
        while let Ok(request) = self.requests.try_recv() {
            match request {
                Request::Append(next)
                    if events + next.append.events.len() <= BATCH_EVENTS
                        && bytes + next.append.bytes <= BATCH_BYTES =>
                {
                    events += next.append.events.len();
                    bytes += next.append.bytes;
                    batch.push(next);
                }
                other => {
                    self.held = Some(other);
                    break;
                }
            }
        }
        batch
    }
}
