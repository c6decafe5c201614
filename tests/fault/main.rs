//! The fault suite.

mod canaries;
mod crash;
mod damage;
mod failpoints;
mod nothing_skipped;
mod repeated;
