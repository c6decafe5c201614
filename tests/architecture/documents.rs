//! Documents that stay true: links lead somewhere, requirements name tests that exist, every error code is explained.

use std::collections::BTreeSet;

use tests::golden::workspace_root;
use tests::sources::{Source, files};

fn documents() -> Vec<Source> {
    files(".", ".md")
}

/// The targets of the Markdown links of a text, code blocks left out.
fn links(text: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for (index, prose) in text.split("```").enumerate() {
        if index % 2 == 1 {
            continue;
        }
        targets
            .extend(prose.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link.to_owned()));
    }
    targets
}

fn anchors(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            heading
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

#[test]
fn links_in_documents_lead_somewhere() {
    for document in documents() {
        for link in links(&document.text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let here = workspace_root().join(&document.path);
            let target = if file.is_empty() { here.clone() } else { here.with_file_name("").join(file) };
            assert!(target.exists(), "{} links to {link}, which is not there", document.path);
            if !anchor.is_empty() && target.extension().is_some_and(|ending| ending == "md") {
                let text = std::fs::read_to_string(&target).expect("a linked document is UTF-8");
                assert!(anchors(&text).contains(anchor), "{} links to {link}: no such heading", document.path);
            }
        }
    }
}

/// Holds that the paths and tests which the tables of a document name between backticks are there.
fn assert_names_exist(document: &str, at_least: usize, is_name: fn(&str) -> bool) {
    let text = std::fs::read_to_string(workspace_root().join(document)).expect("the document is there");
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| id ") && !line.starts_with("| item ");
    let rows: Vec<&str> = text.lines().filter(is_row).collect();
    assert!(rows.len() >= at_least, "{document} has {} rows", rows.len());
    let sources = files(".", ".rs");
    for row in rows {
        let id = row.split('|').nth(1).unwrap_or_default().trim();
        for name in row.split('`').skip(1).step_by(2).filter(|name| is_name(name)) {
            let exists = if name.contains('/') {
                workspace_root().join(name).exists()
            } else {
                sources.iter().any(|source| source.text.contains(&format!("fn {name}(")))
            };
            assert!(exists, "{document}, {id}: there is no `{name}`");
        }
    }
}

#[test]
fn requirements_name_code_and_tests_that_exist() {
    assert_names_exist("docs/requirements.md", 20, |_| true);
}

#[test]
fn the_page_of_asvs_names_tests_that_exist() {
    // It quotes headers and the like as well: those have no underscore inside.
    let is_name = |name: &str| name.trim_matches('_').contains('_') || name.contains(".rs");
    assert_names_exist("docs/privacy/asvs.md", 60, is_name);
}

#[test]
fn every_error_code_is_documented() {
    let codes = workspace_root().join("tests/goldens/error-codes.json");
    let codes = std::fs::read_to_string(codes).expect("tests/goldens/error-codes.json is there");
    let documented: String = files("docs", ".md").into_iter().map(|document| document.text).collect();
    let is_code = |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    for code in codes.split('"').filter(is_code) {
        assert!(documented.contains(&format!("`{code}`")), "error code {code} is explained nowhere under docs/");
    }
}
