//! `kilter restore`: a backup becomes a data folder, or goes into a database.

use infra::data_folder::Keys;
use infra::data_folder::backup::{Backup, Manifest};

use super::args::{self, Place};
use super::carry::{Carried, carry, compare_read_models, hex};
use super::failure::Failure;
use super::migrate::{finish, to};
use crate::wiring::{Access, Archive, OpenError};

/// Restores a backup, and verifies it on the way.
pub async fn run(asked: args::Restore) -> Result<(), Failure> {
    let (backup, manifest) = Backup::open(&asked.from).map_err(OpenError::from)?;
    let keys = Keys::read(&asked.keys).map_err(OpenError::from)?;
    let from = Archive::in_files(&backup.events(), &backup.vault(), &keys, Access::Reading)?;
    let place = match (asked.data, asked.to) {
        (Some(folder), _) => Place::Folder(folder),
        (None, Some(place)) => place,
        (None, None) => return Err(Failure::Usage("say --data FOLDER or --to STORE".to_owned())),
    };
    let (to, filling) = to(&place, asked.vault_to.as_deref(), &keys).await?;
    let carried = carry(&from, &to, &keys).await?;
    check(&manifest, &carried)?;
    compare_read_models(&from, &to, &carried, asked.skip_projections).await?;
    drop(from);
    finish(&place, to, filling).await
}

/// That the backup holds what was in it when it was made.
fn check(manifest: &Manifest, carried: &Carried) -> Result<(), Failure> {
    let digest = &carried.log.digest;
    let chains = hex(&digest.chains);
    let of_events = (manifest.events, manifest.streams, manifest.chain_digest.as_str());
    let of_removals = (manifest.deleted_streams, manifest.deletion_digest.as_str());
    if of_events == (digest.events, digest.streams, chains.as_str())
        && of_removals == (digest.deleted, hex(&digest.deletions).as_str())
        && manifest.removed_bodies.is_none_or(|removed| removed == digest.removed)
    {
        return Ok(());
    }
    Err(Failure::Differs(format!(
        "the backup is not what its backup.json says: {} events with chains {} were saved, {} with {chains} are there",
        manifest.events, manifest.chain_digest, digest.events
    )))
}
