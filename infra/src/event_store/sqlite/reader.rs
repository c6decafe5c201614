//! Reading: a small pool of read-only connections. Every event is checked against its hash before it is given out.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Direction, Filter, Page, Position, ReadError, Scope, StoredEvent};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use super::schema;
use crate::event_store::newer::{NewerKinds, passes};
use crate::event_store::questions::{ALL, ALL_OF_TENANT, BY_ID, IDENTITY_AT, STREAM_BACKWARD, STREAM_FORWARD, select};
use crate::event_store::row::{self, Range, Row, bounded, limit};

/// Connections kept open between reads; more are opened for a moment when more is read at once.
const KEPT: usize = 8;

/// Room made for a page in advance, at most.
const RESERVED: usize = 4096;

const AT: &str = select!("WHERE position = $1 AND tenant = $2");

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    newer: NewerKinds,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::default(), newer: NewerKinds::default() }
    }

    pub(super) fn read_stream(
        &self,
        tenant: TenantId,
        stream: StreamId,
        range: Range,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.with(|connection| {
            let query = match range.direction {
                Direction::Forward => STREAM_FORWARD,
                Direction::Backward => STREAM_BACKWARD,
            };
            let mut statement = connection.prepare_cached(query)?;
            let key = (tenant.0.as_bytes(), stream.id.as_bytes(), stream.kind.as_str());
            let rows = statement.query((key.0, key.1, key.2, bounded(range.from), limit(range.limit)))?;
            let events = collect(rows)?;
            range.check_links(&events).map_err(Failure::Damage)?;
            Ok(events)
        })
    }

    pub(super) fn read_all(
        &self,
        scope: Scope,
        after: Position,
        count: usize,
        filter: &Filter,
    ) -> Result<Page, ReadError> {
        self.with(|connection| {
            let mut statement;
            let mut rows = match scope {
                Scope::System => {
                    statement = connection.prepare_cached(ALL)?;
                    statement.query((bounded(after.0), limit(count)))?
                }
                Scope::Tenant(tenant) => {
                    statement = connection.prepare_cached(ALL_OF_TENANT)?;
                    statement.query((tenant.0.as_bytes(), bounded(after.0), limit(count)))?
                }
            };
            let mut page = Page { events: Vec::with_capacity(count.min(RESERVED)), scanned_to: after };
            while let Some(row) = rows.next()? {
                let position = Position(unsigned(row, 0)?);
                if scope == Scope::System && position.0 != page.scanned_to.0 + 1 {
                    return Err(Failure::Damage(format!("no event at position {}", page.scanned_to.0 + 1)));
                }
                page.scanned_to = position;
                let kind = row.get_ref(3)?.as_str().unwrap_or_default();
                if passes(filter, kind) {
                    match stored_event(row)? {
                        Some(event) => page.events.push(event),
                        None => self.newer.passed_over(&self.path.display(), kind),
                    }
                }
            }
            Ok(page)
        })
    }

    pub(super) fn read_at(&self, tenant: TenantId, positions: &[Position]) -> Result<Vec<StoredEvent>, ReadError> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(AT)?;
            let mut events = Vec::with_capacity(positions.len());
            for position in positions {
                let mut rows = statement.query((bounded(position.0), tenant.0.as_bytes()))?;
                if let Some(row) = rows.next()? {
                    events.extend(stored_event(row)?);
                }
            }
            Ok(events)
        })
    }

    pub(super) fn identity_at(&self, position: Position) -> Result<Option<Uuid>, ReadError> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(IDENTITY_AT)?;
            let mut rows = statement.query([bounded(position.0)])?;
            rows.next()?.map(|row| uuid(row, 0)).transpose()
        })
    }

    pub(super) fn find(&self, tenant: TenantId, event_id: Uuid) -> Result<Option<StoredEvent>, ReadError> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(BY_ID)?;
            let mut rows = statement.query((tenant.0.as_bytes(), event_id.as_bytes()))?;
            rows.next()?.map_or(Ok(None), stored_event)
        })
    }

    pub(super) fn head(&self) -> Result<Position, ReadError> {
        self.with(|connection| Ok(Position(head(connection)?)))
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Closes the idle connections.
    pub(super) fn close(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends a connection; one that failed is not used again.
    pub(super) fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, ReadError> {
        let attempt = || {
            fail::fail_point!("event_store::read", |_| Err(Failure::Injected));
            let lent = self.idle().pop();
            let connection = lent.map_or_else(|| schema::open_for_reading(&self.path), Ok)?;
            let answer = read(&connection)?;
            let mut idle = self.idle();
            if idle.len() < KEPT {
                idle.push(connection);
            }
            Ok(answer)
        };
        attempt().map_err(|failure: Failure| failure.of(&self.path))
    }
}

/// Position of the last event.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached("SELECT max(position) FROM events")?;
    let head: Option<i64> = statement.query_row([], |row| row.get(0)).optional()?.flatten();
    Ok(head.map_or(0, i64::unsigned_abs))
}

/// What went wrong, before the file is named.
pub(super) enum Failure {
    Sqlite(rusqlite::Error),
    Damage(String),
    #[cfg_attr(not(feature = "failpoints"), expect(dead_code, reason = "made by a failpoint only"))]
    Injected,
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Failure {
    fn of(self, path: &Path) -> ReadError {
        let path = path.display();
        match self {
            Self::Sqlite(error) if schema::is_damage(&error) => ReadError::Corrupt(format!("{path}: {error}")),
            Self::Sqlite(error) => ReadError::Unavailable(format!("{path}: {error}")),
            Self::Damage(reason) => ReadError::Corrupt(format!("{path}: {reason}")),
            Self::Injected => ReadError::Unavailable(format!("{path}: injected")),
        }
    }
}

fn collect(mut rows: rusqlite::Rows<'_>) -> Result<Vec<StoredEvent>, Failure> {
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.extend(stored_event(row)?);
    }
    Ok(events)
}

/// The event of a row, checked against its hash; None of a kind that only a newer Kilter knows.
fn stored_event(row: &rusqlite::Row<'_>) -> Result<Option<StoredEvent>, Failure> {
    columns(row)?.event().map_err(Failure::Damage)
}

/// What stands in a row.
pub(super) fn columns<'a>(row: &'a rusqlite::Row<'_>) -> Result<Row<'a>, Failure> {
    Ok(Row {
        position: unsigned(row, 0)?,
        tenant: uuid(row, 1)?,
        stream: uuid(row, 2)?,
        kind: row.get_ref(3)?.as_str().unwrap_or_default(),
        revision: unsigned(row, 4)?,
        event_id: uuid(row, 5)?,
        previous_hash: row.get_ref(6)?.as_blob().unwrap_or_default(),
        hash: row.get_ref(7)?.as_blob().unwrap_or_default(),
        details: row.get_ref(8)?.as_blob().unwrap_or_default(),
        body_hash: row.get_ref(9)?.as_blob_or_null().unwrap_or_default(),
        salt: row.get_ref(10)?.as_blob_or_null().unwrap_or_default(),
        body: row.get_ref(11)?.as_blob_or_null().unwrap_or_default(),
    })
}

fn uuid(row: &rusqlite::Row<'_>, column: usize) -> Result<Uuid, Failure> {
    let bytes = row.get_ref(column)?.as_blob().unwrap_or_default();
    Uuid::from_slice(bytes).map_err(|_| Failure::Damage(format!("{} bytes where 16 belong", bytes.len())))
}

fn unsigned(row: &rusqlite::Row<'_>, column: usize) -> Result<u64, Failure> {
    row::unsigned(row.get(column)?).map_err(Failure::Damage)
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::event_store::{SqliteEventStore, SqliteOptions};

    #[test]
    fn a_statement_is_prepared_once_however_often_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("events.db");
        let _store = SqliteEventStore::open(&file, SqliteOptions::default()).unwrap();
        let connection = schema::open_for_reading(&file).unwrap();
        let mut statement = connection.prepare_cached(STREAM_FORWARD).unwrap();
        for revision in 0..3_i64 {
            let nil = Uuid::nil();
            let key = (nil.as_bytes(), nil.as_bytes(), "job", revision, 64 + revision);
            assert!(!statement.exists(key).unwrap());
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
