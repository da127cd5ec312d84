//! What was made from records and is kept until they change: bounded, so that a register of any size is served in the same memory.

use std::collections::HashMap;
use std::hash::Hash;

/// Values by key. When so many are young, what was not asked for since the last time that this happened is forgotten.
pub struct Kept<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    most: usize,
}

impl<K: Eq + Hash + Clone, V: Clone> Kept<K, V> {
    /// Keeps twice `most` at most.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), most }
    }

    /// What is kept under a key.
    pub fn get(&mut self, key: &K) -> Option<V> {
        if let Some(value) = self.young.get(key) {
            return Some(value.clone());
        }
        let value = self.old.remove(key)?;
        self.put(key.clone(), value.clone());
        Some(value)
    }

    /// Keeps a value.
    pub fn put(&mut self, key: K, value: V) {
        if self.young.len() >= self.most {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    /// Forgets what is kept under a key.
    pub fn forget(&mut self, key: &K) {
        self.young.remove(key);
        self.old.remove(key);
    }

    /// Forgets whatever does not pass a test.
    pub fn retain(&mut self, mut test: impl FnMut(&K, &V) -> bool) {
        self.young.retain(|key, value| test(key, value));
        self.old.retain(|key, value| test(key, value));
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut kept = Kept::new(2);
        for n in 0..6 {
            kept.put(n, n * 10);
            assert_eq!(kept.get(&0), Some(0), "asked for each time");
        }
        assert_eq!(kept.get(&1), None);
        assert_eq!(kept.get(&5), Some(50));
        kept.forget(&0);
        assert_eq!(kept.get(&0), None);
    }
}
