//! The one thread that writes. It takes what waits, appends it in one transaction, commits, then answers.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use domain::ports::{AppendError, Appended};
use rusqlite::ErrorCode;

use super::session::Session;
use crate::event_store::listeners::{Committed, Listeners};
use crate::event_store::queue::{Maintenance, Queue, Turn, Waiting};

pub(super) struct Writer {
    pub(super) path: PathBuf,
    pub(super) listeners: Arc<Listeners>,
    /// None after a failure: the next request opens the file anew.
    pub(super) session: Option<Session>,
    /// Whether the transaction at hand may already be durable.
    pub(super) commit_began: bool,
    /// Whether the last transaction failed.
    pub(super) failed: bool,
}

impl Writer {
    /// Works until the store is dropped and the queue is empty.
    pub(super) fn run(mut self, mut queue: Queue) {
        while let Some(turn) = queue.blocking_next() {
            match turn {
                Turn::Append(batch) => self.append(batch),
                Turn::Maintain(Maintenance::Probe, answer) if !self.failed => drop(answer.send(Ok(()))),
                Turn::Maintain(task, answer) => {
                    drop(answer.send(self.guarded(|writer| writer.maintain(task))));
                }
            }
        }
    }

    fn append(&mut self, batch: Vec<Waiting>) {
        let began = Instant::now();
        let result = self.guarded(|writer| writer.write(&batch));
        self.listeners.settle(&self.path.display(), batch, result, began);
    }

    /// Runs one transaction. Whatever goes wrong, a panic included, the writer lives on with a new session.
    fn guarded<T>(&mut self, transaction: impl FnOnce(&mut Self) -> Result<T, AppendError>) -> Result<T, AppendError> {
        self.commit_began = false;
        let result = catch_unwind(AssertUnwindSafe(|| transaction(self)))
            .unwrap_or_else(|_| Err(self.failure(&"the writer panicked")));
        self.failed = result.is_err();
        if self.failed {
            self.session = None;
        }
        result
    }

    fn write(&mut self, batch: &[Waiting]) -> Result<Committed, AppendError> {
        fail::fail_point!("event_store::before_begin", |_| Err(self.failure(&"injected")));
        let mut session = self.session()?;
        let mut write = || -> rusqlite::Result<Vec<Result<Appended, AppendError>>> {
            session.begin()?;
            batch.iter().map(|waiting| session.append(&waiting.append)).collect()
        };
        let outcomes = write().map_err(|error| self.failure(&error))?;
        fail::fail_point!("event_store::before_commit", |_| Err(self.failure(&"injected")));
        self.commit_began = true;
        if let Err(error) = session.commit() {
            // A full disk refuses the commit record itself: that transaction never comes back.
            self.commit_began = error.sqlite_error_code() != Some(ErrorCode::DiskFull);
            return Err(self.failure(&error));
        }
        fail::fail_point!("event_store::after_commit", |_| Err(self.failure(&"injected")));
        self.session = Some(session);
        let last = outcomes.iter().flatten().map(|appended| appended.position).max();
        Ok(Committed { outcomes, last })
    }

    fn maintain(&mut self, task: Maintenance) -> Result<(), AppendError> {
        let mut session = self.session()?;
        session.maintain(task).map_err(|error| self.failure(&error))?;
        self.session = Some(session);
        Ok(())
    }

    fn session(&mut self) -> Result<Session, AppendError> {
        match self.session.take() {
            Some(session) => Ok(session),
            None => Session::open(&self.path).map_err(|error| self.failure(&error)),
        }
    }

    fn failure(&self, reason: &dyn Display) -> AppendError {
        let reason = format!("{}: {reason}", self.path.display());
        if self.commit_began { AppendError::OutcomeUnknown(reason) } else { AppendError::Unavailable(reason) }
    }
}
