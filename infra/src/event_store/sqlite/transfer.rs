//! Carrying a file's log over, and taking one over into a file.

use std::path::{Path, PathBuf};

use domain::ports::{Future, Position, ReadError};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::reader::{Failure, Readers, columns};
use super::session::{Session, key};
use super::{SqliteEventStore, schema};
use crate::event_store::questions::{ALL, BY_ID, BY_PLACE, LAST};
use crate::event_store::row::{self, bounded, limit};
use crate::event_store::transfer::{
    Intake, PortableLog, Record, Records, StreamHead, StreamKey, TransferError, Verified, Wanted,
};

/// Bodies are removed from the first on: where that has its own, they are not counted.
const STREAM_HEADS: &str = "
    SELECT last.tenant, last.stream, last.kind, last.revision, events.hash,
        CASE WHEN (SELECT body IS NULL FROM events AS first WHERE first.tenant = last.tenant AND first.stream = last.stream
            AND first.kind = last.kind AND first.revision = 0)
        THEN (SELECT count(*) FROM events AS removed WHERE removed.tenant = last.tenant AND removed.stream = last.stream
            AND removed.kind = last.kind AND removed.revision <= last.revision AND removed.body IS NULL)
        ELSE 0 END
    FROM (
        SELECT tenant, stream, kind, max(revision) AS revision FROM events
        WHERE (tenant, stream, kind) > (?1, ?2, ?3) AND position <= ?4
        GROUP BY tenant, stream, kind ORDER BY tenant, stream, kind LIMIT ?5
    ) AS last
    JOIN events USING (tenant, stream, kind, revision)
    ORDER BY last.tenant, last.stream, last.kind";

const DELETED_STREAMS: &str = "
    SELECT tenant, stream, kind FROM deleted_streams WHERE (tenant, stream, kind) > (?1, ?2, ?3)
    ORDER BY tenant, stream, kind LIMIT ?4";

const INSERT: &str = "INSERT INTO events (position, tenant, stream, kind, revision, event_id, previous_hash, hash, \
                      details, body_hash, salt, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

impl PortableLog for SqliteEventStore {
    fn records(&self, after: Position, limit: usize) -> Future<'_, Result<Records, ReadError>> {
        Box::pin(self.read(usize::MAX, move |readers| readers.records(after, limit)))
    }

    fn record(&self, wanted: Wanted) -> Future<'_, Result<Option<Record>, ReadError>> {
        Box::pin(self.read(1, move |readers| readers.record(&wanted)))
    }

    fn stream_heads(
        &self,
        upto: Position,
        after: Option<StreamKey>,
        limit: usize,
    ) -> Future<'_, Result<Vec<StreamHead>, ReadError>> {
        Box::pin(self.read(usize::MAX, move |readers| readers.stream_heads(upto, after, limit)))
    }

    fn deleted_streams(&self, after: Option<StreamKey>, limit: usize) -> Future<'_, Result<Vec<StreamKey>, ReadError>> {
        Box::pin(self.read(usize::MAX, move |readers| readers.deleted_streams(after, limit)))
    }

    fn intake(&self) -> Future<'_, Result<Box<dyn Intake + '_>, TransferError>> {
        Box::pin(async move {
            // Refused where it is open for reading only.
            self.requests().map_err(|error| TransferError::Target(error.to_string()))?;
            let path = self.readers.path().to_owned();
            let open = move || {
                let session = schema::open_for_bulk(&path).and_then(Session::over);
                session.map(|session| (session, path.clone())).map_err(|error| failed(&path, &error))
            };
            let (session, path) = blocking(open).await?;
            Ok(Box::new(SqliteIntake { path, session: Some(session) }) as Box<dyn Intake>)
        })
    }
}

impl Readers {
    fn records(&self, after: Position, count: usize) -> Result<Records, ReadError> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(ALL)?;
            let mut rows = statement.query((bounded(after.0), limit(count)))?;
            let mut page = Records { records: Vec::new(), read_to: after };
            while let Some(row) = rows.next()? {
                let record = columns(row)?.record().map_err(Failure::Damage)?;
                if record.position.0 != page.read_to.0 + 1 {
                    return Err(Failure::Damage(format!("no event at position {}", page.read_to.0 + 1)));
                }
                page.read_to = record.position;
                page.records.push(record);
            }
            Ok(page)
        })
    }

    fn record(&self, wanted: &Wanted) -> Result<Option<Record>, ReadError> {
        self.with(|connection| {
            let mut statement = connection.prepare_cached(match wanted {
                Wanted::Last => LAST,
                Wanted::Identity(..) => BY_ID,
                Wanted::Place(..) => BY_PLACE,
            })?;
            let mut rows = match wanted {
                Wanted::Last => statement.query([])?,
                Wanted::Identity(tenant, event_id) => statement.query((tenant.0.as_bytes(), event_id.as_bytes()))?,
                Wanted::Place(stream, revision) => {
                    let (tenant, id, kind) = key(stream);
                    statement.query((tenant, id, kind, bounded(*revision)))?
                }
            };
            let Some(row) = rows.next()? else { return Ok(None) };
            columns(row)?.record().map(Some).map_err(Failure::Damage)
        })
    }

    fn stream_heads(
        &self,
        upto: Position,
        after: Option<StreamKey>,
        count: usize,
    ) -> Result<Vec<StreamHead>, ReadError> {
        self.with(|connection| {
            let after = after.unwrap_or_else(StreamKey::before_all);
            let (tenant, stream, kind) = key(&after);
            let mut statement = connection.prepare_cached(STREAM_HEADS)?;
            let parameters = (tenant, stream, kind, bounded(upto.0), limit(count));
            let mut rows = statement.query(parameters)?;
            let mut heads = Vec::new();
            while let Some(row) = rows.next()? {
                let hash = row::sized(row.get_ref(4)?.as_blob().unwrap_or_default()).map_err(Failure::Damage)?;
                let (revision, removed) = (row.get::<_, i64>(3)?.unsigned_abs(), row.get::<_, i64>(5)?.unsigned_abs());
                heads.push(StreamHead { key: stream_key(row)?, revision, hash, removed });
            }
            Ok(heads)
        })
    }

    fn deleted_streams(&self, after: Option<StreamKey>, count: usize) -> Result<Vec<StreamKey>, ReadError> {
        self.with(|connection| {
            let after = after.unwrap_or_else(StreamKey::before_all);
            let (tenant, stream, kind) = key(&after);
            let mut statement = connection.prepare_cached(DELETED_STREAMS)?;
            let mut rows = statement.query((tenant, stream, kind, limit(count)))?;
            let mut keys = Vec::new();
            while let Some(row) = rows.next()? {
                keys.push(stream_key(row)?);
            }
            Ok(keys)
        })
    }
}

fn stream_key(row: &rusqlite::Row<'_>) -> rusqlite::Result<StreamKey> {
    let (tenant, stream) = (Uuid::from_bytes(row.get(0)?), Uuid::from_bytes(row.get(1)?));
    Ok(StreamKey::stored(tenant, stream, &row.get::<_, String>(2)?))
}

/// Takes a log on a connection of its own.
struct SqliteIntake {
    path: PathBuf,
    /// None while it works, and after a failure.
    session: Option<Session>,
}

impl SqliteIntake {
    async fn work(
        &mut self,
        work: impl FnOnce(&mut Session) -> Result<(), Refusal> + Send + 'static,
    ) -> Result<(), TransferError> {
        let gone = || TransferError::Target(format!("{}: it failed before", self.path.display()));
        let mut session = self.session.take().ok_or_else(gone)?;
        let path = self.path.clone();
        let done = move || match work(&mut session) {
            Ok(()) => Ok(session),
            Err(Refusal::Sqlite(error)) => Err(failed(&path, &error)),
            Err(Refusal::Of(error)) => Err(error),
        };
        self.session = Some(blocking(done).await?);
        Ok(())
    }
}

impl Intake for SqliteIntake {
    fn take(&mut self, page: Vec<Verified>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(self.work(move |session| session.take(&page)))
    }

    fn mark_deleted(&mut self, streams: Vec<StreamKey>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(self.work(move |session| {
            let deleted = session.removing(|session| streams.iter().try_for_each(|stream| session.delete(stream)));
            deleted.map_err(Refusal::Sqlite)
        }))
    }

    fn remove_bodies(&mut self, streams: Vec<(StreamKey, u64)>) -> Future<'_, Result<(), TransferError>> {
        Box::pin(self.work(move |session| {
            let removed = session.removing(|session| {
                streams.iter().try_for_each(|(stream, below)| session.remove_bodies(stream, *below))
            });
            removed.map_err(Refusal::Sqlite)
        }))
    }

    fn finish(&mut self) -> Future<'_, Result<(), TransferError>> {
        Box::pin(self.work(|session| session.to_disk().map_err(Refusal::Sqlite)))
    }
}

/// What stopped the intake.
enum Refusal {
    Sqlite(rusqlite::Error),
    Of(TransferError),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Session {
    /// Takes a page in a transaction of its own; dropping the session undoes one that was refused.
    fn take(&mut self, page: &[Verified]) -> Result<(), Refusal> {
        let known = self.position;
        self.begin()?;
        if self.position != known {
            return Err(Refusal::Of(TransferError::Busy));
        }
        for event in page {
            let last = match self.heads.get(&event.stream) {
                Some(head) => Some(*head),
                None => self.last(&event.stream)?,
            };
            let head = event.following(last).map_err(|broken| Refusal::Of(broken.into()))?;
            self.position += 1;
            self.insert_as_it_is(event)?;
            self.heads.put(event.stream.clone(), head);
        }
        Ok(self.commit()?)
    }

    fn insert_as_it_is(&self, event: &Verified) -> rusqlite::Result<()> {
        let (tenant, stream, kind) = key(&event.stream);
        let (salt, body) = event.kept().unzip();
        let inserted = self.connection.prepare_cached(INSERT)?.execute((
            self.position.cast_signed(),
            tenant,
            stream,
            kind,
            event.revision.cast_signed(),
            event.event_id.as_bytes(),
            event.previous_hash,
            event.hash,
            &event.details,
            event.hash_of_removed(),
            salt,
            body,
        ));
        inserted.map(drop)
    }

    /// Brings all that was committed to the disk.
    fn to_disk(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("PRAGMA synchronous = FULL")?;
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TransferError> + Send + 'static,
) -> Result<T, TransferError> {
    spawn_blocking(work).await.unwrap_or_else(|error| Err(TransferError::Target(error.to_string())))
}

fn failed(path: &Path, error: &rusqlite::Error) -> TransferError {
    TransferError::Target(format!("{}: {error}", path.display()))
}
