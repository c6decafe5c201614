//! The fault suite: what breaks, and what must hold all the same. Numbers (F1 …) are those of the quality document.

mod backup;
mod canaries;
mod clocks;
mod crash;
mod damage;
#[cfg(feature = "failpoints")]
mod failpoints;
mod full_disk;
#[cfg(feature = "failpoints")]
mod moments;
mod newer_kind;
mod nothing_skipped;
mod poison;
mod postgres_outages;
mod read_models;
mod read_only;
mod repeated;
