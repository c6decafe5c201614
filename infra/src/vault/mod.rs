//! The vault: what is not in the log. Keys of personal data, who the tenants and actors are, answers that left no
//! event, and secrets.
//!
//! A data key belongs to one (tenant, subject, class); it rests wrapped by the tenant's key, and that wrapped by the root key,
//! each bound to what it is. Destroying the data keys of a subject makes every copy of its personal data unreadable, wherever
//! the copies are; the fence keeps new keys from being made.

mod answers;
mod keys;
mod postgres;
mod registry;
mod sealing;
mod secret_rows;
pub mod secrets;
mod sqlite;
pub mod transfer;
pub mod windows;

pub use keys::{KEY_BYTES, RootKey};
pub use postgres::{PostgresAnswers, PostgresVault};
pub use registry::{Registry, Tenant};
pub use secret_rows::SecretRow;
pub use sqlite::{OpenVaultError, SqliteAnswers, SqliteVault};
