//! The keys of an installation by themselves, on their way from one folder to another.

use std::path::Path;

use zeroize::Zeroizing;

use super::{DataFolderError, ROOT_KEY_FILE, TOKEN_KEY_FILE, make_folder, read_key, write_whole};
use crate::vault::{KEY_BYTES, RootKey};

type Key = Zeroizing<[u8; KEY_BYTES]>;

/// The root key and the key that tokens are signed with.
pub struct Keys {
    root: Key,
    token: Key,
}

impl Keys {
    /// Those in this folder: a data folder, or one that holds nothing but a copy of them.
    pub fn read(folder: &Path) -> Result<Self, DataFolderError> {
        if !folder.is_dir() {
            return Err(DataFolderError::NotAFolder(folder.to_owned()));
        }
        Ok(Self { root: read_key(&folder.join(ROOT_KEY_FILE))?, token: read_key(&folder.join(TOKEN_KEY_FILE))? })
    }

    /// Writes them to this folder, which is made where it is missing. Other keys that are there stay, and are refused.
    pub fn write(&self, folder: &Path) -> Result<(), DataFolderError> {
        make_folder(folder)?;
        for (name, key) in [(ROOT_KEY_FILE, &self.root), (TOKEN_KEY_FILE, &self.token)] {
            let file = folder.join(name);
            if !file.exists() {
                write_whole(folder, name, key.as_slice())?;
            } else if *read_key(&file)? != **key {
                return Err(DataFolderError::OtherKeys { file });
            }
        }
        Ok(())
    }

    /// The key that tokens are signed with.
    pub fn token_key(&self) -> &[u8] {
        self.token.as_slice()
    }

    /// The root key.
    pub fn root_key(&self) -> RootKey {
        RootKey::new(*self.root)
    }
}
