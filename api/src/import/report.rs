//! What became of an import: counted, and every refused row with its column and reason.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// At most so many refusals are listed; all are counted.
const LISTED_REFUSALS: usize = 10_000;

/// One row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Its line in the file (the header is line 1); in XES the number of the event.
    pub row: u64,
    /// The column that is to blame, where there is one.
    pub column: Option<String>,
    /// What is wrong.
    pub reason: String,
}

/// The outcome of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many rows of data the log has.
    pub rows: u64,
    /// How many of them were refused.
    pub refused_rows: u64,
    /// The refused ones, by row; the first ten thousand.
    pub refused: Vec<Refused>,
    /// What else could not be done, in words; empty as a rule.
    pub problems: Vec<String>,
    /// How many commands were run.
    pub commands: u64,
    /// How many events they appended: none, when all of it had been imported before.
    pub events_appended: u64,
    /// How long it took.
    pub elapsed_ms: u64,
}

impl Report {
    /// Counts a refused row, and lists it while there is room.
    pub fn refuse(&mut self, refused: Refused) {
        self.refused_rows += 1;
        if self.refused.len() < LISTED_REFUSALS {
            self.refused.push(refused);
        }
    }

    /// Closes the report: refusals in the order of the file, and the time taken.
    pub fn close(&mut self, elapsed: Duration) {
        self.refused.sort_by_key(|refused| refused.row);
        self.elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    }
}
