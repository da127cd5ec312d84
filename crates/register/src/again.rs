//! A subject judged again on a history that is kept: only what is new is read, opened and added to it, and only those rules are asked whose
//! verdicts it can change.
//!
//! A rule's verdicts on a subject are a function of entries of the kinds that it reads, of who is named with whom, and of the moment
//! ([`Monitor::may_change`]). Three things make them hang on more, and have the rule asked each time: a time that is not known, for which
//! every instant of the history is tried; a breach of another rule; a comparison with what changes between entries. A row that time alone
//! moves has its rule asked too, and an entry that names some together for the first time those rules that asked who is named with whom.
//! Whatever is not as plain as a new entry in the past has everything read anew and every rule asked ([`crate::judging`]). That all this
//! loses nothing is held against a fresh look, over the whole law of the largest pack and histories by chance (`tests/it/whole_pack.rs`).

use crate::access::Access;
use crate::entry::Known;
use crate::error::RegisterError;
use crate::judging::{self, Judged, Loaded};
use crate::moving::Moving;
use crate::remembering::{self, Readings, Wanted};
use crate::storing::KeptRow;
use habeas_codebook::log::SubjectId;
use habeas_codebook::moment::{Moment, Precision};
use habeas_codebook::tree::RuleId;
use habeas_monitor::{Asked, Hearing, Kinds, Monitor, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Entries of a history that is kept at most.
const MOST_ENTRIES: usize = 4_096;

/// Entries of all that are kept, and a history counts for some more; as many again, asked for less lately, are on their way out.
pub(crate) const MOST_KEPT: usize = 16_384;

/// What keeping a history takes beside its entries, in entries.
const OF_ITSELF: usize = 32;

/// What is kept of a subject that was judged.
pub(crate) struct Kept {
    pub(crate) loaded: Loaded,
    pub(crate) id: SubjectId,
    pub(crate) wanted: Wanted,
    /// What was ever read for it: more than now, perhaps, never less.
    pub(crate) readings: Readings,
    /// What time alone may change.
    pub(crate) moving: Moving,
    pub(crate) rows: Vec<KeptRow>,
    pub(crate) judged_at: Moment,
    /// When the first of what lay ahead then comes to be.
    pub(crate) ahead: Option<Moment>,
    /// Entries before this one were seen.
    pub(crate) next: u64,
}

/// Keeps the history of a subject, unless it is too long.
pub(crate) fn keep(access: &mut Access, subject: i64, kept: Kept) {
    let entries = kept.loaded.entries.len();
    if entries <= MOST_ENTRIES {
        access.memory.histories.insert(subject, kept, entries + OF_ITSELF);
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
        store: impl FnOnce(&mut Access, (&Loaded, &Hearing<'_>), Judged, Vec<KeptRow>) -> Stored<T>,
    ) -> Result<Option<T>, RegisterError> {
        if now < self.judged_at || self.ahead.is_some_and(|ahead| ahead <= now) {
            return Ok(None);
        }
        let Some(news) = self.news(access, monitor, now)? else { return Ok(None) };
        let is_tying = news.iter().any(|new| self.is_tying(new));
        let mut kinds = Kinds::default();
        for entry in &news {
            kinds.insert(entry.kind);
            judging::push(&mut self.loaded.log, entry)?;
            self.loaded.entries.push(Arc::clone(entry));
        }
        let asked = Asked { now, known_at: now };
        let grown = monitor.with_breaches(&self.loaded.log, asked);
        let hearing = monitor.hear(grown.as_ref().unwrap_or(&self.loaded.log), asked);
        if self.breach_begins(&hearing) {
            return Ok(None);
        }
        let mut again = self.concerned(monitor, &hearing, &kinds);
        again.extend(is_tying.then_some(&self.moving.ties).into_iter().flatten());
        let mut rows: Vec<Row> = self.rows.iter().map(|kept| kept.row.clone()).collect();
        let judge = || hearing.judge_again(self.id, &|rule| again.contains(&rule), &mut rows);
        let noted = judging::judge_one(monitor, &hearing, self.id, judge);
        self.moving.forget(&again);
        self.moving.learn(&noted, now);
        let readings = judging::by_number(access, &hearing, &self.loaded, noted.readings)?;
        for (read, reading) in &readings {
            let kinds = reading.kinds_alone();
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
        let one = Judged { subject, id: self.id, rows, readings: self.readings.clone(), moving: self.moving.clone() };
        let (done, rows) = store(access, (&self.loaded, &hearing), one, std::mem::take(&mut self.rows))?;
        self.rows = rows;
        Ok(Some(done))
    }

    /// Rules whose verdicts entries of some kinds, or the time since, may have changed.
    fn concerned(&self, monitor: &Monitor<'_>, hearing: &Hearing<'_>, kinds: &Kinds) -> BTreeSet<RuleId> {
        let (since, until) = (self.judged_at, hearing.asked().now);
        let is_closed = hearing.closed_at(self.id).is_some();
        let moves = |kept: &&KeptRow| self.moving.of_row(monitor, &kept.row, is_closed, since).is_some_and(|at| at <= until);
        let moving = self.rows.iter().filter(moves).map(|kept| kept.row.rule);
        let rules = monitor.rules_of(hearing.log().class_of(self.id));
        let changing = rules.iter().copied().filter(|rule| monitor.may_change(*rule, kinds, since, until));
        moving.chain(changing).chain(self.moving.rough.iter().copied()).collect()
    }

    /// Whether somebody's life begins with a breach: of nothing else that names them it is known when it happened.
    fn breach_begins(&self, hearing: &Hearing<'_>) -> bool {
        let log = hearing.log();
        let at = |event| hearing.seen(event).at;
        log.events().skip(self.loaded.log.len()).any(|breach| {
            let is_known = |event| at(event).is_exact() && at(event).precision != Precision::Unknown;
            let is_before = |event| event != breach && is_known(event) && at(event).earliest <= at(breach).earliest;
            log.subjects(breach).iter().any(|subject| !hearing.events_of(*subject).any(is_before))
        })
    }

    /// Entries that were made since, in their order. `None`: one of them does more than add itself.
    fn news(&self, access: &mut Access, monitor: &Monitor<'_>, now: Moment) -> Result<Option<Vec<Arc<Known>>>, RegisterError> {
        let mut news: BTreeMap<u64, Arc<Known>> = BTreeMap::new();
        for (number, kinds) in self.wanted.iter() {
            for index in access.store.naming_from(*number, self.next, u32::MAX)? {
                let Some(entry) = access.entry(index)? else { continue };
                let is_wanted = kinds.as_ref().is_none_or(|kinds| kinds.contains(entry.kind));
                if !remembering::is_plain(monitor, &entry, now) || self.begins(*number, &entry) {
                    return Ok(None);
                }
                if is_wanted {
                    news.insert(index, entry);
                }
            }
        }
        Ok(Some(news.into_values().collect()))
    }

    /// Whether an entry names some together whom none of those kept does.
    fn is_tying(&self, new: &Known) -> bool {
        !self.loaded.entries.iter().rev().any(|old| is_among(&new.subjects, &old.subjects))
    }

    /// Whether an entry may begin the life of a subject.
    fn begins(&self, number: i64, entry: &Known) -> bool {
        let log = &self.loaded.log;
        let Some(subject) = self.loaded.numbers.get(&number).copied() else { return true };
        let (class, name) = (log.class_of(subject), log.name_of(subject));
        let names = |old: &&Arc<Known>| old.subjects.iter().any(|(of, known)| *of == class && known == name);
        remembering::begins(self.loaded.entries.iter().filter(names), entry)
    }
}

fn is_among<T: PartialEq>(some: &[T], all: &[T]) -> bool {
    some.iter().all(|one| all.contains(one))
}
