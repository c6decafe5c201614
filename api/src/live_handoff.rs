//! live_handoff.
