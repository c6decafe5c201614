//! Medians and ratios of interleaved runs.

use std::time::Duration;

/// Runs per contender: the machine's speed changes by the minute, so they take turns.
pub(crate) const ROUNDS: usize = 5;

/// The middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// So many in this time, per second.
pub(crate) fn per_second(count: usize, elapsed: Duration) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from) / elapsed.as_secs_f64()
}

/// Runs both by turns and gives the median of each.
pub(crate) fn by_turns(mut one: impl FnMut() -> f64, mut other: impl FnMut() -> f64) -> (f64, f64) {
    let (ones, others) = (0..ROUNDS).map(|_| (one(), other())).unzip();
    (median(ones), median(others))
}
