//! The writer's connection with what it knows about the file by heart. Thrown away whole after any failure.

use std::num::NonZeroUsize;
use std::path::Path;

use domain::ports::{AppendError, Appended, Hash, Position};
use lru::LruCache;
use rusqlite::{Connection, ErrorCode, OptionalExtension};

use super::{reader, schema};
use crate::event_store::chain;
use crate::event_store::prepared::{Prepared, PreparedEvent, Standing, is_as_expected};
use crate::event_store::queue::Maintenance;
use crate::event_store::transfer::StreamKey;

/// Streams whose last event is remembered.
const HEADS: NonZeroUsize = NonZeroUsize::new(65_536).unwrap();

const INSERT: &str = "INSERT INTO events (position, tenant, stream, kind, revision, event_id, previous_hash, hash, \
                      details, salt, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// Revision and hash of the last event of a stream.
type Head = (u64, Hash);

pub(super) struct Session {
    pub(super) connection: Connection,
    pub(super) position: u64,
    pub(super) heads: LruCache<StreamKey, Head>,
}

impl Session {
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        Self::over(schema::open_for_writing(path)?)
    }

    /// Over a connection that may write.
    pub(super) fn over(connection: Connection) -> rusqlite::Result<Self> {
        let position = reader::head(&connection)?;
        Ok(Self { connection, position, heads: LruCache::new(HEADS) })
    }

    /// Takes the write lock.
    pub(super) fn begin(&mut self) -> rusqlite::Result<()> {
        self.run("BEGIN IMMEDIATE")?;
        let position = reader::head(&self.connection)?;
        if position != self.position {
            // Somebody else wrote: what was known by heart is out of date.
            self.position = position;
            self.heads.clear();
        }
        Ok(())
    }

    /// Makes the transaction durable.
    pub(super) fn commit(&self) -> rusqlite::Result<()> {
        self.run("COMMIT")
    }

    /// Appends inside the transaction. A refusal leaves no trace; an error spoils the transaction.
    pub(super) fn append(&mut self, append: &Prepared) -> rusqlite::Result<Result<Appended, AppendError>> {
        let stream = StreamKey::of(append.tenant, append.stream);
        let head = self.head(&stream)?;
        let actual = head.map(|(revision, _)| revision);
        let refusal = if head.is_none() && self.is_deleted(&stream)? {
            Some(AppendError::Deleted)
        } else if is_as_expected(append.expected, actual) {
            None
        } else {
            Some(AppendError::Conflict { actual })
        };
        if let Some(refusal) = refusal {
            return Ok(self.earlier_answer(append)?.unwrap_or(Err(refusal)));
        }
        match self.insert_all(append, &stream, head) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                self.earlier_answer(append)?.ok_or(error)
            }
            inserted => inserted.map(Ok),
        }
    }

    /// Does maintenance in a transaction of its own.
    pub(super) fn maintain(&mut self, task: Maintenance) -> rusqlite::Result<()> {
        self.removing(|session| match task {
            Maintenance::TruncateBefore(tenant, stream, revision) => {
                session.remove_bodies(&StreamKey::of(tenant, stream), revision)
            }
            Maintenance::DeleteStream(tenant, stream) => session.delete(&StreamKey::of(tenant, stream)),
            Maintenance::Probe => Ok(()),
        })?;
        if !matches!(task, Maintenance::Probe) {
            // What was removed must not live on in the write-ahead log. Readers may delay it until the next time.
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Does what removes bodies, in a transaction of its own.
    pub(super) fn removing(&mut self, work: impl FnOnce(&mut Self) -> rusqlite::Result<()>) -> rusqlite::Result<()> {
        self.begin()?;
        self.run("INSERT INTO maintenance VALUES (1)")?;
        work(self)?;
        self.run("DELETE FROM maintenance")?;
        self.commit()
    }

    /// Removes all bodies of a stream, and refuses further appends.
    pub(super) fn delete(&mut self, stream: &StreamKey) -> rusqlite::Result<()> {
        self.remove_bodies(stream, u64::MAX)?;
        self.mark_deleted(stream)
    }

    fn run(&self, statement: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(statement)?.execute([]).map(drop)
    }

    fn head(&mut self, stream: &StreamKey) -> rusqlite::Result<Option<Head>> {
        if let Some(head) = self.heads.get(stream) {
            return Ok(Some(*head));
        }
        if self.is_deleted(stream)? {
            return Ok(None);
        }
        let head = self.last(stream)?;
        if let Some(head) = head {
            self.heads.put(stream.clone(), head);
        }
        Ok(head)
    }

    /// The last event of a stream, deleted or not.
    pub(super) fn last(&self, stream: &StreamKey) -> rusqlite::Result<Option<Head>> {
        let mut last = self.connection.prepare_cached(
            "SELECT revision, hash FROM events WHERE tenant = ?1 AND stream = ?2 AND kind = ?3
             ORDER BY revision DESC LIMIT 1",
        )?;
        last.query_row(key(stream), |row| Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get(1)?))).optional()
    }

    fn is_deleted(&self, stream: &StreamKey) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached("SELECT 1 FROM deleted_streams WHERE tenant = ?1 AND stream = ?2 AND kind = ?3")?
            .exists(key(stream))
    }

    fn mark_deleted(&mut self, stream: &StreamKey) -> rusqlite::Result<()> {
        self.heads.pop(stream);
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO deleted_streams VALUES (?1, ?2, ?3)")?
            .execute(key(stream))
            .map(drop)
    }

    fn insert_all(&mut self, append: &Prepared, stream: &StreamKey, head: Option<Head>) -> rusqlite::Result<Appended> {
        // One statement undoes itself when it fails; several need a savepoint.
        let several = append.events.len() > 1;
        if several {
            self.run("SAVEPOINT append")?;
        }
        let (mut position, mut head) = (self.position, head);
        for event in &append.events {
            position += 1;
            match self.insert(append, event, position, head) {
                Ok(inserted) => head = Some(inserted),
                Err(error) => {
                    if several {
                        self.run("ROLLBACK TO append")?;
                        self.run("RELEASE append")?;
                    }
                    return Err(error);
                }
            }
        }
        if several {
            self.run("RELEASE append")?;
        }
        let (revision, hash) = head.unwrap_or((0, chain::START));
        self.position = position;
        self.heads.put(stream.clone(), (revision, hash));
        Ok(Appended { revision, position: Position(position) })
    }

    fn insert(
        &self,
        append: &Prepared,
        event: &PreparedEvent,
        position: u64,
        head: Option<Head>,
    ) -> rusqlite::Result<Head> {
        let (revision, previous) = head.map_or((0, chain::START), |(revision, hash)| (revision + 1, hash));
        let hash = event.hash(append.tenant, append.stream, revision, &previous);
        self.connection.prepare_cached(INSERT)?.execute((
            position.cast_signed(),
            append.tenant.0.as_bytes(),
            append.stream.id.as_bytes(),
            append.stream.kind.as_str(),
            revision.cast_signed(),
            event.event.event_id.as_bytes(),
            previous,
            hash,
            &event.details,
            event.event.salt,
            &event.event.data,
        ))?;
        Ok((revision, hash))
    }

    fn earlier_answer(&self, append: &Prepared) -> rusqlite::Result<Option<Result<Appended, AppendError>>> {
        let mut by_id = self.connection.prepare_cached(
            "SELECT stream = ?3 AND kind = ?4 AND details = ?5 AND (salt IS NULL OR salt = ?6), revision, position \
             FROM events WHERE tenant = ?1 AND event_id = ?2",
        )?;
        let place = StreamKey::of(append.tenant, append.stream);
        let (tenant, stream, kind) = key(&place);
        append.earlier_answer(|prepared| {
            let (id, salt) = (prepared.event.event_id.as_bytes(), prepared.event.salt.as_slice());
            let standing = by_id.query_row((tenant, id, stream, kind, &prepared.details, salt), |row| {
                Ok(Standing {
                    is_this: row.get(0)?,
                    revision: row.get::<_, i64>(1)?.unsigned_abs(),
                    position: Position(row.get::<_, i64>(2)?.unsigned_abs()),
                })
            });
            standing.optional()
        })
    }

    /// Removes the bodies of a stream below a revision.
    pub(super) fn remove_bodies(&self, stream: &StreamKey, below: u64) -> rusqlite::Result<()> {
        let mut with_body = self.connection.prepare_cached(
            "SELECT position, salt, body FROM events
             WHERE tenant = ?1 AND stream = ?2 AND kind = ?3 AND revision < ?4 AND body IS NOT NULL",
        )?;
        let (tenant, id, kind) = key(stream);
        let below = i64::try_from(below).unwrap_or(i64::MAX);
        let hashes: Vec<(i64, Hash)> = with_body
            .query_map((tenant, id, kind, below), |row| {
                let (salt, body): ([u8; 16], Vec<u8>) = (row.get(1)?, row.get(2)?);
                Ok((row.get(0)?, chain::body_hash(&salt, &body)))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut remove = self
            .connection
            .prepare_cached("UPDATE events SET body_hash = ?2, salt = NULL, body = NULL WHERE position = ?1")?;
        for (position, hash) in hashes {
            remove.execute((position, hash))?;
        }
        Ok(())
    }
}

/// How a stream is found in every table.
pub(super) fn key(stream: &StreamKey) -> (&[u8; 16], &[u8; 16], &str) {
    (stream.tenant.0.as_bytes(), stream.id.as_bytes(), &stream.kind)
}
