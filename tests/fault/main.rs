//! The fault suite.

mod canaries;
mod crash;
mod damage;
#[cfg(feature = "failpoints")]
mod failpoints;
mod full_disk;
mod nothing_skipped;
mod repeated;
