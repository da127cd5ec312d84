//! A subject judged again on a history that is kept: only what is new is read, opened and added to it; every rule is asked.
//!
//! Asking only those rules that a new entry or the time can concern was tried and judged wrong where times or a birth are not known
//! (histories by chance found it). Whatever is not as plain as a new entry in the past, by names that are known, has everything read
//! anew ([`crate::judging`]).

use crate::access::Access;
use crate::entry::Known;
use crate::error::RegisterError;
use crate::judging::{self, Loaded};
use crate::remembering::{Readings, Wanted};
use crate::storing::KeptRow;
use habeas_codebook::log::SubjectId;
use habeas_codebook::moment::Moment;
use habeas_monitor::{Asked, Hearing, Monitor, Row};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Subjects kept at most; as many again, asked for less lately, are on their way out.
const MOST_KEPT: usize = 256;

/// Entries of a history that is kept at most.
const MOST_ENTRIES: usize = 4_096;

/// What is kept of a subject that was judged.
pub(crate) struct Kept {
    pub(crate) loaded: Loaded,
    pub(crate) id: SubjectId,
    pub(crate) wanted: Wanted,
    /// What was ever read for it: more than now, perhaps, never less.
    pub(crate) readings: Readings,
    pub(crate) rows: Vec<KeptRow>,
    pub(crate) judged_at: Moment,
    /// When the first of what lay ahead then comes to be.
    pub(crate) ahead: Option<Moment>,
    /// Entries before this one were seen.
    pub(crate) next: u64,
}

/// Everything that is kept.
#[derive(Default)]
pub(crate) struct Histories {
    young: HashMap<i64, Kept>,
    old: HashMap<i64, Kept>,
}

impl Histories {
    pub(crate) fn take(&mut self, subject: i64) -> Option<Kept> {
        self.young.remove(&subject).or_else(|| self.old.remove(&subject))
    }

    pub(crate) fn keep(&mut self, subject: i64, kept: Kept) {
        if kept.loaded.entries.len() > MOST_ENTRIES {
            return;
        }
        if self.young.len() >= MOST_KEPT {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(subject, kept);
    }
}

/// What came of storing a subject's rows, and the rows as they now are.
type Stored<T> = Result<(T, Vec<KeptRow>), RegisterError>;

impl Kept {
    /// Judges the subject again at `now`. `None`: that takes more than what is kept.
    pub(crate) fn judge<T>(
        &mut self,
        access: &mut Access,
        monitor: &Monitor<'_>,
        subject: i64,
        now: Moment,
        store: impl FnOnce(&mut Access, (&Loaded, &Hearing<'_>), Vec<Row>, &Readings, Vec<KeptRow>) -> Stored<T>,
    ) -> Result<Option<T>, RegisterError> {
        if now < self.judged_at || self.ahead.is_some_and(|ahead| ahead <= now) {
            return Ok(None);
        }
        let Some(news) = self.news(access, monitor, now)? else { return Ok(None) };
        for entry in &news {
            judging::push(&mut self.loaded.log, entry)?;
            self.loaded.entries.push(Arc::clone(entry));
        }
        let asked = Asked { now, known_at: now };
        let grown = monitor.with_breaches(&self.loaded.log, asked);
        let hearing = monitor.hear(grown.as_ref().unwrap_or(&self.loaded.log), asked);
        let mut rows = Vec::new();
        let readings = judging::judge_one(monitor, &hearing, self.id, &mut rows);
        let readings = judging::by_number(access, &hearing, &self.loaded, readings)?;
        for (read, reading) in &readings {
            let kinds = reading.is_of_kinds().then_some(&reading.kinds);
            if !(*read == subject && kinds.is_some()) && self.wanted.add(*read, kinds) {
                return Ok(None);
            }
        }
        for (read, reading) in readings {
            self.readings.entry(read).and_modify(|known| known.extend(&reading)).or_insert(reading);
        }
        self.judged_at = now;
        self.ahead = judging::first_ahead(&hearing, now);
        self.next = access.store.size()?;
        let (done, rows) = store(access, (&self.loaded, &hearing), rows, &self.readings, std::mem::take(&mut self.rows))?;
        self.rows = rows;
        Ok(Some(done))
    }

    /// Entries that were made since, in their order. `None`: one of them does more than add itself.
    fn news(&self, access: &mut Access, monitor: &Monitor<'_>, now: Moment) -> Result<Option<Vec<Arc<Known>>>, RegisterError> {
        let mut news: BTreeMap<u64, Arc<Known>> = BTreeMap::new();
        for (number, kinds) in self.wanted.iter() {
            for index in access.store.naming_from(*number, self.next)? {
                let Some(entry) = access.entry(index)? else { continue };
                let is_wanted = kinds.as_ref().is_none_or(|kinds| kinds.contains(entry.kind));
                if !is_plain(monitor, &entry, now) || !self.loaded.numbers.contains_key(number) || self.is_first(*number, &entry) {
                    return Ok(None);
                }
                if is_wanted {
                    news.insert(index, entry);
                }
            }
        }
        let is_known = |new: &Arc<Known>| self.loaded.entries.iter().rev().any(|old| is_among(&new.subjects, &old.subjects));
        let news: Vec<Arc<Known>> = news.into_values().collect();
        Ok(news.iter().all(is_known).then_some(news))
    }

    /// Whether an entry comes before all others of a subject.
    fn is_first(&self, number: i64, entry: &Known) -> bool {
        let log = &self.loaded.log;
        let Some(subject) = self.loaded.numbers.get(&number) else { return true };
        let first = log.events().filter(|event| log.subjects(*event).contains(subject)).map(|event| log.at(event).earliest).min();
        first.is_none_or(|first| entry.at.earliest < first)
    }
}

/// An entry that is where it says, exactly, in the past, and changes no other.
fn is_plain(monitor: &Monitor<'_>, entry: &Known, now: Moment) -> bool {
    entry.at.is_exact() && entry.at.earliest <= now && entry.recorded_at <= now && !monitor.changes(entry.kind)
}

fn is_among<T: PartialEq>(some: &[T], all: &[T]) -> bool {
    some.iter().all(|one| all.contains(one))
}
