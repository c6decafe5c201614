//! Why Kilter can't be opened.

use domain::ports::ReadError;
use infra::config::Mixed;
use infra::data_folder::DataFolderError;
use infra::event_store::{EventStoreDbRefusal, OpenError as OpenStoreError};
use infra::postgres::PostgresRefusal;
use infra::runner::RunnerError;
use infra::vault::OpenVaultError;
use infra::views::OpenError as OpenViewsError;

use crate::auth::MintError;

/// Why Kilter can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder can't be used.
    #[error(transparent)]
    Folder(#[from] DataFolderError),
    /// A newer Kilter wrote one of its files.
    #[error("{0}")]
    Newer(String),
    /// One of its files is not what was written.
    #[error("{0}")]
    Damaged(String),
    /// A store can't be reached, read or written right now.
    #[error("{0}")]
    Unavailable(String),
    /// Where the stores are said to be makes no sense.
    #[error("{0}")]
    Places(String),
    /// A server does not let Kilter in, or is not fit for it.
    #[error("{0}")]
    Refused(String),
    /// The keys of the data folder are not those of the vault on its server.
    #[error("{0}")]
    OtherKeys(String),
    /// A newer Kilter made what is on a server.
    #[error("{0}")]
    StoreNewer(String),
    /// What is carried over to a server is not all there.
    #[error("{0}")]
    StoreUnfinished(String),
    /// What is on a server is not what was written.
    #[error("{0}")]
    StoreDamaged(String),
}

impl From<OpenStoreError> for OpenError {
    fn from(error: OpenStoreError) -> Self {
        let text = error.to_string();
        match error {
            OpenStoreError::Newer { .. } => Self::Newer(text),
            OpenStoreError::Damaged { .. } => Self::Damaged(text),
            OpenStoreError::Unavailable { .. } => Self::Unavailable(text),
        }
    }
}

impl From<OpenVaultError> for OpenError {
    fn from(error: OpenVaultError) -> Self {
        let text = error.to_string();
        match error {
            OpenVaultError::NewerFormat { .. } => Self::Newer(text),
            OpenVaultError::WrongRootKey { .. } | OpenVaultError::Damaged { .. } => Self::Damaged(text),
            OpenVaultError::Unavailable { .. } => Self::Unavailable(text),
        }
    }
}

impl From<OpenViewsError> for OpenError {
    fn from(error: OpenViewsError) -> Self {
        match error {
            OpenViewsError::Newer { .. } => Self::Newer(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<PostgresRefusal> for OpenError {
    fn from(refusal: PostgresRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            PostgresRefusal::Url { .. } => Self::Places(text),
            PostgresRefusal::Unreachable { .. } => Self::Unavailable(text),
            PostgresRefusal::OtherKeys { .. } => Self::OtherKeys(text),
            PostgresRefusal::Newer { .. } => Self::StoreNewer(text),
            PostgresRefusal::Damaged { .. } => Self::StoreDamaged(text),
            PostgresRefusal::Unfinished { .. } => Self::StoreUnfinished(text),
            _ => Self::Refused(text),
        }
    }
}

impl From<EventStoreDbRefusal> for OpenError {
    fn from(refusal: EventStoreDbRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            EventStoreDbRefusal::Url { .. } | EventStoreDbRefusal::Prefix { .. } => Self::Places(text),
            EventStoreDbRefusal::Unreachable { .. } => Self::Unavailable(text),
            _ => Self::Refused(text),
        }
    }
}

impl From<ReadError> for OpenError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Corrupt(reason) => Self::StoreDamaged(reason),
            ReadError::Unavailable(reason) => Self::Unavailable(reason),
        }
    }
}

impl From<Mixed> for OpenError {
    fn from(mixed: Mixed) -> Self {
        Self::Places(mixed.to_string())
    }
}

impl From<RunnerError> for OpenError {
    fn from(error: RunnerError) -> Self {
        let text = format!("the read models can't be opened: {error}");
        match error {
            RunnerError::Events(ReadError::Corrupt(_)) => Self::StoreDamaged(text),
            _ => Self::Unavailable(text),
        }
    }
}

impl From<MintError> for OpenError {
    fn from(error: MintError) -> Self {
        Self::Damaged(format!("the token key can't be used: {error}"))
    }
}
