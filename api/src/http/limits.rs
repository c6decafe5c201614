//! How much one caller may ask in a minute. Counted in windows that begin with the first request of each caller.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use domain::kernel::{ActorId, TenantId, Timestamp};

use super::problem::{Code, Problem};

/// How long a window is.
const WINDOW_MICROS: i64 = 60 * 1_000_000;
/// How many callers are counted at once; beyond that the windows that have ended are forgotten.
const SWEEP_AT: usize = 10_000;

/// What one caller may ask.
#[derive(Debug, Clone, Copy)]
pub struct RateLimits {
    /// Fields of operations' roots that are executed, in a minute.
    pub fields_per_minute: u32,
    /// Requests to where people come in, in a minute from one network.
    pub entries_per_minute: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self { fields_per_minute: 150, entries_per_minute: 8 }
    }
}

/// The counts of this process.
pub struct Limits {
    rates: RateLimits,
    fields: Windows<(TenantId, ActorId)>,
    entries: Windows<[u8; 9]>,
}

/// What is left of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// How much a window has.
    pub limit: u32,
    /// What is left of it.
    pub remaining: u32,
    /// When the next one may begin, in seconds from now.
    pub reset_seconds: u32,
}

impl Limits {
    /// With these limits.
    pub fn new(rates: RateLimits) -> Self {
        Self { rates, fields: Windows::default(), entries: Windows::default() }
    }

    /// Counts one request to where people come in.
    pub(super) fn charge_entry(&self, network: [u8; 9], now: Timestamp) -> Result<Left, Problem> {
        self.entries.charge(network, 1, self.rates.entries_per_minute, now).map_err(|left| too_many(&left))
    }

    /// Counts fields that are executed for a caller.
    pub(super) fn charge_fields(&self, of: (TenantId, ActorId), fields: u32, now: Timestamp) -> Result<Left, Problem> {
        self.fields.charge(of, fields, self.rates.fields_per_minute, now).map_err(|left| too_many(&left))
    }
}

fn too_many(left: &Left) -> Problem {
    let Left { limit, reset_seconds, .. } = left;
    Problem::new(Code::RateLimited, format!("at most {limit} a minute are allowed; come back in {reset_seconds} s"))
        .with("limit", limit.to_string())
        .with("remaining", left.remaining.to_string())
        .with("resetSeconds", reset_seconds.to_string())
}

struct Window {
    begun: Timestamp,
    used: u32,
}

struct Windows<K>(Mutex<HashMap<K, Window>>);

impl<K> Default for Windows<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq> Windows<K> {
    /// Counts `cost`, or nothing where that is more than is left.
    fn charge(&self, key: K, cost: u32, limit: u32, now: Timestamp) -> Result<Left, Left> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= SWEEP_AT {
            windows.retain(|_, window| !window.is_over(now));
        }
        let window = windows.entry(key).or_insert(Window { begun: now, used: 0 });
        if window.is_over(now) {
            *window = Window { begun: now, used: 0 };
        }
        let fits = window.used.saturating_add(cost) <= limit;
        if fits {
            window.used += cost;
        }
        let ends = window.begun.as_micros() + WINDOW_MICROS - now.as_micros();
        let reset_seconds = u32::try_from((ends + 999_999).div_euclid(1_000_000)).unwrap_or(0);
        let left = Left { limit, remaining: limit.saturating_sub(window.used), reset_seconds };
        if fits { Ok(left) } else { Err(left) }
    }
}

impl Window {
    /// Also when the clock went back: nobody waits for longer than a window.
    fn is_over(&self, now: Timestamp) -> bool {
        !(0..WINDOW_MICROS).contains(&(now.as_micros() - self.begun.as_micros()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    #[test]
    fn a_caller_has_so_much_a_minute_and_others_have_their_own() {
        let windows = Windows::<u8>::default();
        for remaining in [2, 1, 0] {
            assert_eq!(windows.charge(1, 1, 3, at(10)), Ok(Left { limit: 3, remaining, reset_seconds: 60 }));
        }
        assert_eq!(windows.charge(1, 1, 3, at(30)), Err(Left { limit: 3, remaining: 0, reset_seconds: 40 }));
        assert!(windows.charge(2, 3, 3, at(30)).is_ok());
        assert!(windows.charge(1, 1, 3, at(70)).is_ok());
    }

    #[test]
    fn what_is_more_than_is_left_costs_nothing() {
        let windows = Windows::<u8>::default();
        assert!(windows.charge(1, 4, 3, at(0)).is_err());
        assert_eq!(windows.charge(1, 3, 3, at(0)).map(|left| left.remaining), Ok(0));
    }

    #[test]
    fn a_clock_that_goes_back_lets_nobody_wait_longer() {
        let windows = Windows::<u8>::default();
        assert!(windows.charge(1, 3, 3, at(1000)).is_ok());
        assert!(windows.charge(1, 3, 3, at(10)).is_ok());
    }

    #[test]
    fn windows_that_have_ended_are_forgotten() {
        let windows = Windows::<usize>::default();
        for caller in 0..SWEEP_AT {
            assert!(windows.charge(caller, 1, 3, at(0)).is_ok());
        }
        assert!(windows.charge(SWEEP_AT, 1, 3, at(60)).is_ok());
        assert_eq!(windows.0.lock().unwrap().len(), 1);
    }
}
