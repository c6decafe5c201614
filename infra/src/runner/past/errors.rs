//! Why the past can't be asked.

use domain::ports::{Position, ReadError};

use crate::runner::RunnerError;

/// Why the past can't be asked.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// Nothing is recorded there yet.
    #[error("that is in the future")]
    Future,
    /// It is still being folded; asking again goes on from there.
    #[error("history is still being read, up to position {at} of {of} so far: ask again")]
    NotReady {
        /// How far it is.
        at: Position,
        /// How far it has to come.
        of: Position,
    },
    /// As many as may already wait for another moment of this tenant.
    #[error("several other moments are being read: ask again")]
    Busy,
    /// The rows of that moment have more bytes than are kept for the past of all.
    #[error("what was then is too large to be held: more than {limit} bytes")]
    TooLarge {
        /// What is allowed.
        limit: usize,
    },
    /// The log can't be read.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// The fold fails.
    #[error(transparent)]
    Fold(#[from] RunnerError),
    /// The system has no thread to give.
    #[error("no thread for the past: {0}")]
    Thread(std::io::Error),
    /// The fold broke off.
    #[error("the fold of the past broke off: {0}")]
    Broken(String),
}
