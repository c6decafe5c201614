//! A folder that is filled from elsewhere: no Kilter serves it before it is whole.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::{
    DataFolderError, EVENTS_FILE, FORMAT, FORMAT_FILE, Keys, LOCK_FILE, LOG_NOTE, ROOT_KEY_FILE, VAULT_FILE, failed,
    lock, make_folder, make_stores_private, read_format, write_whole,
};

/// A data folder to be. Its `format` is written last: until then it is refused as damaged, and filled on by the same command.
pub struct Filling {
    path: PathBuf,
    _lock: File,
}

impl Filling {
    /// A folder that is missing, empty, or was begun, under these keys.
    pub fn begin(path: &Path, keys: &Keys) -> Result<Self, DataFolderError> {
        make_folder(path)?;
        if read_format(path)?.is_none() && !path.join(ROOT_KEY_FILE).exists() && holds_others(path)? {
            return Err(DataFolderError::NotEmpty(path.to_owned()));
        }
        let lock = lock(path)?;
        keys.write(path)?;
        make_stores_private(path)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The event store's file.
    pub fn events(&self) -> PathBuf {
        self.path.join(EVENTS_FILE)
    }

    /// The vault's file.
    pub fn vault(&self) -> PathBuf {
        self.path.join(VAULT_FILE)
    }

    /// All of it is there: it may be served.
    pub fn finish(self) -> Result<(), DataFolderError> {
        write_whole(&self.path, LOG_NOTE, b"events.db was made\n")?;
        write_whole(&self.path, FORMAT_FILE, format!("{FORMAT}\n").as_bytes())
    }
}

/// Whether there is anything but a lock.
pub(super) fn holds_others(folder: &Path) -> Result<bool, DataFolderError> {
    let entries = fs::read_dir(folder).map_err(failed(folder, "read"))?;
    let mut names = entries.map(|entry| entry.map(|entry| entry.file_name()));
    Ok(names.any(|name| name.is_ok_and(|name| name != LOCK_FILE)))
}
