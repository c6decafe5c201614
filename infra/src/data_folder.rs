//! The folder that one Kilter keeps everything in: keys, stores, a lock, and the version of its layout.
//!
//! The first start writes the keys and, last of all, `format`: a folder without it was never used, so that a start that was cut
//! short is simply done again, and a folder with it must have its keys, which are never made a second time. `has-log` says the
//! same of the event store and the vault.

pub mod backup;
mod filling;
mod keys;
mod shared;

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::random::random_bytes;
use crate::vault::{KEY_BYTES, RootKey};

pub use self::filling::Filling;
pub use self::keys::Keys;

/// The layout that this build writes.
const FORMAT: u32 = 1;
const FORMAT_FILE: &str = "format";
/// Says that there has been an event store, so that it and the vault are missed even when both are gone.
const LOG_NOTE: &str = "has-log";
const LOCK_FILE: &str = "lock";
const ROOT_KEY_FILE: &str = "root.key";
const TOKEN_KEY_FILE: &str = "token.key";
const EVENTS_FILE: &str = "events.db";
const VIEWS_FILE: &str = "views.db";
const VAULT_FILE: &str = "vault.db";
const SNAPSHOTS_FILE: &str = "snapshots.db";

/// Why a data folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// There is no folder, or it was never used.
    #[error("{} is no data folder of Kilter: start `kilter serve --data {}` once", .0.display(), .0.display())]
    Missing(PathBuf),
    /// Something else has that name.
    #[error("{} is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// Another process uses it.
    #[error("{} is in use by {}", .folder.display(), .pid.map_or("another process".to_owned(), |pid| format!("process {pid}")))]
    Locked {
        /// The folder.
        folder: PathBuf,
        /// That process, where it said so.
        pid: Option<u32>,
    },
    /// The stores are in it, where only keys are expected.
    #[error(
        "{} holds the stores themselves: move them to the servers with `kilter migrate`, or name another folder with --data",
        .0.display()
    )]
    HoldsStores(PathBuf),
    /// Only keys are in it, where the stores are expected.
    #[error("{} holds only the keys of stores on servers: say --events URL and --views URL", .0.display())]
    HoldsKeysOnly(PathBuf),
    /// Written by a newer Kilter.
    #[error("{} says format {found}; this build knows formats up to {FORMAT}: use a newer Kilter", .file.display())]
    NewerFormat {
        /// The file that says so.
        file: PathBuf,
        /// The format.
        found: u32,
    },
    /// A file is not what Kilter wrote, or is gone.
    #[error("{} is damaged: {reason}", .file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A key that others may read is no secret.
    #[error("{} must be readable by its owner only (mode 0600), not {mode:04o}", .file.display())]
    Exposed {
        /// The file.
        file: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Something else is in a folder that should be new.
    #[error("{} holds something else already: name a new folder", .0.display())]
    NotEmpty(PathBuf),
    /// Its keys are not those that belong to what comes into it.
    #[error("{} is another key than the one that the stores are under: name a new folder", .file.display())]
    OtherKeys {
        /// The key.
        file: PathBuf,
    },
    /// A backup that was cut short, or none at all.
    #[error("{} is no finished backup: there is no backup.json; run the same `kilter backup` again to finish it", .0.display())]
    Unfinished(PathBuf),
    /// The operating system refuses.
    #[error("{} can't be {action}: {source}", .file.display())]
    Io {
        /// The file or folder.
        file: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system says.
        source: io::Error,
    },
}

/// A data folder whose keys were read. As long as one that was opened lives, no other process can open the folder.
pub struct DataFolder {
    path: PathBuf,
    root_key: RootKey,
    token_key: Zeroizing<[u8; KEY_BYTES]>,
    _lock: Option<File>,
}

impl DataFolder {
    /// Opens the folder for this process alone; makes it on first start.
    pub fn open(path: &Path) -> Result<Self, DataFolderError> {
        make_folder(path)?;
        let lock = lock(path)?;
        shared::refuse_keys_only(path)?;
        if read_format(path)?.is_none() {
            first_start(path)?;
        }
        let folder = Self::read(path, Some(lock))?;
        make_stores_private(path)?;
        Ok(folder)
    }

    /// Reads the keys of a folder that may be in use by another process; makes nothing.
    pub fn peek(path: &Path) -> Result<Self, DataFolderError> {
        if path.exists() && !path.is_dir() {
            return Err(DataFolderError::NotAFolder(path.to_owned()));
        }
        if !path.exists() || read_format(path)?.is_none() {
            return Err(DataFolderError::Missing(path.to_owned()));
        }
        shared::refuse_keys_only(path)?;
        Self::read(path, None)
    }

    fn read(path: &Path, lock: Option<File>) -> Result<Self, DataFolderError> {
        check_stores(path)?;
        let root_key = read_key(&path.join(ROOT_KEY_FILE))?;
        let token_key = read_key(&path.join(TOKEN_KEY_FILE))?;
        Ok(Self { path: path.to_owned(), root_key: RootKey::new(*root_key), token_key, _lock: lock })
    }

    /// Notes that the event store was made. Done after it was: a start that was cut short in between finds the store, and one that
    /// was restored without the note is noted again.
    pub fn note_log(&self) -> Result<(), DataFolderError> {
        if holds_something(&self.path.join(LOG_NOTE)) {
            return Ok(());
        }
        write_whole(&self.path, LOG_NOTE, b"events.db was made\n")
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key over all keys of the vault.
    pub fn root_key(&self) -> RootKey {
        self.root_key.clone()
    }

    /// The key that tokens are signed with (HS256).
    pub fn token_key(&self) -> &[u8] {
        self.token_key.as_slice()
    }

    /// The event store's file.
    pub fn events(&self) -> PathBuf {
        self.path.join(EVENTS_FILE)
    }

    /// The view store's file.
    pub fn views(&self) -> PathBuf {
        self.path.join(VIEWS_FILE)
    }

    /// The file of snapshots, which may be removed.
    pub fn snapshots(&self) -> PathBuf {
        self.path.join(SNAPSHOTS_FILE)
    }

    /// The vault's file.
    pub fn vault(&self) -> PathBuf {
        self.path.join(VAULT_FILE)
    }
}

fn failed(file: &Path, action: &'static str) -> impl FnOnce(io::Error) -> DataFolderError {
    let file = file.to_owned();
    move |source| DataFolderError::Io { file, action, source }
}

/// For its owner only, also when somebody made an empty folder before. One that holds anything else is left as it is: it may be
/// shared with others on purpose, and what Kilter puts into it is private in itself.
fn make_folder(path: &Path) -> Result<(), DataFolderError> {
    if path.exists() && !path.is_dir() {
        return Err(DataFolderError::NotAFolder(path.to_owned()));
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed(path, "made"))?;
    let is_empty = fs::read_dir(path).map_err(failed(path, "read"))?.next().is_none();
    match is_empty.then(|| fs::set_permissions(path, fs::Permissions::from_mode(0o700))) {
        // A volume that another owns and lets this process write into.
        Some(Err(error)) if error.kind() != io::ErrorKind::PermissionDenied => Err(failed(path, "made private")(error)),
        _ => Ok(()),
    }
}

/// SQLite makes files readable for all, and gives those that it puts beside one the mode of that one.
fn make_stores_private(folder: &Path) -> Result<(), DataFolderError> {
    for store in [VAULT_FILE, VIEWS_FILE, SNAPSHOTS_FILE] {
        make_private(&folder.join(store))?;
    }
    let stores = [VAULT_FILE, EVENTS_FILE, VIEWS_FILE, SNAPSHOTS_FILE].into_iter();
    for file in stores.flat_map(|store| ["", "-wal", "-shm"].map(|suffix| folder.join(format!("{store}{suffix}")))) {
        if fs::metadata(&file).is_ok_and(|about| about.permissions().mode() & 0o077 != 0) {
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).map_err(failed(&file, "made private"))?;
        }
    }
    Ok(())
}

/// An empty file for its owner only, unless there is one.
fn make_private(file: &Path) -> Result<(), DataFolderError> {
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600).open(file).map(drop).map_err(failed(file, "made"))
}

fn lock_file(folder: &Path) -> Result<File, DataFolderError> {
    let path = folder.join(LOCK_FILE);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options.open(&path).map_err(failed(&path, "opened"))
}

fn lock(folder: &Path) -> Result<File, DataFolderError> {
    let path = folder.join(LOCK_FILE);
    let mut file = lock_file(folder)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let pid = file.read_to_string(&mut holder).ok().and_then(|_| holder.trim().parse().ok());
            return Err(DataFolderError::Locked { folder: folder.to_owned(), pid });
        }
        Err(TryLockError::Error(source)) => return Err(failed(&path, "locked")(source)),
    }
    file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(failed(&path, "written"))?;
    Ok(file)
}

/// The format that the folder says it has; `None` when it was never used.
fn read_format(folder: &Path) -> Result<Option<u32>, DataFolderError> {
    let file = folder.join(FORMAT_FILE);
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => String::new(),
        Err(error) => return Err(failed(&file, "read")(error)),
    };
    match text.trim().parse() {
        Ok(found) if found > FORMAT => Err(DataFolderError::NewerFormat { file, found }),
        Ok(found) if found > 0 => Ok(Some(found)),
        _ => Err(DataFolderError::Damaged { file, reason: "it should hold the number of a format".to_owned() }),
    }
}

fn first_start(folder: &Path) -> Result<(), DataFolderError> {
    for store in [EVENTS_FILE, VAULT_FILE] {
        if folder.join(store).exists() {
            let reason = format!("it is missing, though there is {store}");
            return Err(DataFolderError::Damaged { file: folder.join(FORMAT_FILE), reason });
        }
    }
    for key in [ROOT_KEY_FILE, TOKEN_KEY_FILE] {
        // A start that was cut short may have left one; nothing was sealed or signed with it yet.
        write_whole(folder, key, Zeroizing::new(random_bytes::<KEY_BYTES>()).as_slice())?;
    }
    write_whole(folder, FORMAT_FILE, format!("{FORMAT}\n").as_bytes())
}

/// A store that is gone is never begun anew beside what was made after it: its history would silently be empty, the
/// vault's keys would not open what is sealed. Only the views can be built from the others.
fn check_stores(folder: &Path) -> Result<(), DataFolderError> {
    let in_order = [VAULT_FILE, EVENTS_FILE, VIEWS_FILE];
    for (index, store) in in_order.iter().enumerate() {
        let note = (*store != VIEWS_FILE).then_some(&LOG_NOTE);
        let later = in_order[index + 1..].iter().chain(note).find(|later| holds_something(&folder.join(later)));
        if let Some(later) = later
            && !holds_something(&folder.join(store))
        {
            let reason = format!("it is missing or empty, though there is {later}: restore it from its backup");
            return Err(DataFolderError::Damaged { file: folder.join(store), reason });
        }
    }
    Ok(())
}

fn holds_something(file: &Path) -> bool {
    // What can't be asked is left to those who open it: they say why.
    fs::metadata(file).map_or_else(|error| error.kind() != io::ErrorKind::NotFound, |about| about.len() > 0)
}

/// Writes a file so that it is there with all its bytes or not at all, also after a power cut.
fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), DataFolderError> {
    let (draft, path) = (folder.join(format!("{name}.new")), folder.join(name));
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(failed(&path, "written"))
}

fn read_key(path: &Path) -> Result<Zeroizing<[u8; KEY_BYTES]>, DataFolderError> {
    let damaged = |reason: String| DataFolderError::Damaged { file: path.to_owned(), reason };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(damaged(
                "it is missing; without it nothing can be opened, so restore it from its backup".to_owned(),
            ));
        }
        Err(error) => return Err(failed(path, "read")(error)),
    };
    let about = file.metadata().map_err(failed(path, "read"))?;
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(DataFolderError::Exposed { file: path.to_owned(), mode });
    }
    let expected = u64::try_from(KEY_BYTES).unwrap_or_default();
    if about.len() != expected {
        return Err(damaged(format!("it has {} bytes instead of {expected}", about.len())));
    }
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    file.read_exact(key.as_mut_slice()).map_err(failed(path, "read"))?;
    Ok(key)
}

#[cfg(test)]
mod tests;
