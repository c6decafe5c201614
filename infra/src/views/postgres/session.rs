//! A connection of this node's own for changes, made anew when it was lost.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio_postgres::{Client, Error, Row, Statement};

use super::is_of_table;
use crate::postgres::{Parameters, Postgres, is_of_connection, whole};
use crate::views::RowStoreError;

/// How long to wait after an attempt to connect that failed: who works here tries again at once.
const PAUSE: Duration = Duration::from_millis(200);

/// How long one step may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(40);

/// Rows and checkpoints commit together and can be made anew from the events, so that a power cut at the server may cost the last
/// batches, never truth. Who is stopped in the middle of a transaction must not keep the others from the lead.
const SETTINGS: &str = "
    SET kilter.scope = 'system';
    SET default_transaction_isolation = 'read committed';
    SET default_transaction_read_only = off;
    SET synchronous_commit = off;
    SET statement_timeout = '30s';
    SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '3s'";

/// One connection with the statements that it has prepared.
pub(super) struct Session {
    pub(super) client: Client,
    prepared: Mutex<HashMap<String, Statement>>,
}

impl Session {
    pub(super) async fn connect(server: &Postgres) -> Result<Self, String> {
        let client = server.connect().await.map_err(|refusal| refusal.to_string())?;
        let set = tokio::time::timeout(PATIENCE, client.batch_execute(SETTINGS)).await;
        set.map_err(|_| format!("{}: no answer", server.name()))?.map_err(|error| server.says(&error))?;
        Ok(Self { client, prepared: Mutex::default() })
    }

    /// The statement of this text.
    pub(super) async fn prepare(&self, text: &str) -> Result<Statement, Error> {
        if let Some(known) = self.known(text) {
            return Ok(known);
        }
        let statement = self.client.prepare(text).await?;
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned(), statement.clone());
        Ok(statement)
    }

    /// The same, if it is prepared already.
    pub(super) fn known(&self, text: &str) -> Option<Statement> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner).get(text).cloned()
    }

    pub(super) async fn query(&self, text: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, Error> {
        self.client.query(&self.prepare(text).await?, parameters).await
    }
}

/// The place of a session, empty at first and after a failure.
#[derive(Default)]
pub(super) struct Line(Option<Session>);

impl Line {
    /// Takes the session out, so that it is gone unless it is put back; connects where there is none.
    pub(super) async fn take(&mut self, server: &Postgres) -> Result<Session, RowStoreError> {
        if let Some(session) = self.0.take().filter(|session| !session.client.is_closed()) {
            return Ok(session);
        }
        match Session::connect(server).await {
            Ok(session) => Ok(session),
            Err(reason) => {
                tokio::time::sleep(PAUSE).await;
                Err(RowStoreError::Unavailable(reason))
            }
        }
    }

    /// It has answered.
    pub(super) fn put_back(&mut self, session: Session) {
        self.0 = Some(session);
    }

    /// Asks one statement that does no harm when it is done twice, once more where the connection turns out to be dead.
    pub(super) async fn ask(
        &mut self,
        server: &Postgres,
        text: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, Unanswered> {
        let mut again = true;
        loop {
            let session = self.take(server).await?;
            match tokio::time::timeout(PATIENCE, session.query(text, parameters)).await {
                Ok(Ok(rows)) => {
                    self.put_back(session);
                    return Ok(rows);
                }
                Ok(Err(error)) if again && is_of_connection(&error) => again = false,
                Ok(Err(error)) if is_of_table(&error) => {
                    self.put_back(session);
                    return Err(Unanswered::NoTable(unavailable(server, &whole(&error))));
                }
                Ok(Err(error)) => return Err(unavailable(server, &whole(&error)).into()),
                Err(_) => return Err(unavailable(server, "no answer").into()),
            }
        }
    }
}

/// Why there is no answer.
pub(super) enum Unanswered {
    /// What was asked is not there.
    NoTable(RowStoreError),
    Failed(RowStoreError),
}

impl From<RowStoreError> for Unanswered {
    fn from(error: RowStoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<Unanswered> for RowStoreError {
    fn from(unanswered: Unanswered) -> Self {
        let (Unanswered::NoTable(error) | Unanswered::Failed(error)) = unanswered;
        error
    }
}

/// What the runner is told.
pub(super) fn unavailable(server: &Postgres, reason: &str) -> RowStoreError {
    RowStoreError::Unavailable(format!("{}: {reason}", server.name()))
}
