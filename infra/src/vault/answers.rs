//! For how long answers that left no event are kept, and how they are written.

use domain::kernel::CommandId;
use domain::ports::{Answer, VaultError};

/// How long an answer is kept.
pub(super) const KEPT_MICROS: i64 = 24 * 60 * 60 * 1_000_000;
/// How many answers are kept; the oldest go first.
pub(super) const KEPT: u32 = 100_000;
/// How many are forgotten at most before one is kept.
pub(super) const FORGOTTEN: i64 = 16;

pub(super) fn write(answer: &Answer) -> Result<String, VaultError> {
    serde_json::to_string(answer).map_err(|error| VaultError::Damaged(error.to_string()))
}

pub(super) fn read(command: CommandId, text: &str) -> Result<Answer, VaultError> {
    serde_json::from_str(text)
        .map_err(|error| VaultError::Damaged(format!("the answer to command {command} can't be read: {error}")))
}
