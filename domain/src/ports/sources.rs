//! Time and identity, passed in.

use uuid::Uuid;

use crate::kernel::Timestamp;

/// What time it is.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// New identities.
pub trait IdSource: Send + Sync {
    /// A new time-ordered identity (UUIDv7).
    fn next(&self) -> Uuid;
}
