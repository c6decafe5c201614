//! Snapshots in a file of their own, which may be removed whenever Kilter does not run.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::kernel::{StreamId, TenantId};
use domain::ports::{Future, Hash, Position, Snapshot, Snapshots};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::checksum;

/// Raised when the table changes: a file of another format is emptied.
const FORMAT: u32 = 2;
const BUSY: Duration = Duration::from_secs(5);

/// What a crash tears here is made again: nothing waits for the disk.
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000;";

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS snapshots (
        tenant BLOB NOT NULL,
        kind TEXT NOT NULL,
        stream BLOB NOT NULL,
        form INTEGER NOT NULL,
        event BLOB NOT NULL,
        revision INTEGER NOT NULL,
        position INTEGER NOT NULL,
        state BLOB NOT NULL,
        checksum BLOB NOT NULL,
        PRIMARY KEY (tenant, kind, stream)
    ) STRICT, WITHOUT ROWID;";

const LATEST: &str = "
    SELECT form, event, revision, position, state, checksum FROM snapshots WHERE tenant = ?1 AND kind = ?2 AND stream = ?3";

const KEEP: &str = "INSERT OR REPLACE INTO snapshots VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

/// Snapshots in SQLite.
#[derive(Clone)]
pub struct SqliteSnapshots(Arc<Mutex<Connection>>);

impl SqliteSnapshots {
    /// Opens or makes the file; one that can't be used is removed and made anew.
    pub fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = match prepared(path) {
            Ok(connection) => connection,
            Err(error) => {
                tracing::warn!(event = "snapshots.made_anew", file = %path.display(), %error, "the file can't be used");
                for suffix in ["", "-wal", "-shm"] {
                    let mut name = path.as_os_str().to_owned();
                    name.push(suffix);
                    // Which of them there are does not matter; what can't be removed is told by the next attempt.
                    let _ = std::fs::remove_file(name);
                }
                prepared(path)?
            }
        };
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Option<T> {
        let connection = Arc::clone(&self.0);
        let work = move || work(&connection.lock().unwrap_or_else(PoisonError::into_inner));
        let done = tokio::task::spawn_blocking(work).await.ok()?;
        done.inspect_err(|error| tracing::warn!(event = "snapshots.failed", %error, "streams are folded whole")).ok()
    }
}

fn prepared(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch(SETTINGS)?;
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found != FORMAT {
        connection.execute_batch("DROP TABLE IF EXISTS snapshots")?;
    }
    connection.execute_batch(TABLE)?;
    connection.pragma_update(None, "user_version", FORMAT)?;
    Ok(connection)
}

fn snapshot(row: &Row<'_>) -> rusqlite::Result<Snapshot> {
    Ok(Snapshot {
        form: row.get(0)?,
        event: Uuid::from_bytes(row.get(1)?),
        revision: row.get::<_, i64>(2)?.cast_unsigned(),
        position: Position(row.get::<_, i64>(3)?.cast_unsigned()),
        state: row.get(4)?,
    })
}

impl Snapshots for SqliteSnapshots {
    fn latest(&self, tenant: TenantId, stream: StreamId) -> Future<'_, Option<Snapshot>> {
        Box::pin(async move {
            let find = move |connection: &Connection| {
                let key = params![tenant.0.as_bytes(), stream.kind.as_str(), stream.id.as_bytes()];
                let read = |row: &Row<'_>| Ok((snapshot(row)?, row.get::<_, Hash>(5)?));
                let found = connection.prepare_cached(LATEST)?.query_row(key, read).optional()?;
                Ok(found.filter(|(found, sum)| checksum(tenant, stream, found) == *sum).map(|(found, _)| found))
            };
            self.on_disk(find).await.flatten()
        })
    }

    fn keep(&self, tenant: TenantId, stream: StreamId, snapshot: Snapshot) -> Future<'_, ()> {
        Box::pin(async move {
            let checksum = checksum(tenant, stream, &snapshot);
            let Snapshot { form, event, revision, position, state } = snapshot;
            let keep = move |connection: &Connection| {
                connection.prepare_cached(KEEP)?.execute(params![
                    tenant.0.as_bytes(),
                    stream.kind.as_str(),
                    stream.id.as_bytes(),
                    form,
                    event.as_bytes(),
                    revision.cast_signed(),
                    position.0.cast_signed(),
                    state,
                    checksum
                ])
            };
            self.on_disk(keep).await;
        })
    }
}
