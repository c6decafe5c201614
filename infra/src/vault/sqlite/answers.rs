//! Answers to commands that left no event, in the vault's file, on a connection of their own: keeping one does not wait for the disk,
//! since losing one in a crash does no harm.

use std::collections::{HashSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::kernel::{CommandId, TenantId, Timestamp};
use domain::ports::{Answer, Answers, Future, VaultError};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::{OpenVaultError, unavailable};
use crate::vault::answers::{FORGOTTEN, KEPT, KEPT_MICROS, read, write};

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The answers in SQLite. Only the process that holds the data folder may open them: it knows by heart which there are.
#[derive(Clone)]
pub struct SqliteAnswers {
    known: Known,
    kept: Arc<Mutex<Kept>>,
}

/// Those that there are: most commands are new, and asking for them must cost nothing. Never locked while the disk is waited for.
type Known = Arc<Mutex<HashSet<(TenantId, CommandId)>>>;

struct Kept {
    connection: Connection,
    known: Known,
    /// The same, oldest first, with when they go.
    order: VecDeque<(i64, (TenantId, CommandId))>,
}

impl SqliteAnswers {
    /// Opens those in the vault's file, and forgets what has expired.
    pub fn open(path: &Path, now: Timestamp) -> Result<Self, OpenVaultError> {
        let opened = Connection::open(path).map_err(unavailable).and_then(|connection| Kept::load(connection, now));
        opened.map(Self::over).map_err(|error| OpenVaultError::of(path, error))
    }

    /// Gone when they are dropped.
    pub fn in_memory() -> Result<Self, OpenVaultError> {
        let opened = Connection::open_in_memory().map_err(unavailable);
        let loaded = opened.and_then(|connection| Kept::load(connection, Timestamp::default()));
        loaded.map(Self::over).map_err(|error| OpenVaultError::of(Path::new(":memory:"), error))
    }

    fn over(kept: Kept) -> Self {
        Self { known: Arc::clone(&kept.known), kept: Arc::new(Mutex::new(kept)) }
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Kept) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || work(&mut locked(&this.kept)))
            .await
            .map_err(|error| VaultError::Unavailable(error.to_string()))?
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Kept {
    fn load(connection: Connection, now: Timestamp) -> Result<Self, VaultError> {
        connection.busy_timeout(BUSY_TIMEOUT).map_err(unavailable)?;
        for (pragma, value) in [("journal_mode", "WAL"), ("synchronous", "NORMAL"), ("secure_delete", "ON")] {
            connection.pragma_update(None, pragma, value).map_err(unavailable)?;
        }
        connection.execute_batch(include_str!("answers.sql")).map_err(unavailable)?;
        let expired = now.as_micros().saturating_sub(KEPT_MICROS);
        connection.execute("DELETE FROM answers WHERE kept_since <= ?1", [expired]).map_err(unavailable)?;
        let mut kept = Self { connection, known: Known::default(), order: VecDeque::new() };
        kept.order = kept.stored().map_err(unavailable)?;
        *locked(&kept.known) = kept.order.iter().map(|(_, key)| *key).collect();
        Ok(kept)
    }

    fn stored(&self) -> rusqlite::Result<VecDeque<(i64, (TenantId, CommandId))>> {
        let mut statement =
            self.connection.prepare("SELECT kept_since, tenant, command FROM answers ORDER BY number")?;
        let rows = statement.query_map([], |row| {
            let id = |column| row.get(column).map(Uuid::from_bytes);
            Ok((row.get::<_, i64>(0)?.saturating_add(KEPT_MICROS), (TenantId(id(1)?), CommandId(id(2)?))))
        })?;
        rows.collect()
    }

    fn find(&self, (tenant, command): (TenantId, CommandId)) -> Result<Option<Answer>, VaultError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT answer FROM answers WHERE tenant = ?1 AND command = ?2")
            .map_err(unavailable)?;
        let found: Option<String> = select
            .query_row(params![tenant.0.into_bytes(), command.0.into_bytes()], |row| row.get(0))
            .optional()
            .map_err(unavailable)?;
        found.map(|text| read(command, &text)).transpose()
    }

    fn keep(&mut self, key: (TenantId, CommandId), answer: Answer, now: Timestamp) -> Result<Answer, VaultError> {
        self.forget_expired(now)?;
        if locked(&self.known).contains(&key)
            && let Some(stands) = self.find(key)?
        {
            return Ok(stands);
        }
        let text = write(&answer)?;
        self.connection
            .prepare_cached("INSERT INTO answers (tenant, command, answer, kept_since) VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut insert| {
                insert.execute(params![key.0.0.into_bytes(), key.1.0.into_bytes(), text, now.as_micros()])
            })
            .map_err(unavailable)?;
        locked(&self.known).insert(key);
        self.order.push_back((now.as_micros().saturating_add(KEPT_MICROS), key));
        Ok(answer)
    }

    /// Some of them: more are kept as long as more are forgotten than come.
    fn forget_expired(&mut self, now: Timestamp) -> Result<(), VaultError> {
        for _ in 0..FORGOTTEN {
            let oldest = self.order.front().copied();
            let Some((_, key)) = oldest.filter(|it| it.0 <= now.as_micros() || self.order.len() > KEPT as usize) else {
                break;
            };
            self.connection
                .prepare_cached("DELETE FROM answers WHERE tenant = ?1 AND command = ?2")
                .and_then(|mut delete| delete.execute(params![key.0.0.into_bytes(), key.1.0.into_bytes()]))
                .map_err(unavailable)?;
            self.order.pop_front();
            locked(&self.known).remove(&key);
        }
        Ok(())
    }
}

impl Answers for SqliteAnswers {
    fn recall(&self, tenant: TenantId, command: CommandId) -> Future<'_, Result<Option<Answer>, VaultError>> {
        Box::pin(async move {
            if !locked(&self.known).contains(&(tenant, command)) {
                return Ok(None);
            }
            self.on_disk(move |kept| kept.find((tenant, command))).await
        })
    }

    fn remember(
        &self,
        tenant: TenantId,
        command: CommandId,
        answer: Answer,
        now: Timestamp,
    ) -> Future<'_, Result<Answer, VaultError>> {
        Box::pin(self.on_disk(move |kept| kept.keep((tenant, command), answer, now)))
    }
}
