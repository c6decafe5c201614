//! What time it is: the machine's clock, and one driven by hand.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::kernel::Timestamp;
use domain::ports::{Clock, Future};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter that all others get the time from")]
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }

    fn pause(&self, about: Duration) -> Future<'_, ()> {
        Box::pin(tokio::time::sleep(about))
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// Standing at `start`.
    pub const fn new(start: Timestamp) -> Self {
        Self(AtomicI64::new(start.as_micros()))
    }

    /// Puts it to `instant`, forward or back.
    pub fn set(&self, instant: Timestamp) {
        self.0.store(instant.as_micros(), Ordering::SeqCst);
    }

    /// Moves it on by so many seconds; a negative number moves it back.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds.saturating_mul(1_000_000), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_by_hand() {
        let clock = ManualClock::new(Timestamp::default());
        assert_eq!(clock.now(), clock.now());
        clock.advance_seconds(90);
        assert_eq!(clock.now().as_seconds(), 90);
        clock.advance_seconds(-100);
        assert_eq!(clock.now().as_seconds(), -10);
    }
}
