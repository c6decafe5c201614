//! What a person lets us keep in their browser beyond what is necessary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What somebody agreed to, or took back. Without one, only what is necessary is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Consent {
    /// Of which version of the cookie table.
    pub version: u16,
    /// What makes work easier: language, theme.
    pub functional: bool,
    /// What tells us how Kilter is used.
    pub analytics: bool,
}
