//! The file `events.db`: its tables, its first creation, and what is looked at before it is trusted.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// The version of the tables below, kept in `PRAGMA user_version`.
const VERSION: i64 = 1;

/// "KILT", kept in `PRAGMA application_id`.
const APPLICATION: i64 = 0x4b49_4c54;

/// Files up to this size are checked from end to end when they are opened; that takes a few tenths of a second at most.
const CHECKED_AT_OPEN_BYTES: u64 = 32 * 1024 * 1024;

/// How long one transaction waits for another process (a backup, a shell) to let go of the file.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// Identities are unique per tenant, not over all: a client chooses its command ids, and must neither collide with nor
/// learn of those of another tenant.
const TABLES: &str = "
    CREATE TABLE events (
        position INTEGER PRIMARY KEY,
        tenant BLOB NOT NULL,
        stream BLOB NOT NULL,
        kind TEXT NOT NULL,
        revision INTEGER NOT NULL,
        event_id BLOB NOT NULL,
        previous_hash BLOB NOT NULL,
        hash BLOB NOT NULL,
        details BLOB NOT NULL, -- the rest of the canonical envelope
        body_hash BLOB,        -- of a body that was removed
        salt BLOB,
        body BLOB
    ) STRICT;
    CREATE UNIQUE INDEX events_by_stream ON events (tenant, stream, kind, revision);
    CREATE UNIQUE INDEX events_by_id ON events (tenant, event_id);
    CREATE INDEX events_by_tenant ON events (tenant); -- and by position: the row id ends every index

    CREATE TABLE deleted_streams (
        tenant BLOB NOT NULL,
        stream BLOB NOT NULL,
        kind TEXT NOT NULL,
        PRIMARY KEY (tenant, stream, kind)
    ) STRICT, WITHOUT ROWID;

    -- Holds a row only inside a transaction that removes bodies.
    CREATE TABLE maintenance (open INTEGER NOT NULL) STRICT;

    CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;

    CREATE TRIGGER events_are_never_changed
    BEFORE UPDATE OF position, tenant, stream, kind, revision, event_id, previous_hash, hash, details ON events
    BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;

    CREATE TRIGGER bodies_are_only_removed BEFORE UPDATE ON events
    WHEN NEW.body IS NOT NULL OR NOT EXISTS (SELECT 1 FROM maintenance)
    BEGIN SELECT RAISE(ABORT, 'bodies are only removed, in maintenance'); END;
";

/// Why an event store can't be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A newer Kilter wrote it.
    #[error("{}: written by a newer Kilter (format {found}; this one knows {known})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest known one.
        known: i64,
    },
    /// It is not what was written; restore it from a backup.
    #[error("{}: damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It can't be reached, or is in use.
    #[error("{}: can't be opened: {reason}", path.display())]
    Unavailable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl OpenError {
    pub(super) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.into() }
    }

    pub(super) fn unavailable(path: &Path, reason: impl Into<String>) -> Self {
        Self::Unavailable { path: path.to_owned(), reason: reason.into() }
    }

    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        if is_damage(error) {
            Self::damaged(path, error.to_string())
        } else {
            Self::unavailable(path, error.to_string())
        }
    }
}

/// Whether SQLite says that the file is not what it wrote.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => matches!(failure.code, DatabaseCorrupt | NotADatabase),
        rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => true,
        _ => false,
    }
}

/// Makes the file if there is none, else checks that it can be trusted.
pub(super) fn prepare(path: &Path) -> Result<(), OpenError> {
    match fs::metadata(path) {
        // For writing: what a killed process left in the write-ahead log is recovered here.
        Ok(found) => check(path, found.len(), open_for_writing),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create(path).map_err(|error| OpenError::unavailable(path, error.to_string()))
        }
        Err(error) => Err(OpenError::unavailable(path, error.to_string())),
    }
}

/// Checks that the file can be trusted, without writing anything.
pub(super) fn look(path: &Path) -> Result<(), OpenError> {
    let found = fs::metadata(path).map_err(|error| OpenError::unavailable(path, error.to_string()))?;
    check(path, found.len(), open_for_reading)
}

/// Under another name until it is whole: so an empty or half-made `events.db` is always damage, never a first start.
fn create(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let unfinished = path.with_extension("unfinished");
    if unfinished.exists() {
        fs::remove_file(&unfinished)?;
    }
    // SQLite would make it readable for all.
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    let connection = Connection::open(&unfinished)?;
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         BEGIN; {TABLES} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
    ))?;
    connection.close().map_err(|(_, error)| error)?;
    File::open(&unfinished)?.sync_all()?;
    fs::rename(&unfinished, path)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn check(path: &Path, bytes: u64, open: fn(&Path) -> rusqlite::Result<Connection>) -> Result<(), OpenError> {
    if bytes == 0 {
        return Err(OpenError::damaged(path, "the file is empty"));
    }
    let connection = open(path).map_err(|error| OpenError::of(path, &error))?;
    let pragma = |name: &str| {
        let value = connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
        value.map_err(|error| OpenError::of(path, &error))
    };
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    if application != APPLICATION {
        return Err(OpenError::damaged(path, "it is not an event store of Kilter"));
    }
    if found > VERSION {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    if found != VERSION {
        return Err(OpenError::damaged(path, format!("format {found} was never written")));
    }
    if bytes <= CHECKED_AT_OPEN_BYTES {
        check_integrity(path, &connection)?;
    }
    Ok(())
}

/// Pages, indexes and order of the whole file; the content of events is checked by their hashes, when they are read.
pub(super) fn check_integrity(path: &Path, connection: &Connection) -> Result<(), OpenError> {
    let verdict = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    match verdict {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(verdict) => Err(OpenError::damaged(path, verdict)),
        Err(error) => Err(OpenError::of(path, &error)),
    }
}

/// A connection that may write. Every commit is on disk before it returns. What is removed, or moved to another page, is
/// overwritten where it stood: erased bodies must not live on in the slack of pages.
pub(super) fn open_for_writing(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864; PRAGMA recursive_triggers = ON; PRAGMA secure_delete = ON;",
    )?;
    Ok(connection)
}

/// A connection that brings in another log: fast, and on disk only once it is told to be. A cut in between costs the last
/// transactions, none in the middle.
pub(super) fn open_for_bulk(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open_for_writing(path)?;
    connection.execute_batch(
        "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -262144; PRAGMA wal_autocheckpoint = 16000;",
    )?;
    Ok(connection)
}

/// A connection that can only read.
pub(super) fn open_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8192;")?;
    Ok(connection)
}

fn open(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(LOCK_WAIT)?;
    connection.set_prepared_statement_cache_capacity(32);
    // Else a statement with `LIMIT ?` is prepared anew at every use: the planner would look at the bound value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}
