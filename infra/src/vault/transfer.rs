//! A vault goes from one store to another, with its keys wrapped as they are: both are under the same root key.
//!
//! Answers stay behind: they expire by themselves. Every key, label and secret is tried on the way, so that what arrives can be
//! opened.

use std::collections::HashMap;

use domain::kernel::{ActorId, DataClass, SubjectId, TenantId};
use domain::ports::{Future, VaultError};
use uuid::Uuid;

use super::keys::{Key, RootKey};
use super::sealing::keyless;
use super::secret_rows::{SecretKeys, SecretRow};

/// Rows that are read and written together.
const PAGE: usize = 1_000;

/// What a vault keeps for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultTable {
    /// Who the tenants are: name, first seen.
    Tenants,
    /// Their keys.
    TenantKeys,
    /// What actors are called.
    Labels,
    /// The keys of subjects, by class.
    DataKeys,
    /// The subjects that never get a key again: fenced at.
    Fences,
}

/// The fences come last: they destroy what keys of theirs an earlier run brought, and no key comes after them.
const IN_ORDER: [VaultTable; 5] =
    [VaultTable::Tenants, VaultTable::TenantKeys, VaultTable::Labels, VaultTable::DataKeys, VaultTable::Fences];

/// A row of any of the tables. What a table has no use for is nil, empty or 0.
#[derive(Clone)]
pub struct VaultRow {
    /// Whose it is.
    pub tenant: Uuid,
    /// The actor or subject.
    pub whose: Uuid,
    /// The class of a data key.
    pub class: String,
    /// A wrapped key, a sealed label, or a tenant's name.
    pub bytes: Vec<u8>,
    /// When, in microseconds.
    pub instant: i64,
}

/// A vault that can be carried over, and that takes one over.
pub trait PortableVault: Send + Sync {
    /// Rows of a table in the order of tenant, whose and class, after `after`, at most `limit`.
    fn rows(
        &self,
        table: VaultTable,
        after: Option<VaultRow>,
        limit: usize,
    ) -> Future<'_, Result<Vec<VaultRow>, VaultError>>;

    /// Takes rows, all or none. A row that is there stays; another key in its place is refused.
    fn take(&self, table: VaultTable, rows: Vec<VaultRow>) -> Future<'_, Result<(), VaultTransferError>>;

    /// Secrets in the order of kind and name, after `after`, at most `limit`.
    fn secrets(&self, after: Option<SecretRow>, limit: usize) -> Future<'_, Result<Vec<SecretRow>, VaultError>>;

    /// Takes secrets, all or none, but those of who is fenced here.
    fn take_secrets(&self, rows: Vec<SecretRow>) -> Future<'_, Result<(), VaultError>>;

    /// Deletes all secrets.
    fn clear_secrets(&self) -> Future<'_, Result<(), VaultError>>;
}

/// Why a vault was not carried over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultTransferError {
    /// One of both fails, or the source is damaged.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The target holds another vault.
    #[error("the target's vault has another key for tenant {0}: it is not a copy of this one; name an empty target")]
    Foreign(TenantId),
}

/// What was carried over: rows that the source has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VaultCopied {
    /// Of tenants.
    pub tenants: u64,
    /// Data keys.
    pub data_keys: u64,
    /// Fences.
    pub fences: u64,
    /// Secrets.
    pub secrets: u64,
}

/// Copies what `from` holds to `to`. Done after the log was copied: a key is made before the event that needs it, so that the
/// vault that is read last has the key of every event that was copied.
pub async fn copy_vault(
    from: &dyn PortableVault,
    to: &dyn PortableVault,
    root: &RootKey,
) -> Result<VaultCopied, VaultTransferError> {
    read_through(from, Some(to), root).await
}

/// Tries every key and label of a vault, and changes nothing.
pub async fn try_vault(vault: &dyn PortableVault, root: &RootKey) -> Result<VaultCopied, VaultTransferError> {
    read_through(vault, None, root).await
}

async fn read_through(
    from: &dyn PortableVault,
    to: Option<&dyn PortableVault>,
    root: &RootKey,
) -> Result<VaultCopied, VaultTransferError> {
    let mut tried = Tried { root, tenants: HashMap::new() };
    let mut copied = VaultCopied::default();
    for table in IN_ORDER {
        let mut after = None;
        loop {
            let rows = from.rows(table, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.clone());
            rows.iter().try_for_each(|row| tried.try_row(table, row))?;
            match table {
                VaultTable::Tenants => copied.tenants += rows.len() as u64,
                VaultTable::DataKeys => copied.data_keys += rows.len() as u64,
                VaultTable::Fences => copied.fences += rows.len() as u64,
                VaultTable::TenantKeys | VaultTable::Labels => {}
            }
            if let Some(to) = to {
                to.take(table, rows).await?;
            }
        }
    }
    copied.secrets = read_secrets(from, to, root).await?;
    Ok(copied)
}

/// Secrets change and go: what an earlier run brought is no longer true, and a used token must not come to life again. They come
/// after the fences, which keep those out that nobody may have any more.
async fn read_secrets(
    from: &dyn PortableVault,
    to: Option<&dyn PortableVault>,
    root: &RootKey,
) -> Result<u64, VaultError> {
    let keys = SecretKeys::of(root);
    if let Some(to) = to {
        to.clear_secrets().await?;
    }
    let (mut copied, mut after) = (0, None);
    loop {
        let rows = from.secrets(after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(copied) };
        after = Some(last.clone());
        rows.iter().try_for_each(|row| keys.open(row).map(drop))?;
        copied += rows.len() as u64;
        if let Some(to) = to {
            to.take_secrets(rows).await?;
        }
    }
}

/// Keys that open, for those that lie under them.
struct Tried<'a> {
    root: &'a RootKey,
    tenants: HashMap<TenantId, Key>,
}

impl Tried<'_> {
    fn try_row(&mut self, table: VaultTable, row: &VaultRow) -> Result<(), VaultError> {
        let tenant = TenantId(row.tenant);
        match table {
            VaultTable::Tenants | VaultTable::Fences => Ok(()),
            VaultTable::TenantKeys => {
                let key = self.root.unwrap_tenant_key(tenant, &row.bytes)?;
                self.tenants.insert(tenant, key);
                Ok(())
            }
            VaultTable::Labels => self.key(tenant)?.open_label(tenant, ActorId(row.whose), &row.bytes).map(drop),
            VaultTable::DataKeys => {
                let class = class(&row.class)?;
                let owner = (tenant, SubjectId(row.whose), class);
                self.key(tenant)?.unwrap_data_key(owner, &row.bytes).map(drop)
            }
        }
    }

    fn key(&self, tenant: TenantId) -> Result<&Key, VaultError> {
        self.tenants.get(&tenant).ok_or_else(|| keyless(tenant))
    }
}

fn class(name: &str) -> Result<DataClass, VaultError> {
    let known = [DataClass::Identity, DataClass::Contact].into_iter().find(|class| class.as_str() == name);
    known.ok_or_else(|| VaultError::Damaged(format!("a data key is of class {name:?}, which there is not")))
}
