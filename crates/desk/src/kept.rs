//! What was read of records and is kept until an entry makes it another: who is bound to them, what boards and lists show of them.

use habeas_register::Lately;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What was read, by a key.
pub struct Kept<K, V>(Mutex<Reads<K, V>>);

struct Reads<K, V> {
    kept: Lately<K, Arc<V>>,
    /// How often something was forgotten.
    forgotten: u64,
}

impl<K: Eq + Hash + Clone, V> Kept<K, V> {
    /// Keeps so many, young and old each.
    pub(crate) fn new(most: usize) -> Self {
        Kept(Mutex::new(Reads { kept: Lately::new(most), forgotten: 0 }))
    }

    fn reads(&self) -> MutexGuard<'_, Reads<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As kept, else as `read`. Nobody waits for who reads. An entry that is made meanwhile may not be in what was read: it is not kept
    /// then.
    pub(crate) fn get<E>(&self, key: &K, read: impl FnOnce() -> Result<V, E>) -> Result<Arc<V>, E> {
        let forgotten = {
            let mut reads = self.reads();
            if let Some(kept) = reads.kept.get(key) {
                return Ok(Arc::clone(kept));
            }
            reads.forgotten
        };
        let value = Arc::new(read()?);
        let mut reads = self.reads();
        if reads.forgotten == forgotten {
            reads.kept.insert(key.clone(), Arc::clone(&value), 1);
        }
        Ok(value)
    }

    /// What is kept.
    pub(crate) fn peek(&self, key: &K) -> Option<Arc<V>> {
        self.reads().kept.get(key).cloned()
    }

    /// Forgets what was read under some keys.
    pub(crate) fn forget(&self, keys: &[K]) {
        let mut reads = self.reads();
        reads.forgotten += 1;
        keys.iter().for_each(|key| drop(reads.kept.take(key)));
    }

    /// Forgets whatever does not pass a test.
    pub(crate) fn retain(&self, test: impl FnMut(&K, &Arc<V>) -> bool) {
        let mut reads = self.reads();
        reads.forgotten += 1;
        reads.kept.retain(test);
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        let mut reads = self.reads();
        reads.forgotten += 1;
        reads.kept.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page asks who is complained of while the complaint is being entered.
    #[test]
    fn what_was_read_before_an_entry_is_not_kept_after_it() {
        let (kept, case) = (Kept::new(8), "K-1".to_owned());
        let named = |names: &'static str, meanwhile: &dyn Fn()| {
            let read = || {
                meanwhile();
                Ok::<_, ()>(names)
            };
            *kept.get(&case, read).expect("it can be read")
        };
        let is_entered = || kept.forget(std::slice::from_ref(&case));
        assert_eq!(named("nobody", &is_entered), "nobody", "as it was when the page asked");
        assert_eq!(named("officer:maren", &|| ()), "officer:maren", "whoever asks next reads the complaint");
        assert_eq!(named("not asked", &|| ()), "officer:maren", "and it is kept");
        kept.clear();
        assert_eq!(kept.peek(&case), None);
    }
}
