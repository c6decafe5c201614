use super::*;

/// A folder of the test's own, gone when it is dropped.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    pub(super) fn new() -> Self {
        Self(std::env::temp_dir().join(format!("kilter-{}", uuid::Uuid::from_bytes(random_bytes()))))
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_first_start_makes_private_keys_and_later_ones_keep_them() {
    let scratch = Scratch::new();
    let first = DataFolder::open(&scratch.0).unwrap();
    let token_key = first.token_key().to_vec();
    assert_eq!(mode(&scratch.0), 0o700);
    assert_eq!((mode(&scratch.file(ROOT_KEY_FILE)), mode(&scratch.file(TOKEN_KEY_FILE))), (0o600, 0o600));
    assert_ne!(fs::read(scratch.file(ROOT_KEY_FILE)).unwrap(), token_key);
    drop(first);
    assert_eq!(DataFolder::open(&scratch.0).unwrap().token_key(), token_key);
}

#[test]
fn a_folder_in_use_is_refused_but_may_be_peeked_at() {
    let scratch = Scratch::new();
    let open = DataFolder::open(&scratch.0).unwrap();
    let second = DataFolder::open(&scratch.0).err().unwrap();
    assert!(matches!(second, DataFolderError::Locked { pid: Some(pid), .. } if pid == std::process::id()), "{second}");
    assert_eq!(DataFolder::peek(&scratch.0).unwrap().token_key(), open.token_key());
    drop(open);
    assert!(DataFolder::open(&scratch.0).is_ok());
}

#[test]
fn peeking_makes_nothing() {
    let scratch = Scratch::new();
    assert!(matches!(DataFolder::peek(&scratch.0), Err(DataFolderError::Missing(_))));
    assert!(!scratch.0.exists());
    fs::create_dir(&scratch.0).unwrap();
    assert!(matches!(DataFolder::peek(&scratch.0), Err(DataFolderError::Missing(_))));
    assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 0);
}

#[test]
fn a_first_start_that_was_cut_short_is_done_again() {
    for left_behind in ["root.key.new", ROOT_KEY_FILE, TOKEN_KEY_FILE, "format.new", LOCK_FILE] {
        let scratch = Scratch::new();
        fs::create_dir(&scratch.0).unwrap();
        fs::write(scratch.file(left_behind), "half").unwrap();
        assert!(DataFolder::open(&scratch.0).is_ok(), "{left_behind}");
    }
}

#[test]
fn a_folder_of_a_newer_kilter_is_refused() {
    let scratch = Scratch::new();
    drop(DataFolder::open(&scratch.0).unwrap());
    fs::write(scratch.file(FORMAT_FILE), "2\n").unwrap();
    for refused in [DataFolder::open(&scratch.0), DataFolder::peek(&scratch.0)] {
        let error = refused.err().unwrap();
        assert!(matches!(error, DataFolderError::NewerFormat { found: 2, .. }), "{error}");
        assert!(error.to_string().contains("/format"), "{error}");
    }
}

#[test]
fn what_is_damaged_is_named() {
    let damages: [(&str, &[u8]); 3] = [(ROOT_KEY_FILE, b"short"), (TOKEN_KEY_FILE, &[7; 33]), (FORMAT_FILE, b"\xff")];
    for (name, bytes) in damages {
        let scratch = Scratch::new();
        drop(DataFolder::open(&scratch.0).unwrap());
        fs::write(scratch.file(name), bytes).unwrap();
        let error = DataFolder::open(&scratch.0).err().unwrap();
        assert!(matches!(error, DataFolderError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn a_lost_key_is_never_made_a_second_time() {
    for name in [ROOT_KEY_FILE, TOKEN_KEY_FILE] {
        let scratch = Scratch::new();
        drop(DataFolder::open(&scratch.0).unwrap());
        fs::remove_file(scratch.file(name)).unwrap();
        let error = DataFolder::open(&scratch.0).err().unwrap();
        assert!(error.to_string().contains(name) && error.to_string().contains("missing"), "{error}");
        assert!(!scratch.file(name).exists());
    }
    let scratch = Scratch::new();
    drop(DataFolder::open(&scratch.0).unwrap());
    fs::write(scratch.file(EVENTS_FILE), "").unwrap();
    fs::remove_file(scratch.file(FORMAT_FILE)).unwrap();
    assert!(matches!(DataFolder::open(&scratch.0), Err(DataFolderError::Damaged { .. })));
}

#[test]
fn a_store_that_is_gone_is_never_begun_anew() {
    for (lost, others) in [(EVENTS_FILE, [VAULT_FILE, VIEWS_FILE]), (VAULT_FILE, [EVENTS_FILE, VIEWS_FILE])] {
        let scratch = Scratch::new();
        drop(DataFolder::open(&scratch.0).unwrap());
        for other in others {
            fs::write(scratch.file(other), "rows").unwrap();
        }
        for empty in [false, true] {
            if empty {
                fs::write(scratch.file(lost), "").unwrap();
            }
            for error in [DataFolder::open(&scratch.0).err(), DataFolder::peek(&scratch.0).err()] {
                let error = error.unwrap();
                assert!(matches!(error, DataFolderError::Damaged { .. }), "{error}");
                assert!(error.to_string().contains(lost), "{error}");
            }
        }
        fs::write(scratch.file(lost), "rows").unwrap();
        drop(DataFolder::open(&scratch.0).unwrap());
        fs::remove_file(scratch.file(VIEWS_FILE)).unwrap();
        drop(DataFolder::open(&scratch.0).unwrap());
    }
}

#[test]
fn a_log_that_was_noted_is_missed_when_every_store_is_gone() {
    let scratch = Scratch::new();
    DataFolder::open(&scratch.0).unwrap().note_log().unwrap();
    let error = DataFolder::open(&scratch.0).err().unwrap();
    assert!(matches!(&error, DataFolderError::Damaged { file, .. } if *file == scratch.file(VAULT_FILE)), "{error}");
    fs::write(scratch.file(VAULT_FILE), "rows").unwrap();
    let error = DataFolder::peek(&scratch.0).err().unwrap();
    assert!(matches!(&error, DataFolderError::Damaged { file, .. } if *file == scratch.file(EVENTS_FILE)), "{error}");
    fs::write(scratch.file(EVENTS_FILE), "rows").unwrap();
    fs::remove_file(scratch.file(LOG_NOTE)).unwrap();
    let restored = DataFolder::open(&scratch.0).unwrap();
    restored.note_log().unwrap();
    restored.note_log().unwrap();
    assert!(scratch.file(LOG_NOTE).exists());
}

#[test]
fn stores_are_for_their_owner_only_and_so_is_a_folder_that_was_made_empty() {
    let scratch = Scratch::new();
    fs::create_dir(&scratch.0).unwrap();
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o755)).unwrap();
    drop(DataFolder::open(&scratch.0).unwrap());
    let files = [VAULT_FILE, VIEWS_FILE].map(|name| mode(&scratch.file(name)));
    assert_eq!((mode(&scratch.0), files), (0o700, [0o600; 2]));
    for name in [VAULT_FILE, EVENTS_FILE, "events.db-wal"] {
        fs::write(scratch.file(name), "rows").unwrap();
        fs::set_permissions(scratch.file(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
    fs::set_permissions(&scratch.0, fs::Permissions::from_mode(0o750)).unwrap();
    drop(DataFolder::open(&scratch.0).unwrap());
    let files = [VAULT_FILE, EVENTS_FILE, "events.db-wal"].map(|name| mode(&scratch.file(name)));
    assert_eq!((mode(&scratch.0), files), (0o750, [0o600; 3]), "a folder in use is its owner's to open to a group");
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let scratch = Scratch::new();
    drop(DataFolder::open(&scratch.0).unwrap());
    fs::set_permissions(scratch.file(ROOT_KEY_FILE), fs::Permissions::from_mode(0o640)).unwrap();
    let error = DataFolder::open(&scratch.0).err().unwrap();
    assert!(matches!(error, DataFolderError::Exposed { mode: 0o640, .. }), "{error}");
}

#[test]
fn a_file_in_the_folders_place_is_named() {
    let scratch = Scratch::new();
    fs::write(&scratch.0, "").unwrap();
    assert!(matches!(DataFolder::open(&scratch.0), Err(DataFolderError::NotAFolder(_))));
    assert!(matches!(DataFolder::peek(&scratch.0), Err(DataFolderError::NotAFolder(_))));
    assert!(matches!(DataFolder::open(&scratch.file("below")), Err(DataFolderError::Io { .. })));
    fs::remove_file(&scratch.0).unwrap();
}
