//! The queue in front of a store's one writer: first in, first out; what is there is taken together, nothing is waited for.

use domain::kernel::{StreamId, TenantId};
use domain::ports::{AppendError, Appended};
use tokio::sync::{mpsc, oneshot};

use super::prepared::Prepared;

/// Requests that may wait; whoever comes then waits to be let in.
const CAPACITY: usize = 1024;

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
    /// See whether the store can be written.
    Probe,
}

enum Request {
    Append(Waiting),
    Maintain(Maintenance, Answer<()>),
}

/// What the writer does next.
pub(super) enum Turn {
    Append(Vec<Waiting>),
    Maintain(Maintenance, Answer<()>),
}

/// The sending end: what a store holds of its writer.
pub(super) struct Requests(mpsc::Sender<Request>);

impl Requests {
    /// Appends, and waits for the answer.
    pub(super) async fn append(&self, append: Prepared) -> Result<Appended, AppendError> {
        self.ask(|answer| Request::Append(Waiting { append, answer })).await
    }

    /// Works on what is stored, and waits for the end of it.
    pub(super) async fn maintain(&self, task: Maintenance) -> Result<(), AppendError> {
        self.ask(|answer| Request::Maintain(task, answer)).await
    }

    async fn ask<T>(&self, request: impl FnOnce(Answer<T>) -> Request) -> Result<T, AppendError> {
        let (answer, outcome) = oneshot::channel();
        let closed = || AppendError::Unavailable("the event store is closed".to_owned());
        self.0.send(request(answer)).await.map_err(|_| closed())?;
        outcome.await.unwrap_or_else(|_| Err(AppendError::OutcomeUnknown("the writer died".to_owned())))
    }
}

/// Both ends of a queue.
pub(super) fn queue() -> (Requests, Queue) {
    let (requests, waiting) = mpsc::channel(CAPACITY);
    (Requests(requests), Queue { requests: waiting, held: None })
}

pub(super) struct Queue {
    requests: mpsc::Receiver<Request>,
    /// Taken, but the batch was full.
    held: Option<Request>,
}

impl Queue {
    /// The next turn; blocks the thread until there is one. None once the store is dropped and everything is answered.
    pub(super) fn blocking_next(&mut self) -> Option<Turn> {
        let request = self.held.take().or_else(|| self.requests.blocking_recv())?;
        Some(self.turn(request))
    }

    /// The same for a task.
    pub(super) async fn next(&mut self) -> Option<Turn> {
        let request = match self.held.take() {
            Some(held) => held,
            None => self.requests.recv().await?,
        };
        Some(self.turn(request))
    }

    fn turn(&mut self, request: Request) -> Turn {
        match request {
            Request::Maintain(task, answer) => Turn::Maintain(task, answer),
            Request::Append(first) => Turn::Append(self.drain(first)),
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
