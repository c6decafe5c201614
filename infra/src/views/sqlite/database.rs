//! The file behind the views: one writer, readers that see one committed state, and what to do with a file that can't be used.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::backfill::Backfill;
use super::sql;

/// Raised when tables or their meaning change; a newer file is refused. There is no older one yet.
const FORMAT: u32 = 1;
const BUSY: Duration = Duration::from_secs(5);

/// Why the view store can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A newer Kilter wrote the file.
    #[error(
        "{path} is of format {found}; this build knows {FORMAT}: run the newer Kilter, or remove the file to rebuild it"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The database refuses.
    #[error("{path} can't be opened: {source}")]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// A damaged file can't be moved aside.
    #[error("the damaged {path} can't be moved aside: {source}")]
    MoveAside {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Connections to one database. In memory there is one connection, which readers and the writer share in turn.
pub(super) struct Database {
    backfill: Option<Backfill>,
    path: Option<PathBuf>,
    readers: Mutex<Vec<Connection>>,
    /// Last: the last connection to close folds the log into the file, and must be one that writes.
    writer: Mutex<Connection>,
}

impl Database {
    /// Opens or makes the file. What is damaged is moved aside: views are derived and can be rebuilt from the events.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let writer = match Self::open_writer(path) {
            Err(OpenError::Database { source, .. }) if damaged(&source) => {
                let aside = move_aside(path)?;
                tracing::warn!(event = "views.damaged", file = %path.display(), aside = %aside.display(), error = %source,
                    "the view store was damaged; it is built anew from the events");
                Self::open_writer(path)?
            }
            other => other?,
        };
        let backfill = Backfill::start(path);
        Ok(Self { backfill, path: Some(path.to_owned()), writer: Mutex::new(writer), readers: Mutex::default() })
    }

    /// A database that lives as long as this value.
    pub(super) fn in_memory() -> Result<Self, OpenError> {
        let failed = |source| OpenError::Database { path: PathBuf::from(":memory:"), source };
        let writer = Connection::open_in_memory().map_err(failed)?;
        prepare(&writer).map_err(failed)?;
        Ok(Self { backfill: None, path: None, writer: Mutex::new(writer), readers: Mutex::default() })
    }

    fn open_writer(path: &Path) -> Result<Connection, OpenError> {
        let failed = |source| OpenError::Database { path: path.to_owned(), source };
        let connection = Connection::open(path).map_err(failed)?;
        connection.busy_timeout(BUSY).map_err(failed)?;
        let found: u32 = connection.query_row(sql::FORMAT, [], |row| row.get(0)).map_err(failed)?;
        if found > FORMAT {
            return Err(OpenError::Newer { path: path.to_owned(), found });
        }
        // Rows and checkpoint commit together and can be rebuilt, so a power cut may cost the last batches, never truth.
        connection.execute_batch(sql::WRITER).map_err(failed)?;
        prepare(&connection).map_err(failed)?;
        Ok(connection)
    }

    /// The one connection that may write.
    pub(super) fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The writer has committed.
    pub(super) fn committed(&self) {
        if let Some(backfill) = &self.backfill {
            backfill.wake();
        }
    }

    /// Runs `work` on one committed state.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let Some(path) = &self.path else {
            return work(&self.writer().transaction()?);
        };
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => open_reader(path)?,
        };
        let transaction = reader.transaction_with_behavior(TransactionBehavior::Deferred)?;
        let answer = work(&transaction);
        drop(transaction);
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
        answer
    }
}

fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(path, flags)?;
    reader.busy_timeout(BUSY)?;
    reader.execute_batch(sql::READER)?;
    reader.set_prepared_statement_cache_capacity(128);
    // Else a statement with `LIMIT ?` is prepared anew at every use: the planner would look at the bound value.
    reader.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(reader)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(256);
    connection.execute_batch(sql::SCHEMA)?;
    connection.pragma_update(None, "user_version", FORMAT)
}

/// Whether the error says that the file's content is at fault.
pub(super) fn damaged(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn move_aside(path: &Path) -> Result<PathBuf, OpenError> {
    let with = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let failed = |source| OpenError::MoveAside { path: path.to_owned(), source };
    let aside = with(".damaged");
    std::fs::rename(path, &aside).map_err(failed)?;
    for journal in ["-wal", "-shm"] {
        match std::fs::remove_file(with(journal)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(aside)
}
