//! A map that forgets what was longest unused, so that nothing kept at hand grows without bound.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

/// At most so many entries, shared between threads.
pub(crate) struct Bounded<K, V>(Mutex<LruCache<K, V>>);

impl<K: Hash + Eq + Clone, V: Clone> Bounded<K, V> {
    pub(crate) fn new(entries: usize) -> Self {
        Self(Mutex::new(LruCache::new(NonZeroUsize::new(entries).unwrap_or(NonZeroUsize::MIN))))
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.lock().get(key).cloned()
    }

    pub(crate) fn put(&self, key: K, value: V) {
        self.lock().put(key, value);
    }

    pub(crate) fn remove_where(&self, gone: impl Fn(&K) -> bool) {
        let mut entries = self.lock();
        let keys: Vec<K> = entries.iter().map(|(key, _)| key).filter(|key| gone(key)).cloned().collect();
        for key in keys {
            entries.pop(&key);
        }
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
