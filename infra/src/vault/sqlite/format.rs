//! The layout of the vault's file, and how an older one is brought up to date.

use std::time::Duration;

use domain::ports::VaultError;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::unavailable;
use crate::vault::keys::RootKey;

/// `STEPS[n]` makes format n + 1 of format n. Kept in `user_version`.
const STEPS: [&str; 2] = [include_str!("keys.sql"), include_str!("secrets.sql")];
/// The format of this build.
pub(super) const FORMAT: i32 = 2;
/// The first format with secrets.
pub(super) const WITH_SECRETS: i32 = 2;

pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Whether a file is a vault for this build and root key.
pub(super) enum Fit {
    Yes,
    NewerFormat(i32),
    WrongRootKey,
}

/// Sets the connection up, makes the tables in an empty file, looks whether the vault fits, and if so brings it up to date.
pub(super) fn prepare(connection: &mut Connection, root: &RootKey) -> Result<Fit, VaultError> {
    configure(connection).and_then(|()| connection.pragma_update(None, "journal_mode", "WAL")).map_err(unavailable)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unavailable)?;
    if format(&transaction)? == 0 {
        upgrade(&transaction).map_err(unavailable)?;
        transaction.execute("INSERT INTO root_check VALUES (1, ?1)", [root.check(b"")?]).map_err(unavailable)?;
    }
    let fit = fit(&transaction, root)?;
    if matches!(fit, Fit::Yes) {
        upgrade(&transaction).map_err(unavailable)?;
        transaction.commit().map_err(unavailable)?;
    }
    Ok(fit)
}

pub(super) fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // With secure_delete a destroyed key is overwritten, not just unlinked.
    [("synchronous", "FULL"), ("secure_delete", "ON")]
        .into_iter()
        .try_for_each(|(pragma, value)| connection.pragma_update(None, pragma, value))
}

/// Looks whether the vault fits.
pub(super) fn fit(connection: &Connection, root: &RootKey) -> Result<Fit, VaultError> {
    let found = format(connection)?;
    if found > FORMAT {
        return Ok(Fit::NewerFormat(found));
    }
    if found == 0 {
        return Err(VaultError::Unavailable("it is empty: the first start is not done yet".to_owned()));
    }
    let check: Vec<u8> =
        connection.query_row("SELECT sealed FROM root_check", [], |row| row.get(0)).map_err(unavailable)?;
    Ok(if root.said(&check).is_some() { Fit::Yes } else { Fit::WrongRootKey })
}

pub(super) fn format(connection: &Connection) -> Result<i32, VaultError> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(unavailable)
}

/// The steps that are left.
fn upgrade(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let found: i32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or_default()) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", FORMAT)
}
