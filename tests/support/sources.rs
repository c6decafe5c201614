//! The workspace's own files, for the suites that read them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::golden::workspace_root;

/// One source file.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path from the root of the workspace, with `/`.
    pub path: String,
    /// What stands in it.
    pub text: String,
}

/// Every file with this ending under the folder (from the root), sorted by path; build results and packages left out.
///
/// # Panics
/// When the workspace can't be read.
pub fn files(folder: &str, ending: &str) -> Vec<Source> {
    let root = workspace_root();
    let mut found = Vec::new();
    collect(&root.join(folder), ending, &mut found);
    let mut sources: Vec<Source> = found
        .into_iter()
        .map(|path| Source {
            text: fs::read_to_string(&path).expect("a source file is UTF-8"),
            path: relative(&root, &path),
        })
        .collect();
    sources.sort_by(|one, other| one.path.cmp(&other.path));
    sources
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().trim_start_matches("./").replace('\\', "/")
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && name != "node_modules" && name != "data" && !name.starts_with('.') {
                collect(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}
