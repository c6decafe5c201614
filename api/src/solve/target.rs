//! A file that a result goes to: there as a whole or not at all, so that what was there before stays until then.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Names of what a process has open: a file there is somebody's already, such as standard output.
const OPEN_ALREADY: [&str; 4] = ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"];

/// Where a result goes.
#[derive(Debug)]
pub struct Target {
    path: PathBuf,
    /// Where it is written first; `None` for pipes and devices, and where only the file itself may be written.
    draft: Option<PathBuf>,
    permissions: Option<Permissions>,
}

impl Target {
    /// Makes sure that it can be written, before anybody works for it. Nothing is there yet afterwards.
    pub fn at(path: &Path) -> io::Result<Self> {
        let found = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            found => Some(found?),
        };
        let in_place = |path: &Path| Self { path: path.to_owned(), draft: None, permissions: None };
        let path = match &found {
            None if path.is_symlink() => return Ok(in_place(path)),
            None => path.to_owned(),
            Some(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Some(_) if OPEN_ALREADY.iter().any(|it| path.starts_with(it)) => return Ok(in_place(path)),
            Some(found) if found.is_file() => {
                File::options().append(true).open(path)?;
                path.canonicalize()?
            }
            Some(_) => return Ok(in_place(path)),
        };
        let draft = path.with_file_name(format!(".kilter-{}.new", std::process::id()));
        match File::create_new(&draft).and_then(|_| fs::remove_file(&draft)) {
            Ok(()) => Ok(Self { path, draft: Some(draft), permissions: found.map(|it| it.permissions()) }),
            Err(error) if found.is_some() && error.kind() == io::ErrorKind::PermissionDenied => Ok(in_place(&path)),
            Err(error) => Err(error),
        }
    }

    /// Whether that is this file; never so for pipes and devices, which keep nothing.
    pub fn is(&self, other: &Path) -> bool {
        let alike = |path: &Path| path.canonicalize().unwrap_or_else(|_| absolute(path));
        let keeps = fs::metadata(&self.path).map_or(true, |found| found.is_file());
        keeps && alike(&self.path) == alike(other)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts all of it there.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let Some(draft) = &self.draft else { return fs::write(&self.path, bytes) };
        let write = || {
            let mut file = File::create_new(draft)?;
            file.write_all(bytes)?;
            if let Some(permissions) = &self.permissions {
                file.set_permissions(permissions.clone())?;
            }
            file.sync_all()?;
            fs::rename(draft, &self.path)
        };
        write().inspect_err(|_| {
            // The draft of a write that failed is of no use; what failed is what is told.
            let _ = fs::remove_file(draft);
        })
    }
}

/// Of a file that is not there: its folder, which is, and its name.
fn absolute(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    path.file_name().map_or_else(|| path.to_owned(), |name| folder.join(name))
}
