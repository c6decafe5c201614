//! Instants: microseconds in UTC. Zones live at the edges.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An instant in microseconds since 1970-01-01T00:00:00Z, years 0001 to 9999; written as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// An instant that is outside the years 0001 to 9999, or not RFC 3339 with an offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an instant: {0}")]
pub struct NotAnInstant(String);

impl Timestamp {
    const MIN_MICROS: i64 = -62_135_596_800_000_000;
    const MAX_MICROS: i64 = 253_402_207_200_000_000;

    /// From microseconds since the epoch; refuses what is outside the years 0001 to 9999.
    pub fn from_micros(micros: i64) -> Result<Self, NotAnInstant> {
        if (Self::MIN_MICROS..=Self::MAX_MICROS).contains(&micros) {
            Ok(Self(micros))
        } else {
            Err(NotAnInstant(format!("{micros} µs is outside the years 0001 to 9999")))
        }
    }

    /// Reads RFC 3339 with an offset, such as `2012-01-02T05:00:00Z`.
    pub fn parse(text: &str) -> Result<Self, NotAnInstant> {
        let instant: jiff::Timestamp = text.parse().map_err(|error: jiff::Error| NotAnInstant(error.to_string()))?;
        Self::from_micros(instant.as_microsecond())
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The same instant for calculations with zones.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// Seconds from `earlier` to `self`; negative when `self` is the earlier one.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.as_seconds() - earlier.as_seconds()
    }
}

/// So many seconds after `instant`; `instant` itself where that is beyond the year 9999.
pub fn later(instant: Timestamp, seconds: i64) -> Timestamp {
    let micros = instant.as_micros().saturating_add(seconds.saturating_mul(1_000_000));
    Timestamp::from_micros(micros).unwrap_or(instant)
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self(instant.as_microsecond().clamp(Self::MIN_MICROS, Self::MAX_MICROS))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::parse::from_text(deserializer, "an instant", Self::parse)
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "date-time"})
    }
}
