//! What the runner does with the rows, from threads of its own.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use domain::kernel::{StreamId, StreamType, TenantId};
use domain::ports::Scope;
use projections::projection::IndexColumn;
use tokio::time::timeout;
use tokio_postgres::Row;
use uuid::Uuid;

use super::leading::columns;
use super::session::{PATIENCE, Session, unavailable};
use super::transaction::{Beginning, Failure, Transaction, begin};
use super::value::{escaped, unescaped};
use super::{PostgresViews, digest, position, schema};
use crate::postgres::{Parameters, is_of_connection, whole};
use crate::views::{Checkpoint, Digest, Parked, Resting, RowKey, RowStore, RowStoreError, Shape, Shelf, TableId, Work};

/// Generation, position and event, and whether the table of rows is there.
const CHECKPOINTS: &str = "
    SELECT generation, position, event,
        to_regclass(projection || '_v' || version || '_' || generation) IS NOT NULL
    FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS asked (projection, version, number)
    LEFT JOIN checkpoint USING (projection, version) ORDER BY number";

const PARKED: &str = "
    SELECT projection, tenant, kind, stream, revision, position, reason
    FROM parked JOIN unnest($1::text[], $2::bigint[]) AS asked (projection, version) USING (projection, version)
    ORDER BY position, projection";

/// How a transaction ended whose commit was not answered.
const OUTCOME: &str = "SELECT pg_xact_status($1::text::xid8)";

/// For how long the server is asked for that, and how long to wait in between: it may still be at it.
const OUTCOME_WAIT: Duration = Duration::from_secs(5);
const OUTCOME_PAUSE: Duration = Duration::from_millis(100);

/// How long a session may take to take everything back; one that doesn't is given up.
const ROLLBACK_WAIT: Duration = Duration::from_secs(5);

impl PostgresViews {
    fn ask_rows(&self, text: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, RowStoreError> {
        let asked = self.runtime.block_on(self.server.ask(Scope::System, text, parameters));
        asked.map_err(|failure| RowStoreError::Unavailable(self.server.explains(&failure)))
    }

    /// A session in a transaction. One that turns out to be dead did no harm yet.
    async fn begin(&self, first: Session, led: &[(&'static str, u32)]) -> Result<(Session, Beginning), RowStoreError> {
        let mut session = first;
        let mut again = true;
        loop {
            match timeout(PATIENCE, begin(&session, self.node, led)).await {
                Ok(Ok(begun)) => return Ok((session, begun)),
                Err(_) => return Err(unavailable(&self.server, "no answer")),
                Ok(Err(error)) if again && is_of_connection(&error) => again = false,
                Ok(Err(error)) => return Err(unavailable(&self.server, &whole(&error))),
            }
            let connected = Session::connect(&self.server).await;
            session = connected.map_err(RowStoreError::Unavailable)?;
        }
    }

    fn finish(&self, mut transaction: Transaction<'_>, work: &mut Work<'_>) -> Result<(), RowStoreError> {
        work(&mut transaction)?;
        match transaction.commit() {
            Err(Failure::Unknown(_)) if self.runtime.block_on(self.was_committed(transaction.identity())) => Ok(()),
            Err(Failure::Unknown(error) | Failure::Undone(error)) => Err(error),
            Ok(()) => Ok(()),
        }
    }

    /// Whether a transaction was committed whose end was not heard of, as far as that can be learned in time. After a crash of the
    /// server another one may bear its name: the next beat looks at the checkpoints.
    async fn was_committed(&self, identity: &str) -> bool {
        timeout(OUTCOME_WAIT, self.outcome(identity)).await.unwrap_or(false)
    }

    async fn outcome(&self, identity: &str) -> bool {
        loop {
            match self.server.ask(Scope::System, OUTCOME, &[&identity]).await {
                Ok(rows) => match rows.first().and_then(|row| row.get::<_, Option<&str>>(0)) {
                    Some("in progress") => {}
                    outcome => return outcome == Some("committed"),
                },
                Err(failure) => tracing::debug!(reason = self.server.explains(&failure), "views.outcome_unknown"),
            }
            tokio::time::sleep(OUTCOME_PAUSE).await;
        }
    }
}

/// Whether the session is fit for another transaction.
async fn rolled_back(session: &Session) -> bool {
    let rolling = session.client.batch_execute("ROLLBACK");
    matches!(tokio::time::timeout(ROLLBACK_WAIT, rolling).await, Ok(Ok(())))
}

impl Shelf for PostgresViews {
    fn load(&self, table: &TableId, keys: &[Arc<RowKey>]) -> Result<Vec<Resting>, RowStoreError> {
        let (tenants, keys): (Vec<Uuid>, Vec<String>) = keys.iter().map(|key| (key.0.0, escaped(&key.1))).unzip();
        let rows = self.ask_rows(&schema::load(table), &[&tenants, &keys])?;
        let read = |row: &Row| Resting {
            key: (TenantId(row.get(0)), unescaped(row.get(1))),
            position: position(row.get(2)),
            document: row.get::<_, &str>(3).as_bytes().to_vec(),
        };
        Ok(rows.iter().map(read).collect())
    }
}

impl RowStore for PostgresViews {
    fn checkpoints(&self, shapes: &[Shape]) -> Result<Vec<Option<Checkpoint>>, RowStoreError> {
        let (names, versions) = columns(shapes);
        let parameters: Parameters<'_> = &[&names, &versions];
        let mut rows = self.ask_rows(CHECKPOINTS, parameters)?;
        let stands = |row: &Row| row.get::<_, Option<i64>>(0).is_some();
        let holds = |row: &Row| stands(row) && row.get(3);
        if rows.iter().any(|row| stands(row) && !holds(row)) {
            // Tables are seen as they are now, checkpoints as they were when the question began: another one may have taken its place.
            rows = self.ask_rows(CHECKPOINTS, parameters)?;
        }
        let read = |(shape, row): (&Shape, &Row)| {
            let generation = u32::try_from(row.get::<_, Option<i64>>(0).filter(|_| holds(row))?).ok()?;
            let table = TableId { projection: shape.name.to_owned(), version: shape.version, generation };
            Some(Checkpoint { table, position: position(row.get(1)), event: row.get(2) })
        };
        Ok(shapes.iter().zip(&rows).map(read).collect())
    }

    fn parked(&self, shapes: &[Shape]) -> Result<Vec<Parked>, RowStoreError> {
        let (names, versions) = columns(shapes);
        let rows = self.ask_rows(PARKED, &[&names, &versions])?;
        let read = |row: &Row| {
            let projection = shapes.iter().find(|shape| shape.name == row.get::<_, &str>(0))?.name;
            // One that only a newer build knows is none of this one's business.
            let kind = StreamType::from_stored(row.get(2))?;
            Some(Parked {
                projection,
                tenant: TenantId(row.get(1)),
                stream: StreamId::new(kind, row.get(3)),
                revision: row.get::<_, i64>(4).cast_unsigned(),
                position: position(row.get(5)),
                reason: unescaped(row.get(6)),
            })
        };
        Ok(rows.iter().filter_map(read).collect())
    }

    fn transact(&self, work: &mut Work<'_>) -> Result<(), RowStoreError> {
        let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let led: Vec<_> = self.led.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        let session = self.runtime.block_on(writing.take(&self.server))?;
        let (session, begun) = self.runtime.block_on(self.begin(session, &led))?;
        let outcome = match Transaction::over(self, &session, begun, led.len()) {
            Ok(transaction) => self.finish(transaction, work),
            Err(error) => Err(error),
        };
        if outcome.is_ok() || self.runtime.block_on(rolled_back(&session)) {
            writing.put_back(session);
        }
        outcome
    }

    fn index(&self, table: &TableId, column: &IndexColumn) -> Result<(), RowStoreError> {
        self.runtime.block_on(async {
            let session = Session::connect(&self.server).await.map_err(RowStoreError::Unavailable)?;
            let made = schema::index(&session.client, table, column.name).await;
            made.map_err(|error| unavailable(&self.server, &whole(&error)))
        })
    }

    fn digests(&self, tables: &[TableId]) -> Result<Vec<Digest>, RowStoreError> {
        self.runtime.block_on(async {
            let session = Session::connect(&self.server).await.map_err(RowStoreError::Unavailable)?;
            let digests = digest::digests(session, tables).await;
            digests.map_err(|error| unavailable(&self.server, &whole(&error)))
        })
    }

    fn lead(&self, shapes: &[Shape]) -> Result<Vec<&'static str>, RowStoreError> {
        self.take_lead(shapes)
    }

    fn ask_for_lead(&self, shapes: &[Shape]) -> Result<(), RowStoreError> {
        self.ask_others_for_lead(shapes)
    }

    fn resign(&self) {
        self.give_up_lead();
    }

    fn on_commit(&self, wake: Arc<dyn Fn() + Send + Sync>) {
        self.bells.add(wake);
    }
}
