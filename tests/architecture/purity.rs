//! What is kept out: no clock, randomness, environment or I/O in the pure crates; adapters named in one file only; no marks
//! of unfinished work.

use tests::sources::{Source, files};

const IMPURE: [&str; 12] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "Uuid::new_v4",
    "Uuid::now_v7",
];

const ADAPTERS: [&str; 9] = [
    "infra::event_store",
    "infra::codec",
    "infra::clock",
    "infra::ids",
    "SqliteEventStore",
    "MemoryEventStore",
    "SqliteVault",
    "SqliteViews",
    "SystemClock",
];

/// The lines that are code and stand above the file's own tests, with their numbers.
fn code_lines(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    source
        .text
        .lines()
        .enumerate()
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
}

#[test]
fn pure_crates_touch_no_clock_no_chance_and_no_environment() {
    for source in files("domain/src", ".rs").iter().chain(&files("projections/src", ".rs")) {
        for (number, line) in code_lines(source) {
            if let Some(word) = IMPURE.iter().find(|word| line.contains(**word)) {
                panic!("{}:{number} uses `{word}`: pure crates are told the time and given identities", source.path);
            }
        }
    }
}

#[test]
fn adapters_are_named_in_the_composition_root_only() {
    for source in files("api/src", ".rs").iter().filter(|source| !source.path.starts_with("api/src/wiring")) {
        for (number, line) in code_lines(source) {
            if let Some(word) = ADAPTERS.iter().find(|word| line.contains(**word)) {
                panic!("{}:{number} names `{word}`: only api/src/wiring knows adapters", source.path);
            }
        }
    }
}

#[test]
fn only_tests_hash_passwords_cheaply() {
    let weak = concat!("weak_", "for_tests");
    for source in files("api/src", ".rs").iter().chain(&files("infra/src", ".rs")) {
        let is_definition =
            |line: &str| source.path.ends_with("identity/passwords.rs") && line.contains("pub const fn");
        // A file of tests has no code of its own above them.
        for (number, line) in code_lines(source).filter(|_| !source.path.ends_with("tests.rs")) {
            let is_named = line.contains(weak) && !is_definition(line);
            assert!(!is_named, "{}:{number} takes the cost of tests for passwords", source.path);
        }
    }
}

#[test]
fn no_marks_of_unfinished_work() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    for source in files(".", ".rs").iter().chain(&files(".", ".md")).chain(&files(".", ".toml")) {
        for (index, line) in source.text.lines().enumerate() {
            let marked = line.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| marks.contains(&word));
            assert!(!marked, "{}:{} has a mark of unfinished work", source.path, index + 1);
        }
    }
}
