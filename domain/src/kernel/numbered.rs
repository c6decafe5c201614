//! What an aggregate keeps several of, told apart by numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Things under numbers from 1 on, each given once and never again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered<T> {
    last: u32,
    kept: BTreeMap<u32, T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self { last: 0, kept: BTreeMap::new() }
    }
}

impl<T: PartialEq> Numbered<T> {
    /// The number of the next one.
    pub const fn next(&self) -> u32 {
        self.last.saturating_add(1)
    }

    /// The one under this number.
    pub fn get(&self, number: u32) -> Option<&T> {
        self.kept.get(&number)
    }

    /// Whether there was one under this number that is there no more.
    pub fn is_gone(&self, number: u32) -> bool {
        (1..=self.last).contains(&number) && !self.kept.contains_key(&number)
    }

    /// Whether there is one like this.
    pub fn holds(&self, like: &T) -> bool {
        self.kept.values().any(|kept| kept == like)
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.kept.iter().map(|(number, kept)| (*number, kept))
    }

    /// Keeps it under this number, in place of what was there.
    pub fn put(&mut self, number: u32, thing: T) {
        self.last = self.last.max(number);
        self.kept.insert(number, thing);
    }

    /// Keeps it no more.
    pub fn remove(&mut self, number: u32) {
        self.kept.remove(&number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_given_once() {
        let mut numbered = Numbered::default();
        for (number, thing) in [(1, "one"), (2, "two")] {
            assert_eq!(numbered.next(), number);
            numbered.put(number, thing);
        }
        numbered.put(1, "first");
        numbered.remove(2);
        assert_eq!((numbered.next(), numbered.get(1), numbered.get(2)), (3, Some(&"first"), None));
        assert!(numbered.is_gone(2) && !numbered.is_gone(1) && !numbered.is_gone(3) && !numbered.is_gone(0));
        assert!(numbered.holds(&"first") && !numbered.holds(&"two"));
    }
}
