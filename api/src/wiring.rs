//! The composition root: the only file that names adapters. It opens them in order and closes them in the opposite one.

use std::path::Path;
use std::sync::Arc;

use domain::kernel::{ActorId, Caller, Role, TenantId};
use domain::ports::{Clock, Codec, EventStore, IdSource, Vault, VaultError};
use domain::run::Commands;
use infra::clock::SystemClock;
use infra::codec::JsonCodec;
use infra::data_folder::{DataFolder, DataFolderError};
use infra::event_store::{OpenError as OpenStoreError, SqliteEventStore, SqliteOptions};
use infra::ids::RandomIds;
use infra::vault::{OpenVaultError, Registry, SqliteVault};
use uuid::Uuid;

use crate::auth::{MintError, TokenKeys};

/// Name of the key that tokens are signed with.
const TOKEN_KEY_NAME: &str = "1";

/// Why Kilter can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder can't be used.
    #[error(transparent)]
    Folder(#[from] DataFolderError),
    /// A newer Kilter wrote one of its files.
    #[error("{0}")]
    Newer(String),
    /// One of its files is not what was written.
    #[error("{0}")]
    Damaged(String),
    /// A file can't be reached, read or written right now.
    #[error("{0}")]
    Unavailable(String),
}

impl From<OpenStoreError> for OpenError {
    fn from(error: OpenStoreError) -> Self {
        let text = error.to_string();
        match error {
            OpenStoreError::Newer { .. } => Self::Newer(text),
            OpenStoreError::Damaged { .. } => Self::Damaged(text),
            OpenStoreError::Unavailable { .. } => Self::Unavailable(text),
        }
    }
}

impl From<OpenVaultError> for OpenError {
    fn from(error: OpenVaultError) -> Self {
        let text = error.to_string();
        match error {
            OpenVaultError::NewerFormat { .. } => Self::Newer(text),
            OpenVaultError::WrongRootKey { .. } => Self::Damaged(text),
            _ => Self::Unavailable(text),
        }
    }
}

impl From<MintError> for OpenError {
    fn from(error: MintError) -> Self {
        Self::Damaged(format!("the token key can't be used: {error}"))
    }
}

/// Who there is, and the keys that their tokens are signed with: all that making a token takes, also beside a running server.
pub struct Registers {
    /// The tenants and what actors are called.
    pub registry: Arc<dyn Registry>,
    /// Signs tokens, and checks them.
    pub tokens: TokenKeys,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New identities.
    pub ids: Arc<dyn IdSource>,
}

impl Registers {
    /// Of a data folder that may be in use by another process.
    pub fn peek(path: &Path) -> Result<Self, OpenError> {
        let folder = DataFolder::peek(path)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Ok(Self {
            registry: Arc::new(SqliteVault::open(&folder.vault(), folder.root_key())?),
            tokens: TokenKeys::new(TOKEN_KEY_NAME, folder.token_key())?,
            ids: Arc::new(RandomIds::new(Arc::clone(&clock))),
            clock,
        })
    }

    /// The workspace of this name, made on first use, and somebody in it. True when it was made.
    pub async fn member(&self, tenant: &str, user: &str, role: Role) -> Result<(Caller, bool), VaultError> {
        member(self.registry.as_ref(), self.clock.as_ref(), (tenant, user, role)).await
    }
}

/// The write side of a data folder: what it takes to run commands.
pub struct WriteSide {
    /// The door for changes.
    pub commands: Arc<Commands>,
    /// The tenants and what actors are called.
    pub registry: Arc<dyn Registry>,
    /// The log.
    pub store: Arc<dyn EventStore>,
    /// Reads the log.
    pub codec: Arc<dyn Codec>,
    /// Opens personal data.
    pub vault: Arc<dyn Vault>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New identities.
    pub ids: Arc<dyn IdSource>,
    /// Last, so that its lock is let go after everything else is closed.
    folder: DataFolder,
}

impl WriteSide {
    /// Opens the folder for this process alone, and makes it on first start.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let folder = DataFolder::open(path)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let ids: Arc<dyn IdSource> = Arc::new(RandomIds::new(Arc::clone(&clock)));
        let vault = Arc::new(SqliteVault::open(&folder.vault(), folder.root_key())?);
        let codec: Arc<dyn Codec> = Arc::new(JsonCodec::new(Arc::clone(&vault) as Arc<dyn Vault>));
        let store: Arc<dyn EventStore> = Arc::new(SqliteEventStore::open(&folder.events(), SqliteOptions::default())?);
        let commands = Commands::new(Arc::clone(&store), Arc::clone(&codec), Arc::clone(&clock), Arc::clone(&ids));
        Ok(Self {
            commands: Arc::new(commands),
            registry: Arc::clone(&vault) as Arc<dyn Registry>,
            store,
            codec,
            vault,
            clock,
            ids,
            folder,
        })
    }

    /// The workspace of this name, made on first use, and somebody in it. True when it was made.
    pub async fn member(&self, tenant: &str, user: &str, role: Role) -> Result<(Caller, bool), VaultError> {
        member(self.registry.as_ref(), self.clock.as_ref(), (tenant, user, role)).await
    }

    /// The workspace of this name, if anybody ever worked in it.
    pub async fn known(&self, tenant: &str) -> Result<Option<TenantId>, VaultError> {
        let known = self.registry.tenant(TenantId::from_name(tenant)).await?;
        Ok(known.map(|known| known.id))
    }

    /// Signs tokens, and checks them.
    pub fn tokens(&self) -> Result<TokenKeys, OpenError> {
        Ok(TokenKeys::new(TOKEN_KEY_NAME, self.folder.token_key())?)
    }
}

async fn member(
    registry: &dyn Registry,
    clock: &dyn Clock,
    (name, user, role): (&str, &str, Role),
) -> Result<(Caller, bool), VaultError> {
    let tenant = TenantId::from_name(name);
    let made = registry.register_tenant(tenant, name, clock.now()).await?;
    let actor = Uuid::parse_str(user).map_or_else(|_| ActorId::from_key(tenant, user), ActorId);
    registry.label_actor(tenant, actor, user).await?;
    Ok((Caller { tenant, actor, role }, made))
}
