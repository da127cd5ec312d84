//! What was found out of a few things, each by its own key, in the order in which it was found.
//!
//! A custody asks of itself, its person and its cell: so few are soonest looked through. A place asks of hundreds; from some on they are
//! looked up, so that what a large place costs grows with its people and not with their square.

use crate::knowledge::Map;
use std::hash::Hash;

/// So many are looked through.
const FEW: usize = 12;

/// Values by key, in the order in which their keys came.
#[derive(Clone, Debug)]
pub(crate) struct Handful<K, V = ()> {
    all: Vec<(K, V)>,
    /// Where each stands, once there are more than a few.
    places: Map<K, usize>,
}

impl<K, V> Default for Handful<K, V> {
    fn default() -> Self {
        Handful { all: Vec::new(), places: Map::default() }
    }
}

impl<K: Copy + Eq + Hash, V> Handful<K, V> {
    fn place(&self, key: K) -> Option<usize> {
        if self.all.len() <= FEW { self.all.iter().position(|(known, _)| *known == key) } else { self.places.get(&key).copied() }
    }

    /// What is known of a key.
    #[inline]
    pub(crate) fn get(&self, key: K) -> Option<&V> {
        self.place(key).map(|place| &self.all[place].1)
    }

    /// What is known of a key, made by `make` where nothing is.
    pub(crate) fn get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let place = self.place(key).unwrap_or_else(|| {
            let place = self.all.len();
            self.all.push((key, make()));
            if place == FEW {
                self.places.extend(self.all.iter().enumerate().map(|(place, (key, _))| (*key, place)));
            } else if place > FEW {
                self.places.insert(key, place);
            }
            place
        });
        &mut self.all[place].1
    }

    /// Takes all out.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = (K, V)> + '_ {
        self.places.clear();
        self.all.drain(..)
    }
}

impl<K: Copy + Eq + Hash> Handful<K> {
    /// Notes a key, once; whether it was new.
    #[inline]
    pub(crate) fn note(&mut self, key: K) -> bool {
        let before = self.all.len();
        self.get_or_insert_with(key, || ());
        self.all.len() > before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_or_many_each_is_kept_once_in_the_order_in_which_it_came() {
        for many in [1u32, FEW as u32 - 1, FEW as u32, FEW as u32 + 1, 500] {
            let mut handful = Handful::default();
            for round in 0..3 {
                (0..many).for_each(|key| *handful.get_or_insert_with(key * 7 % 501, || 0) += round);
            }
            assert_eq!(handful.get(501), None);
            assert_eq!(handful.get(0), Some(&3), "of {many}");
            let all: Vec<(u32, u32)> = handful.drain().collect();
            assert_eq!(all, (0..many).map(|key| (key * 7 % 501, 3)).collect::<Vec<_>>());
            assert_eq!(handful.get(0), None, "taken out");
            handful.get_or_insert_with(0, || 9);
            assert_eq!(handful.get(0), Some(&9));
        }
    }
}
