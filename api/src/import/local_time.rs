//! Local times of a log in its zone. A time that the clocks skipped is refused; one that they showed twice is the earlier.

use domain::kernel::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// Reads the times of one log.
#[derive(Debug, Clone)]
pub struct LocalTime {
    zone: TimeZone,
    format: Option<String>,
}

impl LocalTime {
    /// In this zone and format (ISO 8601 when absent).
    pub const fn new(zone: TimeZone, format: Option<String>) -> Self {
        Self { zone, format }
    }

    /// The instant that `text` means. A text with an offset of its own needs no zone.
    pub fn parse(&self, text: &str) -> Result<Timestamp, String> {
        if self.format.is_none()
            && let Ok(instant) = text.parse::<jiff::Timestamp>()
        {
            return within_years(instant);
        }
        let local = match &self.format {
            Some(format) => {
                DateTime::strptime(format, text).map_err(|_| format!("{text:?} is not a time like {format:?}"))?
            }
            None => text.parse().map_err(|_| format!("{text:?} is not a time like 2012-01-02T07:00:00"))?,
        };
        let ambiguous = self.zone.to_ambiguous_timestamp(local);
        if let AmbiguousOffset::Gap { .. } = ambiguous.offset() {
            let zone = self.zone.iana_name().unwrap_or("its zone");
            return Err(format!("{local} does not exist in {zone}: the clocks went forward over it"));
        }
        let instant = ambiguous.earlier().map_err(|_| format!("{local} is outside the years 0001 to 9999"))?;
        within_years(instant)
    }
}

/// Says so where the domain's own conversion would take the nearest instant that it knows.
fn within_years(instant: jiff::Timestamp) -> Result<Timestamp, String> {
    Timestamp::from_micros(instant.as_microsecond()).map_err(|_| format!("{instant} is outside the years 0001 to 9999"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jerusalem(text: &str) -> Result<String, String> {
        LocalTime::new(TimeZone::get("Asia/Jerusalem").unwrap(), None).parse(text).map(|at| at.to_string())
    }

    #[test]
    fn local_times_are_read_in_the_zone_of_the_log() {
        assert_eq!(jerusalem("2012-01-02T07:00:00").unwrap(), "2012-01-02T05:00:00Z");
        assert_eq!(jerusalem("2012-01-02 07:00").unwrap(), "2012-01-02T05:00:00Z");
        assert_eq!(jerusalem("2012-01-02T07:00:00+01:00").unwrap(), "2012-01-02T06:00:00Z");
    }

    #[test]
    fn a_time_that_the_clocks_skipped_is_refused() {
        assert!(jerusalem("2012-03-30T02:05:00").unwrap_err().contains("does not exist in Asia/Jerusalem"));
        assert_eq!(jerusalem("2012-03-30T03:00:00").unwrap(), "2012-03-30T00:00:00Z");
    }

    #[test]
    fn a_time_that_the_clocks_showed_twice_is_the_earlier_one() {
        assert_eq!(jerusalem("2012-09-23T01:30:00").unwrap(), "2012-09-22T22:30:00Z");
    }

    #[test]
    fn a_year_that_no_instant_can_have_is_refused() {
        for text in ["0000-01-01T00:00:00", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59"] {
            assert!(jerusalem(text).unwrap_err().contains("outside the years"), "{text}");
        }
    }

    #[test]
    fn a_format_may_be_given() {
        let times = LocalTime::new(TimeZone::UTC, Some("%d.%m.%Y %H:%M".to_owned()));
        assert_eq!(times.parse("02.01.2012 07:00").unwrap().to_string(), "2012-01-02T07:00:00Z");
        assert!(times.parse("2012-01-02T07:00:00").is_err());
    }
}
