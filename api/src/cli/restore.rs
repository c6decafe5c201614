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
        (None, Some(url)) => Place::Postgres(url),
        (None, None) => return Err(Failure::Usage("say --data FOLDER or --to URL".to_owned())),
    };
    let (to, filling) = to(&place, asked.vault_to.as_deref(), &keys).await?;
    let carried = carry(&from, &to, &keys).await?;
    check(&manifest, &carried)?;
    if !asked.skip_projections {
        compare_read_models(&from, &to).await?;
    }
    drop((from, to));
    finish(&place, filling)
}

/// That the backup holds what was in it when it was made.
fn check(manifest: &Manifest, carried: &Carried) -> Result<(), Failure> {
    let digest = &carried.log.digest;
    let found = (digest.events, digest.streams, hex(&digest.chains), digest.deleted, hex(&digest.deletions));
    let made = (
        manifest.events,
        manifest.streams,
        manifest.chain_digest.clone(),
        manifest.deleted_streams,
        manifest.deletion_digest.clone(),
    );
    if found == made {
        return Ok(());
    }
    Err(Failure::Differs(format!(
        "the backup is not what its backup.json says: {} events with chains {} were saved, {} with {} are there",
        made.0, made.2, found.0, found.2
    )))
}
