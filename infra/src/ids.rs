//! New identities.

use std::sync::Arc;

use domain::ports::{Clock, IdSource};
use uuid::{Builder, Uuid};

use crate::random::random_bytes;

/// Time-ordered identities (UUIDv7) from a clock and the operating system's randomness.
pub struct RandomIds {
    clock: Arc<dyn Clock>,
}

impl RandomIds {
    /// Ordered by the time of this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }
}

impl IdSource for RandomIds {
    fn next(&self) -> Uuid {
        let millis = u64::try_from(self.clock.now().as_micros() / 1000).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &random_bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn identities_differ_and_follow_the_clock() {
        let clock = Arc::new(ManualClock::new(domain::kernel::Timestamp::default()));
        let ids = RandomIds::new(clock.clone());
        let (first, second) = (ids.next(), ids.next());
        clock.advance_seconds(1);
        let later = ids.next();
        assert_ne!(first, second);
        assert!(later > first && later > second);
        assert_eq!(later.get_version_num(), 7);
    }
}
