//! What was used lately, in bounded memory: two generations of a map. Whatever is asked for moves to the young one; when that is full, the
//! old one goes and the young one takes its place. What is in use stays, however much passes by.

use std::borrow::Borrow;
use std::collections::{HashMap, hash_map};
use std::hash::Hash;

/// How many of what has gone are freed when something comes: to free a whole generation takes a second or two, and somebody waits.
const FREED_AT_ONCE: usize = 4;

/// A map that forgets what was not asked for lately.
pub struct Lately<K, V> {
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
    /// What has gone and is not freed yet.
    gone: hash_map::IntoIter<K, (V, usize)>,
    /// What the young ones weigh together, and may at most: so much again may be on its way out.
    weight: usize,
    most: usize,
}

impl<K: Eq + Hash + Clone, V> Lately<K, V> {
    /// A map of which a generation weighs at most `most`.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Lately { young: HashMap::new(), old: HashMap::new(), gone: HashMap::new().into_iter(), weight: 0, most }
    }

    /// What is remembered under a key; it is young from now on.
    pub fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if let Some((key, (value, weight))) = self.old.remove_entry(key) {
            self.insert(key, value, weight);
        }
        self.young.get_mut(key).map(|(value, _)| value)
    }

    /// Remembers something that weighs so much. Nothing in the same generation is lost by it.
    pub fn insert(&mut self, key: K, value: V, weight: usize) {
        self.gone.by_ref().take(FREED_AT_ONCE).for_each(drop);
        self.old.remove(&key);
        if self.weight + weight > self.most && !self.young.is_empty() {
            self.gone = std::mem::replace(&mut self.old, std::mem::take(&mut self.young)).into_iter();
            self.weight = 0;
        }
        let before = self.young.insert(key, (value, weight));
        self.weight = (self.weight + weight).saturating_sub(before.map_or(0, |(_, weight)| weight));
    }

    /// Takes something out.
    pub fn take<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        if let Some((value, weight)) = self.young.remove(key) {
            self.weight = self.weight.saturating_sub(weight);
            return Some(value);
        }
        self.old.remove(key).map(|(value, _)| value)
    }

    /// Forgets whatever does not pass a test.
    pub fn retain(&mut self, mut test: impl FnMut(&K, &V) -> bool) {
        self.young.retain(|key, (value, _)| test(key, value));
        self.old.retain(|key, (value, _)| test(key, value));
        self.weight = self.young.values().map(|(_, weight)| weight).sum();
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
        self.gone = HashMap::new().into_iter();
        self.weight = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_what_nobody_asks_for_goes() {
        let mut places = Lately::new(3);
        places.insert("place 1", 1, 1);
        for custody in ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8"] {
            places.insert(custody, 0, 1);
            assert_eq!(places.get("place 1"), Some(&mut 1), "after {custody}");
        }
        assert_eq!(places.get("C1"), None);
        assert!(places.young.len() + places.old.len() <= 6);
    }

    #[test]
    fn a_generation_is_freed_little_by_little() {
        let place = std::sync::Arc::new(());
        let mut custodies = Lately::new(10);
        (0..21).for_each(|custody| custodies.insert(custody, std::sync::Arc::clone(&place), 1));
        assert_eq!(std::sync::Arc::strong_count(&place), 1 + 21, "the first ten have gone and are there still");
        (30..33).for_each(|custody| custodies.insert(custody, std::sync::Arc::clone(&place), 1));
        assert_eq!(std::sync::Arc::strong_count(&place), 1 + 14, "three that came have freed them all");
    }

    #[test]
    fn weights_bound_a_generation() {
        let mut histories = Lately::new(100);
        for custody in 0..50 {
            histories.insert(custody, (), 30);
            assert!(histories.young.len() <= 3);
        }
        histories.insert(99, (), 1_000);
        assert_eq!(histories.take(&99), Some(()), "what is heavier than all is there until the next comes");
        assert_eq!(histories.take(&99), None);
        assert_eq!(histories.weight, 0);
    }
}
