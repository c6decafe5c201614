//! The vault in one SQLite file. Several processes may have it open at once.

mod answers;
mod format;
mod registry;
mod secrets;
mod transfer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::kernel::{Sealed, SubjectId, TenantId, Timestamp};
use domain::ports::{Future, Unsealed, Vault, VaultError};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};

pub use self::answers::SqliteAnswers;
use self::format::{BUSY_TIMEOUT, FORMAT, Fit, configure, fit, prepare};
use super::keys::{Key, RootKey};
use super::sealing::{AT_HAND, AtHand, Owner, keyless};
use super::secret_rows::SecretKeys;
use crate::bounded::Bounded;

/// Why a vault could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenVaultError {
    /// Written by a newer Kilter.
    #[error("{path} has format {found}; this build knows formats up to {known}: start the newer Kilter that wrote it")]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i32,
        /// The newest known one.
        known: i32,
    },
    /// Its keys are wrapped by another root key.
    #[error("{path} belongs to another root key")]
    WrongRootKey {
        /// The file.
        path: PathBuf,
    },
    /// Not a vault, or not whole.
    #[error("{path} is damaged or no vault: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// It can't be reached, read or written right now.
    #[error("{path} can't be opened: {reason}")]
    Unavailable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl OpenVaultError {
    pub(super) fn of(path: &Path, error: VaultError) -> Self {
        let path = path.to_owned();
        match error {
            VaultError::Damaged(reason) => Self::Damaged { path, reason },
            other => Self::Unavailable { path, reason: other.to_string() },
        }
    }
}

/// The vault in SQLite.
#[derive(Clone)]
pub struct SqliteVault(Arc<Inner>);

struct Inner {
    /// Keys are made, destroyed and put at hand only under this lock, so that a destroyed one does not come back. No other
    /// process destroys keys: that takes the data folder's lock.
    connection: Mutex<Connection>,
    root: RootKey,
    tenant_keys: Bounded<TenantId, Key>,
    at_hand: AtHand,
    secret_keys: SecretKeys,
}

impl SqliteVault {
    /// Opens the vault in this file; makes it if it is not there.
    pub fn open(path: &Path, root: RootKey) -> Result<Self, OpenVaultError> {
        let connection = Connection::open(path).map_err(|error| OpenVaultError::of(path, unavailable(error)))?;
        Self::over(connection, path, root)
    }

    /// Opens the vault in this file for reading only, beside whoever writes to it; makes nothing and changes nothing.
    pub fn open_for_reading(path: &Path, root: RootKey) -> Result<Self, OpenVaultError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
            connection.busy_timeout(BUSY_TIMEOUT)?;
            Ok(connection)
        });
        let connection = opened.map_err(|error| OpenVaultError::of(path, unavailable(error)))?;
        let fit = fit(&connection, &root);
        Self::of(connection, path, root, fit)
    }

    /// Joins the vault in this file as it is, beside the process that serves it, to add to its registry; makes and upgrades nothing.
    pub fn join(path: &Path, root: RootKey) -> Result<Self, OpenVaultError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
            configure(&connection)?;
            Ok(connection)
        });
        let connection = opened.map_err(|error| OpenVaultError::of(path, unavailable(error)))?;
        let fit = fit(&connection, &root);
        Self::of(connection, path, root, fit)
    }

    /// A vault in memory, under a root key of its own: gone when it is dropped.
    pub fn in_memory() -> Result<Self, OpenVaultError> {
        let path = Path::new(":memory:");
        let connection = Connection::open_in_memory().map_err(|error| OpenVaultError::of(path, unavailable(error)))?;
        Self::over(connection, path, RootKey::random())
    }

    fn over(mut connection: Connection, path: &Path, root: RootKey) -> Result<Self, OpenVaultError> {
        let fit = prepare(&mut connection, &root);
        Self::of(connection, path, root, fit)
    }

    fn of(
        connection: Connection,
        path: &Path,
        root: RootKey,
        fit: Result<Fit, VaultError>,
    ) -> Result<Self, OpenVaultError> {
        match fit.map_err(|error| OpenVaultError::of(path, error))? {
            Fit::Yes => {}
            Fit::NewerFormat(found) => {
                return Err(OpenVaultError::NewerFormat { path: path.to_owned(), found, known: FORMAT });
            }
            Fit::WrongRootKey => return Err(OpenVaultError::WrongRootKey { path: path.to_owned() }),
        }
        Ok(Self(Arc::new(Inner {
            connection: Mutex::new(connection),
            secret_keys: SecretKeys::of(&root),
            root,
            tenant_keys: Bounded::new(AT_HAND),
            at_hand: AtHand::new(),
        })))
    }

    /// Does what touches the file away from the threads that serve.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .map_err(|error| VaultError::Unavailable(error.to_string()))?
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
pub(super) fn unavailable(error: rusqlite::Error) -> VaultError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
            VaultError::Damaged(error.to_string())
        }
        _ => VaultError::Unavailable(error.to_string()),
    }
}

impl Inner {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find_data_key(&self, owner: Owner) -> Result<Option<Key>, VaultError> {
        let connection = self.connection();
        let Some(wrapped) = select_data_key(&connection, owner).map_err(unavailable)? else { return Ok(None) };
        let Some(tenant_key) = self.find_tenant_key(&connection, owner.0)? else { return Err(keyless(owner.0)) };
        self.unwrap_data_key(&tenant_key, owner, &wrapped).map(Some)
    }

    fn make_data_key(&self, owner: Owner) -> Result<Key, VaultError> {
        let (tenant, subject, _) = owner;
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unavailable)?;
        if is_fenced(&transaction, tenant, subject).map_err(unavailable)? {
            return Err(VaultError::Fenced(subject));
        }
        let tenant_key = self.make_tenant_key(&transaction, tenant)?;
        let known = select_data_key(&transaction, owner).map_err(unavailable)?;
        let wrapped = if let Some(wrapped) = known {
            wrapped
        } else {
            let wrapped = tenant_key.make_data_key(owner)?;
            insert_data_key(&transaction, owner, &wrapped).map_err(unavailable)?;
            wrapped
        };
        transaction.commit().map_err(unavailable)?;
        self.unwrap_data_key(&tenant_key, owner, &wrapped)
    }

    /// Unwraps and keeps at hand; the caller holds the connection.
    fn unwrap_data_key(&self, tenant_key: &Key, owner: Owner, wrapped: &[u8]) -> Result<Key, VaultError> {
        let key = tenant_key.unwrap_data_key(owner, wrapped)?;
        self.at_hand.data_keys.put(owner, key.clone());
        Ok(key)
    }

    fn find_tenant_key(&self, connection: &Connection, tenant: TenantId) -> Result<Option<Key>, VaultError> {
        if let Some(key) = self.tenant_keys.get(&tenant) {
            return Ok(Some(key));
        }
        let wrapped: Option<Vec<u8>> = connection
            .query_row("SELECT wrapped FROM tenant_keys WHERE tenant = ?1", [tenant.0.into_bytes()], |row| row.get(0))
            .optional()
            .map_err(unavailable)?;
        let Some(wrapped) = wrapped else { return Ok(None) };
        let key = self.root.unwrap_tenant_key(tenant, &wrapped)?;
        self.tenant_keys.put(tenant, key.clone());
        Ok(Some(key))
    }

    fn make_tenant_key(&self, transaction: &Transaction<'_>, tenant: TenantId) -> Result<Key, VaultError> {
        if let Some(key) = self.find_tenant_key(transaction, tenant)? {
            return Ok(key);
        }
        // Not put at hand: the transaction may yet fail.
        let (key, wrapped) = self.root.make_tenant_key(tenant)?;
        transaction
            .execute("INSERT INTO tenant_keys VALUES (?1, ?2)", params![tenant.0.into_bytes(), wrapped])
            .map_err(unavailable)?;
        Ok(key)
    }

    fn fence(&self, tenant: TenantId, subject: SubjectId, now: Timestamp) -> Result<(), VaultError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unavailable)?;
        let of = params![tenant.0.into_bytes(), subject.0.into_bytes()];
        let fence = "INSERT INTO fences VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        transaction
            .execute(fence, params![tenant.0.into_bytes(), subject.0.into_bytes(), now.as_micros()])
            .and_then(|_| transaction.execute("DELETE FROM data_keys WHERE tenant = ?1 AND subject = ?2", of))
            .and_then(|_| transaction.execute(secrets::FORGET_OWNER, of))
            .map_err(unavailable)?;
        transaction.commit().map_err(unavailable)?;
        self.at_hand.forget_subject(tenant, subject);
        sweep(&connection)
    }
}

/// The write-ahead log still holds pages with what was deleted in them.
fn sweep(connection: &Connection) -> Result<(), VaultError> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(unavailable)
}

fn select_data_key(connection: &Connection, (tenant, subject, class): Owner) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .query_row(
            "SELECT wrapped FROM data_keys WHERE tenant = ?1 AND subject = ?2 AND class = ?3",
            params![tenant.0.into_bytes(), subject.0.into_bytes(), class.as_str()],
            |row| row.get(0),
        )
        .optional()
}

fn insert_data_key(
    transaction: &Transaction<'_>,
    (tenant, subject, class): Owner,
    wrapped: &[u8],
) -> rusqlite::Result<usize> {
    transaction.execute(
        "INSERT INTO data_keys VALUES (?1, ?2, ?3, ?4)",
        params![tenant.0.into_bytes(), subject.0.into_bytes(), class.as_str(), wrapped],
    )
}

fn is_fenced(connection: &Connection, tenant: TenantId, subject: SubjectId) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM fences WHERE tenant = ?1 AND subject = ?2)",
        params![tenant.0.into_bytes(), subject.0.into_bytes()],
        |row| row.get(0),
    )
}

impl Vault for SqliteVault {
    fn seal(&self, tenant: TenantId, value: Unsealed) -> Future<'_, Result<Sealed, VaultError>> {
        Box::pin(async move {
            let owner = (tenant, value.subject, value.class);
            let key = match self.0.at_hand.data_keys.get(&owner) {
                Some(key) => key,
                None => self.on_disk(move |vault| vault.make_data_key(owner)).await?,
            };
            key.seal_value(tenant, value)
        })
    }

    fn open<'a>(&'a self, tenant: TenantId, sealed: &'a Sealed) -> Future<'a, Result<Option<Vec<u8>>, VaultError>> {
        Box::pin(async move {
            let owner = (tenant, sealed.subject, sealed.class);
            let key = match self.0.at_hand.data_keys.get(&owner) {
                Some(key) => Some(key),
                None => self.on_disk(move |vault| vault.find_data_key(owner)).await?,
            };
            key.map(|key| key.open_value(tenant, sealed)).transpose()
        })
    }

    fn fence(&self, tenant: TenantId, subject: SubjectId, now: Timestamp) -> Future<'_, Result<(), VaultError>> {
        Box::pin(self.on_disk(move |vault| vault.fence(tenant, subject, now)))
    }
}
