//! The fault suite.

mod canaries;
mod crash;
mod damage;
#[cfg(feature = "failpoints")]
mod failpoints;
mod nothing_skipped;
mod repeated;
