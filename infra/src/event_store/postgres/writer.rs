//! The one task of a node that writes. It takes what waits, appends it in one transaction, commits, then answers.

use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ports::AppendError;
use futures_util::FutureExt;

use super::session::{Failure, Judged, Session};
use crate::event_store::listeners::{Committed, Listeners};
use crate::event_store::prepared::Prepared;
use crate::event_store::queue::{Maintenance, Queue, Turn};
use crate::postgres::{Postgres, whole};

/// How long one transaction may take, before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct Writer {
    pub(super) server: Arc<Postgres>,
    pub(super) listeners: Arc<Listeners>,
    /// None at first and after a failure: the next request connects anew.
    pub(super) session: Option<Session>,
    /// Whether the transaction at hand may already be durable.
    pub(super) commit_began: bool,
}

impl Writer {
    /// Works until the store is dropped and the queue is empty.
    pub(super) async fn run(mut self, mut queue: Queue) {
        while let Some(turn) = queue.next().await {
            match turn {
                Turn::Append(batch) => {
                    let began = Instant::now();
                    let appends: Vec<&Prepared> = batch.iter().map(|waiting| &waiting.append).collect();
                    let result = self.append(&appends).await;
                    self.listeners.settle(&self.server.name(), batch, result, began);
                }
                // Whether it can be read is asked besides; the lock between nodes is not taken for a question of health.
                Turn::Maintain(Maintenance::Probe, answer) if self.session.is_some() => drop(answer.send(Ok(()))),
                Turn::Maintain(task, answer) => drop(answer.send(self.maintain(task).await)),
            }
        }
    }

    async fn append(&mut self, batch: &[&Prepared]) -> Result<Committed, AppendError> {
        self.commit_began = false;
        let judged = guarded(self.write(batch)).await.unwrap_or_else(|reason| Err(self.failure(&reason)))?;
        let last = judged.last();
        Ok(Committed { outcomes: judged.outcomes, last })
    }

    async fn maintain(&mut self, task: Maintenance) -> Result<(), AppendError> {
        self.commit_began = false;
        guarded(self.work(task)).await.unwrap_or_else(|reason| Err(self.failure(&reason)))
    }

    async fn write<'a>(&mut self, batch: &[&'a Prepared]) -> Result<Judged<'a>, AppendError> {
        fail::fail_point!("event_store::before_begin", |_| Err(self.failure(&"injected")));
        let (session, judged) = self.judge(batch).await?;
        fail::fail_point!("event_store::before_commit", |_| Err(self.failure(&"injected")));
        self.commit_began = !judged.accepted.is_empty();
        session.commit(&judged.accepted).await.map_err(|failure| self.failed(&failure))?;
        fail::fail_point!("event_store::after_commit", |_| Err(self.failure(&"injected")));
        self.session = Some(session);
        Ok(judged)
    }

    /// A connection that the server ended while nobody used it is no reason to fail: nothing is written yet.
    async fn judge<'a>(&mut self, batch: &[&'a Prepared]) -> Result<(Session, Judged<'a>), AppendError> {
        if let Some(session) = self.session.take()
            && let Ok(judged) = session.judge(batch).await
        {
            return Ok((session, judged));
        }
        let session = self.connect().await?;
        let judged = session.judge(batch).await.map_err(|failure| self.failed(&failure))?;
        Ok((session, judged))
    }

    async fn work(&mut self, task: Maintenance) -> Result<(), AppendError> {
        let mut session = match self.session.take() {
            Some(session) => session,
            None => self.connect().await?,
        };
        self.commit_began = true;
        session.maintain(task).await.map_err(|failure| self.failed(&failure))?;
        self.session = Some(session);
        Ok(())
    }

    async fn connect(&self) -> Result<Session, AppendError> {
        let client = self.server.connect().await.map_err(|error| AppendError::Unavailable(error.to_string()))?;
        Session::over(client).await.map_err(|error| self.failure(&whole(&error)))
    }

    fn failed(&mut self, failure: &Failure) -> AppendError {
        self.commit_began &= matches!(failure, Failure::Unknown(_));
        match failure {
            Failure::Undone(error) | Failure::Unknown(error) => self.failure(&whole(error)),
            Failure::Damaged(flaw) => self.failure(flaw),
        }
    }

    fn failure(&self, reason: &dyn Display) -> AppendError {
        let reason = format!("{}: {reason}", self.server.name());
        if self.commit_began { AppendError::OutcomeUnknown(reason) } else { AppendError::Unavailable(reason) }
    }
}

/// Whatever goes wrong, a panic and an endless wait included, the writer lives on.
async fn guarded<T>(work: impl Future<Output = T>) -> Result<T, &'static str> {
    match AssertUnwindSafe(tokio::time::timeout(PATIENCE, work)).catch_unwind().await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) => Err("no answer"),
        Err(_) => Err("the writer panicked"),
    }
}
