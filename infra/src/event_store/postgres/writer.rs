//! The one task of a node that writes. It takes what waits, appends it in one transaction, commits, then answers.

use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ports::AppendError;
use futures_util::FutureExt;

use super::session::{Judged, Outcome, Session};
use crate::event_store::listeners::{AppendBatch, Listeners};
use crate::event_store::prepared::Prepared;
use crate::event_store::queue::{Maintenance, Queue, Turn, Waiting};
use crate::postgres::Postgres;

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
                Turn::Append(batch) => self.append(batch).await,
                Turn::Maintain(task, answer) => drop(answer.send(self.maintain(task).await)),
            }
        }
    }

    async fn append(&mut self, batch: Vec<Waiting>) {
        let began = Instant::now();
        let requests = batch.len();
        let events = batch.iter().map(|waiting| waiting.append.events.len()).sum();
        let appends: Vec<&Prepared> = batch.iter().map(|waiting| &waiting.append).collect();
        match self.write(&appends).await {
            Ok((outcomes, last)) => {
                for (waiting, outcome) in batch.into_iter().zip(outcomes) {
                    drop(waiting.answer.send(outcome));
                }
                self.listeners.committed(last, AppendBatch { requests, events, elapsed: began.elapsed() });
            }
            Err(error) => {
                tracing::error!(server = self.server.name(), %error, requests, "event_store.append_failed");
                for waiting in batch {
                    drop(waiting.answer.send(Err(error.clone())));
                }
            }
        }
    }

    /// Runs one transaction. Whatever goes wrong, a panic included, the writer lives on with a new connection.
    async fn write(
        &mut self,
        batch: &[&Prepared],
    ) -> Result<(Vec<Outcome>, Option<domain::ports::Position>), AppendError> {
        self.commit_began = false;
        let transaction =
            AssertUnwindSafe(tokio::time::timeout(PATIENCE, self.transaction(batch))).catch_unwind().await;
        let result = match transaction {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(self.failure(&"no answer")),
            Err(_) => Err(self.failure(&"the writer panicked")),
        };
        if result.is_err() {
            self.session = None;
        }
        result.map(|judged| (judged.outcomes.clone(), judged.last()))
    }

    async fn transaction<'a>(&mut self, batch: &[&'a Prepared]) -> Result<Judged<'a>, AppendError> {
        fail::fail_point!("event_store::before_begin", |_| Err(self.failure(&"injected")));
        let session = self.session().await?;
        let judged = session.judge(batch).await.map_err(|error| self.failed(&error))?;
        fail::fail_point!("event_store::before_commit", |_| Err(self.failure(&"injected")));
        self.commit_began = true;
        if let Err(error) = session.commit(&judged).await {
            // What the server itself refuses is undone; what it did not answer may be done.
            self.commit_began = error.as_db_error().is_none();
            return Err(self.failed(&error));
        }
        fail::fail_point!("event_store::after_commit", |_| Err(self.failure(&"injected")));
        self.session = Some(session);
        Ok(judged)
    }

    async fn maintain(&mut self, task: Maintenance) -> Result<(), AppendError> {
        self.commit_began = false;
        let mut session = self.session().await?;
        let done = tokio::time::timeout(PATIENCE, session.maintain(task)).await;
        match done {
            Ok(Ok(())) => {
                self.session = Some(session);
                Ok(())
            }
            Ok(Err(error)) => Err(self.failed(&error)),
            Err(_) => Err(self.failure(&"no answer")),
        }
    }

    async fn session(&mut self) -> Result<Session, AppendError> {
        if let Some(session) = self.session.take() {
            return Ok(session);
        }
        let client = self.server.connect().await.map_err(|error| AppendError::Unavailable(error.to_string()))?;
        Session::over(client).await.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &tokio_postgres::Error) -> AppendError {
        self.failure(&crate::postgres::whole(error))
    }

    fn failure(&self, reason: &dyn Display) -> AppendError {
        let reason = format!("{}: {reason}", self.server.name());
        if self.commit_began { AppendError::OutcomeUnknown(reason) } else { AppendError::Unavailable(reason) }
    }
}
