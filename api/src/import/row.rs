//! A row as it stands in the file: text by field, not yet understood.

use uuid::Uuid;

use super::ImportError;
use super::mapping::Field;
use super::report::Refused;

/// One row of a log.
#[derive(Debug, Clone)]
pub struct RawRow {
    /// Its line in the file (the header is line 1); in XES the number of the event.
    pub row: u64,
    /// The text of each field, in the order of [`Field::ALL`]; empty where the log has none.
    pub cells: [String; Field::ALL.len()],
    /// The same for rows that are equal in every column.
    pub fingerprint: Uuid,
}

impl RawRow {
    /// The text of a field without white space around it.
    pub fn cell(&self, field: Field) -> &str {
        self.cells[field as usize].trim()
    }
}

/// What comes next in a log.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly every one is a row, and none is kept")]
pub enum Next {
    /// A row.
    Row(RawRow),
    /// A row that can't be read, though the ones after it can.
    Defect(Refused),
    /// Nothing.
    End,
}

/// A log that is read row by row.
pub trait LogReader {
    /// The next row.
    fn next(&mut self) -> Result<Next, ImportError>;

    /// The name that the file has for a field, for those who have to correct it.
    fn column(&self, field: Field) -> String;
}
