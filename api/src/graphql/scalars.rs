//! Scalars: how instants, days, amounts, identities and positions are written on the wire.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use domain::calendars::hours;
use domain::kernel::{Quantity, Timestamp};
use domain::ports;
use uuid::Uuid;

/// An instant: RFC 3339 with an offset, such as `2012-01-02T07:00:00+02:00`; always answered in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateTime(pub Timestamp);

/// An instant: RFC 3339 with an offset, such as `2012-01-02T07:00:00+02:00`; always answered in UTC.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(Timestamp::parse(&text)?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Timestamp> for DateTime {
    fn from(instant: Timestamp) -> Self {
        Self(instant)
    }
}

/// A calendar day without a zone, such as `2012-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date(pub jiff::civil::Date);

/// A calendar day without a zone, such as `2012-01-31`.
#[Scalar(name = "Date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text.parse()?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A time on the clock on the wall, to the minute, such as `06:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime(pub hours::LocalTime);

/// A time on the clock on the wall, to the minute, such as `06:30`.
#[Scalar(name = "LocalTime")]
impl ScalarType for LocalTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text.parse()?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An exact decimal amount with at most six places, from 0 to 10¹², written as a string such as `"12.5"`. Whole numbers are
/// also read as integers; floating point is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decimal(pub Quantity);

/// An exact decimal amount with at most six places, from 0 to 10¹², written as a string such as `"12.5"`. Whole numbers are
/// also read as integers; floating point is refused.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text.parse()?)),
            Value::Number(number) if number.is_i64() || number.is_u64() => Ok(Self(number.to_string().parse()?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<Quantity> for Decimal {
    fn from(amount: Quantity) -> Self {
        Self(amount)
    }
}

/// A UUID in its usual form of 36 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UuidText(pub Uuid);

/// A UUID in its usual form of 36 characters.
#[Scalar(name = "UUID", specified_by_url = "https://www.rfc-editor.org/rfc/rfc9562")]
impl ScalarType for UuidText {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(Uuid::parse_str(&text)?)),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A place among all events: opaque, but it only grows. It is the cursor of subscriptions and what `minPosition` waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(pub ports::Position);

/// A place among all events: opaque, but it only grows. It is the cursor of subscriptions and what `minPosition` waits for.
#[Scalar(name = "Position")]
impl ScalarType for Position {
    fn parse(value: Value) -> InputValueResult<Self> {
        counter(value).map(|count| Self(ports::Position(count)))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl From<ports::Position> for Position {
    fn from(position: ports::Position) -> Self {
        Self(position)
    }
}

/// How often one thing has changed: 0 after its first event, one more with each. Sent back as `expectedRevision`, it guards
/// against stale edits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision(pub u64);

/// How often one thing has changed: 0 after its first event, one more with each. Sent back as `expectedRevision`, it guards
/// against stale edits.
#[Scalar(name = "Revision")]
impl ScalarType for Revision {
    fn parse(value: Value) -> InputValueResult<Self> {
        counter(value).map(Self)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A length of time in whole seconds, written as a JSON integer. Unlike `Int` it has no end at 68 years: sums over many operators
/// reach that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seconds(pub i64);

/// A length of time in whole seconds, written as a JSON integer. Unlike `Int` it has no end at 68 years: sums over many operators
/// reach that.
#[Scalar(name = "Seconds")]
impl ScalarType for Seconds {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number.as_i64().map(Self).ok_or_else(|| InputValueError::expected_type(value)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}

/// Counters are strings, because JSON numbers lose precision above 2⁵³; integers are read as well.
fn counter<T: async_graphql::InputType>(value: Value) -> Result<u64, InputValueError<T>> {
    match &value {
        Value::String(text) => text.parse().map_err(|_| InputValueError::expected_type(value)),
        Value::Number(number) => number.as_u64().ok_or_else(|| InputValueError::expected_type(value)),
        _ => Err(InputValueError::expected_type(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn an_instant_is_read_with_any_offset_and_written_in_utc() {
        let instant = DateTime::parse(text("2012-01-02T07:00:00+02:00")).expect("an instant");
        assert_eq!(instant.to_value(), text("2012-01-02T05:00:00Z"));
        assert!(DateTime::parse(text("2012-01-02T07:00:00")).is_err(), "without an offset it is no instant");
    }

    #[test]
    fn an_amount_is_a_string_or_a_whole_number_but_never_a_float() {
        assert_eq!(Decimal::parse(text("12.5")).expect("an amount").to_value(), text("12.5"));
        assert_eq!(Decimal::parse(Value::from(12)).expect("an amount").to_value(), text("12"));
        assert!(Decimal::parse(Value::from(12.5)).is_err());
        assert!(Decimal::parse(Value::from(-1)).is_err());
    }

    #[test]
    fn positions_above_the_precision_of_json_numbers_survive() {
        let position = Position::parse(text("18446744073709551615")).expect("a position");
        assert_eq!(position.to_value(), text("18446744073709551615"));
        assert!(Position::parse(text("-1")).is_err());
    }
}
