//! What holds the house together: which crate may use which, what is kept out of the pure ones, sizes, and documents that stay true.

mod arrows;
mod configuration;
mod documents;
mod events;
mod events_document;
mod kinds;
mod purity;
mod sizes;
