//! Open time, and what is planned beside it, as stretches between instants.

use async_graphql::{Error, SimpleObject};
use domain::calendars::open_time::OpenTimeError;
use domain::kernel::{Interval, Timestamp};
use projections::open_time::Open;

use crate::graphql::errors;
use crate::graphql::scalars::DateTime;

/// How many days open time is told of at once.
const MAX_DAYS: i64 = 92;

/// A half-open stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct Span {
    /// First instant.
    pub start: DateTime,
    /// First instant after it.
    pub end: DateTime,
}

/// What open time is asked of: forwards, and not too long.
pub fn window(DateTime(from): DateTime, DateTime(until): DateTime) -> Result<Interval, Error> {
    let length_us = until.as_micros() - from.as_micros();
    if (0..=MAX_DAYS * 86_400_000_000).contains(&length_us) {
        return Ok(Interval { from, until });
    }
    let rule = format!("until must not be before from, nor more than {MAX_DAYS} days after it");
    Err(errors::failure(errors::BAD_RANGE, rule))
}

/// Open time of the seconds that a window touches, cut to the window.
pub fn told(window: Interval, open: Result<Open, OpenTimeError>) -> Result<Vec<Span>, Error> {
    let open = open.map_err(|error| errors::failure(errors::BAD_RANGE, error.to_string()))?;
    let instant = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000).unwrap_or(window.until);
    let cut = |(from, until)| (instant(from).max(window.from), instant(until).min(window.until));
    let spans = open.into_iter().map(cut).filter(|(start, end)| start < end);
    Ok(spans.map(|(start, end)| Span { start: start.into(), end: end.into() }).collect())
}

/// Whether what is planned touches what is asked of.
pub fn touches(planned: Interval, from: Timestamp, until: Option<DateTime>) -> bool {
    planned.until > from && until.is_none_or(|until| planned.from < until.0)
}
