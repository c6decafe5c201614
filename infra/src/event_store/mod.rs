//! event_store.
