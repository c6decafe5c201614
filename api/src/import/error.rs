//! Why a log can't be imported at all. Single rows that can't are in the report instead.

use super::executor::DoorError;

/// An import that does not happen, or stops.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file can't be read.
    #[error("{file}: {reason}")]
    Unreadable {
        /// Which file.
        file: String,
        /// Why.
        reason: String,
    },
    /// The file has no rows.
    #[error("{0} is empty")]
    Empty(String),
    /// The file is not text in UTF-8.
    #[error("{file} is not UTF-8 text ({found}): save it as UTF-8 first")]
    NotText {
        /// Which file.
        file: String,
        /// What it looks like.
        found: &'static str,
    },
    /// A row is longer than any row of a log.
    #[error("row {row} is longer than {limit} bytes: is a quotation mark left open?")]
    RowTooLong {
        /// Which row.
        row: u64,
        /// What is allowed.
        limit: usize,
    },
    /// The header has more columns than any log.
    #[error("the header has {columns} columns; at most {limit} are read")]
    TooManyColumns {
        /// How many there are.
        columns: usize,
        /// How many may be.
        limit: usize,
    },
    /// A column that is needed or was named is not there.
    #[error("there is no column {wanted:?} (for {field}); there are: {there}")]
    NoSuchColumn {
        /// Which was looked for.
        wanted: String,
        /// What for.
        field: &'static str,
        /// The columns of the file.
        there: String,
    },
    /// The mapping file can't be used.
    #[error("mapping {file}: {reason}")]
    Mapping {
        /// Which file.
        file: String,
        /// Why.
        reason: String,
    },
    /// No such time zone.
    #[error("{0:?} is not an IANA time zone, such as Asia/Jerusalem")]
    Zone(String),
    /// The XML can't be read on.
    #[error("the XES file can't be read after event {event}: {reason}")]
    Xml {
        /// The last event that was read.
        event: u64,
        /// Why.
        reason: String,
    },
    /// XML that is no event log.
    #[error("the file is no event log: it has no <trace>")]
    NoTraces,
    /// Commands can't be run any more; what was done before stays done.
    #[error("{0}; start the same import again to go on from there")]
    Stopped(#[source] DoorError),
}

impl ImportError {
    /// Stable code, as in `docs/operations/exit-codes.md`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "FILE_UNREADABLE",
            Self::Empty(_) => "FILE_EMPTY",
            Self::NotText { .. } => "FILE_NOT_TEXT",
            Self::RowTooLong { .. } => "ROW_TOO_LONG",
            Self::TooManyColumns { .. } => "TOO_MANY_COLUMNS",
            Self::NoSuchColumn { .. } => "NO_SUCH_COLUMN",
            Self::Mapping { .. } => "MAPPING_INVALID",
            Self::Zone(_) => "ZONE_UNKNOWN",
            Self::Xml { .. } => "XML_INVALID",
            Self::NoTraces => "NO_EVENT_LOG",
            Self::Stopped(_) => "IMPORT_STOPPED",
        }
    }
}
