//! Sizes of files and functions: what is long is hard to review.

use tests::sources::{Source, files};

const MOST_FILE_LINES: usize = 600;
const USUAL_FILE_LINES: usize = 400;
const MOST_FUNCTION_LINES: usize = 70;
const USUAL_FUNCTION_LINES: usize = 45;

/// Name, first line and length of every function: rustfmt puts the closing brace under the first letter of the opening line.
fn functions(source: &Source) -> Vec<(String, usize, usize)> {
    let lines: Vec<&str> = source.text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let closing = format!("{}}}", " ".repeat(line.len() - line.trim_start().len()));
        let opened = lines.iter().skip(start).find(|later| later.ends_with(['{', ';', '}']));
        if !opened.is_some_and(|later| later.ends_with('{')) {
            continue; // declared only, or a one-liner
        }
        if let Some(length) = lines.iter().skip(start).position(|later| *later == closing) {
            found.push((name, start + 1, length + 1));
        }
    }
    found
}

fn function_name(line: &str) -> Option<String> {
    let code = line.trim_start();
    let after = ["pub(crate) ", "pub(super) ", "pub ", ""].iter().find_map(|prefix| code.strip_prefix(prefix))?;
    let after = ["async ", "const ", ""].iter().find_map(|prefix| after.strip_prefix(prefix))?;
    let name = after.strip_prefix("fn ")?;
    Some(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

fn percentile(mut lengths: Vec<usize>, percent: usize) -> usize {
    lengths.sort_unstable();
    lengths.get((lengths.len() * percent / 100).min(lengths.len().saturating_sub(1))).copied().unwrap_or(0)
}

#[test]
fn files_are_short() {
    let sources = files(".", ".rs");
    for source in &sources {
        let lines = source.text.lines().count();
        assert!(
            lines <= MOST_FILE_LINES,
            "{} has {lines} lines; at most {MOST_FILE_LINES}: split it by meaning",
            source.path
        );
    }
    let lengths: Vec<usize> = sources.iter().map(|source| source.text.lines().count()).collect();
    let usual = percentile(lengths, 95);
    assert!(usual <= USUAL_FILE_LINES, "95 % of the files should have at most {USUAL_FILE_LINES} lines; it is {usual}");
}

#[test]
fn functions_are_short() {
    let mut lengths = Vec::new();
    for source in files(".", ".rs") {
        for (name, line, length) in functions(&source) {
            assert!(
                length <= MOST_FUNCTION_LINES,
                "{}:{line} function `{name}` has {length} lines; at most {MOST_FUNCTION_LINES}",
                source.path
            );
            lengths.push(length);
        }
    }
    let usual = percentile(lengths, 95);
    assert!(
        usual <= USUAL_FUNCTION_LINES,
        "95 % of the functions should have at most {USUAL_FUNCTION_LINES} lines; it is {usual}"
    );
}
