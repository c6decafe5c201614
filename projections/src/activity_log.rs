//! activity_log.
