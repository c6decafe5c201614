//! Golden files: what the code says, compared with what was committed. `./bless` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the whole workspace.
pub fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Compares `actual` with `tests/goldens/NAME`, or writes it there when blessing. Tests that call this have `golden` in their
/// name, so that `./bless` finds them.
///
/// # Panics
/// When they differ: that is what it is for.
pub fn assert_golden(name: &str, actual: &str) {
    assert_generated(&format!("tests/goldens/{name}"), actual);
}

/// The same for a generated document at this path from the root of the workspace.
///
/// # Panics
/// When they differ.
pub fn assert_generated(name: &str, actual: &str) {
    let path = workspace_root().join(name);
    if blessing() {
        fs::create_dir_all(path.parent().unwrap_or(&path)).expect("the folder of goldens can be made");
        fs::write(&path, actual).expect("the golden file can be written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if let Some((line, (was, is))) = first_difference(&expected, actual) {
        panic!("{name} differs at line {line}:\n  committed: {was}\n  now:       {is}\nrun ./bless if that is meant");
    }
}

/// Whether `./bless` is running.
#[expect(clippy::disallowed_methods, reason = "a switch of the test runner, not a setting of Kilter")]
pub fn blessing() -> bool {
    std::env::var_os("BLESS").is_some()
}

fn first_difference<'a>(expected: &'a str, actual: &'a str) -> Option<(usize, (&'a str, &'a str))> {
    let count = expected.lines().count().max(actual.lines().count());
    let mut lines = expected.lines().chain(std::iter::repeat("<end of file>"));
    let mut others = actual.lines().chain(std::iter::repeat("<end of file>"));
    (1..=count).filter_map(|line| Some((line, (lines.next()?, others.next()?)))).find(|(_, (was, is))| was != is)
}
