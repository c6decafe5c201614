//! The folder: who may read its files, and how much room there is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::Finding;

/// With less room than this a server will stop soon, with less than the second it is time to do something.
const LITTLE: u64 = 256 * 1024 * 1024;
const SOME: u64 = 2 * 1024 * 1024 * 1024;

/// Keys and stores are for their owner only.
pub fn examine_modes(folder: &Path) -> Vec<Finding> {
    let Ok(entries) = fs::read_dir(folder) else {
        return vec![Finding::error(folder.display().to_string(), "it can't be read", "see who owns it")];
    };
    let mut findings = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        let secret = path.extension().is_some_and(|ending| ending == "key");
        let store = path.file_name().is_some_and(|name| name.to_string_lossy().contains(".db"));
        let Ok(about) = entry.metadata() else { continue };
        let mode = about.permissions().mode() & 0o777;
        if (secret || store) && mode & 0o077 != 0 {
            let (place, what) = (path.display().to_string(), format!("others may use it (mode {mode:04o})"));
            let advice =
                format!("chmod 600 {place}{}", if secret { "; who read the key can open everything" } else { "" });
            findings.push(Finding::error(place, what, advice));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok(folder.display().to_string(), "keys and stores are for their owner only"));
    }
    findings
}

/// Room on the disk of a folder.
pub fn examine_disk(folder: &Path) -> Finding {
    let place = folder.display().to_string();
    let about = match rustix::fs::statvfs(folder) {
        Ok(about) => about,
        Err(error) => return Finding::warn(place, format!("how much room there is can't be told: {error}"), ""),
    };
    let free = about.f_bavail.saturating_mul(about.f_frsize);
    let what = format!("{} MiB are free on its disk", free / (1024 * 1024));
    if free < LITTLE {
        Finding::error(place, what, "make room: appends are refused once it is full")
    } else if free < SOME {
        Finding::warn(place, what, "make room soon")
    } else {
        Finding::ok(place, what)
    }
}
