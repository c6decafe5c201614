//! The folder of a node whose stores are on servers: it holds only the keys, and several nodes may share it.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

use super::{
    DataFolder, DataFolderError, EVENTS_FILE, FORMAT, FORMAT_FILE, LOCK_FILE, LOG_NOTE, ROOT_KEY_FILE, TOKEN_KEY_FILE,
    VAULT_FILE, failed, holds_something, lock_file, make_folder, read_format, write_whole,
};
use crate::random::random_bytes;
use crate::vault::KEY_BYTES;

/// Says that nothing else belongs into the folder.
const KEYS_NOTE: &str = "keys-only";

/// How often it is looked whether another node's first start is done, and how long it is waited before the next look.
const LOOKS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);

impl DataFolder {
    /// Opens a folder of keys, which other nodes may have open too; makes the keys on first start. Those that were copied into it
    /// stay.
    pub fn open_keys(path: &Path) -> Result<Self, DataFolderError> {
        make_folder(path)?;
        refuse_stores(path)?;
        let lock = share(path)?;
        Self::read(path, Some(lock))
    }

    /// Whether the keys are there, or the first start would make them; makes nothing.
    pub fn has_keys(path: &Path) -> Result<bool, DataFolderError> {
        if path.exists() && !path.is_dir() {
            return Err(DataFolderError::NotAFolder(path.to_owned()));
        }
        refuse_stores(path)?;
        Ok(path.join(ROOT_KEY_FILE).exists())
    }

    /// Reads the keys of a folder that holds nothing else; makes nothing.
    pub fn peek_keys(path: &Path) -> Result<Self, DataFolderError> {
        if path.exists() && !path.is_dir() {
            return Err(DataFolderError::NotAFolder(path.to_owned()));
        }
        refuse_stores(path)?;
        if !path.exists() || read_format(path)?.is_none() {
            return Err(DataFolderError::Missing(path.to_owned()));
        }
        Self::read(path, None)
    }
}

/// Nobody has their stores in a folder of keys.
pub(super) fn refuse_keys_only(folder: &Path) -> Result<(), DataFolderError> {
    if folder.join(KEYS_NOTE).exists() { Err(DataFolderError::HoldsKeysOnly(folder.to_owned())) } else { Ok(()) }
}

fn refuse_stores(folder: &Path) -> Result<(), DataFolderError> {
    let stores = [EVENTS_FILE, VAULT_FILE, LOG_NOTE];
    if stores.iter().any(|store| holds_something(&folder.join(store))) {
        return Err(DataFolderError::HoldsStores(folder.to_owned()));
    }
    Ok(())
}

/// The lock that nodes share, and no process with embedded stores gets beside them. Whoever comes first has it alone for as long as
/// it takes to make the keys.
fn share(folder: &Path) -> Result<File, DataFolderError> {
    let path = folder.join(LOCK_FILE);
    let file = lock_file(folder)?;
    for look in 0..LOOKS {
        if look > 0 {
            std::thread::sleep(PAUSE);
        }
        if is_locked(file.try_lock(), &path)? {
            let made = refuse_stores(folder).and_then(|()| make_keys(folder));
            file.set_len(0).and_then(|()| file.unlock()).map_err(failed(&path, "written"))?;
            made?;
        }
        if is_locked(file.try_lock_shared(), &path)? {
            if folder.join(KEYS_NOTE).exists() {
                return Ok(file);
            }
            file.unlock().map_err(failed(&path, "unlocked"))?;
        }
    }
    Err(DataFolderError::Locked { folder: folder.to_owned(), pid: None })
}

fn is_locked(outcome: Result<(), TryLockError>, path: &Path) -> Result<bool, DataFolderError> {
    match outcome {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(source)) => Err(failed(path, "locked")(source)),
    }
}

fn make_keys(folder: &Path) -> Result<(), DataFolderError> {
    if read_format(folder)?.is_none() {
        for key in [ROOT_KEY_FILE, TOKEN_KEY_FILE] {
            if !folder.join(key).exists() {
                write_whole(folder, key, Zeroizing::new(random_bytes::<KEY_BYTES>()).as_slice())?;
            }
        }
        write_whole(folder, FORMAT_FILE, format!("{FORMAT}\n").as_bytes())?;
    }
    if !folder.join(KEYS_NOTE).exists() {
        write_whole(folder, KEYS_NOTE, b"events, views and vault are on servers\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::tests::Scratch;
    use super::*;

    #[test]
    fn nodes_share_the_keys_that_the_first_one_made_or_somebody_copied() {
        let scratch = Scratch::new();
        let first = DataFolder::open_keys(&scratch.0).unwrap();
        let second = DataFolder::open_keys(&scratch.0).unwrap();
        assert_eq!(first.token_key(), second.token_key());
        assert_eq!(DataFolder::peek_keys(&scratch.0).unwrap().token_key(), first.token_key());
        let elsewhere = Scratch::new();
        fs::create_dir(&elsewhere.0).unwrap();
        for key in [ROOT_KEY_FILE, TOKEN_KEY_FILE] {
            fs::copy(scratch.file(key), elsewhere.file(key)).unwrap();
        }
        assert_eq!(DataFolder::open_keys(&elsewhere.0).unwrap().token_key(), first.token_key());
    }

    #[test]
    fn first_starts_at_once_make_one_pair_of_keys() {
        let scratch = Scratch::new();
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let path = scratch.0.clone();
                std::thread::spawn(move || DataFolder::open_keys(&path).unwrap().token_key().to_vec())
            })
            .collect();
        let keys: Vec<_> = starts.into_iter().map(|start| start.join().unwrap()).collect();
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn stores_and_keys_alone_never_share_a_folder() {
        let scratch = Scratch::new();
        drop(DataFolder::open(&scratch.0).unwrap());
        fs::write(scratch.file(EVENTS_FILE), "events").unwrap();
        fs::write(scratch.file(VAULT_FILE), "keys").unwrap();
        for refused in [DataFolder::open_keys(&scratch.0), DataFolder::peek_keys(&scratch.0)] {
            let error = refused.err().unwrap();
            assert!(matches!(error, DataFolderError::HoldsStores(_)), "{error}");
            assert!(error.to_string().contains("kilter migrate"), "{error}");
        }
        assert!(DataFolder::open(&scratch.0).is_ok(), "and nothing was changed");
        let scratch = Scratch::new();
        let sharing = DataFolder::open_keys(&scratch.0).unwrap();
        assert!(matches!(DataFolder::open(&scratch.0), Err(DataFolderError::Locked { .. })));
        drop(sharing);
        for refused in [DataFolder::open(&scratch.0), DataFolder::peek(&scratch.0)] {
            assert!(matches!(refused, Err(DataFolderError::HoldsKeysOnly(_))));
        }
    }

    #[test]
    fn a_process_with_embedded_stores_keeps_nodes_out() {
        let scratch = Scratch::new();
        let _embedded = DataFolder::open(&scratch.0).unwrap();
        assert!(matches!(DataFolder::open_keys(&scratch.0), Err(DataFolderError::Locked { .. })));
    }

    #[test]
    fn peeking_at_keys_makes_nothing() {
        let scratch = Scratch::new();
        assert!(matches!(DataFolder::peek_keys(&scratch.0), Err(DataFolderError::Missing(_))));
        assert!(!scratch.0.exists());
    }

    #[test]
    fn a_first_start_that_was_cut_short_is_done_again_for_keys_too() {
        let scratch = Scratch::new();
        drop(DataFolder::open_keys(&scratch.0).unwrap());
        let root = fs::read(scratch.file(ROOT_KEY_FILE)).unwrap();
        for gone in [TOKEN_KEY_FILE, FORMAT_FILE, KEYS_NOTE] {
            fs::remove_file(scratch.file(gone)).unwrap();
        }
        drop(DataFolder::open_keys(&scratch.0).unwrap());
        assert_eq!(fs::read(scratch.file(ROOT_KEY_FILE)).unwrap(), root);
    }
}
