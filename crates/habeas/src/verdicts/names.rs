//! How events and subjects are called in what is printed: by their own ids, or by pseudonyms that tell nobody who they are.

use habeas_codebook::log::{EventId, Log, SubjectId};
use std::hash::{BuildHasher, RandomState};

/// How ids are printed.
#[derive(Clone, Debug)]
pub enum Names {
    /// As the register spells them.
    AsRecorded,
    /// As short pseudonyms under a key that this run drew and then forgets: the same id has the same pseudonym in all that the
    /// run prints, and another one in the next.
    Pseudonyms(RandomState),
}

impl Names {
    /// Pseudonyms if `redact`.
    #[must_use]
    pub fn new(redact: bool) -> Self {
        if redact { Names::Pseudonyms(RandomState::new()) } else { Names::AsRecorded }
    }

    /// True when nothing of the source's own words may be printed.
    #[must_use]
    pub fn redacted(&self) -> bool {
        matches!(self, Names::Pseudonyms(_))
    }

    /// Hands the printed id of an event to `then`.
    pub fn event<T>(&self, log: &Log, event: EventId, then: impl FnOnce(&str) -> T) -> T {
        match self {
            Names::AsRecorded => then(log.id(event)),
            Names::Pseudonyms(key) => then(&pseudonym(key, u16::MAX, log.id(event))),
        }
    }

    /// Hands the printed id of a subject to `then`.
    pub fn subject<T>(&self, log: &Log, subject: SubjectId, then: impl FnOnce(&str) -> T) -> T {
        match self {
            Names::AsRecorded => then(log.name_of(subject)),
            Names::Pseudonyms(key) => then(&pseudonym(key, log.class_of(subject).0, log.name_of(subject))),
        }
    }
}

/// Sixty bits of a keyed hash in twelve letters and digits, none of which looks like another (Crockford's base 32).
fn pseudonym(key: &RandomState, class: u16, id: &str) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut bits = key.hash_one((class, id));
    let mut text = String::with_capacity(12);
    for _ in 0..12 {
        text.push(char::from(LETTERS[(bits & 31) as usize]));
        bits >>= 5;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use habeas_codebook::tree::ClassId;

    #[test]
    fn a_pseudonym_is_stable_in_one_run_and_new_in_the_next() {
        let mut log = Log::new();
        let person = log.subject(ClassId(0), "Daro Velkan");
        let (run, next) = (Names::new(true), Names::new(true));
        let told = |names: &Names| names.subject(&log, person, str::to_owned);
        assert_eq!(told(&run), told(&run));
        assert_ne!(told(&run), told(&next));
        assert_eq!(told(&run).len(), 12);
        assert!(!told(&run).contains("Velkan"));
    }

    #[test]
    fn one_id_in_two_classes_has_two_pseudonyms() {
        let mut log = Log::new();
        let (custody, cell) = (log.subject(ClassId(0), "7"), log.subject(ClassId(1), "7"));
        let names = Names::new(true);
        assert_ne!(names.subject(&log, custody, str::to_owned), names.subject(&log, cell, str::to_owned));
    }
}
