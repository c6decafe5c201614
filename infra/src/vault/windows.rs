//! Windows of allowance that nodes share: how much of what a caller may ask in a minute they have taken together.

use domain::ports::{Future, VaultError};

/// What a node has got of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// How much it asked for.
    pub amount: u32,
    /// How much all of them have asked for by now, this included.
    pub used: u64,
    /// How long the window lasts from now.
    pub rest_micros: i64,
}

/// Keeps the windows. To lose them does no harm but that callers begin anew.
pub trait SharedWindows: Send + Sync {
    /// Takes so much of the window of this name; one that ended a minute after its first part was taken begins anew.
    fn take(&self, name: Vec<u8>, amount: u32) -> Future<'_, Result<Taken, VaultError>>;

    /// Deletes what has ended.
    fn forget_ended(&self) -> Future<'_, Result<(), VaultError>>;
}
