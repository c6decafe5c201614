//! Times in the file's own unit, and as people read them.

use domain::scheduling::solver::Seconds;
use serde_json::Number;

/// Farthest instant of a plan that is read, in seconds: no calendar goes as far, and real numbers are still exact.
const FAR: f64 = 2_251_799_813_685_248.0;

/// Seconds in units of `unit` seconds: whole where they are.
pub fn in_unit(seconds: Seconds, unit: Seconds) -> Number {
    if seconds % unit == 0 {
        return (seconds / unit).into();
    }
    Number::from_f64(real(seconds) / real(unit)).unwrap_or_else(|| (seconds / unit).into())
}

/// Seconds of what a file says in its unit; `None` when that is beyond all calendars.
pub fn in_seconds(value: f64, unit: Seconds) -> Option<Seconds> {
    let seconds = (value * real(unit)).round();
    #[expect(clippy::cast_possible_truncation, reason = "far inside i64: that was asked just before")]
    (seconds.abs() < FAR).then_some(seconds as Seconds)
}

/// As a real number.
#[expect(clippy::cast_precision_loss, reason = "times and sums of plans that are shown are far below 2^52")]
pub const fn real(value: i64) -> f64 {
    value as f64
}

/// How far a value may be from the best possible, in percent; `None` where nothing is known, as of a sum beyond what can be counted.
pub fn gap(value: i64, bound: i64) -> Option<f64> {
    match value {
        0 => Some(0.0),
        i64::MAX => None,
        _ if bound <= 0 => None,
        _ => Some(100.0 * real(value - bound) / real(value)),
    }
}

/// Digits in threes.
pub fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    if value < 0 { format!("-{shown}") } else { shown }
}

/// A length such as `2 d 3:05` or `0:45`.
pub fn length(seconds: Seconds) -> String {
    let (days, minutes) = (seconds / 86_400, seconds % 86_400 / 60);
    let clock = format!("{}:{:02}", minutes / 60, minutes % 60);
    if days == 0 { clock } else { format!("{days} d {clock}") }
}

/// An instant as day (the first is 1) and time of day.
pub fn instant(seconds: Seconds) -> String {
    let (day, minutes) = (seconds.div_euclid(86_400) + 1, seconds.rem_euclid(86_400) / 60);
    format!("{day}/{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_minutes_come_back_to_the_second() {
        for seconds in (-10_000..10_000).chain(86_400 * 365 * 50..86_400 * 365 * 50 + 500) {
            let shown = in_unit(seconds, 60);
            assert_eq!(in_seconds(shown.as_f64().unwrap(), 60), Some(seconds), "{shown}");
        }
        assert_eq!(in_unit(120, 60).to_string(), "2");
        assert_eq!(in_unit(90, 60).to_string(), "1.5");
        assert_eq!(in_seconds(f64::NAN, 60), None);
        assert_eq!(in_seconds(1e300, 60), None);
    }

    #[test]
    fn people_read_lengths_instants_and_large_numbers() {
        assert_eq!((length(2_700), length(183_900)), ("0:45".to_owned(), "2 d 3:05".to_owned()));
        assert_eq!((instant(0), instant(86_400 + 52_200)), ("1/00:00".to_owned(), "2/14:30".to_owned()));
        assert_eq!((grouped(0), grouped(-1_234_567)), ("0".to_owned(), "-1,234,567".to_owned()));
        assert_eq!((gap(110, 100).map(f64::round), gap(0, 0), gap(5, 0)), (Some(9.0), Some(0.0), None));
        assert_eq!(gap(i64::MAX, i64::MAX), None, "sums that stay at the end of the range say nothing");
    }
}
