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

use super::sqlite::{OpenVaultError, unavailable};

/// How long an answer is kept.
const KEPT_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
/// How many answers are kept; the oldest go first.
const KEPT: usize = 100_000;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The answers in SQLite. Only the process that holds the data folder may open them: it knows by heart which there are.
#[derive(Clone)]
pub struct SqliteAnswers(Arc<Mutex<Kept>>);

struct Kept {
    connection: Connection,
    /// Those that there are: most commands are new, and asking for them must cost nothing.
    known: HashSet<(TenantId, CommandId)>,
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
        Self(Arc::new(Mutex::new(kept)))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Kept) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || work(&mut this.kept()))
            .await
            .map_err(|error| VaultError::Unavailable(error.to_string()))?
    }
}

impl Kept {
    fn load(connection: Connection, now: Timestamp) -> Result<Self, VaultError> {
        connection.busy_timeout(BUSY_TIMEOUT).map_err(unavailable)?;
        for (pragma, value) in [("journal_mode", "WAL"), ("synchronous", "NORMAL"), ("secure_delete", "ON")] {
            connection.pragma_update(None, pragma, value).map_err(unavailable)?;
        }
        connection.execute_batch(include_str!("answers.sql")).map_err(unavailable)?;
        let mut kept = Self { connection, known: HashSet::new(), order: VecDeque::new() };
        kept.order = kept.stored().map_err(unavailable)?;
        kept.known = kept.order.iter().map(|(_, key)| *key).collect();
        kept.forget_expired(now)?;
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
        let damaged = |error| VaultError::Damaged(format!("the answer to command {command} can't be read: {error}"));
        found.map(|text| serde_json::from_str(&text).map_err(damaged)).transpose()
    }

    fn keep(&mut self, key: (TenantId, CommandId), answer: Answer, now: Timestamp) -> Result<Answer, VaultError> {
        self.forget_expired(now)?;
        if self.known.contains(&key)
            && let Some(stands) = self.find(key)?
        {
            return Ok(stands);
        }
        let text = serde_json::to_string(&answer).map_err(|error| VaultError::Damaged(error.to_string()))?;
        self.connection
            .prepare_cached("INSERT INTO answers (tenant, command, answer, kept_since) VALUES (?1, ?2, ?3, ?4)")
            .and_then(|mut insert| {
                insert.execute(params![key.0.0.into_bytes(), key.1.0.into_bytes(), text, now.as_micros()])
            })
            .map_err(unavailable)?;
        self.known.insert(key);
        self.order.push_back((now.as_micros().saturating_add(KEPT_MICROS), key));
        Ok(answer)
    }

    fn forget_expired(&mut self, now: Timestamp) -> Result<(), VaultError> {
        while let Some((until, key)) = self.order.front().copied()
            && (until <= now.as_micros() || self.order.len() > KEPT)
        {
            self.connection
                .prepare_cached("DELETE FROM answers WHERE tenant = ?1 AND command = ?2")
                .and_then(|mut delete| delete.execute(params![key.0.0.into_bytes(), key.1.0.into_bytes()]))
                .map_err(unavailable)?;
            self.order.pop_front();
            self.known.remove(&key);
        }
        Ok(())
    }
}

impl Answers for SqliteAnswers {
    fn recall(&self, tenant: TenantId, command: CommandId) -> Future<'_, Result<Option<Answer>, VaultError>> {
        Box::pin(async move {
            if !self.kept().known.contains(&(tenant, command)) {
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
