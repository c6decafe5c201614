//! Secrets in PostgreSQL.

use std::collections::BTreeSet;

use domain::kernel::{SubjectId, TenantId, Timestamp};
use domain::ports::{Future, Scope, VaultError};
use futures_util::future::try_join;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Transaction};

use super::{Inner, LOCK, PostgresVault, Undone};
use crate::postgres::{Failure, Parameters, insist};
use crate::vault::secret_rows::SecretRow;
use crate::vault::secrets::{Change, ChangeError, Secret, SecretId, SecretKind, Secrets, Standing};

/// The columns that [`row`] reads.
macro_rules! select {
    ($of:literal) => {
        concat!("SELECT kind, name, tenant, owner, sealed, version, due_at, expires_at FROM secrets ", $of)
    };
}

const FIND: &str = select!("WHERE kind = $1 AND name = $2 AND (expires_at IS NULL OR expires_at > $3)");
const OF_OWNER: &str =
    select!("WHERE tenant = $1 AND owner = $2 AND kind = $3 AND (expires_at IS NULL OR expires_at > $4)");
const DUE: &str = select!("WHERE kind = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3");
pub(super) const PAGE: &str = select!("WHERE (kind, name) > ($1, $2) ORDER BY kind, name LIMIT $3");

/// In the place of nothing and of what has expired at `$9`, or where `$10` of anything.
const PUT: &str = "
    INSERT INTO secrets AS stands VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (kind, name) DO UPDATE SET (tenant, owner, sealed, version, due_at, expires_at) =
        (excluded.tenant, excluded.owner, excluded.sealed, excluded.version, excluded.due_at, excluded.expires_at)
    WHERE $10 OR stands.expires_at <= $9";
/// In the place of version `$10`.
const REPLACE: &str = "
    UPDATE secrets SET (tenant, owner, sealed, version, due_at, expires_at) = ($3, $4, $5, $6, $7, $8)
    WHERE kind = $1 AND name = $2 AND version = $10 AND (expires_at IS NULL OR expires_at > $9)";
const REMOVE: &str = "DELETE FROM secrets WHERE kind = $1 AND name = $2";
const TAKE: &str = "
    DELETE FROM secrets
    WHERE kind = $1 AND name = $2 AND version = $4 AND (expires_at IS NULL OR expires_at > $3)";

/// Rows are locked in the order in which changes lock theirs.
pub(super) const FORGET_OWNER: &str = "
    DELETE FROM secrets WHERE (kind, name) IN (
        SELECT kind, name FROM secrets WHERE tenant = $1 AND owner = $2 ORDER BY kind, name FOR UPDATE)";
/// What somebody is about to change is left to the next time.
const FORGET_EXPIRED: &str = "
    DELETE FROM secrets WHERE (kind, name) IN (
        SELECT kind, name FROM secrets WHERE expires_at <= $1 FOR UPDATE SKIP LOCKED)";

const IS_FENCED: &str = "SELECT EXISTS (SELECT FROM fences WHERE tenant = $1 AND subject = $2)";

/// How often a change is tried that another one stood in the way of, crosswise.
const ATTEMPTS: u32 = 5;

pub(super) fn row(row: &Row) -> SecretRow {
    SecretRow {
        kind: row.get(0),
        name: row.get(1),
        tenant: row.get(2),
        owner: row.get(3),
        sealed: row.get(4),
        version: row.get(5),
        due_at: row.get(6),
        expires_at: row.get(7),
    }
}

impl Inner {
    async fn find_secrets(&self, scope: Scope, query: &str, of: Parameters<'_>) -> Result<Vec<Secret>, VaultError> {
        let rows = self.server.ask(scope, query, of).await.map_err(|failure| self.failed(&failure))?;
        rows.iter().map(|found| self.secret_keys.open(&row(found))).collect()
    }

    async fn change(&self, scope: Scope, mut changes: Vec<Change>, now: Timestamp) -> Result<(), ChangeError> {
        if let Scope::Tenant(tenant) = scope
            && changes
                .iter()
                .any(|change| matches!(change, Change::Put { secret, .. } if secret.tenant != Some(tenant)))
        {
            return Err(ChangeError::Foreign);
        }
        // All lock rows in one order, and nobody waits for anybody in a circle.
        changes.sort_by_key(|change| (change.id().kind.as_str(), change.id().name));
        let mut left = ATTEMPTS;
        loop {
            left -= 1;
            match insist(|| self.try_to_change(scope, &changes, now)).await {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(ChangeError::Stale),
                Err(undone) if left > 0 && is(&undone, &SqlState::T_R_DEADLOCK_DETECTED) => {}
                // What stands there belongs to somebody else.
                Err(undone) if is(&undone, &SqlState::INSUFFICIENT_PRIVILEGE) => return Err(ChangeError::Stale),
                Err(undone) => return Err(self.undone(undone).into()),
            }
        }
    }

    /// False where something else stands there than expected.
    async fn try_to_change(&self, scope: Scope, changes: &[Change], now: Timestamp) -> Result<bool, Undone> {
        let mut lent = self.server.lend_to_change().await?;
        lent.fence(scope).await?;
        let transaction = lent.transaction().await?;
        refuse_fenced(&transaction, changes).await?;
        let mut all = true;
        for change in changes {
            all = all && self.make(&transaction, change, now).await?;
        }
        if all {
            // Whether it was made is not known where this fails: it must not be made again, and the caller has to look.
            transaction.commit().await.map_err(|error| self.failed(&error.into()))?;
        } else {
            transaction.rollback().await?;
        }
        lent.give_back();
        Ok(all)
    }

    async fn make(&self, transaction: &Transaction<'_>, change: &Change, now: Timestamp) -> Result<bool, Undone> {
        let now = now.as_micros();
        let (kind, id) = (change.id().kind.as_str(), change.id());
        let name = id.name.as_slice();
        let made = match change {
            Change::Put { secret, expected } => {
                let SecretRow { tenant, owner, sealed, version, due_at, expires_at, .. } =
                    self.secret_keys.seal(secret)?;
                let (replaced, any) = match expected {
                    Standing::Version(version) => (Some(version.0), false),
                    Standing::Absent => (None, false),
                    Standing::Any => (None, true),
                };
                let columns: [Column<'_>; 9] =
                    [&kind, &name, &tenant, &owner, &sealed, &version, &due_at, &expires_at, &now];
                match replaced {
                    Some(version) => transaction.execute(REPLACE, &with(columns, &version)).await?,
                    None => transaction.execute(PUT, &with(columns, &any)).await?,
                }
            }
            Change::Remove { version: Some(version), .. } => {
                transaction.execute(TAKE, &[&kind, &name, &now, &version.0]).await?
            }
            Change::Remove { version: None, .. } => {
                transaction.execute(REMOVE, &[&kind, &name]).await?;
                1
            }
        };
        Ok(made == 1)
    }

    pub(super) async fn forget(&self, scope: Scope, delete: &str, of: Parameters<'_>) -> Result<u64, VaultError> {
        let gone = insist(|| async {
            let lent = self.server.lend_to_change().await?;
            lent.fence(scope).await?;
            let gone = lent.execute(delete, of).await?;
            lent.give_back();
            Ok::<_, Failure>(gone)
        });
        let gone = gone.await.map_err(|failure| self.failed(&failure))?;
        if gone > 0 {
            self.overwrite().await;
        }
        Ok(gone)
    }
}

type Column<'a> = &'a (dyn ToSql + Sync);

/// The first nine columns and one more.
fn with<'a>(columns: [Column<'a>; 9], last: Column<'a>) -> Vec<Column<'a>> {
    columns.into_iter().chain([last]).collect()
}

fn is(undone: &Undone, state: &SqlState) -> bool {
    matches!(undone, Undone::Failed(Failure::Sql(error)) if error.code() == Some(state))
}

/// Nobody gets a secret who is fenced, also when it happens at this moment.
async fn refuse_fenced(transaction: &Transaction<'_>, changes: &[Change]) -> Result<(), Undone> {
    let owner = |change: &Change| match change {
        Change::Put { secret, .. } => secret.tenant.zip(secret.owner).map(|(tenant, owner)| (tenant.0, owner.0)),
        Change::Remove { .. } => None,
    };
    let owners: BTreeSet<_> = changes.iter().filter_map(owner).collect();
    for (tenant, owner) in owners {
        let of: Parameters<'_> = &[&tenant, &owner];
        // Both in one trip, in this order.
        let (_, fenced) = try_join(transaction.execute(LOCK, of), transaction.query_one(IS_FENCED, of)).await?;
        if fenced.get(0) {
            return Err(VaultError::Fenced(SubjectId(owner)).into());
        }
    }
    Ok(())
}

impl Secrets for PostgresVault {
    fn id(&self, kind: SecretKind, name: &[u8]) -> SecretId {
        self.0.secret_keys.id(kind, name)
    }

    fn find(&self, scope: Scope, id: SecretId, now: Timestamp) -> Future<'_, Result<Option<Secret>, VaultError>> {
        Box::pin(async move {
            let (kind, name, now) = (id.kind.as_str(), id.name.as_slice(), now.as_micros());
            Ok(self.0.find_secrets(scope, FIND, &[&kind, &name, &now]).await?.into_iter().next())
        })
    }

    fn of_owner(
        &self,
        kind: SecretKind,
        tenant: TenantId,
        owner: SubjectId,
        now: Timestamp,
    ) -> Future<'_, Result<Vec<Secret>, VaultError>> {
        Box::pin(async move {
            let of: Parameters<'_> = &[&tenant.0, &owner.0, &kind.as_str(), &now.as_micros()];
            self.0.find_secrets(Scope::Tenant(tenant), OF_OWNER, of).await
        })
    }

    fn due(&self, kind: SecretKind, by: Timestamp, limit: usize) -> Future<'_, Result<Vec<Secret>, VaultError>> {
        Box::pin(async move {
            let mut ask = limit;
            loop {
                let rows = i64::try_from(ask).unwrap_or(i64::MAX);
                let of: Parameters<'_> = &[&kind.as_str(), &by.as_micros(), &rows];
                let found = self.0.server.ask(Scope::System, DUE, of).await;
                let found = found.map_err(|failure| self.0.failed(&failure))?;
                let found: Vec<SecretRow> = found.iter().map(row).collect();
                let readable = self.0.secret_keys.open_readable(&found, limit);
                if readable.len() == limit || found.len() < ask {
                    return Ok(readable);
                }
                ask = ask.saturating_mul(2);
            }
        })
    }

    fn change(&self, scope: Scope, changes: Vec<Change>, now: Timestamp) -> Future<'_, Result<(), ChangeError>> {
        Box::pin(self.0.change(scope, changes, now))
    }

    fn forget_owner(&self, tenant: TenantId, owner: SubjectId) -> Future<'_, Result<(), VaultError>> {
        Box::pin(async move {
            let of: Parameters<'_> = &[&tenant.0, &owner.0];
            self.0.forget(Scope::Tenant(tenant), FORGET_OWNER, of).await.map(drop)
        })
    }

    fn forget_expired(&self, now: Timestamp) -> Future<'_, Result<u64, VaultError>> {
        Box::pin(async move { self.0.forget(Scope::System, FORGET_EXPIRED, &[&now.as_micros()]).await })
    }
}
