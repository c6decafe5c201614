//! What proves who somebody is.

mod hashing;
pub mod passwords;
pub mod providers;
