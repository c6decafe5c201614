//! Why settings can't be used, and where they stand.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The environment.
    Variable(String),
    /// A file.
    File(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// Why the settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{} can't be read: {source}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{} is not TOML: {reason}", .file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// What is wrong and where.
        reason: String,
    },
    /// Nothing is called so.
    #[error("{origin}: there is no setting {key}")]
    Unknown {
        /// What was named.
        key: String,
        /// Where.
        origin: Origin,
    },
    /// The value does not fit.
    #[error("{origin}: setting {key}: {reason}")]
    Invalid {
        /// Which setting.
        key: &'static str,
        /// Where.
        origin: Origin,
        /// What is wrong with it.
        reason: String,
    },
}
