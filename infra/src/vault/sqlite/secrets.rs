//! Secrets in SQLite.

use domain::kernel::{SubjectId, TenantId, Timestamp};
use domain::ports::{Future, Scope, VaultError};
use rusqlite::{Connection, OptionalExtension, Params, Row, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use super::{Inner, SqliteVault, is_fenced, sweep, unavailable};
use crate::vault::secret_rows::SecretRow;
use crate::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind, Secrets, Standing, Version};

/// The columns that [`row`] reads.
macro_rules! select {
    ($of:literal) => {
        concat!("SELECT kind, name, tenant, owner, sealed, version, due_at, expires_at FROM secrets ", $of)
    };
}

const FIND: &str = select!("WHERE kind = ?1 AND name = ?2 AND (expires_at IS NULL OR expires_at > ?3)");
const OF_OWNER: &str =
    select!("WHERE tenant = ?1 AND owner = ?2 AND kind = ?3 AND (expires_at IS NULL OR expires_at > ?4)");
const DUE: &str = select!("WHERE kind = ?1 AND due_at <= ?2 ORDER BY due_at LIMIT ?3");
pub(super) const PAGE: &str = select!("WHERE (kind, name) > (?1, ?2) ORDER BY kind, name LIMIT ?3");
const STANDING: &str = "SELECT tenant, version, expires_at FROM secrets WHERE kind = ?1 AND name = ?2";
const PUT: &str = "INSERT OR REPLACE INTO secrets VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const REMOVE: &str = "DELETE FROM secrets WHERE kind = ?1 AND name = ?2";
pub(super) const FORGET_OWNER: &str = "DELETE FROM secrets WHERE tenant = ?1 AND owner = ?2";
const FORGET_EXPIRED: &str = "DELETE FROM secrets WHERE expires_at <= ?1";

/// All rows that answer a query.
pub(super) fn rows(connection: &Connection, query: &str, of: impl Params) -> rusqlite::Result<Vec<SecretRow>> {
    connection.prepare_cached(query)?.query_map(of, row)?.collect()
}

fn row(row: &Row<'_>) -> rusqlite::Result<SecretRow> {
    Ok(SecretRow {
        kind: row.get(0)?,
        name: row.get(1)?,
        tenant: row.get::<_, Option<[u8; 16]>>(2)?.map(Uuid::from_bytes),
        owner: row.get::<_, Option<[u8; 16]>>(3)?.map(Uuid::from_bytes),
        sealed: row.get(4)?,
        version: row.get(5)?,
        due_at: row.get(6)?,
        expires_at: row.get(7)?,
    })
}

/// A secret stands in this row from now on.
pub(super) fn put(transaction: &Transaction<'_>, row: &SecretRow) -> rusqlite::Result<()> {
    let SecretRow { kind, name, tenant, owner, sealed, version, due_at, expires_at } = row;
    let (tenant, owner) = (tenant.map(Uuid::into_bytes), owner.map(Uuid::into_bytes));
    let columns = params![kind, name, tenant, owner, sealed, version, due_at, expires_at];
    transaction.prepare_cached(PUT)?.execute(columns).map(drop)
}

fn is_seen(scope: Scope, tenant: Option<TenantId>) -> bool {
    match scope {
        Scope::System => true,
        Scope::Tenant(whose) => tenant == Some(whose),
    }
}

impl Inner {
    fn find_secrets(&self, query: &str, of: impl Params) -> Result<Vec<Secret>, VaultError> {
        let found = rows(&self.connection(), query, of).map_err(unavailable)?;
        found.iter().map(|row| self.secret_keys.open(row)).collect()
    }

    fn change(&self, scope: Scope, changes: &[Change], now: Timestamp) -> Result<(), ChangeError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unavailable)?;
        for change in changes {
            let stands = standing(&transaction, scope, change.id(), now)?;
            match change {
                Change::Put { secret, expected } => {
                    let is_expected = match expected {
                        Standing::Absent => stands == Stands::Nothing,
                        Standing::Version(version) => stands == Stands::Seen(*version),
                        Standing::Any => stands != Stands::Hidden,
                    };
                    if !is_expected {
                        return Err(ChangeError::Stale);
                    }
                    self.put_secret(&transaction, scope, secret)?;
                }
                Change::Remove { id, version } => {
                    if version.is_some_and(|version| stands != Stands::Seen(version)) {
                        return Err(ChangeError::Stale);
                    }
                    if stands != Stands::Hidden {
                        transaction.execute(REMOVE, params![id.kind.as_str(), id.name]).map_err(unavailable)?;
                    }
                }
            }
        }
        transaction.commit().map_err(unavailable)?;
        Ok(())
    }

    fn put_secret(&self, transaction: &Transaction<'_>, scope: Scope, secret: &Secret) -> Result<(), ChangeError> {
        if !is_seen(scope, secret.tenant) {
            return Err(ChangeError::Foreign);
        }
        if let (Some(tenant), Some(owner)) = (secret.tenant, secret.owner)
            && is_fenced(transaction, tenant, owner).map_err(unavailable)?
        {
            return Err(VaultError::Fenced(owner).into());
        }
        let row = self.secret_keys.seal(secret)?;
        put(transaction, &row).map_err(unavailable)?;
        Ok(())
    }

    /// Deletes for good; how many there were.
    pub(super) fn forget(&self, delete: &str, of: impl Params) -> Result<u64, VaultError> {
        let connection = self.connection();
        let gone = connection.execute(delete, of).map_err(unavailable)?;
        sweep(&connection)?;
        Ok(gone as u64)
    }
}

/// What stands in a place.
#[derive(PartialEq, Eq)]
enum Stands {
    /// Nothing, or what has expired.
    Nothing,
    /// A secret of somebody else.
    Hidden,
    /// A secret in this version.
    Seen(Version),
}

fn standing(transaction: &Transaction<'_>, scope: Scope, id: SecretId, now: Timestamp) -> Result<Stands, VaultError> {
    let read = |row: &Row<'_>| {
        let tenant = row.get::<_, Option<[u8; 16]>>(0)?.map(|id| TenantId(Uuid::from_bytes(id)));
        Ok((tenant, Version(row.get(1)?), row.get::<_, Option<i64>>(2)?))
    };
    let found = transaction
        .prepare_cached(STANDING)
        .and_then(|mut query| query.query_row(params![id.kind.as_str(), id.name], read).optional())
        .map_err(unavailable)?;
    Ok(match found {
        None => Stands::Nothing,
        Some((tenant, _, _)) if !is_seen(scope, tenant) => Stands::Hidden,
        Some((_, _, Some(expires_at))) if expires_at <= now.as_micros() => Stands::Nothing,
        Some((_, version, _)) => Stands::Seen(version),
    })
}

impl Secrets for SqliteVault {
    fn id(&self, kind: SecretKind, name: &[u8]) -> SecretId {
        self.0.secret_keys.id(kind, name)
    }

    fn find(&self, scope: Scope, id: SecretId, now: Timestamp) -> Future<'_, Result<Option<Secret>, VaultError>> {
        Box::pin(self.on_disk(move |vault| {
            let found = vault.find_secrets(FIND, params![id.kind.as_str(), id.name, now.as_micros()])?;
            Ok(found.into_iter().find(|secret| is_seen(scope, secret.tenant)))
        }))
    }

    fn of_owner(
        &self,
        kind: SecretKind,
        tenant: TenantId,
        owner: SubjectId,
        now: Timestamp,
    ) -> Future<'_, Result<Vec<Secret>, VaultError>> {
        let of = (tenant.0.into_bytes(), owner.0.into_bytes(), kind.as_str(), now.as_micros());
        Box::pin(self.on_disk(move |vault| vault.find_secrets(OF_OWNER, of)))
    }

    fn due(&self, kind: SecretKind, by: Timestamp, limit: usize) -> Future<'_, Result<Vec<Secret>, VaultError>> {
        Box::pin(self.on_disk(move |vault| {
            let mut ask = limit;
            loop {
                let of = (kind.as_str(), by.as_micros(), i64::try_from(ask).unwrap_or(i64::MAX));
                let found = rows(&vault.connection(), DUE, of).map_err(unavailable)?;
                let readable = vault.secret_keys.open_readable(&found, limit);
                if readable.len() == limit || found.len() < ask {
                    return Ok(readable);
                }
                ask = ask.saturating_mul(2);
            }
        }))
    }

    fn change(&self, scope: Scope, changes: Vec<Change>, now: Timestamp) -> Future<'_, Result<(), ChangeError>> {
        // What is refused is no failure of the disk.
        let changed = self.on_disk(move |vault| Ok(vault.change(scope, &changes, now)));
        Box::pin(async move { changed.await? })
    }

    fn forget_owner(&self, tenant: TenantId, owner: SubjectId) -> Future<'_, Result<(), VaultError>> {
        let of = (tenant.0.into_bytes(), owner.0.into_bytes());
        Box::pin(self.on_disk(move |vault| vault.forget(FORGET_OWNER, of).map(drop)))
    }

    fn forget_expired(&self, now: Timestamp) -> Future<'_, Result<u64, VaultError>> {
        Box::pin(self.on_disk(move |vault| vault.forget(FORGET_EXPIRED, [now.as_micros()])))
    }
}
