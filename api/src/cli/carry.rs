//! What migration, backup and restore have in common: the log goes first, then the vault, then both sides are compared.

use std::sync::Arc;

use infra::data_folder::Keys;
use infra::runner::scratch::{self, Folded};
use infra::vault::transfer::{VaultCopied, copy_vault};

use super::failure::Failure;
use super::output::{self, Bar};
use crate::solve::units::grouped;
use crate::wiring::{Archive, Copied, CopyProgress, copy_log};

/// What was carried over.
pub struct Carried {
    /// Of the log.
    pub log: Copied,
    /// Of the vault.
    pub vault: VaultCopied,
}

/// Copies log and vault, and tells what came of it.
pub async fn carry(from: &Archive, to: &Archive, keys: &Keys) -> Result<Carried, Failure> {
    let bar = Bar::default();
    let shown = |progress: CopyProgress| bar.at(progress.position.0, progress.goal.0, "events");
    let copied = copy_log(&*from.log, &*to.log, shown).await;
    bar.clear();
    let log = copied?;
    let vault = copy_vault(&*from.vault, &*to.vault, &keys.root_key()).await?;
    let digest = &log.digest;
    let (events, streams, new) = (count(digest.events), count(digest.streams), count(log.events));
    let removed = count(digest.removed);
    output::line(&format!(
        "log: events {events}, streams {streams}, bodies removed {removed}, copied now {new}; verified, equal on both sides"
    ))?;
    output::line(&format!("chains: {}", hex(&digest.chains)))?;
    let (tenants, data_keys, fences) = (count(vault.tenants), count(vault.data_keys), count(vault.fences));
    let secrets = count(vault.secrets);
    output::line(&format!("vault: companies {tenants}, data keys {data_keys}, fences {fences}, secrets {secrets}"))?;
    Ok(Carried { log, vault })
}

/// Folds both logs, and compares what they come to, unless it is to be skipped.
pub async fn compare_read_models(from: &Archive, to: &Archive, carried: &Carried, skip: bool) -> Result<(), Failure> {
    if skip {
        return Ok(());
    }
    if carried.log.is_renumbered() {
        output::note("positions were given anew; the read models have other positions in them and are not compared");
        return Ok(());
    }
    let (there, here) = (fold(from).await?, fold(to).await?);
    if let Some((one, other)) = there.iter().zip(&here).find(|(one, other)| one != other) {
        let (rows, others) = (one.digest.rows, other.digest.rows);
        return Err(Failure::Differs(format!(
            "read model {} comes to something else: {rows} rows from the source, {others} from the copy",
            one.projection
        )));
    }
    let rows = count(here.iter().map(|folded| folded.digest.rows).sum());
    output::line(&format!("read models: {} with {rows} rows, folded from both and equal", here.len()))
}

async fn fold(archive: &Archive) -> Result<Vec<Folded>, Failure> {
    let unavailable = |reason: String| Failure::Unavailable(reason);
    let head = archive.log.head().await.map_err(|error| unavailable(error.to_string()))?;
    let bar = Bar::default();
    let shown = |position: domain::ports::Position| bar.at(position.0, head.0, "events folded");
    let folded = scratch::fold(Arc::clone(&archive.log) as _, Arc::clone(&archive.codec), shown).await;
    bar.clear();
    folded.map_err(|error| unavailable(error.to_string()))
}

/// Bytes as they are written in pages and on terminals.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn count(number: u64) -> String {
    grouped(i64::try_from(number).unwrap_or(i64::MAX))
}
