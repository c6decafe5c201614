//! What the rows of all pasts weigh together. Rows are shared between frames, so that each weighs once, as long as anybody has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is alive.
#[derive(Debug, Default)]
pub(super) struct Scale(AtomicUsize);

impl Scale {
    pub(super) fn total(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Puts so many bytes on it, until what is given is dropped.
    pub(super) fn put(self: &Arc<Self>, bytes: usize) -> Weight {
        self.0.fetch_add(bytes, Ordering::Relaxed);
        Weight { scale: Arc::clone(self), bytes }
    }
}

/// A part of the total.
#[derive(Debug)]
pub(super) struct Weight {
    scale: Arc<Scale>,
    bytes: usize,
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.scale.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_weighs_nothing() {
        let scale = Arc::new(Scale::default());
        let (one, other) = (scale.put(5), scale.put(7));
        assert_eq!(scale.total(), 12);
        drop(one);
        assert_eq!(scale.total(), 7);
        drop(other);
        assert_eq!(scale.total(), 0);
    }
}
