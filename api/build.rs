//! Puts the built web app (`web/dist`) into the binary, as a table of its files. Where nobody has built it, as where there is no Node, the
//! table is empty, and Kilter serves its API and the page that says so.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script in no other way where it writes")]
fn main() -> io::Result<()> {
    let out = env::var_os("OUT_DIR").map(PathBuf::from).ok_or(io::ErrorKind::NotFound)?;
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("web").join("dist");
    println!("cargo:rerun-if-changed={}", built.display());
    let mut files = Vec::new();
    if built.is_dir() {
        collect(&built, "", &mut files)?;
    }
    files.sort();
    let rows: Vec<String> = files
        .iter()
        .map(|(name, path)| format!("    ({name:?}, include_bytes!({:?})),\n", path.display().to_string()))
        .collect();
    let table = format!("static BUILT: &[(&str, &[u8])] = &[\n{}];\n", rows.concat());
    fs::write(out.join("web_files.rs"), table)
}

/// Every file of the folder with its path as it is served. What begins with a dot is the build's own.
fn collect(folder: &Path, before: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| !name.starts_with('.')) else {
            continue;
        };
        let name = format!("{before}/{name}");
        if path.is_dir() {
            collect(&path, &name, files)?;
        } else {
            files.push((name, path));
        }
    }
    Ok(())
}
