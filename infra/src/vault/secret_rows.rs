//! Secrets as they rest: named by an HMAC, sealed, and bound to all that says whose they are and for how long.

use domain::kernel::{SubjectId, TenantId, Timestamp};
use domain::ports::VaultError;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::keys::{Binding, Key, RootKey};
use super::secrets::{Secret, SecretId, SecretKind, Version};

/// A row of the table of secrets.
#[derive(Clone)]
pub struct SecretRow {
    /// What it is for.
    pub kind: String,
    /// The HMAC of what it is called.
    pub name: Vec<u8>,
    /// Whose it is.
    pub tenant: Option<Uuid>,
    /// With whom it is forgotten.
    pub owner: Option<Uuid>,
    /// Its value.
    pub sealed: Vec<u8>,
    /// Its version.
    pub version: i64,
    /// When there is something to do, in microseconds.
    pub due_at: Option<i64>,
    /// When it goes, in microseconds.
    pub expires_at: Option<i64>,
}

/// The keys over all secrets: one names them, the other seals them.
pub(super) struct SecretKeys {
    names: Key,
    values: Key,
}

impl SecretKeys {
    pub(super) fn of(root: &RootKey) -> Self {
        Self { names: root.0.derive("names of secrets"), values: root.0.derive("values of secrets") }
    }

    pub(super) fn id(&self, kind: SecretKind, name: &[u8]) -> SecretId {
        SecretId { kind, name: self.names.mac(&Binding::secret_name(kind.as_str(), name)) }
    }

    pub(super) fn seal(&self, secret: &Secret) -> Result<SecretRow, VaultError> {
        let mut row = SecretRow {
            kind: secret.id.kind.as_str().to_owned(),
            name: secret.id.name.to_vec(),
            tenant: secret.tenant.map(|tenant| tenant.0),
            owner: secret.owner.map(|owner| owner.0),
            sealed: Vec::new(),
            version: secret.version.0,
            due_at: secret.due_at.map(Timestamp::as_micros),
            expires_at: secret.expires_at.map(Timestamp::as_micros),
        };
        row.sealed = self.values.seal(&Binding::secret(&row), &secret.value)?;
        Ok(row)
    }

    /// Those that open, as many as are asked for: one that is damaged must not keep what runs by itself from all others.
    pub(super) fn open_readable(&self, rows: &[SecretRow], limit: usize) -> Vec<Secret> {
        let opened = rows.iter().filter_map(|row| {
            let opened = self.open(row);
            opened.inspect_err(|error| tracing::warn!(%error, "vault.secret_unreadable")).ok()
        });
        opened.take(limit).collect()
    }

    pub(super) fn open(&self, row: &SecretRow) -> Result<Secret, VaultError> {
        let damaged = |what: &str| VaultError::Damaged(format!("a secret of kind {:?} {what}", row.kind));
        let kind = SecretKind::parse(&row.kind).ok_or_else(|| damaged("is of no known kind"))?;
        let name = row.name.as_slice().try_into().map_err(|_| damaged("has a name that is no HMAC"))?;
        let instant = |micros: Option<i64>| {
            let instant = micros.map(Timestamp::from_micros).transpose();
            instant.map_err(|_| damaged("has an instant that there is not"))
        };
        let value = self.values.open(&Binding::secret(row), &row.sealed).ok_or_else(|| damaged("does not open"))?;
        Ok(Secret {
            id: SecretId { kind, name },
            tenant: row.tenant.map(TenantId),
            owner: row.owner.map(SubjectId),
            value: Zeroizing::new(value),
            version: Version(row.version),
            due_at: instant(row.due_at)?,
            expires_at: instant(row.expires_at)?,
        })
    }
}
