//! The released binary, served in a process of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running `kilter serve`.
pub(crate) struct Served {
    process: Child,
    /// `http://…`, as it printed it.
    pub(crate) address: String,
}

/// The binary beside this one.
pub(crate) fn kilter() -> PathBuf {
    let path = std::env::current_exe().expect("a path").with_file_name("kilter");
    assert!(path.exists(), "{} is not built: cargo build --release --package api", path.display());
    path
}

impl Served {
    /// Serves this data folder; returns once it is ready.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut process = Command::new(kilter())
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let ready = lines.find_map(|line| line.ok()?.strip_prefix("ready ").map(str::to_owned));
        Self { process, address: ready.expect("the server is ready") }
    }

    /// The most memory that it has had, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }

    /// Stops it as an operator would.
    pub(crate) fn stop(mut self) {
        let told = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "the server can be told to stop");
        self.process.wait().expect("the server stops");
    }
}
