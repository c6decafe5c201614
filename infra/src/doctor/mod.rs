//! Looks whether what is stored is what was written, and whether a machine is fit to go on. It changes nothing.

mod folder;
mod log;
mod views;

use serde::Serialize;

pub use self::folder::{examine_disk, examine_modes};
pub use self::log::{examine_clock, examine_log};
pub use self::views::examine_views;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// As it should be.
    Ok,
    /// Works, and should be looked after.
    Warn,
    /// Something is lost, damaged or exposed.
    Error,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub place: String,
    /// What was found.
    pub what: String,
    /// What to do; empty where nothing is to be done.
    pub advice: String,
}

impl Finding {
    /// As it should be.
    pub fn ok(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self { severity: Severity::Ok, place: place.into(), what: what.into(), advice: String::new() }
    }

    /// Works, and should be looked after.
    pub fn warn(place: impl Into<String>, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { severity: Severity::Warn, place: place.into(), what: what.into(), advice: advice.into() }
    }

    /// Something is lost, damaged or exposed.
    pub fn error(place: impl Into<String>, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { severity: Severity::Error, place: place.into(), what: what.into(), advice: advice.into() }
    }
}
