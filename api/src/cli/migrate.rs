//! `kilter migrate`: everything from one store to another.

use infra::data_folder::{DataFolder, Filling, Keys};

use super::args::{Migrate, Place};
use super::carry::{carry, compare_read_models};
use super::failure::Failure;
use super::output;
use crate::wiring::{Access, Archive, OpenError};

/// Carries everything over, and compares both sides.
pub async fn run(asked: Migrate) -> Result<(), Failure> {
    if asked.from == asked.to {
        return Err(Failure::Usage("--from and --to are the same place".to_owned()));
    }
    let keys = keys(&asked)?;
    let (from, source) = from(&asked, &keys).await?;
    let (to, filling) = to(&asked.to, asked.vault_to.as_deref(), &keys).await?;
    let carried = carry(&from, &to, &keys).await?;
    compare_read_models(&from, &to, &carried, asked.skip_projections).await?;
    drop((from, source));
    finish(&asked.to, to, filling).await
}

fn keys(asked: &Migrate) -> Result<Keys, Failure> {
    let folder = match (&asked.keys, &asked.from) {
        (Some(folder), _) | (None, Place::Folder(folder)) => folder,
        (None, Place::Postgres(_) | Place::EventStoreDb(_)) => {
            let needed = "--keys is needed: the data folder of a node, with root.key and token.key";
            return Err(Failure::Usage(needed.to_owned()));
        }
    };
    Ok(Keys::read(folder).map_err(OpenError::from)?)
}

/// A folder is held, so that nobody serves it meanwhile; a database can't be.
async fn from(asked: &Migrate, keys: &Keys) -> Result<(Archive, Option<DataFolder>), Failure> {
    match &asked.from {
        Place::Folder(path) => {
            // Looked at first: opening would make it.
            DataFolder::peek(path).map_err(OpenError::from)?;
            let folder = DataFolder::open(path).map_err(OpenError::from)?;
            let archive = Archive::in_files(&folder.events(), &folder.vault(), keys, Access::Reading)?;
            Ok((archive, Some(folder)))
        }
        Place::Postgres(url) => {
            let vault = asked.vault_from.as_deref().unwrap_or(url);
            Ok((Archive::in_databases(url, vault, keys, Access::Reading).await?, None))
        }
        Place::EventStoreDb(url) => {
            let vault = apart(asked.vault_from.as_deref(), "--vault-from")?;
            Ok((Archive::on_eventstoredb(url, vault, keys, Access::Reading).await?, None))
        }
    }
}

/// Where everything goes: nobody's to serve before it is finished.
pub(super) async fn to(place: &Place, vault: Option<&str>, keys: &Keys) -> Result<(Archive, Option<Filling>), Failure> {
    match place {
        Place::Folder(path) => {
            let filling = Filling::begin(path, keys).map_err(OpenError::from)?;
            Ok((Archive::in_files(&filling.events(), &filling.vault(), keys, Access::Taking)?, Some(filling)))
        }
        Place::Postgres(url) => {
            Ok((Archive::in_databases(url, vault.unwrap_or(url), keys, Access::Taking).await?, None))
        }
        Place::EventStoreDb(url) => {
            let vault = apart(vault, "--vault-to")?;
            Ok((Archive::on_eventstoredb(url, vault, keys, Access::Taking).await?, None))
        }
    }
}

/// EventStoreDB keeps no vault.
fn apart<'a>(vault: Option<&'a str>, option: &str) -> Result<&'a str, Failure> {
    vault.ok_or_else(|| {
        Failure::Usage(format!("{option} is needed: postgres://…, since EventStoreDB keeps the log and not the vault"))
    })
}

/// All of it is there.
pub(super) async fn finish(place: &Place, to: Archive, filling: Option<Filling>) -> Result<(), Failure> {
    // The stores are closed before anybody else may open them.
    to.finish().await?;
    if let Some(filling) = filling {
        filling.finish().map_err(OpenError::from)?;
    }
    output::line(&match place {
        Place::Folder(path) => format!("done: kilter serve --data {}", path.display()),
        Place::Postgres(_) | Place::EventStoreDb(_) => {
            "done: kilter serve --events URL --views URL --data FOLDER, with root.key and token.key \
                               in the FOLDER of each node"
                .to_owned()
        }
    })
}
