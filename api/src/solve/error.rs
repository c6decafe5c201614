//! Why a file can't be used, by file, field and place.

use domain::scheduling::solver::ProblemError;

/// A file that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstanceError {
    /// It can't be read at all.
    #[error("{file} can't be read: {reason}")]
    Unreadable {
        /// Which.
        file: String,
        /// Why.
        reason: String,
    },
    /// Its bytes are no text: another encoding, or another kind of file.
    #[error("{file} is not UTF-8 text (line {line})")]
    NotText {
        /// Which.
        file: String,
        /// Where it stops being text.
        line: usize,
    },
    /// More than anybody plans at once.
    #[error("{file} has more than {most} MiB")]
    TooLarge {
        /// Which.
        file: String,
        /// How much is possible.
        most: u64,
    },
    /// Something in it is wrong.
    #[error("{file}: {place}: {reason}")]
    Invalid {
        /// Which.
        file: String,
        /// The field, such as `jobs[3].ops[0].group`, or line and column.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// Each field makes sense, and the whole does not.
    #[error("{file}: {source}")]
    Problem {
        /// Which.
        file: String,
        /// Why.
        source: ProblemError,
    },
}

impl InstanceError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "FILE_UNREADABLE",
            Self::NotText { .. } => "FILE_NOT_TEXT",
            Self::TooLarge { .. } => "FILE_TOO_LARGE",
            Self::Invalid { .. } | Self::Problem { .. } => "FILE_INVALID",
        }
    }
}

/// Something wrong at a field; the file is put in front where it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The field.
    pub place: String,
    /// What is wrong there.
    pub reason: String,
}

impl Misfit {
    /// At this field, for this reason.
    pub fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }

    /// In this file.
    pub fn of(self, file: &str) -> InstanceError {
        InstanceError::Invalid { file: file.to_owned(), place: self.place, reason: self.reason }
    }
}
