//! A backup: a folder with log and vault, without keys, and with a page that says what is in it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::filling::holds_others;
use super::{DataFolderError, EVENTS_FILE, VAULT_FILE, failed, lock, make_folder, make_private, write_whole};

/// What is in a backup. Written last: a folder without it is unfinished.
const MANIFEST_FILE: &str = "backup.json";

/// Tells an unfinished backup from a folder of something else.
const BEGUN_FILE: &str = "backup.unfinished";

/// The layout that this build writes.
const FORMAT: u32 = 2;

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Layout of the folder.
    pub format: u32,
    /// Version of Kilter that made it.
    pub kilter: String,
    /// When it was finished.
    pub made_at: String,
    /// Of what it is.
    pub source: String,
    /// Where the source ended when the backup began: everything up to there is in it.
    pub head_position: u64,
    /// How many events there are.
    pub events: u64,
    /// In how many streams.
    pub streams: u64,
    /// What they come to.
    pub chain_digest: String,
    /// How many bodies are removed; layout 1 did not tell.
    pub removed_bodies: Option<u64>,
    /// How many streams are deleted.
    pub deleted_streams: u64,
    /// What those come to.
    pub deletion_digest: String,
    /// How many companies there are.
    pub tenants: u64,
    /// Whose keys there are.
    pub data_keys: u64,
    /// Whose keys were destroyed.
    pub fences: u64,
}

/// All that every layout has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Manifest {
    /// The layout of new ones.
    pub const FORMAT: u32 = FORMAT;

    /// What is in this backup.
    pub fn read(folder: &Path) -> Result<Self, DataFolderError> {
        let file = folder.join(MANIFEST_FILE);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(DataFolderError::Unfinished(folder.to_owned()));
            }
            Err(error) => return Err(failed(&file, "read")(error)),
        };
        let damaged =
            |error: serde_json::Error| DataFolderError::Damaged { file: file.clone(), reason: error.to_string() };
        let Format { format: found } = serde_json::from_str(&text).map_err(damaged)?;
        if found > FORMAT {
            return Err(DataFolderError::NewerFormat { file, found });
        }
        serde_json::from_str(&text).map_err(damaged)
    }
}

/// The folder of a backup.
pub struct Backup {
    path: PathBuf,
    _lock: Option<File>,
}

impl Backup {
    /// A folder that is missing, empty, or was begun.
    pub fn begin(path: &Path) -> Result<Self, DataFolderError> {
        make_folder(path)?;
        if path.join(MANIFEST_FILE).exists() || (!path.join(BEGUN_FILE).exists() && holds_others(path)?) {
            return Err(DataFolderError::NotEmpty(path.to_owned()));
        }
        let lock = lock(path)?;
        make_private(&path.join(VAULT_FILE))?;
        write_whole(path, BEGUN_FILE, b"The same kilter backup goes on with it.\n")?;
        Ok(Self { path: path.to_owned(), _lock: Some(lock) })
    }

    /// A finished one, with what is in it.
    pub fn open(path: &Path) -> Result<(Self, Manifest), DataFolderError> {
        let manifest = Manifest::read(path)?;
        Ok((Self { path: path.to_owned(), _lock: None }, manifest))
    }

    /// The event store's file.
    pub fn events(&self) -> PathBuf {
        self.path.join(EVENTS_FILE)
    }

    /// The vault's file.
    pub fn vault(&self) -> PathBuf {
        self.path.join(VAULT_FILE)
    }

    /// All of it is there.
    pub fn finish(self, manifest: &Manifest) -> Result<(), DataFolderError> {
        let text = serde_json::to_string_pretty(manifest).unwrap_or_default();
        write_whole(&self.path, MANIFEST_FILE, format!("{text}\n").as_bytes())?;
        let begun = self.path.join(BEGUN_FILE);
        fs::remove_file(&begun).map_err(failed(&begun, "removed"))
    }
}
