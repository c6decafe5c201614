//! Suites of others, where Node is present: GraphQL-over-HTTP audits and the graphql-ws client.

use std::process::Command;

use tests::edge::{Edge, token};
use tests::golden::workspace_root;

/// Runs a script of `tests/audits` against the edge; its output, or `None` where Node or its packages are not there.
async fn run(edge: &Edge, script: &str) -> Option<String> {
    let folder = workspace_root().join("tests/audits");
    if !folder.join("node_modules").exists() {
        println!("skipped: tests/audits/node_modules is not installed (./test audits does it)");
        return None;
    }
    let mut command = Command::new("node");
    command.arg(script).current_dir(folder).env("KILTER_TEST_URL", edge.url()).env("KILTER_TEST_TOKEN", token());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
    let Ok(output) = output else {
        println!("skipped: no Node");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    Some(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_audits_of_graphql_over_http_pass() {
    let edge = Edge::start().await;
    if let Some(output) = run(&edge, "audits.js").await {
        assert!(output.contains("61 passed, 0 failed"), "{output}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_of_graphql_ws_understands_us() {
    let edge = Edge::start().await;
    if let Some(output) = run(&edge, "sockets.js").await {
        assert!(output.contains("0 failed"), "{output}");
    }
}
