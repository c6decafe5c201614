//! The vault of several nodes: one PostgreSQL schema. Every node has the same keys in its folder; what one of them fences, none of
//! them opens.

mod answers;
mod heard;
mod registry;
mod schema;
mod secrets;
mod transfer;
mod windows;

use std::sync::Arc;

use domain::kernel::{Sealed, SubjectId, TenantId, Timestamp};
use domain::ports::{Future, Scope, Unsealed, Vault, VaultError};
use futures_util::future::try_join;
use sha2::{Digest, Sha256};
use tokio_postgres::Transaction;

pub use self::answers::PostgresAnswers;
use self::heard::{Heard, Told};
use super::keys::{Key, RootKey};
use super::sealing::{Owner, keyless};
use super::secret_rows::SecretKeys;
use crate::postgres::{Failure, Lent, Parameters, Postgres, PostgresRefusal, insist, is_damage};

const KEEP_CHECK: &str = "INSERT INTO key_check (sealed) VALUES ($1) ON CONFLICT DO NOTHING";

/// One at a time, over all nodes, makes or destroys keys of a subject, until its transaction ends.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('kilter keys ' || $1::uuid || ' ' || $2::uuid, 0))";

/// How a subject stands, with the keys that there are.
const STANDING: &str = "
    SELECT EXISTS (SELECT FROM fences WHERE tenant = $1 AND subject = $2),
        (SELECT wrapped FROM tenant_keys WHERE tenant = $1),
        (SELECT wrapped FROM data_keys WHERE tenant = $1 AND subject = $2 AND class = $3)";

const TELL: &str = "SELECT pg_notify(current_schema(), $1)";

/// The vault in a schema of a PostgreSQL database.
#[derive(Clone)]
pub struct PostgresVault(Arc<Inner>);

struct Inner {
    server: Arc<Postgres>,
    root: RootKey,
    heard: Arc<Heard>,
    secret_keys: SecretKeys,
}

impl PostgresVault {
    /// Opens the schema, or makes it, for these keys. What it needs of the background runs on the current runtime until it is
    /// dropped.
    pub async fn open(server: Arc<Postgres>, root: RootKey, token_key: &[u8]) -> Result<Self, PostgresRefusal> {
        let vault = Self::open_to_fill(Arc::clone(&server), root, token_key).await?;
        check_whole(&server).await?;
        Ok(vault)
    }

    /// The same for who carries another store over to here: also where an earlier one was cut short.
    pub async fn open_to_fill(server: Arc<Postgres>, root: RootKey, token_key: &[u8]) -> Result<Self, PostgresRefusal> {
        server.migrate(&schema::STEPS).await?;
        keep_check(&server, &root, token_key).await?;
        check_keys(&server, &root, token_key).await?;
        let heard = Arc::new(Heard::new());
        tokio::spawn(heard::listen(Arc::clone(&server), Arc::downgrade(&heard)));
        let secret_keys = SecretKeys::of(&root);
        Ok(Self(Arc::new(Inner { server, root, heard, secret_keys })))
    }

    /// Joins a schema as it is, to read it, or to add to its registry: makes nothing, upgrades nothing, and keeps nothing at hand.
    pub async fn join(server: Arc<Postgres>, root: RootKey, token_key: &[u8]) -> Result<Self, PostgresRefusal> {
        server.look(&schema::STEPS).await?;
        check_keys(&server, &root, token_key).await?;
        check_whole(&server).await?;
        let secret_keys = SecretKeys::of(&root);
        Ok(Self(Arc::new(Inner { server, root, heard: Arc::new(Heard::new()), secret_keys })))
    }

    /// From now on nobody opens it, but who fills it.
    pub async fn mark_unfinished(&self) -> Result<(), PostgresRefusal> {
        self.0.mark("INSERT INTO unfinished DEFAULT VALUES ON CONFLICT DO NOTHING").await
    }

    /// All of it is there: it may be served.
    pub async fn mark_whole(&self) -> Result<(), PostgresRefusal> {
        self.0.mark("DELETE FROM unfinished").await
    }

    /// That nobody's keys are kept yet where a vault would be made; changes nothing.
    pub async fn check_unclaimed(server: &Postgres) -> Result<(), PostgresRefusal> {
        match server.look(&schema::STEPS).await {
            // One that is newer is told of when it is opened.
            Err(PostgresRefusal::Missing { .. } | PostgresRefusal::Newer { .. }) => Ok(()),
            // The check is as old as the vault.
            Ok(()) | Err(PostgresRefusal::Older { .. }) => match kept_check(server).await? {
                None => Ok(()),
                Some(_) => Err(PostgresRefusal::OtherKeys { server: server.name().to_owned() }),
            },
            Err(refusal) => Err(refusal),
        }
    }
}

/// The first node keeps what tells its keys from others.
async fn keep_check(server: &Postgres, root: &RootKey, token_key: &[u8]) -> Result<(), PostgresRefusal> {
    let damaged = |error: VaultError| {
        let (server, schema) = (server.name().to_owned(), server.schema().to_owned());
        PostgresRefusal::Damaged { server, schema, reason: error.to_string() }
    };
    let check = root.check(&Sha256::digest(token_key)).map_err(damaged)?;
    let kept = server.connect().await?.execute(KEEP_CHECK, &[&check]).await;
    kept.map(drop).map_err(|error| PostgresRefusal::of(server.name(), &error))
}

/// That this node has the keys of the one that made the vault, which also signs the tokens of all of them.
async fn check_keys(server: &Postgres, root: &RootKey, token_key: &[u8]) -> Result<(), PostgresRefusal> {
    match kept_check(server).await?.and_then(|kept| root.said(&kept)) {
        Some(said) if said == Sha256::digest(token_key).as_slice() => Ok(()),
        _ => Err(PostgresRefusal::OtherKeys { server: server.name().to_owned() }),
    }
}

/// That nothing is missing in it which somebody is carrying over.
async fn check_whole(server: &Postgres) -> Result<(), PostgresRefusal> {
    let found = server.connect().await?.query_opt("SELECT FROM unfinished", &[]).await;
    match found.map_err(|error| PostgresRefusal::of(server.name(), &error))? {
        None => Ok(()),
        Some(_) => Err(PostgresRefusal::Unfinished { server: server.name().to_owned() }),
    }
}

async fn kept_check(server: &Postgres) -> Result<Option<Vec<u8>>, PostgresRefusal> {
    let found = server.connect().await?.query_opt("SELECT sealed FROM key_check", &[]).await;
    Ok(found.map_err(|error| PostgresRefusal::of(server.name(), &error))?.map(|row| row.get(0)))
}

impl Inner {
    async fn mark(&self, statement: &str) -> Result<(), PostgresRefusal> {
        let marked = self.server.connect().await?.batch_execute(statement).await;
        marked.map_err(|error| PostgresRefusal::of(self.server.name(), &error))
    }

    fn failed(&self, failure: &Failure) -> VaultError {
        let reason = self.server.explains(failure);
        if is_damage(failure) { VaultError::Damaged(reason) } else { VaultError::Unavailable(reason) }
    }

    async fn find_data_key(&self, owner: Owner) -> Result<Option<Key>, VaultError> {
        let (tenant, subject, class) = owner;
        let asked = self.heard.asking();
        let class = class.as_str();
        let answer = self.server.ask(Scope::Tenant(tenant), STANDING, &[&tenant.0, &subject.0, &class]).await;
        let rows = answer.map_err(|failure| self.failed(&failure))?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (tenant_key, data_key): (Option<&[u8]>, Option<&[u8]>) = (row.get(1), row.get(2));
        let Some(data_key) = data_key else { return Ok(None) };
        let tenant_key = self.root.unwrap_tenant_key(tenant, tenant_key.ok_or_else(|| keyless(tenant))?)?;
        let key = tenant_key.unwrap_data_key(owner, data_key)?;
        self.heard.put(asked, |at_hand| at_hand.data_keys.put(owner, key.clone()));
        Ok(Some(key))
    }

    async fn make_data_key(&self, owner: Owner) -> Result<Key, VaultError> {
        let asked = self.heard.asking();
        let key = insist(|| self.try_to_make_data_key(owner)).await.map_err(|undone| self.undone(undone))?;
        self.heard.put(asked, |at_hand| at_hand.data_keys.put(owner, key.clone()));
        Ok(key)
    }

    async fn try_to_make_data_key(&self, owner: Owner) -> Result<Key, Undone> {
        let mut lent = self.lend(owner.0).await?;
        let transaction = lent.transaction().await?;
        let key = self.data_key_within(&transaction, owner).await?;
        transaction.commit().await?;
        lent.give_back();
        Ok(key)
    }

    async fn data_key_within(&self, transaction: &Transaction<'_>, owner: Owner) -> Result<Key, Undone> {
        let (tenant, subject, class) = (owner.0.0, owner.1.0, owner.2.as_str());
        // Both in one trip, in this order.
        let (_, row) = try_join(
            transaction.execute(LOCK, &[&tenant, &subject]),
            transaction.query_one(STANDING, &[&tenant, &subject, &class]),
        )
        .await?;
        let (is_fenced, tenant_key, data_key): (bool, Option<&[u8]>, Option<&[u8]>) =
            (row.get(0), row.get(1), row.get(2));
        if is_fenced {
            return Err(VaultError::Fenced(owner.1).into());
        }
        let tenant_key = match tenant_key {
            Some(wrapped) => self.root.unwrap_tenant_key(owner.0, wrapped)?,
            None => self.make_tenant_key(transaction, owner.0).await?,
        };
        if let Some(wrapped) = data_key {
            return Ok(tenant_key.unwrap_data_key(owner, wrapped)?);
        }
        let wrapped = tenant_key.make_data_key(owner)?;
        let insert = "INSERT INTO data_keys VALUES ($1, $2, $3, $4)";
        transaction.execute(insert, &[&tenant, &subject, &class, &wrapped]).await?;
        Ok(tenant_key.unwrap_data_key(owner, &wrapped)?)
    }

    /// The one that stands: another node may make one at the same time.
    async fn make_tenant_key(&self, transaction: &Transaction<'_>, tenant: TenantId) -> Result<Key, Undone> {
        let (_, wrapped) = self.root.make_tenant_key(tenant)?;
        let insert = "INSERT INTO tenant_keys VALUES ($1, $2) ON CONFLICT DO NOTHING";
        transaction.execute(insert, &[&tenant.0, &wrapped]).await?;
        let stands = transaction.query_one("SELECT wrapped FROM tenant_keys WHERE tenant = $1", &[&tenant.0]).await?;
        Ok(self.root.unwrap_tenant_key(tenant, stands.get(0))?)
    }

    async fn fence(&self, tenant: TenantId, subject: SubjectId, now: Timestamp) -> Result<(), VaultError> {
        let fenced = insist(|| self.try_to_fence(tenant, subject, now)).await;
        fenced.map_err(|undone| self.undone(undone))?;
        // The other nodes are told by the server.
        self.heard.hear(Told::Fenced(tenant, subject));
        self.overwrite().await;
        Ok(())
    }

    async fn try_to_fence(&self, tenant: TenantId, subject: SubjectId, now: Timestamp) -> Result<(), Undone> {
        let mut lent = self.lend(tenant).await?;
        let transaction = lent.transaction().await?;
        let of: Parameters<'_> = &[&tenant.0, &subject.0];
        transaction.execute(LOCK, of).await?;
        let fence = "INSERT INTO fences VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        transaction.execute(fence, &[&tenant.0, &subject.0, &now.as_micros()]).await?;
        transaction.execute("DELETE FROM data_keys WHERE tenant = $1 AND subject = $2", of).await?;
        transaction.execute(secrets::FORGET_OWNER, of).await?;
        transaction.execute(TELL, &[&Told::Fenced(tenant, subject).to_string()]).await?;
        transaction.commit().await?;
        lent.give_back();
        Ok(())
    }

    /// Lets the server write over what was deleted.
    async fn overwrite(&self) {
        let vacuum = async {
            let lent = self.server.lend_to_change().await?;
            lent.batch_execute("VACUUM data_keys, secrets").await?;
            lent.give_back();
            Ok::<_, Failure>(())
        };
        if let Err(error) = vacuum.await {
            // The server's own housekeeping does it later.
            tracing::warn!(server = self.server.name(), error = %self.server.explains(&error), "vault.vacuum_failed");
        }
    }

    /// A connection that changes what is this tenant's, and sees nothing else.
    async fn lend(&self, tenant: TenantId) -> Result<Lent, Failure> {
        let lent = self.server.lend_to_change().await?;
        lent.fence(Scope::Tenant(tenant)).await?;
        Ok(lent)
    }

    fn undone(&self, undone: Undone) -> VaultError {
        match undone {
            Undone::Failed(failure) => self.failed(&failure),
            Undone::Refused(error) => error,
        }
    }
}

/// Why a change was not made.
enum Undone {
    Failed(Failure),
    Refused(VaultError),
}

impl From<Failure> for Undone {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<tokio_postgres::Error> for Undone {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<VaultError> for Undone {
    fn from(error: VaultError) -> Self {
        Self::Refused(error)
    }
}

impl<'u> From<&'u Undone> for Option<&'u Failure> {
    fn from(undone: &'u Undone) -> Self {
        match undone {
            Undone::Failed(failure) => Some(failure),
            Undone::Refused(_) => None,
        }
    }
}

impl Vault for PostgresVault {
    fn seal(&self, tenant: TenantId, value: Unsealed) -> Future<'_, Result<Sealed, VaultError>> {
        Box::pin(async move {
            let owner = (tenant, value.subject, value.class);
            let key = match self.0.heard.get(|at_hand| at_hand.data_keys.get(&owner)) {
                Some(key) => key,
                None => self.0.make_data_key(owner).await?,
            };
            key.seal_value(tenant, value)
        })
    }

    fn open<'a>(&'a self, tenant: TenantId, sealed: &'a Sealed) -> Future<'a, Result<Option<Vec<u8>>, VaultError>> {
        Box::pin(async move {
            let owner = (tenant, sealed.subject, sealed.class);
            let key = match self.0.heard.get(|at_hand| at_hand.data_keys.get(&owner)) {
                Some(key) => Some(key),
                None => self.0.find_data_key(owner).await?,
            };
            key.map(|key| key.open_value(tenant, sealed)).transpose()
        })
    }

    fn fence(&self, tenant: TenantId, subject: SubjectId, now: Timestamp) -> Future<'_, Result<(), VaultError>> {
        Box::pin(self.0.fence(tenant, subject, now))
    }
}
