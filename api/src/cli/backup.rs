//! `kilter backup`: everything, while it is served.

use std::path::Path;

use infra::data_folder::Keys;
use infra::data_folder::backup::{Backup, Manifest};

use super::args;
use super::carry::{Carried, carry, hex};
use super::failure::Failure;
use super::output;
use crate::wiring::{Access, Archive, OpenError, clock};

/// Makes a backup, or finishes one.
pub async fn run(asked: args::Backup) -> Result<(), Failure> {
    if let Some(folder) = &asked.keys {
        refuse_together(folder, &asked.to)?;
    }
    let stores = asked.servers.stores(&asked.data).map_err(Failure::Usage)?;
    let keys = Keys::read(&asked.data).map_err(OpenError::from)?;
    // Without the folder's lock: whoever serves it goes on.
    let from = Archive::of(&stores, &keys).await?;
    let source = from.name.clone();
    let backup = Backup::begin(&asked.to).map_err(OpenError::from)?;
    let to = Archive::in_files(&backup.events(), &backup.vault(), &keys, Access::Taking)?;
    let carried = carry(&from, &to, &keys).await?;
    drop((from, to));
    if let Some(folder) = &asked.keys {
        keys.write(folder).map_err(OpenError::from)?;
    }
    backup.finish(&manifest(&carried, source)).map_err(OpenError::from)?;
    output::line(&format!("done: {} is a backup up to position {}", asked.to.display(), carried.log.goal))?;
    if let Some(folder) = &asked.keys {
        return output::line(&format!("keys: {}, to be kept apart from the backup", folder.display()));
    }
    output::note("its keys are not in it: without root.key and token.key nothing in it can be opened (--keys DIR)");
    Ok(())
}

/// Whoever finds keys and backup together can open everything.
fn refuse_together(keys: &Path, backup: &Path) -> Result<(), Failure> {
    let absolute = |path: &Path| {
        let path = std::path::absolute(path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
        Ok::<_, Failure>(path.canonicalize().unwrap_or(path))
    };
    let (keys, backup) = (absolute(keys)?, absolute(backup)?);
    if keys.starts_with(&backup) || backup.starts_with(&keys) {
        return Err(Failure::Usage(
            "--keys lies with the backup: keep the keys in another place, best on another disk".to_owned(),
        ));
    }
    Ok(())
}

fn manifest(carried: &Carried, source: String) -> Manifest {
    let (digest, vault) = (&carried.log.digest, &carried.vault);
    Manifest {
        format: Manifest::FORMAT,
        kilter: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: clock().now().to_string(),
        source,
        head_position: carried.log.goal.0,
        events: digest.events,
        streams: digest.streams,
        chain_digest: hex(&digest.chains),
        removed_bodies: Some(digest.removed),
        deleted_streams: digest.deleted,
        deletion_digest: hex(&digest.deletions),
        tenants: vault.tenants,
        data_keys: vault.data_keys,
        fences: vault.fences,
    }
}
