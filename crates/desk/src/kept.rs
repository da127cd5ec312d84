//! What was read of records and is kept until an entry makes it another: who is bound to them, whom and where they are about.

use habeas_register::Lately;
use std::sync::{Arc, Mutex, PoisonError};

/// Records of which something is kept, young and old: a kilobyte each.
const MOST: usize = 16_384;

/// What was read, by class and id.
pub(crate) struct Kept<V>(Mutex<Reads<V>>);

struct Reads<V> {
    kept: Lately<(String, String), Arc<V>>,
    /// How often something was forgotten.
    forgotten: u64,
}

impl<V> Kept<V> {
    pub(crate) fn new() -> Self {
        Kept(Mutex::new(Reads { kept: Lately::new(MOST), forgotten: 0 }))
    }

    /// As kept, else as `read`. Nobody waits for who reads. An entry that is made meanwhile may not be in what was read: it is not kept then.
    pub(crate) fn get<E>(&self, key: &(String, String), read: impl FnOnce() -> Result<V, E>) -> Result<Arc<V>, E> {
        let forgotten = {
            let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(kept) = reads.kept.get(key) {
                return Ok(Arc::clone(kept));
            }
            reads.forgotten
        };
        let value = Arc::new(read()?);
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if reads.forgotten == forgotten {
            reads.kept.insert(key.clone(), Arc::clone(&value), 1);
        }
        Ok(value)
    }

    /// What is kept.
    pub(crate) fn peek(&self, key: &(String, String)) -> Option<Arc<V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).kept.get(key).cloned()
    }

    /// Forgets what was read of records that have new entries; of all of them where none is named.
    pub(crate) fn forget(&self, subjects: Option<&[(String, String)]>) {
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reads.forgotten += 1;
        match subjects {
            Some(subjects) => subjects.iter().for_each(|subject| drop(reads.kept.take(subject))),
            None => reads.kept.clear(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page asks who is complained of while the complaint is being entered.
    #[test]
    fn what_was_read_before_an_entry_is_not_kept_after_it() {
        let (kept, case) = (Kept::new(), ("case".to_owned(), "K-1".to_owned()));
        let named = |names: &'static str, meanwhile: &dyn Fn()| {
            let read = || {
                meanwhile();
                Ok::<_, ()>(names)
            };
            *kept.get(&case, read).expect("it can be read")
        };
        let is_entered = || kept.forget(Some(std::slice::from_ref(&case)));
        assert_eq!(named("nobody", &is_entered), "nobody", "as it was when the page asked");
        assert_eq!(named("officer:maren", &|| ()), "officer:maren", "whoever asks next reads the complaint");
        assert_eq!(named("not asked", &|| ()), "officer:maren", "and it is kept");
        kept.forget(None);
        assert_eq!(kept.peek(&case), None);
    }
}
