//! Answers to commands that left no event, kept for a while. What left events is told by the log, for ever.

use serde::{Deserialize, Serialize};

use super::Future;
use super::event_store::Position;
use super::vault::VaultError;
use crate::kernel::decider::Refusal;
use crate::kernel::fingerprint::Fingerprint;
use crate::kernel::{CommandId, TenantId, Timestamp};

/// What a command that left no event was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What it said.
    pub fingerprint: Fingerprint,
    /// What became of it.
    pub outcome: Result<Unchanged, Refused>,
}

/// It was so already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unchanged {
    /// Revision of the stream.
    pub revision: u64,
    /// Position of the stream's last event.
    pub position: Position,
}

/// The domain refused; what it said then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// Stable code.
    pub code: String,
    /// The input field that it speaks of.
    pub field: Option<String>,
    /// In words.
    pub message: String,
}

impl Refusal for Refused {
    fn code(&self) -> &str {
        &self.code
    }

    fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }
}

/// Remembers answers for at least a day, as long as there are not very many. To lose one does no harm: nothing was appended, so
/// the command is decided anew.
pub trait Answers: Send + Sync {
    /// The answer that this command id got.
    fn recall(&self, tenant: TenantId, command: CommandId) -> Future<'_, Result<Option<Answer>, VaultError>>;

    /// Keeps an answer, unless there is one already; gives the one that stands.
    fn remember(
        &self,
        tenant: TenantId,
        command: CommandId,
        answer: Answer,
        now: Timestamp,
    ) -> Future<'_, Result<Answer, VaultError>>;
}
