//! Quantities: exact decimals with six places, never floating point.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const SCALE: i64 = 1_000_000;

/// An amount in the job's unit, in millionths: from 0 up to 10¹² units; written as a decimal string (`"12.5"`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(i64);

/// Text that is not a quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAQuantity {
    /// Not digits with at most six decimal places.
    #[error("not a decimal number with at most six places")]
    Malformed,
    /// Below zero or above 10¹².
    #[error("outside 0 to 1000000000000")]
    OutOfRange,
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The largest amount that one report or job may name.
    pub const MAX: Self = Self(1_000_000_000_000 * SCALE);

    /// A whole number of units.
    pub fn whole(units: u64) -> Result<Self, NotAQuantity> {
        let units = i64::try_from(units).map_err(|_| NotAQuantity::OutOfRange)?;
        units.checked_mul(SCALE).map(Self).filter(|amount| *amount <= Self::MAX).ok_or(NotAQuantity::OutOfRange)
    }

    /// From stored millionths (sums may pass [`Self::MAX`]).
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// Millionths of a unit.
    pub const fn as_millionths(self) -> i64 {
        self.0
    }

    /// Whether one report or job may name it: 0 to [`Self::MAX`].
    pub const fn is_in_range(self) -> bool {
        0 <= self.0 && self.0 <= Self::MAX.0
    }

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl FromStr for Quantity {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let dangling = text.contains('.') && fraction.is_empty();
        if whole.is_empty() || dangling || fraction.len() > 6 || !digits(whole) || !digits(fraction) {
            return Err(if text.starts_with('-') { NotAQuantity::OutOfRange } else { NotAQuantity::Malformed });
        }
        let whole: i64 = whole.parse().map_err(|_| NotAQuantity::OutOfRange)?;
        let digits = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
        let millionths = digits.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        whole
            .checked_mul(SCALE)
            .and_then(|amount| amount.checked_add(millionths))
            .map(Self)
            .filter(|amount| *amount <= Self::MAX)
            .ok_or(NotAQuantity::OutOfRange)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let amount = self.0.unsigned_abs();
        let (whole, fraction) = (amount / SCALE.unsigned_abs(), amount % SCALE.unsigned_abs());
        if fraction == 0 {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{}", format!("{fraction:06}").trim_end_matches('0'))
        }
    }
}

impl Add for Quantity {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Quantity {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Quantity {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl Serialize for Quantity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::parse::from_text(deserializer, "a decimal number", str::parse)
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,6})?$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_reads_back_as_it_was_written() {
        for text in ["0", "1", "12.5", "0.000001", "1000000000000"] {
            assert_eq!(text.parse::<Quantity>().map(|amount| amount.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_not_a_decimal_is_refused() {
        for text in ["", ".", "1.", ".5", "1e3", "+1", "1,5", "0.0000001", "١"] {
            assert_eq!(text.parse::<Quantity>(), Err(NotAQuantity::Malformed), "{text:?}");
        }
        for text in ["-1", "1000000000000.000001", "99999999999999999999"] {
            assert_eq!(text.parse::<Quantity>(), Err(NotAQuantity::OutOfRange), "{text:?}");
        }
    }
}
