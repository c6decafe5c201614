//! Programs of others that the figures stand beside: built from tests/load/peers when they are first needed.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use tests::golden::workspace_root;
use tests::process::Server;
use tests::stores::postgres_url;

use crate::figures::Pace;

/// Whole commands through cqrs-es and postgres-es.
pub(crate) struct PostgresEs(PathBuf);

impl PostgresEs {
    /// None, and one line that says why, where it can't be built.
    pub(crate) fn built() -> Option<Self> {
        let folder = folder("postgres-es");
        let target = workspace_root().join("target/peers");
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--locked", "--release", "--quiet", "--manifest-path"]).arg(folder.join("Cargo.toml"));
        let built = cargo.arg("--target-dir").arg(&target).stderr(Stdio::null()).status();
        if !built.is_ok_and(|status| status.success()) {
            println!("skipped: the peer postgres-es: {} can't be built", folder.display());
            return None;
        }
        Some(Self(target.join("release/postgres-es-peer")))
    }

    /// So many writers report so often on each of so many jobs of their own, in its store of this name.
    pub(crate) fn run(&self, store: &str, numbers: [usize; 3]) -> Pace {
        let numbers = numbers.map(|number| number.to_string());
        let output =
            Command::new(&self.0).args([&postgres_url(), store]).args(numbers).output().expect("the peer runs");
        assert!(output.status.success(), "postgres-es: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("its figures")
    }
}

/// Serves a script of the Node peers. None, and one line that says why, where there is no Node or its packages can't be had.
pub(crate) fn node(script: &str) -> Option<Server> {
    static INSTALLED: LazyLock<bool> = LazyLock::new(|| {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(folder("node"));
        npm.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    });
    if !*INSTALLED {
        println!("skipped: the peer {script}: npm ci can't be run in {}", folder("node").display());
        return None;
    }
    let mut node = Command::new("node");
    node.arg(script).current_dir(folder("node"));
    Some(Server::spawn(node))
}

fn folder(peer: &str) -> PathBuf {
    workspace_root().join("tests/load/peers").join(peer)
}
