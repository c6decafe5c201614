//! Which rows a table that was filled from nothing may hold, so that the others need not be looked for.

use std::hash::{BuildHasher, Hash};

/// Size of the filter, a power of two: one megabyte, some wrong guesses in a hundred at a million rows.
const BITS: u64 = 1 << 23;

/// A Bloom filter: what was not added is almost always known to be absent; what was added never is.
pub(super) struct Seen {
    words: Vec<u64>,
    hasher: foldhash::quality::RandomState,
}

impl Seen {
    /// Nothing added.
    pub(super) fn new() -> Self {
        let words = vec![0; usize::try_from(BITS / 64).unwrap_or_default()];
        Self { words, hasher: foldhash::quality::RandomState::default() }
    }

    /// Adds a key.
    pub(super) fn add(&mut self, key: &impl Hash) {
        for (word, bit) in self.places(key) {
            self.words[word] |= bit;
        }
    }

    /// Whether the key may have been added.
    pub(super) fn may_have(&self, key: &impl Hash) -> bool {
        self.places(key).into_iter().all(|(word, bit)| self.words[word] & bit != 0)
    }

    fn places(&self, key: &impl Hash) -> [(usize, u64); 2] {
        let hash = self.hasher.hash_one(key);
        [hash, hash >> 32].map(|half| {
            let place = half % BITS;
            (usize::try_from(place / 64).unwrap_or_default(), 1 << (place % 64))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_may_be_there_and_most_of_the_rest_is_not() {
        let mut seen = Seen::new();
        (0..10_000).for_each(|key| seen.add(&key));
        assert!((0..10_000).all(|key| seen.may_have(&key)));
        assert!((10_000..20_000).filter(|key| seen.may_have(key)).count() < 10);
    }
}
