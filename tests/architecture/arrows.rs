//! The arrows between crates point one way, and the pure crates link nothing of the outside world.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use tests::golden::workspace_root;

/// Which crates of the workspace each may use.
const ARROWS: [(&str, &[&str]); 5] = [
    ("domain", &[]),
    ("projections", &["domain"]),
    ("infra", &["domain", "projections"]),
    ("api", &["domain", "projections", "infra"]),
    ("tests", &["domain", "projections", "infra", "api"]),
];

/// What the pure crates may link from outside.
const PURE: [&str; 6] = ["serde", "serde_json", "thiserror", "uuid", "jiff", "schemars"];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(workspace_root().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .expect("cargo metadata answers")
}

fn dependencies(metadata: &Metadata, name: &str) -> BTreeSet<String> {
    metadata
        .packages
        .iter()
        .filter(|package| package.name.as_str() == name)
        .flat_map(|package| &package.dependencies)
        .filter(|dependency| dependency.kind == DependencyKind::Normal)
        .map(|dependency| dependency.name.clone())
        .collect()
}

#[test]
fn arrows_between_crates_point_one_way() {
    let metadata = metadata();
    let ours: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    for (name, allowed) in ARROWS {
        for used in dependencies(&metadata, name) {
            assert!(
                !ours.contains(used.as_str()) || allowed.contains(&used.as_str()),
                "crate `{name}` uses crate `{used}`, but may only use {allowed:?}: turn the dependency round or move the code"
            );
        }
    }
}

#[test]
fn every_crate_of_the_workspace_has_its_arrows() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        assert!(
            ARROWS.iter().any(|(name, _)| *name == package.name.as_str()),
            "crate `{}` is new: say in tests/architecture/arrows.rs what it may use",
            package.name
        );
    }
}

#[test]
fn pure_crates_link_nothing_of_the_outside_world() {
    let metadata = metadata();
    for name in ["domain", "projections"] {
        for used in dependencies(&metadata, name) {
            assert!(
                used == "domain" || PURE.contains(&used.as_str()),
                "crate `{name}` links `{used}`, which is not one of the pure libraries {PURE:?}"
            );
        }
    }
}
